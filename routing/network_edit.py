"""Changes to a network file's text: one participant put in, changed or taken out; all else stays as it was written.

Comments, order and spelling are the writer's: only the lines of the one entry are replaced, by the entry as JSON, which
is YAML too. Whether the outcome is a good directory is for who reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

_Nodes = list[yaml.nodes.Node]


def with_participant(text: str, gln: str, entry: Mapping[str, Any]) -> str:
    """The file with this entry in the place of the participant's, or behind all others.

    Args:
        text: a network file that can be read.
        gln: whose entry it is.
        entry: keys and values as they stand in such a file.
    """
    written = json.dumps(entry, ensure_ascii=False)
    listed = _participants(text)
    for node in listed.value:
        if _gln(node) == gln:
            return text[: node.start_mark.index] + written + text[_end(node) :]
    if listed.flow_style or not listed.value:
        whole = [text[node.start_mark.index : _end(node)] for node in listed.value]
        return text[: listed.start_mark.index] + "[" + ", ".join([*whole, written]) + "]" + text[_end(listed) :]
    last = listed.value[-1]
    indent = " " * listed.start_mark.column
    return f"{text[: _end(last)]}\n{indent}- {written}{text[_end(last) :]}"


def without_participant(text: str, gln: str) -> str:
    """The file without the participant's entry; the same text when it has none."""
    listed = _participants(text)
    left: _Nodes = [node for node in listed.value if _gln(node) != gln]
    if len(left) == len(listed.value):
        return text
    if listed.flow_style or not left:
        whole = [text[node.start_mark.index : _end(node)] for node in left]
        return text[: listed.start_mark.index] + "[" + ", ".join(whole) + "]" + text[_end(listed) :]
    [node] = [node for node in listed.value if _gln(node) == gln]
    start = text.rindex("-", 0, node.start_mark.index)
    start = text.rfind("\n", 0, start) + 1
    end = text.find("\n", _end(node)) + 1 or len(text)
    return text[:start] + text[end:]


def _participants(text: str) -> yaml.nodes.SequenceNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if isinstance(root, yaml.nodes.MappingNode):
        for key, value in root.value:
            if key.value == "participants" and isinstance(value, yaml.nodes.SequenceNode):
                return value
    raise ValueError("a network file that can be read has a list of participants")


def _gln(node: yaml.nodes.Node) -> str | None:
    if not isinstance(node, yaml.nodes.MappingNode):
        return None
    return next((str(value.value) for key, value in node.value if key.value == "gln"), None)


def _end(node: yaml.nodes.Node) -> int:
    """Where a node's last character is: a block's own mark stands behind the comments that follow it."""
    if isinstance(node, yaml.nodes.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)
