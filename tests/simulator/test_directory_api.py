"""The directory changed over HTTP: in force at once, written where it is found again, or refused whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER, calling, rules
from tests.simulator.post import OWN_OIOXML, TOWN, emptied, kinds, network_file, send, wrapped, xdis91

ENTRY: dict[str, Any] = {
    "sor": "325371000016006",
    "name": "Byen",
    "kind": "municipality",
    "external": True,
    "takes": [{"type": "XDIS91"}],
}
PLACE = f"/api/participants/{TOWN}"


async def test_a_participant_that_is_changed_gets_the_next_letter_as_it_takes_it(running: Running) -> None:
    """Converted before, as it is after; the packaged network is copied, and the change is there after a restart."""
    async with running() as network, calling(network) as http:
        before = (await http.get(PLACE)).json()
        answer = await http.put(PLACE, json=ENTRY)
        await send(network, wrapped(xdis91(1), OWN_OIOXML, TOWN))
        assert kinds(await emptied(network, TOWN)) == ["MCM:XDIS91"]
        written = (network.settings.data / "network.yaml").read_text("utf-8")
    async with running() as network, calling(network) as http:
        again = (await http.get(PLACE)).json()
        file = await http.get("/api/directory/file")
        everybody = (await http.get("/api/participants")).json()["participants"]
    assert before["takes_on_day"][0]["type"] == "CareCommunication"
    assert (answer.status_code, answer.json()) == (200, again)
    assert (again["name"], again["takes_on_day"][0]) == ("Byen", {"type": "XDIS91", "version": None})
    assert (file.text, file.headers["content-type"]) == (written, "application/yaml")
    assert len(everybody) > 100


@ON_ONE_BROKER
async def test_a_participant_comes_and_goes(running: Running) -> None:
    """One that is new is added under the GLN of the path; one that is taken out is nobody."""
    new = "/api/participants/5799900000047"
    async with running() as network, calling(network) as http:
        missing = await http.get(new)
        added = await http.put(new, json=ENTRY | {"gln": "1", "sor": "99000041000016002"})
        asked = await http.get(new, params={"at": "2020-01-01"})
        gone = await http.delete(new)
        again = await http.delete(new)
    assert (missing.status_code, rules(missing)) == (404, ["VS-476"])
    assert added.json()["gln"] == "5799900000047"
    assert asked.json() == added.json()
    assert (gone.status_code, again.status_code) == (204, 404)


@ON_ONE_BROKER
async def test_a_network_file_of_ones_own_is_the_one_that_is_written(running: Running, tmp_path: Path) -> None:
    """Whole, by PUT; what reads the file finds the same."""
    file = network_file(tmp_path)
    text = file.read_text("utf-8").replace("name: MedCom FDIS91", "name: Andre")
    async with running(network_file=file) as network, calling(network) as http:
        answer = await http.put("/api/directory", content=text.encode())
        assert network.directory.participant(TOWN) is not None
    assert answer.status_code == 200
    assert file.read_text("utf-8") == text
    assert not (tmp_path / f".{file.name}.new").exists()


@ON_ONE_BROKER
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"takes": [{"type": "XDIS91"}, {"type": "CareCommunication"}]}, "VS-45"),
        ({"colour": "red"}, "VS-43"),
        ({"kind": "circus"}, "VS-4"),
        ({"name": None}, "VS-4"),
    ],
)
async def test_a_change_that_is_wrong_changes_nothing(change: dict[str, Any], rule: str, running: Running) -> None:
    """Every mistake is named; the directory in force and the file are as before."""
    async with running() as network, calling(network) as http:
        before = (await http.get("/api/participants")).json()
        answer = await http.put(PLACE, json=ENTRY | change)
        after = (await http.get("/api/participants")).json()
        assert not (network.settings.data / "network.yaml").exists()
    assert answer.status_code == 422
    assert all(one.startswith(rule) for one in rules(answer))
    assert after == before


@ON_ONE_BROKER
@pytest.mark.parametrize("body", [b"participants: [", b"\xff\xfe", b"", b"{}"])
async def test_a_directory_that_cannot_be_read_is_refused(body: bytes, running: Running) -> None:
    """And the one in force stays."""
    async with running() as network, calling(network) as http:
        answer = await http.put("/api/directory", content=body)
        assert network.directory.participant(TOWN) is not None
    assert answer.status_code == 422


@ON_ONE_BROKER
async def test_a_file_that_is_broken_by_hand_is_not_edited(running: Running, tmp_path: Path) -> None:
    """What is wrong with it is told; a whole one put in its place mends it."""
    file = network_file(tmp_path)
    good = file.read_text("utf-8")
    async with running(network_file=file) as network, calling(network) as http:
        file.write_text("participants: [", encoding="utf-8")
        broken = await http.put(PLACE, json=ENTRY)
        mended = await http.put("/api/directory", content=good.encode())
        edited = await http.put(PLACE, json=ENTRY)
    assert (broken.status_code, mended.status_code, edited.status_code) == (422, 200, 200)


@ON_ONE_BROKER
async def test_a_file_that_cannot_be_written_is_told(running: Running, tmp_path: Path) -> None:
    """All is as before."""
    folder = tmp_path / "kept"
    folder.mkdir()
    file = network_file(folder)
    async with running(network_file=file) as network, calling(network) as http:
        (folder / f".{file.name}.new").mkdir()
        answer = await http.put(PLACE, json=ENTRY)
        name = (await http.get(PLACE)).json()["name"]
        (folder / f".{file.name}.new").rmdir()
    assert (answer.status_code, rules(answer)) == (422, ["VS-486"])
    assert name != "Byen"


@ON_ONE_BROKER
async def test_an_isolated_network_changes_its_own_directory_alone(running: Running, tmp_path: Path) -> None:
    """It began with the default network's file, which is not touched."""
    file = network_file(tmp_path)
    before = file.read_text("utf-8")
    async with running(network_file=file) as network, calling(network) as http:
        await http.put("/api/networks/one")
        there = await http.put(f"/api/networks/one/participants/{TOWN}", json=ENTRY)
        here = await http.get(PLACE)
        await http.delete("/api/networks/one")
    assert there.json()["name"] == "Byen"
    assert here.json()["name"] != "Byen"
    assert file.read_text("utf-8") == before


@pytest.mark.rabbitmq
async def test_services_that_run_elsewhere_have_a_file_of_their_own(running: Running) -> None:
    """An API alone cannot change what they read, and says so."""
    async with running(frozenset()) as network, calling(network) as http:
        answer = await http.put(PLACE, json=ENTRY)
    assert (answer.status_code, rules(answer)) == (422, ["VS-492"])
