from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from envelope import safe_xml
from envelope.fhir import demand_errors, errors, message_rules
from envelope.fhir import message_errors as message
from envelope.fhir import profile_errors as profile
from envelope.fhir.bundle import bundle_of
from envelope.fhir.rules import TABLES, validate
from envelope.findings import Rule
from tests.envelope.fhir.changes import (
    FATAL,
    FORWARD,
    NEW,
    OK,
    REPLY,
    Change,
    Letter,
    add,
    all_of,
    drop,
    drop_entry,
    move_header,
    only,
    put,
    repeat,
)


class Case(NamedTuple):
    """A change to a letter, the rule that it breaks, and what else it cannot but break."""

    letter: str
    change: Change
    rule: Rule
    also: tuple[Rule, ...] = ()


REVISION = '<entity><role value="revision"/><what><reference value="MessageHeader/a"/></what></entity>'
PROVENANCE = (
    '<entry><resource><Provenance><target><reference value="MessageHeader/a"/></target>'
    '<occurredDateTime value="2026-03-02T09:15:00+01:00"/><recorded value="2026-03-02T09:15:00+01:00"/>'
    '<agent><who><reference value="Organization/e2e9a32c-6b0d-4080-aeb5-b70475195814"/></who></agent>'
    "</Provenance></resource></entry>"
)

