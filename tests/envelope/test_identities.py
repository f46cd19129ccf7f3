"""GLN, SOR code and CPR number are told from what merely looks like them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope import errors
from envelope.identities import (
    ReplacementCpr,
    cpr_birth_date,
    cpr_is_plausible,
    gln_check_digit,
    gln_findings,
    gln_is_valid,
    replacement_is_plausible,
    replacement_kind,
    sor_findings,
    sor_is_valid,
)


@given(st.integers(0, 10**12 - 1))
def test_one_check_digit_is_right(number: int) -> None:
    """Of the ten thirteenth digits, exactly the computed one makes a GLN."""
    twelve = f"{number:012}"
    assert [d for d in "0123456789" if gln_is_valid(twelve + d)] == [gln_check_digit(twelve)]


@pytest.mark.parametrize("gln", ["5790000121526", "5790001659592", "5790000120314", "5790001382445", "5790000121441"])
def test_known_glns_are_valid(gln: str) -> None:
    """Location numbers from MedCom's samples carry right check digits."""
    assert gln_is_valid(gln)
    assert gln_findings(gln, "SenderID") == ()


@pytest.mark.parametrize(
    ("gln", "rule"),
    [
        ("5790000121527", errors.GLN_CHECK_DIGIT),
        ("579000012152", errors.GLN_FORM),
        ("57900001215266", errors.GLN_FORM),
        ("", errors.GLN_FORM),
        ("579000012152x", errors.GLN_FORM),
        ("٥٧٩٠٠٠٠١٢١٥٢٦", errors.GLN_FORM),
    ],
)
def test_wrong_glns_are_named(gln: str, rule: object) -> None:
    """A wrong GLN is named with its element, and told apart from what is no GLN."""
    (finding,) = gln_findings(gln, "SenderID")
    assert finding.rule is rule
    assert finding.location == "SenderID"
    assert gln in finding.text


def test_sor_codes_have_eleven_digits_or_more() -> None:
    """A SOR code has at least 11 digits and nothing else."""
    assert sor_is_valid("325371000016006")
    assert sor_findings("32537100001", "Receiver") == ()
    assert [finding.rule for finding in sor_findings("3253710000", "Receiver")] == [errors.SOR_FORM]
    assert not sor_is_valid("32537100001x")


@pytest.mark.parametrize(
    ("cpr", "born"),
    [
        ("2512489996", date(1948, 12, 25)),
        ("0101909995", date(1990, 1, 1)),
        ("2509479989", date(1947, 9, 25)),
        ("0101014000", date(2001, 1, 1)),
        ("0101994000", date(1999, 1, 1)),
        ("0101575000", date(2057, 1, 1)),
        ("0101585000", date(1858, 1, 1)),
        ("2902000000", None),
        ("2902004000", date(2000, 2, 29)),
        ("0113909995", None),
        ("0001909995", None),
        ("010190999", None),
        ("010190-9995", None),
        ("0101909995\n", None),
    ],
)
def test_cpr_numbers_tell_a_date(cpr: str, born: date | None) -> None:
    """A plausible CPR number tells a real date in the century of its seventh digit; modulus 11 is not asked."""
    assert cpr_birth_date(cpr) == born
    assert cpr_is_plausible(cpr) == (born is not None)


@pytest.mark.parametrize(
    ("number", "kind", "plausible"),
    [
        ("0703921VJ4", ReplacementCpr.NATIONAL, True),
        ("0703927VJ4", ReplacementCpr.NATIONAL, True),
        ("1206550VK9", ReplacementCpr.DECENTRAL, True),
        ("1206555VK9", ReplacementCpr.DECENTRAL, True),
        ("1206552VK9", ReplacementCpr.DECENTRAL, False),
        ("3006551VK9", ReplacementCpr.NATIONAL, True),
        ("3106551VK9", ReplacementCpr.NATIONAL, False),
        ("2902551VK9", ReplacementCpr.NATIONAL, True),
        ("1206551vk9", ReplacementCpr.NATIONAL, False),
        ("", ReplacementCpr.DECENTRAL, False),
    ],
)
def test_replacement_numbers_are_told_apart(number: str, kind: ReplacementCpr, plausible: bool) -> None:
    """Character 7, counted from 1, tells the national kind; the form is judged apart."""
    assert replacement_kind(number) is kind
    assert replacement_is_plausible(number) is plausible
