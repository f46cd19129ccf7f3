"""Values out of the nodes of network.yaml: each is read or becomes a finding, and reading goes on to the next."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from datetime import date

from envelope.findings import Finding, Rule
from routing import errors
from routing.marked_yaml import Items, Node, Pairs, Text, location

_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()-]{2,34}", re.ASCII)
_LIMIT = re.compile(r"0|[1-9][0-9]{0,6}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHOWN = 40  # a wrong value is quoted this far


class Values:
    """Reads typed values from one file's nodes and collects what is wrong with them, once for a node of many aliases.

    Attributes:
        source: the file's name, for the locations.
        waves: days by name, which stand where a day may; read before whatever names them.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.waves: dict[str, date] = {}
        self._found: dict[Finding, tuple[int, int]] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found, from the top of the file to its end."""
        return tuple(sorted(self._found, key=self._found.__getitem__))

    def find(self, node: Node, rule: Rule, **words: object) -> None:
        """A rule is broken at a node."""
        self._found[rule.at(location(self.source, node.line, node.column), **words)] = (node.line, node.column)

    def mapping(self, node: Node, where: str, known: Collection[str]) -> Pairs | None:
        """The node as a mapping, with every key that is not known found wrong."""
        if not isinstance(node, Pairs):
            self._wrong(node, where, "this", "a mapping (key: value)")
            return None
        for key, _ in node.pairs.values():
            if key.text not in known:
                hint = _hint(key.text, known) or f" (known are {', '.join(known)})"
                self.find(key, errors.KEY_UNKNOWN, where=where, key=key.text, hint=hint)
        return node

    def items(self, pairs: Pairs, where: str, key: str) -> list[Node]:
        """The items of a list; none when the key is absent or empty."""
        _, node = pairs.pairs.get(key, (None, None))
        if node is None or (isinstance(node, Text) and node.is_null):
            return []
        if not isinstance(node, Items):
            self._wrong(node, where, key, "a list")
            return []
        return node.items

    def text(
        self, pairs: Pairs, where: str, key: str, expected: str = "a text", form: re.Pattern[str] | None = None
    ) -> Text | None:
        """The scalar of a key that may be absent."""
        _, node = pairs.pairs.get(key, (None, None))
        if node is None:
            return None
        if not isinstance(node, Text) or node.is_null or not node.text.strip():
            self._wrong(node, where, key, expected)
            return None
        if form is not None and not form.fullmatch(node.text):
            self._wrong(node, where, key, expected)
            return None
        return node

    def required(self, pairs: Pairs, where: str, key: str) -> Text | None:
        """The scalar of a key that must be there."""
        if key not in pairs.pairs:
            self.find(pairs, errors.KEY_MISSING, where=where, key=key)
        return self.text(pairs, where, key)

    def telephone(self, pairs: Pairs, where: str, key: str) -> str | None:
        """A telephone number as it is written."""
        node = self.text(pairs, where, key, "a telephone number", _TELEPHONE)
        return None if node is None else node.text

    def flag(self, pairs: Pairs, where: str, key: str, *, default: bool) -> bool:
        """True or false, without quotes."""
        node = self.text(pairs, where, key, "true or false")
        if node is None:
            return default
        value = {"true": True, "false": False}.get(node.text.lower()) if node.plain else None
        if value is None:
            self._wrong(node, where, key, "true or false")
            return default
        return value

    def limit(self, pairs: Pairs, where: str, key: str, *, least: int, default: int) -> int:
        """A whole number that limits something: 0 for no limit, or at least so many."""
        expected = f"0 or a whole number from {least} on"
        node = self.text(pairs, where, key, expected, _LIMIT)
        if node is None:
            return default
        if 0 < int(node.text) < least:
            self._wrong(node, where, key, expected)
        return int(node.text)

    def day(self, pairs: Pairs, where: str, key: str) -> tuple[date | None, str | None]:
        """A calendar day, YYYY-MM-DD or that of a wave; gives the wave's name beside it."""
        waves = f", or a wave ({', '.join(self.waves)})" if self.waves else ""
        node = self.text(pairs, where, key, f"a date (YYYY-MM-DD){waves}")
        if node is None:
            return None, None
        if node.text in self.waves:
            return self.waves[node.text], node.text
        if not _DAY.fullmatch(node.text):
            self._wrong(node, where, key, f"a date (YYYY-MM-DD){waves}")
            return None, None
        return self._date(node, where, key), None

    def calendar_day(self, pairs: Pairs, where: str, key: str) -> date | None:
        """A calendar day, YYYY-MM-DD."""
        node = self.text(pairs, where, key, "a date (YYYY-MM-DD)", _DAY)
        return None if node is None else self._date(node, where, key)

    def _date(self, node: Text, where: str, key: str) -> date | None:
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            self._wrong(node, where, key, "a date that the calendar has")
            return None

    def choice(self, node: Text, where: str, key: str, known: Collection[str]) -> str | None:
        """One of the values that are known."""
        if node.text in known:
            return node.text
        self.find(
            node,
            errors.CHOICE_UNKNOWN,
            where=where,
            key=key,
            found=node.text[:_SHOWN],
            choices=", ".join(known),
            hint=_hint(node.text, known),
        )
        return None

    def _wrong(self, node: Node, where: str, key: str, expected: str) -> None:
        self.find(node, errors.VALUE_WRONG, where=where, key=key, expected=expected, found=_shown(node))


def _shown(node: Node) -> str:
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Pairs):
        return "a mapping"
    return "nothing" if not node.text.strip() or node.is_null else repr(node.text[:_SHOWN])


def _hint(found: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(found.lower(), known)
    return f" (did you mean {near[0]}?)" if near else ""
