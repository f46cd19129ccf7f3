"""Claims to convert: made with the acceptance, given up with a refusal, so that what was refused may be sent again."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from routing.ledger.schema import CLAIMS, MESSAGES
from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.post import CITY, HOSPITAL, idle, message, network_file, send, wrapped
from tests.simulator.test_duplicates import again

EXTERNAL = {gln: {"external": True} for gln in (CITY, HOSPITAL)}
INVALID = {"<status value='unknown'/>": "<status value='completed'/>"}


async def claimed(network: Network) -> list[str]:
    """What is claimed, by its kind."""
    return sorted(row.name.partition(" ")[0] for row in await network.ledger.read(select(CLAIMS.c.name)))


async def states(network: Network) -> list[str]:
    """What has become of all that was taken in, in that order."""
    question = select(MESSAGES.c.state).where(MESSAGES.c.way == "in", MESSAGES.c.layer == "message")
    return [row.state for row in await network.ledger.read(question.order_by(MESSAGES.c.key))]


async def test_a_letter_that_the_worker_refuses_gives_its_claims_up(running: Running, tmp_path: Path) -> None:
    """In a new envelope it is decided anew, refused anew, and taken when its letter is mended."""
    wrong = wrapped(message(1, INVALID), CITY, HOSPITAL)
    mended = wrapped(message(1), CITY, HOSPITAL)
    async with running(network_file=network_file(tmp_path, EXTERNAL)) as network:
        await send(network, wrong)
        assert await claimed(network) == []
        await send(network, again(wrong, identifier=str(uuid4())))
        assert await states(network) == ["refused", "refused"]
        await send(network, mended)
        assert await states(network) == ["refused", "refused", "converted"]
        assert await claimed(network) == ["letter", "message"]


async def test_a_copy_that_was_ignored_stands_in_nobodys_way(running: Running, tmp_path: Path) -> None:
    """A letter that came twice before it was refused is decided anew all the same when it comes once more."""
    wrong = wrapped(message(1, INVALID), CITY, HOSPITAL)
    copy = again(wrong, identifier=str(uuid4()))
    async with running(network_file=network_file(tmp_path, EXTERNAL)) as network:
        await network.submit(wrong.body, wrong.head.identifier)
        await network.submit(copy.body, copy.head.identifier)
        await idle(network)
        assert "refused" in await states(network)
        await send(network, again(wrong, identifier=str(uuid4())))
        assert (await states(network))[2:] == ["refused"]
