from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from lxml import etree

from conversion import Facts, convert
from conversion.record import FORMATTED, NEW, Carried
from conversion.rows import ROWS
from envelope.cutting import cut
from envelope.fhir.bundle import read_bundle
from envelope.fhir.elements import location as fhir_location
from envelope.findings import Refused
from envelope.oioxml.reading import read_letter
from envelope.oioxml.schema import location as letter_location
from tests.conversion.letters import letters
from tests.conversion.messages import File, Message, Text
from tests.conversion.rows.case import FACTS, LETTERS, Case
from tests.conversion.rows.cases import CASES
from tests.conversion.test_to_xdis91_properties import MESSAGES

EVERY = (LETTERS / "xdis91-every-element.xml").read_bytes()
_BY_ID = {row.id: row for row in ROWS}
_CONVERSIONS = [case for case in CASES if not case.row.startswith("receipts-")]


def _record(source: bytes, to: str, facts: Facts = FACTS) -> tuple[Carried, ...]:
    return convert([source], facts, to, record=True).record


def _of(record: Sequence[Carried], rule: str) -> list[Carried]:
    return [one for one in record if one.rule == rule]


def test_nothing_is_recorded_unless_it_is_asked_for() -> None:
    """A conversion has no record as a rule; with one it makes the very same."""
    plain = convert([EVERY], FACTS, "CareCommunication")
    told = convert([EVERY], FACTS, "CareCommunication", record=True)
    assert plain.record == ()
    assert told.record != ()
    assert replace(told, record=()) == plain


@pytest.mark.parametrize("case", _CONVERSIONS, ids=lambda case: case.row)
def test_every_row_is_told_where_it_is_at_work(case: Case) -> None:
    """A row that carries a value is in the record of its case: kept, shortened, or a value of the network's own."""
    row = _BY_ID[case.row]
    try:
        record = convert(case.sources(), case.facts, case.to, profile=False, record=True).record
    except Refused:
        return
    if row.target in {"(finding)", "(refusal)", "(remembered)", "-"} or "newline" in {row.source, row.target}:
        return
    own = row.id in NEW or row.source == "-" or row.source.startswith("(")
    assert {one.what for one in _of(record, row.id)} & ({"defaulted"} if own else {"kept", "shortened"})


def _values(root: etree._Element) -> list[etree._Element]:
    """Every element that says something itself, a text with formats and a narrative being one."""
    return [
        element
        for element in root.iter("*")
        if not any(_is_whole(above) for above in element.iterancestors())
        and (element.attrib or _is_whole(element) or any((text or "").strip() for text in _own(element)))
    ]


def _is_whole(element: etree._Element) -> bool:
    return etree.QName(element).localname in FORMATTED | {"div"}


def _own(element: etree._Element) -> list[str | None]:
    return [element.text, *(child.tail for child in element)]


@settings(max_examples=40, deadline=None)
@given(letters())
def test_no_value_of_a_letter_is_missing(letter: bytes) -> None:
    """Every element with a value is in the record by its path; what is dropped is not kept as well."""
    record = _record(letter, "CareCommunication")
    _complete(record, [letter_location(each) for each in _values(read_letter(cut(letter)).root)])


@settings(max_examples=40, deadline=None)
@given(MESSAGES)
def test_no_value_of_a_message_is_missing(message: Message) -> None:
    """Every element with a value is in the record by its path; what is dropped is not kept as well."""
    record = convert([message.xml()], FACTS, "XDIS91", profile=False, record=True).record
    _complete(record, [fhir_location(each) for each in _values(read_bundle(cut(message.xml())).root)])


def _complete(record: Sequence[Carried], paths: Sequence[str]) -> None:
    carried = {one.source for one in record if one.what != "dropped"}
    dropped = [one.source for one in record if one.what == "dropped"]
    assert set(paths) <= carried | set(dropped)
    assert not carried & set(dropped)
    assert len(dropped) == len(set(dropped))


