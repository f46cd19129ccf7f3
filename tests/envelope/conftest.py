"""Envelopes for tests: one of each type of the catalogue, and whatever else a test asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from envelope.catalogue import document, find, transport
from envelope.model import Head, MetaInformation, Party
from envelope.writing import write

LETTERS = Path(__file__).resolve().parent.parent / "letters"

SENDER = "5790001659592"
RECEIVER = "5790000121526"
ENVELOPE = "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a01"
MESSAGE = "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a02"


@pytest.fixture(scope="session")
def letters() -> Path:
    """The folder of our own sample letters."""
    return LETTERS


@pytest.fixture(scope="session")
def wrap() -> Callable[..., bytes]:
    """Makes an envelope around a payload: `wrap(payload, "XDIS91")`, with any field of the head changed by name."""

    def make(
        payload: bytes,
        type_: str = "XDIS91",
        version: str | None = None,
        *,
        postfix: str = "",
        mime: str = "application/fhir+xml",
        sender: str = SENDER,
        receiver: str = RECEIVER,
    ) -> bytes:
        row = find(type_, version)
        if row is None:
            raise ValueError(f"the catalogue has no {type_} {version or ''}")
        meta = MetaInformation(MESSAGE, document(row, len(payload), postfix), None, transport(row, mime))
        return write(Head(Party(sender), Party(receiver), ENVELOPE, "2026-03-01T12:00:00+01:00", meta), payload)

    return make
