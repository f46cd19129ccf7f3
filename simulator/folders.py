"""Folders as a way in and out, which is how many VANS clients talk: `mailbox/<GLN>/out` and `mailbox/<GLN>/in`.

Who makes the folder `mailbox/<GLN>` is that participant's system. What it puts into `out` is sent, and goes to `sent`,
or with what is wrong with it to `refused`; a bare letter is wrapped as that participant's. What comes for it appears in
`in`, one file an envelope, whole or not at all.

- A file is written under another name first (a dot in front, or `.tmp` or `.part` behind) and then renamed, as every
  client of this kind does. One that is written in place is left alone until it ends as a document ends, or nobody has
  touched it for two seconds.
- What is taken out of `out` goes through `.taking`: a name in there at the start is what a process that died had in
  hand. It is handed in again under the same identifiers and never taken for its sender's duplicate.
- What comes is written beside its place, said to be taken, and then put in its place: over folders it is there once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import structlog
from watchfiles import awatch

from broker.errors import Closed
from broker.port import Delivery, Settlement, inbox
from conversion.identifiers import Identifiers
from envelope.findings import Finding, Refused
from routing.ledger import dispatches
from routing.ledger.errors import LedgerClosed, LedgerConflict
from routing.ledger.keys import new_key
from routing.ledger.records import Page
from simulator.errors import UPLOAD_TOO_LARGE
from simulator.intake import take_in
from simulator.services.errors import FOLDER_OF_NOBODY
from simulator.wiring import Network

log = structlog.get_logger("vansim.folders")
logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it counts changes aloud

OUT, IN, SENT, REFUSED, TAKING = "out", "in", "sent", "refused", ".taking"
_PARTS = (OUT, IN, SENT, REFUSED, TAKING)
_UNFINISHED = (".tmp", ".part")
_QUIET = 2.0
"""Seconds of real time after which a file that cannot be read is taken to be finished."""
_END = 64  # bytes at the end of a file, where the last sign of a document stands
_LOOK = 1000
"""Milliseconds after which new folders and an edited directory are looked for, where nothing tells of them."""
_PREFETCH = 16
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_GLN = re.compile(r"[0-9]{13}", re.ASCII)


class Folders:
    """The folders of a network's participants.

    Args:
        network: takes messages by the time that it runs.
        root: holds a folder for each participant that talks by files; made when missing.
    """

    def __init__(self, network: Network, root: Path) -> None:
        self._network = network
        self._root = root.resolve()
        self._boxes: dict[str, asyncio.Task[None] | None] = {}
        self._strangers: set[str] = set()

    async def run(self) -> None:
        """Send what is put there, and put there what comes, until cancelled."""
        await asyncio.to_thread(self._root.mkdir, parents=True, exist_ok=True)
        changes = awatch(self._root, debounce=50, step=10, rust_timeout=_LOOK, yield_on_timeout=True)
        async with asyncio.TaskGroup() as group:
            try:
                await self._tend(group)
                async for _ in changes:
                    await self._tend(group)
            finally:
                for task in self._boxes.values():
                    if task is not None:
                        task.cancel()

    async def _tend(self, group: asyncio.TaskGroup) -> None:
        """Open new folders, and send what lies in those that are open."""
        for folder in await asyncio.to_thread(_folders, self._root):
            gln = folder.name
            participant = self._network.directory.participant(gln)
            if participant is None:
                if gln not in self._strangers:
                    self._strangers.add(gln)
                    log.warning("folder of nobody", finding=str(FOLDER_OF_NOBODY.at("", folder=gln)))
                continue
            if gln not in self._boxes:
                await asyncio.to_thread(_make, folder)
                self._boxes[gln] = None
                for path in await asyncio.to_thread(_files, folder / TAKING):
                    await self._hand_in(folder, path, again=True)
            task = self._boxes[gln]
            if participant.external and task is None:
                await self._put_in_place(folder)
                self._boxes[gln] = group.create_task(self._deliver(folder))
            elif not participant.external and task is not None:
                task.cancel()
                self._boxes[gln] = None
            for path in await asyncio.to_thread(_files, folder / OUT):
                await self._send(folder, path)

    async def _send(self, folder: Path, path: Path) -> None:
        try:
            if await asyncio.to_thread(_is_written, path):
                taking = await asyncio.to_thread(_move, path, folder / TAKING)
                await self._hand_in(folder, taking, again=False)
        except FileNotFoundError:
            return  # its writer has thought better of it

    async def _hand_in(self, folder: Path, path: Path, *, again: bool) -> None:
        """Hand in a file that is in hand; it ends in `sent` or in `refused`."""
        try:
            name = await self._taken_in(folder, path, again=again)
        except Refused as refused:
            await self._refuse(folder, path, refused.findings)
        else:
            log.info("sent from folder", envelope=name, gln=folder.name)
            await asyncio.to_thread(_move, path, folder / SENT)

    async def _taken_in(self, folder: Path, path: Path, *, again: bool) -> str:
        limit = self._network.settings.largest_upload
        status = await asyncio.to_thread(path.stat)
        if status.st_size > limit:
            raise Refused(UPLOAD_TOO_LARGE.at("", limit=limit))
        data, gln = await asyncio.to_thread(path.read_bytes), folder.name
        # The same file gets the same identifiers after a crash, and the same letter put there once more gets others.
        names = Identifiers(sha256(f"{gln}/{path.name}/{status.st_mtime_ns}/".encode() + data).hexdigest()[:32])
        return await take_in(self._network, data, place="folder", sender=gln, names=names, only=gln, again=again)

    async def _refuse(self, folder: Path, path: Path, findings: Iterable[Finding]) -> None:
        listed = [finding.as_dict() for finding in findings]
        log.warning("refused from folder", gln=folder.name, findings=[finding["rule"] for finding in listed])
        moved = await asyncio.to_thread(_move, path, folder / REFUSED)
        told = json.dumps({"file": moved.name, "findings": listed}, ensure_ascii=False, indent=2) + "\n"
        await asyncio.to_thread(_write, moved.with_name(moved.name + ".findings.json"), told.encode())

    async def _deliver(self, folder: Path) -> None:
        consumer = await self._network.broker.consumer(inbox(folder.name), _PREFETCH)
        try:
            while True:
                for delivery in await consumer.take(_PREFETCH):
                    await self._put(folder, delivery)
        except Closed:
            return
        finally:
            await consumer.close()

    async def _put(self, folder: Path, delivery: Delivery) -> None:
        """Write an envelope beside its place, have it said to be taken, and put it there."""
        name = delivery.message_id or ""
        network = self._network
        rows = await dispatches.of_envelope(network.ledger, delivery.queue, name)
        row = next((row for row in rows if row.state != "taken"), None)
        page = Page(new_key, network.clock(), "folder")
        place: Path | None = None
        if row is not None or not rows:  # otherwise a crash has put it on the inbox twice
            place = folder / IN / f".{row.key if row is not None else new_key()}.{_file_name(name)}"
            await asyncio.to_thread(_write, place, delivery.body)
        if row is not None:
            page.taken(row.key)
            page.event(row.message, "taken", f"taken by {folder.name} from its folder")
        (result,) = await network.broker.settle([Settlement(delivery, page.unit)])
        if isinstance(result, Closed):
            with suppress(LedgerConflict, LedgerClosed):
                await network.ledger.commit(page.unit)
        elif result is not None:
            raise result
        if place is not None:
            await asyncio.to_thread(_move, place, folder / IN, _behind_key(place.name))

    async def _put_in_place(self, folder: Path) -> None:
        """What a process that died had written: in its place when it was said to be taken, and gone when not."""
        for path in await asyncio.to_thread(_hidden, folder / IN):
            key = path.name[1:].partition(".")[0]
            if key.isdecimal() and await dispatches.state(self._network.ledger, int(key)) == "taken":
                await asyncio.to_thread(_move, path, folder / IN, _behind_key(path.name))
            else:
                await asyncio.to_thread(path.unlink)


def _is_written(path: Path) -> bool:
    """Whether a file seems to be written to its end."""
    status = path.stat()
    if time.time() - status.st_mtime > _QUIET:
        return True
    with path.open("rb") as file:
        file.seek(max(0, status.st_size - _END))
        return file.read().rstrip()[-1:] in {b">", b"}", b"'"}


def _file_name(identifier: str) -> str:
    """A file's name for an envelope: its identifier, where that is a name and nothing else."""
    plain = identifier if _PLAIN.fullmatch(identifier) else sha256(identifier.encode()).hexdigest()[:32]
    return f"{plain}.xml"


