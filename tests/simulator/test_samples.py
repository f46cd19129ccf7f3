"""MedCom's own samples cross the running network, on either broker; the tests play the systems at both ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from envelope.fhir import rules as fhir_rules
from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.model import ReceiptKind
from envelope.oioxml import rules as oioxml_rules
from envelope.oioxml.facts import letter_facts
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.reading import read_letter
from envelope.reading import payload
from simulator.services.answers import answers_of
from simulator.services.outgoing import Outgoing
from simulator.wiring import Network
from tests.conversion.official import official
from tests.conversion.rows.case import strings
from tests.conversion.test_flow1 import SAME
from tests.conversion.test_to_xdis91_samples import (
    MEANT_TO_BE_INVALID,
    _assert_text,
    _expected,
    _has_content,
    _path,
    _samples,
)
from tests.simulator.conftest import Running
from tests.simulator.post import (
    CITY,
    HOSPITAL,
    emptied,
    heads,
    kinds,
    letters,
    network_file,
    send,
    story,
    wrapped,
)

pytestmark = pytest.mark.reference

OIOXML_MOCK = {"takes": [{"type": "XDIS91"}]}
OIOXML_SYSTEM = {"external": True, "takes": [{"type": "XDIS91"}]}
FHIR_SYSTEM = {"external": True, "takes": [{"type": "CareCommunication"}]}
R2006 = "{http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/}"
SAME_HEADER = ("R-Tek-L-", "S-Tek-CPR-")
"""Samples that repeat the MessageHeader.id of another: in one network they would be its duplicates."""


def sent(reference: Path, *, valid: bool = True) -> list[Outgoing]:
    """The samples without attachments in envelopes: those that are valid, or the two meant not to be."""
    return [
        wrapped(sample.read_bytes())
        for sample in sorted(_samples(reference), key=lambda sample: any(mark in sample.name for mark in SAME_HEADER))
        if not _has_content(sample.read_bytes()) and valid != any(mark in sample.name for mark in MEANT_TO_BE_INVALID)
    ]


def parties(outgoing: list[Outgoing]) -> set[str]:
    """Everybody who sends or receives one of them."""
    return {gln for one in outgoing for gln in (one.head.sender.id, one.head.receiver.id)}


async def crossed(network: Network, outgoing: list[Outgoing]) -> list[tuple[Outgoing, bytes]]:
    """Each sample beside the one envelope that was made of it and came to its receiver's inbox."""
    await send(network, *outgoing)
    come: dict[tuple[str, str], bytes] = {}
    for gln in {one.head.receiver.id for one in outgoing}:
        bodies = await emptied(network, gln)
        come |= {(gln, head.identifier): body for head, body in zip(heads(bodies), bodies, strict=True)}
    pairs = []
    for one in outgoing:
        [root] = await story(network, one.head.identifier)
        [made] = root.children
        pairs.append((one, come.pop((one.head.receiver.id, made.envelope_id))))
    assert come == {}
    return pairs


async def test_every_carecommunication_becomes_a_letter_at_a_receiver_of_oioxml(
    running: Running, reference: Path, tmp_path: Path
) -> None:
    """What arrives is valid by MedCom's schema and ours, holds each value where the table says, and is receipted."""
    samples = sent(reference)
    assert len(samples) == 21
    file = network_file(tmp_path, dict.fromkeys(parties(samples), OIOXML_SYSTEM))
    for lap, batch in enumerate((samples[:-2], samples[-2:])):
        async with running(network_file=file, data=f"data-{lap}") as network:
            pairs = await crossed(network, batch)
            for sample, arrived in pairs:
                assert_letter(reference, network, sample, arrived)
            await send(network, *(answer for _, arrived in pairs for answer in answers_of(arrived, network.clock())))
            await assert_acknowledged(network, batch)


def assert_letter(reference: Path, network: Network, sample: Outgoing, arrived: bytes) -> None:
    """The letter is the sample's by the table."""
    bundle = read_bundle(payload(sample.body))
    letter = read_letter(payload(arrived))
    official(reference, "2006/07/01").assertValid(letter.root)
    assert oioxml_rules.validate(letter) == ()
    sender = network.directory.participant(sample.head.sender.id)
    assert sender is not None
    expected = {path: sender.name[:35] if text == "I SOR" else text for path, text in _expected(bundle)}
    assert {path: _path(letter.root, path) for path in expected} == expected
    _assert_text(bundle, plain_text(next(letter.root.iter(f"{R2006}Text01"))))


