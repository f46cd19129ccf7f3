"""The narratives of a message's resources: there, complete, and without attachments.

MedCom FHIR governance, general standards 5; what must be shown is marked SHALL:in-narrative in the profiles
(CareCommunication 5.0.2, messaging 4.0.2, core 3.0.1). Values are looked for as they are written; codes may be shown by
their display, references by the id, times as MedCom's own publisher writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast

from lxml import etree

from envelope.fhir import demand_errors as errors
from envelope.fhir import vocabulary as words
from envelope.fhir.code_lists import NARRATIVE_ELEMENTS, NARRATIVE_STATUSES
from envelope.fhir.elements import FHIR, XHTML_DIV
from envelope.fhir.message import Broken, Message, Row, broken, type_of
from envelope.fhir.values import NS, value

MOST_VALUES: Final = 1000
"""So many values of one resource are looked for in its narrative; no message of a person has as many."""

_XHTML: Final = "{http://www.w3.org/1999/xhtml}"
_TEXT: Final = f"{NS}text"
_DIV: Final = f"{NS}text/{XHTML_DIV}"
_CODE: Final = f"{NS}code"
_REFERENCE: Final = f"{NS}reference"
_DATA_LOOKS: Final = re.compile(r"[A-Za-z0-9+/]{200}|data:[a-z]+/[a-z.+-]+;base64,")
_LONG: Final = etree.XPath(
    "descendant::h:*[text()[string-length() >= 200 or contains(., ';base64,')]] | descendant::h:img[@src]",
    namespaces={"h": "http://www.w3.org/1999/xhtml"},
)
"""What of narratives is long enough to hold an attachment."""
_IMAGE: Final = f"{_XHTML}img"
_ALLOWED: Final = frozenset(_XHTML + name for name in NARRATIVE_ELEMENTS)
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T([0-9:.]+)(Z|[+-]\d\d:\d\d)?")


def _extension(url: str) -> str:
    return f"f:extension[@url='{url}']"


def _payload(url: str) -> str:
    return f"f:payload/{_extension(url)}/*"


MARKED: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "MessageHeader": (
        ("id", "f:id"),
        ("event.code", "f:eventCoding/f:code"),
        (
            "destination.extension:use",
            f"f:destination/f:extension[@url='{words.DESTINATION_USE}']/f:valueCoding/f:code",
        ),
        ("destination.endpoint", "f:destination/f:endpoint"),
        ("destination.receiver", "f:destination/f:receiver"),
        ("sender", "f:sender"),
        ("source.endpoint", "f:source/f:endpoint"),
        ("focus", "f:focus"),
    ),
    "Communication": (
        ("id", "f:id"),
        ("extension:sender", f"{_extension(words.SENDER)}/f:valueReference"),
        ("status", "f:status"),
        ("category.coding.code", "f:category/f:coding/f:code"),
        ("priority", "f:priority"),
        ("subject", "f:subject"),
        ("topic.text", "f:topic/f:text"),
        ("encounter", "f:encounter"),
        ("recipient", "f:recipient"),
        ("payload.extension:date", _payload(words.DATE)),
        ("payload.extension:author", _payload(words.AUTHOR)),
        ("payload.extension:authorContact", f"{_payload(words.AUTHOR_CONTACT)}/f:value"),
        ("payload.content", "f:payload/f:contentString"),
        ("payload.content.contentType", "f:payload/f:contentAttachment/f:contentType"),
        ("payload.content.url", "f:payload/f:contentAttachment/f:url"),
        ("payload.content.title", "f:payload/f:contentAttachment/f:title"),
        ("payload.content.creation", "f:payload/f:contentAttachment/f:creation"),
    ),
    "Provenance": (
        ("id", "f:id"),
        ("target", "f:target"),
        ("occurred", "f:occurredDateTime"),
        ("activity.coding.code", "f:activity/f:coding/f:code"),
        ("agent.who", "f:agent/f:who"),
        ("entity.role", "f:entity/f:role"),
        ("entity.what.reference", "f:entity/f:what/f:reference"),
        ("entity.what.identifier", "f:entity/f:what/f:identifier/f:value"),
    ),
    "Patient": (
        ("id", "f:id"),
        ("identifier", "f:identifier/f:value"),
        ("name.family", "f:name[f:use/@value='official']/f:family"),
        ("name.given", "f:name[f:use/@value='official']/f:given"),
        ("telecom", "f:telecom/f:value"),
        ("address.line", "f:address/f:line"),
        ("address.city", "f:address/f:city"),
        ("address.postalCode", "f:address/f:postalCode"),
    ),
    "Encounter": (
        ("id", "f:id"),
        ("status", "f:status"),
        ("class", "f:class/f:code"),
        ("subject", "f:subject"),
        ("episodeOfCare.identifier", "f:episodeOfCare/f:identifier/f:value"),
        ("serviceProvider", "f:serviceProvider"),
    ),
    "Organization": (
        ("id", "f:id"),
        ("identifier:SOR-ID", f"f:identifier[f:system/@value='{words.SOR_SYSTEM}']/f:value"),
        ("identifier:EAN-ID", f"f:identifier[f:system/@value='{words.GLN_SYSTEM}']/f:value"),
        ("name", "f:name"),
    ),
    "PractitionerRole": (
        ("id", "f:id"),
        ("practitioner", "f:practitioner"),
        ("organization", "f:organization"),
        ("code.coding", "f:code/f:coding/f:code"),
        ("code.text", "f:code/f:text"),
    ),
    "Practitioner": (
        ("id", "f:id"),
        ("name.given", "f:name/f:given"),
        ("name.family", "f:name/f:family"),
        ("name.text", "f:name/f:text"),
    ),
    "CareTeam": (
        ("id", "f:id"),
        ("name", "f:name"),
        ("managingOrganization", "f:managingOrganization"),
    ),
    "OperationOutcome": (("id", "f:id"),),
}
"""Resource type, and its elements that the narrative must show; of an OperationOutcome, where no profile marks any, the
id, as governance wants of every resource."""

_MARKED: Final[dict[str, etree.XPath]] = {
    kind: etree.XPath(" | ".join(path for _, path in marked), namespaces={"f": FHIR}) for kind, marked in MARKED.items()
}
_NAMED: Final = {
    kind: tuple((name, etree.XPath(path, namespaces={"f": FHIR})) for name, path in marked)
    for kind, marked in MARKED.items()
}


def missing(message: Message) -> Iterator[Broken]:
    """Every resource has a narrative."""
    for resource in message.index.resources:
        text = resource.find(_TEXT)
        if text is None or text.find(XHTML_DIV) is None:
            found = "no narrative" if text is None else "a narrative without div"
            yield broken(resource, ".text", resource=type_of(resource), found=found)
        elif (status := value(text, "status")) not in NARRATIVE_STATUSES:
            known = status if status in {"additional", "empty"} else "unknown"
            yield broken(text, ".status", resource=type_of(resource), found=f"a narrative of the status {known}")


def incomplete(message: Message) -> Iterator[Broken]:
    """Every narrative shows what the profile marks."""
    for resource, div in _narratives(message):
        kind = type_of(resource)
        if kind not in _MARKED:
            continue
        written = " ".join(" ".join(map(str, div.itertext())).split())
        shown = written.casefold()
        asked = cast("list[Any]", _MARKED[kind](resource))[:MOST_VALUES]
        lacking = {item for item in asked if (item.get("value") or "\n") not in written and not _is_shown(item, shown)}
        if lacking:
            names = [name for name, path in _NAMED[kind] if lacking.intersection(cast("list[Any]", path(resource)))]
            yield broken(div, resource=kind, missing=", ".join(names))


def attachments(message: Message) -> Iterator[Broken]:
    """No narrative holds an attachment's bytes."""
    told = set()
    for place in cast("list[Any]", _LONG(message.root)):
        resource = next(item for item in place.iterancestors() if item.find(_TEXT) is not None)
        pieces = (*place.itertext(), place.get("src", ""))
        if resource not in told and any(_DATA_LOOKS.search(piece) for piece in pieces):
            told.add(resource)
            yield broken(place, resource=type_of(resource))


