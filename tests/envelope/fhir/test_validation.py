from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from envelope import safe_xml
from envelope.errors import FURTHER
from envelope.fhir import errors as reading
from envelope.fhir import message_errors as message
from envelope.fhir import profile_errors as profile
from envelope.fhir.bundle import bundle_of, read_bundle
from envelope.fhir.json_xml import json_from_xml
from envelope.fhir.rules import OF_ONE_RULE, validate
from envelope.findings import Rule

Letter = Callable[[str], bytes]

FHIR = "{http://hl7.org/fhir}"
NEW = "bundle-new.xml"
LETTERS = (
    "new",
    "reply",
    "forward",
    "acknowledgement-ok",
    "acknowledgement-fatal-error",
    "acknowledgement-transient-error",
)


def element(root: etree._Element, path: str) -> etree._Element:
    """The first element at a path of names."""
    found = root.find(".//" + "/".join(FHIR + step for step in path.split("/")))
    assert found is not None, path
    return found


def add(parent: etree._Element, xml: str, index: int | None = None) -> None:
    """Put new FHIR elements into a parent."""
    for made in safe_xml.parse(f'<x xmlns="http://hl7.org/fhir">{xml}</x>'.encode()):
        parent.insert(len(parent) if index is None else index, made)


def rules(root: etree._Element, *, structure: bool = False) -> list[Rule]:
    """The rules that a tree breaks."""
    return [finding.rule for finding in validate(bundle_of(root), structure=structure)]


@pytest.mark.parametrize("name", [f"bundle-{name}.{form}" for name in LETTERS for form in ("xml", "json")])
def test_an_own_letter_breaks_nothing(name: str, letter: Letter) -> None:
    """The own bundles have no findings, structure included, in either form."""
    assert validate(read_bundle(letter(name)), structure=True) == ()
    assert validate(read_bundle(letter(name))) == ()


@pytest.mark.reference
def test_official_messages_have_no_errors_but_the_two_meant_to(reference: Path) -> None:
    """R-Tek-M and R-Tek-N lack the category's code and break that rule alone; every other sample is free of errors."""
    samples = reference / "samples"
    broken: dict[str, list[Rule]] = {}
    for sample in (
        *samples.glob("carecommunication/*/*"),
        *samples.glob("acknowledgement/*"),
        *samples.glob("conversion-flows/*-CareCommunication*"),
        *samples.glob("conversion-flows/*-Acknowledgement*"),
    ):
        for finding in validate(read_bundle(sample.read_bytes()), structure=True):
            if finding.is_error:
                broken.setdefault(sample.name.split("-dublicate")[0], []).append(finding.rule)
    assert broken == {"Bundle-R-Tek-M": [profile.CATEGORY], "Bundle-R-Tek-N": [profile.CATEGORY]}


def test_references_are_resolved_however_they_are_written(letter: Letter) -> None:
    """Absolute addresses, versions and urn:uuid are references like any other."""
    root = safe_xml.parse(letter(NEW))
    subjects = [item for item in root.iter(f"{FHIR}reference") if item.get("value", "").startswith("Patient/")]
    full = root[5].find(f"{FHIR}fullUrl")
    assert full is not None
    patient = subjects[0].get("value")
    for written, url in (
        (f"https://example.invalid/fhir/{patient}", "https://example.invalid/x"),
        (f"{patient}/_history/1", "https://example.invalid/x"),
        ("urn:uuid:0539f112-0f7a-4b05-a250-987aaaf0c95b", "urn:uuid:0539f112-0f7a-4b05-a250-987aaaf0c95b"),
    ):
        full.set("value", url)
        for subject in subjects:
            subject.set("value", written)
        assert rules(root) == []


def test_a_contained_resource_is_found_where_it_is(letter: Letter) -> None:
    """A reference with # is answered by the resource that holds it, and by no other."""
    root = safe_xml.parse(letter(NEW))
    team = element(root, "CareTeam")
    add(team, '<participant><onBehalfOf><reference value="#o"/></onBehalfOf></participant>', len(team) - 1)
    assert rules(root) == [message.DANGLING]
    add(team, '<contained><Organization><id value="p"/></Organization></contained>', 3)
    assert rules(root) == [message.DANGLING]
    add(team, '<contained><Organization><id value="o"/></Organization></contained>', 3)
    assert rules(root) == []


