"""JSON text to values and no further: numbers stay as written, and what JSON leaves open is refused with its place.

FHIR demands that `1.50` comes back as `1.50` and forbids duplicate names, NaN and Infinity (FHIR R4, JSON). Python's
own parser does the work; only when it meets something to refuse is the text read a second time, for line and column.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from envelope.fhir import errors
from envelope.findings import Finding, Refused

DEPTH: Final = 128
NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
NUMBER_LENGTH: Final = 64

_TOKEN: Final = re.compile(
    r'"(?P<name>(?:[^"\\]|\\.)*+)"(?P<colon>\s*+:)?'
    r"|(?P<opens>[\[{])|(?P<closes>[\]}])|(?P<number>NaN|-?Infinity|-?[0-9][0-9.eE+-]*+)",
    re.DOTALL,
)


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


class _Odd(Exception):  # noqa: N818 (a signal inside this module)
    """Something that the second reading will name."""


def parse(data: bytes) -> Any:
    """The value of a JSON text: objects as dict, numbers as `Number`.

    Raises:
        Refused: VS-300 to VS-304, with line and column.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(errors.JSON_ENCODING.at(f"byte {error.start}", byte=error.start)) from None
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_int=_number, parse_float=_number, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Refused(errors.JSON_SYNTAX.at(place, reason=error.msg)) from None
    except (_Odd, RecursionError):
        pass
    raise Refused(_blame(text))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Odd
    return found


def _number(written: str) -> Number:
    if len(written) > NUMBER_LENGTH:
        raise _Odd
    return Number(written)


def _constant(_: str) -> NoReturn:
    raise _Odd


def _blame(text: str) -> Finding:
    """The first thing in the text that made the fast reading stop."""
    open_names: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        name, colon, opens, closes, number = token.groups()
        if opens:
            open_names.append(set())
            if len(open_names) > DEPTH:
                return errors.JSON_DEPTH.at(_place(text, token.start()), limit=DEPTH)
        elif closes:
            open_names[-1:] = []
        elif number:
            if len(number) > NUMBER_LENGTH or not NUMBER.fullmatch(number):
                return errors.NUMBER.at(_place(text, token.start()), value=_shortened(number))
        elif colon and open_names:
            # JSON escapes in names are legal: "\u0069d" is "id".
            known = json.loads(f'"{name}"', strict=False)
            if known in open_names[-1]:
                return errors.JSON_DUPLICATE.at(_place(text, token.start()), name=_shortened(known))
            open_names[-1].add(known)
    return errors.JSON_DEPTH.at("", limit=DEPTH)


def _place(text: str, offset: int) -> str:
    column = offset - text.rfind("\n", 0, offset)
    return f"line {text.count(chr(10), 0, offset) + 1}, column {column}"


def _shortened(written: str, limit: int = 40) -> str:
    return written if len(written) <= limit else f"{written[:limit]}..."