async def assert_acknowledged(network: Network, samples: list[Outgoing]) -> None:
    """Each sample's sender has an Acknowledgement of the bundle and a PositiveMessage on the envelope."""
    back = {gln: await emptied(network, gln) for gln in {one.head.sender.id for one in samples}}
    for gln, bodies in back.items():
        mine = [one for one in samples if one.head.sender.id == gln]
        receipts = [head.receipt for head in heads(bodies) if head.receipt is not None]
        assert {one.kind for one in receipts} == {ReceiptKind.POSITIVE_MESSAGE}
        assert sorted(one.original_envelope for one in receipts) == sorted(one.head.identifier for one in mine)
        assert all(one.original in [other.head.message for other in mine] for one in receipts)
        acknowledgements = [read_bundle(letter) for letter in letters(bodies, "MCM:FCTL#ok")]
        for one in acknowledgements:
            assert [str(finding) for finding in fhir_rules.validate(one, structure=True) if finding.is_error] == []
        said = [bundle_facts(one).answers for one in acknowledgements]
        assert sorted(one.letter_ids for one in said if one) == sorted(
            (one.facts.letter_id,) for one in mine if one.facts
        )
        assert len(bodies) == len(receipts) + len(acknowledgements)


async def test_the_two_meant_to_be_invalid_are_refused_by_rule(
    running: Running, reference: Path, tmp_path: Path
) -> None:
    """R-Tek-M and R-Tek-N have no category code: the sender gets NegativeVans that says so, the receiver nothing."""
    samples = sent(reference, valid=False)
    file = network_file(tmp_path, dict.fromkeys(parties(samples), OIOXML_SYSTEM))
    async with running(network_file=file) as network:
        for sample in samples:
            await send(network, sample)
            [head] = heads(await emptied(network, sample.head.sender.id))
            assert head.receipt is not None
            assert (head.receipt.kind, head.receipt.code) == (ReceiptKind.NEGATIVE_VANS, 375)
            assert head.receipt.original_envelope == sample.head.identifier
            assert "category[0].coding[0].code" in (head.receipt.description or "")
            assert await emptied(network, sample.head.receiver.id) == []


def flow_letter(reference: Path, name: str) -> bytes:
    """A flow's XDIS91 without its attachment."""
    source = (reference / "samples" / "conversion-flows" / name).read_bytes()
    bare, removed = re.subn(rb"<Reference>.*</Reference>", b"", source, flags=re.DOTALL)
    assert removed == 1
    return bare


FLOWS = ("Flow1-XDIS91_Ex_to_FHIR.xml", "Flow3-XDIS91_Ex_from_FHIR.xml")
SENDER, RECEIVER = (
    f"//f:Organization[concat('Organization/', f:id/@value) = {path}/f:reference/@value]"
    for path in ("//f:MessageHeader/f:sender", "//f:MessageHeader/f:destination/f:receiver")
)
GLN, SOR = (
    f"f:identifier[f:system/@value = '{system}']/f:value/@value"
    for system in ("https://www.gs1.org/gln", "urn:oid:1.2.208.176.1.1")
)
_EMAIL = "ClinicalEmail"
_MOMENTS = ("/f:Bundle/f:timestamp", "//f:payload/f:extension/f:valueDateTime")
_ACTS = ("occurredDateTime", "recorded")
MAPPED = {
    f"{SENDER}/{GLN}": (f"{_EMAIL}/Sender/EANIdentifier",),
    f"{SENDER}/f:name/@value": (f"{_EMAIL}/Sender/OrganisationName", f"{_EMAIL}/Sender/DepartmentName"),
    f"{RECEIVER}/{GLN}": (f"{_EMAIL}/Receiver/EANIdentifier",),
    f"{RECEIVER}/f:name/@value": (f"{_EMAIL}/Receiver/OrganisationName",),
    "//f:Patient/f:identifier/f:value/@value": (f"{_EMAIL}/Patient/CivilRegistrationNumber",),
    "//f:Patient/f:name/f:family/@value": (f"{_EMAIL}/Patient/PersonSurnameName",),
    "//f:Patient/f:name/f:given/@value": (f"{_EMAIL}/Patient/PersonGivenName",),
    "//f:Patient/f:address/f:line/@value": (f"{_EMAIL}/Patient/StreetName",),
    "//f:Patient/f:address/f:city/@value": (f"{_EMAIL}/Patient/DistrictName",),
    "//f:Patient/f:address/f:postalCode/@value": (f"{_EMAIL}/Patient/PostCodeIdentifier",),
    "//f:Communication/f:topic/f:text/@value": (f"{_EMAIL}/AdditionalInformation/Subject",),
    "//f:Practitioner/f:name/f:*/@value": (f"{_EMAIL}/Sender/OrganisationName", f"{_EMAIL}/Sender/DepartmentName"),
}
"""Where the table says that a value of the letter stands in the message; two values are one, parted by a comma."""

SENT = (
    *(f"{path}/@value" for path in _MOMENTS),
    *(f"//f:Provenance/f:{act}/@value" for act in _ACTS),
)
"""Where it says that the time of the letter stands, in its zone: both letters are of a winter."""

