"""One case or more for each carried row of XDIS91 to CareCommunication."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from conversion.identifiers import Identifiers
from tests.conversion.rows.case import FACTS, HOSPITAL, PREFIXES, Case
from tests.conversion.rows.from_xbin01 import CASES as ATTACHMENTS

LETTER = "xdis91-every-element.xml"
_new = Identifiers(FACTS.seed).uuid
_case = partial(Case, letter=LETTER, to="CareCommunication")

_OF_4, _OF_3 = replace(FACTS, fhir_version="4.0"), replace(FACTS, fhir_version="3.0")

_FORMATTED = (
    f'<div xmlns="{PREFIXES["x"]}">Denne meddelelse har høj prioritet. 1 &lt; 2<br/>&#160;&#160;&amp;c.'
    "<br/>Næste afsnit</div>"
)

_HEADER = "//f:MessageHeader"
_ORGANISATION = "//f:Organization[concat('Organization/', f:id/@value) = {0}/f:reference/@value]"
_SENDER = _ORGANISATION.format("//f:MessageHeader/f:sender")
_RECEIVER = _ORGANISATION.format("//f:MessageHeader/f:destination/f:receiver")
_EXTENSION = "f:extension[@url = 'http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core-{0}-extension']"
_TEXT = "//f:Communication/f:payload[f:contentString]"
_LINK = "//f:Communication/f:payload[f:contentAttachment]"
_NUMBER = "/f:identifier[f:system/@value = '{0}']/f:value/@value"
_ENCOUNTER = "//f:Encounter[concat('Encounter/', f:id/@value) = //f:Communication/f:encounter/f:reference/@value]"
_ACT_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_MEDCOM_ACT_CODES = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-encounter-act-codes"
_CPR = "urn:oid:1.2.208.176.1.2"
_NATIONAL = "urn:oid:1.2.208.176.1.6.1.1"
_LOCAL = "urn:oid:1.2.208.176.1.6.1.3"

_CIVIL = "<CivilRegistrationNumber>2512489996</CivilRegistrationNumber>"
_GIVEN_TELEPHONE = "<TelephoneSubscriberIdentifier>00000001</TelephoneSubscriberIdentifier>"
_SUBJECT = "<Subject>Vedr. prøve</Subject>"
_EPISODE = "<EpisodeOfCareIdentifier>F14C2E0A9B5D4C37A1E66D2B80C3F954</EpisodeOfCareIdentifier>"
_CLINICAL = (
    """<ClinicalInformation>
      <Text01>Første linje<Break/>anden linje</Text01>
    </ClinicalInformation>
    <ClinicalInformation>
      <Text01>Næste afsnit</Text01>
    </ClinicalInformation>""",
    "",
)
_RUTINE = ("<Priority>høj_prioritet</Priority>", "<Priority>rutine</Priority>")


def _status(code: str) -> tuple[str, str]:
    return (">indlagt<", f">{code}<")


CASES: tuple[Case, ...] = (
    _case("XC-sent", find="/f:Bundle/f:timestamp/@value", expected=["2024-07-15T23:59:00+02:00"]),
    _case("XC-envelope-id", find="/f:Bundle/f:id/@value", expected=[_new("bundle")]),
    _case("XC-bundle-type", find="/f:Bundle/f:type/@value", expected=["message"]),
    _case(
        "XC-destination-use",
        find=f"{_HEADER}/f:destination/f:extension/f:valueCoding/f:code/@value",
        expected=["primary"],
    ),
    _case(
        "XC-destination-endpoint",
        find=f"{_HEADER}/f:destination/f:endpoint/@value",
        expected=["https://sor2.sum.dsdn.dk/#id=328051000016008"],
    ),
    _case(
        "XC-source-endpoint",
        find=f"{_HEADER}/f:source/f:endpoint/@value",
        expected=["https://sor2.sum.dsdn.dk/#id=359001000016000"],
    ),
    _case("XC-letter-id", find=f"{_HEADER}/f:id/@value", expected=[_new("header")]),
    _case(
        "XC-definition",
        find=f"{_HEADER}/f:definition/@value",
        expected=[
            "http://medcomfhir.dk/ig/messagedefinitions/MessageDefinition/MedComCareCommunicationMessageDefinition|5.0"
        ],
    ),
    _case(
        "XC-definition-4",
        find=f"{_HEADER}/f:definition/@value",
        expected=["http://medcomfhir.dk/ig/carecommunication/medcom-careCommunication-message-definition|4.0.0"],
        facts=_OF_4,
    ),
    *(
        _case(
            "XC-author-role-code",
            find="//f:PractitionerRole/f:code/f:coding/f:code/@value",
            expected=["NAVU"],
            facts=facts,
        )
        for facts in (_OF_4, _OF_3)
    ),
    _case(
        "XC-text-xhtml",
        replacing=[("Første linje<Break/>anden linje", "1 &lt; 2<Break/>  &amp;c.")],
        find=f"{_TEXT}/f:contentString/@value",
        expected=[_FORMATTED],
        facts=_OF_3,
    ),
    _case(
        "XC-provenance-profile-3",
        find="//f:Provenance/f:meta/f:profile/@value",
        expected=["http://medcomfhir.dk/ig/messaging/StructureDefinition/medcom-messaging-provenance"],
        facts=_OF_3,
    ),
    _case(
        "XC-version-code",
        find=lambda converted: [converted.remembered.original[0].version] if converted.remembered else [],
        expected=["XD9134L"],
    ),
    _case(
        "XC-text-date",
        find=f"{_TEXT}/{_EXTENSION.format('datetime')}/f:valueDateTime/@value",
        expected=["2024-01-31T08:15:00+01:00"],
    ),
    _case("XC-event", find=f"{_HEADER}/f:eventCoding/f:code/@value", expected=["care-communication-message"]),
    _case("XC-activity", find="//f:Provenance/f:activity/f:coding/f:code/@value", expected=["new-message"]),
    _case(
        "XC-corrected",
        replacing=[("nytbrev", "rettetbrev")],
        find=lambda converted: [finding.rule.id for finding in converted.findings],
        expected=["VS-506"],
    ),
    _case(
        "XC-episode-of-care",
        find=f"{_ENCOUNTER}/f:episodeOfCare/f:identifier/f:value/@value",
        expected=["urn:uuid:f14c2e0a-9b5d-4c37-a1e6-6d2b80c3f954"],
    ),
    _case(
        "XC-episode-of-care",
        replacing=[("F14C2E0A9B5D4C37A1E66D2B80C3F954", "forløb 7")],
        find=f"{_ENCOUNTER}/f:episodeOfCare/f:identifier/f:value/@value",
        expected=["forløb 7"],
    ),
    # Sender
    _case("XC-sender-gln", find=_SENDER + _NUMBER.format("https://www.gs1.org/gln"), expected=[HOSPITAL.gln]),
    _case("XC-sender-identifier", find=_SENDER + _NUMBER.format("urn:oid:1.2.208.176.1.4"), expected=["123456"]),
    _case(
        "XC-sender-identifier-code",
        find=f"{_SENDER}/f:identifier[3]/f:system/@value",
        expected=["urn:oid:1.2.208.176.1.4"],
    ),
    _case("XC-sender-sor", find=_SENDER + _NUMBER.format("urn:oid:1.2.208.176.1.1"), expected=["359001000016000"]),
    _case(
        "XC-sender-organisation",
        find=f"{_SENDER}/f:name/@value",
        expected=["Prøvesygehuset, Opdigtet Afdeling, Afsnit Ø"],
    ),
    _case(
        "XC-directory-name",
        replacing=[("Prøvesygehuset", "_"), ("Opdigtet Afdeling", "_")],
        find=f"{_SENDER}/f:name/@value",
        expected=["Testsygehuset, Afsnit Ø"],
    ),
    _case(
        "XC-sender-department",
        find=f"{_SENDER}/f:name/@value",
        expected=["Prøvesygehuset, Opdigtet Afdeling, Afsnit Ø"],
    ),
    _case(
        "XC-sender-unit",
        replacing=[("<DepartmentName>Opdigtet Afdeling</DepartmentName>", "")],
        find=f"{_SENDER}/f:name/@value",
        expected=["Prøvesygehuset, Afsnit Ø"],
    ),
    _case(
        "XC-sender-telephone",
        find=f"{_TEXT}/{_EXTENSION.format('contact')}/f:valueContactPoint/f:*/@value",
        expected=["phone", "00000001"],
    ),
    _case(
        "XC-directory-telephone",
        replacing=[(_GIVEN_TELEPHONE, "")],
        find=f"{_TEXT}/{_EXTENSION.format('contact')}/f:valueContactPoint/f:value/@value",
        expected=["65432030"],
    ),
    _case(
        "XC-no-telephone",
        replacing=[(_GIVEN_TELEPHONE, "")],
        facts=replace(FACTS, sender=replace(HOSPITAL, telephone=None)),
        find=f"{_TEXT}/{_EXTENSION.format('contact')}/f:valueContactPoint/f:value/@value",
        expected=["0000 0000"],
    ),
    # Receiver
    _case("XC-receiver-gln", find=_RECEIVER + _NUMBER.format("https://www.gs1.org/gln"), expected=["5790000121441"]),
    _case("XC-receiver-identifier", find=f"{_RECEIVER}/f:identifier[3]/f:value/@value", expected=["999"]),
    _case(
        "XC-receiver-identifier-code",
        find=f"{_RECEIVER}/f:identifier[3]/f:system/@value",
        expected=["http://hl7.dk/fhir/core/CodeSystem/dk-core-municipality-codes"],
    ),
    _case("XC-receiver-sor", find=_RECEIVER + _NUMBER.format("urn:oid:1.2.208.176.1.1"), expected=["328051000016008"]),
    _case("XC-receiver-organisation", find=f"{_RECEIVER}/f:name/@value", expected=["Eksempelstrup Kommune"]),
    # Patient
    _case("XC-patient-cpr", find="//f:Patient/f:identifier/f:*/@value", expected=[_CPR, "2512489996"]),
    _case(
        "XC-patient-replacement",
        replacing=[(_CIVIL, "<AlternativeIdentifier>0703921VJ4</AlternativeIdentifier>")],
        find="//f:Patient/f:identifier/f:*/@value",
        expected=[_NATIONAL, "0703921VJ4"],
    ),
    _case(
        "XC-patient-replacement",
        replacing=[(_CIVIL, "<AlternativeIdentifier>0703927VJ4</AlternativeIdentifier>")],
        find="//f:Patient/f:identifier/f:*/@value",
        expected=[_NATIONAL, "0703927VJ4"],
    ),
    _case(
        "XC-patient-replacement",
        replacing=[(_CIVIL, "<AlternativeIdentifier>1206550VK9</AlternativeIdentifier>")],
        find="//f:Patient/f:identifier/f:*/@value",
        expected=[_LOCAL, "1206550VK9"],
    ),
    _case(
        "XC-patient-family", find="//f:Patient/f:name[f:use/@value = 'official']/f:family/@value", expected=["Testesen"]
    ),
    _case(
        "XC-no-family",
        replacing=[("Testesen", " ")],
        find="//f:Patient/f:name/f:family/@value",
        expected=["ukendt"],
    ),
    _case("XC-patient-given", find="//f:Patient/f:name/f:given/@value", expected=["Prøve Åge"]),
    _case("XC-patient-street", find="//f:Patient/f:address/f:line/@value", expected=["Opdigtet Allé 3, 2. tv"]),
    _case("XC-patient-city", find="//f:Patient/f:address/f:city/@value", expected=["Eksempelstrup"]),
    _case("XC-patient-post-code", find="//f:Patient/f:address/f:postalCode/@value", expected=["9999"]),
    *(
        _case("XC-episode-class", replacing=[_status(code)], find=f"{_ENCOUNTER}/f:class/f:*/@value", expected=expected)
        for code, expected in (
            ("inaktiv", [_MEDCOM_ACT_CODES, "other"]),
            ("indlagt", [_ACT_CODES, "IMP"]),
            ("ambulant", [_ACT_CODES, "AMB"]),
            ("doed", [_MEDCOM_ACT_CODES, "other"]),
            ("ambulant_roentgen", [_ACT_CODES, "AMB"]),
        )
    ),
    *(
        _case("XC-episode-status", replacing=[_status(code)], find=f"{_ENCOUNTER}/f:status/@value", expected=[status])
        for code, status in (
            ("inaktiv", "unknown"),
            ("indlagt", "in-progress"),
            ("ambulant", "in-progress"),
            ("doed", "finished"),
            ("ambulant_roentgen", "in-progress"),
        )
    ),
    _case(
        "XC-deceased",
        replacing=[_status("doed")],
        find="//f:Patient/f:deceasedBoolean/@value",
        expected=["true"],
    ),
    _case(
        "XC-deceased",
        replacing=[_status("doed"), (_EPISODE, "")],
        find="//f:Patient/f:deceasedBoolean/@value",
        expected=["true"],
    ),
    # Communication
    _case(
        "XC-communication-id",
        find="//f:Communication/f:identifier/f:value/@value",
        expected=[f"urn:uuid:{_new('thread')}"],
    ),
    _case("XC-communication-status", find="//f:Communication/f:status/@value", expected=["unknown"]),
    _case(
        "XC-category",
        find="//f:Communication/f:category/f:coding/f:*/@value",
        expected=["http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-careCommunication-categoryCodes", "other"],
    ),
    _case(
        "XC-priority",
        find=f"{_TEXT}/f:contentString/@value | //f:Communication/f:priority/@value",
        expected=["Denne meddelelse har høj prioritet. Første linje\nanden linje\nNæste afsnit"],
    ),
    _case("XC-subject", find="//f:Communication/f:topic/f:text/@value", expected=["Vedr. prøve"]),
    _case(
        "XC-no-subject",
        replacing=[(_SUBJECT, "")],
        find="//f:Communication/f:topic/f:text/@value",
        expected=["Ukendt emne"],
    ),
    _case(
        "XC-text",
        replacing=[_RUTINE],
        find=f"{_TEXT}/f:contentString/@value",
        expected=["Første linje\nanden linje\nNæste afsnit"],
    ),
    _case(
        "XC-no-text",
        replacing=[_CLINICAL, _RUTINE],
        find=f"{_TEXT}/f:contentString/@value",
        expected=["(ingen tekst)"],
    ),
    _case(
        "XC-text-id",
        find=f"{_TEXT}/{_EXTENSION.format('identifier')}/f:valueIdentifier/f:value/@value",
        expected=[f"urn:uuid:{_new('text')}"],
    ),
    _case(
        "XC-text-assigner",
        find=f"{_TEXT}/{_EXTENSION.format('identifier')}/f:valueIdentifier/f:assigner/f:reference/@value",
        expected=[f"Organization/{_new('sender')}"],
    ),
    _case(
        "XC-text-author",
        find=f"{_TEXT}/{_EXTENSION.format('practitioner')}/f:valueReference/f:reference/@value",
        expected=[f"PractitionerRole/{_new('role')}"],
    ),
    _case(
        "XC-provenance-payload",
        find="//f:Provenance/f:entity[f:role/@value = 'source'][1]/f:what/f:identifier/f:value/@value",
        expected=[f"urn:uuid:{_new('text')}"],
    ),
    _case("XC-author-role", find="//f:PractitionerRole/f:code/f:text/@value", expected=["ukendt"]),
    _case(
        "XC-author-name",
        find="//f:Practitioner/f:name/f:text/@value",
        expected=["Prøvesygehuset, Opdigtet Afdeling, Afsnit Ø"],
    ),
    # Attachments
    *ATTACHMENTS,
    _case(
        "XC-supplement",
        replacing=[_RUTINE, ("<URL>https://example.org/kort</URL>", "<SUP>true</SUP>")],
        find=f"{_TEXT}/f:contentString/@value",
        expected=["Første linje\nanden linje\nNæste afsnit\nSupplerende materiale sendes særskilt: Kort"],
    ),
    # Links
    _case(
        "XC-url",
        find=f"{_LINK}/f:contentAttachment/f:url/@value",
        expected=["https://example.org/vejledning", "https://example.org/kort"],
    ),
    _case(
        "XC-url",
        replacing=[("https://example.org/kort", " https://example.org/et kort \n")],
        find=f"{_LINK}[2]/f:contentAttachment/f:url/@value",
        expected=["https://example.org/et%20kort"],
    ),
    _case(
        "XC-no-url-title",
        replacing=[("<RefDescription>Kort<", "<RefDescription> <")],
        find=f"{_LINK}[2]/f:contentAttachment/f:title/@value",
        expected=["Link"],
    ),
    _case("XC-url-title", find=f"{_LINK}/f:contentAttachment/f:title/@value", expected=["Vejledning", "Kort"]),
    _case(
        "XC-url-id",
        find=f"{_LINK}/{_EXTENSION.format('identifier')}/f:valueIdentifier/f:value/@value",
        expected=[f"urn:uuid:{_new('url 1')}", f"urn:uuid:{_new('url 2')}"],
    ),
    _case(
        "XC-url-assigner",
        find=f"{_LINK}/{_EXTENSION.format('identifier')}/f:valueIdentifier/f:assigner/f:reference/@value",
        expected=[f"Organization/{_new('sender')}"] * 2,
    ),
    _case(
        "XC-url-date",
        find=f"{_LINK}/{_EXTENSION.format('datetime')}/f:valueDateTime/@value",
        expected=["2024-01-31T08:15:00+01:00"] * 2,
    ),
    _case(
        "XC-provenance-url",
        find="//f:Provenance/f:entity[f:role/@value = 'source'][position() > 1]/f:what/f:identifier/f:value/@value",
        expected=[f"urn:uuid:{_new('url 1')}", f"urn:uuid:{_new('url 2')}"],
    ),
    # Provenance
    _case("XC-occurred", find="//f:Provenance/f:occurredDateTime/@value", expected=["2024-07-15T23:59:00+02:00"]),
    _case("XC-recorded", find="//f:Provenance/f:recorded/@value", expected=["2024-07-15T23:59:00+02:00"]),
    _case(
        "XC-provenance-target",
        find="//f:Provenance/f:target/f:reference/@value",
        expected=[f"MessageHeader/{_new('header')}"],
    ),
    _case(
        "XC-provenance-agent",
        find="//f:Provenance/f:agent/f:who/f:reference/@value",
        expected=[f"Organization/{_new('sender')}"],
    ),
)
