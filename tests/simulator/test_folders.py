"""Folders as a way in and out: what is put there is sent once, and what comes is there once and whole."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from watchfiles import awatch

from envelope.reading import payload, read
from routing.ledger.schema import DEAD, SENDS
from simulator.folders import IN, OUT, REFUSED, SENT, TAKING, Folders, _file_name
from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.post import (
    LETTERS,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    TOWN,
    count,
    idle,
    kinds,
    message,
    send,
    wrapped,
    xdis91,
)

SECONDS = 20
LETTER = (LETTERS / "xdis91-minimal.xml").read_bytes()


@asynccontextmanager
async def open_folders(network: Network, root: Path, *glns: str) -> AsyncIterator[None]:
    """The folders of some participants, for as long as they are open."""
    for gln in glns:
        (root / gln).mkdir(parents=True, exist_ok=True)
    task = asyncio.create_task(Folders(network, root).run())
    try:
        await until(root, lambda: all((root / gln / TAKING).is_dir() for gln in glns))
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(root: Path, holds: Callable[[], bool]) -> None:
    """Wait for the change of a folder after which something holds."""
    async with asyncio.timeout(SECONDS):
        changes = awatch(root, step=10, debounce=50, rust_timeout=500, yield_on_timeout=True)
        while not holds():
            await anext(changes)
        await changes.aclose()


def put(folder: Path, name: str, data: bytes) -> None:
    """Put a file into a folder as a client does: under another name, then renamed."""
    (folder / f".{name}").write_bytes(data)
    (folder / f".{name}").rename(folder / name)


def names(folder: Path) -> list[str]:
    """What is in a folder and means to be seen."""
    return sorted(one.name for one in folder.iterdir() if not one.name.startswith("."))


def bodies(folder: Path) -> list[bytes]:
    """The envelopes in a folder."""
    return [(folder / name).read_bytes() for name in names(folder)]


async def test_a_letter_is_sent_and_its_receipts_come(running: Running, tmp_path: Path) -> None:
    """A bare letter in `out` is sent as the folder's participant, and what answers it appears in `in`."""
    box = tmp_path / "mailbox" / OWN_OIOXML
    async with running() as network, open_folders(network, box.parent, OWN_OIOXML):
        put(box / OUT, "letter.xml", LETTER)
        await until(box, lambda: len(names(box / IN)) == 2)
        assert names(box / SENT) == ["letter.xml"]
        assert names(box / OUT) == []
        assert sorted(kinds(bodies(box / IN))) == ["MCM:XCTL03", "PositiveMessage"]
        assert [f"{read(body).head.identifier}.xml" for body in bodies(box / IN)] == names(box / IN)
        await idle(network)
        rows = await network.ledger.read(select(SENDS.c.state).where(SENDS.c.receiver == OWN_OIOXML))
        assert {row.state for row in rows} == {"taken"}


async def test_what_is_not_finished_is_left_alone(running: Running, tmp_path: Path) -> None:
    """Hidden and temporary names are not taken, nor a file that does not end as a document ends; renamed, it is."""
    box = tmp_path / "mailbox" / OWN_OIOXML
    async with running() as network, open_folders(network, box.parent, OWN_OIOXML):
        for name in (".hidden.xml", "letter.tmp", "letter.part"):
            (box / OUT / name).write_bytes(LETTER)
        (box / OUT / "growing.xml").write_bytes(LETTER[:100])
        put(box / OUT, "other.xml", xdis91(2))
        await until(box, lambda: "other.xml" in names(box / SENT))
        assert names(box / SENT) == ["other.xml"]
        (box / OUT / "letter.tmp").rename(box / OUT / "letter.xml")
        await until(box, lambda: "letter.xml" in names(box / SENT))
        await idle(network)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (wrapped(message(), TOWN, OWN_FHIR).body, "VS-705"),
        (LETTER[:400], "VS-109"),
        (b"nothing that is known", "VS-101"),
    ],
    ids=["another's", "cut short", "nothing"],
)
async def test_what_is_refused_stands_beside_its_findings(
    running: Running, tmp_path: Path, data: bytes, rule: str
) -> None:
    """What cannot be sent goes to `refused`, with a file that says why; what nobody can read is a dead letter too."""
    box = tmp_path / "mailbox" / OWN_OIOXML
    async with running() as network, open_folders(network, box.parent, OWN_OIOXML):
        (box / OUT / ".bad.xml").write_bytes(data)
        os.utime(box / OUT / ".bad.xml", (0, 0))
        (box / OUT / ".bad.xml").rename(box / OUT / "bad.xml")
        await until(box, lambda: len(names(box / REFUSED)) == 2)
        told = json.loads((box / REFUSED / "bad.xml.findings.json").read_text("utf-8"))
        assert (told["file"], [finding["rule"] for finding in told["findings"]][:1]) == ("bad.xml", [rule])
        assert (box / REFUSED / "bad.xml").read_bytes() == data
        await idle(network)
        dead = await network.ledger.read(select(DEAD.c.key))
        assert len(dead) == (0 if rule == "VS-705" else 1)
        assert await count(network, way="in", layer="message", state="delivered") == 0


