"""The network clock from the command line: `vansim clock`, and `advance`, `set`, `freeze` and `resume` beneath it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from simulator import tell
from simulator.commands.options import URL, JsonOption, TokenOption, UrlOption, told

app = typer.Typer(name="clock", help="See and move the network clock.", invoke_without_command=True)


@app.callback()
def show(context: typer.Context, url: UrlOption = URL, token: TokenOption = None, as_json: JsonOption = False) -> None:
    """Say what time it is in the network, and when something falls due next."""
    if context.invoked_subcommand is None:
        _move("", url, token, as_json)


@app.command()
def advance(
    by: Annotated[str, typer.Argument(help="such as 61m, 2h30m or 90d")],
    url: UrlOption = URL,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move on; everything that falls due on the way is done at its own moment."""
    _move("advance", url, token, as_json, by=by)


@app.command(name="set")
def put(
    at: Annotated[str, typer.Argument(help="such as 2025-12-01T00:00: Danish time, or with a zone")],
    frozen: Annotated[bool | None, typer.Option("--frozen/--going", help="let it stand there, or go on")] = None,
    url: UrlOption = URL,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move to a time; back as well, and then nothing is done on the way."""
    _move("set", url, token, as_json, at=at, **({} if frozen is None else {"frozen": frozen}))


@app.command()
def freeze(url: UrlOption = URL, token: TokenOption = None, as_json: JsonOption = False) -> None:
    """Let it stand where it is."""
    _move("freeze", url, token, as_json)


@app.command()
def resume(url: UrlOption = URL, token: TokenOption = None, as_json: JsonOption = False) -> None:
    """Let it be real time again."""
    _move("resume", url, token, as_json)


def _move(way: str, url: str, token: str | None, as_json: bool, **how: Any) -> None:
    with told(as_json, now=None, mode=None, next_due=None):
        from simulator.client import Client  # noqa: PLC0415 (what only a participant needs)

        with Client(url, token) as client:
            clock = client.move_clock(way, **how) if way else client.clock()
        if as_json:
            tell.as_json({**clock, "findings": []})
        else:
            due = f"; next due {clock['next_due']}" if clock["next_due"] else ""
            typer.echo(f"{clock['now']} ({clock['mode']}){due}")