@pytest.mark.parametrize(
    ("version", "broken"),
    [
        ("5.0", []),
        ("5.12", []),
        ("4.0.0", []),
        ("2.0.0", [reading.STRUCTURE_ONLY]),
        ("9.0", [reading.VERSION_UNKNOWN]),
    ],
)
def test_the_rules_are_those_of_the_version(version: str, broken: list[Rule], letter: Letter) -> None:
    """5.x is held to its profile, 4.0 to what it shares, 2.x to structure alone, and unknown ones are refused."""
    root = safe_xml.parse(letter(NEW))
    definition = element(root, "definition")
    definition.set("value", definition.get("value", "").replace("|5.0", f"|{version}"))
    assert rules(root) == broken


def test_the_profile_can_be_left_out(letter: Letter) -> None:
    """Without profile only bundle and structure are judged."""
    root = safe_xml.parse(letter(NEW))
    communication = element(root, "Communication")
    communication.remove(element(root, "category"))
    assert validate(bundle_of(root), profile=False, structure=True) == ()


def test_a_message_of_no_known_type_is_judged_as_a_bundle(letter: Letter) -> None:
    """A message that this network does not know is checked as a bundle, and that is told."""
    root = safe_xml.parse(letter(NEW))
    element(root, "eventCoding/code").set("value", "empty-message")
    element(root, "meta/profile").set("value", "urn:other")
    findings = validate(bundle_of(root))
    assert [finding.text for finding in findings] == [
        "This message is checked as a bundle and in its structure only, not against MedCom's profile."
    ]


# Structure.


@pytest.mark.parametrize(
    ("path", "wrong", "place"),
    [
        ("birthDate", "1948-13-25 Berggren", "Bundle.entry[1].resource.birthDate"),
        ("payload/extension/valueDateTime", "Berggren", "Bundle.entry[2].resource.payload[0].extension[0].value"),
        ("Communication/status", " ", "Bundle.entry[2].resource.status"),
        ("timestamp", "Berggren", "Bundle.timestamp"),
    ],
)
def test_what_fhir_itself_forbids_is_found_with_its_place(path: str, wrong: str, place: str, letter: Letter) -> None:
    """What breaks FHIR's structure is found, with FHIRPath and without the value."""
    root = safe_xml.parse(letter(NEW))
    element(root, path).set("value", wrong)
    findings = validate(bundle_of(root), profile=False, structure=True)
    assert place in {finding.location for finding in findings if finding.rule == reading.STRUCTURE}
    assert all("Berggren" not in finding.text for finding in findings)


def test_every_break_of_the_structure_is_told(letter: Letter) -> None:
    """Not the first finding only: every one."""
    root = safe_xml.parse(letter(NEW))
    for payload in root.iter(f"{FHIR}payload"):
        payload.remove(payload[-1])
    findings = validate(bundle_of(root), profile=False, structure=True)
    assert [finding.location for finding in findings] == [f"Bundle.entry[2].resource.payload[{n}]" for n in range(3)]


def test_what_has_no_json_is_told_as_structure(letter: Letter) -> None:
    """Elements that FHIR does not know, or out of order, are findings of the structure."""
    root = safe_xml.parse(letter(NEW))
    add(element(root, "Patient"), "<cat value='x'/><active value='true'/>")
    assert rules(root, structure=True) == [reading.ELEMENT_UNKNOWN, reading.ORDER]
    assert rules(root) == [reading.ELEMENT_UNKNOWN, reading.ORDER]


# Hostile bundles.


