"""FHIR R4's own invariants that MedCom's profiles carry, under their published ids, where no rule of its own has them.

The tests name for every id of the snapshots the rule or the reason why none can bind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from envelope.fhir import demand_errors as errors
from envelope.fhir import vocabulary as words
from envelope.fhir.demands import Invariant
from envelope.fhir.message import Broken, Message, Row, broken
from envelope.fhir.values import NS, value

_PAYLOAD: Final = "f:Communication/f:payload"

_ANY: Final = "f:entry/f:resource/*"

INVARIANTS: Final = (
    Invariant("bdl-1", "f:total", "A message has no total"),
    Invariant("bdl-2", "f:entry/f:search", "The entries of a message have no search"),
    Invariant("bdl-3", "f:entry/f:request", "The entries of a message have no request"),
    Invariant("bdl-4", "f:entry/f:response", "The entries of a message have no response"),
    Invariant("bdl-5", "f:entry[not(f:resource/*)]", "An entry holds no resource"),
    Invariant("bdl-8", "f:entry/f:fullUrl[contains(@value, '/_history/')]", "A fullUrl names a version"),
    Invariant("dom-2", f"{_ANY}/f:contained/*/f:contained", "A contained resource contains another"),
    Invariant(
        "dom-4", f"{_ANY}/f:contained/*/f:meta[f:versionId or f:lastUpdated]", "A contained resource has a version"
    ),
    Invariant("dom-5", f"{_ANY}/f:contained/*/f:meta/f:security", "A contained resource has a security label"),
    Invariant(
        "ext-1",
        "descendant::f:extension[boolean(f:extension) = boolean(*[not(self::f:extension)])]",
        "An extension has not either a value or extensions",
    ),
    Invariant(
        "ext-1",
        f"descendant::f:extension[starts-with(@url, '{words.MEDCOM}')]/f:extension",
        "MedCom's extensions hold a value and no extensions",
    ),
    Invariant(
        "cpt-2",
        f"{_ANY}/f:telecom[f:value and not(f:system)] | f:entry/f:resource/{_PAYLOAD}/f:extension/f:valueContactPoint"
        "[f:value and not(f:system)]",
        "A contact has a value and no system",
    ),
    Invariant(
        "org-2",
        "f:entry/f:resource/f:Organization/f:address[f:use/@value='home']",
        "An Organization has a home address",
    ),
    Invariant(
        "org-3",
        "f:entry/f:resource/f:Organization/f:telecom[f:use/@value='home']",
        "An Organization has a home telecom",
    ),
    Invariant(
        "pat-1",
        "f:entry/f:resource/f:Patient/f:contact[not(f:name or f:telecom or f:address or f:organization)]",
        "A contact of the Patient says nothing of who it is",
    ),
    Invariant(
        "ctm-1",
        "f:entry/f:resource/f:CareTeam/f:participant[f:onBehalfOf]"
        "[f:member/f:reference[not(contains(@value, 'Practitioner/'))]]",
        "A participant of a CareTeam acts on behalf of another and is no Practitioner",
    ),
)


def contained(message: Message) -> Iterator[Broken]:
    """dom-3: a contained resource is referred to, or refers to what contains it."""
    for resource in message.index.resources:
        held = resource.findall(f"{NS}contained/*")
        referred = {item.get("value") for item in resource.iter(f"{NS}reference")} if held else set()
        for item in held:
            if f"#{value(item, 'id')}" not in referred and "#" not in referred:
                yield broken(item, what="Nothing refers to a contained resource", invariant="dom-3")


def addresses(message: Message) -> Iterator[Broken]:
    """bdl-7: no two entries have one address; that they hold one resource is a rule of its own."""
    seen: set[str] = set()
    for item in message.root.iterfind(f"{NS}entry/{NS}fullUrl"):
        written = item.get("value", "")
        if written in seen:
            yield broken(item, what="Two entries have the same fullUrl", invariant="bdl-7")
        seen.add(written)


ROWS: Final = (Row(errors.INVARIANT, contained), Row(errors.INVARIANT, addresses))
