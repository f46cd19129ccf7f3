"""Every message type this network knows, in one table, and the check of a payload against what its envelope says.

Sources: MedCom, FHIR messages and network envelopes (names, versions, MCM:MIME); messaging statistical codes 2.0.0
(postfixes); the OIOXML schema releases. The envelope names of XDIS91, XBIN01 and XCTL stand in no document found: they
follow MCM:XDIS22, the one published example [INFER], and those of EDIFACT follow them in turn [INFER].
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from envelope import errors
from envelope.findings import Finding
from envelope.model import Document, MetaInformation, Transport
from envelope.reading import Reading
from envelope.recognition import FHIR_JSON, FHIR_XML, Recognised, recognise, recognise_encoded

__all__ = [
    "ACTIVITIES",
    "CATEGORIES",
    "RESPONSE_CODES",
    "TYPES",
    "MessageType",
    "Recognised",
    "check",
    "document",
    "find",
    "recognise",
    "transport",
]

MIME_TAG: Final = "MCM:MIME"
STATISTIC_TAG: Final = "MCM:STATISTIC"
STATISTIC: Final = "manual"
"""The only value of MCM:STATISTIC that a published envelope shows [INFER: which others there are]."""

CATEGORIES: Final = frozenset(
    {
        "outpatient",
        "decease",
        "carecoordination",
        "assistive-devices",
        "medicine",
        "psychiatry-social-disability",
        "healthcare",
        "nursing",
        "telemedicine",
        "training",
        "discharge",
        "regarding-referral",
        "home-care-assessment",
        "examination-results",
        "alcohol-and-drug-treatment",
        "acute-ambulant",
        "extended-care-responsibility",
        "other",
        "assessment",  # deprecated, and still met
    }
)
RESPONSE_CODES: Final = frozenset({"ok", "transient-error", "fatal-error"})
ACTIVITIES: Final = frozenset({"AcuteAmbulant", "AdmissionInpatient", "OnLeave", "EndOfLeave", "EndHospitalStay"})

_ACK: Final = ("Acknowledgement",)
_XCTL: Final = ("XCTL01", "XCTL02", "XCTL03")
_CTL: Final = ("CTL01", "CTL02", "CTL03")
_FHIR: Final = (FHIR_XML, FHIR_JSON)


@dataclass(frozen=True, slots=True)
class MessageType:
    """One version of one type, and how it travels.

    Attributes:
        type: the type's name in this network: CareCommunication, XDIS91, DIS91, ...
        version: the version's name in this network: 5.0, XD9134L, ...
        family: FHIR, OIOXML or EDIFACT.
        format: Document/Format.
        name: Document/Name without postfix.
        written: Document/Version as this network writes it.
        spellings: every Document/Version that means this version.
        mime: what the payload may be written in.
        postfix: which codes may stand behind `#` in Document/Name; none for OIOXML and EDIFACT.
        answered_by: the letter receipts that answer it.
        is_receipt: whether it is itself a letter receipt.
        convertible: whether the network converts it.
    """

    type: str
    version: str
    family: str
    format: str
    name: str
    written: str
    spellings: re.Pattern[str]
    mime: tuple[str, ...]
    postfix: frozenset[str] = frozenset()
    answered_by: tuple[str, ...] = ()
    is_receipt: bool = False
    convertible: bool = False

    @property
    def key(self) -> str:
        """Type and version, unique in the table."""
        return f"{self.type} {self.version}"


def _fhir(
    type_: str,
    version: str,
    name: str,
    written: str,
    postfix: frozenset[str],
    answered_by: tuple[str, ...],
    *,
    convertible: bool = False,
) -> MessageType:
    spellings = re.compile(version.partition(".")[0] + r"(\.\d{1,2}){0,2}", re.ASCII)
    is_receipt = not answered_by
    return MessageType(
        type_, version, "FHIR", "HL7", name, written, spellings, _FHIR, postfix, answered_by, is_receipt, convertible
    )


def _oioxml(type_: str, version: str, answered_by: tuple[str, ...], *, convertible: bool = False) -> MessageType:
    return _coded(type_, version, ("OIOXML", "XML", ("application/xml",)), answered_by, convertible=convertible)


def _edifact(type_: str, version: str, answered_by: tuple[str, ...]) -> MessageType:
    return _coded(type_, version, ("EDIFACT", "EDIFACT", ("application/edifact",)), answered_by, convertible=False)


def _coded(
    type_: str, version: str, form: tuple[str, str, tuple[str, ...]], answered_by: tuple[str, ...], *, convertible: bool
) -> MessageType:
    """A type whose versions are codes: family, format and MIME are those of its form."""
    family, format_, mime = form
    spellings = re.compile(version, re.IGNORECASE)
    name, none = f"MCM:{type_}", frozenset[str]()
    is_receipt = not answered_by
    return MessageType(
        type_, version, family, format_, name, version, spellings, mime, none, answered_by, is_receipt, convertible
    )


TYPES: Final[tuple[MessageType, ...]] = (
    _fhir("CareCommunication", "2.0", "MCM:FDIS91", "2.0.0", CATEGORIES, _ACK),
    _fhir("CareCommunication", "3.0", "MCM:FDIS91", "3.0.0", CATEGORIES, _ACK, convertible=True),
    _fhir("CareCommunication", "4.0", "MCM:FDIS91", "4.0.0", CATEGORIES, _ACK, convertible=True),
    _fhir("CareCommunication", "5.0", "MCM:FDIS91", "5.0", CATEGORIES, _ACK, convertible=True),
    _fhir("HospitalNotification", "1.0", "MCM:FDIS20", "1.0.0", ACTIVITIES, _ACK),
    _fhir("HospitalNotification", "2.0", "MCM:FDIS20", "2.0.0", ACTIVITIES, _ACK),
    _fhir("HospitalNotification", "3.0", "MCM:FDIS20", "3.0.0", ACTIVITIES, _ACK),
    _fhir("Acknowledgement", "1.0", "MCM:FCTL", "1.0.0", RESPONSE_CODES, ()),
    _fhir("Acknowledgement", "2.0", "MCM:FCTL", "2.0.0", RESPONSE_CODES, (), convertible=True),
    _oioxml("XDIS91", "XD9133L", _XCTL, convertible=True),
    _oioxml("XDIS91", "XD9135L", _XCTL),
    _oioxml("XDIS91", "XD9134L", _XCTL, convertible=True),
    _oioxml("XBIN01", "XB0130X", _XCTL, convertible=True),
    _oioxml("XBIN01", "XB0131X", _XCTL, convertible=True),
    _oioxml("XCTL01", "XC0130Q", ()),
    _oioxml("XCTL02", "XC0230Q", (), convertible=True),
    _oioxml("XCTL03", "XC0330Q", (), convertible=True),
    _edifact("DIS91", "D9134L", _CTL),
    _edifact("BIN01", "B0131X", _CTL),
    _edifact("CTL01", "C0130Q", ()),
    _edifact("CTL02", "C0230Q", ()),
    _edifact("CTL03", "C0330Q", ()),
)
"""The version that the network writes stands last of its type; it is assumed where neither envelope nor payload tells.

