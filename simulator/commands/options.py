"""What commands share: options, exit codes, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.exceptions import TyperException

from envelope.findings import Refused
from simulator import tell
from simulator.errors import INTERNAL, NO_FILE, CouldNotRun

DONE, REFUSED, WRONG_USE = 0, 1, 2

BrokerOption = Annotated[str | None, typer.Option(help="embedded, or a RabbitMQ: amqp://user:password@host/vhost")]
DataOption = Annotated[Path | None, typer.Option(help="the folder of the ledger; made when missing")]
DatabaseOption = Annotated[str | None, typer.Option(help="another ledger: postgresql+asyncpg://...")]
NetworkOption = Annotated[Path | None, typer.Option("--network", help="a network.yaml of your own")]
MailboxOption = Annotated[
    Path | None,
    typer.Option(help="holds a folder for each GLN that talks by files: GLN/out is sent, GLN/in comes"),
]
PortOption = Annotated[int | None, typer.Option(help="of the API; 8180 unless told otherwise, 0 for any free one")]
HostOption = Annotated[str | None, typer.Option(help="where the API listens; beyond 127.0.0.1 it needs VANSIM_TOKEN")]
UrlOption = Annotated[str, typer.Option("--url", envvar="VANSIM_URL", help="where the network's API is")]
TokenOption = Annotated[str | None, typer.Option("--token", envvar="VANSIM_TOKEN", help="bearer token of the API")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON document on standard output")]

URL = "http://127.0.0.1:8180"


def run(work: Coroutine[Any, Any, int | None]) -> None:
    """Run to the end on the fastest event loop there is, and exit with its code."""
    try:
        import uvloop  # noqa: PLC0415 (not on every platform)
    except ImportError:  # pragma: no cover
        runner = asyncio.Runner()
    else:
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with runner:
        raise typer.Exit(runner.run(work) or DONE)


@contextmanager
def told(as_json: bool, **empty: Any) -> Iterator[None]:
    """End a command that is refused, or could not run, with its findings; nobody sees a stack trace.

    Args:
        as_json: tell them as the one JSON document.
        empty: what that document holds beside the findings.
    """
    try:
        yield
    except Refused as refused:
        findings, code = refused.findings, WRONG_USE if isinstance(refused, CouldNotRun) else REFUSED
    except OSError as error:
        findings, code = (NO_FILE.at("", path=error.filename or "a file", reason=error.strerror or error),), WRONG_USE
    except (typer.Exit, typer.Abort, TyperException):
        raise
    except Exception as error:  # noqa: BLE001 (an error of our own is told by its kind: its text may quote a message)
        findings, code = (INTERNAL.at("", error=type(error).__name__),), WRONG_USE
    else:
        return
    if as_json:
        tell.as_json(empty | {"findings": [finding.as_dict() for finding in findings]})
    else:
        tell.findings_list(findings, Console(stderr=True))
    raise typer.Exit(code)
