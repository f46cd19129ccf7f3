"""What the network does not take: refused by name, kept with its bytes, and told to its sender in its own format."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from broker.port import DEAD, Settlement
from envelope.findings import most_severe_first
from envelope.model import ReceiptKind
from envelope.oioxml import rules as oioxml_rules
from envelope.oioxml.facts import letter_facts
from envelope.oioxml.reading import read_letter
from envelope.validation import validate
from envelope.writing import write
from routing.ledger.schema import BODIES
from routing.ledger.schema import DEAD as DEAD_ROWS
from routing.ledger.unit import Unit
from simulator.services.outgoing import Outgoing
from simulator.wiring import Network
from tests.conversion.official import official
from tests.conversion.test_refused_sources import BUNDLES
from tests.simulator.conftest import Running
from tests.simulator.post import (
    HOSPITAL,
    NOBODY,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    TOWN,
    count,
    emptied,
    heads,
    in_force,
    kinds,
    letters,
    message,
    network_file,
    send,
    send_bytes,
    story,
    told,
    wrapped,
    xdis91,
)

FROM_OIOXML, FROM_FHIR = (OWN_OIOXML, TOWN), (OWN_FHIR, PRACTICE)
"""Sender and receiver of what would be converted, each sender an external system whose inbox can be read."""
UNKNOWN = "5799999999994"
NEWER = (
    xdis91()
    .replace(b"sundcom.dk/medcom.dk/xml/schemas/2006/07/01", b"medcom.dk/xml/schemas/2015/08/01")
    .replace(b"XD9134L", b"XD9135L")
)


def carrying(outgoing: Outgoing, letter: bytes) -> Outgoing:
    """The same envelope with other bytes in it."""
    meta = outgoing.head.message
    assert meta is not None
    head = replace(outgoing.head, message=replace(meta, document=replace(meta.document, size=len(letter))))
    return replace(outgoing, head=head, body=write(head, letter))


async def dead(network: Network) -> list[tuple[bytes, str, str]]:
    """The dead letters: bytes, rule and reason by the ledger, after the queue was seen to hold the same bytes."""
    rows = await network.ledger.read(
        select(BODIES.c.data, DEAD_ROWS.c.rule, DEAD_ROWS.c.text, DEAD_ROWS.c.queue)
        .join(DEAD_ROWS, DEAD_ROWS.c.body == BODIES.c.key)
        .order_by(DEAD_ROWS.c.key)
    )
    for row in rows:
        delivery = await network.broker.receive(DEAD, 10)
        assert delivery is not None
        assert delivery.body == row.data
        assert delivery.headers["vans-reason"].startswith(row.rule)
        assert delivery.headers["vans-queue"] == row.queue
        await network.broker.settle([Settlement(delivery, Unit())])
    return [(row.data, row.rule, row.text) for row in rows]


def assert_negative(bodies: list[bytes], sent: Outgoing, code: int, description: str) -> None:
    """The one NegativeVans among these answers the envelope with this code and these words."""
    [(head, receipt)] = [(head, head.receipt) for head in heads(bodies) if head.receipt is not None]
    assert (receipt.kind, receipt.code, receipt.original_envelope) == (
        ReceiptKind.NEGATIVE_VANS,
        code,
        sent.head.identifier,
    )
    assert description in (receipt.description or "")
    assert receipt.original == sent.head.message
    assert (head.sender.type, head.sender.id) == ("VANS", "VANSIM")


REFUSED_BY_ROUTE: dict[str, tuple[Any, int, str]] = {
    "unknown receiver": (lambda letter, sender, _: wrapped(letter, sender, UNKNOWN), 411, UNKNOWN),
    "takes EDIFACT alone": (lambda letter, sender, _: wrapped(letter, sender, "5799901000060"), 424, "takes DIS91"),
}


@pytest.mark.parametrize("case", REFUSED_BY_ROUTE)
@pytest.mark.parametrize("letter", [xdis91(), message()], ids=["OIOXML", "FHIR"])
async def test_what_cannot_go_where_it_should_is_told_to_its_sender(
    running: Running, reference: Path, case: str, letter: bytes
) -> None:
    """NegativeVans for everybody, the operator's XCTL01 beside it for a letter of OIOXML; nothing is buried."""
    make, code, words = REFUSED_BY_ROUTE[case]
    sender, receiver = FROM_OIOXML if letter == xdis91() else FROM_FHIR
    sent = make(letter, sender, receiver)
    async with running() as network:
        await send(network, sent)
        bodies = await emptied(network, sender)
        assert_negative(bodies, sent, code, words)
        if letter == xdis91():
            assert_xctl01(reference, bodies, sent, words)
        else:
            assert kinds(bodies) == ["NegativeVans"]
        assert await dead(network) == []
        [root] = await story(network, sent.head.identifier)
        assert (root.state, root.rule) == ("refused", "D-refuse")


