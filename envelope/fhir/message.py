"""A message as its rules look at it: what several rules ask for, found once.

A check yields what is broken; `Row` pairs it with its rule. The tables of rows are what `envelope.fhir.rules` runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from lxml import etree

from envelope.fhir import vocabulary
from envelope.fhir.bundle import Bundle
from envelope.fhir.index import Index
from envelope.fhir.values import NS, primary_destination, value
from envelope.findings import Rule

_EXTENSION: Final = f"{NS}extension"


@dataclass(frozen=True, slots=True)
class Payload:
    """One payload of a Communication: `content` is text, attachment, or "" for neither."""

    element: etree._Element
    content: str
    extensions: dict[str, etree._Element]

    @property
    def identifier(self) -> str | None:
        """The payload's identifier as written."""
        extension = self.extensions.get(vocabulary.IDENTIFIER)
        return None if extension is None else value(extension, "valueIdentifier/value")


@dataclass(frozen=True)
class Message:
    """A bundle with what several rules ask for."""

    bundle: Bundle
    root: etree._Element
    index: Index
    header: etree._Element | None
    communications: tuple[etree._Element, ...]
    provenances: tuple[etree._Element, ...]

    @cached_property
    def destination(self) -> etree._Element | None:
        """The primary destination."""
        return primary_destination(self.header)

    @cached_property
    def payloads(self) -> tuple[Payload, ...]:
        """The payloads of every Communication."""
        return tuple(_payload(item) for each in self.communications for item in each.iterfind(f"{NS}payload"))

    @property
    def own_provenances(self) -> Iterator[etree._Element]:
        """Those Provenances that speak of this very message."""
        identifier = None if self.header is None else value(self.header, "id")
        for provenance in self.provenances:
            for target in provenance.iterfind(f"{NS}target/{NS}reference"):
                if identifier and target.get("value", "").endswith(f"MessageHeader/{identifier}"):
                    yield provenance
                    break


class Broken(NamedTuple):
    """A rule broken at an element, or at a step below it where something is missing; never holds patient data."""

    place: etree._Element
    step: str
    values: dict[str, Any]


Check = Callable[[Message], Iterator[Broken]]


@dataclass(frozen=True, slots=True)
class Row:
    """One rule and what finds it broken."""

    rule: Rule
    check: Check = field(repr=False)


def broken(place: etree._Element, step: str = "", **values: Any) -> Broken:
    """A rule broken at a place; `step` is added to its FHIRPath (`.category`)."""
    return Broken(place, step, values)


def message_of(bundle: Bundle) -> Message:
    """The view of a bundle that rules work on."""
    index = bundle.index
    return Message(
        bundle=bundle,
        root=bundle.root,
        index=index,
        header=bundle.header,
        communications=tuple(index.of_type("Communication")),
        provenances=tuple(index.of_type("Provenance")),
    )


def extensions(element: etree._Element) -> dict[str, etree._Element]:
    """The extensions of an element by their address, the first of each."""
    found: dict[str, etree._Element] = {}
    for extension in element.iterfind(_EXTENSION):
        found.setdefault(extension.get("url", ""), extension)
    return found


def has_profile(resource: etree._Element, profile: str) -> bool:
    """Whether a resource declares a profile, in whatever version (`startsWith`, as MedCom's invariants say)."""
    return any(item.get("value", "").startswith(profile) for item in resource.iterfind(f"{NS}meta/{NS}profile"))


def has_name(practitioner: etree._Element) -> bool:
    """Whether a Practitioner has a name at all, which is all that MedCom's invariants ask."""
    return practitioner.find(f"{NS}name") is not None


def type_of(resource: etree._Element) -> str:
    """The resource type."""
    return str(resource.tag).removeprefix(NS)


def _payload(element: etree._Element) -> Payload:
    content = ""
    if element.find(f"{NS}contentString") is not None:
        content = "text"
    elif element.find(f"{NS}contentAttachment") is not None:
        content = "attachment"
    return Payload(element, content, extensions(element))
