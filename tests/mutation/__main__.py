"""Try every mutant of some modules on some tests, and tell which no test notices.

The tests are collected once and run once, to know which of them reach which line. Each mutant then lives in a forked
process of its own: the code of its function is exchanged, and the tests that reach its line run until one fails. A
mutant also counts as killed when the tests run into the limit of processor time.
"""

from __future__ import annotations

import functools
import gc
import os
import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import coverage
import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.mutants import Mutant, mutants

SECONDS = 60
"""Of processor time that a mutant's tests may take."""

MOST_TESTS = 5000
"""Where more tests than these reach a line, the quickest of them are tried."""


class Session:
    """A plugin that keeps the collected tests, and learns which lines each reaches and how long it takes."""

    def __init__(self, files: Sequence[str]) -> None:
        self._coverage = coverage.Coverage(data_file=None, include=list(files), config_file=False, branch=False)
        self.items: dict[str, pytest.Item] = {}
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the tests."""
        self.items = {item.nodeid: item for item in session.items}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> bool:
        """Run each test once, then every mutant, while the session is open."""
        self._coverage.start()
        for name, item in self.items.items():
            _forget()
            self._coverage.switch_context(name)
            started = time.process_time()
            reports = runtestprotocol(item, nextitem=None, log=False)
            self.seconds[name] = time.process_time() - started
            if any(report.failed for report in reports):
                self.failed.append(name)
        self._coverage.stop()
        try_all(self, [Path(one) for one in FILES])
        return True

    def reaching(self, file: Path, line: int) -> list[pytest.Item]:
        """The tests that reach a line, the quickest first."""
        names = self._coverage.get_data().contexts_by_lineno(str(file.resolve())).get(line, [])
        there = [name for name in names if name in self.items and name not in self.failed]
        return [self.items[name] for name in sorted(there, key=lambda name: self.seconds[name])[:MOST_TESTS]]


def try_all(session: Session, files: Sequence[Path]) -> None:
    """Try every mutant and tell of it."""
    if session.failed:
        _tell("fail without any mutant, and are left out:", *session.failed)
    for file in files:
        counts: Counter[str] = Counter()
        functions = _functions_of(file)
        for mutant in mutants(file.read_text("utf-8")):
            items = session.reaching(file, mutant.line)
            verdict = _verdict(mutant, file, functions, items)
            counts[verdict] += 1
            if verdict not in {"killed", "too long"}:
                _tell(f"{file}:{mutant.line} {mutant.function}: {mutant.words}: {verdict}")
        _tell(f"{file}: {counts.total()} mutants, {dict(counts)}")


def _tell(*lines: str) -> None:
    sys.stdout.write("\n  ".join(lines) + "\n")
    sys.stdout.flush()


def _functions_of(file: Path) -> dict[str, list[FunctionType]]:
    found: dict[str, list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and Path(one.__code__.co_filename) == file.resolve():
            found.setdefault(one.__code__.co_qualname, []).append(one)
    return found


def _verdict(mutant: Mutant, file: Path, functions: dict[str, list[FunctionType]], items: Sequence[pytest.Item]) -> str:
    if not items:
        return "reached by no test"
    code = _code(compile(mutant.tree, str(file.resolve()), "exec", dont_inherit=True), mutant.function)
    if code is None or mutant.function not in functions:
        return "not to be exchanged"
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os._exit(_try(code, functions[mutant.function], items))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "too long"
    return "survived" if os.WEXITSTATUS(status) == 0 else "killed"


def _try(code: CodeType, functions: Sequence[FunctionType], items: Sequence[pytest.Item]) -> int:
    """In a process of its own: 0 when no test fails."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        for function in functions:
            function.__code__ = code
        _forget()
        for item in items:
            if any(report.failed for report in runtestprotocol(item, nextitem=None, log=False)):
                return 1
    except BaseException:  # noqa: BLE001 (whatever it does, it was noticed)
        return 1
    return 0


def _forget() -> None:
    """Forget what functions and threads keep: values, compiled stylesheets, parsers.

    Before a mutant's tests, since it was made by the code without the mistake; and before each test that is watched,
    since a test that finds it made does not reach the lines that make it.
    """
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper):
            one.cache_clear()
    for kept in [one for one in gc.get_objects() if isinstance(one, threading.local)]:
        if type(kept) is threading.local:
            vars(kept).clear()


def _code(module: CodeType, name: str) -> CodeType | None:
    """The code of a function of a compiled module by its qualified name."""
    waiting: list[Any] = [module]
    while waiting:
        for constant in waiting.pop().co_consts:
            if isinstance(constant, CodeType):
                if constant.co_qualname == name:
                    return constant
                waiting.append(constant)
    return None


if __name__ == "__main__":
    middle = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    FILES, TESTS = sys.argv[1:middle], sys.argv[middle + 1 :] or ["tests"]
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-o", "timeout=0", "-o", "addopts="]
    options += ["--import-mode=importlib", "--strict-markers"]
    sys.exit(pytest.main([*options, *TESTS], plugins=[Session(FILES)]))
