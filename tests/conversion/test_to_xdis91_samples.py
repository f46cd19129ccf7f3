"""MedCom's own messages become letters: its test examples, and the third of its worked flows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from conversion import Facts, Organisation, convert
from conversion.displays import CATEGORIES, ROLES
from conversion.rows.to_xdis91 import TABLE, TO_XDIS91
from envelope import safe_xml
from envelope.fhir.bundle import Bundle, gln, identifier, primary_destination, read_bundle, value
from envelope.fhir.json_xml import xml_from_json
from envelope.findings import Refused
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.letters import R2006
from envelope.oioxml.reading import read_letter
from envelope.oioxml.rules import validate
from tests.conversion.official import official
from tests.conversion.rows.case import FACTS

pytestmark = pytest.mark.reference

F = "{http://hl7.org/fhir}"
EXTENSION = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core-"
MEANT_TO_BE_INVALID = ("R-Tek-M-", "R-Tek-N-")
MEDCOM = Organisation("5790001382445", "359001000016000", "MedCom testcenter", None, "359001000016000", "sorkode")
RECEIVER = Organisation("5790000121441", "328051000016008", "Modtageren", None, "328051000016008", "sorkode")


def _samples(reference: Path) -> list[Path]:
    return sorted((reference / "samples" / "carecommunication").glob("*/Bundle-*"))


def _tree(source: bytes) -> etree._Element:
    return xml_from_json(source) if source.lstrip().startswith(b"{") else safe_xml.parse(source)


def _has_content(source: bytes) -> bool:
    return next(_tree(source).iter(f"{F}data"), None) is not None


def _facts(bundle: Bundle) -> Facts:
    """The parties as a directory would know them that agrees with the message."""
    sender = bundle.index.referred(bundle.header, "sender")
    receiver = bundle.index.referred(primary_destination(bundle.header), "receiver")
    return Facts(FACTS.accepted, FACTS.seed, _organisation(sender), _organisation(receiver))


def _organisation(organization: etree._Element | None) -> Organisation:
    sor = identifier(organization, "urn:oid:1.2.208.176.1.1") or ""
    return Organisation(gln(organization) or "", sor, "I SOR", None, sor, "sorkode")


def _path(letter: etree._Element, path: str) -> str | None:
    found = letter.find("/".join(f"{{{R2006}}}{step}" for step in path.split("/")))
    return None if found is None else found.text


def _danish(moment: str) -> tuple[str, str]:
    clock = datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Copenhagen"))
    return f"{clock:%Y-%m-%d}", f"{clock:%H:%M}"


def _extension(payload: etree._Element, name: str) -> etree._Element:
    return next(one for one in payload.iterfind(f"{F}extension") if one.get("url") == f"{EXTENSION}{name}-extension")


def _expected(bundle: Bundle) -> Iterator[tuple[str, str | None]]:
    """What stands where by the table, worked out without the stylesheet; for messages of plain kind."""
    index = bundle.index
    header = bundle.header
    patient = index.of_type("Patient")[0]
    communication = index.of_type("Communication")[0]
    yield from zip(
        ("Envelope/Sent/Date", "Envelope/Sent/Time"), _danish(value(bundle.root, "timestamp") or ""), strict=True
    )
    sender = index.referred(header, "sender")
    receiver = index.referred(primary_destination(header), "receiver")
    assert sender is not None
    assert receiver is not None
    yield "ClinicalEmail/Sender/EANIdentifier", gln(sender)
    yield "ClinicalEmail/Sender/Identifier", identifier(sender, "urn:oid:1.2.208.176.1.1")
    yield "ClinicalEmail/Sender/OrganisationName", (value(sender, "name") or "I SOR")[:35]
    yield "ClinicalEmail/Receiver/EANIdentifier", gln(receiver)
    name = value(receiver, "name")
    yield "ClinicalEmail/Receiver/OrganisationName", name[:35] if name else None
    cpr = identifier(patient, "urn:oid:1.2.208.176.1.2")
    other = identifier(
        patient, "urn:oid:1.2.208.176.1.6.1.1", "urn:oid:1.2.208.176.1.6.1.3", "urn:oid:1.2.208.176.1.6.1.3.177"
    )
    yield "ClinicalEmail/Patient/CivilRegistrationNumber", cpr
    yield "ClinicalEmail/Patient/AlternativeIdentifier", None if cpr else other
    yield "ClinicalEmail/Patient/PersonSurnameName", value(patient, "name/family") or "Ukendt"
    given = " ".join(one.get("value", "") for one in patient.iterfind(f"{F}name/{F}given"))
    yield "ClinicalEmail/Patient/PersonGivenName", given or None
    topic = value(communication, "topic/text")
    display = CATEGORIES[value(communication, "category/coding/code") or ""]
    yield "ClinicalEmail/AdditionalInformation/Subject", (f"{display}, {topic}" if topic else display)[:70]
    newest = _newest(communication)
    moment = _danish(value(_extension(newest, "datetime"), "valueDateTime") or "")
    yield from zip((f"ClinicalEmail/Letter/Authorisation/{part}" for part in ("Date", "Time")), moment, strict=True)
    telephone = value(_extension(newest, "contact"), "valueContactPoint/value") or ""
    yield "ClinicalEmail/Sender/TelephoneSubscriberIdentifier", telephone[:25]


def _newest(communication: etree._Element) -> etree._Element:
    texts = [one for one in communication.iterfind(f"{F}payload") if one.find(f"{F}contentString") is not None]
    return max(texts, key=lambda one: datetime.fromisoformat(value(_extension(one, "datetime"), "valueDateTime") or ""))


def test_every_example_without_attachments_becomes_a_valid_letter(reference: Path) -> None:
    """What is made of each is valid by MedCom's schema and by our rules, and holds each value where the table says."""
    schema = official(reference, "2006/07/01")
    made = 0
    for sample in _samples(reference):
        source = sample.read_bytes()
        if _has_content(source) or any(mark in sample.name for mark in MEANT_TO_BE_INVALID):
            continue
        bundle = read_bundle(source)
        result = convert([source], _facts(bundle), "XDIS91")
        letter = read_letter(result.outputs[0].payload)
        schema.assertValid(letter.root)
        assert validate(letter) == (), sample.name
        wrong = {path: _path(letter.root, path) for path, text in _expected(bundle) if _path(letter.root, path) != text}
        assert wrong == {}, sample.name
        _assert_text(bundle, plain_text(next(letter.root.iter(f"{{{R2006}}}Text01"))))
        made += 1
    assert made == 21


