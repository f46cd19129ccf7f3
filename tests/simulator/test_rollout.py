"""Letters, their receipts and pairs on two sides of a boundary: each row of docs/rollout.md, on both brokers."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from simulator.cli import main
from simulator.services.answers import answers_of
from simulator.wiring import Network
from tests.conformance.moments import FIRST, LETTER, RECEIVER, SECOND, SENDER, find
from tests.conformance.moments import send as send_letters
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER, calling, rules
from tests.simulator.post import (
    CITY,
    HOSPITAL,
    PRACTICE,
    TOWN,
    emptied,
    idle,
    kinds,
    message,
    network_file,
    send,
    wrapped,
    xdis91,
)

ROOT = Path(__file__).resolve().parents[2]
DANISH = ZoneInfo("Europe/Copenhagen")
DAY = date(2027, 1, 4)
NOON = datetime(2027, 1, 3, 12, tzinfo=DANISH)
EXTERNAL: dict[str, dict[str, Any]] = {gln: {"external": True} for gln in (PRACTICE, TOWN, CITY, HOSPITAL)}
CHANGES_TO_FHIR = [
    {"type": "XDIS91", "until": "boundary"},
    {"type": "XBIN01", "until": "boundary"},
    {"type": "CareCommunication", "from": "boundary"},
]


def file(folder: Path, changes: dict[str, dict[str, Any]] | None = None, *, ends: bool = False) -> Path:
    """The packaged network in which a wave named boundary falls on the day, or the conversion ends with it."""
    everybody = EXTERNAL | {gln: {"external": True, **change} for gln, change in (changes or {}).items()}
    path = network_file(folder, everybody)
    content = yaml.safe_load(path.read_text("utf-8"))
    content["waves"]["boundary"] = DAY
    if ends:
        content["conversion"] = {"until": "boundary"}
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def clock() -> datetime:
    """The day before the boundary, at noon."""
    return NOON


async def cross(network: Network) -> None:
    """Move to the day of the boundary."""
    await network.clockkeeper.put(datetime(2027, 1, 4, 0, 0, tzinfo=DANISH))


async def test_a_receipt_comes_back_after_its_receiver_has_changed(running: Running, tmp_path: Path) -> None:
    """rollout-receipt-as-is: passed through before the boundary, its receipts go back untouched after it."""
    async with running(clock=clock, network_file=file(tmp_path, {HOSPITAL: {"takes": CHANGES_TO_FHIR}})) as network:
        await send(network, wrapped(xdis91(), PRACTICE, HOSPITAL))
        [arrived] = await emptied(network, HOSPITAL)
        await cross(network)
        await send(network, *answers_of(arrived, network.clock()))
        assert sorted(kinds(await emptied(network, PRACTICE))) == ["MCM:XCTL03", "PositiveMessage"]
        await send(network, wrapped(xdis91(2), PRACTICE, HOSPITAL))
        assert kinds(await emptied(network, HOSPITAL)) == ["MCM:FDIS91#other"]


@pytest.mark.parametrize("ends", [False, True], ids=["changed", "ended"])
async def test_a_receipt_of_a_converted_letter_is_converted_after_the_boundary(
    running: Running, tmp_path: Path, ends: bool
) -> None:
    """rollout-receipt-converted: what a conversion made is answered back across it, whatever has changed since."""
    changes = {} if ends else {TOWN: {"takes": [{"type": "CareCommunication", "until": "boundary"}]}}
    async with running(clock=clock, network_file=file(tmp_path, changes, ends=ends)) as network:
        await send(network, wrapped(xdis91()))
        [arrived] = await emptied(network, TOWN)
        await cross(network)
        await send(network, *answers_of(arrived, network.clock()))
        assert sorted(kinds(await emptied(network, PRACTICE))) == ["MCM:XCTL03", "PositiveMessage"]


@pytest.mark.parametrize(
    ("letter", "sender", "receiver", "receipts"),
    [
        (xdis91(), PRACTICE, TOWN, ["MCM:XCTL01", "NegativeVans"]),
        (message(), CITY, HOSPITAL, ["NegativeVans"]),
    ],
    ids=["XDIS91", "CareCommunication"],
)
async def test_no_letter_is_converted_after_the_end(
    running: Running, tmp_path: Path, letter: bytes, sender: str, receiver: str, receipts: list[str]
) -> None:
    """rollout-ended: a letter that needs the conversion is refused by name, in its sender's own format."""
    async with running(clock=clock, network_file=file(tmp_path, ends=True)) as network:
        await cross(network)
        refused = wrapped(letter, sender, receiver)
        await send(network, refused)
        assert await emptied(network, receiver) == []
        assert sorted(kinds(await emptied(network, sender))) == receipts
        node = await find(network, refused.head.identifier)
        assert (node.state, [finding["rule"] for finding in node.findings]) == ("refused", ["VS-417"])
        await send(network, wrapped(xdis91(3), PRACTICE, HOSPITAL))
        assert kinds(await emptied(network, HOSPITAL)) == ["MCM:XDIS91"]


