"""What every MedCom message must be: a bundle that holds together, a header, Provenances, organisations with names.

MedCom messaging 4.0.2, FHIR R4 messaging, dk-core 3.4.0 identifiers. `BASE` holds for every FHIR message; `ROWS` for
those whose profile this network knows in full.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from envelope import identities
from envelope.fhir import message_errors as errors
from envelope.fhir import vocabulary as words
from envelope.fhir.bundle import EVENTS
from envelope.fhir.elements import FHIR
from envelope.fhir.message import Broken, Message, Row, broken, type_of
from envelope.fhir.values import NS, destination_use, gln, identifier, value

_HEADER_FIRST: Final = etree.XPath("boolean(f:entry[1]/f:resource/f:MessageHeader)", namespaces={"f": FHIR})
_OTHER_EVENTS: Final = frozenset({"empty-message"})
_OUTSIDE: Final = frozenset({f"{NS}target", f"{NS}what"})
"""Provenance speaks of messages that were sent earlier and are not in this bundle."""


def bundle_type(message: Message) -> Iterator[Broken]:
    """Bundle.type is message."""
    if (found := value(message.root, "type")) != "message":
        yield broken(message.root, ".type", type=(found or "missing")[:40])


def ids(message: Message) -> Iterator[Broken]:
    """Bundle and MessageHeader have ids."""
    for resource in (message.root, message.header):
        if resource is not None and not words.FHIR_ID.fullmatch(value(resource, "id") or ""):
            yield broken(resource, ".id", resource=type_of(resource))


def timestamp(message: Message) -> Iterator[Broken]:
    """Bundle.timestamp has a zone."""
    if not words.ZONED_TIME.fullmatch(value(message.root, "timestamp") or ""):
        yield broken(message.root, ".timestamp", element="Bundle.timestamp")


def header_first(message: Message) -> Iterator[Broken]:
    """The first entry holds the MessageHeader."""
    if not _HEADER_FIRST(message.root):
        yield broken(message.root, ".entry[0]")


def header_count(message: Message) -> Iterator[Broken]:
    """There is one MessageHeader and no more."""
    found = message.index.of_type("MessageHeader")
    if len(found) > 1:
        yield broken(found[1], count=len(found))


def event(message: Message) -> Iterator[Broken]:
    """The event code is MedCom's."""
    if message.header is None:
        return
    code = value(message.header, "eventCoding/code") or ""
    system = value(message.header, "eventCoding/system")
    if system != words.EVENT_CODES or not (code in EVENTS or code in _OTHER_EVENTS):
        yield broken(message.header, ".event")


def twice(message: Message) -> Iterator[Broken]:
    """No resource stands in the bundle twice."""
    for resource in message.index.duplicates:
        yield broken(resource, type=type_of(resource))


def destination(message: Message) -> Iterator[Broken]:
    """Exactly one destination is primary."""
    if message.header is None:
        return
    uses = [destination_use(item) for item in message.header.iterfind(f"{NS}destination")]
    if uses.count("primary") != 1:
        yield broken(message.header, ".destination", count=uses.count("primary"))


def destination_other(message: Message) -> Iterator[Broken]:
    """No destination is anything but primary."""
    if message.header is None:
        return
    for item in message.header.iterfind(f"{NS}destination"):
        systems = {found.get("value") for found in item.iterfind(f"{NS}extension/{NS}valueCoding/{NS}system")}
        if destination_use(item) != "primary" or words.DESTINATION_USE_CODES not in systems:
            yield broken(item)


def endpoint(message: Message) -> Iterator[Broken]:
    """Destinations and the source have endpoints."""
    if message.header is None:
        return
    for name in ("destination", "source"):
        found = message.header.findall(f"{NS}{name}")
        for item in found:
            if not value(item, "endpoint"):
                yield broken(item, ".endpoint", element=name)
        if not found and name == "source":
            yield broken(message.header, ".source", element=name)


def dangling(message: Message) -> Iterator[Broken]:
    """Every reference is answered inside the bundle, but for those of a Provenance to earlier messages."""
    resolve = message.index.resource
    for reference in message.root.iter(f"{NS}reference"):
        written = reference.get("value")
        # SearchParameter and others have elements of this name that are no Reference; messages do not hold them.
        if written is None or resolve(written) is not None:
            continue
        parent = reference.getparent()
        if parent is not None and parent.tag in _OUTSIDE and _in_provenance(reference):
            continue
        if written.startswith("#") and _contained(reference, written[1:]):
            continue
        wanted = written.rsplit("/", 1)[0].rsplit("/", 1)[-1] if "/" in written else ""
        yield broken(reference, type=wanted if wanted.isalpha() else "resource")


def no_provenance(message: Message) -> Iterator[Broken]:
    """medcom-messaging-2."""
    if not message.provenances:
        yield broken(message.root)


def no_own_provenance(message: Message) -> Iterator[Broken]:
    """One Provenance speaks of this message."""
    if message.provenances and message.header is not None and next(message.own_provenances, None) is None:
        yield broken(message.root)


