from __future__ import annotations

import re

from envelope import errors
from envelope.fhir.errors import BUNDLE_RULES
from envelope.findings import Fault, Rule
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


def test_what_to_do_about_a_finding_names_its_values() -> None:
    """The places of a rule's action are filled in as those of its text are, wherever the finding is shown."""
    rule = Rule("VS-999", Fault.SENDER, "It is {found}.", "Use {allowed}.", "vansim")
    finding = rule.at("here", found="b", allowed="a")
    assert (finding.text, finding.action, finding.as_dict()["action"]) == ("It is b.", "Use a.", "Use a.")