async def test_a_pair_that_was_begun_is_ended(running: Running, tmp_path: Path) -> None:
    """rollout-pair-ended: halves that come after the end are joined with the letter that is held, and no others."""
    async with running(clock=clock, network_file=file(tmp_path, ends=True)) as network:
        await network.clockkeeper.put(datetime(2027, 1, 3, 23, 50, tzinfo=DANISH), frozen=True)
        [letter] = await send_letters(network, LETTER)
        await cross(network)
        late = await send_letters(network, FIRST)
        assert (await find(network, late[0])).state == "refused"
        assert (await find(network, letter)).state == "held"
        await network.clockkeeper.advance(timedelta(hours=1))
        assert (await find(network, letter)).state == "converted"
        assert kinds(await emptied(network, RECEIVER)) == ["MCM:FDIS91#other"]


async def test_the_last_half_releases_its_pair_after_the_end(running: Running, tmp_path: Path) -> None:
    """rollout-pair-released: with the last half of a held pair the message is whole, and it is made."""
    async with running(clock=clock, network_file=file(tmp_path, ends=True)) as network:
        await network.clockkeeper.put(datetime(2027, 1, 3, 23, 50, tzinfo=DANISH), frozen=True)
        names = await send_letters(network, LETTER, FIRST)
        await cross(network)
        names += await send_letters(network, SECOND)
        assert [(await find(network, name)).state for name in names] == ["converted"] * 3
        assert kinds(await emptied(network, RECEIVER)) == ["MCM:FDIS91#other"]


async def test_the_letter_releases_its_attachments_after_the_end(running: Running, tmp_path: Path) -> None:
    """rollout-pair-letter-last: what was begun with its attachments is ended with the letter."""
    async with running(clock=clock, network_file=file(tmp_path, ends=True)) as network:
        await network.clockkeeper.put(datetime(2027, 1, 3, 23, 50, tzinfo=DANISH), frozen=True)
        names = await send_letters(network, FIRST, SECOND)
        await cross(network)
        names += await send_letters(network, LETTER)
        assert [(await find(network, name)).state for name in names] == ["converted"] * 3
        assert kinds(await emptied(network, RECEIVER)) == ["MCM:FDIS91#other"]


async def test_a_pair_that_comes_after_the_end_is_refused(running: Running, tmp_path: Path) -> None:
    """rollout-pair-late: its attachments are refused, and so is the letter, though it waits for nothing more."""
    async with running(clock=clock, network_file=file(tmp_path, ends=True)) as network:
        await cross(network)
        names = await send_letters(network, FIRST, SECOND)
        names += await send_letters(network, LETTER)
        nodes = [await find(network, name) for name in names]
        assert [(node.state, [one["rule"] for one in node.findings]) for node in nodes] == [("refused", ["VS-417"])] * 3
        assert await emptied(network, RECEIVER) == []


