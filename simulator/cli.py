"""The command line: run a network, act as a participant of one, and convert or judge files without one.

Every command has `--json`: one JSON document on standard output, logs on standard error. Exit codes: 0 done, 1 refused
or failed with findings, 2 wrong use or could not run.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from envelope.findings import Refused
from simulator import tell
from simulator.settings import Settings

app = typer.Typer(
    name="vansim",
    help="A VANS network on your own machine: envelopes, routing, conversion and receipts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DONE, REFUSED, WRONG_USE = 0, 1, 2

BrokerOption = Annotated[str | None, typer.Option(help="embedded, or a RabbitMQ: amqp://user:password@host/vhost")]
DataOption = Annotated[Path | None, typer.Option(help="the folder of the ledger; made when missing")]
DatabaseOption = Annotated[str | None, typer.Option(help="another ledger: postgresql+asyncpg://...")]
NetworkOption = Annotated[Path | None, typer.Option("--network", help="a network.yaml of your own")]
PortOption = Annotated[int | None, typer.Option(help="of the API")]
UrlOption = Annotated[str, typer.Option("--url", envvar="VANSIM_URL", help="where the network's API is")]
TokenOption = Annotated[str | None, typer.Option("--token", envvar="VANSIM_TOKEN", help="bearer token of the API")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON document on standard output")]

URL = "http://127.0.0.1:8180"


def main() -> NoReturn:
    """Run the command line; nobody ever sees a stack trace for what is their own to mend."""
    sys.argv[1:] = spread(sys.argv[1:])
    try:
        app(standalone_mode=True)
    except Refused as refused:
        tell.findings_table(refused.findings, Console(stderr=True))
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        sys.exit(DONE)
    sys.exit(DONE)


def spread(arguments: list[str]) -> list[str]:
    """`--original A B` as `--original A --original B`: the option takes every file up to the next option."""
    spread_out: list[str] = []
    taking = False
    for argument in arguments:
        if argument == "--original":
            taking = True
        elif argument.startswith("-"):
            taking = False
            spread_out.append(argument)
        else:
            spread_out += ["--original", argument] if taking else [argument]
    return spread_out


def settings_of(**given: Any) -> Settings:
    """Settings from the options that were given, the environment and the defaults."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        for one in error.errors():
            typer.echo(f"{'.'.join(map(str, one['loc']))}: {one['msg']}", err=True)
        raise typer.Exit(WRONG_USE) from None


def run(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Run to the end on the fastest event loop there is, and exit with its code."""
    try:
        import uvloop  # noqa: PLC0415 (not on every platform)
    except ImportError:  # pragma: no cover
        runner = asyncio.Runner()
    else:
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with runner:
        raise typer.Exit(runner.run(work))


def refuse(refused: Refused, as_json: bool) -> NoReturn:
    """Tell findings, as JSON or as a table, and exit with 1."""
    if as_json:
        tell.as_json({"findings": [finding.as_dict() for finding in refused.findings]})
    else:
        tell.findings_table(refused.findings, Console(stderr=True))
    raise typer.Exit(REFUSED)


def _service(name: str, settings: Settings) -> NoReturn:
    from simulator import serving  # noqa: PLC0415 (what only a network needs)

    run(serving.service(settings, frozenset({name})))


@app.command()
def up(
    port: PortOption = None,
    data: DataOption = None,
    broker: BrokerOption = None,
    database: DatabaseOption = None,
    network: NetworkOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the whole network in one process: broker, router, worker, participants and API on loopback."""
    from simulator import serving  # noqa: PLC0415

    settings = settings_of(port=port, data=data, broker=broker, database=database, network=network)
    run(serving.up(settings, as_json=as_json))


@app.command()
def router(data: DataOption = None, broker: BrokerOption = None, database: DatabaseOption = None) -> None:
    """Run a router alone, beside other services on the same RabbitMQ and PostgreSQL."""
    _service("router", settings_of(data=data, broker=broker, database=database))


@app.command()
def worker(data: DataOption = None, broker: BrokerOption = None, database: DatabaseOption = None) -> None:
    """Run a conversion worker alone."""
    _service("worker", settings_of(data=data, broker=broker, database=database))


@app.command()
def participants(data: DataOption = None, broker: BrokerOption = None, database: DatabaseOption = None) -> None:
    """Run the mock participants alone."""
    _service("participants", settings_of(data=data, broker=broker, database=database))


@app.command()
def api(
    port: PortOption = None,
    data: DataOption = None,
    broker: BrokerOption = None,
    database: DatabaseOption = None,
) -> None:
    """Run the API alone."""
    from simulator import serving  # noqa: PLC0415

    settings = settings_of(port=port, data=data, broker=broker, database=database)
    run(serving.up(settings, services=frozenset()))


@app.command()
def demo(broker: BrokerOption = None, as_json: JsonOption = False) -> None:
    """Send letters both ways, converted and not, and show their story until every receipt is back."""
    from simulator import demonstration  # noqa: PLC0415

    run(demonstration.demo(settings_of(broker=broker, log_level="warning"), as_json=as_json))


@app.command()
def send(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="an envelope, a letter or a bundle")],
    sender: Annotated[str | None, typer.Option("--from", help="GLN of the sender of a bare letter")] = None,
    receiver: Annotated[str | None, typer.Option("--to", help="GLN of the receiver of a bare letter")] = None,
    url: UrlOption = URL,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a file as a participant of a running network; a bare letter or bundle is wrapped."""
    from simulator.client import Client  # noqa: PLC0415

    try:
        identifier = Client(url, token).send(file.read_bytes(), sender, receiver)
    except Refused as refused:
        refuse(refused, as_json)
    if as_json:
        tell.as_json({"id": identifier})
    else:
        typer.echo(identifier)


@app.command()
def inbox(
    gln: str,
    wait: Annotated[float, typer.Option(help="seconds to wait for one")] = 0.0,
    peek: Annotated[bool, typer.Option(help="only look; the envelope stays in the inbox")] = False,
    out: Annotated[Path | None, typer.Option(help="write the envelope to this file")] = None,
    url: UrlOption = URL,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the next envelope from a participant's inbox, and ack it once it is written."""
    from simulator.client import Client  # noqa: PLC0415

    client = Client(url, token)
    try:
        taken = client.take(gln, wait, peek=peek)
    except Refused as refused:
        refuse(refused, as_json)
    if taken is None:
        if as_json:
            tell.as_json({"id": None, "envelope": None})
        else:
            typer.echo("The inbox is empty.", err=True)
        return
    if out is not None:
        out.write_bytes(taken.body)
    if as_json:
        tell.as_json({"id": taken.id, "envelope": None if out else taken.body.decode("utf-8", "replace")})
    elif out is None:
        sys.stdout.buffer.write(taken.body + b"\n")
        sys.stdout.flush()
    if taken.lease is not None:
        client.ack(gln, taken.lease)