CASES = (
    # Every message.
    Case(NEW, put("type", "collection"), message.BUNDLE_TYPE),
    Case(NEW, drop("type"), message.BUNDLE_TYPE),
    Case(NEW, lambda root: root.remove(root[0]), message.BUNDLE_ID),
    Case(NEW, drop("timestamp"), message.TIMESTAMP),
    Case(NEW, put("timestamp", "2026-03-02T09:15:00"), message.TIMESTAMP),
    Case(NEW, put("timestamp", "2026-13-02T09:15:00Z"), message.TIMESTAMP),
    Case(NEW, move_header, message.HEADER_FIRST),
    Case(NEW, drop_entry("MessageHeader"), message.HEADER_FIRST),
    Case(NEW, repeat("entry"), message.HEADER_COUNT, (message.TWICE,)),
    Case(NEW, put("eventCoding/system", "urn:other"), message.EVENT),
    Case(OK, put("eventCoding/code", "hello"), message.EVENT),
    Case(NEW, repeat("entry[2]"), message.TWICE, (profile.PATIENT_COUNT,)),
    # MedCom messaging.
    Case(NEW, drop("destination/extension"), message.DESTINATION, (message.DESTINATION_OTHER,)),
    Case(NEW, repeat("destination"), message.DESTINATION),
    Case(
        NEW,
        all_of(repeat("destination"), put("destination[2]/extension/valueCoding/code", "cc")),
        message.DESTINATION_OTHER,
    ),
    Case(NEW, put("destination/extension/valueCoding/system", "urn:other"), message.DESTINATION_OTHER),
    Case(NEW, drop("destination/endpoint"), message.ENDPOINT),
    Case(NEW, drop("source/endpoint"), message.ENDPOINT),
    Case(NEW, drop("source"), message.ENDPOINT),
    Case(NEW, put("subject/reference", "Patient/other"), message.DANGLING),
    Case(NEW, put("Communication/subject/reference", "#other"), message.DANGLING),
    Case(NEW, put("Provenance/agent/who/reference", "Organization/other"), message.DANGLING),
    Case(NEW, drop("sender/reference"), message.REFERENCE_MISSING),
    Case(NEW, drop("Communication/subject"), message.REFERENCE_MISSING),
    Case(NEW, drop("focus"), message.REFERENCE_MISSING),
    Case(NEW, drop("agent/who"), message.REFERENCE_MISSING),
    Case(OK, drop("receiver"), message.REFERENCE_MISSING),
    Case(NEW, all_of(drop_entry("Provenance")), message.NO_PROVENANCE, (profile.SOURCE_MISMATCH,)),
    Case(NEW, put("Provenance/target/reference", "MessageHeader/other"), message.NO_OWN_PROVENANCE),
    Case(NEW, put("occurredDateTime", "2026-03-02"), message.PROVENANCE_TIME),
    Case(NEW, drop("recorded"), message.PROVENANCE_TIME),
    Case(NEW, repeat("Provenance/target"), message.PROVENANCE_TARGET),
    Case(NEW, put("activity/coding/code", "retract-message"), message.PROVENANCE_ACTIVITY),
    Case(NEW, drop("activity"), message.PROVENANCE_ACTIVITY),
    Case(NEW, put("activity/coding/system", "urn:other"), message.PROVENANCE_ACTIVITY),
    Case(NEW, drop("Organization/identifier[1]"), message.GLN_MISSING),
    Case(NEW, drop("Organization/identifier[2]"), message.SOR_MISSING, (message.ORGANIZATION_UNNAMED,)),
    Case(FORWARD, only(-1, drop, "Organization/identifier[2]"), message.ORGANIZATION_UNNAMED),
    Case(NEW, put("subject/reference", "Organization/e2e9a32c-6b0d-4080-aeb5-b70475195814"), message.REFERENCE_TYPE),
    Case(NEW, put("Organization/identifier[1]/value", "579000012031"), message.GLN_FORM),
    Case(NEW, put("Organization/identifier[1]/value", "5790000120315"), message.GLN_CHECK_DIGIT),
    Case(NEW, put("Organization/identifier[1]/system", "http://www.gs1.org/gln"), message.GLN_SYSTEM),
    Case(NEW, put("Organization/identifier[2]/value", "1234567890"), message.SOR_FORM),
    # CareCommunication.
    Case(NEW, drop("MessageHeader/meta/profile"), profile.HEADER_PROFILE),
    Case(
        NEW,
        put("MessageHeader/meta/profile", "http://other/medcom-careCommunication-messageHeader"),
        profile.HEADER_PROFILE,
    ),
    Case(
        NEW,
        all_of(drop_entry("Patient"), drop("subject/reference")),
        profile.PATIENT_COUNT,
        (message.REFERENCE_MISSING,),
    ),
    Case(NEW, drop("Provenance/meta"), profile.PROVENANCE_PROFILE),
    Case(NEW, drop("Practitioner/name"), profile.PRACTITIONER_NAME, (profile.AUTHOR_NAME,)),
    Case(NEW, put("category/coding/code", "nursing"), profile.PRIORITY),
    Case(NEW, put("priority", "stat"), profile.PRIORITY_CODE),
    Case(NEW, all_of(put("category/coding/code", "other"), drop("topic", "priority")), profile.TOPIC),
    Case(NEW, drop("topic/text"), profile.TOPIC),
    Case(NEW, add("PractitionerRole/code", '<text value="x"/>'), profile.AUTHOR_ROLE),
    Case(NEW, drop("PractitionerRole/code"), profile.AUTHOR_ROLE),
    Case(REPLY, only(0, drop, "Practitioner/name"), profile.AUTHOR_NAME),
    Case(NEW, drop("episodeOfCare/identifier"), profile.EPISODE_OF_CARE),
    Case(NEW, drop("PractitionerRole/organization"), profile.SPECIFIC_SENDER),
    Case(NEW, drop("CareTeam/managingOrganization"), profile.SPECIFIC_RECIPIENT),
    Case(NEW, drop("recipient/reference"), profile.SPECIFIC_RECIPIENT),
    Case(NEW, drop("PractitionerRole/practitioner"), profile.ROLE_WITHOUT_PRACTITIONER, (profile.AUTHOR_NAME,)),
    Case(NEW, drop("Communication/encounter"), profile.ENCOUNTER),
    Case(NEW, all_of(drop_entry("Encounter"), drop("Communication/encounter/reference")), profile.ENCOUNTER),
    Case(NEW, drop("Communication/identifier"), profile.THREAD_ID),
    Case(NEW, repeat("Communication/identifier"), profile.THREAD_ID),
    Case(
        NEW, put("Communication/identifier/value", "urn:uuid:0539F112-0F7A-4B05-A250-987AAAF0C95A"), profile.THREAD_ID
    ),
    Case(NEW, drop("definition"), profile.DEFINITION),
    Case(NEW, drop("category/coding/code"), profile.CATEGORY),
    Case(NEW, drop("category/coding/system"), profile.CATEGORY),
    Case(NEW, repeat("category"), profile.CATEGORY),
    Case(NEW, repeat("category/coding"), profile.CATEGORY),
    Case(NEW, all_of(drop("priority"), put("category/coding/code", "assessment")), profile.CATEGORY_CODE),
    Case(NEW, put("category/coding/system", "urn:other"), profile.CATEGORY_CODE),
    Case(NEW, put("Communication/status", "completed"), profile.STATUS),
    Case(NEW, drop("Communication/status"), profile.STATUS),
    Case(
        NEW,
        all_of(drop_entry("Communication"), drop("focus/reference")),
        profile.COMMUNICATION_COUNT,
        (message.REFERENCE_MISSING, profile.SOURCE_MISMATCH),
    ),
    # Payloads.
    Case(NEW, drop("payload[1]"), profile.NO_TEXT, (profile.SOURCE_MISMATCH,)),
    Case(NEW, drop("payload[2]/contentAttachment"), profile.PAYLOAD_CONTENT),
    Case(
        NEW,
        add(
            "payload",
            '<contentReference><reference value="Patient/cfe8957d-2158-41e1-a2ca-34270ba20b0b"/></contentReference>',
        ),
        profile.PAYLOAD_CONTENT,
    ),
    Case(NEW, drop("payload/extension[1]"), profile.PAYLOAD_EXTENSION),
    Case(NEW, drop("payload[1]/extension[3]"), profile.PAYLOAD_EXTENSION),
    Case(NEW, put("payload/extension/valueDateTime", "2026-03-02"), profile.PAYLOAD_DATE),
    Case(
        NEW,
        put("payload[1]/extension/valueIdentifier/value", "x"),
        profile.PAYLOAD_IDENTIFIER,
        (profile.SOURCE_MISMATCH,),
    ),
    Case(NEW, drop("payload[1]/extension/valueIdentifier/assigner"), profile.PAYLOAD_ASSIGNER),
    Case(NEW, put("payload/extension/valueContactPoint/system", "email"), profile.PAYLOAD_CONTACT),
    Case(NEW, put("payload/extension/valueContactPoint/value", "none"), profile.PAYLOAD_CONTACT),
    Case(NEW, drop("contentAttachment/title"), profile.ATTACHMENT_TITLE),
    Case(NEW, put("contentAttachment/contentType", "video/mp4"), profile.ATTACHMENT_TYPE),
    Case(NEW, drop("contentAttachment/contentType"), profile.ATTACHMENT_TYPE),
    Case(NEW, put("contentAttachment/data", "iVBORw0KGgo"), profile.ATTACHMENT_DATA),
    Case(NEW, put("contentAttachment/data", "iVBO Rw0#"), profile.ATTACHMENT_DATA),
    Case(NEW, drop("entity[3]"), profile.SOURCE_MISMATCH),
    Case(NEW, drop("payload[3]"), profile.SOURCE_MISMATCH),
    Case(NEW, drop("Provenance/entity"), profile.PROVENANCE_ENTITY, (profile.SOURCE_MISMATCH,)),
    Case(NEW, drop("entity[1]/what/identifier"), profile.PROVENANCE_ENTITY, (profile.SOURCE_MISMATCH,)),
    Case(NEW, add("Provenance", '<entity><role value="removal"/></entity>'), profile.PROVENANCE_ENTITY),
    Case(REPLY, add("Provenance", REVISION * 2), profile.PROVENANCE_ENTITY),
    # Patient.
    Case(NEW, drop("Patient/identifier"), profile.PATIENT_IDENTIFIER),
    Case(NEW, put("Patient/identifier[1]/value", "3113489996"), profile.PATIENT_NUMBER),
    Case(NEW, put("Patient/identifier[2]/value", "2512485AB6"), profile.PATIENT_NUMBER),
    Case(NEW, put("Patient/identifier[3]/value", "2512481AB6"), profile.PATIENT_NUMBER),
    Case(NEW, put("Patient/identifier[1]/system", "urn:other"), profile.PATIENT_SYSTEM),
    Case(NEW, drop("Patient/name/use"), profile.PATIENT_NAME),
    Case(NEW, drop("Patient/name/family"), profile.PATIENT_NAME),
    # Acknowledgement.
    Case(OK, drop("MessageHeader/meta"), profile.HEADER_PROFILE),
    Case(OK, drop("response/identifier"), profile.RESPONSE),
    Case(OK, put("response/code", "AA"), profile.RESPONSE_CODE, (profile.OUTCOME_MISSING,)),
    Case(OK, drop("response/code"), profile.RESPONSE_CODE),
    Case(FATAL, all_of(drop_entry("OperationOutcome"), drop("response/details")), profile.OUTCOME_MISSING),
    Case(FATAL, drop("response/details"), profile.OUTCOME_MISSING),
    Case(OK, only(-1, lambda path: put(path, "new-message"), "activity/coding/code"), message.PROVENANCE_ACTIVITY),
    Case(OK, only(-1, lambda path: put(path, "urn:other"), "activity/coding/system"), message.PROVENANCE_ACTIVITY),
    Case(OK, only(-1, drop, "Provenance/entity"), profile.ACK_REVISION),
    Case(OK, add("Bundle", PROVENANCE), profile.ACK_PROVENANCES),
    Case(OK, put("response/identifier", "other"), profile.ACK_OTHER_REVISION),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule.id)
