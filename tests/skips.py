"""Which tests may skip where nothing may be missing: a short list, each with its reason.

With `VANSIM_SKIPS=listed`, as in CI, any other skip fails the run: a test that quietly does not run proves nothing.
"""

from __future__ import annotations

import os

import pytest

LISTED: dict[str, str] = {
    "test_compose_understands_the_file": "Docker Compose is not on every machine, nor in every distribution new enough",
}
"""A part of a test's id, and why it may skip."""


class _Skipped:
    """Collects what was skipped and not listed."""

    def __init__(self) -> None:
        self.unlisted: list[str] = []

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a skip that has no place in the list."""
        if report.skipped and not any(part in report.nodeid for part in LISTED):
            self.unlisted.append(f"{report.nodeid}: {report.longrepr}")

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run for them."""
        if self.unlisted and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which."""
        for line in self.unlisted:
            terminalreporter.write_line(f"skipped and not listed in tests/skips.py: {line}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Watch skips where the run says so."""
    if os.environ.get("VANSIM_SKIPS") == "listed":
        config.pluginmanager.register(_Skipped())
