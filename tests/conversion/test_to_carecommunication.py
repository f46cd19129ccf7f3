from __future__ import annotations

import re
from dataclasses import replace

import pytest
from lxml import etree

from conversion import Converted, Facts, Settings, convert
from conversion.rows import taken_out
from conversion.to_carecommunication import episode_identifier
from envelope.fhir.bundle import read_bundle
from envelope.fhir.json_xml import xml_from_json
from envelope.fhir.rules import validate
from envelope.fhir.values import value
from envelope.findings import Fault, Refused
from envelope.oioxml.letters import R2015
from tests.conversion.rows.case import FACTS, HOSPITAL, LETTERS, MUNICIPALITY, strings

LETTER = (LETTERS / "xdis91-every-element.xml").read_text(encoding="utf-8")


def _convert(*replacing: tuple[str, str], facts: Facts = FACTS) -> Converted:
    text = LETTER
    for old, new in replacing:
        assert old in text
        text = text.replace(old, new)
    return convert([text.encode()], facts, "CareCommunication")


def _refused(*replacing: tuple[str, str], facts: Facts = FACTS) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refusal:
        _convert(*replacing, facts=facts)
    return [(finding.rule.id, finding.location) for finding in refusal.value.findings]


def _found(converted: Converted, find: str) -> list[str]:
    return strings(converted.outputs[0].payload, find)


MEDCOM = "http://medcomfhir.dk/ig/"
PROFILES = {
    "MessageHeader": "carecommunication/StructureDefinition/medcom-careCommunication-messageHeader",
    "Communication": "carecommunication/StructureDefinition/medcom-careCommunication-communication",
    "Patient": "core/StructureDefinition/medcom-core-patient",
    "Encounter": "core/StructureDefinition/medcom-core-encounter",
    "Organization": "messaging/StructureDefinition/medcom-messaging-organization",
    "PractitionerRole": "core/StructureDefinition/medcom-core-practitionerrole",
    "Practitioner": "core/StructureDefinition/medcom-core-practitioner",
    "Provenance": "carecommunication/StructureDefinition/medcom-careCommunication-provenance",
}


def test_every_resource_names_its_profile_and_its_own_address() -> None:
    """Bundle and resources have the profiles of CareCommunication 5.0, and each fullUrl ends in type and id."""
    root = read_bundle(_convert().outputs[0].payload).root
    message = f"{MEDCOM}carecommunication/StructureDefinition/medcom-careCommunication-message"
    assert [one.get("value") for one in root.iterfind("{*}meta/{*}profile")] == [message]
    seen = set()
    for entry in root.iterfind("{*}entry"):
        [resource] = entry.iterfind("{*}resource/*")
        name, id_ = etree.QName(resource).localname, value(resource, "id")
        seen.add(name)
        assert [one.get("value") for one in resource.iterfind("{*}meta/{*}profile")] == [f"{MEDCOM}{PROFILES[name]}"]
        assert value(entry, "fullUrl") == f"{MEDCOM}carecommunication/{name}/{id_}"
    assert seen == set(PROFILES)


def test_every_line_of_a_narrative_says_what_it_tells() -> None:
    """Each paragraph has a label in bold and words behind it; the text itself stands as it was written."""
    payload = _convert(("indlagt<", "doed<")).outputs[0].payload
    lines = list(read_bundle(payload).root.iter("{http://www.w3.org/1999/xhtml}p"))
    plain = [line for line in lines if line.find("{*}b") is None]
    assert [line.get("style") for line in plain] == ["white-space: pre-wrap"]
    for line in lines:
        label = line.findtext("{*}b")
        assert line in plain or (label and len("".join(map(str, line.itertext())).strip()) > len(label) + 2)
    assert [line.findtext("{*}b") for line in lines].count("deceased") == 1