def assert_xctl01(reference: Path, bodies: list[bytes], sent: Outgoing, words: str) -> None:
    """The XCTL01 is valid by MedCom's schema and ours, quotes the letter, and says why."""
    [xctl] = [read_letter(letter) for letter in letters(bodies, "MCM:XCTL01")]
    official(reference, "2005/08/07").assertValid(xctl.root)
    assert oioxml_rules.validate(xctl) == ()
    facts = letter_facts(xctl)
    assert facts.answers is not None
    assert sent.facts is not None
    assert (facts.answers.envelope_id, facts.answers.letter_ids) == (sent.facts.envelope_id, (sent.facts.letter_id,))
    assert facts.answers.code == "negative-vans"
    assert words in facts.answers.text
    assert facts.sender == "VANSIM"


@pytest.mark.parametrize(
    ("takes", "letter", "code", "words"),
    [
        ({"type": "XDIS91", "version": "XD9133L"}, xdis91(), 413, "in version XD9133L, and not in version XD9134L"),
        ({"type": "XDIS22"}, xdis91(), 412, "takes neither XDIS91 nor"),
        ({"type": "CareCommunication"}, NEWER, 414, "XD9135L cannot be converted"),
        ({"type": "CareCommunication", "version": "4.0"}, message(), 413, "in version 4.0, and not in version 5.0"),
    ],
    ids=["version not taken", "takes something else", "version not converted", "FHIR version not taken"],
)
async def test_a_version_that_is_not_taken_and_not_converted_is_refused(
    running: Running, tmp_path: Path, takes: dict[str, str], letter: bytes, code: int, words: str
) -> None:
    """One version is never made of another of the same format, and only the versions in the table are converted."""
    sender, receiver = FROM_FHIR if letter == message() else FROM_OIOXML
    sent = wrapped(letter, sender, receiver)
    async with running(network_file=network_file(tmp_path, {receiver: {"takes": [takes]}})) as network:
        await send(network, sent)
        assert_negative(await emptied(network, sender), sent, code, words)


