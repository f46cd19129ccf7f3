from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from conversion import Facts, convert
from conversion.identifiers import Identifiers
from conversion.thread import read_thread
from envelope.fhir.bundle import read_bundle
from envelope.fhir.json_xml import json_from_xml
from envelope.fhir.values import NS
from envelope.findings import Refused
from envelope.oioxml.reading import read_letter
from envelope.oioxml.rules import validate
from tests.conversion.messages import (
    BUNDLE,
    HEADER,
    SITE,
    File,
    Message,
    Text,
    without,
)
from tests.conversion.rows.case import FACTS, HOSPITAL, LETTERS, MUNICIPALITY
from tests.conversion.to_xdis91 import converted, refusal


def test_what_is_made_says_what_it_is() -> None:
    """The output names its type, version and identifiers, and its bytes hold the same."""
    output = converted(Message()).outputs[0]
    letter = read_letter(output.payload)
    assert (
        (output.type, output.version, output.postfix) == (letter.type, letter.version, "") == ("XDIS91", "XD9134L", "")
    )
    assert output.envelope_id == letter.text("Envelope/Identifier") == Identifiers(FACTS.seed).serial("envelope")
    assert (
        output.letter_id == letter.text("ClinicalEmail/Letter/Identifier") == Identifiers(FACTS.seed).serial("letter")
    )


def test_both_identifiers_are_remembered_with_the_parties_and_the_latest_provenance() -> None:
    """All that a receipt on the letter will need to become an Acknowledgement is remembered."""
    result = converted((LETTERS / "carecommunication-reply.xml").read_bytes())
    kept = result.remembered
    assert kept is not None
    assert [(one.type, one.version, one.envelope_id, one.letter_id) for one in kept.original] == [
        ("CareCommunication", "5.0", BUNDLE, HEADER)
    ]
    output = result.outputs[0]
    assert [(one.type, one.version, one.envelope_id, one.letter_id) for one in kept.made] == [
        ("XDIS91", "XD9134L", output.envelope_id, output.letter_id)
    ]
    assert (kept.sender, kept.receiver) == (HOSPITAL, MUNICIPALITY)
    assert kept.provenance is not None
    provenance = etree.fromstring(kept.provenance)
    assert provenance.tag == f"{NS}Provenance"
    target = provenance.find(f"{NS}target/{NS}reference")
    assert target is not None
    assert target.get("value") == f"MessageHeader/{HEADER}"


def test_the_same_facts_give_the_same_bytes_whenever() -> None:
    """A conversion is a function of source and facts; the clock has no part in it."""
    message = (LETTERS / "carecommunication-reply.xml").read_bytes()
    later = replace(FACTS, accepted=datetime(2031, 1, 1, tzinfo=UTC))
    again = Facts.from_json(FACTS.to_json())
    assert len({converted(message, facts).outputs[0].payload for facts in (FACTS, later, again)}) == 1


def test_json_and_xml_of_one_message_give_the_same_letter() -> None:
    """The form of a message leaves no trace in its letter."""
    message = (LETTERS / "carecommunication-reply.xml").read_bytes()
    as_json = json_from_xml(etree.fromstring(message))
    assert converted(as_json).outputs[0].payload == converted(message).outputs[0].payload


def test_resources_are_found_by_reference_and_never_by_position() -> None:
    """Entries in any order after the header give the same letter."""
    source = (LETTERS / "carecommunication-reply.xml").read_bytes()
    turned = etree.fromstring(source)
    entries = turned.findall(f"{NS}entry")
    for entry in reversed(entries[1:]):
        turned.remove(entry)
        turned.append(entry)
    assert converted(etree.tostring(turned)).outputs[0].payload == converted(source).outputs[0].payload


def test_references_by_full_address_reach_the_same_resources() -> None:
    """Relative references and absolute ones mean the same."""
    source = Message().xml()
    absolute = source.replace(b"<reference value='", f"<reference value='{SITE}/".encode())
    assert absolute != source
    assert converted(absolute).outputs[0].payload == converted(source).outputs[0].payload


def test_absolute_references_to_other_addresses_resolve_by_type_and_id() -> None:
    """An address that no fullUrl has still ends in type and id."""
    source = Message().xml()
    elsewhere = source.replace(b"<reference value='", b"<reference value='https://elsewhere.example/r4/")
    assert converted(elsewhere).outputs[0].payload == converted(source).outputs[0].payload


@pytest.mark.parametrize(
    "definition",
    [
        "http://medcomfhir.dk/ig/carecommunication/medcom-careCommunication-message-definition|2.0.0",
        "http://medcomfhir.dk/ig/messagedefinitions/MessageDefinition/MedComCareCommunicationMessageDefinition|6.0",
    ],
)
def test_other_versions_are_refused_by_name(definition: str) -> None:
    """Only CareCommunication 5.x, 4.0 and 3.0 are converted."""
    assert refusal(Message(definition=definition), profile=True) == ["VS-520"]


def test_two_bundles_are_not_one_sending() -> None:
    """One message is converted at a time."""
    with pytest.raises(Refused, match="VS-509"):
        convert([Message().xml(), Message().xml()], FACTS, "XDIS91")


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (Message(without=("Communication",)).xml(), "VS-521"),
        (Message(without=("Patient",)).xml(), "VS-521"),
        (Message(payloads=(File("Kun et link", url="https://test.example"),)).xml(), "VS-521"),
        (without(Message().xml(), "entry/resource/Communication/payload/extension"), "VS-521"),
    ],
)
def test_a_message_without_what_a_letter_must_have_is_refused(source: bytes, rule: str) -> None:
    """Where profiles are not checked, what the letter cannot do without still is."""
    assert rule in refusal(source)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (without(Message().xml(), "entry"), "VS-521"),
        (Message(payloads=(Text("Hej", "2026-05-12T10:00:00"),)).xml(), "VS-505"),
        (Message(payloads=(Text("Hej", "i går"),)).xml(), "VS-505"),
    ],
)
def test_a_thread_that_cannot_be_read_is_refused(source: bytes, rule: str) -> None:
    """What validation would have refused before is refused by the thread too."""
    with pytest.raises(Refused, match=rule):
        read_thread(read_bundle(source))


@pytest.mark.parametrize(
    ("identifier", "code"), [("328051000016008", "cvrnummer"), ("3" * 18, "sorkode"), ("", "sorkode")]
)
def test_a_letter_that_came_out_invalid_is_not_sent(identifier: str, code: str) -> None:
    """What the directory says must fit its fields; otherwise the network refuses its own letter."""
    facts = replace(FACTS, receiver=replace(MUNICIPALITY, identifier=identifier, identifier_code=code))
    with pytest.raises(Refused) as refused:
        converted(Message(), facts)
    assert refused.value.findings[0].rule.id == "VS-504"
    assert refused.value.findings[1].rule.id.startswith("VS-2")


def test_an_invalid_message_is_refused_with_all_that_is_wrong_with_it() -> None:
    """Errors of the bundle's own rules refuse before anything is converted."""
    assert {rule[:4] for rule in refusal(Message(category="new-code", topic=None), profile=True)} == {"VS-3"}


def test_the_letter_with_everything_in_it_breaks_no_rule() -> None:
    """Our own rules have nothing against a letter that uses each field."""
    payload = converted((LETTERS / "carecommunication-reply.xml").read_bytes()).outputs[0].payload
    assert validate(read_letter(payload)) == ()
