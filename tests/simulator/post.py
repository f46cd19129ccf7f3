"""What the tests of the running network share: letters of invented people, their envelopes, and inboxes to be read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from sqlalchemy import func, select

from broker.port import Settlement, inbox
from envelope.catalogue import recognise
from envelope.model import Head, Party
from envelope.payload_facts import letter_facts
from envelope.reading import payload, read
from routing.ledger import dispatches
from routing.ledger.keys import new_key
from routing.ledger.records import Page
from routing.ledger.schema import MESSAGES, SENDS
from routing.ledger.timeline import Node, timeline
from routing.network_file import DEFAULT_NETWORK
from simulator.services.clock import real_time
from simulator.services.outgoing import Outgoing, known_type, letter_envelope
from simulator.wiring import Network
from tests.conversion.messages import BUNDLE, HEADER, Message

LETTERS = Path(__file__).resolve().parents[1] / "letters"

PRACTICE, TOWN = "5790000121526", "5790000120314"
"""Who the XDIS91 of the tests goes from and to: a practice that takes XDIS91, and a municipality that takes FHIR."""
CITY, HOSPITAL = "5790000121441", "5790001382445"
"""Who the CareCommunication of the tests goes from and to: a municipality, and a hospital that takes XDIS91."""
OWN_FHIR, OWN_OIOXML = "5799900000016", "5799900000023"
"""The external systems of the packaged network."""
NOBODY = "5790000999999"

XDIS91 = (LETTERS / "xdis91-iso-8859-1.xml").read_bytes()
XDIS91_ENVELOPE, XDIS91_LETTER = "KUV20240000001", "BREV2024000001"
_AT_HOME = Message()
MESSAGE = _AT_HOME.but(
    sender_identifiers=_AT_HOME.receiver_identifiers,
    sender_name=_AT_HOME.receiver_name,
    receiver_identifiers=_AT_HOME.sender_identifiers,
    receiver_name=_AT_HOME.sender_name,
).xml()

IDLE_SECONDS = 60


def xdis91(number: int = 1, texts: Mapping[str, str] | None = None) -> bytes:
    """The XDIS91 of the tests with identifiers of its own, and parts of its text replaced."""
    return _written(
        XDIS91, {XDIS91_LETTER: f"BREV{number:010}", XDIS91_ENVELOPE: f"KUV{number:011}"}, texts or {}, "latin-1"
    )


def message(number: int = 1, texts: Mapping[str, str] | None = None) -> bytes:
    """The CareCommunication of the tests with identifiers of its own, and parts of its text replaced."""
    names = {HEADER: f"{HEADER[:-12]}{number:012}", BUNDLE: f"{BUNDLE[:-12]}{number:012}"}
    return _written(MESSAGE, names, texts or {}, "utf-8")


def _written(source: bytes, names: Mapping[str, str], texts: Mapping[str, str], encoding: str) -> bytes:
    text = source.decode(encoding)
    for old, new in {**names, **texts}.items():
        assert old in text
        text = text.replace(old, new)
    return text.encode(encoding)


def wrapped(
    letter: bytes, sender: str | None = None, receiver: str | None = None, *, names: tuple[str, str] | None = None
) -> Outgoing:
    """A letter in an envelope, as a participant's system would send it.

    Args:
        letter: bare.
        sender: GLN; the letter's own where not given.
        receiver: likewise.
        names: EnvelopeIdentifier and message Identifier; new ones where not given.
    """
    recognised = recognise(letter[:4096])
    assert recognised is not None
    facts = letter_facts(letter, known_type(recognised.type))
    parties = (Party(sender or facts.sender or ""), Party(receiver or facts.receiver or ""))
    return letter_envelope(
        letter,
        known_type(facts.type, facts.version),
        parties,
        names or (str(uuid4()), str(uuid4())),
        real_time(),
        mime=recognised.mime,
        postfix=facts.postfix,
        facts=facts,
    )


async def send(network: Network, *outgoing: Outgoing) -> None:
    """Submit envelopes one after the other, and wait until the network has nothing left to do."""
    for one in outgoing:
        await network.submit(one.body, one.head.identifier)
    await idle(network)


async def send_bytes(network: Network, *bodies: bytes) -> None:
    """The same for bytes that need not be envelopes."""
    for body in bodies:
        await network.submit(body)
    await idle(network)


async def idle(network: Network) -> None:
    """Wait until the network has nothing left to do, or fail."""
    async with asyncio.timeout(IDLE_SECONDS):
        await network.rest.wait()


async def in_force(network: Network, holds: Callable[[Any], bool]) -> None:
    """Wait until an edit of the network file has taken effect."""
    async with asyncio.timeout(10):
        while not holds(network.directory):  # noqa: ASYNC110 (the file is looked at, not watched)
            await asyncio.sleep(0)


async def emptied(network: Network, gln: str) -> list[bytes]:
    """Every envelope in an external system's inbox, taken over the broker as that system would."""
    queue = inbox(gln)
    [[waiting]] = await network.ledger.read(
        select(func.count()).select_from(SENDS).where(SENDS.c.queue == queue, SENDS.c.state == "sent")
    )
    return [await _taken(network, queue) for _ in range(waiting)]


