"""A finding gives the value that is wrong, where a rule's text may name it; and no finding is left out untold."""

from __future__ import annotations

from pathlib import Path

import pytest

from envelope.errors import FURTHER, GLN_CHECK_DIGIT
from envelope.fhir import full_rules, rules
from envelope.fhir.bundle import read_bundle
from envelope.findings import OFFENDING, Fault, Finding, Rule
from envelope.validation import validate
from tests.conversion.messages import Message, Text

LETTERS = Path(__file__).resolve().parents[1] / "letters"


def test_the_value_stands_beside_the_text() -> None:
    """It is what the text says is wrong."""
    finding = GLN_CHECK_DIGIT.at("/VANSEnvelope/SenderID", gln="5790000121527", element="SenderID")
    assert finding.value == "5790000121527"
    assert finding.as_dict()["value"] == "5790000121527"


@pytest.mark.parametrize("values", [{}, {"value": ""}, {"value": None}, {"element": "SenderID"}])
def test_what_has_no_value_gives_none(values: dict[str, str]) -> None:
    """Neither an empty one, nor the name of an element."""
    rule = Rule("VS-999", Fault.SENDER, "Wrong.", "Mend it.", "vansim")
    assert rule.at("", **values).value is None
    assert "value" not in rule.at("", **values).as_dict()


def test_the_likeliest_place_is_the_value() -> None:
    """`value` before `code`, whatever order they are given in."""
    rule = Rule("VS-999", Fault.SENDER, "{code} {value}.", "Mend it.", "vansim")
    assert rule.at("", code="a", value="b").value == "b"
    assert OFFENDING.index("value") < OFFENDING.index("code")


def test_a_letters_finding_has_its_value() -> None:
    """From the file to the finding: a code that is none is told, a number of a patient never."""
    source = (LETTERS / "xdis91-utf-8.xml").read_bytes()
    wrong = source.replace(b">nytbrev<", b">brev<")
    assert wrong != source
    [finding] = [one for one in validate(wrong).findings if one.is_error]
    assert (finding.rule.id, finding.value) == ("VS-213", "brev")


def test_places_beyond_the_twentieth_are_counted() -> None:
    """Twenty are told, and how many more there are; a warning, which refuses nothing by itself."""
    count = rules.OF_ONE_RULE + 7
    texts = tuple(Text(f"Afsnit {number}", "2026-05-12T14:00:00+02:00") for number in range(count))
    source = Message(texts).xml().replace(b"datetime-extension", b"other-extension")
    found = full_rules.validate(read_bundle(source), structure=False)
    by_rule: dict[str, list[Finding]] = {}
    for one in found:
        by_rule.setdefault(one.rule.id, []).append(one)
    further = by_rule.pop(FURTHER.id)
    full = [id_ for id_, ones in by_rule.items() if len(ones) == rules.OF_ONE_RULE]
    assert full
    text = "{} is broken at further places: 7, not told one by one."
    assert [one.text for one in further] == [text.format(id_) for id_ in full]
    assert not any(one.is_error for one in further)


def test_no_more_than_so_many_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then "or more" is said."""
    monkeypatch.setattr(rules, "OF_ONE_RULE", 2)
    monkeypatch.setattr(rules, "MOST_COUNTED", 3)
    texts = tuple(Text(f"Afsnit {number}", "2026-05-12T14:00:00+02:00") for number in range(9))
    source = Message(texts).xml().replace(b"datetime-extension", b"other-extension")
    told = [one.text for one in full_rules.validate(read_bundle(source), structure=False) if one.rule is FURTHER]
    assert told
    assert all("3 or more" in one for one in told)


def test_an_envelope_tells_how_many_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema's findings beyond the limit are counted as well."""
    monkeypatch.setattr("envelope.verdict._FINDINGS_LIMIT", 1)
    envelope = b"<VANSEnvelope xmlns='urn:oio:medcom:vans-envelope:1.0.4'><SenderID a='1' b='2' c='3'/></VANSEnvelope>"
    assert FURTHER.id in {one.rule.id for one in validate(envelope).findings}
