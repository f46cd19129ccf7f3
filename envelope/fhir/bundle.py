"""A FHIR message as the network reads it: which message it is, in which version, from whom to whom, answering what.

In memory a message is always its XML tree, whichever form it came in. Resources are found by type and id, never by
their position: of entries only the MessageHeader has a fixed place (FHIR R4, messaging), and MedCom's own examples
write `fullUrl` in two styles. Version: MedCom FHIR messaging, MessageHeader.definition since 4.0, before that the
addresses of the extensions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal

from lxml import etree

from envelope import safe_xml
from envelope.attachments import Attachments, take_out
from envelope.cutting import Slim
from envelope.facts import Answers, LetterFacts
from envelope.fhir import errors
from envelope.fhir.elements import FHIR
from envelope.fhir.json_xml import json_from_xml, xml_from_json
from envelope.fhir.vocabulary import (
    DESTINATION_USE,
    EARLY_EXTENSION,
    EARLY_IDENTIFIER,
    GLN_SYSTEMS,
    IDENTIFIER,
)
from envelope.findings import Finding, Refused

Format = Literal["xml", "json"]

NS: Final = f"{{{FHIR}}}"

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


def _compiled(path: str) -> Callable[[etree._Element], Any]:
    return etree.XPath(path, namespaces={"f": FHIR}, smart_strings=False)


_RESOURCES: Final = _compiled("f:entry/f:resource[*][1]/*[1]")
_IDS: Final = _compiled("f:entry/f:resource[*][1]/*[1]/f:id[1]/@value")
_FULL_URLS: Final = _compiled("f:entry[f:resource/*]/f:fullUrl[1]/@value")
_FULL_URL: Final = _compiled("string(../../f:fullUrl[1]/@value)")
_DEFINITION: Final = re.compile(r"\|([0-9]+)\.([0-9]+)(?:\.[0-9]+)?$")
_REFERENCE: Final = re.compile(r"(?:^|/)([A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[^/]*)?$")


class Index:
    """The resources of a bundle by type and by reference.

    Attributes:
        resources: every resource in the order of its entry.
        duplicates: resources whose type and id an earlier entry already has.
    """

    def __init__(self, root: etree._Element) -> None:
        self.resources: list[etree._Element] = []
        self.duplicates: list[etree._Element] = []
        self._by_type: dict[str, list[etree._Element]] = {}
        self._by_reference: dict[str, etree._Element] = {}
        resources, ids, urls = _RESOURCES(root), _IDS(root), _FULL_URLS(root)
        if not len(resources) == len(ids) == len(urls):  # some resource has no id or no address of its own
            ids = [value(resource, "id") for resource in resources]
            urls = [_FULL_URL(resource) for resource in resources]
        for resource, identifier, url in zip(resources, ids, urls, strict=True):
            namespace, _, name = resource.tag.rpartition("}")
            if namespace != f"{{{FHIR}":
                continue
            self.resources.append(resource)
            self._by_type.setdefault(name, []).append(resource)
            reference = f"{name}/{identifier}"
            if self._by_reference.setdefault(reference, resource) is not resource:
                self.duplicates.append(resource)
            self._by_reference.setdefault(url or reference, resource)

    def of_type(self, name: str) -> list[etree._Element]:
        """Every resource of a type, in the order of the bundle."""
        return self._by_type.get(name, [])

    def resource(self, reference: str | None) -> etree._Element | None:
        """The resource that a Reference.reference points at, or None when the bundle does not hold it.

        Args:
            reference: `Type/id`, an absolute address that ends so, with or without a version, or a `urn:uuid:`.
        """
        if not reference:
            return None
        found = self._by_reference.get(reference)
        if found is None and (match := _REFERENCE.search(reference)):
            found = self._by_reference.get(match[1])
        return found

    def referred(self, element: etree._Element | None, path: str) -> etree._Element | None:
        """The resource that the Reference at a path under an element points at."""
        return None if element is None else self.resource(value(element, f"{path}/reference"))


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


def bundle_facts(bundle: Bundle) -> LetterFacts:
    """What routing must know of a message: Bundle.id, MessageHeader.id, GLNs, attachments, and what it answers."""
    header = bundle.header
    index = bundle.index
    attachments = [payload for payload in _payloads(index) if payload.find(f"{NS}contentAttachment") is not None]
    carried = (payload_id(item) for item in attachments if value(item, "contentAttachment/data") is not None)
    return LetterFacts(
        type=bundle.type,
        version=bundle.version,
        letter_id=(value(header, "id") if header is not None else None) or "",
        envelope_id=value(bundle.root, "id") or "",
        sender=gln(index.referred(header, "sender")),
        receiver=gln(index.referred(primary_destination(header), "receiver")),
        wants_receipt=bundle.type != ACKNOWLEDGEMENT,
        attachments=tuple(identifier for identifier in carried if identifier),
        has_attachments=bool(attachments),
        answers=_answers(bundle) if bundle.type == ACKNOWLEDGEMENT else None,
        postfix=_postfix(bundle),
    )


def _postfix(bundle: Bundle) -> str:
    """What the envelope's Name says after `#` (FHIRMessages_NetworkEnvelopes): the category, or the response code."""
    if bundle.type == ACKNOWLEDGEMENT:
        return (value(bundle.header, "response/code") if bundle.header is not None else None) or ""
    communication = bundle.root.find(f".//{NS}Communication")
    return (value(communication, "category/coding/code") if communication is not None else None) or ""


