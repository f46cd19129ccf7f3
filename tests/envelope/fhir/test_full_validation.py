"""Full validation as a whole: own and official messages, earlier versions, hostile bundles."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from lxml import etree

from envelope import safe_xml
from envelope.fhir import demand_errors
from envelope.fhir import errors as reading
from envelope.fhir.bundle import bundle_of, read_bundle
from envelope.fhir.full_rules import TABLES, validate
from tests.envelope.fhir.changes import (
    FATAL,
    FORWARD,
    NEW,
    REPLY,
    Letter,
    add,
    at,
    drop,
    drop_entry,
    put,
    put_in,
    repeat,
    take,
    text,
)

LETTERS = ("new", "reply", "forward", "acknowledgement-ok", "acknowledgement-fatal-error")
NEW_HEADER = "0539f112-0f7a-4b05-a250-987aaaf0c95a"
BEFORE = "f:entity[f:role/@value='revision']"


@pytest.mark.parametrize("name", [f"bundle-{name}.{form}" for name in LETTERS for form in ("xml", "json")])
def test_an_own_letter_breaks_nothing(name: str, letter: Letter) -> None:
    """The own messages have no findings, narratives and chain included."""
    assert validate(read_bundle(letter(name))) == ()


@pytest.mark.reference
def test_official_messages_have_no_errors_but_the_two_meant_to(reference: Path) -> None:
    """R-Tek-M and R-Tek-N lack the category's code and break that rule alone; every other sample is free of errors."""
    samples = reference / "samples"
    broken = {}
    for sample in (
        *samples.glob("carecommunication/*/*"),
        *samples.glob("acknowledgement/*"),
        *samples.glob("conversion-flows/*-CareCommunication*"),
        *samples.glob("conversion-flows/*-Acknowledgement*"),
    ):
        findings = [finding for finding in validate(read_bundle(sample.read_bytes())) if finding.is_error]
        if findings:
            broken[sample.name.split("-dublicate")[0]] = [finding.rule.id for finding in findings]
    assert broken == {"Bundle-R-Tek-M": ["VS-375"], "Bundle-R-Tek-N": ["VS-375"]}


def test_a_reply_to_an_oioxml_letter_is_in_order_either_way_round(letter: Letter) -> None:
    """A predecessor that was a letter is named by location number and letter id in either order, without a chain."""
    for written in ("5790000120314#B300720181623", "B300720181623#5790000120314"):
        root = safe_xml.parse(letter(REPLY))
        take(f"//{BEFORE}/f:what/f:reference")(root)
        put_in(f"//{BEFORE}/f:what", f'<identifier><value value="{written}"/></identifier>')(root)
        told = {finding.rule for finding in validate(bundle_of(root), structure=False)}
        assert told == {demand_errors.NARRATIVE_INCOMPLETE}


def test_a_narrative_may_show_values_in_other_words(letter: Letter) -> None:
    """A display for a code, the id or display of a reference, a time with a space and without colon, are shown too."""
    root = safe_xml.parse(letter(NEW))
    (div,) = at(root, "//f:Provenance/f:text/h:div")
    shown = "".join(map(str, div.itertext()))
    put_in("//f:Provenance/f:activity/f:coding", '<display value="A new message"/>')(root)
    put_in("//f:Provenance/f:agent/f:who", '<display value="The Surgery"/>')(root)
    for written, other in (
        ("new-message", "a NEW  message"),
        ("2026-03-02T09:15:00+01:00", "2026-03-02 09:15:00+0100"),
        (f"MessageHeader/{NEW_HEADER}", NEW_HEADER),
        (at(root, "//f:Provenance/f:agent/f:who/f:reference")[0].get("value", ""), "the surgery"),
    ):
        assert written in shown
        shown = shown.replace(written, f" {other} ")
    text("//f:Provenance/f:text/h:div", shown)(root)
    assert validate(bundle_of(root), structure=False) == ()


def test_what_has_no_value_need_not_be_shown(letter: Letter) -> None:
    """A marked element without value, and one of a type without marks, ask nothing of the narrative."""
    root = safe_xml.parse(letter(NEW))
    family = at(root, "//f:Patient/f:name/f:family")[0]
    del family.attrib["value"]
    div = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'
    basic = f'<Basic><id value="b"/><text><status value="generated"/>{div}</text></Basic>'
    add("Bundle", f"<entry><resource>{basic}</resource></entry>")(root)
    told = validate(bundle_of(root), structure=False)
    assert demand_errors.NARRATIVE_INCOMPLETE not in {finding.rule for finding in told}


# Versions.


def version(root: etree._Element, written: str) -> etree._Element:
    """The message with the definition of an earlier version, or none before 4.0."""
    if written.startswith("3"):
        drop("definition", "Communication/identifier")(root)
    else:
        put("definition", f"http://medcomfhir.dk/ig/carecommunication/message-definition|{written}")(root)
    return root