def provenance_time(message: Message) -> Iterator[Broken]:
    """Every Provenance says when, with a zone."""
    for provenance in message.provenances:
        for name, step in (("occurredDateTime", ".occurred"), ("recorded", ".recorded")):
            if not words.ZONED_TIME.fullmatch(value(provenance, name) or ""):
                yield broken(provenance, step, element=name)


def provenance_target(message: Message) -> Iterator[Broken]:
    """Every Provenance speaks of one message."""
    for provenance in message.provenances:
        targets = [item.get("value", "") for item in provenance.iterfind(f"{NS}target/{NS}reference")]
        count = sum(1 for item in targets if "MessageHeader/" in item)
        if count != 1 or len(targets) != 1:
            yield broken(provenance, ".target", count=count)


def gln_missing(message: Message) -> Iterator[Broken]:
    """Sender and primary receiver have a GLN."""
    for role, organization in _parties(message):
        if gln(organization) is None:
            yield broken(organization, ".identifier", role=role)


def sor_missing(message: Message) -> Iterator[Broken]:
    """Sender and primary receiver have a SOR code."""
    for role, organization in _parties(message):
        if identifier(organization, words.SOR_SYSTEM) is None:
            yield broken(organization, ".identifier", role=role)


def gln_form(message: Message) -> Iterator[Broken]:
    """gln-length."""
    for place, written in _identifiers(message, words.GLN_SYSTEMS):
        if not (len(written) == identities.GLN_DIGITS and written.isascii() and written.isdigit()):
            yield broken(place, ".value", gln=written[:40])


def gln_check_digit(message: Message) -> Iterator[Broken]:
    """gln-modulus-10."""
    for place, written in _identifiers(message, words.GLN_SYSTEMS):
        if len(written) == identities.GLN_DIGITS and written.isdigit() and not identities.gln_is_valid(written):
            yield broken(place, ".value", gln=written)


def gln_system(message: Message) -> Iterator[Broken]:
    """The GLN's system is that of dk-core 3.4.0."""
    for place, _ in _identifiers(message, words.GLN_SYSTEMS[1:]):
        yield broken(place, ".system", system=value(place, "system"))


def sor_form(message: Message) -> Iterator[Broken]:
    """min-digits-sor."""
    for place, written in _identifiers(message, (words.SOR_SYSTEM,)):
        if not identities.sor_is_valid(written):
            yield broken(place, ".value", sor=written[:40])


def organization_unnamed(message: Message) -> Iterator[Broken]:
    """dk-core-organization-mandatory-identifier."""
    known = (words.SOR_SYSTEM, words.KOMBIT_SYSTEM, words.CVR_SYSTEM)
    for organization in message.index.of_type("Organization"):
        if identifier(organization, *known) is None:
            yield broken(organization, ".identifier")


def _in_provenance(element: etree._Element) -> bool:
    return next(element.iterancestors(f"{NS}Provenance"), None) is not None


def _contained(reference: etree._Element, name: str) -> bool:
    resource = next((item for item in reference.iterancestors() if item.find(f"{NS}contained") is not None), None)
    if resource is None:
        return False
    return any(value(item, "id") == name for item in resource.iterfind(f"{NS}contained/*"))


def _parties(message: Message) -> Iterator[tuple[str, etree._Element]]:
    for role, organization in (
        ("sender", message.index.referred(message.header, "sender")),
        ("receiver", message.index.referred(message.destination, "receiver")),
    ):
        if organization is not None and type_of(organization) == "Organization":
            yield role, organization


def _identifiers(message: Message, systems: tuple[str, ...]) -> Iterator[tuple[etree._Element, str]]:
    for organization in message.index.of_type("Organization"):
        for item in organization.iterfind(f"{NS}identifier"):
            if value(item, "system") in systems:
                yield item, value(item, "value") or ""


BASE: Final = (
    Row(errors.BUNDLE_TYPE, bundle_type),
    Row(errors.BUNDLE_ID, ids),
    Row(errors.TIMESTAMP, timestamp),
    Row(errors.HEADER_FIRST, header_first),
    Row(errors.HEADER_COUNT, header_count),
    Row(errors.EVENT, event),
    Row(errors.TWICE, twice),
)
"""What holds for every FHIR message, whichever type and version."""

ROWS: Final = (
    Row(errors.DESTINATION, destination),
    Row(errors.DESTINATION_OTHER, destination_other),
    Row(errors.ENDPOINT, endpoint),
    Row(errors.DANGLING, dangling),
    Row(errors.NO_PROVENANCE, no_provenance),
    Row(errors.NO_OWN_PROVENANCE, no_own_provenance),
    Row(errors.PROVENANCE_TIME, provenance_time),
    Row(errors.PROVENANCE_TARGET, provenance_target),
    Row(errors.GLN_MISSING, gln_missing),
    Row(errors.SOR_MISSING, sor_missing),
    Row(errors.GLN_FORM, gln_form),
    Row(errors.GLN_CHECK_DIGIT, gln_check_digit),
    Row(errors.GLN_SYSTEM, gln_system),
    Row(errors.SOR_FORM, sor_form),
    Row(errors.ORGANIZATION_UNNAMED, organization_unnamed),
)
"""What MedCom's messaging demands of CareCommunication 5.0 and Acknowledgement 2.0 alike."""
