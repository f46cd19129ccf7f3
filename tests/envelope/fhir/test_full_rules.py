"""Narratives, the chain of Provenances, and what governance demands: each rule broken by a message made for it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from envelope import safe_xml
from envelope.fhir import chain_rules, demand_errors, governance_rules, narratives
from envelope.fhir.bundle import bundle_of
from envelope.fhir.full_rules import validate
from envelope.fhir.message import message_of
from envelope.findings import Rule
from tests.envelope.fhir.changes import (
    FORWARD,
    NEW,
    OK,
    REPLY,
    Change,
    Letter,
    add,
    all_of,
    drop,
    only,
    put,
    put_in,
    repeat,
    take,
    text,
    write,
)

NEW_HEADER = "0539f112-0f7a-4b05-a250-987aaaf0c95a"
PNG = "iVBORw0KGgo=" * 20


class Case(NamedTuple):
    """A change to a message, the rule that it breaks, and words of what is told."""

    letter: str
    change: Change
    rule: Rule
    words: str


OWN = "//f:Provenance[f:activity/f:coding/f:code/@value='{}-message']"
REPLIED = OWN.format("reply")
FORWARDED = OWN.format("forward")
FIRST = OWN.format("new")
BEFORE = "f:entity[f:role/@value='revision']"
SOURCE = '<entity><role value="source"/><what><identifier><value value="urn:uuid:x"/></identifier></what></entity>'
REPLY_HEADER = "51c8821f-9fcb-4aaa-a9b0-72f9410e9f55"
REVISION = '<entity><role value="revision"/><what><reference value="MessageHeader/a"/></what></entity>'
LPR3 = "https://www.esundhed.dk/Registre/Landspatientregisteret"
MARITAL = '<system value="http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"/>'
DIV = "//f:Patient/f:text/h:div"

CASES = (
    # Narratives.
    Case(NEW, drop("Patient/text"), demand_errors.NARRATIVE_MISSING, "The Patient has no narrative:"),
    Case(NEW, drop("Patient/text/div"), demand_errors.NARRATIVE_MISSING, "a narrative without div:"),
    Case(NEW, put("Patient/text/status", "empty"), demand_errors.NARRATIVE_MISSING, "of the status empty:"),
    Case(NEW, put("Patient/text/status", "Nancy"), demand_errors.NARRATIVE_MISSING, "of the status unknown:"),
    Case(NEW, drop("Patient/text/status"), demand_errors.NARRATIVE_MISSING, "of the status unknown:"),
    Case(NEW, text(DIV, "x"), demand_errors.NARRATIVE_INCOMPLETE, "show id, identifier, name.family, name.given, addr"),
    Case(OK, text("//f:MessageHeader/f:text/h:div", "x"), demand_errors.NARRATIVE_INCOMPLETE, "sender, source"),
    Case(NEW, text(DIV, PNG.replace("=", "a")), demand_errors.NARRATIVE_DATA, "The narrative of the Patient"),
    Case(NEW, text(DIV, "data:image/png;base64,iVBO"), demand_errors.NARRATIVE_DATA, "The narrative of the Patient"),
    # The chain.
    Case(
        REPLY,
        all_of(write(f"{REPLIED}/f:activity/f:coding/f:code", "new-message"), take(f"{FIRST}/f:entity[1]")),
        demand_errors.CHAIN,
        "The message is new, but has 2 Provenances",
    ),
    Case(NEW, put_in(FIRST, REVISION), demand_errors.CHAIN, "is of a new message and names one before it"),
    Case(REPLY, take(f"{REPLIED}/{BEFORE}"), demand_errors.CHAIN, "the activity reply-message"),
    Case(FORWARD, take(f"{FORWARDED}/{BEFORE}"), demand_errors.CHAIN, "forward-message and no"),
    Case(REPLY, take(f"//{BEFORE}/f:what/*"), demand_errors.GUIDE_DOUBT, "neither reference"),
    Case(
        REPLY,
        put_in(f"//{BEFORE}/f:what", '<identifier><value value="5790000120315#B1"/></identifier>'),
        demand_errors.GUIDE_DOUBT,
        "not [location number]#[letter id]",
    ),
    Case(
        REPLY,
        write(f"//{BEFORE}/f:what/f:reference", "Patient/a"),
        demand_errors.CHAIN,
        "refers to no MessageHeader",
    ),
    Case(
        REPLY,
        write(
            f"//{BEFORE}/f:what/f:reference",
            f"MessageHeader/{REPLY_HEADER}",
        ),
        demand_errors.CHAIN,
        "is the message that the Provenance is of",
    ),
    Case(REPLY, take(f"//f:entry[.{FIRST}]"), demand_errors.CHAIN, "The Provenance of the message before is not"),
    Case(
        REPLY,
        write(f"{REPLIED}/f:target/f:reference", f"MessageHeader/{NEW_HEADER}"),
        demand_errors.IDENTIFIER_TWICE,
        "The MessageHeader that a Provenance is of",
    ),
    Case(
        REPLY,
        all_of(
            take("//f:payload[last()]"),
            take(f"{REPLIED}/f:entity[f:role/@value='source']"),
            put_in(REPLIED, SOURCE),
        ),
        demand_errors.CHAIN,
        "adds no text of its own",
    ),
    Case(
        REPLY,
        put_in("//f:payload/f:contentAttachment", '<data value="iVBORw0KGgo="/>'),
        demand_errors.CHAIN,
        "in the reply with its data",
    ),
    Case(
        REPLY,
        put_in("//f:payload/f:contentAttachment", '<url value="https://example.invalid/"/>'),
        demand_errors.CHAIN,
        "in the reply with its url",
    ),
    Case(NEW, take("//f:contentAttachment/f:data"), demand_errors.GUIDE_DOUBT, "neither data nor url"),
    Case(FORWARD, take("//f:contentAttachment/f:data"), demand_errors.GUIDE_DOUBT, "neither data nor url"),
    Case(NEW, repeat("Provenance/entity"), demand_errors.GUIDE_DOUBT, "stands as source in two Provenances"),
    Case(
        NEW,
        write(f"{FIRST}/f:agent/f:who/f:reference", "Organization/f087da18-56a5-42ec-a3a7-16662820515a"),
        demand_errors.GUIDE_DOUBT,
        "another organisation than MessageHeader.sender",
    ),
    # Governance.
    Case(
        NEW,
        put("Communication/identifier/value", "urn:uuid:0539f112-0f7a-4b05-a250-987aaaf0c95abc"),
        demand_errors.GUIDE_DOUBT,
        "more than urn:uuid: and a UUID",
    ),
    Case(
        NEW,
        put("payload[1]/extension/valueIdentifier/value", "urn:uuid:0539f112-0f7a-4b05-a250-987aaaf0c95abc"),
        demand_errors.GUIDE_DOUBT,
        "more than urn:uuid: and a UUID",
    ),
    Case(NEW, repeat("payload"), demand_errors.IDENTIFIER_TWICE, "The identifier of a payload, a payload,"),
    Case(
        NEW,
        all_of(
            put("Communication/identifier/value", "urn:uuid:0539f112-0f7a-4b05-a250-987aaaf0c95b"),
            put("payload[1]/extension/valueIdentifier/value", "urn:uuid:0539f112-0f7a-4b05-a250-987aaaf0c95b"),
        ),
        demand_errors.IDENTIFIER_TWICE,
        "also the thread's",
    ),
    Case(
        NEW,
        put_in("//f:contentAttachment", '<creation value="2026-03-02T09:15:00"/>'),
        demand_errors.TIME_ZONE,
        "Bundle.entry.resource.payload.content.creation has a time",
    ),
    Case(
        NEW,
        put_in("//f:Patient", '<deceasedDateTime value="2026-03-02T09:15:00"/>'),
        demand_errors.TIME_ZONE,
        "Bundle.entry.resource.deceased has a time",
    ),
    Case(
        NEW,
        all_of(put("episodeOfCare/identifier/system", LPR3)),
        demand_errors.LPR3_FORM,
        "not urn:uuid: and a UUID of version 5",
    ),
    Case(
        FORWARD,
        only(-1, drop, "Organization/identifier[2]"),
        demand_errors.CARDINALITY,
        "Organization.identifier:SOR-ID stands 0 times; medcom-core-organization allows 1..1.",
    ),
    Case(
        NEW,
        all_of(
            write(f"{FIRST}/f:agent/f:who/f:reference", "Organization/lone"),
            add(
                "Bundle",
                '<entry><resource><Organization><id value="lone"/><identifier><system value="urn:oid:1.2.208.176.1.1"/>'
                '<value value="325251000016005"/></identifier></Organization></resource></entry>',
            ),
        ),
        demand_errors.CARDINALITY,
        "Organization.identifier:EAN-ID stands 0 times; medcom-messaging-organization allows 1..1.",
    ),
    Case(REPLY, only(0, drop, "Practitioner/name"), demand_errors.GUIDE_DOUBT, "A Practitioner has no name: the text"),
    Case(
        REPLY,
        only(0, drop, "PractitionerRole/practitioner"),
        demand_errors.GUIDE_DOUBT,
        "A PractitionerRole refers to no Practitioner: the text",
    ),
    Case(
        NEW,
        add(
            "Patient",
            f'<maritalStatus><coding>{MARITAL}<code value="A"/></coding><coding>{MARITAL}<code value="P"/></coding>'
            "</maritalStatus>",
        ),
        demand_errors.CODE_DOUBT,
        "(marital-status-unknown-usage)",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule.id}-{case.words[:30]}")
def test_a_broken_rule_is_told(case: Case, letter: Letter) -> None:
    """A change to a good message makes full validation tell the rule that it breaks, at a FHIRPath."""
    root = safe_xml.parse(letter(case.letter))
    case.change(root)
    findings = [item for item in validate(bundle_of(root), structure=False) if item.rule.id == case.rule.id]
    assert any(case.words in finding.text for finding in findings), [str(item) for item in findings]
    assert all(finding.location.startswith("Bundle") for finding in findings)


def test_every_row_has_a_case(letter: Letter) -> None:
    """No row of narratives, chain and governance is without a message that breaks it."""
    rows = {row.check: row for row in (*narratives.ROWS, *chain_rules.ROWS, *governance_rules.ROWS)}
    for case in CASES:
        root = safe_xml.parse(letter(case.letter))
        case.change(root)
        broken = [check for check in rows if list(check(message_of(bundle_of(root))))]
        for check in broken:
            del rows[check]
    # txt-1 and txt-2 have tests of their own.
    assert [row.check.__name__ for row in rows.values()] == ["html"]


def test_findings_never_hold_patient_data(letter: Letter) -> None:
    """Whatever is wrong, neither the patient's names and numbers nor the text stand in a finding."""
    secrets = ("2512489996", "Berggren", "Nancy", "hjemmepleje")
    for case in CASES:
        root = safe_xml.parse(letter(case.letter))
        case.change(root)
        told = " ".join(str(finding) for finding in validate(bundle_of(root), structure=False))
        assert not any(secret in told for secret in secrets), case.rule.id