@pytest.mark.parametrize(
    ("code", "number", "system"),
    [
        ("ydernummer", "123456", "urn:oid:1.2.208.176.1.4"),
        ("kommunenummer", "751", "http://hl7.dk/fhir/core/CodeSystem/dk-core-municipality-codes"),
        ("kommunenummer", "75", None),
        ("ydernummer", " ", None),
        ("sygehusafdelingsnummer", "751", None),
    ],
)
def test_a_number_of_a_party_has_the_system_of_its_kind(code: str, number: str, system: str | None) -> None:
    """A municipality is known by three digits, a practice by its number; other codes, and blanks, have no system."""
    start, end = LETTER.index("<Sender>"), LETTER.index("</Sender>")
    sender = re.sub("<Identifier>[^<]*<", f"<Identifier>{number}<", LETTER[start:end])
    sender = re.sub("<IdentifierCode>[^<]*<", f"<IdentifierCode>{code}<", sender)
    converted = convert([(LETTER[:start] + sender + LETTER[end:]).encode()], FACTS, "CareCommunication", profile=False)
    known = ["https://www.gs1.org/gln", "urn:oid:1.2.208.176.1.1"]
    systems = "//f:Organization[f:identifier/f:value/@value = '{}']/f:identifier/f:system/@value"
    found = _found(converted, systems.format(HOSPITAL.gln))
    assert found == [*known, system] if system else found == known


@pytest.mark.parametrize(
    ("element", "find"),
    [
        ("PersonGivenName", "//f:Patient/f:name/f:given"),
        ("StreetName", "//f:Patient/f:address/f:line"),
        ("DistrictName", "//f:Patient/f:address/f:city"),
        ("PostCodeIdentifier", "//f:Patient/f:address/f:postalCode"),
    ],
)
def test_what_is_blank_of_a_patient_is_left_out(element: str, find: str) -> None:
    """FHIR has no empty strings: an element of white space alone becomes none."""
    start = LETTER.index("<Patient>")
    old = re.search(f"<{element}>[^<]*</{element}>", LETTER[start:])
    assert old is not None
    blank = LETTER[:start] + LETTER[start:].replace(old[0], f"<{element}>\n </{element}>", 1)
    converted = convert([blank.encode()], FACTS, "CareCommunication", profile=False)
    assert _found(converted, find) == []


def test_what_a_receipt_will_need_is_remembered() -> None:
    """The identifiers of both sides, the version code and both parties are kept."""
    converted = _convert()
    [output] = converted.outputs
    remembered = converted.remembered
    assert remembered is not None
    [original], [made] = remembered.original, remembered.made
    assert (original.type, original.version) == ("XDIS91", "XD9134L")
    assert (original.envelope_id, original.letter_id) == ("KUV20240000007", "BREV2024000007")
    assert (made.type, made.version) == ("CareCommunication", "5.0")
    assert [made.envelope_id] == _found(converted, "/f:Bundle/f:id/@value") == [output.envelope_id]
    assert [made.letter_id] == _found(converted, "//f:MessageHeader/f:id/@value") == [output.letter_id]
    assert (remembered.sender, remembered.receiver) == (HOSPITAL, MUNICIPALITY)


@pytest.mark.parametrize(("code", "wanted"), [("pluspositivkvitt", True), ("minuspositivkvitt", False)])
def test_the_letters_wish_for_a_receipt_is_remembered(code: str, wanted: bool) -> None:
    """A bundle cannot say whether the letter asked for a receipt, so it is kept."""
    remembered = _convert(("pluspositivkvitt", code)).remembered
    assert remembered is not None
    assert remembered.original[0].wants_receipt is wanted


def test_the_same_facts_make_the_same_bytes() -> None:
    """However often it is made; and another seed makes another message."""
    again = Facts.from_json(FACTS.to_json())
    assert _convert().outputs == _convert(facts=again).outputs
    assert _convert().outputs != _convert(facts=replace(FACTS, seed="f" * 32)).outputs


@pytest.mark.parametrize(
    ("facts", "written"),
    [
        (FACTS, "Første linje&#xA;anden linje&#xA;Næste afsnit"),
        (replace(FACTS, output_format="json"), r"Første linje\nanden linje\nNæste afsnit"),
    ],
)
def test_a_line_break_is_written_as_medcom_writes_it(facts: Facts, written: str) -> None:
    """Each format has its own mark for a newline."""
    assert written.encode() in _convert(facts=facts).outputs[0].payload


def test_json_and_xml_are_the_same_message() -> None:
    """Both output formats hold the same tree."""
    json = xml_from_json(_convert(facts=replace(FACTS, output_format="json")).outputs[0].payload)
    xml = etree.fromstring(_convert().outputs[0].payload)
    assert etree.tostring(json, method="c14n") == etree.tostring(xml, method="c14n")


