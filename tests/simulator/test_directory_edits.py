"""Edits of the network file while the network runs: who takes what, who is external, and edits that are broken."""

from __future__ import annotations

from pathlib import Path

from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.post import (
    HOSPITAL,
    OWN_OIOXML,
    TOWN,
    emptied,
    idle,
    in_force,
    kinds,
    network_file,
    send,
    wrapped,
    xdis91,
)

TO_TOWN = (OWN_OIOXML, TOWN)


async def taking(network: Network, type_: str) -> None:
    """Wait until the town takes a type."""
    await in_force(network, lambda directory: directory.participant(TOWN).takes[0].type == type_)


async def test_an_edit_takes_effect_for_the_next_letter(running: Running, tmp_path: Path) -> None:
    """The same letter is converted before, and passed through after."""
    async with running(network_file=network_file(tmp_path, {TOWN: {"external": True}})) as network:
        await send(network, wrapped(xdis91(1), *TO_TOWN))
        assert kinds(await emptied(network, TOWN)) == ["MCM:FDIS91#other"]
        network_file(tmp_path, {TOWN: {"external": True, "takes": [{"type": "XDIS91"}]}})
        await taking(network, "XDIS91")
        await send(network, wrapped(xdis91(2), *TO_TOWN))
        assert kinds(await emptied(network, TOWN)) == ["MCM:XDIS91"]


async def test_a_broken_edit_leaves_the_last_good_one_in_force(running: Running, tmp_path: Path) -> None:
    """Letters go on as before, health says line and reason, and the next good edit counts again."""
    file = network_file(tmp_path, {TOWN: {"external": True, "takes": [{"type": "XDIS91"}]}})
    async with running(network_file=file) as network:
        good = file.read_text("utf-8")
        file.write_text(good.replace("gln: '5790000120314'", "gln: '5790000120315'"), encoding="utf-8")
        await in_force(network, lambda _: network.health()["directory"] != {"ok": True, "findings": []})
        assert "VS-441" in str(network.health()["directory"])
        await send(network, wrapped(xdis91(1), *TO_TOWN))
        assert kinds(await emptied(network, TOWN)) == ["MCM:XDIS91"]
        network_file(tmp_path, {TOWN: {"external": True}})
        await taking(network, "CareCommunication")
        await send(network, wrapped(xdis91(2), *TO_TOWN))
        assert kinds(await emptied(network, TOWN)) == ["MCM:FDIS91#other"]


async def test_who_becomes_external_is_left_alone_and_who_becomes_a_mock_answers(
    running: Running, tmp_path: Path
) -> None:
    """A mock whose inbox is open stops answering at once; when it is a mock again it answers what is waiting."""
    sent = [wrapped(xdis91(number), OWN_OIOXML, HOSPITAL) for number in range(1, 4)]
    async with running(network_file=network_file(tmp_path)) as network:
        await send(network, sent[0])
        assert sorted(kinds(await emptied(network, OWN_OIOXML))) == ["MCM:XCTL03", "PositiveMessage"]
        network_file(tmp_path, {HOSPITAL: {"external": True}})
        await in_force(network, lambda directory: directory.participant(HOSPITAL).external)
        await send(network, *sent[1:])
        assert await emptied(network, OWN_OIOXML) == []
        [first] = (await emptied(network, HOSPITAL))[:1]
        assert first in [one.body for one in sent[1:]]
        await send(network, wrapped(xdis91(9), OWN_OIOXML, HOSPITAL))
        network_file(tmp_path)
        await in_force(network, lambda directory: not directory.participant(HOSPITAL).external)
        await idle(network)
        assert sorted(kinds(await emptied(network, OWN_OIOXML))) == ["MCM:XCTL03", "PositiveMessage"]
