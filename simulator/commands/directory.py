"""The directory from the command line: who takes what on a day, and the matrix of the rollout."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator import tell
from simulator.commands.options import URL, JsonOption, NetworkOption, TokenOption, told

app = typer.Typer(name="directory", help="Who takes what, from which day, and how letters get there.")

DayOption = typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD")
RunningOption = Annotated[
    str | None, typer.Option("--url", envvar="VANSIM_URL", help=f"of a running network, such as {URL}; else a file")
]


@app.command()
def at(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="a Danish day")],
    network: NetworkOption = None,
    url: RunningOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what everybody takes on a day."""
    _show(day.date(), network, url, token, as_json)


@app.command()
def show(
    network: NetworkOption = None, url: RunningOption = None, token: TokenOption = None, as_json: JsonOption = False
) -> None:
    """Say what everybody takes today."""
    _show(None, network, url, token, as_json)


@app.command()
def matrix(
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="this day; today")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="boundaries before it")] = None,
    sender: Annotated[str | None, typer.Option(help="only this GLN")] = None,
    receiver: Annotated[str | None, typer.Option(help="only this GLN")] = None,
    network: NetworkOption = None,
    url: RunningOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the way of a letter from each sender to each receiver, and what changes at each boundary."""
    days = {"from": _day(since), "to": _day(until)}
    with told(as_json):
        if url is not None:
            asked = days | {"sender": sender, "receiver": receiver}
            document = _asked(url, token, "/api/directory/matrix", asked)
        else:
            from simulator import rollout  # noqa: PLC0415 (what only this command needs)

            directory = _read(network)
            document = rollout.told(directory, days["from"] or _today(), days["to"], sender, receiver)
        if as_json:
            tell.as_json({**document, "findings": []})
        else:
            from simulator.tell_rollout import matrix as told_matrix  # noqa: PLC0415

            told_matrix(document)


def _show(day: date | None, network: Path | None, url: str | None, token: str | None, as_json: bool) -> None:
    with told(as_json):
        if url is not None:
            document = _asked(url, token, "/api/directory", {"at": day})
        else:
            document = _read(network).as_dict(day or _today()) | {"day": (day or _today()).isoformat()}
        if as_json:
            tell.as_json({**document, "findings": []})
        else:
            from simulator.tell_rollout import directory as told_directory  # noqa: PLC0415

            told_directory(document)


def _asked(url: str, token: str | None, path: str, parameters: dict[str, Any]) -> dict[str, Any]:
    from simulator.client import Client  # noqa: PLC0415

    with Client(url, token) as client:
        given = {name: str(value) for name, value in parameters.items() if value is not None}
        return client.directory(path, given)


def _read(network: Path | None) -> Any:
    from simulator.services.directory_file import DirectoryFile  # noqa: PLC0415

    return DirectoryFile(network).current


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _today() -> date:
    from routing.decision import danish_day  # noqa: PLC0415
    from simulator.services.clock import real_time  # noqa: PLC0415

    return danish_day(real_time())