async def test_what_a_dead_process_had_in_hand_is_sent_once(running: Running, tmp_path: Path) -> None:
    """A file in `.taking` is handed in again under the same identifiers: sent already or not, it goes out once."""
    box = tmp_path / "mailbox" / OWN_OIOXML
    async with running() as network:
        async with open_folders(network, box.parent, OWN_OIOXML):
            put(box / OUT, "letter.xml", LETTER)
            await until(box, lambda: len(names(box / IN)) == 2)
        shutil.copy2(box / SENT / "letter.xml", box / TAKING / "letter.xml")
        put(box / TAKING, "other.xml", xdis91(2))
        async with open_folders(network, box.parent, OWN_OIOXML):
            await until(box, lambda: len(names(box / SENT)) == 3 and len(names(box / IN)) == 4)
        await idle(network)
        assert await count(network, way="in", duplicate=True) == 0
        assert await count(network, way="in", type="XDIS91") == 2


@pytest.mark.parametrize("taken", [True, False])
async def test_what_a_dead_process_had_written_is_there_once(running: Running, tmp_path: Path, taken: bool) -> None:
    """What was written and said to be taken is put in its place; what was not is written anew, when it comes again."""
    box = tmp_path / "mailbox" / OWN_FHIR
    sent = wrapped(message(), TOWN, OWN_FHIR)
    async with running() as network:
        await send(network, sent)
        async with open_folders(network, box.parent, OWN_FHIR):
            await until(box, lambda: len(names(box / IN)) == 1)
        [row] = await network.ledger.read(select(SENDS.c.key).where(SENDS.c.receiver == OWN_FHIR))
        [name] = names(box / IN)
        (box / IN / name).rename(box / IN / f".{row.key if taken else 1}.{name}")
        async with open_folders(network, box.parent, OWN_FHIR):
            await until(box, lambda: not [one for one in (box / IN).iterdir() if one.name.startswith(".")])
        assert bodies(box / IN) == ([sent.body] if taken else [])


async def test_a_mock_answers_for_itself(running: Running, tmp_path: Path) -> None:
    """A participant that a mock answers for can send by folder; what comes for it is the mock's."""
    box = tmp_path / "mailbox" / PRACTICE
    async with running() as network, open_folders(network, box.parent, PRACTICE):
        put(box / OUT, "letter.xml", LETTER)
        await until(box, lambda: names(box / SENT) == ["letter.xml"])
        await idle(network)
        assert names(box / IN) == []
        assert await count(network, way="in", sender=PRACTICE, layer="message") == 1


def test_an_identifier_that_is_no_name_is_none() -> None:
    """Whatever an EnvelopeIdentifier holds, its file stands in the folder and nowhere else."""
    assert _file_name("0b1c-4d2e_8F3A") == "0b1c-4d2e_8F3A.xml"
    for hostile in ("../../etc/passwd", ".hidden", "a/b", "", "x" * 65, "a\0b", "æ"):
        name = _file_name(hostile)
        assert len(name) == 36
        assert Path(name).name == name
        assert name.removesuffix(".xml").isalnum()


def test_the_payload_is_as_it_was_put_there() -> None:
    """A bare letter is wrapped and not written anew."""
    assert payload(wrapped(LETTER, OWN_OIOXML, TOWN).body) == LETTER
