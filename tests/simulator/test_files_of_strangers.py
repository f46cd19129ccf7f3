"""Letters between parties that no directory has: what is given or said of them is used and told, nothing made up."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.fhir.json_xml import json_from_xml
from envelope.fhir.values import identifier
from envelope.fhir.vocabulary import GLN_SYSTEMS, SOR_SYSTEM
from envelope.findings import Refused, most_severe_first
from envelope.identities import gln_check_digit
from envelope.oioxml.facts import letter_facts
from envelope.oioxml.reading import read_letter, value
from envelope.safe_xml import parse
from envelope.validation import validate
from simulator.errors import NO_PARTIES, NO_TYPE
from simulator.files import Request, Result, convert_files
from simulator.sending import wrapped
from tests.conversion.messages import Message
from tests.simulator.post import LETTERS, PRACTICE, TOWN, xdis91

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
HERE, THERE = "5799999000010", "5799999000027"
"""Two that no network has."""
SOR = {HERE: "99990011000016007", THERE: "99990021000016003"}
NAMED = {PRACTICE: HERE, TOWN: THERE, "325251000016005": SOR[HERE], "325371000016006": SOR[THERE]}
"""Turns the letter of the tests into one of theirs, which says their SOR codes."""
STRANGE = NAMED | {"sorkode": "lokationsnummer"}
"""The same without: the identifiers are of another kind."""
SYSTEMS = ("https://www.gs1.org/gln", "urn:oid:1.2.208.176.1.1")
MESSAGE = Message(
    sender_identifiers=tuple(zip(SYSTEMS, (HERE, SOR[HERE]), strict=True)),
    receiver_identifiers=tuple(zip(SYSTEMS, (THERE, SOR[THERE]), strict=True)),
)


def converted(source: bytes | Path, to: str, **options: object) -> Result:
    """What is made of one file."""
    return convert_files(Request((source,), to, "xml", at=NOON, **options))  # type: ignore[arg-type]


def rules(result: Result) -> list[str]:
    """What is said of what was made."""
    return [finding.rule.id for finding in result.findings]


def refused(source: bytes | Path, to: str, **options: object) -> list[str]:
    """Why nothing was made."""
    with pytest.raises(Refused) as refusal:
        converted(source, to, **options)
    return [finding.rule.id for finding in refusal.value.findings]


def sor_codes(bundle: bytes) -> dict[str | None, str | None]:
    """The SOR code of each organisation by its location number."""
    found = read_bundle(bundle).index.of_type("Organization")
    return {identifier(one, *GLN_SYSTEMS): identifier(one, SOR_SYSTEM) for one in found}


def test_who_nobody_knows_is_refused_with_what_to_give() -> None:
    """FHIR names both by their SOR codes, and the letter says neither: nothing is made up."""
    with pytest.raises(Refused) as refusal:
        converted(xdis91(1, STRANGE), "CareCommunication")
    errors = [finding for finding in refusal.value.findings if finding.is_error]
    assert [finding.rule.id for finding in errors] == ["VS-503", "VS-503"]
    for gln, finding in zip(SOR, errors, strict=True):
        assert f"--participant {gln}=SOR" in finding.action


def test_who_is_given_is_named_by_what_was_given() -> None:
    """Only the version, which the receiver's entry would say, is told as taken for granted, or asked for too."""
    result = converted(xdis91(1, STRANGE), "CareCommunication", participants=SOR)
    assert sor_codes(result.made[0].data) == SOR
    assert rules(result) == ["VS-494"]
    assert rules(converted(xdis91(1, STRANGE), "CareCommunication", participants=SOR, fhir_version="4.0")) == []


def test_a_participant_may_be_given_another_code() -> None:
    """What is given stands before the directory; its better number in OIOXML stays."""
    given = {PRACTICE: SOR[HERE]}
    assert sor_codes(converted(xdis91(), "CareCommunication", participants=given).made[0].data)[PRACTICE] == SOR[HERE]
    message = Message(sender_identifiers=MESSAGE.sender_identifiers).xml()
    [made] = converted(message, "XDIS91", participants={"5790000121441": SOR[HERE]}).made
    letter = read_letter(made.data)
    assert value(letter.body, "Receiver/IdentifierCode") == "kommunenummer"


