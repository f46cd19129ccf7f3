"""What is played together: letters of many kinds, sent and answered over one network whose clock is moved."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from conversion.answers import Reason, positive_receipt
from conversion.identifiers import Identifiers
from envelope.model import Party
from envelope.reading import payload
from routing.directory import Kind
from simulator.services.directory_file import DirectoryFile
from simulator.services.outgoing import Outgoing, known_type, letter_envelope
from simulator.settings import Settings
from simulator.wiring import ALL_SERVICES, Network
from tests.conformance.exchange import OK, Exchange
from tests.conformance.letters import CPR_ELEMENT, EPISODE, PDF, PNG, STATUS, TELEPHONE, message, pair, to_fhir
from tests.conformance.letters import with_files as files
from tests.conformance.moments import Clock
from tests.conversion.messages import CPR, LOCAL, LPR3, NATIONAL, OWN, File, Message, Text
from tests.simulator.post import OWN_FHIR, OWN_OIOXML, PRACTICE, TOWN, wrapped
from tests.simulator.test_refusals import carrying

WORDS = "Vedhæftet fil kan ikke åbnes"
NO = Reason("ikke_specificeret", WORDS)
LATER = Reason("ikke_specificeret", WORDS, "transient-error")
LONG = Reason("ikke_specificeret", "Beskrivelsen er lang. " * 40)
TEXT_FILE = ("tekstfil", "txt")
"""A file type that XBIN01 has and CareCommunication has not."""

STATUSES = ("inaktiv", "indlagt", "ambulant", "doed", "ambulant_roentgen")
DEAD = "<deceasedBoolean value='true'/>"
ENCOUNTERS = {
    "inaktiv": (("other", "unknown"), ""),
    "indlagt": (("IMP", "in-progress"), ""),
    "ambulant": (("AMB", "in-progress"), ""),
    "doed": (("other", "finished"), DEAD),
    "any other": (("IMP", "finished"), ""),
    "dead and ambulant": (("AMB", "in-progress"), DEAD),
}
UNUSUAL = "AB03921VJ4"
LONG_TEXT = "Der er meget at sige om prøven. " * 1500
SUBJECT = "      <Subject>Vedr. indlæggelse og øvrige aftaler</Subject>\n"
ENDPOINTS = ("328051000016008", "359001000016000")
"""What the endpoints of the tests' message end in: SOR codes of others than its parties."""
EDIFACT_ONLY = "5799901000060"
EDIFACT = (
    b"UNA:+.? 'UNB+UNOC:3+5799900000023:14+5799901000060:14+261123:0900+1'"
    b"UNH+1+MEDDIS:D:93A:UN:D9134L+DIS91'UNT+2+1'UNZ+1+1'"
)
TABLE = {
    "receipts-1": (OK, OK),
    "receipts-2": (OK, NO),
    "receipts-3": (NO, OK),
    "receipts-4": (NO, NO),
    "receipts-5 positive": (None, OK),
    "receipts-5 negative": (None, NO),
    "receipts-6 positive": (OK, None),
    "receipts-6 negative": (NO, None),
    "receipts-7": (OK,),
    "receipts-8": (NO,),
}
"""MedCom's table of two receipts on one message: the answers on XDIS91 and XBIN01."""


def _numbered(kind: str) -> str:
    """A participant of OIOXML that has such a number."""
    return next(
        one.gln
        for one in DirectoryFile().current
        if kind in one.identifiers and any(line.type == "XDIS91" and not line.until for line in one.takes)
    )


PRACTICE_NUMBERED, MUNICIPALITY_NUMBERED = _numbered("ydernummer"), _numbered("kommunenummer")
HOTEL = next(one.gln for one in DirectoryFile().current if one.kind is Kind.REFERRAL_HOTEL)


async def play(address: str, folder: Path) -> Exchange:
    """Everything, over a broker at an address; the folder is the network's."""
    clock = Clock()
    network = Network(Settings(broker=address, data=folder), ALL_SERVICES, clock)
    over = Exchange(network, clock)
    async with network.running():
        await _letters(over)
        await _attachments(over)
        await _messages(over)
        await _as_they_are(over)
        await over.settle()
        await _answers(over)
        clock.advance(minutes=60)
        await over.settle()
        await _late(over)
        clock.advance(minutes=60)
        await _again(over)
        await over.settle()
        clock.advance(days=91)
        await over.answer("in time", OK)
        await over.settle()
        clock.advance(days=2)
        await over.answer("too late", OK)
        await over.settle()
    return over