@app.command()
def timeline(
    identifier: Annotated[str, typer.Argument(help="of an envelope, message, letter or bundle, at either end")],
    url: UrlOption = URL,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the whole story of a letter and its receipts, across a conversion."""
    from simulator.client import Client  # noqa: PLC0415

    client = Client(url, token)
    try:
        roots = client.timeline(identifier)
        names = {} if as_json else client.names()
    except Refused as refused:
        refuse(refused, as_json)
    if as_json:
        tell.as_json({"roots": roots})
    else:
        tell.story(roots, names, Console(soft_wrap=True))


@app.command()
def convert(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    to: Annotated[str, typer.Option(help="XDIS91, CareCommunication, XCTL or Acknowledgement")],
    out: Annotated[Path, typer.Option(help="the folder to write to; made when missing")],
    output_format: Annotated[str, typer.Option("--format", help="of FHIR: xml or json")] = "xml",
    original: Annotated[list[Path] | None, typer.Option(help="what a receipt answers")] = None,
    network: NetworkOption = None,
    at: Annotated[datetime | None, typer.Option(help="network time, instead of now")] = None,
    envelope: Annotated[bool, typer.Option(help="write envelopes instead of bare letters")] = False,
    as_json: JsonOption = False,
) -> None:
    """Convert files without a network: envelopes, bare letters and bundles, XML or JSON."""
    from simulator import files as conversions  # noqa: PLC0415

    if to not in conversions.TARGETS or output_format not in {"xml", "json"}:
        typer.echo(f"--to is one of {', '.join(conversions.TARGETS)}; --format is xml or json", err=True)
        raise typer.Exit(WRONG_USE)
    request = conversions.Request(
        sources=tuple(path.read_bytes() for path in files),
        to=to,
        output_format="json" if output_format == "json" else "xml",
        originals=tuple(path.read_bytes() for path in original or ()),
        network=network,
        at=at,
        envelope=envelope,
    )
    try:
        result = conversions.convert_files(request)
    except Refused as refused:
        if as_json:
            tell.as_json({"outputs": [], "findings": [finding.as_dict() for finding in refused.findings]})
            raise typer.Exit(REFUSED) from None
        refuse(refused, as_json)
    written = conversions.write_files(result, out)
    if as_json:
        tell.as_json({"outputs": written, "findings": [finding.as_dict() for finding in result.findings]})
        return
    for one in written:
        typer.echo(f"{out / one['file']}  {one['type']} {one['version']}")
    if result.findings:
        tell.findings_table(result.findings, Console(stderr=True))


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    as_json: JsonOption = False,
) -> None:
    """Say what a file is and everything that is wrong with it: envelope, letter or bundle."""
    from envelope.validation import validate as judge  # noqa: PLC0415

    verdict = judge(file.read_bytes())
    if as_json:
        tell.as_json(
            {
                "valid": verdict.valid,
                "type": verdict.type,
                "version": verdict.version,
                "findings": [finding.as_dict() for finding in verdict.findings],
            }
        )
    else:
        what = f"{verdict.type or 'unknown'} {verdict.version or ''}".strip()
        typer.echo(f"{file.name}: {what}: {'valid' if verdict.valid else 'not valid'}")
        if verdict.findings:
            tell.findings_table(verdict.findings, Console())
    raise typer.Exit(DONE if verdict.valid else REFUSED)
