"""`vansim` in which certain letters kill the process that works on them, for the test of the three tries.

`CRASH_TEXT` names a text: a letter that holds it kills the process with SIGKILL, in the worker or, where `CRASH_IN` is
`router`, as soon as the router reads its head. Each start of such a letter adds a line to the file `CRASH_STARTS`.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from envelope.reading import payload
from simulator.cli import main
from simulator.services.carried_out import carry_out
from simulator.services.opening import opened

TEXT = os.environ["CRASH_TEXT"].encode()
STARTS = Path(os.environ["CRASH_STARTS"])


def die() -> None:
    """Note the start, and end at once."""
    with STARTS.open("a") as starts:
        starts.write("start\n")
    if os.environ.get("CRASH_BY") == "raise":
        raise ValueError("of this letter")
    os.kill(os.getpid(), signal.SIGKILL)


def _router(delivery: Any, office: Any) -> Any:
    if TEXT in payload(delivery.body):
        die()
    return opened(delivery, office)


def _worker(order: Any, bodies: Any, stylesheet: Any = None) -> Any:
    if any(TEXT in payload(body) for body in bodies):
        die()
    return carry_out(order, bodies, stylesheet)


if os.environ["CRASH_IN"] == "router":
    patch("simulator.services.router.opened", _router).start()
else:
    patch("simulator.services.worker.carry_out", _worker).start()

if __name__ == "__main__":
    main()
