"""What the tests of CareCommunication to XDIS91 share: a message converted, and what to look at in its letter."""

from __future__ import annotations

import pytest
from lxml import etree

from conversion import Converted, Facts, convert
from envelope.findings import Refused
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.reading import read_letter
from tests.conversion.messages import (
    Message,
)
from tests.conversion.rows.case import FACTS, LETTERS

BODY = "ClinicalEmail"


def made(message: Message | bytes, facts: Facts = FACTS) -> etree._Element:
    """The letter of a message."""
    return read_letter(converted(message, facts).outputs[0].payload).root


def converted(message: Message | bytes, facts: Facts = FACTS) -> Converted:
    """A message converted, with everything checked that can be."""
    source = message.xml() if isinstance(message, Message) else message
    return convert([source], facts, "XDIS91")


def at(letter: etree._Element, path: str) -> list[str]:
    """The texts at a path of local names."""
    namespace = etree.QName(letter).namespace
    return [one.text or "" for one in letter.iterfind("/".join(f"{{{namespace}}}{step}" for step in path.split("/")))]


def text(letter: etree._Element) -> str:
    """The text of a letter, with newlines."""
    return plain_text(next(letter.iter("{*}Text01")))


def refusal(message: Message | bytes, *, profile: bool = False) -> list[str]:
    """The ids of the rules that a message is refused by."""
    source = message.xml() if isinstance(message, Message) else message
    with pytest.raises(Refused) as refused:
        convert([source], FACTS, "XDIS91", profile=profile)
    return [finding.rule.id for finding in refused.value.findings]


def reply(*replacing: tuple[str, str]) -> etree._Element:
    """The letter of the reply with some of its text replaced."""
    source = (LETTERS / "carecommunication-reply.xml").read_text(encoding="utf-8")
    for old, new in replacing:
        assert old in source
        source = source.replace(old, new)
    return read_letter(convert([source.encode()], FACTS, "XDIS91", profile=False).outputs[0].payload).root
