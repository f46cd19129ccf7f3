"""Which use cases of the protocol a test plays."""

from __future__ import annotations

import pytest

from simulator.proof.protocol import BY_ID
from tests.played import BROKERS


def case(*ids: str) -> pytest.MarkDecorator:
    """Marks a test, or one of its parameters, with the use cases that it plays."""
    unknown = [id_ for id_ in ids if id_ not in BY_ID]
    if unknown or not ids:
        raise LookupError(f"the protocol has no use case {unknown}")
    return pytest.mark.case(*ids)


def played(item: pytest.Item) -> set[tuple[str, str]]:
    """The use cases that a test plays, each with the broker that it runs on."""
    broker = BROKERS[item.get_closest_marker("rabbitmq") is not None]
    return {(id_, broker) for mark in item.iter_markers("case") for id_ in mark.args}
