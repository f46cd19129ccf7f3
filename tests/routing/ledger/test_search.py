from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from routing.ledger.ledger import Ledger
from routing.ledger.records import micros
from routing.ledger.schema import MESSAGES
from routing.ledger.search import Wanted, letters, of_keys
from tests.routing.ledger.rows import OTHER, RECEIVER, SENDER, put

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


async def _letters(ledger: Ledger) -> dict[str, int]:
    """A converted letter that was answered, a refused one, one passed on, a duplicate, and receipts that are none."""
    keys: dict[str, int] = {}

    async def one(called: str, minutes: int, **values: object) -> int:
        at = micros(NOON + timedelta(minutes=minutes))
        keys[called] = await put(ledger, MESSAGES, accepted_at=at, envelope_id=f"id-{called}", **values)
        return keys[called]

    first = await one("converted", 0, type="XDIS91", state="converted", rule="D-convert", reason="It takes FHIR.")
    story = {"thread": first, "parent": first, "way": "made", "relation": "converted"}
    made = await one("made", 0, type="CareCommunication", state="made", letter_id="bundle-1", **story)
    answers = {"thread": first, "parent": made}
    await one("tick", 1, layer="receipt", name="PositiveMessage", relation="answers-envelope", **answers)
    await one("ack", 1, type="Acknowledgement", name="MCM:FCTL#ok", relation="answers-letter", **answers)
    back = {"thread": first, "parent": keys["ack"], "way": "made", "relation": "converted"}
    await one("back", 1, type="XCTL03", name="MCM:XCTL03", **back)
    second = await one("refused", 2, type="XDIS91", state="refused", rule="D-refuse", reason="VS-401: 100%_ wrong")
    told = {"thread": second, "parent": second, "way": "made", "relation": "refusal"}
    await one("xctl", 2, type="XCTL01", name="MCM:XCTL01", **told)
    await one("vans", 2, layer="receipt", name="NegativeVans", **told)
    await one("passed", 3, type=None, name="MCM:XREF99", state="delivered", sender=RECEIVER, receiver=OTHER)
    await one("receipt", 4, type="XCTL03", state="delivered")
    return keys


async def test_letters_come_the_latest_first_page_by_page(ledger: Ledger) -> None:
    """What participants sent and what is no receipt, in pages that neither repeat nor leave out."""
    keys = await _letters(ledger)
    whole = await letters(ledger, Wanted(), most=10)
    assert [one.key for one in whole] == [keys["passed"], keys["refused"], keys["converted"]]
    first = await letters(ledger, Wanted(), most=2)
    second = await letters(ledger, Wanted(), most=2, below=first[-1].key)
    assert first + second == whole
    assert await of_keys(ledger, [keys["refused"], keys["receipt"]]) == [whole[1]]


async def test_a_letter_tells_both_sides_and_what_answered_it(ledger: Ledger) -> None:
    """What it was converted to, and of its answers the letter's receipt, as its sender got it."""
    await _letters(ledger)
    passed, refused, converted = await letters(ledger, Wanted(), most=10)
    assert (converted.type, converted.made) == ("XDIS91", ("CareCommunication",))
    assert (converted.receipt, converted.positive) == ("XCTL03", True)
    assert (refused.receipt, refused.positive) == ("XCTL01", False)
    assert (passed.type, passed.made, passed.receipt) == ("XREF99", (), None)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(sender=SENDER), ["refused", "converted"]),
        (Wanted(sender=RECEIVER[:11]), ["passed"]),
        (Wanted(receiver=OTHER), ["passed"]),
        (Wanted(receiver="579%"), []),
        (Wanted(type="xdis91"), ["refused", "converted"]),
        (Wanted(type="carecommunication"), ["converted"]),
        (Wanted(state="refused"), ["refused"]),
        (Wanted(rule="d-convert"), ["converted"]),
        (Wanted(receipt="positive"), ["converted"]),
        (Wanted(receipt="negative"), ["refused"]),
        (Wanted(receipt="none"), ["passed"]),
        (Wanted(after=NOON + timedelta(minutes=2)), ["passed", "refused"]),
        (Wanted(before=NOON + timedelta(minutes=2)), ["converted"]),
        (Wanted(words=("id-conv",)), ["converted"]),
        (Wanted(words=("bundle-1",)), ["converted"]),
        (Wanted(words=("fhir",)), ["converted"]),
        (Wanted(words=("100%_",)), ["refused"]),
        (Wanted(words=("100__",)), []),
        (Wanted(words=("xdis91", "wrong")), ["refused"]),
        (Wanted(words=("odense",), parties=((OTHER,),)), ["passed"]),
        (Wanted(words=("odense",), parties=((),)), []),
    ],
    ids=repr,
)
async def test_a_search_finds_what_it_asks_for(wanted: Wanted, found: list[str], ledger: Ledger) -> None:
    """Each term holds what it says, and together they hold all; no sign of a search is a pattern."""
    keys = await _letters(ledger)
    names = {key: name for name, key in keys.items()}
    assert [names[one.key] for one in await letters(ledger, wanted, most=10)] == found


@pytest.mark.parametrize(
    "wanted",
    [
        *(Wanted(words=(word,)) for word in ("i%-refused", "id_refused", "L_1", "579%", "XDIS_1", "D_refuse", "wr_ng")),
        Wanted(sender="579%"),
        Wanted(receiver="_7900"),
    ],
)
async def test_signs_of_the_database_are_signs_like_others(ledger: Ledger, wanted: Wanted) -> None:
    """Per cent and underscore stand for themselves wherever a word is looked for."""
    await _letters(ledger)
    assert await letters(ledger, wanted, most=9) == []
