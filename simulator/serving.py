"""A network or one of its services, run until it is told to stop.

The API answers from the first moment: while broker or database are waited for, `/health` says so and calls get 503.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import structlog
import uvicorn

from envelope.findings import Refused
from routing.ledger.errors import LedgerRefusal
from simulator.errors import ALONE, INTERNAL, NO_FILE, NO_LEDGER, NO_PORT, CouldNotRun
from simulator.networks import Networks
from simulator.probe import answering
from simulator.settings import EMBEDDED, Settings, must_have_token
from simulator.web.api import make_app
from simulator.wiring import ALL_SERVICES, Network

log = structlog.get_logger("vansim")

_LOOK = 0.5  # seconds between two looks at what is away; it is only told, nothing depends on it
_GRACE = 2
_GARBAGE = 10_000  # new objects before the collector looks at them; a batch of messages makes as many and frees them

Ready = Callable[[Network, str], None]
"""Is told once that the network takes messages, and at which address its API is."""


async def up(settings: Settings, ready: Ready, services: frozenset[str] = ALL_SERVICES) -> None:
    """Run a network with its API until SIGINT or SIGTERM.

    Raises:
        CouldNotRun: what it needs cannot be used: port, folder, database, broker, network file.
    """
    must_have_token(settings)
    with _listening(settings) as listener:
        network = make_network(settings, services)
        app = make_app(network)
        networks: Networks = app.state.networks
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=_GRACE
        )
        server = _Server(config)
        host, port = listener.getsockname()[:2]
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        serving = asyncio.create_task(server.serve([listener]))
        try:
            await _until_stopped(network, lambda: ready(network, url), _folders(network))
        finally:
            server.should_exit = True
            await serving
            await networks.close()


async def api(settings: Settings, ready: Ready) -> None:
    """Run the API alone, beside services elsewhere, until SIGINT or SIGTERM.

    Raises:
        CouldNotRun: likewise; and VS-491, the embedded broker cannot be shared.
    """
    _must_share(settings)
    await up(settings, ready, frozenset())


async def service(settings: Settings, name: str, ready: Ready) -> None:
    """Run one service without an API until SIGINT or SIGTERM.

    Raises:
        CouldNotRun: likewise; and VS-491, the embedded broker cannot be shared.
    """
    _must_share(settings)
    network = make_network(settings, frozenset({name}))
    await _until_stopped(network, lambda: ready(network, ""))


def _must_share(settings: Settings) -> None:
    if settings.broker == EMBEDDED:
        raise CouldNotRun(ALONE.at(""))


def make_network(settings: Settings, services: frozenset[str] = ALL_SERVICES) -> Network:
    """A network that can be run with these settings.

    Raises:
        CouldNotRun: its folder or its network file cannot be used.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNotRun(NO_FILE.at("", path=settings.data, reason=error.strerror)) from None
    if not os.access(settings.data, os.W_OK):
        raise CouldNotRun(NO_FILE.at("", path=settings.data, reason="it may not be written to"))
    try:
        return Network(settings, services)
    except Refused as refused:
        raise CouldNotRun(refused.findings) from None


@contextlib.asynccontextmanager
async def running(network: Network) -> AsyncIterator[Network]:
    """The network while it runs, with what it waits for told in the log.

    Raises:
        CouldNotRun: ledger or broker do not let it in, or a service of it failed.
    """
    watch = asyncio.create_task(_tell_trouble(network))
    try:
        async with network.running():
            yield network
    except Refused as refused:
        raise CouldNotRun(refused.findings) from None
    except LedgerRefusal as error:
        raise CouldNotRun(NO_LEDGER.at("", reason=error)) from None
    except ExceptionGroup as group:
        log.exception("a service failed")
        raise CouldNotRun([INTERNAL.at("", error=type(one).__name__) for one in group.exceptions]) from None
    finally:
        watch.cancel()


def _spare_the_collector() -> None:
    """Let the garbage collector look no more at what lives as long as the process: modules, tables, compiled schemas.

    They are some hundred thousand objects, which it would otherwise walk through again and again under load: a sixth of
    the processor's time.
    """
    gc.freeze()
    gc.set_threshold(_GARBAGE)


def _folders(network: Network) -> Callable[[], Coroutine[Any, Any, None]] | None:
    """What runs the participants' folders, where there are any."""
    mailbox = network.settings.mailbox
    if mailbox is None:
        return None
    from simulator.folders import Folders  # noqa: PLC0415 (what most networks do without)

    return Folders(network, mailbox).run


async def _until_stopped(
    network: Network, ready: Callable[[], None], beside: Callable[[], Coroutine[Any, Any, None]] | None = None
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    begun = False

    async def live() -> None:
        nonlocal begun
        async with _probed(network), running(network):
            begun = True
            _spare_the_collector()
            async with asyncio.TaskGroup() as group:
                task = group.create_task(beside()) if beside is not None else None
                ready()
                await stop.wait()
                if task is not None:
                    task.cancel()

    working, stopping = asyncio.create_task(live()), asyncio.create_task(stop.wait())
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not begun:
        working.cancel()  # still waiting for what is away: there is nothing to end in good order
    with contextlib.suppress(asyncio.CancelledError):
        await working


@contextlib.asynccontextmanager
async def _probed(network: Network) -> AsyncIterator[None]:
    """Answer health checks at the socket that the settings name, from the first moment on."""
    path = network.settings.probe
    if path is None:
        yield
        return
    async with contextlib.AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(answering(path, network.health))
        except OSError as error:
            raise CouldNotRun(NO_FILE.at("", path=path, reason=error.strerror)) from None
        yield


async def _tell_trouble(network: Network) -> None:
    """Say in the log what is away, and when it is back."""
    told: dict[str, str] = {}
    while True:
        await asyncio.sleep(_LOOK)
        health = network.health()
        for name in ("ledger", "broker"):
            state = health[name]
            if not isinstance(state, dict):  # pragma: no cover (its shape is fixed)
                continue
            if state["ok"]:
                if told.pop(name, None):
                    log.info("back", what=name, text=state["text"])
            elif told.get(name) != state["text"]:
                told[name] = state["text"]
                log.warning("waiting", what=name, text=state["text"])


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The API's socket, taken before anything else is begun."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _no_port(settings, error) from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(128)
        except OSError as error:
            raise _no_port(settings, error) from None
        listener.setblocking(False)
        yield listener


def _no_port(settings: Settings, error: OSError) -> CouldNotRun:
    return CouldNotRun(NO_PORT.at("", host=settings.host, port=settings.port, reason=error.strerror))


class _Server(uvicorn.Server):
    """Leaves signals to the network around it, which ends in good order and with 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
