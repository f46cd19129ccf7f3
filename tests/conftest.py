"""What all tests share: where the official schemas and samples are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers.processes import missing

pytest_plugins = ("tests.servers.postgres", "tests.servers.rabbitmq", "tests.skips", "tests.played")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder with the official schemas and samples; without it, tests that read them skip."""
    folder = (ROOT / os.environ.get("MEDCOM_REFERENCE", "../shared")).resolve()
    if not (folder / "reference" / "schemas").is_dir():
        missing("reference", f"official schemas and samples are not at MEDCOM_REFERENCE ({folder.name})")
    return folder