def test_every_resource_has_a_narrative_with_its_id_and_no_base64() -> None:
    """Each resource says its profile and has a narrative that holds its id."""
    payload = _convert().outputs[0].payload
    identifiers = strings(payload, "//f:resource/f:*/f:id/@value")
    assert len(identifiers) == 9
    for identifier in identifiers:
        resource = f"//f:resource/f:*[f:id/@value = '{identifier}']"
        assert identifier in strings(payload, f"string({resource}/f:text/x:div)")[0]
        assert strings(payload, f"{resource}/f:meta/f:profile/@value")[0].startswith("http://medcomfhir.dk/ig/")


@pytest.mark.parametrize(
    ("resource", "values"),
    [
        ("MessageHeader", ["care-communication-message", "primary", "https://sor2.sum.dsdn.dk/#id=328051000016008"]),
        ("MessageHeader", ["https://sor2.sum.dsdn.dk/#id=359001000016000", "Communication/", "Organization/"]),
        ("Communication", ["unknown", "other", "Patient/", "Vedr. prøve", "Encounter/", "2024-01-31T08:15:00+01:00"]),
        (
            "Communication",
            ["PractitionerRole/", "00000001", "Første linje\nanden linje", "https://example.org/kort", "Kort"],
        ),
        ("Patient", ["2512489996", "Testesen", "Prøve Åge", "Opdigtet Allé 3, 2. tv", "Eksempelstrup", "9999"]),
        ("Encounter", ["in-progress", "IMP", "Patient/", "f14c2e0a-9b5d-4c37-a1e6-6d2b80c3f954"]),
        ("Organization", ["5790001382445", "359001000016000", "Prøvesygehuset"]),
        ("PractitionerRole", ["Practitioner/", "Organization/", "ukendt"]),
        ("Practitioner", ["Prøvesygehuset"]),
        (
            "Provenance",
            ["MessageHeader/", "2024-07-15T23:59:00+02:00", "new-message", "Organization/", "source", "urn:uuid:"],
        ),
    ],
)
def test_a_narrative_holds_what_its_profile_wants_there(resource: str, values: list[str]) -> None:
    """Each element that the guides mark SHALL:in-narrative is in it."""
    [words] = strings(_convert().outputs[0].payload, f"string(//f:{resource}/f:text/x:div)")
    assert [value for value in values if value not in words] == []


def test_a_party_without_a_sor_code_is_refused() -> None:
    """Both parties are named by their place."""
    facts = replace(FACTS, sender=replace(HOSPITAL, sor=""), receiver=replace(MUNICIPALITY, sor=""))
    assert _refused(facts=facts) == [
        ("VS-503", "/Emessage/ClinicalEmail/Sender/EANIdentifier"),
        ("VS-503", "/Emessage/ClinicalEmail/Receiver/EANIdentifier"),
    ]


def test_a_location_number_that_fhir_does_not_take_is_the_senders_fault() -> None:
    """OIOXML forgives a wrong check digit, FHIR does not."""
    with pytest.raises(Refused) as refusal:
        _convert(("5790001382445", "5790001382446"))
    assert refusal.value.fault is Fault.SENDER
    assert [finding.rule.id for finding in refusal.value.findings] == ["VS-151", "VS-231"]


def test_an_invalid_letter_is_refused_by_its_schema() -> None:
    """What the letter's own rules refuse is not converted."""
    [(rule, _), *_] = _refused(("<PersonSurnameName>Testesen</PersonSurnameName>", ""))
    assert rule.startswith("VS-2")


def test_a_day_that_does_not_exist_is_refused() -> None:
    """A date that the schema lets pass is refused by the clock."""
    assert _refused(("2024-07-15", "2024-02-30"))


def test_two_letters_at_once_are_refused() -> None:
    """One sending without attachments is one letter."""
    with pytest.raises(Refused) as refusal:
        convert([LETTER.encode()] * 2, FACTS, "CareCommunication")
    assert [finding.rule.id for finding in refusal.value.findings] == ["VS-509"]


def test_another_party_than_the_directory_was_asked_for_is_told() -> None:
    """The location number is the letter's, the SOR code the directory's, and a warning names both."""
    converted = _convert(facts=replace(FACTS, sender=replace(HOSPITAL, gln="5790000121526")))
    assert [(finding.rule.id, finding.location) for finding in converted.findings] == [
        ("VS-510", "/Emessage/ClinicalEmail/Sender/EANIdentifier")
    ]


