from __future__ import annotations

import re

from envelope import errors
from envelope.fhir.errors import BUNDLE_RULES
from envelope.oioxml.errors import LETTER_RULES

RULES = (*errors.RULES, *LETTER_RULES, *BUNDLE_RULES)


def test_every_rule_has_an_id_of_its_own() -> None:
    """Ids are permanent names: none stands twice, and each belongs to a layer of this folder."""
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"VS-[123]\d\d", one) for one in ids)


def test_every_rule_says_what_to_do() -> None:
    """A rule is a sentence, an advice and a source."""
    for rule in RULES:
        assert rule.text.endswith((".", "}")), rule.id  # a reason brings its own full stop
        assert rule.action.endswith("."), rule.id
        assert rule.source, rule.id
