"""Commands that run a network, or one service of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from simulator import tell
from simulator.commands.options import (
    BrokerOption,
    DatabaseOption,
    DataOption,
    HostOption,
    JsonOption,
    MailboxOption,
    NetworkOption,
    PortOption,
    TokenOption,
    run,
    told,
)

if TYPE_CHECKING:
    from simulator.serving import Ready
    from simulator.settings import Settings
    from simulator.wiring import Network

Command = Callable[..., None]


def _with_api(name: str, words: str, *, alone: bool) -> Command:
    """The command that runs the API, alone or with all services beside it."""

    def command(
        port: PortOption = None,
        data: DataOption = None,
        broker: BrokerOption = None,
        database: DatabaseOption = None,
        network: NetworkOption = None,
        host: HostOption = None,
        mailbox: MailboxOption = None,
        as_json: JsonOption = False,
    ) -> None:
        with _settings(
            as_json,
            port=port,
            data=data,
            broker=broker,
            database=database,
            network=network,
            host=host,
            mailbox=mailbox,
        ) as settings:
            from simulator import serving  # noqa: PLC0415 (what only a network needs)

            run((serving.api if alone else serving.up)(settings, _ready(as_json)))

    return _named(command, name, words)


def _service(name: str, words: str) -> Command:
    """The command that runs one service without an API."""

    def command(
        data: DataOption = None,
        broker: BrokerOption = None,
        database: DatabaseOption = None,
        network: NetworkOption = None,
        as_json: JsonOption = False,
    ) -> None:
        with _settings(as_json, data=data, broker=broker, database=database, network=network) as settings:
            from simulator import serving  # noqa: PLC0415

            run(serving.service(settings, name, _ready(as_json, name)))

    return _named(command, name, words)


def _named(command: Command, name: str, words: str) -> Command:
    command.__name__, command.__doc__ = name, words
    return command


up = _with_api(
    "up", "Run the whole network in one process: broker, router, worker, participants and API on loopback.", alone=False
)
api = _with_api("api", "Run the API alone, beside other services on the same RabbitMQ and PostgreSQL.", alone=True)
router = _service("router", "Run a router alone, beside other services on the same RabbitMQ and PostgreSQL.")
worker = _service("worker", "Run a conversion worker alone.")
participants = _service("participants", "Run the mock participants alone.")


def demo(
    broker: BrokerOption = None,
    url: Annotated[str | None, typer.Option("--url", envvar="VANSIM_URL", help="a network that runs already")] = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send letters both ways, converted and not, and show their story until every receipt is back.

    In a network of its own that leaves nothing behind, or over the API of one that runs already.
    """
    if url is not None:
        with told(as_json):
            from simulator import demonstration  # noqa: PLC0415
            from simulator.client import Client  # noqa: PLC0415

            with Client(url, token) as client:
                raise typer.Exit(demonstration.demo_at(client, as_json=as_json))
    with _settings(as_json, broker=broker, log_level="warning") as settings:
        from simulator import demonstration  # noqa: PLC0415

        run(demonstration.demo(settings, as_json=as_json))


@contextmanager
def _settings(as_json: bool, **given: object) -> Iterator[Settings]:
    """The settings that a command is given, with logs as they say, and an end that is told."""
    with told(as_json):
        from simulator.logs import logs  # noqa: PLC0415
        from simulator.settings import settings_of  # noqa: PLC0415

        settings = settings_of(**given)
        logs(settings.log_level)
        yield settings


def _ready(as_json: bool, service: str | None = None) -> Ready:
    """Says where the network is and what to do with it."""

    def ready(network: Network, url: str) -> None:
        broker, participants = network.settings.broker_name, len(network.directory)
        if as_json:
            tell.as_json({"url": url or None, "broker": broker, "participants": participants, "service": service})
        elif service is not None:
            typer.echo(f"vansim {service} is up  ({participants} participants, broker: {broker})")
        else:
            typer.echo(f"vansim is up: {url}  ({participants} participants, broker: {broker})")
            typer.echo("  send a letter       vansim send LETTER.xml --from GLN --to GLN")
            typer.echo("  take from an inbox  vansim inbox GLN")
            typer.echo("  see its story       vansim timeline ID")
            typer.echo("Ctrl-C stops it.")
        sys.stdout.flush()

    return ready
