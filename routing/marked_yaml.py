"""YAML as nodes that know their line: texts, lists and mappings, nothing else, and never more than the limits.

PyYAML's own composer is not used: it puts nesting on the machine's stack (deep input ends the process) and forgets
duplicate keys. Here events become nodes in a loop; nothing is constructed, no tag is followed, and an alias gives the
very node of its anchor, so that no bomb unfolds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from envelope.findings import Refused, Rule
from routing import errors

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_CHARACTERS = 8_000_000
MAX_DEPTH = 16
MAX_NODES = 1_000_000
MAX_ALIASES = 1_000

# Checked here, because PyYAML's two readers count the position differently.
_UNREADABLE = re.compile("[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


@dataclass(slots=True, eq=False)
class Text:
    """A scalar as it is written: 007 stays 007. `plain` says that no quotes stand around it."""

    text: str
    plain: bool
    line: int
    column: int

    @property
    def is_null(self) -> bool:
        """Whether it says that there is nothing."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(slots=True, eq=False)
class Items:
    """A list."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Pairs:
    """A mapping from texts; of a key that stands twice the first is kept."""

    line: int
    column: int
    pairs: dict[str, tuple[Text, Node]] = field(default_factory=dict)


Node = Text | Items | Pairs


def location(source: str, line: int, column: int) -> str:
    """A place in the file, as findings name it; lines and columns count from 1."""
    return f"{source}, line {line}, column {column}"


def compose(text: str, source: str) -> tuple[Node | None, list[tuple[Text, Text]]]:
    """The one document of a YAML text, None when it is empty, and the keys that stand twice with their first.

    Raises:
        Refused: when it is not YAML, has tags or a second document, or passes a limit; with line and column.
    """
    if len(text) > MAX_CHARACTERS:
        raise Refused(errors.NETWORK_TOO_LARGE.at(source, limit=MAX_CHARACTERS, what="characters"))
    stray = _UNREADABLE.search(text)
    if stray is not None:
        before = text[: stray.start()]
        place = location(source, before.count("\n") + 1, len(before) - before.rfind("\n"))
        reason = f"the character U+{ord(stray[0]):04X} is not allowed"
        raise Refused(errors.NETWORK_SYNTAX.at(place, reason=reason))
    composer = _Composer(source)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = location(source, mark.line + 1, mark.column + 1) if mark is not None else source
        reason = ", ".join(part for part in (error.context, error.problem) if part)
        raise Refused(errors.NETWORK_SYNTAX.at(place, reason=reason)) from error
    return composer.root, composer.repeated


class _Composer:
    """Builds nodes from events, with the open ones on a stack of its own."""

    def __init__(self, source: str) -> None:
        self.root: Node | None = None
        self.repeated: list[tuple[Text, Text]] = []
        self._source = source
        self._open: list[Items | Pairs] = []
        self._key: Text | None = None  # of the innermost open mapping: waits for its value
        self._anchors: dict[str, Node] = {}
        self._nodes = 0
        self._aliases = 0

    def take(self, event: Any) -> None:
        """Take the next event."""
        mark = event.start_mark
        if isinstance(event, yaml.ScalarEvent):
            self._add(event, Text(event.value, event.implicit[0], mark.line + 1, mark.column + 1))
        elif isinstance(event, yaml.CollectionStartEvent):
            kind = Items if isinstance(event, yaml.SequenceStartEvent) else Pairs
            node = kind(mark.line + 1, mark.column + 1)
            self._add(event, node)
            self._open.append(node)
            if len(self._open) > MAX_DEPTH:
                self._refuse(event, errors.NETWORK_TOO_LARGE, limit=MAX_DEPTH, what="levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._aliases += 1
            if self._aliases > MAX_ALIASES:
                self._refuse(event, errors.NETWORK_TOO_LARGE, limit=MAX_ALIASES, what="aliases")
            if event.anchor not in self._anchors:
                self._refuse(event, errors.NETWORK_SYNTAX, reason=f"no anchor {event.anchor} stands before this alias")
            named = self._anchors[event.anchor]
            if any(named is one for one in self._open):
                self._refuse(
                    event, errors.NETWORK_SYNTAX, reason=f"the alias {event.anchor} stands inside its own anchor"
                )
            self._put(event, named)
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            self._refuse(event, errors.NETWORK_SYNTAX, reason="a second document begins here")

    def _add(self, event: Any, node: Node) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._refuse(event, errors.NETWORK_TOO_LARGE, limit=MAX_NODES, what="values")
        if event.tag is not None:
            self._refuse(event, errors.NETWORK_SYNTAX, reason=f"the tag {event.tag}, and tags are not read")
        self._put(event, node)
        if event.anchor is not None:
            self._anchors[event.anchor] = node

    def _put(self, event: Any, node: Node) -> None:
        """Hang a node where the innermost open one waits for it."""
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Items):
            parent.items.append(node)
            return
        key = self._key
        if key is None:
            if not isinstance(node, Text):
                self._refuse(event, errors.NETWORK_SYNTAX, reason="a key must be a text")
            self._key = node
            return
        self._key = None
        if key.text in parent.pairs:
            self.repeated.append((key, parent.pairs[key.text][0]))
        else:
            parent.pairs[key.text] = (key, node)

    def _refuse(self, event: Any, rule: Rule, **words: object) -> NoReturn:
        mark = event.start_mark
        raise Refused(rule.at(location(self._source, mark.line + 1, mark.column + 1), **words))
