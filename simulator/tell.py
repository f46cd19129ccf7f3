"""How the command line tells what happened: lists and trees for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text
from rich.tree import Tree

from conversion.times import DENMARK
from envelope.findings import Finding

_STATES = {"refused": "red", "dead": "red", "ignored": "yellow", "repeated": "yellow", "taken": "yellow"}
_FATES = {"defaulted": "yellow", "shortened": "yellow", "dropped": "red"}
_NEGATIVE = {"NegativeVans", "NegativeMessage", "XCTL01", "XCTL02"}
_RECEIPTS = _NEGATIVE | {"PositiveMessage", "XCTL03", "Acknowledgement"}
_SIGNS = {True: ("✓", "+", "green"), False: ("✗", "x", "red")}

Node = Mapping[str, Any]
"""One envelope of a story, as the API gives it."""


def as_json(document: object) -> None:
    """One JSON document on standard output."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def findings_list(findings: Sequence[Finding], console: Console) -> None:
    """Findings for people: rule, severity and place on one line, words and what to do below."""
    for finding in findings:
        style = "red" if finding.is_error else "yellow"
        head = Text.assemble((f"{finding.rule.id} {finding.rule.severity.value}", style))
        if finding.location:
            head.append(f"  {finding.location}", "dim")
        console.print(head, soft_wrap=True)
        console.print(Padding(Text(finding.text), (0, 0, 0, 4)))
        console.print(Padding(Text(finding.action, "dim"), (0, 0, 0, 4)))


@dataclass(frozen=True, slots=True)
class Told:
    """A finding on its way to the reader.

    Attributes:
        line: of the file, counted from 1, where it is known.
        shown: what stands in that line, without what may be a patient's.
    """

    finding: Finding
    line: int | None = None
    shown: str = ""


