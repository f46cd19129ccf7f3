"""A run of the whole conformance folder has played every use case of the protocol, on both brokers, or it fails.

What counts is what has passed, in whichever process of the run: a test that is only collected proves nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.proof.protocol import BY_ID

BROKERS = ("embedded", "rabbitmq")
FOLDER = Path(__file__).parent / "conformance"
_NARROWING = (
    "keyword",
    "markexpr",
    "deselect",
    "lf",
    "failedfirst",
    "stepwise",
    "ignore",
    "ignore_glob",
    "collectonly",
)


def is_whole(config: pytest.Config) -> bool:
    """Whether a run has the whole conformance folder, by its arguments."""
    if any(config.getoption(name, None) for name in _NARROWING):
        return False
    places = [(config.invocation_params.dir / argument).resolve() for argument in config.args]
    return any(place == FOLDER or place in FOLDER.parents for place in places)


def missing(passed: set[tuple[str, str]]) -> list[str]:
    """The use cases that have not passed on a broker."""
    return [f"{id_} on {broker}" for id_ in BY_ID for broker in BROKERS if (id_, broker) not in passed]


class _Played:
    """Collects the use cases of the tests that passed, and of those that skipped for want of a broker."""

    def __init__(self) -> None:
        self.passed: set[tuple[str, str]] = set()
        self.missing: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a test has played; a server that is not there has its own list, of what may skip."""
        if (report.when == "call" and report.passed) or report.skipped:
            self.passed |= {(str(value), broker) for broker, value in report.user_properties if broker in BROKERS}

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run for what is missing."""
        if session.shouldfail or session.shouldstop:
            return  # it was cut short, and says so itself
        self.missing = missing(self.passed)
        if self.missing and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which."""
        for one in self.missing:
            terminalreporter.write_line(f"use case not played: {one}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Watch a run of the whole folder; the processes that a run is parted into only report."""
    if is_whole(config) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Played())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each test's report tell what it plays, and on which broker."""
    for item in items:
        broker = BROKERS[item.get_closest_marker("rabbitmq") is not None]
        item.user_properties += [(broker, id_) for mark in item.iter_markers("case") for id_ in mark.args]
