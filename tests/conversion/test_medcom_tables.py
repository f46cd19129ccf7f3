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
