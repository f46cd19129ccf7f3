"""What messages claim, and what they give up again."""

from __future__ import annotations

from routing.ledger import claims
from routing.ledger.ledger import Ledger
from routing.ledger.schema import CLAIMS, MESSAGES
from tests.routing.ledger.rows import OTHER, SENDER, put


def test_a_message_claims_what_it_has_a_name_for() -> None:
    """Its identifier and its letter's, of its sender alone; neither kind is mistaken for the other."""
    both = claims.names(SENDER, "M1", "L1")
    assert len({*both, *claims.names(SENDER, "L1", "M1"), *claims.names(OTHER, "M1", "L1")}) == 6
    assert claims.names(SENDER, "M1", None) == both[:1]
    assert claims.names(SENDER, None, "L1") == both[1:]
    assert claims.names(SENDER, "", "") == []


async def test_what_a_message_has_claimed_is_found_to_be_given_up(ledger: Ledger) -> None:
    """The rows of its own names, and nobody else's; nothing when it has no names."""
    one = await put(ledger, MESSAGES, message_id="M1", letter_id="L1")
    two = await put(ledger, MESSAGES, message_id="M2")
    nameless = await put(ledger, MESSAGES)
    names = [*claims.names(SENDER, "M1", "L1"), *claims.names(SENDER, "M2", None)]
    keys = [await put(ledger, CLAIMS, name=name) for name in names]
    await put(ledger, CLAIMS, name=claims.names(OTHER, "M1", None)[0])
    await put(ledger, CLAIMS, name=claims.names(SENDER, "M3", None)[0])
    given_up = await claims.given_up(ledger, [one, two, nameless])
    assert sorted(key for _, key in given_up) == keys
    assert {table for table, _ in given_up} == {CLAIMS}
    assert await claims.given_up(ledger, [nameless]) == []