@pytest.mark.parametrize("name", ["bundle-new", "bundle-reply", "bundle-forward"])
def test_json_and_xml_have_the_same_record(name: str) -> None:
    """A bundle in JSON is told by the same FHIRPaths as in XML."""
    both = [(LETTERS / f"{name}.{form}").read_bytes() for form in ("json", "xml")]
    try:
        first, second = (convert([one], FACTS, "XDIS91", profile=False, record=True).record for one in both)
    except Refused:
        pytest.skip("not a message that is converted")
    assert first == second


def test_values_are_found_where_they_are() -> None:
    """A name joined of three elements is told three times, with positions where there are several of a kind."""
    record = _record(EVERY, "CareCommunication")
    body, bundle = "/Emessage/ClinicalEmail", "Bundle.entry[1].resource"
    assert Carried(f"{body}/Reference[2]/URL", "XC-url", f"{bundle}.payload[2].content.url", "kept") in record
    assert [one.source for one in record if one.target == "Bundle.entry[4].resource.name"] == [
        f"{body}/Sender/{name}" for name in ("OrganisationName", "DepartmentName", "UnitName")
    ]
    assert Carried(f"{body}/Patient/OccupancyText", "XC-patient-occupancy", "", "dropped") in record
    assert Carried("", "XC-category", f"{bundle}.category[0]", "defaulted") in record


def test_formats_are_dropped_and_their_text_is_kept() -> None:
    """Bold is told as dropped, the text in it as kept."""
    letter = EVERY.replace(b"</Text01>", b"<Bold>fed</Bold></Text01>", 1)
    record = _record(letter, "CareCommunication")
    dropped = [one.source for one in record if one.what == "dropped" and "Text01" in one.source]
    assert any(path.rpartition("/")[2].startswith("Bold") for path in dropped)
    assert all(one.what == "kept" for one in _of(record, "XC-text"))


def test_what_is_cut_is_shortened() -> None:
    """Of a long topic the beginning fits, and it is told so by the row that wrote it and the row that cut it."""
    record = _record(Message(topic="t" * 200).xml(), "XDIS91")
    assert {one.what for one in _of(record, "CX-topic") + _of(record, "CX-subject")} == {"shortened"}


def test_an_author_that_nobody_names_is_dropped() -> None:
    """A practitioner whose name stands nowhere in the letter is not told as kept."""
    record = _record(Message().xml(), "XDIS91")
    assert {one.source.partition(".resource")[0] for one in _of(record, "CX-author-name")} == {"Bundle.entry[7]"}
    assert not _of(record, "CX-specific-sender")
    assert "Bundle.entry[9].resource.name[0].family" in {one.source for one in record if one.what == "dropped"}


def test_no_value_stands_in_a_record() -> None:
    """Paths and ids of rows alone: no name, number or text of the letter."""
    told = " ".join(" ".join(one.as_dict().values()) for one in _record(EVERY, "CareCommunication"))
    for element in _values(read_letter(cut(EVERY)).root):
        value = "".join(map(str, element.itertext())).strip()
        assert len(value) < 6 or value not in told


def test_values_that_went_into_several_letters_name_the_letter() -> None:
    """Twelve attachments make two pairs of letters; each path says which letter it stands in, as they leave."""
    date = "2026-05-12T14:00:00+02:00"
    files = [File(f"bilag-{number}.pdf", date, data="bm9nZXQ=") for number in range(12)]
    converted = convert(
        [Message(payloads=[Text("Hej", date), *files]).xml()], FACTS, "XDIS91", profile=False, record=True
    )
    assert [output.type for output in converted.outputs] == ["XDIS91", "XBIN01", "XDIS91", "XBIN01"]
    letters_of = {
        rule: [one.target.partition(":")[0] for one in _of(converted.record, rule)]
        for rule in ("CX-attachment-title", "CX-attachment-data")
    }
    assert letters_of == {
        "CX-attachment-title": ["1"] * 10 + ["3"] * 2,
        "CX-attachment-data": ["2"] * 10 + ["4"] * 2,
    }
