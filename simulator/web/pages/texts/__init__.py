"""Every text of the pages in both languages, by key; a template holds none of its own.

What the network says in events, findings and rules is English everywhere, as in the API and the log; pages mark it so.
"""

from __future__ import annotations

from typing import Literal

from simulator.web.pages.texts import clock, compose, dead_letters, frame, message, messages, participants

Language = Literal["en", "da"]

LANGUAGES: tuple[Language, ...] = ("en", "da")

TEXTS: dict[str, tuple[str, str]] = {
    **frame.TEXTS,
    **clock.TEXTS,
    **compose.TEXTS,
    **dead_letters.TEXTS,
    **message.TEXTS,
    **messages.TEXTS,
    **participants.TEXTS,
}
"""Key to English and Danish. What stands in braces is filled in."""


class Words:
    """The texts of one language.

    Args:
        language: which.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self._number = LANGUAGES.index(language)

    def __call__(self, key: str, **values: object) -> str:
        """The text under a key, its places filled in."""
        text = TEXTS[key][self._number]
        return text.format(**values) if values else text

    def __contains__(self, key: str) -> bool:
        return key in TEXTS


def preferred(accepted: str) -> Language:
    """The language that a browser asks for (RFC 9110, 12.5.4): the first of ours by its weights, else English."""
    ranked: list[tuple[float, int, Language]] = []
    for place, item in enumerate(accepted.split(",")):
        tag, _, rest = item.partition(";")
        name = tag.strip().lower().split("-")[0]
        ranked.extend((-_weight(rest), place, language) for language in LANGUAGES if language == name)
    return min(ranked)[2] if ranked and min(ranked)[0] < 0 else "en"


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