def findings_table(rows: Sequence[Told], console: Console) -> None:
    """Findings as a table: rule, line and words; below these the place, what stands there, what to do, the source."""
    if not rows:
        return
    table = Table("rule", Column("line", justify="right"), "what", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        finding = row.finding
        style = "red" if finding.is_error else "yellow"
        words = Text(finding.text)
        if finding.value is not None and finding.value not in finding.text:
            words.append(f" ({finding.value})")
        below = [
            ("at ", finding.location),
            ("", row.shown),
            ("do: ", finding.action),
            ("source: ", finding.rule.source if finding.rule.source != "vansim" else ""),
        ]
        for before, text in below:
            if text:
                words.append(f"\n{before}{text}", "cyan" if text is row.shown else "dim")
        head = Text.assemble((f"{finding.rule.id}\n{finding.rule.severity.value}", style))
        table.add_row(head, "" if row.line is None else str(row.line), words)
    console.print(table)


def record(carried: Sequence[Mapping[str, str]], console: Console) -> None:
    """A conversion record as a table, with a count of each word below it."""
    table = Table("what", "row", "source", "target", box=None, pad_edge=False)
    for one in carried:
        style = _FATES.get(one["what"], "")
        cells = (Text(one[key], overflow="fold") for key in ("rule", "source", "target"))
        table.add_row(Text(one["what"], style), *cells)
    console.print(table)
    counts = Counter(one["what"] for one in carried)
    console.print(", ".join(f"{counts[what]} {what}" for what in ("kept", "defaulted", "shortened", "dropped")))


def story(roots: Sequence[Node], names: Mapping[str, str], console: Console) -> None:
    """A timeline as a tree: each envelope with its steps, and below it what was made of it or answers it.

    Times are Danish; the date stands where it begins and where it changes.
    """
    for root in roots:
        _Story(root, names, console).tell()


class _Story:
    """One story in the telling."""

    def __init__(self, root: Node, names: Mapping[str, str], console: Console) -> None:
        self._root = root
        self._names = names
        self._console = console
        self._plain = not console.encoding.startswith("utf")
        self._date = ""

    def tell(self) -> None:
        """Print it."""
        if self._root["relation"] is None:
            self._console.print(self._receipts())
        tree = Tree(self._heading(self._root))
        self._grow(tree, self._root)
        self._console.print(tree)

    def _receipts(self) -> Text:
        """What came back to the sender, at a glance."""
        line = Text()
        sender = self._root["sender"]
        for node in walk(self._root):
            steps = {step["what"] for step in node["steps"]}
            if node is self._root or kind(node) not in _RECEIPTS or node["receiver"] != sender or "sent" not in steps:
                continue
            line.append("  " if line else "")
            line.append_text(self._sign(node))
            line.append(f"{kind(node)}{'' if 'taken' in steps else ' (waits in the inbox)'}")
        before = f"Receipts to {self._party(sender)}: "
        return Text.assemble((before, "bold"), line or ("none yet", "yellow"))

    def _grow(self, tree: Tree, node: Node, above: str | None = None) -> None:
        """Add steps and children; a rule is told once, not again where the same one goes on."""
        for step in _telling(node):
            tree.add(self._step(step, step["rule"] if step["rule"] != above else None))
            above = step["rule"] or above
        told = " ".join(f"{step['rule']} {step['text']}" for step in node["steps"])
        for finding in node["findings"]:
            if finding["rule"] not in told:
                style = "red" if finding["severity"] == "error" else "yellow"
                tree.add(Text.assemble((f"{finding['rule']} {finding['severity']}: ", style), finding["text"]))
        for child in node["children"]:
            self._grow(tree.add(self._heading(child)), child, above if child["way"] == "made" else None)

    def _heading(self, node: Node) -> Text:
        line = self._sign(node) if kind(node) in _RECEIPTS else Text()
        version = node["version"] if node["layer"] == "message" else None
        line.append(f"{kind(node)}{f' {version}' if version else ''}", "bold")
        line.append(f"  {self._party(node['sender'])} -> {self._party(node['receiver'])}  ")
        line.append(node["state"], _STATES.get(node["state"], "green"))
        # A line an identifier: they are what is looked for, and copied.
        line.append(f"\nenvelope {node['envelope_id']}", "dim")
        if node["letter_id"]:
            line.append(f"\nletter   {node['letter_id']}", "dim")
        return line

    def _step(self, step: Mapping[str, Any], rule: str | None) -> Table:
        moment = datetime.fromisoformat(step["at"]).astimezone(DENMARK)
        date = f"{moment:%Y-%m-%d}"
        words = Text(step["text"], "red" if step["what"] == "dead" else "")
        if rule and rule not in step["text"]:
            words.append(f" [{rule}]", "dim")
        # Words stand beside the time however often they wrap.
        table = Table.grid(padding=(0, 1))
        table.add_row(Text(f"{moment:%H:%M:%S}" if date == self._date else f"{date} {moment:%H:%M:%S}", "cyan"), words)
        self._date = date
        return table

    def _sign(self, node: Node) -> Text:
        sign, plain, style = _SIGNS[is_positive(node)]
        return Text(f"{plain if self._plain else sign} ", style)

    def _party(self, gln: str) -> str:
        return self._names.get(gln, gln)


def _telling(node: Node) -> list[Mapping[str, Any]]:
    """The steps that say more than the tree's own shape: not the order to convert once it is carried out."""
    whats = {step["what"] for step in node["steps"]}
    idle = {"ordered"} if "converted" in whats else set()
    if node["relation"] == "converted":
        idle.add("made")
    return [step for step in node["steps"] if step["what"] not in idle]


def kind(node: Node) -> str:
    """What an envelope carries: a type of letter, or which envelope receipt."""
    what = node["type"] if node["layer"] == "message" else node["name"]
    return str(what or node["name"] or "?")


def is_positive(node: Node) -> bool:
    """Whether a receipt says that all is well; an Acknowledgement's envelope says so in its name's postfix."""
    postfix = str(node["name"] or "").partition("#")[2]
    return kind(node) not in _NEGATIVE and postfix in {"", "ok"}


def walk(node: Node) -> Iterable[Node]:
    """A node and all below it."""
    yield node
    for child in node["children"]:
        yield from walk(child)
