"""The named steps between taking a message and its ack, at which the crash test kills the process.

`VANSIM_KILL_AT=rabbitmq.committed` makes the process kill itself with SIGKILL when it has first come to that step,
`VANSIM_KILL_AT=rabbitmq.committed:3` the third time, and `VANSIM_KILL_AT=rabbitmq.committed@inbox:3` the third time
with what was taken from an inbox. Without the variable a step costs one comparison a batch.
"""

from __future__ import annotations

import os
import signal
from enum import StrEnum

VARIABLE = "VANSIM_KILL_AT"


class RabbitmqStep(StrEnum):
    """Steps of a batch on RabbitMQ, each reached when what it names is done."""

    TAKEN = "rabbitmq.taken"
    COMMITTED = "rabbitmq.committed"
    WRITTEN = "rabbitmq.written"
    PUBLISHED = "rabbitmq.published"
    FINISHED = "rabbitmq.finished"
    ACKED = "rabbitmq.acked"


class EmbeddedStep(StrEnum):
    """Steps of a batch on the embedded broker, where decision, queues and ack are one transaction."""

    TAKEN = "embedded.taken"
    GATHERED = "embedded.gathered"
    COMMITTED = "embedded.committed"


class _Fuse:
    """Which step kills, for what was taken from which queue, and how many times it has still to be reached."""

    def __init__(self, order: str | None) -> None:
        place, _, times = (order or "").partition(":")
        step, _, queue = place.partition("@")
        self.step = step or None
        self.queue = queue
        self.left = int(times or 1)


_fuse = _Fuse(os.environ.get(VARIABLE))


def reach(step: RabbitmqStep | EmbeddedStep, queue: str) -> None:
    """Note that a step is done with what was taken from a queue; kills the process when it was told to die here."""
    if _fuse.step is not None and _fuse.step == step and f"{queue}.".startswith(_fuse.queue):
        _fuse.left -= 1
        if _fuse.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