def test_a_letter_may_say_the_sor_codes_itself() -> None:
    """They are taken, with a warning that says whose word it is."""
    result = converted(xdis91(1, NAMED), "CareCommunication")
    assert sor_codes(result.made[0].data) == SOR
    assert rules(result) == ["VS-493", "VS-493", "VS-494"]
    for gln, finding in zip(SOR, result.findings[:2], strict=True):
        assert f"{gln} is not in the directory; its SOR code is {SOR[gln]}" in finding.text


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_message_says_them_always(form: str) -> None:
    """A letter is made of it, in which the receiver is named by its SOR code, and the warnings say whose word it is."""
    source = MESSAGE.xml() if form == "xml" else json_from_xml(parse(MESSAGE.xml()))
    result = converted(source, "XDIS91")
    letter = read_letter(result.made[0].data)
    assert {
        value(letter.body, f"{party}/EANIdentifier"): value(letter.body, f"{party}/Identifier")
        for party in ("Sender", "Receiver")
    } == SOR
    assert value(letter.body, "Receiver/IdentifierCode") == "sorkode"
    assert rules(result) == ["VS-493", "VS-493"]


def test_the_original_says_them_for_a_receipt() -> None:
    """An XCTL has location numbers alone; the message that it answers names the same two."""
    [letter] = converted(MESSAGE.xml(), "XDIS91").made
    facts = letter_facts(read_letter(letter.data))
    receipt = (LETTERS / "receipt-positive.xml").read_text(encoding="utf-8")
    answered = letter_facts(read_letter(receipt.encode())).answers
    assert answered is not None
    texts = {answered.envelope_id or "": facts.envelope_id, answered.letter_ids[0]: facts.letter_id}
    parties = letter_facts(read_letter(receipt.encode()))
    texts |= {parties.sender or "": THERE, parties.receiver or "": HERE}
    for old, new in texts.items():
        receipt = receipt.replace(old, new)
    result = converted(receipt.encode(), "Acknowledgement", originals=(MESSAGE.xml(),))
    assert sor_codes(result.made[0].data) == SOR
    assert rules(result) == ["VS-493", "VS-493"]
    assert refused(receipt.encode(), "Acknowledgement", originals=(xdis91(),)) == ["VS-473"]


def test_a_receipt_of_oioxml_needs_no_code() -> None:
    """An Acknowledgement between strangers becomes an XCTL without a word: location numbers are all that it says."""
    acknowledgement = (LETTERS / "acknowledgement-ok.xml").read_text(encoding="utf-8")
    letter = (LETTERS / "xdis91-utf-8.xml").read_text(encoding="utf-8")
    said = bundle_facts(read_bundle(acknowledgement.encode()))
    for old, new in ((said.sender, THERE), (said.receiver, HERE)):
        assert old is not None
        acknowledgement, letter = acknowledgement.replace(old, new), letter.replace(old, new)
    result = converted(acknowledgement.encode(), "XCTL", originals=(letter.encode(),))
    assert (result.made[0].type, rules(result)) == ("XCTL03", [])


@pytest.mark.parametrize("missing", ["MessageHeader", "Organization"])
def test_a_message_without_header_or_parties_is_refused_as_it_is_judged(missing: str) -> None:
    """`vansim convert` says what `vansim validate` says, errors first; at the door of a network that comes after."""
    source = MESSAGE.but(without=(missing,)).xml()
    told = most_severe_first(validate(source).findings)
    with pytest.raises(Refused) as refusal:
        converted(source, "XDIS91")
    assert refusal.value.findings == told
    with pytest.raises(Refused) as refusal:
        wrapped(source, None, None, NOON)
    assert [finding.rule for finding in refusal.value.findings] == [NO_PARTIES, *(one.rule for one in told)]