async def _letters(over: Exchange) -> None:
    """Letters of OIOXML without attachments."""
    for name in ("plain", "refused", "transient", "unanswered", "in time", "too late"):
        await over.send(name, to_fhir())
    await over.send("quiet", to_fhir({"pluspositivkvitt": "minuspositivkvitt"}))
    await over.send("no telephone", to_fhir({TELEPHONE: ""}))
    await over.send("no telephone at all", to_fhir({TELEPHONE: ""}, sender=PRACTICE))
    await over.send("no subject", to_fhir({SUBJECT: ""}))
    await over.send("routine", to_fhir({"høj_prioritet": "rutine"}))
    for status in STATUSES:
        await over.send(status, to_fhir({STATUS: STATUS.replace("indlagt", status)}))
    await over.send("doed without id", to_fhir({STATUS: STATUS.replace("indlagt", "doed"), EPISODE: ""}))
    for name, number in {"national": NATIONAL[1], "local": LOCAL[1], "unusual": UNUSUAL}.items():
        await over.send(name, to_fhir({CPR_ELEMENT: f"<AlternativeIdentifier>{number}</AlternativeIdentifier>"}))
    links = (
        "<Reference><RefDescription>Vejledning</RefDescription><URL>https://example.org/vej</URL></Reference>"
        "<Reference><RefDescription>Prøvemappe</RefDescription><SUP>true</SUP></Reference>"
    )
    await over.send("links", to_fhir({"</ClinicalEmail>": f"{links}</ClinicalEmail>"}))
    await over.send("invalid alone", broken(to_fhir()))


def broken(letter: Outgoing) -> Outgoing:
    """The same, breaking its schema."""
    return replaced(letter, b"<StatusCode>nytbrev<", b"<StatusCode>annulleretbrev<")


def replaced(letter: Outgoing, old: bytes, new: bytes) -> Outgoing:
    """The same with a part of the letter replaced."""
    text = payload(letter.body)
    assert old in text
    return carrying(letter, text.replace(old, new))


async def _attachments(over: Exchange) -> None:
    """Letters of OIOXML with attachments."""
    for name in ("whole pair", "refused pair"):
        await over.send(name, *pair(name))
    await over.send("eleven", *pair("eleven", 11))
    for name in ("text file", "text file, long answer"):
        await over.send(name, *pair(name, kind=TEXT_FILE))
    unknown, carrier = pair("unknown type", carried_kind=("billede", "svg"))
    await over.send("unknown type", unknown)
    over.kept["unknown type attachments"] = carrier
    await over.send("invalid attachments alone", broken(pair("alone")[1]))
    await over.send("hotel", wrapped(payload(pair("hotel")[1].body), HOTEL, OWN_FHIR))
    for name in ("missing", "late letter", "other errors"):
        letter, attachments = pair(name)
        if name == "other errors":  # a check digit that FHIR does not take
            letter = replaced(letter, b"<EANIdentifier>5799900000016", b"<EANIdentifier>5799900000017")
        over.kept |= {name: letter, f"{name} attachments": attachments}
        first = f"{name} attachments" if name == "late letter" else name
        await over.send(first, over.kept[first])


async def _messages(over: Exchange) -> None:
    """Messages of FHIR."""
    plain = message()
    await over.send("message", plain)
    await over.send("message unanswered", message())
    await over.send("JSON", message(json=True))
    swapped = message(texts=[(ENDPOINTS[0], "swap"), (ENDPOINTS[1], ENDPOINTS[0]), ("swap", ENDPOINTS[1])])
    await over.send("swapped", swapped)
    await over.send("to a practice", message(receiver=PRACTICE_NUMBERED))
    await over.send("to a municipality", message(receiver=MUNICIPALITY_NUMBERED))
    two = (File("Svar.pdf", data=PDF), File("Billede.png", data=PNG, mime="image/png"))
    await over.send("two files", message(Message((*Message().payloads, *two))))
    old = (File("Tidligere svar.pdf"), File("Svar.pdf", data=PDF))
    await over.send("old file", message(Message((*Message().payloads, *old))))
    await over.send("eleven files", message(files(11)))
    texts = (*Message().payloads, Text("Tidligere.", "2026-05-11T09:00:00+02:00", by="municipality", new=False))
    await over.send("reply", message(Message(texts, activity="reply-message")))
    await over.send("forward", message(Message(texts, activity="forward-message")))
    older = [("<code value='new-message'/>", "<code value='reply-message'/>")]
    await over.send("forward of a reply", message(Message(texts, activity="forward-message"), older))
    await over.send("three numbers", message(Message(numbers=(LOCAL, NATIONAL, CPR))))
    await over.send("two numbers", message(Message(numbers=(LOCAL, NATIONAL))))
    await over.send("two episodes", message(Message(episodes=(LPR3, OWN))))
    await over.send("one episode", message(Message(episodes=(LPR3,))))
    for name, (encounter, dead) in ENCOUNTERS.items():
        await over.send(f"message {name}", message(Message(episodes=(OWN,), encounter=encounter, deceased=dead)))
    await over.send("long", message(Message((Text(LONG_TEXT, "2026-05-12T14:00:00+02:00"),))))
    evening = (Text("Sent.", "2026-05-11T22:30:45Z"),)
    await over.send("evening", message(Message(evening, timestamp="2026-05-12T22:30:59Z")))
    await over.send("long topic", message(Message(topic="Hjemsendelse og alt hvad dertil hører " * 3)))
    await over.send("no topic", message(Message(topic=None)))
    faults = {
        "<status value='unknown'/>": "<status value='completed'/>",
        "value='discharge'": "value='gossip'",
        "<code value='new-message'/>": "<code value='old-message'/>",
        "<code value='primary'/>": "<code value='secondary'/>",
        "<system value='phone'/>": "<system value='pigeon'/>",
    }
    await over.send("invalid message", message(files(1), tuple(faults.items())))
    for name, answers in TABLE.items():
        await over.send(name, message(files(len(answers) - 1)))