@pytest.mark.parametrize(
    ("number", "rules"),
    [
        ("0703921VJ4", []),
        ("1206550VK9", []),
        ("0703922VJ4", ["VS-507"]),
        ("4499991VJ4", ["VS-507"]),
        ("abcdefghij", ["VS-507"]),
    ],
)
def test_a_replacement_number_outside_the_known_forms_is_told(number: str, rules: list[str]) -> None:
    """It gets its system by character 7 all the same."""
    converted = _convert(
        (
            "<CivilRegistrationNumber>2512489996</CivilRegistrationNumber>",
            f"<AlternativeIdentifier>{number}</AlternativeIdentifier>",
        )
    )
    assert [finding.rule.id for finding in converted.findings] == rules
    system = "urn:oid:1.2.208.176.1.6.1.1" if number[6] in "17" else "urn:oid:1.2.208.176.1.6.1.3"
    assert _found(converted, "//f:Patient/f:identifier/f:*/@value") == [system, number]


def test_a_letter_without_text_says_so() -> None:
    """A bundle must have a text: a default stands there, and a finding tells."""
    empty = "<Text01>Første linje<Break/>anden linje</Text01>", "<Text01> <Break/></Text01>"
    converted = _convert(
        empty,
        ("<Text01>Næste afsnit</Text01>", "<Text01>\u00a0</Text01>"),
        facts=replace(FACTS, settings=Settings(empty_text="(tom)")),
    )
    assert [finding.rule.id for finding in converted.findings] == ["VS-508"]
    assert _found(converted, "//f:payload/f:contentString/@value") == ["Denne meddelelse har høj prioritet. (tom)"]


def test_signs_of_windows_under_another_name_are_kept() -> None:
    """Bytes of windows-1252 in a letter that says ISO-8859-1 are control characters, and pass as they are."""
    text = (
        LETTER.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
        .encode("latin-1")
        .replace(b"anden linje", b"\x84a\x85\x94")
    )
    converted = convert([text], FACTS, "CareCommunication")
    assert "\x84a\x85\x94" in _found(converted, "//f:payload/f:contentString/@value")[0]
    bundle = read_bundle(converted.outputs[0].payload)
    assert [str(finding) for finding in validate(bundle)] == []


def test_names_are_joined_by_the_settings_separator() -> None:
    """What stands between organisation, department and unit is a setting."""
    facts = replace(FACTS, settings=Settings(name_separator=" - "))
    assert "Prøvesygehuset - Opdigtet Afdeling - Afsnit Ø" in _found(
        _convert(facts=facts), "//f:Organization/f:name/@value"
    )


def test_without_an_episode_identifier_there_is_no_encounter() -> None:
    """Encounter and the reference to it are there together or not at all."""
    episode = "<EpisodeOfCareIdentifier>F14C2E0A9B5D4C37A1E66D2B80C3F954</EpisodeOfCareIdentifier>"
    converted = _convert((episode, ""))
    assert _found(converted, "//f:Encounter | //f:encounter") == []


def test_a_filler_for_the_receivers_name_is_no_name() -> None:
    """EDIFACT letters have an underscore where a name is missing."""
    converted = _convert(("Eksempelstrup Kommune", "_"))
    assert _found(converted, "count(//f:Organization/f:name)") == ["1.0"]


def test_a_patient_without_an_address_has_none() -> None:
    """Suburb alone is dropped, and leaves no empty address behind."""
    street = "<StreetName>Opdigtet Allé 3, 2. tv</StreetName>"
    converted = _convert(
        (street, ""),
        ("<DistrictName>Eksempelstrup</DistrictName>", ""),
        ("<PostCodeIdentifier>9999</PostCodeIdentifier>", ""),
        ("<PersonGivenName>Prøve Åge</PersonGivenName>", ""),
    )
    assert _found(converted, "//f:Patient/f:address | //f:Patient/f:name/f:given") == []