def test_a_broken_rule_is_found(case: Case, letter: Letter) -> None:
    """One change to a good letter breaks exactly the rules that it must, and the place is FHIRPath."""
    root = safe_xml.parse(letter(case.letter))
    case.change(root)
    findings = validate(bundle_of(root))
    assert {finding.rule.id for finding in findings} == {case.rule.id, *(rule.id for rule in case.also)}
    assert all(finding.location.startswith("Bundle") for finding in findings)


def test_every_rule_has_a_case() -> None:
    """No rule stands in a table without a letter that breaks it."""
    rows = [*message_rules.BASE, *(row for table in TABLES.values() for row in table)]
    assert {row.rule.id for row in rows} == {case.rule.id for case in CASES}
    assert {row.rule.id for row in rows} == {rule.id for rule in (*message.MESSAGE_RULES, *profile.PROFILE_RULES)}


def test_every_rule_has_an_id_of_its_own() -> None:
    """Every rule of the four tables is in the list of all, once, under an id of the bundle's hundred."""
    modules = (errors, message, profile, demand_errors)
    rules = [rule for module in modules for rule in vars(module).values() if isinstance(rule, Rule)]
    assert {rule.id for rule in rules} == {rule.id for rule in errors.BUNDLE_RULES}
    assert len({rule.id for rule in rules}) == len(rules) == len(errors.BUNDLE_RULES)
    assert all(re.fullmatch(r"VS-3\d\d", rule.id) for rule in rules)


def test_findings_never_hold_patient_data(letter: Letter) -> None:
    """Whatever is wrong, neither the patient's names and numbers nor the text stand in a finding."""
    secrets = ("2512489996", "Berggren", "Nancy", "hjemmepleje", "3113489996")
    for case in CASES:
        root = safe_xml.parse(letter(case.letter))
        case.change(root)
        told = " ".join(str(finding) for finding in validate(bundle_of(root)))
        assert not any(secret in told for secret in secrets), case.rule.id
