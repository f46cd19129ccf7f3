"""How a mock judges what it gets: by all rules of the format, and in the layer that has an answer for it."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from conversion import convert
from conversion.facts import OutputFormat
from envelope.fhir import rules as fhir_rules
from envelope.fhir.bundle import read_bundle
from envelope.oioxml import rules as oioxml_rules
from envelope.oioxml.reading import read_letter
from envelope.reading import payload
from simulator.services.answers import answers_of
from simulator.services.clock import real_time
from simulator.services.outgoing import Outgoing
from tests.conversion.messages import File, Message, Text
from tests.conversion.rows.case import FACTS, strings
from tests.conversion.test_to_xdis91_samples import MEANT_TO_BE_INVALID
from tests.simulator.conftest import Running
from tests.simulator.post import (
    HOSPITAL,
    LETTERS,
    TOWN,
    emptied,
    letters,
    message,
    network_file,
    send,
    wrapped,
    xdis91,
)
from tests.simulator.test_refusals import carrying

NOW = real_time()
NO_DAY = {"<given value='Ann'/></name>": "<given value='Ann'/></name><birthDate value='1948-99-99'/>"}
"""Makes a message that breaks FHIR's own structure, which letters on their way are not held to."""
NO_PROVENANCE = {"<Provenance>": "<Basic>", "</Provenance>": "</Basic>"}


def answered(letter: bytes, like: bytes | None = None) -> list[Outgoing]:
    """What a mock answers to a letter, or to one in the envelope of another."""
    sent = wrapped(like or letter)
    return list(answers_of(carrying(sent, letter).body, NOW))


def said(answers: list[Outgoing]) -> list[str]:
    """What answers are, with the response code of an Acknowledgement."""
    return [f"{one.name} {one.facts.postfix}".strip() if one.facts else one.name for one in answers]


def test_a_message_that_breaks_a_rule_of_full_validation_alone_is_a_fatal_error() -> None:
    """A system that validates says so in an Acknowledgement with the code for bad syntax, the rule and the place."""
    letter = message(1, NO_DAY)
    assert [finding for finding in fhir_rules.validate(read_bundle(letter)) if finding.is_error] == []
    [envelope, letter_receipt] = answered(letter)
    assert said([envelope, letter_receipt]) == ["PositiveMessage", "Acknowledgement fatal-error"]
    made = payload(letter_receipt.body)
    assert fhir_rules.validate(read_bundle(made), structure=True) == ()
    assert strings(made, "//f:response/f:code/@value") == ["fatal-error"]
    assert strings(made, "//f:issue/f:details/f:coding/f:code/@value") == ["MSG_BAD_SYNTAX"]
    [text] = strings(made, "//f:issue/f:details/f:text/@value")
    assert text.startswith("VS-321 at Bundle.entry")
    assert "birthDate" in text


def test_a_letter_that_breaks_its_schema_is_answered_by_an_xctl02_that_fits() -> None:
    """Code and text name the first error; the text is cut to what RefuseText holds."""
    letter = xdis91().replace(b"<Time>", b"<Time>9").replace(b"<Date>", b"<Date>2")
    answers = answered(letter, xdis91())
    assert said(answers) == ["PositiveMessage", "XCTL02"]
    made = payload(answers[1].body)
    assert oioxml_rules.validate(read_letter(made)) == ()
    assert strings(made, "//o5:RefuseCode") == ["syntaksfejl"]
    text = "\n".join(strings(made, "//o5:RefuseText/text()"))
    assert text.startswith("VS-2")
    assert len(text) == 350


def test_an_error_without_an_answer_in_its_layer_is_told_by_the_envelope() -> None:
    """An invalid receipt, and a message that cannot be quoted, are a NegativeMessage that names what is wrong."""
    good = (LETTERS / "acknowledgement-ok.xml").read_bytes()
    receipt = good.replace(b"<recorded", b"<recorded><!-- --></recorded><recorded", 1)
    unquotable = message(1, NO_PROVENANCE)
    for letter, like in ((receipt, good), (unquotable, message())):
        [only] = answered(letter, like)
        assert only.head.receipt is not None
        assert said([only]) == ["NegativeMessage"]
        assert (only.head.receipt.description or "").startswith("VS-3")


@pytest.mark.parametrize("output_format", ["xml", "json"])
@pytest.mark.parametrize("letter", ["iso-8859-1", "utf-8", "minimal", "every-element"])
def test_a_message_that_the_conversion_makes_is_acknowledged(letter: str, output_format: OutputFormat) -> None:
    """What the network makes of a letter stands up to a receiver that validates."""
    facts = replace(FACTS, output_format=output_format)
    [made] = convert(((LETTERS / f"xdis91-{letter}.xml").read_bytes(),), facts, "CareCommunication").outputs
    assert said(answered(made.payload)) == ["PositiveMessage", "Acknowledgement ok"]


@pytest.mark.parametrize("name", ["bundle-new.json", "bundle-reply.xml", "bundle-forward.xml"])
def test_the_letters_that_the_conversion_makes_are_acknowledged(name: str) -> None:
    """Each of them, its attachments' letters too."""
    made = convert(((LETTERS / name).read_bytes(),), FACTS, "XDIS91").outputs
    for one in made:
        assert said(answered(one.payload)) == ["PositiveMessage", "XCTL03"]


@pytest.mark.reference
def test_official_samples_are_acknowledged_but_the_two_meant_not_to(reference: Path) -> None:
    """R-Tek-M and R-Tek-N get a fatal error; every other message, with attachments or without, is taken."""
    samples = [*(reference / "samples" / "carecommunication").glob("*/Bundle-*")]
    assert len(samples) > 20
    for sample in samples:
        invalid = any(mark in sample.name for mark in MEANT_TO_BE_INVALID)
        response = "fatal-error" if invalid else "ok"
        assert said(answered(sample.read_bytes())) == ["PositiveMessage", f"Acknowledgement {response}"], sample.name


def test_a_large_message_is_judged_in_full() -> None:
    """An attachment beyond what one text of XML may hold is no reason to take a message, or not to."""
    file = File("Foto", data=base64.b64encode(bytes(8_000_000)).decode())
    letter = Message(payloads=(Text("Se foto", "2026-05-12T10:00:00+02:00"), file)).xml()
    assert said(answered(letter)) == ["PositiveMessage", "Acknowledgement ok"]
    [(old, new)] = NO_DAY.items()
    broken = letter.replace(old.encode(), new.encode())
    assert said(answered(broken)) == ["PositiveMessage", "Acknowledgement fatal-error"]


async def test_an_invalid_message_comes_back_to_its_sender_as_a_fatal_error(running: Running, tmp_path: Path) -> None:
    """Through the network: passed on as it is, judged by the receiver, its neighbour acknowledged."""
    file = network_file(tmp_path, {HOSPITAL: {"external": True, "takes": [{"type": "CareCommunication"}]}})
    async with running(network_file=file) as network:
        sent = [wrapped(message(number, texts), HOSPITAL, TOWN) for number, texts in ((1, NO_DAY), (2, {}))]
        await send(network, *sent)
        back = await emptied(network, HOSPITAL)
        codes = [strings(one, "//f:response/f:code/@value") for one in letters(back, "MCM:FCTL")]
        assert sorted(codes) == [["fatal-error"], ["ok"]]
