"""How the command line tells what happened: tables and trees for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from envelope.findings import Finding

STATE_STYLES = {"refused": "red", "dead": "red", "ignored": "yellow", "repeated": "yellow"}


def as_json(document: object) -> None:
    """One JSON document on standard output."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def findings_table(findings: Sequence[Finding], console: Console) -> None:
    """Findings as a table: rule, severity, place, words and what to do."""
    table = Table(box=None, pad_edge=False)
    for heading in ("rule", "severity", "place", "what", "what to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        style = "red" if finding.is_error else "yellow"
        table.add_row(
            f"[{style}]{finding.rule.id}[/]",
            finding.rule.severity.value,
            escape(finding.location),
            escape(finding.text),
            escape(finding.rule.action),
        )
    console.print(table)


def story(roots: Sequence[dict[str, Any]], names: dict[str, str], console: Console) -> None:
    """A timeline as a tree: each envelope with its steps, and below it what was made of it or answers it."""
    for root in roots:
        tree = Tree(_line(root, names))
        _grow(tree, root, names)
        console.print(tree)


def _grow(tree: Tree, node: dict[str, Any], names: dict[str, str]) -> None:
    for step in node["steps"]:
        rule = f" [dim]{escape(step['rule'])}[/]" if step["rule"] else ""
        tree.add(f"[dim]{step['at'][11:23]} {step['place']}[/] {escape(step['text'])}{rule}")
    for child in node["children"]:
        _grow(tree.add(_line(child, names)), child, names)


def _line(node: dict[str, Any], names: dict[str, str]) -> str:
    what = node["type"] if node["layer"] == "message" else node["name"]
    version = f" {node['version']}" if node["version"] and node["layer"] == "message" else ""
    style = STATE_STYLES.get(node["state"], "green")
    letter = f" letter {escape(node['letter_id'])}" if node["letter_id"] else ""
    return (
        f"[bold]{escape(what or '?')}{escape(version)}[/] "
        f"{_party(node['sender'], names)} -> {_party(node['receiver'], names)} "
        f"[{style}]{node['state']}[/][dim]{letter} envelope {escape(node['envelope_id'])}[/]"
    )


def _party(gln: str, names: dict[str, str]) -> str:
    return escape(names.get(gln, gln))
