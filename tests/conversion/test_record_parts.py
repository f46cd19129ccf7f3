"""How a value is found again in what was made: its forms, where it was cut, in which of several letters."""

from __future__ import annotations

import pytest
from lxml import etree

from conversion import convert
from conversion.record import _ends_with, _forms, _own, _Places, _value
from tests.conversion.messages import File, Message
from tests.conversion.rows.case import FACTS

FHIR = "http://hl7.org/fhir"


def element(text: str) -> etree._Element:
    """One element of FHIR."""
    return etree.fromstring(f'<x xmlns="{FHIR}">{text}</x>')[0]


def fates(value: str, made: str, cut: int | None) -> list[str]:
    """What became of a value in a made element."""
    leaf, target = element(f'<family value="{value}"/>'), element(f'<name><family value="{made}"/></name>')
    return [what for _, what in _Places().fates(leaf, target, cut=cut)]


@pytest.mark.parametrize(
    ("value", "made", "cut", "became"),
    [
        ("Testesen", "Nancy Testesen", None, ["kept"]),
        ("Testesen", "Nancy", None, []),
        ("Testesen", "Nancy Teste", None, []),
        # Cut to as many characters as there are, or a few less; one that had more room was not cut.
        ("Testesen", "Nancy Teste", 11, ["shortened"]),
        ("Testesen", "Nancy Teste", 14, ["shortened"]),
        ("Testesen", "Nancy Teste", 15, []),
        ("Testesen", "Nancy Teste", 0, ["shortened"]),
        # One character is a beginning, and the whole is none.
        ("Testesen", "Nancy T", 7, ["shortened"]),
        ("Testesen", "Nancy X", 7, []),
        # The dots of a cut stand behind what is left; words may follow where enough of it is left.
        ("Testesen Testesen", "Testesen T...", 13, ["shortened"]),
        ("Testesen Testesen", "Testesen T, og mere", 0, ["shortened"]),
        ("Testesen Testesen", "Teste, og mere", 0, []),
    ],
)
def test_a_value_is_kept_shortened_or_not_there(value: str, made: str, cut: int | None, became: list[str]) -> None:
    """By what stands in the target, and by how long that may be."""
    assert fates(value, made, cut) == became


def test_every_place_of_a_target_is_looked_at() -> None:
    """One that had more room does not keep the next from being found."""
    leaf = element('<family value="Testesen"/>')
    target = element('<name><family value="Te"/><given value="Nancy Teste"/></name>')
    [(place, what)] = _Places().fates(leaf, target, cut=11)
    assert (place.get("value"), what) == ("Nancy Teste", "shortened")


def test_a_narrative_is_no_place() -> None:
    """It repeats what its resource says."""
    leaf = element('<family value="Testesen"/>')
    target = element('<text><div xmlns="http://www.w3.org/1999/xhtml">Testesen</div></text>')
    assert _Places().fates(leaf, target, cut=None) == []


def test_a_moment_has_its_danish_forms() -> None:
    """As it is, the day and the time by the Danish clock, and the day as people write it."""
    moment = element('<timestamp value="2026-05-12T22:30:59Z"/>')
    assert _forms(moment) == {"20260512t22:30:59z", "20260513", "00:30", "13052026"}


def test_a_value_is_an_attribute_or_what_stands_in_the_element() -> None:
    """An address where there is no value; text before, between and behind comments."""
    assert _value(element('<extension url="http://x"/>')) == "http://x"
    assert _value(element('<extension value="v" url="http://x"/>')) == "v"
    assert _own(element("<a>one<!-- no -->two<b/>three</a>")) == "onetwothree"
    assert _own(element("<a><!-- no -->two</a>")) == "two"


@pytest.mark.parametrize(
    ("there", "beginning", "ends"),
    [
        ("abc", "bc", True),
        ("abc...", "bc", True),
        ("abcd", "bc", False),
        ("x12345678y", "12345678", True),
        ("x1234567y", "1234567", False),
    ],
)
def test_a_beginning_stands_at_the_end_or_is_long_enough(there: str, beginning: str, ends: bool) -> None:
    """Eight characters are no accident."""
    assert _ends_with(there, beginning) is ends


def test_places_in_several_letters_name_theirs() -> None:
    """A message with a file makes two letters, which are numbered; one without makes one, which is not."""
    one = convert([Message().xml()], FACTS, "XDIS91", profile=False, record=True).record
    two = Message((*Message().payloads, File("Bilag.pdf", data="JVBERi0xLjQK"))).xml()
    several = convert([two], FACTS, "XDIS91", profile=False, record=True).record
    assert not any(carried.target[:2] in {"1:", "2:"} for carried in one)
    assert {carried.target[:2] for carried in several if carried.target.startswith(("1", "2"))} == {"1:", "2:"}
