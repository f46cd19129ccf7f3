"""The network converts with another's stylesheet where network.yaml names one."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from conversion.facts import stylesheet_digest
from envelope.findings import Refused
from envelope.reading import payload
from routing.ledger import messages, orders, stylesheets
from routing.ledger.schema import BODIES, MESSAGES, ORDERS
from simulator.services.carried_out import carry_out
from simulator.services.directory_file import DirectoryFile
from tests.simulator.conftest import Running
from tests.simulator.post import (
    OWN_FHIR,
    count,
    emptied,
    in_force,
    kinds,
    network_file,
    send,
    story,
    wrapped,
    xdis91,
)

OURS = (files("conversion") / "stylesheets" / "xdis91_to_carecommunication.xsl").read_text("utf-8")
DIRECTION = "XDIS91-to-CareCommunication"


def _network(folder: Path, text: str | None, path: str = "medcom/theirs.xsl") -> Path:
    """A network file that names a stylesheet, and the stylesheet itself where there is one."""
    network = network_file(folder)
    written = yaml.safe_load(network.read_text("utf-8")) | {"conversion": {"stylesheets": {DIRECTION: path}}}
    network.write_text(yaml.safe_dump(written, allow_unicode=True, sort_keys=False), "utf-8")
    if text is not None:
        (folder / "medcom").mkdir(exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return network


async def test_a_network_converts_with_anothers_stylesheet(running: Running, tmp_path: Path) -> None:
    """What arrives is what that stylesheet made; after an edit, what the new one makes; old orders make the old."""
    file = _network(tmp_path / "net", OURS.replace('<text value="ukendt"/>', '<text value="ukendt rolle"/>'))
    async with running(network_file=file) as network:
        await send(network, wrapped(xdis91(), receiver=OWN_FHIR))
        first = [payload(body) for body in await emptied(network, OWN_FHIR)]
        assert [b'"ukendt rolle"' in letter for letter in first] == [True]
        before = network.directory.stylesheets
        (tmp_path / "net/medcom/theirs.xsl").write_text(
            OURS.replace('<text value="ukendt"/>', '<text value="ukendt stilling"/>'), "utf-8"
        )
        await in_force(network, lambda directory: directory.stylesheets != before)
        await send(network, wrapped(xdis91(2), receiver=OWN_FHIR))
        second = [payload(body) for body in await emptied(network, OWN_FHIR)]
        assert [b'"ukendt stilling"' in letter for letter in second] == [True]
        for row in await network.ledger.read(select(ORDERS.c.key)):
            order = await orders.find(network.ledger, row.key)
            assert order is not None
            digest = stylesheet_digest(order.facts)
            data = await stylesheets.find(network.ledger, digest) if digest else None
            made = await network.ledger.read(
                select(BODIES.c.data)
                .join(MESSAGES, MESSAGES.c.body == BODIES.c.key)
                .where(MESSAGES.c.parent == order.sources[0], MESSAGES.c.relation == "converted")
            )
            bodies = await messages.bodies(network.ledger, order.body_keys)
            assert [one.body for one in carry_out(order, bodies, data).made] == [one.data for one in made]


async def test_a_stylesheet_is_kept_once(running: Running, tmp_path: Path) -> None:
    """Two networks one after the other on the same ledger, and many letters: one row."""
    file = _network(tmp_path / "net", OURS)
    for number in (1, 2):
        async with running(network_file=file) as network:
            await send(network, wrapped(xdis91(number), receiver=OWN_FHIR))
            rows = await network.ledger.read(select(BODIES.c.data).where(BODIES.c.key < 0))
            assert [row.data.decode() for row in rows] == [OURS]


async def test_a_stylesheet_that_fails_refuses_the_message(running: Running, tmp_path: Path) -> None:
    """Nothing is sent on, the sender hears of it in both layers, and the timeline names the stylesheet's line."""
    broken = OURS.replace("<Bundle>", '<Bundle><xsl:message terminate="yes">nej</xsl:message>', 1)
    line = broken[: broken.index("<xsl:message")].count("\n") + 1
    async with running(network_file=_network(tmp_path / "net", broken)) as network:
        await send(network, wrapped(xdis91(), receiver=OWN_FHIR))
        assert await count(network, type="CareCommunication") == 0
        assert kinds(await emptied(network, OWN_FHIR)) == []
        root, *_ = await story(network, "BREV0000000001")
        assert root.state == "refused"
        assert [(one["rule"], one["location"]) for one in root.findings if one["rule"] == "VS-551"] == [
            ("VS-551", f"medcom/theirs.xsl, line {line}")
        ]
        assert sorted(node.type or str(node.name) for node in root.children) == ["NegativeVans", "XCTL01"]


@pytest.mark.parametrize(
    ("text", "rule", "place"),
    [
        (None, "VS-456", "network.yaml, line"),
        ("<a", "VS-550", "medcom/theirs.xsl, line 1"),
        (OURS.replace('<xsl:template match="/">', '<xsl:template match="/">\n<xsl:value-of/>'), "VS-550", "medcom/"),
    ],
)
def test_a_stylesheet_that_cannot_be_used_is_a_mistake_of_the_file(
    tmp_path: Path, text: str | None, rule: str, place: str
) -> None:
    """The network does not start with one, and says where the mistake is."""
    file = _network(tmp_path / "net", text)
    with pytest.raises(Refused) as caught:
        DirectoryFile(file)
    assert caught.value.findings[0].rule.id == rule
    assert caught.value.findings[0].location.startswith(place)


def test_a_broken_edit_of_a_stylesheet_leaves_the_good_one_in_force(tmp_path: Path) -> None:
    """The file of a stylesheet is looked at as the network file is; a mistake in it is told and changes nothing."""
    now = [0.0]
    directory = DirectoryFile(_network(tmp_path / "net", OURS), lambda: now[0])
    sheet = tmp_path / "net/medcom/theirs.xsl"
    for text, changed, rules in (("<a", False, ["VS-550"]), (f"{OURS}\n", True, [])):
        sheet.write_text(text, "utf-8")
        now[0] += 1
        assert directory.check() is changed
        assert [finding.rule.id for finding in directory.findings] == rules
    one = directory.current.stylesheet("CareCommunication")
    assert one is not None
    assert one.data.decode() == f"{OURS}\n"
    assert not directory.check()
