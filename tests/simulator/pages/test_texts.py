from __future__ import annotations

import re
import string

import pytest

from simulator.web.pages.rendering import TEMPLATES
from simulator.web.pages.texts import TEXTS, preferred
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER
from tests.simulator.pages.visiting import visiting

FILES = sorted(TEMPLATES.glob("*.html"))
_MARKED = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<[^>]*>", re.DOTALL)
_SPOKEN = re.compile(r'(?:placeholder|aria-label|aria-valuetext|title|alt|aria-description)="([^"]*)"')
_KEYS = re.compile(r"""\bt\("([a-z-]+(?:\.[A-Za-z0-9_.-]+)+)"(?!\s*~)""")
WIRE = {"GLN"}
"""What is written the same in both languages and is no sentence."""


def _places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_every_text_is_there_in_both_languages(key: str) -> None:
    """A text has an English and a Danish form with the same places to fill in, and neither is empty."""
    english, danish = TEXTS[key]
    assert english.strip()
    assert danish.strip()
    assert _places(english) == _places(danish)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_template_holds_a_sentence(file: object) -> None:
    """Between the marks of a template there are no words: every text comes from the table."""
    text = file.read_text("utf-8")  # type: ignore[attr-defined]
    unmarked = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", text, flags=re.DOTALL)
    words = re.findall(r"[^\W\d_]{2,}", _MARKED.sub(" ", re.sub(r"<!doctype html>", "", text)))
    spoken = [word for value in _SPOKEN.findall(unmarked) for word in re.findall(r"[^\W\d_]{2,}", value)]
    assert set(words + spoken) <= WIRE


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_text_that_a_template_names_is_there(file: object) -> None:
    """A key in a template is a key of the table."""
    named = set(_KEYS.findall(file.read_text("utf-8")))  # type: ignore[attr-defined]
    assert named <= set(TEXTS)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("da", "da"),
        ("da-DK,da;q=0.9,en;q=0.8", "da"),
        ("en-GB,en;q=0.9,da;q=0.8", "en"),
        ("de,da;q=0.4,en;q=0.3", "da"),
        ("de", "en"),
        ("", "en"),
        ("da;q=0", "en"),
        ("da;q=x", "en"),
        ("*", "en"),
    ],
)
def test_the_browsers_language_is_followed(accepted: str, language: str) -> None:
    """The first of ours by the weights that a browser gives, and English where it asks for neither."""
    assert preferred(accepted) == language


@ON_ONE_BROKER
async def test_a_reader_may_choose_the_other_language(running: Running) -> None:
    """What was chosen stays, whatever the browser asks for; what is no language of ours changes nothing."""
    async with running() as network, visiting(network, "da") as visitor:
        assert '<html lang="da">' in await visitor.see("/clock")
        await visitor.send("/language", {"language": "en", "back": "/clock"})
        assert '<html lang="en">' in await visitor.see("/clock")
        await visitor.send("/language", {"language": "xx", "back": "/clock"})
        assert '<html lang="en">' in await visitor.see("/clock")
