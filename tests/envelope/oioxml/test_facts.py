"""The facts of letters, for routing."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from lxml import etree

from envelope.facts import Answers, LetterFacts
from envelope.oioxml.facts import letter_facts, object_key, payload_facts
from envelope.oioxml.reading import read_letter

LETTERS = Path(__file__).parents[2] / "letters"
GP, MUNICIPALITY = "5790000121526", "5790000120314"
CLINIC, OTHER = "5790001382445", "5790000121441"

FACTS = {
    "xdis91-iso-8859-1": LetterFacts(
        "XDIS91", "XD9134L", "BREV2024000001", "KUV20240000001", GP, MUNICIPALITY, wants_receipt=True
    ),
    "xdis91-windows-1252": LetterFacts(
        "XDIS91",
        "XD9134L",
        "BREV2024000002",
        "KUV20240000002",
        CLINIC,
        OTHER,
        wants_receipt=True,
        attachments=("0d0f7a52c6de4b1c9a3f5e2b7c8d9e01",),
        has_attachments=True,
    ),
    "xdis91-minimal": LetterFacts("XDIS91", "XD9134L", "B4", "K4", GP, MUNICIPALITY, wants_receipt=False),
    "xdis91-2005": LetterFacts(
        "XDIS91",
        "XD9133L",
        "BREV2005000001",
        "KUV20050000001",
        GP,
        MUNICIPALITY,
        wants_receipt=True,
        attachments=("scan1",),
        has_attachments=True,
    ),
    "xbin01-2012": LetterFacts(
        "XBIN01",
        "XB0131X",
        "BIN20240000002",
        "KUV2024BIN0002",
        CLINIC,
        OTHER,
        wants_receipt=True,
        attachments=("0d0f7a52c6de4b1c9a3f5e2b7c8d9e01", "7a1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d"),
        has_attachments=True,
    ),
    "xbin01-2005": LetterFacts(
        "XBIN01",
        "XB0130X",
        "BIN20050000001",
        "KUV2005BIN0001",
        GP,
        MUNICIPALITY,
        wants_receipt=False,
        attachments=("scan1",),
        has_attachments=True,
    ),
    "xctl01": LetterFacts(
        "XCTL01",
        "XC0130Q",
        "BREV2024000011",
        "KUV20240000011",
        "PROEVENET",
        GP,
        wants_receipt=False,
        answers=Answers(
            "KUV20240000001",
            (),
            "negative-vans",
            "Modtageren findes ikke.\nRet lokationsnummeret.",
            refuse_code="ukendt_lokationsnummer",
        ),
    ),
    "xctl02": LetterFacts(
        "XCTL02",
        "XC0230Q",
        "BREV2024000012",
        "KUV20240000012",
        MUNICIPALITY,
        GP,
        wants_receipt=False,
        answers=Answers(
            "KUV20240000001",
            ("BREV2024000001", "BREV2024000009"),
            "negative",
            "Afdelingen kendes ikke på dette sted.",
            versions=("XD9134L", "D9134L"),
            refuse_code="problem_med_modtagerID",
        ),
    ),
    "xctl03": LetterFacts(
        "XCTL03",
        "XC0330Q",
        "BREV2024000013",
        "KUV20240000013",
        MUNICIPALITY,
        GP,
        wants_receipt=False,
        answers=Answers("KUV20240000001", ("BREV2024000001",), "positive", "", versions=("XD9134L",)),
    ),
}


def payload(name: str) -> bytes:
    """The bytes of one of our own letters."""
    return (LETTERS / f"{name}.xml").read_bytes()


@pytest.mark.parametrize(("name", "facts"), FACTS.items(), ids=FACTS)
def test_the_facts_stand_where_the_letter_has_them(name: str, facts: LetterFacts) -> None:
    """Identifiers, parties, objects and answers are read from bytes and from the tree alike."""
    assert payload_facts(payload(name)) == facts
    assert letter_facts(read_letter(payload(name))) == facts


@pytest.mark.parametrize("reference", [b"<URL>https://example.org/</URL>", b"<SUP>true</SUP>"])
def test_a_reference_without_an_object_is_an_attachment_too(reference: bytes) -> None:
    """A link or a promise of paper has no identifier to pair by, but it is an attachment."""
    element = b"<Reference><RefDescription>Link</RefDescription>" + reference + b"</Reference></ClinicalEmail>"
    facts = payload_facts(payload("xdis91-minimal").replace(b"</ClinicalEmail>", element))
    assert facts.attachments == ()
    assert facts.has_attachments


def test_the_reason_for_the_whole_goes_before_that_of_a_letter() -> None:
    """Code and text are taken from the transmission's level first, from a letter's where that has none."""
    root = etree.fromstring(payload("xctl02"))
    receiver = root.find(".//{*}OriginalReceiver")
    assert receiver is not None
    namespace = etree.QName(root).namespace
    code = etree.Element(f"{{{namespace}}}RefuseCode")
    code.text = "syntaksfejl"
    receiver.addnext(code)
    answers = payload_facts(etree.tostring(root)).answers
    assert answers is not None
    assert (answers.refuse_code, answers.text) == ("syntaksfejl", "Afdelingen kendes ikke på dette sted.")


def test_a_receipt_that_names_no_original_still_has_facts() -> None:
    """Facts are read before anything is validated, so nothing need be there."""
    root = etree.fromstring(payload("xctl03"))
    for name in ("OriginalEmessage", "Sender", "Receiver"):
        element = root.find(f"./{{*}}PositiveReceipt/{{*}}{name}")
        assert element is not None
        root[1].remove(element)
    facts = payload_facts(etree.tostring(root))
    assert facts.answers == Answers(None, (), "positive", "")
    assert (facts.sender, facts.receiver) == (None, None)


@pytest.mark.parametrize("prefix", [b"", b"p:"])
def test_large_objects_are_not_parsed(prefix: bytes) -> None:
    """An object far beyond what the parser takes in one piece costs its facts nothing."""
    data = payload("xbin01-2012")
    large = base64.b64encode(bytes(12_000_000))
    start, end = data.index(b"<Object_Base64Encoded>"), data.index(b"</Object_Base64Encoded>")
    data = data[:start] + b"<Object_Base64Encoded>" + large + data[end:]
    if prefix:
        data = (
            data.replace(b"xmlns=", b"xmlns:p=").replace(b"<", b"<p:").replace(b"<p:/", b"</p:").replace(b"<p:?", b"<?")
        )
    assert payload_facts(data) == FACTS["xbin01-2012"]


def test_references_and_objects_compare_equal() -> None:
    """A reference's 32 digits and an object's UUID in the other case are the same key."""
    assert object_key(" 0D0F7A52-C6DE-4B1C-9A3F-5E2B7C8D9E01 ") == object_key("0d0f7a52c6de4b1c9a3f5e2b7c8d9e01")
