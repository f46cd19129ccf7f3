from __future__ import annotations

import pytest

from conversion.division import Part, divide
from conversion.identifiers import Identifiers
from conversion.thread import read_thread
from envelope.fhir.bundle import read_bundle
from envelope.fhir.values import NS
from envelope.findings import Refused
from tests.conversion.messages import File, Message, Text

SITE = "https://test.example/"


@pytest.mark.parametrize(("length", "held"), [(350, True), (351, False)])
def test_a_reference_holds_a_link_of_350_characters(length: int, held: bool) -> None:
    """A link as long as OIOXML's field is a Reference; one character more, and it is told in the text."""
    text = Text("Hej", "2026-05-12T10:00:00+02:00")
    message = Message(payloads=(text, File("Vejledning", url=SITE.ljust(length, "x"))))
    bundle = read_bundle(message.xml())
    division = divide(read_thread(bundle).communication, bundle.attachments, Identifiers("0" * 32))
    assert division.parts == (Part((), (2,) if held else ()),)
    assert division.lines == (() if held else (2,))
    assert division.notes == ()


def test_a_link_before_bad_data_hides_it_not() -> None:
    """Each attachment's data is looked at, also after one that has none."""
    files = (File("Vejledning", url=SITE), File("Billede", data="!!!!"))
    bundle = read_bundle(Message(payloads=(Text("Hej", "2026-05-12T10:00:00+02:00"), *files)).xml())
    with pytest.raises(Refused) as refusal:
        divide(read_thread(bundle).communication, bundle.attachments, Identifiers("0" * 32))
    assert [(one.rule.id, one.location) for one in refusal.value.findings] == [
        ("VS-359", "Communication.payload[2].contentAttachment.data")
    ]


def test_an_attachment_without_an_identifier_gets_one() -> None:
    """The identifier of an object is new where its payload names none."""
    message = Message(payloads=(Text("Hej", "2026-05-12T10:00:00+02:00"), File("Svar", data="SGVq")))
    bundle = read_bundle(message.xml())
    communication = read_thread(bundle).communication
    payload = communication.findall(f"{NS}payload")[1]
    for extension in payload.findall(f"{NS}extension"):
        if extension.get("url", "").endswith("identifier-extension"):
            payload.remove(extension)
    identifiers = Identifiers("0" * 32)
    ((one,),) = (part.objects for part in divide(communication, bundle.attachments, identifiers).parts)
    assert (one.identifier, one.size) == (identifiers.uuid("object/2"), 3)