def _assert_text(bundle: Bundle, text: str) -> None:
    """Every segment is in the text, the newest first, and the newest one's author below it."""
    communication = bundle.index.of_type("Communication")[0]
    newest = _newest(communication)
    assert text.startswith(value(newest, "contentString") or "?")
    for payload in communication.iterfind(f"{F}payload"):
        assert (value(payload, "contentString") or "") in text
    role = bundle.index.referred(_extension(newest, "practitioner"), "valueReference")
    assert role is not None
    code = value(role, "code/coding/code")
    assert f"\nStilling: {ROLES.get(code or '') or value(role, 'code/text')}\n" in text
    practitioner = bundle.index.referred(role, "practitioner")
    assert practitioner is not None
    given = " ".join(one.get("value", "") for one in practitioner.iterfind(f"{F}name/{F}given"))
    assert f"\nForfatter: {given} {value(practitioner, 'name/family')}\n" in text


def test_the_two_examples_meant_to_be_invalid_are_refused_by_rule(reference: Path) -> None:
    """R-Tek-M and R-Tek-N have no category code, and the finding says so."""
    for sample in _samples(reference):
        if any(mark in sample.name for mark in MEANT_TO_BE_INVALID):
            with pytest.raises(Refused) as refused:
                convert([sample.read_bytes()], FACTS, "XDIS91")
            assert [finding.location for finding in refused.value.findings] == [
                "Bundle.entry[2].resource.category[0].coding[0].code"
            ]


def test_the_examples_with_attachments_become_letters_without_their_content(reference: Path) -> None:
    """The content left out, as a reply leaves it out, each attachment is a note or a link, without an XBIN01."""
    schema = official(reference, "2006/07/01")
    seen = 0
    for sample in _samples(reference):
        source = sample.read_bytes()
        if not _has_content(source):
            continue
        root = _tree(source)
        for data in [*root.iter(f"{F}data")]:
            parent = data.getparent()
            assert parent is not None
            parent.remove(data)
        [output] = convert([etree.tostring(root)], FACTS, "XDIS91", profile=False).outputs
        letter = read_letter(output.payload).root
        schema.assertValid(letter)
        text = plain_text(next(letter.iter(f"{{{R2006}}}Text01")))
        attachments = [*root.iter(f"{F}contentAttachment")]
        urls = [value(one, "url") for one in attachments if value(one, "url")]
        assert [one.text for one in letter.iter(f"{{{R2006}}}URL")] == urls
        assert text.count("ikke medsendt her: ") == len(attachments) - len(urls)
        seen += 1
    assert seen == 6


