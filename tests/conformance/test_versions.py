"""CareCommunication 4.0 and 3.0 through the running network: taken in, made where an entry asks, and answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.oioxml.facts import letter_facts
from envelope.oioxml.reading import read_letter
from tests.conformance.cases import case
from tests.conversion.messages import HEADER, Message, Text
from tests.simulator.conftest import Running
from tests.simulator.post import (
    HOSPITAL,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    TOWN,
    emptied,
    heads,
    kinds,
    letters,
    network_file,
    send,
    wrapped,
    xdis91,
)

OLDER = Message(version="4.0").xml()
WRITTEN = {"4.0": "4.0.0", "3.0": "3.0.0"}


@pytest.mark.parametrize("version", [pytest.param(one, marks=case(f"version-{one}-in")) for one in WRITTEN])
async def test_an_older_message_reaches_a_practice_and_is_acknowledged(running: Running, version: str) -> None:
    """A CareCommunication of 4.0 or 3.0 becomes an XDIS91; the receipt comes back as an Acknowledgement of it."""
    text = Text("&lt;5 mg<br/>dagligt" if version == "3.0" else "<5 mg\ndagligt", "2026-05-12T14:00:00+02:00")
    source = Message((text,), version=version).xml()
    async with running() as network:
        sent = wrapped(source, OWN_FHIR, OWN_OIOXML)
        assert sent.head.message is not None
        assert sent.head.message.document.version == WRITTEN[version]
        await send(network, sent)
        [letter] = letters(await emptied(network, OWN_OIOXML), "MCM:XDIS91")
        assert b"&lt;5 mg<Break/>dagligt" in letter
    async with running(data="answered") as network:
        await send(network, wrapped(source, OWN_FHIR, PRACTICE))
        bodies = await emptied(network, OWN_FHIR)
        assert sorted(kinds(bodies)) == ["MCM:FCTL#ok", "PositiveMessage"]
        [acknowledgement] = letters(bodies, "MCM:FCTL")
        answers = bundle_facts(read_bundle(acknowledgement)).answers
        assert answers is not None
        assert answers.letter_ids == (HEADER,)


@pytest.mark.parametrize("version", [pytest.param(one, marks=case(f"version-{one}-out")) for one in WRITTEN])
async def test_a_letter_becomes_the_version_that_its_receiver_asks_for(
    running: Running, tmp_path: Path, version: str
) -> None:
    """The receiver's entry decides; payload and envelope say the same version."""
    file = network_file(tmp_path, {OWN_FHIR: {"takes": [{"type": "CareCommunication", "version": version}]}})
    async with running(network_file=file) as network:
        await send(network, wrapped(xdis91(), PRACTICE, OWN_FHIR))
        bodies = await emptied(network, OWN_FHIR)
    [head] = [one for one in heads(bodies) if one.message is not None]
    assert head.message is not None
    assert (head.message.document.name, head.message.document.version) == ("MCM:FDIS91#other", WRITTEN[version])
    [bundle] = letters(bodies, "MCM:FDIS91")
    assert read_bundle(bundle).version == version


@pytest.mark.parametrize("version", [pytest.param(one, marks=case(f"version-{one}-out")) for one in WRITTEN])
async def test_an_older_system_answers_a_letter(running: Running, tmp_path: Path, version: str) -> None:
    """A mock that takes 4.0 or 3.0 acknowledges what was made for it, and the letter's sender gets its XCTL03."""
    file = network_file(tmp_path, {TOWN: {"takes": [{"type": "CareCommunication", "version": version}]}})
    sent = wrapped(xdis91(), OWN_OIOXML, TOWN)
    assert sent.facts is not None
    async with running(network_file=file) as network:
        await send(network, sent)
        bodies = await emptied(network, OWN_OIOXML)
    assert sorted(kinds(bodies)) == ["MCM:XCTL03", "PositiveMessage"]
    [receipt] = letters(bodies, "MCM:XCTL03")
    answers = letter_facts(read_letter(receipt)).answers
    assert answers is not None
    assert (answers.code, answers.letter_ids) == ("positive", (sent.facts.letter_id,))


@pytest.mark.parametrize(
    ("source", "takes", "rule"),
    [
        pytest.param(source, {"type": takes, "version": version}, rule, id=id_, marks=case(use_case))
        for source, takes, version, rule, id_, use_case in [
            (OLDER, "CareCommunication", "5.0", "VS-413", "4.0 to 5.0", "version-fhir-to-fhir"),
            (Message().xml(), "CareCommunication", "3.0", "VS-413", "5.0 to 3.0", "version-fhir-to-fhir"),
            (xdis91(), "CareCommunication", "2.0", "VS-422", "XDIS91 to 2.0", "version-not-made"),
            (Message().xml(), "XDIS91", "XD9133L", "VS-422", "5.0 to XD9133L", "version-not-made"),
        ]
    ],
)
async def test_what_no_conversion_makes_is_refused_by_name(
    running: Running, tmp_path: Path, source: bytes, takes: dict[str, str], rule: str
) -> None:
    """One FHIR version is never made of another, nor a version that the network does not write."""
    sender = OWN_OIOXML if source == xdis91() else OWN_FHIR
    file = network_file(tmp_path, {HOSPITAL: {"takes": [takes]}})
    async with running(network_file=file) as network:
        await send(network, wrapped(source, sender, HOSPITAL))
        bodies = await emptied(network, sender)
    [negative] = [head.receipt for head in heads(bodies) if head.receipt is not None]
    assert rule in (negative.description or "")