@pytest.mark.parametrize(
    ("code", "number", "system"),
    [
        ("sorkode", "359001000016000", None),
        ("lokationsnummer", "5790001382445", None),
        ("sygehusafdelingsnummer", "6006250", None),
        ("amt", "80", None),
        ("ydernummer", "123456", "urn:oid:1.2.208.176.1.4"),
        ("kommunenummer", "461", "http://hl7.dk/fhir/core/CodeSystem/dk-core-municipality-codes"),
        ("kommunenummer", "5790000121441", None),
    ],
)
def test_a_further_identifier_is_carried_where_its_system_is_known(code: str, number: str, system: str | None) -> None:
    """SOR codes and location numbers are there once; what has no system is dropped."""
    converted = _convert(
        ("<Identifier>123456</Identifier>", f"<Identifier>{number}</Identifier>"), ("ydernummer", code)
    )
    found = _found(
        converted,
        "//f:Organization[f:name/@value = 'Prøvesygehuset, Opdigtet Afdeling, Afsnit Ø']/f:identifier/f:*/@value",
    )
    known = ["https://www.gs1.org/gln", "5790001382445", "urn:oid:1.2.208.176.1.1", "359001000016000"]
    assert found == known + ([system, number] if system else [])


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("F14C2E0A9B5D4C37A1E66D2B80C3F954", "urn:uuid:f14c2e0a-9b5d-4c37-a1e6-6d2b80c3f954"),
        ("", ""),
        ("f14c2e0a9b5d4c37a1e66d2b80c3f95", "f14c2e0a9b5d4c37a1e66d2b80c3f95"),
        ("forløb 7", "forløb 7"),
    ],
)
def test_hyphens_are_put_into_a_uuid_only(written: str, made: str) -> None:
    """32 hexadecimal digits are a UUID; any other identifier stays as it is."""
    assert episode_identifier(written) == made


def test_a_cpr_number_without_a_date_is_the_senders_fault() -> None:
    """OIOXML lets ten noughts pass, FHIR does not."""
    with pytest.raises(Refused) as refusal:
        _convert(("2512489996", "0000000000"))
    assert refusal.value.fault is Fault.SENDER
    assert [finding.rule.id for finding in refusal.value.findings] == ["VS-511", "VS-233"]
    assert "0000000000" not in str(refusal.value)


def test_what_is_made_invalid_is_never_sent() -> None:
    """With a part of the stylesheet taken out, the network refuses its own bundle by name."""
    with taken_out("XC-category"), pytest.raises(Refused) as refusal:
        _convert()
    first, *errors = refusal.value.findings
    assert first.rule.id == "VS-504"
    assert refusal.value.fault is Fault.NETWORK
    assert errors


OLDER = (
    ("2006/07/01", "2005/08/07"),
    ("XD9134L", "XD9133L"),
    ("<Priority>høj_prioritet</Priority>", ""),
    ("<Subject>Vedr. prøve</Subject>", ""),
    ("<AdditionalInformation>", ""),
    ("</AdditionalInformation>", ""),
)
"""What makes an XD9133L of the letter."""


def test_the_older_letter_is_converted_likewise() -> None:
    """An XD9133L knows no subject and no priority; all else stands where it stands for XD9134L."""
    older = _convert(*OLDER)
    newer = _convert(*OLDER[2:])
    assert older.outputs == newer.outputs
    assert older.remembered is not None
    assert older.remembered.original[0].version == "XD9133L"


def test_a_version_that_is_only_passed_on_is_refused_by_name() -> None:
    """Letters of other releases are never converted."""
    with pytest.raises(Refused) as refusal:
        _convert(("http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/", R2015), ("XD9134L", "XD9135L"))
    [finding] = refusal.value.findings
    assert finding.rule.id == "VS-512"
    assert "XD9135L" in finding.text


@pytest.mark.parametrize(
    "dropped",
    [
        *("Afsendervej 1", "Afsenderlund", "Afsenderby", "9991", "ikkeklassificeret"),
        *("Modtagende Forvaltning", "Modtagende Enhed", "Modtagervej 2", "Modtagerlund", "Modtagerby", "9992"),
        *("Prøveby", "afprøver", "pluspositivkvitt", "XDIS91", "XD9134L", "KUV20240000007", "BREV2024000007"),
    ],
)
def test_what_the_table_drops_stands_nowhere(dropped: str) -> None:
    """Values without a target are not in the message, its narratives included."""
    assert dropped in LETTER
    assert dropped.encode() not in _convert().outputs[0].payload
