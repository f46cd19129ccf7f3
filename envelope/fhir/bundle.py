"""A FHIR message as the network reads it: which message it is, and in which version.

In memory a message is always its XML tree, whichever form it came in. Version: MedCom FHIR messaging,
MessageHeader.definition since 4.0, before that the addresses of the extensions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from lxml import etree

from envelope import safe_xml
from envelope.attachments import Attachments, take_out
from envelope.cutting import Slim
from envelope.fhir import errors
from envelope.fhir.index import Index
from envelope.fhir.json_xml import json_from_xml, xml_from_json
from envelope.fhir.values import NS, value
from envelope.fhir.vocabulary import EARLY_EXTENSION, IDENTIFIER
from envelope.findings import Finding, Refused

Format = Literal["xml", "json"]


CARE_COMMUNICATION: Final = "CareCommunication"
ACKNOWLEDGEMENT: Final = "Acknowledgement"
HOSPITAL_NOTIFICATION: Final = "HospitalNotification"
HOME_CARE_OBSERVATION: Final = "HomeCareObservation"

EVENTS: Final = {
    "care-communication-message": CARE_COMMUNICATION,
    "acknowledgement-message": ACKNOWLEDGEMENT,
    "hospital-notification-message": HOSPITAL_NOTIFICATION,
    "homecareobservation-message": HOME_CARE_OBSERVATION,
}
"""MessageHeader.eventCoding.code and the message type that it means."""

PROFILES: Final = {
    "medcom-careCommunication-message": CARE_COMMUNICATION,
    "medcom-messaging-acknowledgement": ACKNOWLEDGEMENT,
    "medcom-hospitalNotification-message": HOSPITAL_NOTIFICATION,
    "medcom-homecareobservation-message": HOME_CARE_OBSERVATION,
}
"""The last part of Bundle.meta.profile, asked when the event code says nothing."""

FIXED_VERSIONS: Final = {ACKNOWLEDGEMENT: "2.0", HOSPITAL_NOTIFICATION: "3.0"}
"""Messages that do not say their version: the one in force."""

_DEFINITION: Final = re.compile(r"\|([0-9]+)\.([0-9]+)(?:\.[0-9]+)?$")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A FHIR message; `read_bundle` and `bundle_of` make it.

    Attributes:
        root: the Bundle element.
        format: the form it came in.
        index: its resources by type and reference.
        type: CareCommunication, Acknowledgement, HospitalNotification, HomeCareObservation; "" when it does not say.
        version: two parts (5.0); "" when it cannot be told.
        findings: warnings of the reading.
        attachments: what the tokens in contentAttachment/data stand for; none when the bytes were read whole.
    """

    root: etree._Element
    format: Format
    index: Index
    type: str
    version: str
    findings: tuple[Finding, ...] = ()
    attachments: Attachments = field(default_factory=Attachments)

    @property
    def header(self) -> etree._Element | None:
        """The first MessageHeader, wherever it stands."""
        return next(iter(self.index.of_type("MessageHeader")), None)


def read_bundle(payload: bytes | Slim) -> Bundle:
    """Read a FHIR message, XML or JSON.

    Args:
        payload: of bytes the tree holds the base64 of attachments; of what was cut (`envelope.cutting.cut`), a token
            for each, which `Bundle.attachments` knows.

    Raises:
        Refused: not XML (VS-1xx), not JSON or not FHIR (VS-300 to VS-311), not a Bundle (VS-320).
    """
    if not isinstance(payload, Slim):
        return bundle_of(*_parsed(payload))
    try:
        root, form = _parsed(payload.document)
    except Refused as refused:
        raise payload.told(refused) from None
    attachments = take_out(root, payload)
    return bundle_of(root, form, attachments)


def _parsed(payload: bytes) -> tuple[etree._Element, Format]:
    if payload[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        return xml_from_json(payload), "json"
    return safe_xml.parse(payload), "xml"


def bundle_of(root: etree._Element, form: Format = "xml", attachments: Attachments | None = None) -> Bundle:
    """The message that a tree is.

    Args:
        root: the Bundle element.
        form: the form it came in.
        attachments: what the tokens in it stand for, if any were taken out.

    Raises:
        Refused: the tree is not a Bundle (VS-320).
    """
    if root.tag != f"{NS}Bundle":
        name = etree.QName(root)
        raise Refused(errors.NOT_A_BUNDLE.at("", name=name.localname[:40], namespace=(name.namespace or "none")[:80]))
    index = Index(root)
    message = _type(root, index)
    return Bundle(root, form, index, message, _version(index, message), (), attachments or Attachments())


def serialise(root: etree._Element, format: Format) -> bytes:  # noqa: A002 (FHIR's word for it)
    """The bytes of a message that the network itself makes, in UTF-8.

    Raises:
        Refused: the tree is not FHIR, so that it has no JSON form (VS-302 to VS-315).
    """
    if format == "json":
        return json_from_xml(root)
    # MedCom writes a line break as &#xA; where libxml2 writes the same character in decimal digits.
    written = etree.tostring(root, encoding="UTF-8", xml_declaration=False).replace(b"&#10;", b"&#xA;")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def _type(root: etree._Element, index: Index) -> str:
    for header in index.of_type("MessageHeader")[:1]:
        if found := EVENTS.get(value(header, "eventCoding/code") or ""):
            return found
    for profile in root.iterfind(f"{NS}meta/{NS}profile"):
        if found := PROFILES.get(profile.get("value", "").split("|", 1)[0].rsplit("/", 1)[-1]):
            return found
    return ""


def _version(index: Index, message: str) -> str:
    if message != CARE_COMMUNICATION:
        return FIXED_VERSIONS.get(message, "")
    definition = next((value(header, "definition") for header in index.of_type("MessageHeader")), None)
    if match := _DEFINITION.search(definition or ""):
        return f"{match[1]}.{match[2]}"
    communications = index.of_type("Communication")
    urls = {extension.get("url", "") for item in communications for extension in item.iter(f"{NS}extension")}
    if any(url.startswith(EARLY_EXTENSION) for url in urls):
        return "2.0"
    # Communication.identifier came with 4.0, as the definition did: one that lacks only the definition is a faulty 5.0.
    identified = any(item.find(f"{NS}identifier") is not None for item in communications)
    return "3.0" if IDENTIFIER in urls and not (definition or identified) else "5.0"