def test_ten_thousand_payloads_are_judged_in_bounded_time(letter: Letter) -> None:
    """10,000 broken payloads cost seconds at most, and each rule is told so often only."""
    root = safe_xml.parse(letter(NEW))
    communication = element(root, "Communication")
    for number in range(10_000):
        payload = etree.SubElement(communication, f"{FHIR}payload")
        if number % 2:
            etree.SubElement(payload, f"{FHIR}contentString", value="x")
    began = time.perf_counter()
    broken = rules(root)
    assert set(broken) == {profile.PAYLOAD_CONTENT, profile.PAYLOAD_EXTENSION, FURTHER}
    assert len(broken) == 2 * (OF_ONE_RULE + 1)
    assert reading.STRUCTURE in rules(root, structure=True)
    assert time.perf_counter() - began < 20


def test_ten_thousand_resources_are_judged_in_bounded_time(letter: Letter) -> None:
    """10,000 entries of the same Patient, each of whose references dangles, cost seconds at most."""
    root = safe_xml.parse(letter(NEW))
    entry = (
        '<entry><resource><Patient><id value="p"/><managingOrganization><reference value="Organization/none"/>'
        "</managingOrganization></Patient></resource></entry>"
    )
    add(root, entry * 10_000)
    began = time.perf_counter()
    assert {profile.PATIENT_COUNT, message.TWICE, message.DANGLING} <= set(rules(root))
    assert time.perf_counter() - began < 10


def test_a_large_hostile_bundle_in_json_is_read_in_bounded_time(letter: Letter) -> None:
    """10,000 payloads in JSON are read and written back in seconds."""
    root = safe_xml.parse(letter(NEW))
    communication = element(root, "Communication")
    for _ in range(10_000):
        add(communication, '<payload><contentString value="x"/></payload>')
    began = time.perf_counter()
    assert read_bundle(json_from_xml(root)).type == "CareCommunication"
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    "inner",
    ["", "<entry/>", "<entry><resource/></entry>", "<entry><resource><Cat xmlns='urn:cat'/></resource></entry>"],
)
def test_a_bundle_without_anything_is_refused(inner: str) -> None:
    """An empty bundle breaks the rules of bundles and is no error of ours."""
    root = safe_xml.parse(f'<Bundle xmlns="http://hl7.org/fhir">{inner}</Bundle>'.encode())
    assert {message.BUNDLE_TYPE, message.TIMESTAMP, message.HEADER_FIRST, message.BUNDLE_ID} <= set(rules(root))


@pytest.mark.parametrize("event", ["care-communication-message", "acknowledgement-message"])
def test_a_header_alone_is_refused_for_all_that_it_lacks(event: str) -> None:
    """A message of a header with nothing but its event breaks many rules, and none of them fails."""
    root = safe_xml.parse(
        f'<Bundle xmlns="http://hl7.org/fhir"><type value="message"/><entry><resource><MessageHeader><eventCoding>'
        f'<code value="{event}"/></eventCoding></MessageHeader></resource></entry></Bundle>'.encode()
    )
    assert {message.EVENT, message.DESTINATION, message.ENDPOINT, message.NO_PROVENANCE} <= set(rules(root))


@pytest.mark.parametrize("profile_name", ["medcom-careCommunication-message", "medcom-messaging-acknowledgement"])
def test_a_profile_without_a_header_is_refused(profile_name: str) -> None:
    """A bundle that is a message by its profile alone, without a header, breaks rules, and none of them fails."""
    root = safe_xml.parse(
        f'<Bundle xmlns="http://hl7.org/fhir"><meta><profile value="x/{profile_name}"/></meta></Bundle>'.encode()
    )
    assert {message.HEADER_FIRST, message.NO_PROVENANCE} <= set(rules(root))


@pytest.mark.parametrize("name", ["bundle-reply.xml", "bundle-acknowledgement-fatal-error.xml"])
def test_no_missing_element_makes_the_rules_fail(name: str, letter: Letter) -> None:
    """Whichever one element is taken out of a letter, the rules answer with findings and never with an exception."""
    root = safe_xml.parse(letter(name))
    for taken in list(root.iter(f"{FHIR}*"))[1:]:
        parent = taken.getparent()
        assert parent is not None
        place = parent.index(taken)
        parent.remove(taken)
        validate(bundle_of(root))
        parent.insert(place, taken)
    assert rules(root) == []
