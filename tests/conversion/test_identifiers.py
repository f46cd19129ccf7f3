from __future__ import annotations

import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from conversion.identifiers import Identifiers

seeds = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(seeds, st.text())
def test_identifiers_have_the_form_that_their_standard_asks_for(seed: str, name: str) -> None:
    """UUIDs are of version 4 in lower case, serials hold 14 capitals and digits."""
    identifiers = Identifiers(seed)
    uuid = identifiers.uuid(name)
    assert UUID(uuid).version == 4
    assert uuid == str(UUID(uuid))
    assert re.fullmatch("[0-9A-Z]{14}", identifiers.serial(name))


@given(seeds)
def test_the_same_seed_gives_the_same_identifiers(seed: str) -> None:
    """What is made again has the same identifiers, and what has another name has others."""
    first, second = Identifiers(seed), Identifiers(seed)
    assert first.uuid("bundle") == second.uuid("bundle")
    assert first.serial("letter") == second.serial("letter")
    assert first.uuid("bundle") != first.uuid("header")
    assert first.serial("letter") != first.serial("envelope")


def test_identifiers_never_change_between_versions() -> None:
    """A message accepted by an earlier release gets the identifiers that it had there."""
    identifiers = Identifiers("0123456789abcdef0123456789abcdef")
    assert identifiers.uuid("bundle") == "5ee1b939-14d6-4a4a-9f81-cfdec2a66d8a"
    assert identifiers.serial("letter") == "ML5HAHDD10WYZY"
