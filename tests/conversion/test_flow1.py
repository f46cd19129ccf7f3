"""MedCom's worked example of XDIS91 and XBIN01 to CareCommunication.

The example is no golden file (mapping.md 7): where it departs from the tables, the path stands in DEVIATIONS with the
reason, and the test sees to it that it really departs there.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from conversion import Facts, convert
from tests.conversion.rows.case import FACTS, HOSPITAL, MUNICIPALITY, strings

CORE = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core-"
TEXT = "//f:Communication/f:payload[f:contentString]"
ATTACHMENT = "//f:Communication/f:payload[f:contentAttachment]"
ORGANISATION = "//f:Organization[concat('Organization/', f:id/@value) = {0}/f:reference/@value]"
SENDER = ORGANISATION.format("//f:MessageHeader/f:sender")
RECEIVER = ORGANISATION.format("//f:MessageHeader/f:destination/f:receiver")

SAME = (
    "/f:Bundle/f:meta/f:profile/@value",
    "/f:Bundle/f:type/@value",
    "/f:Bundle/f:timestamp/@value",
    "//f:MessageHeader/f:meta/f:profile/@value",
    "//f:MessageHeader/f:eventCoding/f:*/@value",
    "//f:MessageHeader/f:destination/f:extension/@url",
    "//f:MessageHeader/f:destination/f:extension/f:valueCoding/f:*/@value",
    "//f:MessageHeader/f:destination/f:endpoint/@value",
    "//f:MessageHeader/f:source/f:endpoint/@value",
    "//f:MessageHeader/f:definition/@value",
    f"{SENDER}/f:identifier/f:*/@value",
    f"{RECEIVER}/f:identifier/f:*/@value",
    "//f:Organization/f:meta/f:profile/@value",
    "//f:Patient/f:meta/f:profile/@value",
    "//f:Patient/f:identifier/f:*/@value",
    "//f:Patient/f:name/f:use/@value",
    "//f:Patient/f:address/f:*/@value",
    "//f:Patient/f:deceasedBoolean/@value",
    "//f:Encounter",
    "//f:Communication/f:meta/f:profile/@value",
    "//f:Communication/f:status/@value",
    "//f:Communication/f:category/f:coding/f:*/@value",
    "//f:Communication/f:topic/f:text/@value",
    "//f:Communication/f:priority/@value",
    f"{TEXT}/f:extension/@url",
    f"{TEXT}/f:extension[@url = '{CORE}datetime-extension']/f:valueDateTime/@value",
    f"{TEXT}/f:extension[@url = '{CORE}contact-extension']/f:valueContactPoint/f:*/@value",
    "//f:PractitionerRole/f:meta/f:profile/@value",
    "//f:Practitioner/f:meta/f:profile/@value",
    "//f:Provenance/f:meta/f:profile/@value",
    "//f:Provenance/f:occurredDateTime/@value",
    "//f:Provenance/f:recorded/@value",
    "//f:Provenance/f:activity/f:coding/f:*/@value",
    "//f:Provenance/f:entity/f:role/@value",
    "//f:Provenance/f:entity[2]/f:what/f:identifier/f:value/@value",
    "count(//f:Communication/f:payload)",
    "count(//f:Provenance/f:entity)",
    f"{ATTACHMENT}/f:extension/@url",
    f"{ATTACHMENT}/f:extension/f:valueDateTime/@value",
    f"{ATTACHMENT}/f:extension/f:valueIdentifier/f:value/@value",
    f"{ATTACHMENT}/f:contentAttachment/f:contentType/@value",
    f"{ATTACHMENT}/f:contentAttachment/f:data/@value",
)
"""Where both must hold the same values."""

DEVIATIONS = {
    f"{TEXT}/f:contentString/@value": "the example drops double Breaks and the last one; the tables keep them",
    f"{SENDER}/f:name/@value": "the example has the name in SOR; the table joins organisation and department",
    f"{RECEIVER}/f:name/@value": "the example has the name in SOR; the table copies the letter's",
    "//f:Patient/f:name/f:family/@value": "the example's patient is called Hansen, the letter's Ann Berggren",
    "//f:Patient/f:name/f:given/@value": "the example moves a part of the surname to the given names",
    "//f:PractitionerRole/f:code/f:*/@value": "the example reads the role in the text; the table says ukendt",
    "//f:Practitioner/f:name/f:*/@value": "the example reads the name in the text; the table takes the organisation's",
    f"{ATTACHMENT}/f:contentAttachment/f:title/@value": (
        "the example has an ObjectCode, and not even the letter's; since January 2026 the table takes RefDescription"
    ),
}
"""Where MedCom's example departs from MedCom's tables."""

IDENTIFIERS = (
    "/f:Bundle/f:id/@value",
    "//f:MessageHeader/f:id/@value",
    "//f:Communication/f:identifier/f:value/@value",
    f"{TEXT}/f:extension[@url = '{CORE}identifier-extension']/f:valueIdentifier/f:value/@value",
    "//f:Provenance/f:entity[1]/f:what/f:identifier/f:value/@value",
)
"""Where both hold identifiers of their own, in the same form."""


@pytest.fixture
def flow(reference: Path) -> Path:
    """The folder of MedCom's worked examples."""
    return reference / "samples" / "conversion-flows"