def value(element: etree._Element, path: str) -> str | None:
    """The value of the first primitive at a path of element names (`category/coding/code`), or None."""
    found = _values(path)(element)
    return found[0] if found else None


def extended(element: etree._Element, url: str, path: str) -> str | None:
    """The value at a path in an element's first extension of an address, or None."""
    found = _values(path, f"f:extension[@url='{url}'][1]/")(element)
    return found[0] if found else None


@cache
def _values(path: str, start: str = "") -> Callable[[etree._Element], list[str]]:
    """A path of `value`, compiled once: a letter asks for a hundred values, all by paths that stand in the code."""
    return _compiled(start + "/".join(f"f:{name}[1]" for name in path.split("/")) + "/@value")


def gln(organization: etree._Element | None) -> str | None:
    """The GLN of an Organization, or None."""
    return identifier(organization, *GLN_SYSTEMS)


def identifier(resource: etree._Element | None, *systems: str) -> str | None:
    """The first identifier of a resource in one of the systems, the first system first; None without one."""
    if resource is None:
        return None
    found: dict[str | None, str | None] = {}
    for item in resource.iterfind(f"{NS}identifier"):
        found.setdefault(value(item, "system"), value(item, "value"))
    return next((known for system in systems if (known := found.get(system))), None)


def primary_destination(header: etree._Element | None) -> etree._Element | None:
    """The destination marked primary; the only one there is when none is marked."""
    if header is None:
        return None
    destinations = header.findall(f"{NS}destination")
    marked = [item for item in destinations if destination_use(item) == "primary"]
    if marked:
        return marked[0]
    return destinations[0] if len(destinations) == 1 else None


def destination_use(destination: etree._Element) -> str | None:
    """The code of a destination's use, primary or cc."""
    return extended(destination, DESTINATION_USE, "valueCoding/code")


def payload_id(payload: etree._Element) -> str:
    """The identifier of a payload in lower case, without `urn:uuid:` and hyphens; "" without one."""
    for extension in payload.iterfind(f"{NS}extension"):
        if extension.get("url") in {IDENTIFIER, EARLY_IDENTIFIER}:
            written = value(extension, "valueIdentifier/value") or value(extension, "valueString") or ""
            return written.lower().removeprefix("urn:uuid:").replace("-", "")
    return ""


def _payloads(index: Index) -> Iterator[etree._Element]:
    for communication in index.of_type("Communication"):
        yield from communication.iterfind(f"{NS}payload")


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


def _answers(bundle: Bundle) -> Answers:
    header = bundle.header
    original = value(header, "response/identifier") if header is not None else None
    code = value(header, "response/code") if header is not None else None
    outcome = bundle.index.referred(header, "response/details")
    issues = outcome.findall(f"{NS}issue") if outcome is not None else []
    codes = [found for issue in issues if (found := value(issue, "details/coding/code"))]
    return Answers(
        envelope_id=None,
        letter_ids=(original,) if original else (),
        code="positive" if code == "ok" else "negative",
        text="\n".join(_words(issue) for issue in issues),
        refuse_code=codes[0] if codes else "",
    )


def _words(issue: etree._Element) -> str:
    paths = ("details/text", "diagnostics", "details/coding/display", "details/coding/code", "code")
    return next((found for path in paths if (found := value(issue, path))), "")
