"""What a message must say for there to be a letter of it: every finding whole, with its place and its words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversion import Organisation, convert
from conversion.demands import other_sor
from envelope.findings import Refused
from tests.conversion.messages import CPR, LOCAL, NATIONAL, Message
from tests.conversion.rows.case import FACTS, HOSPITAL, MUNICIPALITY

OTHER = Organisation("5790000120314", "325371000016006", "Andre", None, "1", "sorkode")


def warnings(
    message: Message, sender: Organisation = HOSPITAL, receiver: Organisation = MUNICIPALITY
) -> list[tuple[str, str, str]]:
    """Rule, place and words of each finding of a conversion."""
    facts = replace(FACTS, sender=sender, receiver=receiver)
    converted = convert([message.xml()], facts, "XDIS91", profile=False)
    return [(one.rule.id, one.location, one.text) for one in converted.findings]


def refusal(message: Message, *changes: tuple[str, str]) -> list[tuple[str, str, str]]:
    """The same of a message that is refused."""
    text = message.xml().decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(Refused) as refused:
        convert([text.encode()], FACTS, "XDIS91", profile=False)
    return [(one.rule.id, one.location, one.text) for one in refused.value.findings]


def test_parties_by_the_directorys_codes_are_nothing_to_tell() -> None:
    """Both are who the directory says."""
    assert warnings(Message(), sender=HOSPITAL, receiver=MUNICIPALITY) == []


def test_a_party_by_another_code_is_told() -> None:
    """Which party, by which code, and which one the directory knows; sender and receiver each for itself."""
    [(rule, place, text)] = warnings(Message(), sender=replace(HOSPITAL, sor="1234567890123"), receiver=MUNICIPALITY)
    assert (rule, place) == ("VS-527", "Bundle.entry[5].resource.identifier")
    assert "sender" in text
    assert "359001000016000" in text
    assert "1234567890123" in text
    [(_, place, text)] = warnings(Message(), sender=HOSPITAL, receiver=replace(MUNICIPALITY, sor="1234567890123"))
    assert place == "Bundle.entry[4].resource.identifier"
    assert "receiver" in text


@pytest.mark.parametrize(("said", "known", "told"), [("1", "2", 1), ("1", "1", 0), ("", "2", 0), ("1", "", 0)])
def test_a_code_is_compared_where_both_have_one(said: str, known: str, told: int) -> None:
    """What one of them does not know is no contradiction."""
    assert len(list(other_sor("sender", said, replace(OTHER, sor=known), "here"))) == told


@pytest.mark.parametrize("activity", ["retract-message", "modified-message"])
def test_a_message_that_takes_another_back_is_refused_by_its_activity(activity: str) -> None:
    """Of 3.0: told as it says."""
    [(rule, place, text)] = refusal(Message(version="3.0", activity=activity))
    assert (rule, place) == ("VS-526", "Provenance.activity")
    assert f"({activity})" in text


def test_a_message_entered_in_error_is_refused_by_its_status() -> None:
    """Whatever its activity says."""
    change = ("<status value='unknown'/>", "<status value='entered-in-error'/>")
    [(rule, place, text)] = refusal(Message(version="3.0"), change)
    assert (rule, place) == ("VS-526", "Provenance.activity")
    assert "(entered-in-error)" in text


def test_a_patient_without_a_family_name_is_told() -> None:
    """The letter says Ukendt, and the finding where a name should have stood."""
    assert warnings(Message(family=None)) == [
        (
            "VS-523",
            "Bundle.entry.resource.ofType(Patient).name.family",
            "The message does not say the patient's family name; the letter says Ukendt.",
        )
    ]


@pytest.mark.parametrize(
    "numbers",
    [(), (("urn:oid:1.2.3", "1234567890"),), ((CPR[0], "12345"),), ((LOCAL[0], "12345678901"),), ((CPR[0], "x" * 10),)],
)
def test_a_patient_without_a_number_that_fits_is_refused(numbers: tuple[tuple[str, str], ...]) -> None:
    """One place, whatever is wrong with the numbers."""
    found = refusal(Message(numbers=numbers))
    assert ("VS-522", "Patient.identifier") in [(rule, place) for rule, place, _ in found]


@pytest.mark.parametrize("numbers", [(CPR,), (NATIONAL,), (LOCAL,), (("urn:oid:1.2.3", "1"), CPR)])
def test_a_patient_with_one_that_fits_is_not(numbers: tuple[tuple[str, str], ...]) -> None:
    """Civil, national or regional, and after others."""
    assert convert([Message(numbers=numbers).xml()], FACTS, "XDIS91", profile=False).outputs