def _behind_key(name: str) -> str:
    return name[1:].partition(".")[2]


def _folders(root: Path) -> list[Path]:
    return sorted(one for one in root.iterdir() if _GLN.fullmatch(one.name) and one.is_dir())


def _make(folder: Path) -> None:
    for part in _PARTS:
        (folder / part).mkdir(exist_ok=True)


def _is_finished(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix not in _UNFINISHED and path.is_file() and not path.is_symlink()


def _files(folder: Path) -> list[Path]:
    """What is to be sent, in the order in which it was put there."""
    return _sorted(folder, _is_finished)


def _hidden(folder: Path) -> list[Path]:
    return _sorted(folder, lambda path: path.name.startswith(".") and path.is_file())


def _sorted(folder: Path, holds: Callable[[Path], bool]) -> list[Path]:
    found = []
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                if holds(path):
                    found.append((path.stat().st_mtime_ns, path.name, path))
    return [path for _, _, path in sorted(found)]


def _move(path: Path, folder: Path, name: str | None = None) -> Path:
    """Move a file into a folder, under a name that no other has there."""
    wanted = Path(name or path.name)
    place, number = folder / wanted.name, 1
    while place.exists():
        number += 1
        place = folder / f"{wanted.stem}-{number}{wanted.suffix}"
    return path.replace(place)


def _write(path: Path, data: bytes) -> None:
    """Write a file that is on the disk when this returns."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