async def test_a_pair_over_its_receivers_change_goes_unconverted(running: Running, tmp_path: Path) -> None:
    """rollout-pair-changed: the letter went as it is; its attachments wait for an hour and then go as they are."""
    changes = {RECEIVER: {"takes": CHANGES_TO_FHIR}}
    async with running(clock=clock, network_file=file(tmp_path, changes)) as network:
        await network.clockkeeper.put(datetime(2027, 1, 3, 23, 50, tzinfo=DANISH), frozen=True)
        await send_letters(network, LETTER)
        assert kinds(await emptied(network, RECEIVER)) == ["MCM:XDIS91"]
        await cross(network)
        [late] = await send_letters(network, FIRST)
        assert (await find(network, late)).state == "held"
        await network.clockkeeper.advance(timedelta(minutes=61))
        await idle(network)
        assert (await find(network, late)).state == "delivered"
        assert kinds(await emptied(network, RECEIVER)) == ["MCM:XBIN01"]


@ON_ONE_BROKER
async def test_the_api_tells_the_rollout(running: Running, tmp_path: Path) -> None:
    """Directory, matrix and waves by the network's own clock, and of any other day."""
    async with running(clock=clock, network_file=file(tmp_path, ends=True)) as network, calling(network) as http:
        today = (await http.get("/api/directory")).json()
        assert (today["day"], today["conversion_until"]) == ("2027-01-03", "2027-01-04")
        then = (await http.get("/api/directory", params={"at": "2027-01-05"})).json()
        assert (then["day"], len(then["participants"])) == ("2027-01-05", len(network.directory))
        pair = {"sender": PRACTICE, "receiver": TOWN}
        told = (await http.get("/api/directory/matrix", params=pair)).json()
        assert [cell["way"] for cell in told["matrix"]["paths"]] == ["to-fhir"]
        assert told["boundaries"][0]["conversion_ends"] is True
        told = (
            await http.get("/api/directory/matrix", params={**pair, "from": "2027-01-04", "to": "2027-02-01"})
        ).json()
        assert [(cell["way"], cell["rule"]) for cell in told["matrix"]["paths"]] == [("refused", "VS-417")]
        assert rules(await http.get("/api/directory/matrix", params={"sender": "1"})) == ["VS-476"]
        listed = (await http.get("/api/directory/waves")).json()["waves"]
        assert {"name": "boundary", "day": "2027-01-04", "participants": []} in listed


def test_the_command_line_tells_the_rollout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file's directory on a day, and its matrix, for people and as JSON."""
    network = ("--network", str(file(tmp_path, ends=True)))
    assert _run("directory", "at", "2027-01-05", *network, "--json") == 0
    assert json.loads(capsys.readouterr().out)["day"] == "2027-01-05"
    assert _run("directory", "at", "2027-01-03", *network) == 0
    told = capsys.readouterr().out
    assert TOWN in told
    assert "converted until 2027-01-04" in told
    assert _run("directory", "matrix", "--from", "2027-01-03", *network) == 0
    told = capsys.readouterr().out
    assert "to FHIR" in told
    assert "letters are converted no more" in told
    pair = ("--sender", PRACTICE, "--receiver", TOWN)
    assert _run("directory", "matrix", "--from", "2027-01-04", *pair, *network, "--json") == 0
    assert json.loads(capsys.readouterr().out)["matrix"]["paths"][0]["rule"] == "VS-417"
    assert _run("directory", "matrix", "--sender", "1", *network, "--json") == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["rule"] == "VS-476"
    assert _run("directory", "show", *network, "--json") == 0


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_every_row_of_the_documentation_is_played() -> None:
    """The ids in docs/rollout.md are those that the tests of this file begin with, and no others."""
    said = set(re.findall(r"`(rollout-[a-z-]+)`", (ROOT / "docs" / "rollout.md").read_text("utf-8")))
    played = {
        match[1]
        for name, test in globals().items()
        if name.startswith("test_") and (match := re.match(r"(rollout-[a-z-]+):", test.__doc__ or ""))
    }
    assert said == played
    assert SENDER