def test_an_original_without_parties_is_none() -> None:
    """Nothing can be sent back to nobody; what is wrong with the original is told."""
    receipt = (LETTERS / "receipt-positive.xml").read_bytes()
    rules_ = refused(receipt, "Acknowledgement", originals=(MESSAGE.but(without=("Organization",)).xml(),))
    assert rules_[:2] == ["VS-473", "VS-340"]


def test_a_message_that_does_not_say_what_it_is_is_judged_too() -> None:
    """Without header and profile it is of no type, and everything else that is wrong with it is told with that."""
    source = re.sub(rb"<meta><profile value='[^']*message'/></meta>", b"", Message(without=("MessageHeader",)).xml())
    rules_ = refused(source, "XDIS91")
    assert rules_[0] == NO_TYPE.id
    assert "VS-333" in rules_


def test_what_is_never_converted_is_refused_for_that_and_not_for_its_parties() -> None:
    """EDIFACT is not read, so that nobody knows its parties; more would not help it."""
    edifact = b"UNA:+.? 'UNB+UNOC:3'UNH+1+MEDDIS:0:1:UN:D9134L+DIS91'"
    assert refused(edifact, "CareCommunication") == ["VS-501"]


SAMPLES = {
    "conversion-flows/Flow1-XDIS91_Ex_to_FHIR.xml": [],
    "conversion-flows/Flow3-XDIS91_Ex_from_FHIR.xml": ["VS-515", "VS-516"],
    "edifact/DIS91_1.xml": ["VS-151", "VS-151"],
    "oioxml/formattet_text.xml": ["VS-151", "VS-151"],
    "oioxml/korr_x9134.xml": ["VS-151", "VS-151", "VS-511"],
}
"""Every XDIS91 among MedCom's samples, and why it is not converted with the XBIN01 beside it: that one holds another
attachment (without it, and with --incomplete, the letter is); location numbers with a wrong check digit, which FHIR
does not take (dk-core, gln-modulus-10); a CPR number that begins with no date."""


@pytest.mark.reference
def test_every_official_letter_is_converted_or_says_why_not(reference: Path) -> None:
    """With the default network, and with the SOR codes of those that it does not have; attachments where they are."""
    folder = reference / "samples"
    found = [path for path in folder.rglob("*") if path.is_file() and b"<ClinicalEmail" in path.read_bytes()]
    assert sorted(str(path.relative_to(folder)) for path in found) == sorted(SAMPLES)
    for path in found:
        said = letter_facts(read_letter(path.read_bytes()))
        assert said.sender is not None
        assert said.receiver is not None
        given = {said.sender: SOR[HERE], said.receiver: SOR[THERE]}
        beside = path.with_name(path.name.replace("XDIS91", "XBIN01"))
        sources = (path, beside) if beside != path else (path,)
        expected = SAMPLES[str(path.relative_to(folder))]
        for participants in (given, {} if "VS-151" not in expected else given):
            request = Request(sources, "CareCommunication", "xml", at=NOON, participants=participants)
            if not expected:
                assert convert_files(request).made
                continue
            with pytest.raises(Refused) as refusal:
                convert_files(request)
            assert [one.rule.id for one in refusal.value.findings if one.is_error] == expected
        if "VS-515" in expected:
            assert converted(path, "CareCommunication", incomplete=True).made


@pytest.mark.reference
@pytest.mark.parametrize("name", [name for name, why in SAMPLES.items() if set(why) == {"VS-151"}])
def test_an_official_letter_of_strangers_is_converted_once_its_numbers_are_right(reference: Path, name: str) -> None:
    """Nothing else than the check digits stands in the way."""
    source = (reference / "samples" / name).read_bytes()
    said = letter_facts(read_letter(source))
    given = {}
    for wrong, sor in ((said.sender, SOR[HERE]), (said.receiver, SOR[THERE])):
        assert wrong is not None
        right = wrong[:12] + gln_check_digit(wrong[:12])
        source = source.replace(wrong.encode(), right.encode())
        given[right] = sor
    result = converted(source, "CareCommunication", participants=given)
    assert sor_codes(result.made[0].data) == given
