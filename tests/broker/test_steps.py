from __future__ import annotations

import ast
import signal
import subprocess
import sys
from collections import Counter
from enum import StrEnum
from pathlib import Path

import pytest

import broker
from broker import steps
from broker.steps import EmbeddedStep, RabbitmqStep

_FOLDER = Path(broker.__file__).parent


def _reached() -> Counter[str]:
    """Each `reach(Enum.MEMBER)` in the code of the folder, and how many times it stands there."""
    found: Counter[str] = Counter()
    for path in _FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reach":
                found[ast.unparse(node.args[0])] += 1
    return found


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
