"""A network or one of its services, run until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from socket import socket

import structlog
import uvicorn
from rich.console import Console

from simulator import tell
from simulator.settings import Settings
from simulator.web.api import make_app
from simulator.wiring import ALL_SERVICES, Network

DONE, COULD_NOT_RUN = 0, 2


def logs(level: str) -> None:
    """JSON logs on standard error, one object a line, each with what its service binds to it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    # What libraries have to say is for those who ask for it.
    logging.basicConfig(level=logging.ERROR if level != "debug" else logging.INFO, stream=sys.stderr)


async def up(settings: Settings, *, services: frozenset[str] = ALL_SERVICES, as_json: bool = False) -> int:
    """Run a network with its API until SIGINT or SIGTERM.

    Returns:
        The exit code.
    """
    logs(settings.log_level)
    network = Network(settings, services)
    async with network.running():
        config = uvicorn.Config(
            make_app(network),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        server = _Server(config, lambda: _ready(network, as_json=as_json))
        await server.serve()
        return DONE if server.started else COULD_NOT_RUN


async def service(settings: Settings, services: frozenset[str]) -> int:
    """Run services without an API until SIGINT or SIGTERM."""
    logs(settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Network(settings, services).running():
        structlog.get_logger("vansim").info("running", services=sorted(services))
        await stop.wait()
    return DONE


class _Server(uvicorn.Server):
    """Says when it is ready; the network around it ends when it ends."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _ready(network: Network, *, as_json: bool) -> None:
    """Say where the network is and what to do with it."""
    settings = network.settings
    url = f"http://{settings.host}:{settings.port}"
    participants = network.directory
    if as_json:
        tell.as_json({"url": url, "broker": settings.broker.split("@")[-1], "participants": len(participants)})
        sys.stdout.flush()
        return
    console = Console(soft_wrap=True)
    console.print(f"vansim is up: {url}  ({len(participants)} participants, broker: {settings.broker.split('@')[-1]})")
    console.print("  send a letter     vansim send LETTER.xml --from GLN --to GLN")
    console.print("  take from an inbox vansim inbox GLN")
    console.print("  see its story     vansim timeline ID")
    console.print("Ctrl-C stops it.")