def truncated(letter: bytes) -> bytes:
    """The first half."""
    return letter[: len(letter) // 2]


NAMESPACE = b"http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"
LETTERS_OF_BAD_BYTES = {
    "not XML": (b"Dette er ikke XML", "recognises"),
    "empty": (b"", "recognises"),
    "truncated": (truncated(xdis91()), "line "),
    "wrong namespace": (xdis91().replace(NAMESPACE, b"http://example.org/letters/"), "recognises"),
    "another year's namespace": (xdis91().replace(b"2006/07/01", b"1999/07/01"), "not Emessage in an OIOXML release"),
    "undecodable": (xdis91().replace(b'"ISO-8859-1"', b'"UTF-8"'), "line "),
    "entity": (
        xdis91().replace(b"<Emessage", b'<!DOCTYPE Emessage [<!ENTITY a "b">]><Emessage', 1),
        "recognises",
    ),
    "missing element": (xdis91().replace(b"<TypeCode>XDIS91</TypeCode>", b""), "TypeCode"),
}


@pytest.mark.parametrize("case", LETTERS_OF_BAD_BYTES)
async def test_a_letter_of_bad_bytes_is_refused_and_kept(running: Running, case: str) -> None:
    """Its sender is told position and reason, its envelope is a dead letter byte for byte, and nobody gets a letter."""
    letter, words = LETTERS_OF_BAD_BYTES[case]
    sent = carrying(wrapped(xdis91(), *FROM_OIOXML), letter)
    async with running() as network:
        await send(network, sent)
        bodies = await emptied(network, OWN_OIOXML)
        [head] = [head for head in heads(bodies) if head.receipt is not None]
        assert head.receipt is not None
        assert_negative(bodies, sent, head.receipt.code or 0, words)
        [(kept, rule, text)] = await dead(network)
        assert (kept, int(rule.removeprefix("VS-"))) == (sent.body, head.receipt.code)
        assert text.startswith(head.receipt.description or "?")
        assert not any(kind.startswith("MCM:XCTL01") for kind in kinds(bodies)) or case == "missing element"
        tree = told(await story(network, sent.head.identifier))
        assert "refused" in tree
        assert words in tree


ENVELOPE = wrapped(xdis91(), *FROM_OIOXML)
ENVELOPES_OF_BAD_BYTES = {
    "truncated": truncated(ENVELOPE.body),
    "wrong namespace": ENVELOPE.body.replace(b"vans-envelope:1.0.4", b"vans-envelope:9.9.9"),
    "undecodable": ENVELOPE.body.replace(b"<SentDateTime>", b"<SentDateTime>\xff"),
    "missing element": ENVELOPE.body.replace(b"<Format>XML</Format>", b""),
    "not base64": ENVELOPE.body.replace(b"<Data>", b"<Data>!!"),
    "entity": ENVELOPE.body.replace(b"<VANSEnvelope", b'<!DOCTYPE x [<!ENTITY a "b">]><VANSEnvelope', 1),
}


@pytest.mark.parametrize("case", ENVELOPES_OF_BAD_BYTES)
async def test_an_envelope_of_bad_bytes_is_refused_and_kept(running: Running, case: str) -> None:
    """As far as its sender can be read it gets NegativeVans; the bytes are kept, and the story can be found."""
    body = ENVELOPES_OF_BAD_BYTES[case]
    assert body != ENVELOPE.body
    async with running() as network:
        await send_bytes(network, body)
        [(kept, rule, text)] = await dead(network)
        assert kept == body
        [head] = heads(await emptied(network, OWN_OIOXML))
        assert head.receipt is not None
        assert head.receipt.kind is ReceiptKind.NEGATIVE_VANS
        assert (head.receipt.original_envelope, head.receipt.code) == (
            ENVELOPE.head.identifier,
            int(rule.removeprefix("VS-")),
        )
        assert head.receipt.description == text[:512]
        assert rule in told(await story(network, ENVELOPE.head.identifier))


@pytest.mark.parametrize("body", [b"", b"\x00\x01\x02", b"<x/>", b"{}"], ids=["empty", "binary", "other", "JSON"])
async def test_bytes_without_a_sender_are_kept_and_answered_to_nobody(running: Running, body: bytes) -> None:
    """Dead letters hold them with their reason; the queue behind them goes on."""
    good = wrapped(xdis91(), *FROM_OIOXML)
    async with running() as network:
        await send_bytes(network, body, good.body)
        [(kept, rule, text)] = await dead(network)
        assert kept == body
        assert text.startswith(rule)
        assert sorted(kinds(await emptied(network, OWN_OIOXML))) == ["MCM:XCTL03", "PositiveMessage"]


@pytest.mark.parametrize("whose", ["receiver", "sender"])
async def test_a_wrong_check_digit_in_the_envelope_is_refused(running: Running, whose: str) -> None:
    """The finding names element and value; a sender that does not exist is answered nothing."""
    sender, receiver = (NOBODY, TOWN) if whose == "sender" else (OWN_OIOXML, NOBODY)
    sent = wrapped(xdis91(), sender, receiver)
    element = "SenderID" if whose == "sender" else "ReceiverID"
    async with running() as network:
        await send(network, sent)
        [(kept, rule, text)] = await dead(network)
        assert (kept, rule) == (sent.body, "VS-151")
        assert NOBODY in text
        assert element in text
        bodies = await emptied(network, OWN_OIOXML)
        if whose == "receiver":
            assert_negative(bodies, sent, 151, NOBODY)
            assert sorted(kinds(bodies)) == ["MCM:XCTL01", "NegativeVans"]
        assert sent.facts is not None
        assert "refused" in told(await story(network, sent.facts.letter_id))


async def test_a_payload_that_is_not_what_its_envelope_says_is_refused_with_both_named(running: Running) -> None:
    """Whether the receiver takes the one or the other."""
    sent = carrying(wrapped(xdis91(), *FROM_OIOXML), message())
    async with running() as network:
        await send(network, sent)
        bodies = await emptied(network, OWN_OIOXML)
        [head] = heads(bodies)
        assert head.receipt is not None
        assert_negative(bodies, sent, head.receipt.code or 0, "MCM:XDIS91")
        assert "CareCommunication" in (head.receipt.description or "")
        assert [kept for kept, _, _ in await dead(network)] == [sent.body]


async def test_latin_1_by_name_and_utf_8_by_bytes_is_accepted_with_a_warning(running: Running) -> None:
    """The letter is converted with its letters right, and the timeline shows the warning at the letter."""
    letter = xdis91().decode("latin-1").encode()
    sent = carrying(wrapped(xdis91(), OWN_OIOXML, OWN_FHIR), letter)
    async with running() as network:
        await send(network, sent)
        [bundle] = letters(await emptied(network, OWN_FHIR), "MCM:FDIS91")
        assert "Kære kollega" in bundle.decode()
        [root] = await story(network, sent.head.identifier)
        assert root.state == "converted"
        assert "VS-205" in [finding["rule"] for finding in root.findings if finding["severity"] == "warning"]


@pytest.mark.parametrize("party", ["Sender", "Receiver"])
async def test_a_wrong_check_digit_inside_a_letter_matters_only_where_it_would_stand_in_fhir(
    running: Running, party: str
) -> None:
    """Passed through, the letter goes on untouched, as MedCom's own samples do; no bundle is made with the number."""
    gln = PRACTICE if party == "Sender" else TOWN
    letter = xdis91(1, {f"<EANIdentifier>{gln}": f"<EANIdentifier>{NOBODY}"})
    async with running() as network:
        await send(network, wrapped(letter, PRACTICE, OWN_OIOXML), wrapped(letter, *FROM_OIOXML))
        bodies = await emptied(network, OWN_OIOXML)
        assert letters(bodies, "MCM:XDIS91") == [letter]
        [receipt] = [head.receipt for head in heads(bodies) if head.receipt is not None]
        assert receipt.code == 151
        assert f"{party}/EANIdentifier" in (receipt.description or "")
        assert NOBODY in (receipt.description or "")


async def test_a_bundle_that_is_invalid_is_refused_by_the_worker_and_kept(running: Running) -> None:
    """What the decision let through and the conversion does not: NegativeVans alone, and a dead letter."""
    sent = wrapped(message(1, {"<status value='unknown'/>": "<status value='completed'/>"}), *FROM_FHIR)
    async with running() as network:
        await send(network, sent)
        bodies = await emptied(network, OWN_FHIR)
        [(kept, rule, _)] = await dead(network)
        assert kept == sent.body
        assert rule.startswith("VS-3")
        assert kinds(bodies) == ["NegativeVans"]
        assert_negative(bodies, sent, int(rule.removeprefix("VS-")), "Communication")
        [root] = await story(network, sent.head.identifier)
        assert (root.state, root.rule) == ("refused", "D-refuse")
        assert rule in [finding["rule"] for finding in root.findings]


@pytest.mark.parametrize("case", BUNDLES)
async def test_a_message_is_refused_with_all_that_is_wrong_with_it(running: Running, case: str) -> None:
    """The story has every finding that `vansim validate` has, the receipt as many as fit, the most severe first."""
    sent = wrapped(BUNDLES[case], OWN_FHIR, HOSPITAL)
    findings = most_severe_first(validate(BUNDLES[case]).findings)
    async with running() as network:
        await send(network, sent)
        bodies = await emptied(network, OWN_FHIR)
        [root] = await story(network, sent.head.identifier)
    assert root.state == "refused"
    in_message = [one for one in root.findings if not one["location"].startswith("/VANSEnvelope")]
    assert in_message == [finding.as_dict() for finding in findings]
    whole = "; ".join(map(str, findings))
    code = int(findings[0].rule.id.removeprefix("VS-"))
    assert_negative(bodies, sent, code, whole if len(whole) <= 512 else f"{whole[:509]}...")


async def test_the_operator_signs_as_the_network_file_says(running: Running, tmp_path: Path) -> None:
    """SenderID is the operator's name with the type VANS, in force from the edit on."""
    async with running(network_file=network_file(tmp_path)) as network:
        network_file(tmp_path, operator="PRØVENET")
        await in_force(network, lambda directory: directory.settings.operator == "PRØVENET")
        await send(network, wrapped(xdis91(), OWN_OIOXML, UNKNOWN))
        bodies = await emptied(network, OWN_OIOXML)
        assert {(head.sender.type, head.sender.id) for head in heads(bodies)} == {("VANS", "PRØVENET")}
        [xctl] = letters(bodies, "MCM:XCTL01")
        assert letter_facts(read_letter(xctl)).sender == "PRØVENET"


def test_the_bad_letters_are_what_they_are_called() -> None:
    """Each case really differs from the good letter."""
    assert all(letter != xdis91() for letter, _ in LETTERS_OF_BAD_BYTES.values())
    assert b64encode(xdis91())[:100] in ENVELOPE.body


async def test_an_identifier_that_nobody_can_quote_is_answered_by_nobody(running: Running) -> None:
    """An envelope whose identifier breaks the schema is kept and answered by nothing, and the network rests."""
    sent = wrapped(xdis91(), PRACTICE, TOWN)
    async with running() as network:
        await send_bytes(network, sent.body.replace(sent.head.identifier.encode(), b"x" * 36))
        assert len(await network.ledger.read(select(DEAD_ROWS.c.key))) == 1
        assert await count(network) == 0


async def test_what_is_buried_out_of_an_inbox_waits_there_no_more(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter that a mock cannot handle is given up after three tries, and the network comes to rest."""

    def fails(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("simulator.services.participants.answers_of", fails)
    async with running() as network:
        await send(network, wrapped(xdis91(), PRACTICE, HOSPITAL))
        [dead] = await network.ledger.read(select(DEAD_ROWS.c.rule, DEAD_ROWS.c.queue))
        assert (dead.rule, dead.queue) == ("VS-470", f"inbox.{HOSPITAL}")