def html(message: Message) -> Iterator[Broken]:
    """txt-1 and txt-2."""
    for item in message.root.iter(_XHTML + "*"):
        attributes = item.items()
        if item.tag not in _ALLOWED or (attributes and any(str(name).startswith("on") for name, _ in attributes)):
            yield broken(item, what="The narrative is more than text in basic formatting", invariant="txt-1")
    for _, div in _narratives(message):
        if not any(str(piece).strip() for piece in div.itertext()) and div.find(f".//{_IMAGE}") is None:
            yield broken(div, what="The narrative says nothing", invariant="txt-2")


def _narratives(message: Message) -> Iterator[tuple[etree._Element, etree._Element]]:
    """Each resource that has a narrative, with its div."""
    for resource in message.index.resources:
        if (div := resource.find(_DIV)) is not None:
            yield resource, div


def _is_shown(item: etree._Element, shown: str) -> bool:
    """Whether a narrative shows an element's value, in one of the ways in which it can be shown."""
    written = item.get("value")
    if written is None:
        # A Reference; what has no value at all cannot be shown.
        written = value(item, "reference") or value(item, "display") or ""
    return _plain(written) in shown or any(_plain(form) in shown for form in _forms(item, written))


def _forms(item: etree._Element, written: str) -> Iterator[str]:
    """The other ways in which a value can be shown: a display, the id of a reference, a time with a space."""
    holder = item.getparent() if item.tag == _CODE else item
    if holder is not None and (display := value(holder, "display")):
        yield display
    if item.tag == _REFERENCE or item.find(_REFERENCE) is not None:
        yield written.rsplit("/", 1)[-1]
    if time := _TIME.fullmatch(written):
        yield f"{time[1]} {time[2]}{(time[3] or '').replace(':', '').replace('Z', '+0000')}"


def _plain(text: str) -> str:
    """A text without regard to capitals and white space."""
    return " ".join(text.split()).casefold()


ROWS: Final = (
    Row(errors.NARRATIVE_MISSING, missing),
    Row(errors.NARRATIVE_INCOMPLETE, incomplete),
    Row(errors.NARRATIVE_DATA, attachments),
    Row(errors.INVARIANT, html),
)
