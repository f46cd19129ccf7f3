"""Commands that run a network, or one service of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from simulator import tell
from simulator.commands.options import (
    BrokerOption,
    DatabaseOption,
    DataOption,
    HostOption,
    JsonOption,
    NetworkOption,
    PortOption,
    run,
    told,
)

if TYPE_CHECKING:
    from simulator.serving import Ready
    from simulator.wiring import Network


def up(
    port: PortOption = None,
    data: DataOption = None,
    broker: BrokerOption = None,
    database: DatabaseOption = None,
    network: NetworkOption = None,
    host: HostOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the whole network in one process: broker, router, worker, participants and API on loopback."""
    with told(as_json):
        from simulator import serving  # noqa: PLC0415 (what only a network needs)
        from simulator.logs import logs  # noqa: PLC0415
        from simulator.settings import settings_of  # noqa: PLC0415

        settings = settings_of(port=port, data=data, broker=broker, database=database, network=network, host=host)
        logs(settings.log_level)
        run(serving.up(settings, _ready(as_json)))


def api(
    port: PortOption = None,
    data: DataOption = None,
    broker: BrokerOption = None,
    database: DatabaseOption = None,
    network: NetworkOption = None,
    host: HostOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the API alone, beside other services on the same RabbitMQ and PostgreSQL."""
    with told(as_json):
        from simulator import serving  # noqa: PLC0415
        from simulator.logs import logs  # noqa: PLC0415
        from simulator.settings import settings_of  # noqa: PLC0415

        settings = settings_of(port=port, data=data, broker=broker, database=database, network=network, host=host)
        serving.must_share(settings)
        logs(settings.log_level)
        run(serving.up(settings, _ready(as_json), frozenset()))


def router(
    data: DataOption = None,
    broker: BrokerOption = None,
    database: DatabaseOption = None,
    network: NetworkOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a router alone, beside other services on the same RabbitMQ and PostgreSQL."""
    _service("router", as_json, data=data, broker=broker, database=database, network=network)


def worker(
    data: DataOption = None,
    broker: BrokerOption = None,
    database: DatabaseOption = None,
    network: NetworkOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a conversion worker alone."""
    _service("worker", as_json, data=data, broker=broker, database=database, network=network)


def participants(
    data: DataOption = None,
    broker: BrokerOption = None,
    database: DatabaseOption = None,
    network: NetworkOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the mock participants alone."""
    _service("participants", as_json, data=data, broker=broker, database=database, network=network)


def demo(broker: BrokerOption = None, as_json: JsonOption = False) -> None:
    """Send letters both ways, converted and not, and show their story until every receipt is back."""
    with told(as_json):
        from simulator import demonstration  # noqa: PLC0415
        from simulator.logs import logs  # noqa: PLC0415
        from simulator.settings import settings_of  # noqa: PLC0415

        settings = settings_of(broker=broker, log_level="warning")
        logs(settings.log_level)
        run(demonstration.demo(settings, as_json=as_json))


def _service(name: str, as_json: bool, **given: object) -> None:
    with told(as_json):
        from simulator import serving  # noqa: PLC0415
        from simulator.logs import logs  # noqa: PLC0415
        from simulator.settings import settings_of  # noqa: PLC0415

        settings = settings_of(**given)
        logs(settings.log_level)
        run(serving.service(settings, name, _ready(as_json, name)))


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
