"""MedCom's own mapping tables beside ours: every element of OIOXML that they name has a row here.

The tables of the other direction, CareCommunication to XDIS91 and XBIN01, are compared name by name in
`test_to_xdis91_samples.py`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from conversion.rows import ROWS

_SPELLED: Final = (
    (r"\s", ""),
    (r"^EMessage\.|^Emessage\.", ""),
    (r"Clinicalemail", "ClinicalEmail"),
    (r"\.receiver\b", ".Receiver"),
    (r"\.sender\b", ".Sender"),
    (r"Organization(?![a-z]*Code)", "Organisation"),
    (r"PersonSurName\b", "PersonSurnameName"),
    (r"Negativ(?:e?)VANSReceiptt?", "NegativeVansReceipt"),
    (r"NegativReceipt?\b", "NegativeReceipt"),
    (r"PositivReceipt", "PositiveReceipt"),
    (r"OriginalLetterVersionCode", "OriginalVersionCode"),
    (r"OriginalObejctSize", "OriginalObjectSize"),
)
"""How the tables spell, and how the schemas do."""

_NOT_MADE: Final[Mapping[str, Mapping[str, str]]] = {
    "XC": {},
    "RA": {},
    "AR": {
        "NegativeVansReceipt": "AR-vans-refuse",
        "NegativeReceipt.OriginalEmessage.OriginalLetter.RefuseCode": "AR-refuse-letter-code",
        "NegativeReceipt.OriginalEmessage.OriginalLetter.RefuseText": "AR-refuse-letter-text",
    },
}
"""Elements that no letter made here has, and the row that says so."""

_KINDS: Final = ("NegativeReceipt", "PositiveReceipt")


def _paths(written: str) -> Iterator[str]:
    """`NegativReceipt/PositivReceipt.Letter.Identifier` is a path of each."""
    for form, spelled in _SPELLED:
        written = re.sub(form, spelled, written)
    first, dot, below = written.partition(".")
    for each in first.split("/"):
        if each not in {"", "-"}:
            yield f"{each}{dot}{below}"


def _table(reference: Path, name: str, *columns: str) -> set[str]:
    with (reference / "reference" / "mapping" / f"{name}.tsv").open(encoding="utf-8", newline="") as lines:
        return {path for row in csv.DictReader(lines, delimiter="\t") for each in columns for path in _paths(row[each])}


def _ours(prefix: str, side: str) -> set[str]:
    """The places of a direction's rows, as the tables write them; a receipt is one of either kind."""
    places: set[str] = set()
    for row in ROWS:
        words = (row.source if side == "source" else row.target).partition(" of ")[0]
        place = ""
        for each in re.split("[,;] | and ", words) if row.id.startswith(prefix) else ():
            place = each if "/" in each or not place else f"{place.rpartition('/')[0]}/{each}"
            start, slash, below = place.partition("/")
            kinds = _KINDS if start in {"Receipt", "OriginalEmessage"} else (start,)
            rest = f"OriginalEmessage/{below}" if start == "OriginalEmessage" else below
            places.update(f"{kind}{slash}{rest}".replace("/", ".") for kind in kinds)
    return places


def _has(places: set[str], path: str) -> bool:
    """Whether a row speaks of the path, of an element that it lies in, or of its end wherever that stands."""
    return any(
        path == place
        or path.startswith(f"{place}.")
        or ("....." in place and path.startswith(place.split(".....")[0]) and path.endswith(place.split(".....")[1]))
        for place in places
    )