# Where MedCom's third flow says something else than its own table (mapping.md 7), and why.
DEVIATIONS = {
    "Envelope/Sent/Time": "the example writes the segment's time, the table says Bundle.timestamp (12:33)",
    "Envelope/Identifier": "14 characters of our own",
    "ClinicalEmail/Letter/Identifier": "14 characters of our own",
    "ClinicalEmail/Sender/Identifier": "the example repeats the GLN, the table says the SOR code",
    "ClinicalEmail/Sender/IdentifierCode": "the example has lokationsnummer, the table says sorkode",
    "ClinicalEmail/Sender/TelephoneSubscriberIdentifier": "the example has the organisation's, not the author's",
    "ClinicalEmail/Receiver/Identifier": "the example repeats the GLN, the table says the directory's identifier",
    "ClinicalEmail/Receiver/IdentifierCode": "the example has lokationsnummer, the directory says sorkode",
    "ClinicalEmail/ClinicalInformation/Text01": "the example's text has a line that the message lacks",
}


def _flow3(reference: Path) -> tuple[etree._Element, etree._Element]:
    """The letter that we make of the message of the flow, its attachment taken out, and the letter of the flow."""
    flows = reference / "samples" / "conversion-flows"
    root = safe_xml.parse((flows / "Flow3-CareCommunication_Ex_to_OIOXML.xml").read_bytes())
    for attachment in [*root.iter(f"{F}contentAttachment")]:
        payload = attachment.getparent()
        assert payload is not None
        parent = payload.getparent()
        assert parent is not None
        parent.remove(payload)
    for entity in [*root.iter(f"{F}entity")][1:]:
        parent = entity.getparent()
        assert parent is not None
        parent.remove(entity)
    facts = Facts(FACTS.accepted, FACTS.seed, MEDCOM, RECEIVER)
    made = read_letter(convert([etree.tostring(root)], facts, "XDIS91").outputs[0].payload).root
    theirs = read_letter((flows / "Flow3-XDIS91_Ex_from_FHIR.xml").read_bytes()).root
    for reference_ in [*theirs.iter(f"{{{R2006}}}Reference")]:
        parent = reference_.getparent()
        assert parent is not None
        parent.remove(reference_)
    return made, theirs


def _leaves(letter: etree._Element) -> dict[str, str]:
    """Every value of a letter under its path; the text with newlines."""
    tree = letter.getroottree()
    text = f"{{{R2006}}}Text01"
    return {
        "/".join(re.findall(r"\}([^/{]+)", tree.getelementpath(one))): plain_text(one)
        for one in letter.iter()
        if one.tag == text or (len(one) == 0 and not any(above.tag == text for above in one.iterancestors()))
    }


def test_the_third_flow_differs_only_where_the_example_leaves_its_own_table(reference: Path) -> None:
    """The same elements in the same order, and the same values but for the listed deviations."""
    made, theirs = (_leaves(letter) for letter in _flow3(reference))
    assert list(made) == list(theirs)
    assert {path for path, text in theirs.items() if made[path] != text} == set(DEVIATIONS)


def test_the_text_of_the_third_flow_differs_by_one_line(reference: Path) -> None:
    """Author and role stand as in the example; the example's extra line is the only difference."""
    made, theirs = (plain_text(next(letter.iter(f"{{{R2006}}}Text01"))).split("\n") for letter in _flow3(reference))
    extra = [line for line in theirs if line not in made]
    assert extra == ["Forinden der foretages visitation, bedes følgende undersøgelser foretaget:"]
    assert [line for line in theirs if line not in extra] == made


def test_every_row_of_medcoms_table_has_a_row_here(reference: Path) -> None:
    """No name in the table of January 2026 is without a row, and no row claims a name that the table lacks."""
    table = reference / "reference" / "mapping" / "carecommunication_to_xdis91.tsv"
    with table.open(encoding="utf-8", newline="") as lines:
        names = {row["Name"].strip() for row in csv.DictReader(lines, delimiter="\t")}
    ours = {
        name
        for row in TO_XDIS91
        if row.reference.startswith(TABLE)
        for name in row.reference.removeprefix(f"{TABLE}, ").split("; ")
    }
    assert ours == names
