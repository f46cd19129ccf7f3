"""Use cases that need a network of their own: settings, limits made small, and systems that answer by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversion.answers import Reason, negative_receipt, vans_receipt
from conversion.identifiers import Identifiers
from conversion.to_xctl import CONVERSION_FAULT
from envelope.fhir.bundle import read_bundle
from envelope.oioxml.reading import read_letter
from envelope.payload_facts import letter_facts
from envelope.reading import payload
from simulator.services.answers import answers_of
from simulator.services.outgoing import known_type
from tests.conformance.cases import case
from tests.conformance.letters import PDF, message, pair, to_fhir
from tests.conformance.moments import Clock, find, send, state
from tests.conformance.test_answers import code, quoted
from tests.conformance.test_pairs import bundles, contents
from tests.conversion.messages import LPR3, OWN, File
from tests.conversion.messages import Message as Written
from tests.conversion.to_xdis91 import at
from tests.simulator.conftest import Running
from tests.simulator.post import OWN_FHIR, OWN_OIOXML, TOWN, emptied, kinds, letters, network_file, wrapped

IDENTIFIERS = Identifiers("0" * 32)


@case("episode-lpr3-first")
async def test_by_setting_the_lpr3_episode_goes_first(running: Running, clock: Clock, tmp_path: Path) -> None:
    """As MedCom's mapping table says."""
    async with running(clock=clock, network_file=network_file(tmp_path, lpr3_first=True)) as network:
        await send(network, message(Written(episodes=(OWN, LPR3))))
        (letter,) = letters(await emptied(network, OWN_OIOXML), "MCM:XDIS91")
    (episode,) = at(read_letter(letter).root, "ClinicalEmail/Letter/EpisodeOfCareIdentifier")
    assert episode.lower() == LPR3[1].removeprefix("urn:uuid:").replace("-", "")


@case("receipts-negative-code")
async def test_by_setting_a_refusal_may_be_tried_again(running: Running, clock: Clock, tmp_path: Path) -> None:
    """An XCTL02 becomes a transient-error."""
    async with running(clock=clock, network_file=network_file(tmp_path, xctl02_code="transient-error")) as network:
        await send(network, message())
        (letter,) = letters(await emptied(network, OWN_OIOXML), "MCM:XDIS91")
        refusal = negative_receipt(letter, Reason(text="Nej"), network.clock(), IDENTIFIERS)
        await send(network, wrapped(refusal, OWN_OIOXML, OWN_FHIR))
        (acknowledgement,) = letters(await emptied(network, OWN_FHIR), "MCM:FCTL")
    assert code(acknowledgement) == "transient-error"


@case("receipts-follow-wish")
async def test_by_setting_a_wish_for_no_receipt_is_followed(running: Running, clock: Clock, tmp_path: Path) -> None:
    """The Acknowledgement is taken in, and no XCTL03 is made of it; a refusal is told all the same."""
    async with running(clock=clock, network_file=network_file(tmp_path, follow_receipt_wish=True)) as network:
        quiet = {"pluspositivkvitt": "minuspositivkvitt"}
        await send(network, to_fhir(quiet))
        (arrived,) = await emptied(network, OWN_FHIR)
        await send(network, *answers_of(arrived, network.clock()))
        assert kinds(await emptied(network, OWN_OIOXML)) == ["PositiveMessage"]
        await send(network, to_fhir(quiet))
        (bundle,) = letters(await emptied(network, OWN_FHIR), "MCM:FDIS91")
        refusal = negative_receipt(bundle, Reason(text="Nej"), network.clock(), IDENTIFIERS)
        await send(network, wrapped(refusal, OWN_FHIR, OWN_OIOXML))
        assert kinds(await emptied(network, OWN_OIOXML)) == ["MCM:XCTL02"]


@case("receipts-xctl01")
async def test_an_xctl01_has_no_counterpart(running: Running, clock: Clock) -> None:
    """On a converted letter it is refused by name, and the sender of the message is told nothing."""
    async with running(clock=clock) as network:
        await send(network, message())
        (letter,) = letters(await emptied(network, OWN_OIOXML), "MCM:XDIS91")
        facts = letter_facts(letter, known_type("XDIS91"))
        receipt = wrapped(vans_receipt(facts, [], network.clock(), IDENTIFIERS), OWN_OIOXML, OWN_FHIR)
        await send(network, receipt)
        assert [one["rule"] for one in (await find(network, receipt.head.identifier)).findings] == ["VS-418"]
        assert await emptied(network, OWN_FHIR) == []


