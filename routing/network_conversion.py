"""What a network file says of the conversion service: the stylesheets that it uses, and the day that it ends."""

from __future__ import annotations

from datetime import date
from typing import Final

from routing.directory import StylesheetFile
from routing.marked_yaml import Pairs, Text, location
from routing.network_values import Values

DIRECTIONS: Final = {
    "XDIS91-to-CareCommunication": "CareCommunication",
    "CareCommunication-to-XDIS91": "XDIS91",
    "XCTL-to-Acknowledgement": "Acknowledgement",
    "Acknowledgement-to-XCTL": "XCTL",
}
"""The directions as the file names them, and what each converts to."""


def read_conversion(values: Values, top: Pairs) -> tuple[tuple[StylesheetFile, ...], date | None]:
    """What `conversion.stylesheets` names, whose files are not looked at, and `conversion.until`."""
    conversion = _within(values, top, "conversion", "conversion", ("stylesheets", "until"))
    if conversion is None:
        return (), None
    until, _ = values.day(conversion, "conversion", "until")
    return _read_stylesheets(values, conversion), until


def _read_stylesheets(values: Values, conversion: Pairs) -> tuple[StylesheetFile, ...]:
    where = "conversion.stylesheets"
    listed = _within(values, conversion, where, "stylesheets", tuple(DIRECTIONS))
    if listed is None:
        return ()
    found = []
    for name, target in DIRECTIONS.items():
        node = values.text(listed, where, name, "the path of a stylesheet")
        if node is not None:
            found.append(StylesheetFile(target, node.text, location(values.source, node.line, node.column)))
    return tuple(found)


def _within(values: Values, pairs: Pairs, where: str, key: str, known: tuple[str, ...]) -> Pairs | None:
    _, node = pairs.pairs.get(key, (None, None))
    if node is None or (isinstance(node, Text) and node.is_null):
        return None
    return values.mapping(node, where, known)