@pytest.fixture
def ours(flow: Path) -> bytes:
    """What we make of the example's letters; the telephone is the one that SOR has in the example."""
    letters = [(flow / f"Flow1-{name}_Ex_to_FHIR.xml").read_bytes() for name in ("XDIS91", "XBIN01")]
    facts: Facts = replace(FACTS, sender=replace(HOSPITAL, telephone="65432030"), receiver=MUNICIPALITY)
    return convert(letters, facts, "CareCommunication").outputs[0].payload


@pytest.fixture
def theirs(flow: Path) -> bytes:
    """What MedCom's example says it becomes."""
    return (flow / "Flow1-CareCommunication_Ex_from_OIOXML.xml").read_bytes()


@pytest.mark.reference
def test_each_mapped_value_is_medcoms(ours: bytes, theirs: bytes) -> None:
    """Where the tables decide and the example follows them, both say the same."""
    differing = {path: (strings(ours, path), strings(theirs, path)) for path in SAME}
    assert {path: both for path, both in differing.items() if sorted(both[0]) != sorted(both[1])} == {}


@pytest.mark.reference
def test_the_example_departs_from_the_tables_only_where_it_is_known_to(ours: bytes, theirs: bytes) -> None:
    """Each known deviation is still one."""
    assert [path for path in DEVIATIONS if strings(ours, path) == strings(theirs, path)] == []


@pytest.mark.reference
def test_identifiers_have_the_form_of_the_example(ours: bytes, theirs: bytes) -> None:
    """New identifiers differ from the example's, and have its form."""
    form = re.compile("(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    for path in IDENTIFIERS:
        [mine], [its] = strings(ours, path), strings(theirs, path)
        assert mine != its
        assert form.fullmatch(mine)
        assert mine.startswith("urn:uuid:") == its.startswith("urn:uuid:")


@pytest.mark.reference
def test_the_text_is_the_letters_with_the_sentence_before_it(ours: bytes) -> None:
    """høj_prioritet is a sentence before the text, and every Break is a newline, the last one too."""
    [text] = strings(ours, f"{TEXT}/f:contentString/@value")
    assert text.startswith("Denne meddelelse har høj prioritet. Afdeling A har modtaget en henvisning")
    assert text.endswith(
        "Blodtryksresultat\nSænkningsresultat\n\nResultaterne bedes fremsendt som et "
        '"korrespondancebrev".\n\nVenlig hilsen\noverlæge K. Petersen\n15.01.1999\n'
    )