async def _taken(network: Network, queue: str) -> bytes:
    delivery = await network.broker.receive(queue, 10)
    assert delivery is not None
    page = Page(new_key, network.clock(), "test")
    for row in await dispatches.not_taken(network.ledger, queue, delivery.message_id or ""):
        page.taken(row.key)
    assert await network.broker.settle([Settlement(delivery, page.unit)]) == [None]
    return delivery.body


def heads(bodies: Sequence[bytes]) -> list[Head]:
    """The heads of envelopes."""
    return [read(body).head for body in bodies]


def kinds(bodies: Sequence[bytes]) -> list[str]:
    """What envelopes are: the Name of their document, or the kind of receipt."""
    return [head.message.document.name if head.message else head.receipt.kind.value for head in heads(bodies)]  # type: ignore[union-attr]


def letters(bodies: Sequence[bytes], name: str) -> list[bytes]:
    """The payloads of the envelopes whose document's Name begins so."""
    return [payload(body) for body, kind in zip(bodies, kinds(bodies), strict=True) if kind.startswith(name)]


def network_file(folder: Path, participants: Mapping[str, Mapping[str, Any]] | None = None, **settings: object) -> Path:
    """The packaged network with some participants and settings changed, as a file of one's own."""
    network = yaml.safe_load(DEFAULT_NETWORK.read_text("utf-8"))
    network["settings"].update(settings)
    changes = dict(participants or {})
    for one in network["participants"]:
        one.update(changes.pop(one["gln"], {}))
    assert not changes
    folder.mkdir(exist_ok=True)
    path = folder / "network.yaml"
    path.write_text(yaml.safe_dump(network, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


async def count(network: Network, **columns: str | bool) -> int:
    """How many messages the ledger has with these values."""
    wanted = [MESSAGES.c[name] == value for name, value in columns.items()]
    [[found]] = await network.ledger.read(select(func.count()).select_from(MESSAGES).where(*wanted))
    return int(found)


async def story(network: Network, identifier: str) -> tuple[Node, ...]:
    """The timeline of an identifier."""
    return await timeline(network.ledger, identifier)


def told(roots: Sequence[Node]) -> str:
    """A story as text, without what differs from run to run: each envelope, its steps, and below it its children."""
    return "\n".join(line for root in roots for line in _lines(root, ""))


def _lines(node: Node, indent: str) -> list[str]:
    what = node.type if node.layer == "message" else node.name
    relation = f"{node.relation} " if node.relation else ""
    lines = [f"{indent}{relation}{what} {node.sender} -> {node.receiver}: {node.state}"]
    lines += [
        f"{indent}  . {step.place}: {step.text}" + (f" [{step.rule}]" if step.rule else "") for step in node.steps
    ]
    lines += [f"{indent}  ! {finding['rule']}" for finding in node.findings]
    # Receipts of one system may be taken in by several lanes: their order is nobody's promise.
    for child in sorted(node.children, key=lambda one: (one.duplicate, one.relation or "", one.type or "")):
        lines += _lines(child, indent + "    ")
    return lines
