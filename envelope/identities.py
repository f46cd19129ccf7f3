"""The numbers that name organisations and people: GLN, SOR code, CPR number and its replacements.

GLN: GS1 General Specifications, 7.9 (check digit). CPR: modulus 11 has not held since 2007, so a number is plausible
when its first six digits are a date of the century that its seventh digit tells (CPR-kontoret, personnummeret i CPR).
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from envelope import errors
from envelope.findings import Finding

GLN_DIGITS: Final = 13
SOR_DIGITS: Final = 11
CPR_DIGITS: Final = 10

IDENTIFIER: Final = re.compile("[A-f0-9]{8}(-[A-f0-9]{4}){3}-[A-f0-9]{12}")
"""An identifier of an envelope or of its message, as VANSEnvelope 1.0.4 has it (its pattern says A-f, as it stands)."""

_WEIGHTS: Final = (1, 3) * 6
_ASCII_DIGITS: Final = frozenset("0123456789")

_CENTURIES: Final = (
    dict.fromkeys("0123", (100, 1900, 1900))
    | dict.fromkeys("49", (37, 2000, 1900))
    | dict.fromkeys("5678", (58, 2000, 1800))
)
"""By seventh digit: a two-digit year, the century of the years before it, and that of the others."""


class ReplacementCpr(StrEnum):
    """The kinds of a replacement CPR number, told apart by the seventh character (MedCom mapping, 5.4)."""

    NATIONAL = "x-ecpr"
    DECENTRAL = "d-ecpr"


_REPLACEMENT: Final = re.compile(r"(\d\d)(\d\d)\d\d[01567][A-Z]{2}[0-9]", re.ASCII)


def _digits(text: str, count: int) -> bool:
    return len(text) == count and _ASCII_DIGITS.issuperset(text)


@lru_cache(maxsize=4096)
def gln_is_valid(gln: str) -> bool:
    """Whether the text is 13 digits whose last is the GS1 check digit of the others."""
    if not _digits(gln, GLN_DIGITS):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, gln, strict=False))
    return (10 - total % 10) % 10 == int(gln[-1])


def gln_check_digit(twelve: str) -> str:
    """The thirteenth digit to the first twelve of a GLN."""
    return str(-sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, twelve, strict=True)) % 10)


def sor_is_valid(sor: str) -> bool:
    """Whether the text is a SOR code: digits only, at least 11 of them."""
    return len(sor) >= SOR_DIGITS and _ASCII_DIGITS.issuperset(sor)


def cpr_birth_date(cpr: str) -> date | None:
    """The date of birth that a CPR number tells, or None when it tells none."""
    if not _digits(cpr, CPR_DIGITS):
        return None
    day, month, year = int(cpr[:2]), int(cpr[2:4]), int(cpr[4:6])
    limit, until, after = _CENTURIES[cpr[6]]
    try:
        return date((until if year < limit else after) + year, month, day)
    except ValueError:
        return None


def cpr_is_plausible(cpr: str) -> bool:
    """Whether the text can be a CPR number: ten digits, a real date; no modulus 11."""
    return cpr_birth_date(cpr) is not None


def replacement_kind(number: str) -> ReplacementCpr:
    """The kind of a replacement CPR number: national when character 7, counted from 1, is `1` or `7`."""
    return ReplacementCpr.NATIONAL if number[6:7] in ("1", "7") else ReplacementCpr.DECENTRAL


def replacement_is_plausible(number: str) -> bool:
    """Whether the text has the form that the FHIR rules ask: ddMMyy, one of 0 1 5 6 7, two capitals, one digit."""
    match = _REPLACEMENT.fullmatch(number)
    if match is None:
        return False
    day, month = int(match[1]), int(match[2])
    try:
        date(2000, month, day)  # a leap year: which century is meant is not told
    except ValueError:
        return False
    return True


def gln_findings(gln: str, element: str) -> tuple[Finding, ...]:
    """What is wrong with a GLN at a place; nothing when it is right.

    Args:
        gln: the number as written.
        element: where it stands, for the location and the words.
    """
    if gln_is_valid(gln):
        return ()
    rule = errors.GLN_CHECK_DIGIT if _digits(gln, GLN_DIGITS) else errors.GLN_FORM
    return (rule.at(element, gln=gln, element=element),)


def sor_findings(sor: str, element: str) -> tuple[Finding, ...]:
    """What is wrong with a SOR code at a place; nothing when it is right."""
    return () if sor_is_valid(sor) else (errors.SOR_FORM.at(element, sor=sor, element=element),)
