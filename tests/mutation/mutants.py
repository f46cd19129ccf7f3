"""The mutants of a module: its syntax tree with one small mistake put into one function.

Docstrings, annotations, log lines, f-strings and texts with spaces (the words of messages) are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_QUIET = frozenset({"debug", "info", "warning", "error", "exception"})

Change = tuple[str, Callable[[], ast.AST | None]]
"""What is changed, in words, and what stands in the node's place; None where the statement is left out."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake.

    Attributes:
        function: the qualified name of the outermost function or method that it is in.
        line: of the mistake.
        words: what was changed.
        tree: the whole module.
    """

    function: str
    line: int
    words: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module's functions, in the order of the text."""
    tree = ast.parse(source)
    for name, function in _functions(tree):
        for path, node in _places(function):
            for words, _ in _changes(node):
                yield _made(tree, name, function, path, node, words)


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{node.name}.{inner.name}", inner


Path = tuple[tuple[str, int | None], ...]


def _places(function: ast.AST) -> Iterator[tuple[Path, ast.AST]]:
    """Every node of a function's body that a mistake may be put in, and the way there."""
    for place, statement in enumerate(getattr(function, "body", ())):
        yield from _below((("body", place),), statement)


def _below(path: Path, node: ast.AST) -> Iterator[tuple[Path, ast.AST]]:
    if isinstance(node, ast.JoinedStr) or _is_words(node):
        return
    yield path, node
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "type_comment", "decorator_list"}:
            continue
        if isinstance(value, list):
            for place, one in enumerate(value):
                if isinstance(one, ast.AST):
                    yield from _below((*path, (field, place)), one)
        elif isinstance(value, ast.AST):
            yield from _below((*path, (field, None)), value)


def _is_words(node: ast.AST) -> bool:
    """A docstring, or a line for the log."""
    if not isinstance(node, ast.Expr):
        return False
    if isinstance(node.value, ast.Constant):
        return True
    call = node.value
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _QUIET


def _changes(node: ast.AST) -> Iterator[Change]:
    for kinds, changes in _CHANGES:
        if isinstance(node, kinds):
            yield from changes(node)


def _compared(node: Any) -> Iterator[Change]:
    for place, operator in enumerate(node.ops):
        other = _COMPARISONS[type(operator)]
        yield f"{type(operator).__name__} {place} becomes {other.__name__}", _swapped(node, "ops", place, other())


def _joined(node: Any) -> Iterator[Change]:
    name = type(node.op).__name__
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield f"{name} becomes {type(other).__name__}", _with(node, op=other)
    for place in range(len(node.values)):
        yield f"operand {place} of {name} left out", _without(node, "values", place)


def _denied(node: Any) -> Iterator[Change]:
    if isinstance(node.op, ast.Not):
        yield "not left out", lambda: node.operand


def _reckoned(node: Any) -> Iterator[Change]:
    if type(node.op) in _ARITHMETIC:
        other = _ARITHMETIC[type(node.op)]
        yield f"{type(node.op).__name__} becomes {other.__name__}", _with(node, op=other())


def _asked(node: Any) -> Iterator[Change]:
    yield "condition turned round", _with(node, test=ast.UnaryOp(ast.Not(), node.test))


def _filtered(node: Any) -> Iterator[Change]:
    for place in range(len(node.ifs)):
        yield f"filter {place} left out", _without(node, "ifs", place)


def _constants(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield f"{value} becomes {not value}", lambda: ast.Constant(not value)
    elif isinstance(value, int):
        yield f"{value} becomes {value + 1}", lambda: ast.Constant(value + 1)
    elif isinstance(value, str) and " " not in value:
        yield f"text {value[:20]!r} becomes another", lambda: ast.Constant(f"{value}XX")
    elif isinstance(value, bytes) and b" " not in value:
        yield f"bytes {value[:20]!r} become others", lambda: ast.Constant(value + b"XX")


def _calls(node: ast.Call) -> Iterator[Change]:
    if len(node.args) > 1 and not any(isinstance(one, ast.Starred) for one in node.args[:2]):
        first, second, *rest = node.args
        yield "first two arguments swapped", _with(node, args=[second, first, *rest])
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            yield f"argument {keyword.arg} left out", _without(node, "keywords", place)


def _returned(node: Any) -> Iterator[Change]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield "None returned", _with(node, value=ast.Constant(None))


def _done(node: Any) -> Iterator[Change]:
    if isinstance(node.value, ast.Call | ast.Await):
        yield "statement left out", ast.Pass


def _assigned(node: Any) -> Iterator[Change]:
    if isinstance(node.targets[0], ast.Attribute | ast.Subscript):
        yield "assignment left out", ast.Pass


_CHANGES: tuple[tuple[type | tuple[type, ...], Callable[[Any], Iterator[Change]]], ...] = (
    (ast.Compare, _compared),
    (ast.BoolOp, _joined),
    (ast.UnaryOp, _denied),
    (ast.BinOp, _reckoned),
    (ast.Constant, _constants),
    ((ast.If, ast.IfExp, ast.While), _asked),
    (ast.comprehension, _filtered),
    (ast.Call, _calls),
    (ast.Return, _returned),
    (ast.Expr, _done),
    (ast.Raise, lambda _: iter([("raise left out", ast.Pass)])),
    (ast.Assign, _assigned),
    (ast.AugAssign, lambda _: iter([("augmented assignment left out", ast.Pass)])),
    (ast.Continue, lambda _: iter([("continue becomes break", ast.Break)])),
    (ast.Break, lambda _: iter([("break becomes continue", ast.Continue)])),
)


def _with(node: ast.AST, **fields: object) -> Callable[[], ast.AST]:
    def make() -> ast.AST:
        made = deepcopy(node)
        for name, value in fields.items():
            setattr(made, name, deepcopy(value))
        return made

    return make


def _without(node: ast.AST, field: str, place: int) -> Callable[[], ast.AST]:
    def make() -> ast.AST:
        made = deepcopy(node)
        left = getattr(made, field)
        del left[place]
        return left[0] if isinstance(made, ast.BoolOp) and len(left) == 1 else made

    return make


def _swapped(node: ast.AST, field: str, place: int, value: ast.AST) -> Callable[[], ast.AST]:
    def make() -> ast.AST:
        made = deepcopy(node)
        getattr(made, field)[place] = value
        return made

    return make


def _made(tree: ast.Module, name: str, function: ast.AST, path: Path, node: ast.AST, words: str) -> Mutant:
    """The module with one change, found again by its words in a copy of the tree."""
    copy = deepcopy(tree)
    place = _found(copy, name)
    owner: ast.AST = place
    for field, number in path[:-1]:
        value = getattr(owner, field)
        owner = value if number is None else value[number]
    field, number = path[-1]
    old = getattr(owner, field) if number is None else getattr(owner, field)[number]
    change = dict(_changes(old))[words]
    new = change() or ast.Pass()
    ast.copy_location(new, old)
    if number is None:
        setattr(owner, field, new)
    else:
        getattr(owner, field)[number] = new
    said = node.target if isinstance(node, ast.comprehension) else node
    return Mutant(name, getattr(said, "lineno", getattr(function, "lineno", 0)), words, ast.fix_missing_locations(copy))


def _found(tree: ast.Module, name: str) -> ast.AST:
    return next(function for found, function in _functions(tree) if found == name)