@pytest.mark.parametrize("written", ["4.0.0", "3.0"])
@pytest.mark.parametrize("name", [NEW, REPLY, FORWARD])
def test_earlier_versions_are_held_to_what_they_share(written: str, name: str, letter: Letter) -> None:
    """4.0 and 3.0 are held to the rules that they share with 5.0, and that it is not their whole profile is told."""
    root = version(safe_xml.parse(letter(name)), written)
    findings = validate(bundle_of(root))
    assert [finding.rule for finding in findings] == [demand_errors.SHARED_ONLY]
    assert f"CareCommunication {written[:3]} is held to its structure" in findings[0].text
    drop("payload[1]/extension")(root)
    drop_entry("Patient")(root)
    told = {finding.rule.id for finding in validate(bundle_of(root), structure=False)}
    assert {"VS-381", "VS-361", "VS-340"} <= told


def test_rules_that_came_later_do_not_hold_earlier(letter: Letter) -> None:
    """4.0 allows several recipients and a category of its own list; 3.0 also a retracted Communication's status."""
    root = version(safe_xml.parse(letter(NEW)), "4.0.0")
    repeat("recipient")(root)
    put("category/coding/code", "assessment")(root)
    drop("priority")(root)
    assert {finding.rule for finding in validate(bundle_of(root), structure=False)} == {demand_errors.SHARED_ONLY}
    root = version(safe_xml.parse(letter(NEW)), "3.0")
    put("Communication/status", "entered-in-error")(root)
    put("activity/coding/code", "retract-message")(root)
    assert {finding.rule for finding in validate(bundle_of(root), structure=False)} == {demand_errors.SHARED_ONLY}


def test_the_oldest_version_is_held_to_its_structure(letter: Letter) -> None:
    """2.x is judged as a bundle and in its structure, and that is told."""
    root = safe_xml.parse(letter(NEW))
    drop("definition")(root)
    for extension in at(root, "//f:payload/f:extension"):
        extension.set("url", "http://medcomfhir.dk/ig/carecommunication/StructureDefinition/medcom-carecommunication-x")
    assert [finding.rule for finding in validate(bundle_of(root))] == [reading.STRUCTURE_ONLY]


# Hostile bundles.


def test_ten_thousand_payloads_are_judged_in_bounded_time(letter: Letter) -> None:
    """10,000 payloads that the narrative does not show cost seconds at most."""
    root = safe_xml.parse(letter(REPLY))
    (communication,) = at(root, "//f:Communication")
    for number in range(10_000):
        communication.append(safe_xml.parse(_payload(number)))
    (div,) = at(root, "//f:Communication/f:text/h:div")
    div.text = "x " * 500_000
    began = time.perf_counter()
    told = validate(bundle_of(root), structure=False)
    assert {"VS-317", "VS-388"} <= {finding.rule.id for finding in told}
    assert len(told) < 200
    assert time.perf_counter() - began < 20


def test_ten_thousand_provenances_are_judged_in_bounded_time(letter: Letter) -> None:
    """10,000 Provenances that all say they are the message's own cost seconds at most."""
    root = safe_xml.parse(letter(REPLY))
    entry = etree.tostring(at(root, "//f:entry[f:resource/f:Provenance/f:entity/f:role/@value='revision']")[0])
    for _ in range(10_000):
        root.append(safe_xml.parse(entry))
    began = time.perf_counter()
    told = validate(bundle_of(root), structure=False)
    assert {"VS-357", "VS-339"} <= {finding.rule.id for finding in told}
    assert time.perf_counter() - began < 20


def _payload(number: int) -> bytes:
    return (
        '<payload xmlns="http://hl7.org/fhir"><extension url="http://medcomfhir.dk/ig/core/StructureDefinition/'
        f'medcom-core-identifier-extension"><valueIdentifier><value value="urn:uuid:{number:08x}-0000-4000-8000-'
        f'000000000000"/></valueIdentifier></extension><contentString value="text {number}"/></payload>'
    ).encode()


@pytest.mark.parametrize("name", [REPLY, FATAL])
def test_no_missing_element_makes_the_rules_fail(name: str, letter: Letter) -> None:
    """Whichever one element is taken out of a message, full validation answers with findings, never an exception."""
    root = safe_xml.parse(letter(name))
    for taken in at(root, ".//f:*"):
        parent = taken.getparent()
        assert parent is not None
        place = parent.index(taken)
        parent.remove(taken)
        validate(bundle_of(root), structure=False)
        parent.insert(place, taken)


def test_every_rule_of_full_validation_is_in_a_table() -> None:
    """No rule is without a row that can find it broken, but for the one that tells of earlier versions."""
    found = {row.rule for table in TABLES.values() for row in table}
    assert set(demand_errors.DEMAND_RULES) - found == {demand_errors.SHARED_ONLY}


def test_every_table_is_of_a_known_version() -> None:
    """The tables of full validation are of those versions that rules are published for."""
    assert {(type_, major) for type_, major in TABLES} == {
        ("CareCommunication", "3"),
        ("CareCommunication", "4"),
        ("CareCommunication", "5"),
        ("Acknowledgement", "2"),
    }
