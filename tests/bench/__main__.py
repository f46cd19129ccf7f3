"""`make bench`: every figure with its peer, both raw, and whether the backlog was empty at the end."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from simulator.logs import logs
from tests.bench import conversion, http, throughput, validation
from tests.servers.rabbitmq import PrivateRabbitMQ

MESSAGES, ROUNDS = 4000, 5
TARGETS = {"router / relay": 0.6, "router / relay with rows": 0.85, "embedded / router": 2.0}
CONVERSION_MOST = 2.0


@contextmanager
def rabbitmq() -> Iterator[str]:
    """The RabbitMQ of `VANSIM_TEST_AMQP_URL`, or one of our own on loopback."""
    if url := os.environ.get("VANSIM_TEST_AMQP_URL"):
        yield url
        return
    server = PrivateRabbitMQ()
    try:
        yield server.url("/")
    finally:
        server.close()


def main() -> int:
    """Measure all; 0 when every figure is where it should be."""
    argparse.ArgumentParser("python -m tests.bench", description=__doc__).parse_args()
    logs("info")
    console = Console()
    with rabbitmq() as url:
        rates = throughput.run(url, MESSAGES, ROUNDS)
    table = Table("passthrough, 6 KB, messages a second", "rounds", "median", box=None)
    for name, values in rates.items():
        table.add_row(name, " ".join(f"{value:.0f}" for value in values), f"{statistics.median(values):.0f}")
    console.print(table)
    ratios = {
        "router / relay": paired(rates["router"], rates["relay"]),
        "router / relay with rows": paired(rates["router"], rates["relay with rows"]),
        "embedded / router": paired(rates["embedded"], rates["router"]),
    }
    good = True
    for name, ratio in ratios.items():
        good &= ratio >= TARGETS[name]
        console.print(f"{name}: {ratio:.2f} (at least {TARGETS[name]})")
    console.print("every backlog was counted at the end: nothing left at the source, everything at the target\n")
    table = Table("conversion without profile rules", "ours, us", "bare calls, us", "ratio", box=None)
    for name, (ours, bare, ratio) in conversion.measure().items():
        good &= ratio <= CONVERSION_MOST
        table.add_row(name, f"{ours:.0f}", f"{bare:.0f}", f"{ratio:.2f} (at most {CONVERSION_MOST})")
    console.print(table)
    table = Table("full validation of 20 KB", "ours, us", "fhir.resources alone, us", "ratio", box=None)
    for name, (ours, alone, ratio) in validation.measure().items():
        good &= ratio <= validation.MOST
        table.add_row(name, f"{ours:.0f}", f"{alone:.0f}", f"{ratio:.2f} (at most {validation.MOST})")
    console.print(table)
    good &= _http(console)
    return 0 if good else 1


def _http(console: Console) -> bool:
    rates = asyncio.run(http.measure())
    table = Table("over HTTP, a second", "rounds", "median", "of the dictionary", box=None)
    good = True
    for place, what in enumerate(("sends", "receive-and-acks")):
        ours, theirs = ([one[place] for one in rates[name]] for name in ("vansim up", "dictionary"))
        ratio = paired(ours, theirs)
        good &= ratio >= http.LEAST
        for name, values, told in (
            ("dictionary", theirs, ""),
            ("vansim up", ours, f"{ratio:.2f} (at least {http.LEAST})"),
        ):
            rounds = " ".join(f"{value:.0f}" for value in values)
            table.add_row(f"{what}, {name}", rounds, f"{statistics.median(values):.0f}", told)
    console.print(table)
    return good


def paired(ones: list[float], others: list[float]) -> float:
    """The median of the ratios of rounds that were measured one after the other."""
    return statistics.median(one / other for one, other in zip(ones, others, strict=True))


if __name__ == "__main__":
    sys.exit(main())
