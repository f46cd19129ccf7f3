"""Letters of the release of 2005, and rows of the mapping tables that need a letter of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from envelope.fhir.bundle import read_bundle
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.reading import read_letter
from tests.conformance.cases import case
from tests.conversion.messages import OWN, File, Message
from tests.conversion.rows.case import strings
from tests.conversion.to_xdis91 import at
from tests.simulator.conftest import Running
from tests.simulator.post import (
    CITY,
    HOSPITAL,
    LETTERS,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    emptied,
    idle,
    kinds,
    letters,
    network_file,
    send,
    story,
    wrapped,
    xdis91,
)


@case("version-XD9133L-in", "version-XB0130X-in")
async def test_a_pair_of_2005_becomes_one_message_and_is_answered(running: Running, tmp_path: Path) -> None:
    """Its object has a name of its sender's own; the receipts quote both versions as they came."""
    pair = [wrapped((LETTERS / name).read_bytes()) for name in ("xdis91-2005.xml", "xbin01-2005.xml")]
    assert [one.facts.version for one in pair if one.facts] == ["XD9133L", "XB0130X"]
    async with running(network_file=network_file(tmp_path, {PRACTICE: {"external": True}})) as network:
        await send(network, *pair)
        bodies = await emptied(network, PRACTICE)
        [root] = await story(network, pair[0].head.identifier)
        made = [node for node in root.walk() if node.type == "CareCommunication"]
    assert [(node.version, node.relation) for node in made] == [("5.0", "converted")]
    # Its file has a type that a message cannot have: the receiver refuses both, and says why (S1.A4).
    receipts = [read_letter(one).root for one in letters(bodies, "MCM:XCTL02")]
    quoted = [one.findtext(".//{*}OriginalVersionCode") for one in receipts]
    assert sorted(quoted, key=str) == ["XB0130X", "XD9133L"]
    assert kinds(bodies).count("PositiveMessage") == 2


@case("oioxml-links")
async def test_a_link_is_a_reference(running: Running) -> None:
    """Its title is the description, and no XBIN01 is made for it."""
    link = File("Vejledning", url="https://example.org/vej")
    async with running() as network:
        await send(network, wrapped(_from(OWN_FHIR, OWN_OIOXML).but(payloads=(*Message().payloads, link)).xml()))
        bodies = await emptied(network, OWN_OIOXML)
    assert kinds(bodies) == ["MCM:XDIS91"]
    root = read_letter(letters(bodies, "MCM:XDIS91")[0]).root
    assert at(root, "ClinicalEmail/Reference/URL") == ["https://example.org/vej"]
    assert at(root, "ClinicalEmail/Reference/RefDescription") == ["Vejledning"]


@case("oioxml-specific-sender")
async def test_a_specific_sender_stands_in_the_text(running: Running, tmp_path: Path) -> None:
    """XDIS91 has no field for whom at the sender the message is from, or whom at the receiver it is for."""
    message = (LETTERS / "carecommunication-reply.xml").read_bytes()
    changes: dict[str, dict[str, Any]] = {
        CITY: {"external": True, "takes": [{"type": "XDIS91"}]},
        HOSPITAL: {"external": True},
    }
    async with running(network_file=network_file(tmp_path, changes)) as network:
        await send(network, wrapped(message))
        [letter] = letters(await emptied(network, CITY), "MCM:XDIS91")
    text = plain_text(next(read_letter(letter).root.iter("{*}Text01")))
    assert "Specifik afsender: " in text
    assert "Specifik modtager: " in text


@case("episode-hyphens")
async def test_an_episode_has_hyphens_in_fhir_alone(running: Running, tmp_path: Path) -> None:
    """The same identifier both ways, in the form of each."""
    async with running(network_file=network_file(tmp_path, {OWN_FHIR: {"format": "xml"}})) as network:
        await send(network, wrapped(xdis91(), PRACTICE, OWN_FHIR))
        await send(network, wrapped(_from(OWN_FHIR, OWN_OIOXML).but(episodes=(OWN,)).xml()))
        await idle(network)
        [bundle] = letters(await emptied(network, OWN_FHIR), "MCM:FDIS91")
        [letter] = letters(await emptied(network, OWN_OIOXML), "MCM:XDIS91")
    [written] = at(read_letter(letter).root, "ClinicalEmail/Letter/EpisodeOfCareIdentifier")
    assert written.lower() == OWN[1].removeprefix("urn:uuid:").replace("-", "")
    [hyphened] = strings(bundle, "//f:Encounter/f:episodeOfCare/f:identifier/f:value/@value")
    [bare] = at(read_letter(xdis91()).root, "ClinicalEmail/Letter/EpisodeOfCareIdentifier")
    assert hyphened.removeprefix("urn:uuid:").replace("-", "") == bare.lower()
    assert hyphened.count("-") == 4
    assert read_bundle(bundle).type == "CareCommunication"


def _from(sender: str, receiver: str) -> Message:
    """A message between these two."""
    ours, theirs = ((("https://www.gs1.org/gln", gln), SOR[gln]) for gln in (sender, receiver))
    return Message(sender_identifiers=ours, receiver_identifiers=theirs)


_SYSTEM = "urn:oid:1.2.208.176.1.1"
SOR = {OWN_FHIR: (_SYSTEM, "99000011000016003"), OWN_OIOXML: (_SYSTEM, "99000021000016007")}
