"""MedCom's own messages become letters, by every row of its tables."""

from __future__ import annotations

import csv
import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from conversion import Facts, Organisation, convert
from conversion.displays import CATEGORIES, ROLES
from conversion.rows.to_xbin01 import TABLE as XBIN01_TABLE
from conversion.rows.to_xbin01 import TO_XBIN01
from conversion.rows.to_xdis91 import TABLE, TO_XDIS91
from envelope import safe_xml
from envelope.fhir.bundle import Bundle, read_bundle
from envelope.fhir.json_xml import xml_from_json
from envelope.fhir.values import gln, identifier, primary_destination, value
from envelope.findings import Refused
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.letters import R2006, R2012
from envelope.oioxml.reading import Letter, read_letter
from envelope.oioxml.rules import validate
from tests.conversion.official import official
from tests.conversion.rows.case import FACTS

pytestmark = pytest.mark.reference

F = "{http://hl7.org/fhir}"
EXTENSION = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core-"
MEANT_TO_BE_INVALID = ("R-Tek-M-", "R-Tek-N-")
RELEASES = {"XDIS91": "2006/07/01", "XBIN01": "2012/03/28"}
TYPES = {
    "application/pdf": ("vektor_grafik", "pdf"),
    **{f"image/{name}": ("billede", name) for name in ("gif", "jpeg", "png", "tiff", "bmp")},
}
"""ObjectCode and ObjectExtensionCode of what a CareCommunication may carry (mapping.md 5.7)."""


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


def test_every_example_becomes_valid_letters(reference: Path) -> None:
    """What is made of each is valid by MedCom's schemas and by our rules, and holds each value where the table says."""
    made = []
    for sample in _samples(reference):
        source = sample.read_bytes()
        if any(mark in sample.name for mark in MEANT_TO_BE_INVALID):
            continue
        bundle = read_bundle(source)
        result = convert([source], _facts(bundle), "XDIS91")
        letter, *beside = [read_letter(output.payload) for output in result.outputs]
        for one in (letter, *beside):
            official(reference, RELEASES[one.type]).assertValid(one.root)
            assert validate(one) == (), sample.name
        wrong = {path: _path(letter.root, path) for path, text in _expected(bundle) if _path(letter.root, path) != text}
        assert wrong == {}, sample.name
        _assert_text(bundle, plain_text(next(letter.root.iter(f"{{{R2006}}}Text01"))))
        assert [_object(one) for one in beside] == [_objects(bundle)] * _has_content(source), sample.name
        made.append(len(beside))
    assert (made.count(0), made.count(1)) == (21, 6)


def _objects(bundle: Bundle) -> list[tuple[str, ...]]:
    """What an XBIN01 holds of each attachment by the table, without the stylesheet: UUID, type, size and data."""
    found: list[tuple[str, ...]] = []
    for payload in bundle.index.of_type("Communication")[0].iterfind(f"{F}payload"):
        data = value(payload, "contentAttachment/data")
        if data is not None:
            uuid = (value(_extension(payload, "identifier"), "valueIdentifier/value") or "").removeprefix("urn:uuid:")
            type_ = TYPES[value(payload, "contentAttachment/contentType") or ""]
            found.append((uuid, *type_, str(len(b64decode(data))), "".join(data.split())))
    return found


def _object(xbin01: Letter) -> list[tuple[str | None, ...]]:
    objects = xbin01.root.iter(f"{{{R2012}}}BinaryObject")
    return [tuple(child.text for child in each) for each in objects]


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
            assert [finding.location for finding in refused.value.findings if finding.is_error] == [
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


def test_every_row_of_medcoms_table_that_gives_an_xbin01_has_a_row_here(reference: Path) -> None:
    """Column XBIN01 of January 2026: a row for each element that it names, and none that it does not."""
    table = reference / "reference" / "mapping" / "carecommunication_to_xdis91_xbin01.tsv"
    with table.open(encoding="utf-8", newline="") as lines:
        rows = [*csv.DictReader(lines, delimiter="\t")]
    given = {row["Name"].strip() for row in rows if row["XBIN01"].strip() not in {"", "-"}}
    ours = [row.reference.removeprefix(f"{XBIN01_TABLE}, ") for row in TO_XBIN01]
    assert sorted(ours) == sorted(given - {"attachment content"})
    paths = {row["Name"].strip(): row["XBIN01"].strip() for row in rows}
    for row in TO_XBIN01:
        path = paths[row.reference.removeprefix(f"{XBIN01_TABLE}, ")].removeprefix("Emessage.")
        assert _spelled(path) == row.target.replace("/", "."), row.id
    names = {row["Name"].strip().lower() for row in rows}
    assert names == {
        name.lower() for row in TO_XDIS91 if row.reference.startswith(TABLE) for name in _names(row.reference)
    }


def _spelled(path: str) -> str:
    """A path of the table as the schema spells it, without the letter's element."""
    for wrong, right in (
        ("Organization", "Organisation"),
        ("PersonSurName", "PersonSurnameName"),
        (".sender", ".Sender"),
    ):
        path = re.sub(rf"{re.escape(wrong)}(?![a-z]*Code)", right, path)
    return re.sub(r"^BinaryLetter\.(?!BinaryObject)", "", path).removeprefix("BinaryLetter.")


def _names(reference: str) -> list[str]:
    return reference.removeprefix(f"{TABLE}, ").split("; ")
