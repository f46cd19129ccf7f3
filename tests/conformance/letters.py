"""Letters and messages between the two external systems, each with identifiers of its own."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from itertools import count
from uuid import UUID, uuid5

from lxml import etree

from envelope.fhir.bundle import serialise
from routing.directory import Participant
from simulator.services.directory_file import DirectoryFile
from simulator.services.outgoing import Outgoing
from tests.conformance.moments import FIRST
from tests.conversion.messages import BUNDLE, HEADER, File, Message
from tests.simulator.post import OWN_FHIR, OWN_OIOXML, PRACTICE, TOWN, wrapped, xdis91

PDF = b64encode(b"%PDF-1.4\n% opdigtet\n").decode()
PNG = b64encode(b"\x89PNG\r\n\x1a\n").decode()
A_PDF = ("vektor_grafik", "pdf")
CPR_ELEMENT = "<CivilRegistrationNumber>2512489996</CivilRegistrationNumber>"
TELEPHONE = "<TelephoneSubscriberIdentifier>00000001</TelephoneSubscriberIdentifier>"
EPISODE = "<EpisodeOfCareIdentifier>5f1c2e7a9b3d4c608e21f0a7b6c5d4e3</EpisodeOfCareIdentifier>"
STATUS = "<EpisodeOfCareStatusCode>indlagt</EpisodeOfCareStatusCode>"

_NAMESPACE = UUID("0d3f4a4e-8c3b-4f0e-9a51-6f2f7c1d2b3a")
_numbers = count(101)


def to_fhir(texts: dict[str, str] | None = None, sender: str = OWN_OIOXML, receiver: str = OWN_FHIR) -> Outgoing:
    """An XDIS91, by itself from the external OIOXML system to the external FHIR system."""
    return wrapped(xdis91(next(_numbers), {PRACTICE: sender, TOWN: receiver, **(texts or {})}))


def objects(name: str, number: int) -> list[UUID]:
    """The identifiers of so many attachments."""
    return [uuid5(_NAMESPACE, f"{name} {one}") for one in range(number)]


def pair(
    name: str,
    number: int = 1,
    kind: tuple[str, str] = A_PDF,
    carried_kind: tuple[str, str] | None = None,
    *,
    content: str = PDF,
    receiver: str = OWN_FHIR,
) -> tuple[Outgoing, Outgoing]:
    """An XDIS91 and the XBIN01 with its attachments.

    Args:
        name: the attachments' identifiers come of it.
        number: how many.
        kind: ObjectCode and ObjectExtensionCode.
        carried_kind: what the XBIN01 says, where that is something else.
        content: of each, in base64.
        receiver: GLN.
    """
    size = len(content) // 4 * 3 - content.count("=")
    said, held = (
        f"<ObjectCode>{code}</ObjectCode><ObjectExtensionCode>{extension}</ObjectExtensionCode>"
        f"<OriginalObjectSize>{size}</OriginalObjectSize>"
        for code, extension in (kind, carried_kind or kind)
    )
    references = "".join(
        f"<Reference><RefDescription>Bilag {place}</RefDescription><BIN><ObjectIdentifier>{one.hex}</ObjectIdentifier>"
        f"{said}</BIN></Reference>"
        for place, one in enumerate(objects(name, number), 1)
    )
    carried = "".join(
        f"<BinaryObject><ObjectIdentifier>{one}</ObjectIdentifier>{held}"
        f"<Object_Base64Encoded>{content}</Object_Base64Encoded></BinaryObject>"
        for one in objects(name, number)
    )
    letter = to_fhir({"</ClinicalEmail>": f"{references}</ClinicalEmail>"}, receiver=receiver)
    text = re.sub(r"<BinaryObject>.*</BinaryObject>", carried, FIRST.decode(), flags=re.DOTALL)
    mine = next(_numbers)
    for old, new in {
        "5790001382445": OWN_OIOXML,
        "5790000121441": receiver,
        "KUV2024BIN0008": f"KBI{mine:011}",
        "BIN20240000008": f"BIN{mine:011}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    return letter, wrapped(text.encode())


def known(gln: str) -> Participant:
    """A participant of the packaged network."""
    participant = DirectoryFile().current.participant(gln)
    assert participant is not None
    return participant


def message(
    made: Message | None = None,
    texts: Sequence[tuple[str, str]] = (),
    *,
    sender: str = OWN_FHIR,
    receiver: str = OWN_OIOXML,
    json: bool = False,
) -> Outgoing:
    """A CareCommunication, by itself from the external FHIR system to the external OIOXML system."""
    parties = {
        "sender_identifiers": _identifiers(sender),
        "receiver_identifiers": _identifiers(receiver),
    }
    text = (made or Message()).but(**parties).xml().decode()
    number = next(_numbers)
    names = [(HEADER, f"{HEADER[:-12]}{number:012}"), (BUNDLE, f"{BUNDLE[:-12]}{number:012}")]
    for old, new in (*names, *texts):
        assert old in text
        text = text.replace(old, new)
    written = serialise(etree.fromstring(text.encode()), "json") if json else text.encode()
    return wrapped(written, sender, receiver)


def with_files(number: int, **changes: object) -> Message:
    """A message with so many attachments."""
    files = tuple(File(f"Bilag {one}", data=PDF) for one in range(1, number + 1))
    return Message((*Message().payloads, *files)).but(**changes)


def _identifiers(gln: str) -> tuple[tuple[str, str], ...]:
    return (("https://www.gs1.org/gln", gln), ("urn:oid:1.2.208.176.1.1", known(gln).sor))
