"""Which Python function carries which row, and how a row is taken out to prove that it is missed.

A row is carried by an instruction of a stylesheet that bears its id (`conversion.stylesheet`) or by a function under
`@carries`. Inside `taken_out(row)` that instruction or function is as good as not there; only the tests go there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from lxml import etree

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(slots=True)
class Notes:
    """What is noted of a conversion while it runs, where a record is asked for.

    Attributes:
        called: the rows of the functions that were called and did something.
        written: each row with an element that its instruction wrote.
        made: the documents that stylesheets made, in order.
        unmarked: another's stylesheet was run, which marks nothing.
    """

    called: dict[str, None] = field(default_factory=dict)
    written: list[tuple[str, etree._Element]] = field(default_factory=list)
    made: list[etree._Element] = field(default_factory=list)
    unmarked: bool = False


_missing: ContextVar[str | None] = ContextVar("row taken out", default=None)
_notes: ContextVar[Notes | None] = ContextVar("notes", default=None)
_carriers: dict[str, str] = {}


def carries(*rows: str, otherwise: Any) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Say that a function carries these rows; with one of them taken out it gives `otherwise`, uncalled.

    Args:
        rows: ids of rows, e.g. "XC-patient-family".
        otherwise: what the function would give if nobody had written it: nothing, or its input left as it was.
    """

    def carrying(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        _carriers.update(dict.fromkeys(rows, f"{function.__module__}.{function.__qualname__}"))

        @wraps(function)
        def carried(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            if _missing.get() in rows:
                return cast("Result", otherwise)
            result, notes = function(*args, **kwargs), _notes.get()
            if notes is not None and (otherwise is None or result != otherwise):
                notes.called.update(dict.fromkeys(rows))
            return result

        return carried

    return carrying


def carriers() -> dict[str, str]:
    """The rows carried by functions, each with its function's name; complete once `conversion` is imported."""
    return dict(_carriers)


def missing() -> str | None:
    """The row that is taken out just now, or None."""
    return _missing.get()


@contextmanager
def taken_out(row: str) -> Iterator[None]:
    """Convert without one row: its instruction or function is as good as not there."""
    token = _missing.set(row)
    try:
        yield
    finally:
        _missing.reset(token)


def noting() -> Notes | None:
    """Where to note what carries which row, or None: nobody asked."""
    return _notes.get()


@contextmanager
def noted() -> Iterator[Notes]:
    """Convert and note what carries which row."""
    notes = Notes()
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)