async def _as_they_are(over: Exchange) -> None:
    """What is not converted: taken as it is, or by nobody, or no envelope at all."""
    as_it_is = {
        "as it is OIOXML": to_fhir(sender=PRACTICE, receiver=OWN_OIOXML),
        "as it is XML": message(sender=TOWN, receiver=OWN_FHIR),
        "as it is JSON": message(sender=TOWN, receiver=OWN_FHIR, json=True),
    }
    for name, one in as_it_is.items():
        await over.send(name, one)
        receipt = positive_receipt(payload(one.body), over.clock(), Identifiers(sha256(name.encode()).hexdigest()[:32]))
        await over.send(f"{name} answered", wrapped(receipt, one.head.receiver.id, one.head.sender.id))
    await over.send("nobody's letter", to_fhir(receiver=EDIFACT_ONLY))
    await over.send("nobody's message", message(receiver=EDIFACT_ONLY))
    for name, receiver in (("EDIFACT", EDIFACT_ONLY), ("EDIFACT to FHIR", OWN_FHIR), ("EDIFACT to OIOXML", OWN_OIOXML)):
        names = (str(uuid4()), str(uuid4()))
        parties = (Party(OWN_OIOXML), Party(receiver))
        await over.send(name, letter_envelope(EDIFACT, known_type("DIS91"), parties, names, over.clock()))
    first = to_fhir()
    other = to_fhir()
    assert other.head.message is not None
    await over.send("twice", twice := to_fhir(sender=PRACTICE, receiver=OWN_OIOXML))
    await over.send("first of its envelope", first)
    await over.settle()
    await over.send("twice", twice)
    await over.send("unknown type attachments", over.kept["unknown type attachments"])
    reused = wrapped(payload(other.body), names=(first.head.identifier, other.head.message.identifier))
    await over.send("second of its envelope", reused)
    over.kept["no envelope"] = to_fhir()
    await over.send_bytes("no envelope", over.kept["no envelope"].body.replace(b"<Format>XML</Format>", b""))


async def _answers(over: Exchange) -> None:
    """What the receivers answer at once."""
    for name in ("plain", "quiet", "whole pair", "message", "JSON"):
        await over.answer(name, OK)
    await over.confirm("plain", "")
    await over.confirm("refused", WORDS)
    await over.confirm("receipts-1", "", "")
    await over.confirm("receipts-2", "", WORDS)
    await over.confirm("receipts-5 positive", None, "")
    for name in ("refused", "refused pair", "text file", "eleven"):
        await over.answer(name, NO)
    await over.answer("transient", LATER)
    await over.answer("text file, long answer", LONG)
    await over.answer("eleven files", *[OK] * len(over.made("eleven files")))
    for name, answers in TABLE.items():
        await over.answer(name, *answers)
    await over.settle()
    await over.answer("message", OK)
    await over.answer("receipts-7", NO, again=" otherwise")


async def _late(over: Exchange) -> None:
    """What comes when the 60 minutes are over, and the answers to what went without it."""
    for name in ("missing attachments", "late letter"):
        await over.send(name, over.kept[name])
    await over.settle()
    await over.answer("missing", NO)
    await over.answer("late letter", NO)
    await over.settle()


async def _again(over: Exchange) -> None:
    """What is sent again after 120 minutes: the same message in a new envelope."""
    for name in ("plain", "unanswered", "message", "message unanswered", "invalid alone", "invalid message"):
        (first,) = over.sent(name)
        meta = first.head.message
        assert meta is not None
        parties = (first.row.sender, first.row.receiver)
        await over.send(f"{name} again", wrapped(first.letter, *parties, names=(str(uuid4()), meta.identifier)))
