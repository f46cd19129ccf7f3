"""Commands that act as a participant of a running network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from simulator import tell
from simulator.commands.options import URL, JsonOption, TokenOption, UrlOption, told

if TYPE_CHECKING:
    from simulator.client import Client, Taken


def send(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="an envelope, a letter or a bundle")],
    sender: Annotated[str | None, typer.Option("--from", help="GLN of the sender of a bare letter")] = None,
    receiver: Annotated[str | None, typer.Option("--to", help="GLN of the receiver of a bare letter")] = None,
    url: UrlOption = URL,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a file as a participant of a running network; a bare letter or bundle is wrapped."""
    with told(as_json, id=None):
        from simulator.client import Client  # noqa: PLC0415 (what only a participant needs)

        with Client(url, token) as client:
            identifier = client.send(file.read_bytes(), sender, receiver)
        if as_json:
            tell.as_json({"id": identifier, "findings": []})
        else:
            typer.echo(identifier)


def inbox(
    gln: str,
    wait: Annotated[float, typer.Option(min=0, help="seconds to wait for one")] = 0.0,
    peek: Annotated[bool, typer.Option("--peek", help="only look; the envelope stays in the inbox")] = False,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="write the envelope to this file")] = None,
    url: UrlOption = URL,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the next envelope from a participant's inbox, and ack it once it is written."""
    with told(as_json, id=None, envelope=None):
        from simulator.client import Client  # noqa: PLC0415

        with Client(url, token) as client:
            taken = client.take(gln, wait, peek=peek)
            if taken is None:
                _nothing(client, gln, as_json=as_json)
            else:
                _keep(client, gln, taken, out, as_json=as_json)


def timeline(
    identifier: Annotated[str, typer.Argument(help="of an envelope, message, letter or bundle, at either end")],
    record: Annotated[
        bool, typer.Option("--record", help="list what the conversions did with each value, too")
    ] = False,
    url: UrlOption = URL,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the whole story of a letter and its receipts, across a conversion."""
    with told(as_json, roots=[]):
        from simulator.client import Client  # noqa: PLC0415

        with Client(url, token) as client:
            roots = client.timeline(identifier)
            conversions = client.records(identifier) if record else []
            names = {} if as_json else {one["gln"]: one["name"] for one in client.participants()}
        if as_json:
            more = {"conversions": conversions} if record else {}
            tell.as_json({"roots": roots, **more, "findings": []})
        else:
            tell.story(roots, names, Console())
            for one in conversions:
                typer.echo(f"\n{', '.join(one['sources'])} to {one['target']}:")
                tell.record(one["record"], Console())


def _keep(client: Client, gln: str, taken: Taken, out: Path | None, *, as_json: bool) -> None:
    """Write what was taken, and only then ack it; what cannot be written goes back to the inbox."""
    try:
        _write(taken, out, as_json=as_json)
    except OSError:
        if taken.lease is not None:
            client.give_back(gln, taken.lease)
        raise
    if taken.lease is not None:
        client.ack(gln, taken.lease)


def _write(taken: Taken, out: Path | None, *, as_json: bool) -> None:
    if out is not None:
        out.write_bytes(taken.body)
    if as_json:
        envelope = None if out else _text(taken.body)
        tell.as_json({"id": taken.id, "envelope": envelope, "file": str(out) if out else None, "findings": []})
    elif out is None:
        sys.stdout.buffer.write(taken.body + b"\n")
        sys.stdout.flush()
    else:
        typer.echo(f"{taken.id} is in {out}")


def _text(body: bytes) -> str:
    """The envelope as JSON can hold it: in UTF-8, or else byte for byte as ISO-8859-1, which loses none."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _nothing(client: Client, gln: str, *, as_json: bool) -> None:
    if as_json:
        tell.as_json({"id": None, "envelope": None, "file": None, "findings": []})
        return
    mock = any(one["gln"] == gln and not one["external"] for one in client.participants())
    why = " It is a mock's: it takes what comes to it and answers by itself; see `vansim timeline ID`." if mock else ""
    typer.echo(f"The inbox is empty.{why}", err=True)