SAID = {
    f"{SENDER}/{SOR}": ["359001000016000"],
    f"{RECEIVER}/{SOR}": ["328051000016008"],
    "//f:PractitionerRole/f:code/f:text/@value": ["ukendt"],
    "//f:Communication/f:category/f:coding/f:code/@value": ["other"],
    "//f:Communication/f:priority/@value": [],
    "//f:Encounter/f:id/@value": [],
    "//f:Provenance/f:activity/f:coding/f:code/@value": ["new-message"],
}
"""What it says of both letters: the directory's numbers, and what a letter without an episode and a priority gives."""


def mapped(letter: etree._Element) -> dict[str, list[str]]:
    """What the table says of a letter."""
    said = {path: [text for step in steps if (text := _path(letter, step))] for path, steps in MAPPED.items()}
    moment = f"{_path(letter, 'Envelope/Sent/Date')}T{_path(letter, 'Envelope/Sent/Time')}:00+01:00"
    telephone = _path(letter, f"{_EMAIL}/Sender/TelephoneSubscriberIdentifier") or TELEPHONE
    return {
        **{path: [", ".join(texts)] if texts else [] for path, texts in said.items()},
        **{path: [moment] for path in SENT},
        **SAID,
        "//f:payload/f:extension/f:valueContactPoint/f:value/@value": [telephone],
    }


TELEPHONE = "65432030"
"""The directory's, for the letter that has none."""

_ATTACHED = re.compile(r"contentAttachment|f:entity|count\(//f:Communication/f:payload\)")


async def test_the_letters_of_the_flows_become_messages_at_a_receiver_of_fhir(
    running: Running, reference: Path, tmp_path: Path
) -> None:
    """What arrives is valid, says what the letters say and what MedCom's example says, and is receipted by XCTL03."""
    flows = [wrapped(flow_letter(reference, name)) for name in FLOWS]
    systems = {HOSPITAL: FHIR_SYSTEM | {"telephone": TELEPHONE}, CITY: FHIR_SYSTEM}
    async with running(network_file=network_file(tmp_path, systems)) as network:
        pairs = await crossed(network, flows)
        for sample, arrived in pairs:
            bundle = read_bundle(payload(arrived))
            assert [str(one) for one in fhir_rules.validate(bundle, structure=True) if one.is_error] == []
            letter = read_letter(payload(sample.body)).root
            expected = mapped(letter)
            assert {path: strings(payload(arrived), path) for path in expected} == expected
            [text] = strings(payload(arrived), "//f:Communication/f:payload/f:contentString/@value")
            assert text.removeprefix("Denne meddelelse har høj prioritet. ") == plain_text(
                next(letter.iter("{*}Text01"))
            )
        theirs = (
            reference / "samples" / "conversion-flows" / "Flow1-CareCommunication_Ex_from_OIOXML.xml"
        ).read_bytes()
        ours = payload(pairs[0][1])
        # The reference was taken out of the letter, and with it the attachment and its entity.
        same = [path for path in SAME if not _ATTACHED.search(path)]
        assert {path: sorted(strings(ours, path)) for path in same} == {
            path: sorted(strings(theirs, path)) for path in same
        }
        await send(network, *(answer for _, arrived in pairs for answer in answers_of(arrived, network.clock())))
        bodies = await emptied(network, HOSPITAL)
        assert sorted(kinds(bodies)) == ["MCM:XCTL03"] * 2 + ["PositiveMessage"] * 2
        receipts = [head.receipt for head in heads(bodies) if head.receipt is not None]
        answered = {(one.original_envelope, one.original) for one in receipts}
        assert answered == {(one.head.identifier, one.head.message) for one in flows}
        said = {assert_quoted(reference, letter) for letter in letters(bodies, "MCM:XCTL03")}
        assert said == {(one.facts.envelope_id, one.facts.letter_id) for one in flows if one.facts is not None}


def assert_quoted(reference: Path, payload_: bytes) -> tuple[str | None, str]:
    """The XCTL is valid by MedCom's schema; gives the envelope and letter identifiers that it answers."""
    letter = read_letter(payload_)
    official(reference, "2005/08/07").assertValid(letter.root)
    assert oioxml_rules.validate(letter) == ()
    answers = letter_facts(letter).answers
    assert answers is not None
    [letter_id] = answers.letter_ids
    return answers.envelope_id, letter_id


async def test_every_sample_is_receipted_by_mocks(running: Running, reference: Path, tmp_path: Path) -> None:
    """With nobody external, every sample's own receipts come back to its sender by themselves."""
    samples = sent(reference)[:-2]
    file = network_file(tmp_path, dict.fromkeys(parties(samples), OIOXML_MOCK))
    async with running(network_file=file) as network:
        await send(network, *samples)
        for sample in samples:
            assert sample.facts is not None
            [root] = await story(network, sample.facts.letter_id)
            back = {
                node.type or node.name
                for node in root.walk()
                if node.receiver == sample.head.sender.id and any(step.what == "taken" for step in node.steps)
            }
            assert back == {"Acknowledgement", "PositiveMessage"}