MedCom's conversion service takes XD9134L alone of XDIS91, and CareCommunication from 5.0 on; this network XD9133L, 4.0
and 3.0 too. XCTL01 has no counterpart (MedCom, VANS conversion use cases 3.1.0, 4.1 and 4.3).
"""

_BY_NAME: Final = {row.name: tuple(other for other in TYPES if other.name == row.name) for row in TYPES}
_BY_TYPE: Final = {row.type: tuple(other for other in TYPES if other.type == row.type) for row in TYPES}


def find(type_: str, version: str | None = None) -> MessageType | None:
    """The row of a type, or None when this network does not know it.

    Args:
        type_: the type's name, as XDIS91 or CareCommunication.
        version: any spelling of its version; without one, the one that the network writes.
    """
    return _of_version(_BY_TYPE.get(type_, ()), version)


def check(reading: Reading) -> tuple[MessageType | None, tuple[Finding, ...]]:
    """Hold a payload's first bytes against what its envelope says of it.

    Args:
        reading: an envelope with a Message; a receipt has no payload and gives None.

    Returns:
        The type, or None when this network does not know it; and what is wrong, errors and warnings.
    """
    message = reading.head.message
    if message is None:
        return None, ()
    name, _, postfix = message.document.name.partition("#")
    rows = _BY_NAME.get(name)
    found = recognise_encoded(reading.lead)
    if rows is None:
        if found is None or found.type not in _BY_TYPE:
            return None, ()
        return None, (_differs(message.document, found),)
    if found is None or (found.type != rows[0].type and (found.type or found.family != rows[0].family)):
        return None, (_differs(message.document, found),)
    return _versions(message, rows, found, postfix)


def document(type_: MessageType, size: int, postfix: str = "") -> Document:
    """What an envelope says of a payload of this type.

    Args:
        type_: a row of the table.
        size: bytes of the payload.
        postfix: the statistical code of a FHIR message: category, response code or activity.
    """
    name = f"{type_.name}#{postfix}" if postfix and type_.postfix else type_.name
    return Document(type_.format, name, size, type_.written)


def transport(type_: MessageType, mime: str = FHIR_XML) -> Transport:
    """How a message of this type travels: reliable, unchanged, with the service tags of its family.

    Args:
        type_: a row of the table.
        mime: what a FHIR message is written in.
    """
    tags: tuple[tuple[str, str], ...] = ()
    if type_.family == "FHIR":
        tags = ((MIME_TAG, mime),)
    elif type_.family == "OIOXML" and not type_.is_receipt:
        tags = ((STATISTIC_TAG, STATISTIC),)
    return Transport(transform=False, type="reliable", tags=tags)


def _of_version(rows: tuple[MessageType, ...], version: str | None) -> MessageType | None:
    if version is None:
        return rows[-1] if rows else None
    return next((row for row in rows if row.spellings.fullmatch(version)), None)


def _versions(
    message: MetaInformation, rows: tuple[MessageType, ...], found: Recognised, postfix: str
) -> tuple[MessageType | None, tuple[Finding, ...]]:
    """The rest of the check, once type and payload agree: version, format, MIME and postfix."""
    said = message.document
    findings: tuple[Finding, ...] = ()
    row = _of_version(rows, said.version if said.version is not None else found.version)
    if said.version is None and found.version is None and row is not None:
        findings += (errors.VERSION_ABSENT.at(_DOCUMENT, name=said.name, version=row.written),)
    if found.version is not None and row is not _of_version(rows, found.version):
        findings += (errors.PAYLOAD_VERSION.at(_VERSION, said=_words(said), found=found.version),)
    if said.format != rows[0].format:
        expected = rows[0].format
        findings += (
            errors.PAYLOAD_FORMAT.at(_FORMAT, said=_words(said), format=said.format, name=said.name, expected=expected),
        )
    if found.mime is not None:
        findings += _mime_findings(message, found.mime)
    if rows[0].postfix and postfix not in rows[0].postfix:
        findings += (errors.POSTFIX_UNKNOWN.at(_NAME, name=said.name, postfix=f"'{postfix}'"),)
    return row, findings


def _mime_findings(message: MetaInformation, found: str) -> tuple[Finding, ...]:
    said = message.tag(MIME_TAG)
    if said is None:
        return (errors.MIME_ABSENT.at(_TRANSPORT, name=message.document.name),)
    if said != found and said.partition(";")[0].strip().lower() != found:
        return (errors.PAYLOAD_MIME.at(_TRANSPORT, said=said, name=message.document.name, found=found),)
    return ()


def _differs(said: Document, found: Recognised | None) -> Finding:
    return errors.PAYLOAD_TYPE.at(_NAME, said=_words(said), found=str(found or "nothing that this network recognises"))


def _words(said: Document) -> str:
    version = f" version {said.version}" if said.version else ""
    return f"{said.name}{version} ({said.format})"


_META: Final = "/VANSEnvelope/Message/MetaInformation"
_DOCUMENT: Final = f"{_META}/Document"
_NAME: Final = f"{_DOCUMENT}/Name"
_VERSION: Final = f"{_DOCUMENT}/Version"
_FORMAT: Final = f"{_DOCUMENT}/Format"
_TRANSPORT: Final = f"{_META}/Transport"
