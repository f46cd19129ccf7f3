from __future__ import annotations

import ast
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import pytest

import broker
from broker import steps
from broker.steps import EmbeddedStep, RabbitmqStep

_FOLDER = Path(broker.__file__).parent


_WAITING = {"self._backlog.changed.wait()", "self._changed.wait()"}
"""What is awaited before there is anything to take."""


def _reached() -> Counter[str]:
    """Each `reach(Enum.MEMBER)` in the code of the folder, and how many times it stands there."""
    found: Counter[str] = Counter()
    for path in _FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reach":
                found[ast.unparse(node.args[0])] += 1
    return found


def _functions() -> list[ast.AsyncFunctionDef]:
    """The functions that reach a step or hand one over, as the code has them."""
    trees = [ast.parse(path.read_text()) for path in sorted(_FOLDER.glob("*.py"))]
    every = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]
    return [one for one in every if _reaches(one)]


def _reaches(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "reach" for each in ast.walk(node))


def _awaits(node: ast.AST) -> list[str]:
    """What a statement awaits, but for what stands in statements below it."""
    below = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr | ast.withitem)]
    return [ast.unparse(each.value) for one in below for each in ast.walk(one) if isinstance(each, ast.Await)]


def _unmarked(statements: Sequence[ast.stmt]) -> Iterator[str]:
    """What is awaited without a step behind it, in statements and in those below them."""
    for statement, following in pairwise([*statements, ast.Pass()]):
        marked = (isinstance(following, ast.Expr) and _reaches(following)) or _reaches(statement)
        if not marked:
            yield from _awaits(statement)
        for name in ("body", "orelse", "finalbody"):
            yield from _unmarked(getattr(statement, name, []))


def _step_enums() -> list[type[StrEnum]]:
    return [
        value
        for value in vars(steps).values()
        if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum
    ]


def test_each_step_is_reached_at_one_place() -> None:
    """The code reaches every named step exactly once, and no other."""
    named = {f"{enum.__name__}.{step.name}": 1 for enum in _step_enums() for step in enum}
    assert set(_step_enums()) == {RabbitmqStep, EmbeddedStep}
    assert _reached() == named


def test_nothing_is_done_between_take_and_ack_without_a_step() -> None:
    """Each thing that the code awaits between the steps has its own behind it: a commit, a publish, an ack."""
    assert {one.name for one in _functions()} == {"take", "settle", "_publish"}
    assert {each for one in _functions() for each in _unmarked(one.body)} == _WAITING


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("embedded.taken", -signal.SIGKILL),
        ("embedded.taken:3", -signal.SIGKILL),
        ("embedded.taken:4", 0),
        ("embedded.taken@inbox:3", -signal.SIGKILL),
        ("embedded.taken@vans.route", 0),
        ("rabbitmq.taken", 0),
        ("", 0),
    ],
)
def test_a_process_dies_where_it_was_told_to(order: str, code: int) -> None:
    """The process kills itself when it comes to the named step for the named time, and at no other."""
    queue = "inbox.5790000120314"
    script = f"from broker.steps import EmbeddedStep, reach\nfor _ in range(3): reach(EmbeddedStep.TAKEN, {queue!r})"
    done = subprocess.run([sys.executable, "-c", script], env={steps.VARIABLE: order}, check=False)
    assert done.returncode == code