@case("R1.A2-xbin-too-large")
async def test_an_attachment_too_large_is_refused_and_its_letter_goes_without_it(
    running: Running, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """XCTL01 on the XBIN01; the letter is converted without the content, and its refusal has the network's sentence."""
    monkeypatch.setattr("simulator.services.carried_out.LARGEST_BODY", 60_000)
    letter, attachments = pair("too large", content=PDF.rstrip("=")[:24] * 3000)
    async with running(clock=clock) as network:
        await send(network, letter, attachments)
        assert (await state(network, letter.head.identifier))[0] == "converted"
        refused = await find(network, attachments.head.identifier)
        assert (refused.state, [one["rule"] for one in refused.findings]) == ("refused", ["VS-602"])
        (bundle,) = await bundles(network)
        assert contents(bundle) == [False]
        back = await emptied(network, OWN_OIOXML)
        assert sorted(kinds(back)) == ["MCM:XCTL01", "NegativeVans"]
        (xctl,) = letters(back, "MCM:XCTL01")
        assert quoted(xctl).letter_ids == (letter_facts(payload(attachments.body), known_type("XBIN01")).letter_id,)
        refusal = negative_receipt(bundle, Reason(text="Bilag mangler"), network.clock(), IDENTIFIERS)
        await send(network, wrapped(refusal, OWN_FHIR, OWN_OIOXML))
        (answer,) = letters(await emptied(network, OWN_OIOXML), "MCM:XCTL02")
        assert quoted(answer).text == f"Bilag mangler\n{CONVERSION_FAULT}"


@case("error-nothing-half-sent")
async def test_of_a_pair_too_large_nothing_is_sent(
    running: Running, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An XDIS91 that could go does not go without its XBIN01 that cannot: the message is refused whole."""
    monkeypatch.setattr("simulator.services.carried_out.LARGEST_BODY", 60_000)
    sent = message(Written((*Written().payloads, File("Stor.pdf", data=PDF.rstrip("=")[:24] * 3000))))
    async with running(clock=clock) as network:
        await send(network, sent)
        node = await find(network, sent.head.identifier)
        assert (node.state, [one["rule"] for one in node.findings]) == ("refused", ["VS-602"])
        assert await emptied(network, OWN_OIOXML) == []
        assert kinds(await emptied(network, OWN_FHIR)) == ["NegativeVans"]


@case("S1.A1-over-100-mb", "fault-not-the-networks")
async def test_a_message_over_the_limit_is_sent_and_its_receiver_refuses(
    running: Running, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receiver's limit is its own: XCTL02 on both letters, without a sentence of the network's."""
    monkeypatch.setattr("simulator.services.answers.LARGEST_MESSAGE", 60_000)
    letter, attachments = pair("over the limit", content=PDF.rstrip("=")[:24] * 3000, receiver=TOWN)
    async with running(clock=clock) as network:
        await send(network, letter, attachments)
        assert (await find(network, letter.head.identifier)).state == "converted"
        back = await emptied(network, OWN_OIOXML)
        texts = [quoted(one).text for one in letters(back, "MCM:XCTL02")]
        assert len(texts) == 2
        assert all("100 MB" in one and CONVERSION_FAULT not in one for one in texts)
        assert read_bundle((await bundles(network))[0]).type == "CareCommunication"


@case("error-findings", "R1.A2-xdis-alone-invalid")
async def test_many_findings_fill_the_text_of_a_receipt(running: Running, clock: Clock, tmp_path: Path) -> None:
    """As many as fit into XCTL01 and NegativeVans, errors first; the timeline has every one."""
    wrong = {
        "<StatusCode>nytbrev<": "<StatusCode>gammelt<",
        "<TypeCode>XDIS91<": "<TypeCode>XDIS99<",
        "<IdentifierCode>sorkode<": "<IdentifierCode>sorkoden<",
        "<EpisodeOfCareStatusCode>indlagt<": "<EpisodeOfCareStatusCode>udlagt<",
        "<Priority>høj_prioritet<": "<Priority>middel<",
        "<MedicalSpecialityCode>almen_medicin<": "<MedicalSpecialityCode>almen<",
    }
    letter = to_fhir(wrong)
    async with running(clock=clock, network_file=network_file(tmp_path, refuse_text_limit=200)) as network:
        await send(network, letter)
        back = await emptied(network, OWN_OIOXML)
        node = await find(network, letter.head.identifier)
    assert len([one for one in node.findings if one["severity"] == "error"]) >= len(wrong)
    (xctl,) = letters(back, "MCM:XCTL01")
    text = quoted(xctl).text
    assert 150 < len(text.replace("\n", " ")) <= 200
    assert text.startswith(node.findings[0]["text"])