@pytest.mark.parametrize(
    ("prefix", "side", "table", "columns"),
    [
        ("XC", "source", "xdis91_to_carecommunication", ("XDIS91 element",)),
        ("XC", "source", "xdis91_xbin01_to_carecommunication", ("XDIS91 element", "XBIN01 element")),
        ("RA", "source", "xctl_to_acknowledgement", ("XCTL element",)),
        ("AR", "target", "acknowledgement_to_xctl", ("XCTL element",)),
    ],
)
def test_every_element_of_medcoms_table_has_a_row(
    reference: Path, prefix: str, side: str, table: str, columns: tuple[str, ...]
) -> None:
    """No element that the table names is without a row, but for those that a row says are never made."""
    named = _table(reference, table, *columns)
    assert len(named) > 15
    ours = _ours(prefix, side)
    never = _NOT_MADE[prefix]
    assert set(never.values()) <= {row.id for row in ROWS if not row.carried}
    assert sorted(path for path in named if not _has(ours, path) and not _has(set(never), path)) == []
    assert [path for path in never if not any(_has({path}, each) for each in named)] == []


_OF_A_BUNDLE: Final[Mapping[str, str]] = {
    "Bundle type": "bundle-type",
    "Destination use": "destination-use",
    "Destination endpoint": "destination-endpoint",
    "Sender endpoint": "source-endpoint",
}
_OF_A_RECEIPT: Final[Mapping[str, str]] = {
    **_OF_A_BUNDLE,
    "SOR id for sender": "sender-sor",
    "SOR id for receiver": "receiver-sor",
    "Name Sender": "sender-name",
    "Name receiver": "receiver-name",
    "Original SOR id for sender": "original-sender-sor",
    "Original SOR id for receiver": "original-receiver-sor",
    "Original Name Sender": "original-sender-name",
    "Original Name receiver": "original-receiver-name",
    "Details about severity": "severity",
    "Activity code": "provenance-activity",
    "Type of response": "provenance-role",
}
_WITHOUT_OIOXML: Final[Mapping[str, Mapping[str, str]]] = {
    "XC": {
        **_OF_A_BUNDLE,
        "Message definition": "definition",
        "Sender SOR": "sender-sor",
        "Receiver SOR": "receiver-sor",
        "Communication identifier": "communication-id",
        "Communication status": "communication-status",
        "Category": "category",
        "Payload.string Provenance reference": "provenance-payload",
        "Author role": "author-role",
        "Author name": "author-name",
        "attachment content": "attachment-content",
        "attachment date": "attachment-date",
        "URL id": "url-id",
        "URL date": "url-date",
        "Message sent dateTime": "occurred",
    },
    "RA": {**_OF_A_RECEIPT, "Additional refuse code": "details-code", "Message sent dateTime": "provenance-occurred"},
    "AR": {**_OF_A_RECEIPT, "Additional refuse code": "details-code", "Message sent dateTime": "provenance-times"},
}
"""What the tables name that OIOXML has no element for, and the row that says what becomes of it, without its prefix."""

_NOTHING: Final = frozenset(
    {
        *("KodeOrg", '"Brevtype" that includes the attachement', "Attachment number", "URL code"),
        *("Number of segments in letter", "Number of letters"),
    }
)
"""Names that have an element on neither side."""


@pytest.mark.parametrize(
    ("prefix", "table", "column"),
    [
        ("XC", "xdis91_to_carecommunication", "XDIS91 element"),
        ("RA", "xctl_to_acknowledgement", "XCTL element"),
        ("AR", "acknowledgement_to_xctl", "XCTL element"),
    ],
)
def test_every_name_without_an_element_has_a_row(reference: Path, prefix: str, table: str, column: str) -> None:
    """Each is a row here too: looked up, made up, or dropped."""
    with (reference / "reference" / "mapping" / f"{table}.tsv").open(encoding="utf-8", newline="") as lines:
        named = {row["Name"] for row in csv.DictReader(lines, delimiter="\t") if row[column].strip() in {"", "-"}}
    rows = _WITHOUT_OIOXML[prefix]
    assert {name for name in named if name not in rows} <= _NOTHING
    assert {name for name in rows if name not in named} == set()
    assert {f"{prefix}-{row}" for row in rows.values()} - {row.id for row in ROWS} == set()
