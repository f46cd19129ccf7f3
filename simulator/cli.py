"""The command line: run a network, act as a participant of one, and convert or judge files without one.

Every command has `--json`: one JSON document on standard output, logs on standard error. Exit codes: 0 done (warnings
are no failure), 1 refused or failed with findings, 2 wrong use or could not run.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from simulator import tell
from simulator.commands import clock, directory, files, network, participant
from simulator.commands.options import DONE, WRONG_USE
from simulator.errors import WRONG_USE as NOT_UNDERSTOOD

app = typer.Typer(
    name="vansim",
    help="A VANS network on your own machine: envelopes, routing, conversion and receipts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    network.up,
    network.demo,
    participant.send,
    participant.inbox,
    participant.timeline,
    files.convert,
    files.validate,
    network.router,
    network.worker,
    network.participants,
    network.api,
):
    app.command()(command)


app.add_typer(clock.app)
app.add_typer(directory.app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"vansim {version('vansim')}")
        raise typer.Exit(DONE)


@app.callback()
def vansim(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="say it and end")] = False,
) -> None:
    """A VANS network on your own machine: envelopes, routing, conversion and receipts."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; nobody ever sees a stack trace for what is their own to mend.

    Args:
        arguments: the process's own when None.
    """
    given = spread(sys.argv[1:] if arguments is None else arguments)
    if "--json" not in given:
        app(given)
    try:
        code = app(given, standalone_mode=False)
    except TyperException as error:
        finding = NOT_UNDERSTOOD.at("", reason=" ".join(error.format_message().split()))
        tell.as_json({"findings": [finding.as_dict()]})
        sys.exit(WRONG_USE)
    except typer.Abort:
        sys.exit(WRONG_USE)
    sys.exit(code or DONE)


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
