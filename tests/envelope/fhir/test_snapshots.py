"""MedCom's published snapshots, walked line by line: each demand has a rule here, or a reason why it has none."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import pytest

from envelope.fhir import demand_errors as demand
from envelope.fhir import errors as reading
from envelope.fhir import message_errors as message
from envelope.fhir import profile_errors as profile
from envelope.fhir.narratives import MARKED
from envelope.findings import Rule

pytestmark = pytest.mark.reference

GUIDES: Final = ("carecommunication-5.0.2", "acknowledgement-2.0.3", "core-3.0.1", "messaging-4.0.2")
ELSEWHERE: Final = ("diagnosticreport", "media", "observation", "producer-organization", "requesterorganization")
"""Profiles of the guides that neither message refers to."""

CHOSEN: Final = "an element is recognised by this very value, so that another value makes it another element"
NOT_PUBLISHED: Final = "the list or the system is dk-core's, which is not among the published guides at hand"
NOT_ALLOWED: Final = "the element as a whole is not allowed"

DEMANDS: Final[tuple[tuple[str, Rule | str], ...]] = (
    # Every resource.
    ("*.text.status codes", demand.NARRATIVE_MISSING),
    # Bundle.
    ("Bundle.id min", message.BUNDLE_ID),
    ("Bundle.type *", message.BUNDLE_TYPE),
    ("Bundle.timestamp min", message.TIMESTAMP),
    ("Bundle.entry.resource min", demand.INVARIANT),
    ("Bundle.entry.search.mode codes", demand.INVARIANT),
    ("Bundle.entry.request.method codes", demand.INVARIANT),
    # MessageHeader.
    ("MessageHeader.id min", message.BUNDLE_ID),
    ("MessageHeader.event*", message.EVENT),
    ("MessageHeader.destination:primary.receiver min", message.REFERENCE_MISSING),
    ("MessageHeader.destination:primary.receiver target", message.REFERENCE_TYPE),
    ("MessageHeader.destination:primary.extension:use max", demand.CARDINALITY),
    ("MessageHeader.destination.extension:use max", demand.CARDINALITY),
    ("MessageHeader.destination*.extension:use.extension max", demand.INVARIANT),
    ("MessageHeader.destination:cc max", message.DESTINATION_OTHER),
    ("MessageHeader.destination:cc.*", NOT_ALLOWED),
    ("MessageHeader.destination*.extension:use.url value", CHOSEN),
    ("MessageHeader.destination*.system *", message.DESTINATION_OTHER),
    ("MessageHeader.destination closed", message.DESTINATION_OTHER),
    ("MessageHeader.destination*", message.DESTINATION),
    ("MessageHeader.sender min", message.REFERENCE_MISSING),
    ("MessageHeader.sender target", message.REFERENCE_TYPE),
    ("MessageHeader.focus min", message.REFERENCE_MISSING),
    ("MessageHeader.focus max", demand.CARDINALITY),
    ("MessageHeader.focus target", message.REFERENCE_TYPE),
    ("MessageHeader.definition min", profile.DEFINITION),
    ("MessageHeader.response min", profile.RESPONSE),
    ("MessageHeader.response.code codes", profile.RESPONSE_CODE),
    ("MessageHeader.response.details target", message.REFERENCE_TYPE),
    # Communication.
    ("Communication.extension:sender max", demand.CARDINALITY),
    ("Communication.identifier.use codes", demand.CODE),
    ("Communication.identifier*", profile.THREAD_ID),
    ("Communication.status *", profile.STATUS),
    ("Communication.category codes", profile.CATEGORY_CODE),
    ("Communication.category*", profile.CATEGORY),
    ("Communication.priority codes", profile.PRIORITY_CODE),
    ("Communication.subject min", message.REFERENCE_MISSING),
    ("Communication.topic.text min", profile.TOPIC),
    ("Communication.recipient max", demand.CARDINALITY),
    ("Communication.* target", message.REFERENCE_TYPE),
    ("Communication.payload min", profile.NO_TEXT),
    ("Communication.payload:string min", profile.NO_TEXT),
    ("Communication.payload*.extension* max", demand.CARDINALITY),
    ("Communication.payload*.extension* min", profile.PAYLOAD_EXTENSION),
    ("Communication.payload:attachment.content[[]x].contentType codes", profile.ATTACHMENT_TYPE),
    ("Communication.payload:attachment.content[[]x].title min", profile.ATTACHMENT_TITLE),
    # The extensions of a payload.
    ("*-extension.extension max", demand.INVARIANT),
    ("*Extension.extension max", demand.INVARIANT),
    ("*-extension.url value", CHOSEN),
    ("*Extension.url value", CHOSEN),
    ("medcom-messaging-destinationUseExtension.*", message.DESTINATION_OTHER),
    ("medcom-core-contact-extension.* codes", demand.CODE),
    ("medcom-core-contact-extension.*", profile.PAYLOAD_CONTACT),
    ("medcom-core-datetime-extension.*", profile.PAYLOAD_DATE),
    ("medcom-core-identifier-extension.*", profile.PAYLOAD_IDENTIFIER),
    ("medcom-core-practitioner-extension.* target", message.REFERENCE_TYPE),
    ("medcom-core-practitioner-extension.*", demand.CARDINALITY),
    ("medcom-core-sender-extension.* target", message.REFERENCE_TYPE),
    ("medcom-assigned-identifier.use codes", demand.CODE),
    ("medcom-assigned-identifier.value min", profile.PAYLOAD_IDENTIFIER),
    ("medcom-assigned-identifier.assigner *", profile.PAYLOAD_ASSIGNER),
    ("medcom-messaging-contactpoint.* codes", demand.CODE),
    # Provenance.
    ("Provenance.target max", message.PROVENANCE_TARGET),
    ("Provenance.target target", message.PROVENANCE_TARGET),
    ("Provenance.occurred*", message.PROVENANCE_TIME),
    ("Provenance.activity*", message.PROVENANCE_ACTIVITY),
    ("Provenance.agent.who target", message.REFERENCE_TYPE),
    ("Provenance.entity*", profile.PROVENANCE_ENTITY),
    # OperationOutcome.
    ("OperationOutcome.issue.details.coding codes", demand.CODE_DOUBT),
    ("OperationOutcome.issue.* codes", demand.CODE),
    # CareTeam, Encounter.
    ("CareTeam.status codes", demand.CODE),
    ("CareTeam.* min", demand.CARDINALITY),
    ("CareTeam.* max", demand.CARDINALITY),
    ("CareTeam.managingOrganization target", message.REFERENCE_TYPE),
    ("Encounter.* codes", demand.CODE),
    ("Encounter.* target", message.REFERENCE_TYPE),
    ("Encounter.episodeOfCare:lpr3identifier.identifier min", CHOSEN),
    ("Encounter.*", demand.CARDINALITY),
    ("lpr3-Identifier.use codes", "of an episodeOfCare's identifier no rule looks at the use"),
    ("lpr3-Identifier.system *", CHOSEN),
    ("lpr3-Identifier.value min", demand.LPR3_FORM),
    # Organization.
    ("Organization.identifier min", message.SOR_MISSING),
    ("Organization.identifier:EAN-ID min", message.GLN_MISSING),
    ("Organization.identifier:SOR-ID min", message.SOR_MISSING),
    ("Organization.identifier:*.system *", CHOSEN),
    ("Organization.identifier:Kommunekode.value codes", NOT_PUBLISHED),
    ("Organization.identifier:ProducentID max", NOT_PUBLISHED),
    ("Organization.identifier:*.use codes", demand.CODE),
    ("Organization.identifier:*", demand.CARDINALITY),
    # Patient, Practitioner, PractitionerRole.
    ("Patient.identifier min", profile.PATIENT_IDENTIFIER),
    ("Patient.identifier:* max", demand.CARDINALITY),
    ("Patient.name:official max", demand.CARDINALITY),
    ("Patient.name:official.use *", CHOSEN),
    ("Patient.name*", profile.PATIENT_NAME),
    ("Patient.address.extension:* max", demand.CARDINALITY),
    ("Patient.managingOrganization target", message.REFERENCE_TYPE),
    ("Patient.* codes", demand.CODE),
    ("Practitioner.gender codes", demand.CODE),
    ("Practitioner.qualification:officialHealthAuthorization max", NOT_PUBLISHED),
    ("PractitionerRole.availableTime.daysOfWeek codes", demand.CODE),
    ("PractitionerRole.* target", message.REFERENCE_TYPE),
)
"""Element and kind of demand (as a pattern, the first that fits), and its rule or the reason why it has none."""

STRICTER: Final = "another rule of the profile is stricter"
INVARIANTS: Final[dict[str, Rule | str]] = {
    "bdl-1": demand.INVARIANT,
    "bdl-2": demand.INVARIANT,
    "bdl-3": demand.INVARIANT,
    "bdl-4": demand.INVARIANT,
    "bdl-5": demand.INVARIANT,
    "bdl-7": demand.INVARIANT,
    "bdl-8": demand.INVARIANT,
    "bdl-9": "of documents, not of messages",
    "bdl-10": "of documents, not of messages",
    "bdl-11": "of documents, not of messages",
    "bdl-12": message.HEADER_FIRST,
    "cpt-2": demand.INVARIANT,
    "ctm-1": demand.INVARIANT,
    "dom-2": demand.INVARIANT,
    "dom-3": demand.INVARIANT,
    "dom-4": demand.INVARIANT,
    "dom-5": demand.INVARIANT,
    "dom-6": demand.NARRATIVE_MISSING,
    "ele-1": reading.EMPTY,
    "ext-1": demand.INVARIANT,
    "org-1": STRICTER + ": an Organization has identifiers (VS-351, VS-356)",
    "org-2": demand.INVARIANT,
    "org-3": demand.INVARIANT,
    "pat-1": demand.INVARIANT,
    "txt-1": demand.INVARIANT,
    "txt-2": demand.INVARIANT,
    "dk-core-organization-mandatory-identifier": message.ORGANIZATION_UNNAMED,
    "marital-status-unknown-usage": demand.CODE_DOUBT,
    "medcom-acknowledgement-1": profile.OUTCOME_MISSING,
    "medcom-acknowledgement-2": profile.HEADER_PROFILE,
    "medcom-careCommunication-1": profile.HEADER_PROFILE,
    "medcom-careCommunication-2": profile.PATIENT_COUNT,
    "medcom-careCommunication-3": profile.PROVENANCE_PROFILE,
    "medcom-careCommunication-4": profile.PRACTITIONER_NAME,
    "medcom-careCommunication-5": profile.PRIORITY,
    "medcom-careCommunication-6": profile.TOPIC,
    "medcom-careCommunication-7": profile.AUTHOR_ROLE,
    "medcom-careCommunication-8": profile.AUTHOR_NAME,
    "medcom-careCommunication-9": profile.EPISODE_OF_CARE,
    "medcom-careCommunication-10": "taken out in 4.0",
    "medcom-careCommunication-11": profile.SPECIFIC_SENDER,
    "medcom-careCommunication-12": profile.SPECIFIC_RECIPIENT,
    "medcom-careCommunication-13": profile.ROLE_WITHOUT_PRACTITIONER,
    "medcom-careCommunication-14": demand.GUIDE_DOUBT,
    "medcom-careCommunication-15": profile.ENCOUNTER,
    "medcom-carecommunication-definition-url": profile.DEFINITION,
    "medcom-core-contact": profile.PAYLOAD_CONTACT,
    "medcom-core-practitionerrole-code-xor-text": "of core 4.0.0; CareCommunication 5.0 stands on 3.0.1",
    "medcom-messaging-1": "conformsTo an address that no published profile has; each line of the header has its rule",
    "medcom-messaging-2": message.NO_PROVENANCE,
    "medcom-messaging-3": "conformsTo an address that no published profile has; each line of a Provenance has its rule",
    "medcom-uuidv4": profile.THREAD_ID,
    "uuidv5": demand.LPR3_FORM,
    "gln-length": message.GLN_FORM,
    "gln-modulus-10": message.GLN_CHECK_DIGIT,
    "min-digits-sor": message.SOR_FORM,
    "cpr": profile.PATIENT_NUMBER,
    "x-ecpr": profile.PATIENT_NUMBER,
    "d-ecpr": profile.PATIENT_NUMBER,
}
"""Every invariant of the snapshots and of the guides' source, and its rule or why it has none."""

LOOSE: Final = (
    "*.type extensible",
    "Encounter.classHistory.class extensible",
    "Organization.contact.purpose extensible",
    "Patient.contact.relationship extensible",
    "Patient.maritalStatus extensible",
    "Practitioner.qualification:officialHealthAuthorization.code extensible",
    "PractitionerRole.code example",
    "Provenance.reason extensible",
)
"""Lists that are no error."""

ENGINE: Final = {"bdl-12", "ele-1", "dom-6"}
"""Ids whose rule names them otherwise than by its text alone."""

UNPUBLISHED_IDS: Final = {"medcom-careCommunication-14"}


def snapshots(reference: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The profiles of both messages, with their names."""
    for guide in GUIDES:
        with tarfile.open(reference / "reference" / "packages" / f"{guide}.tgz") as package:
            for member in package.getmembers():
                name = member.name.removeprefix("package/")
                if name.startswith("StructureDefinition-") and not any(part in name for part in ELSEWHERE):
                    file = package.extractfile(member)
                    assert file is not None
                    found = json.load(file)
                    yield found["id"], found


def demands(name: str, snapshot: dict[str, Any]) -> Iterator[str]:
    """What a profile demands beyond FHIR itself: element and kind of demand."""
    of_type = snapshot["type"]
    for element in snapshot["snapshot"]["element"]:
        path = element["id"]
        if of_type in {"Extension", "Identifier", "ContactPoint"}:
            path = name + path.removeprefix(of_type)
        fhir = element.get("base", element)
        if element["min"] > fhir["min"]:
            yield f"{path} min"
        if element["max"] != fhir["max"]:
            yield f"{path} max"
        if any(key.startswith(("fixed", "pattern")) for key in element):
            yield f"{path} value"
        if element.get("slicing", {}).get("rules") == "closed":
            yield f"{path} closed"
        if element.get("binding", {}).get("strength") == "required":
            yield f"{path} codes"
        if any("medcom" in target for kind in element.get("type", ()) for target in kind.get("targetProfile", ())):
            yield f"{path} target"


def test_every_demand_of_the_snapshots_has_a_rule_or_a_reason(reference: Path) -> None:
    """Each cardinality, fixed value, list, closed slicing and reference type of the profiles is accounted for."""
    found = {line for name, snapshot in snapshots(reference) for line in demands(name, snapshot)}
    assert len(found) > 200
    unaccounted = [line for line in found if not any(fnmatchcase(line, pattern) for pattern, _ in DEMANDS)]
    assert sorted(unaccounted) == []
    first = {next(index for index, (pattern, _) in enumerate(DEMANDS) if fnmatchcase(line, pattern)) for line in found}
    idle = [pattern for index, (pattern, _) in enumerate(DEMANDS) if index not in first]
    assert idle == []


def test_lists_that_do_not_bind_are_known(reference: Path) -> None:
    """Of the lists that are extensible or examples and MedCom's or dk-core's own, each is known, and no error.

    Extensible lists allow another code where none fits, which nobody but a reader can judge. Likewise mustSupport binds
    systems (what they must be able to send and show), never a single message.
    """
    loose = {
        f"{element['id']} {binding['strength']}"
        for _, snapshot in snapshots(reference)
        for element in snapshot["snapshot"]["element"]
        if (binding := element.get("binding")) and binding["strength"] != "required"
        if binding["strength"] == "extensible" or "medcom" in binding.get("valueSet", "")
    }
    assert sorted(line for line in loose if not any(fnmatchcase(line, known) for known in LOOSE)) == []


def test_every_published_invariant_has_a_rule_or_a_reason(reference: Path) -> None:
    """Each constraint of the snapshots is named with its rule; no id is made up."""
    published = {
        constraint["key"]
        for _, snapshot in snapshots(reference)
        for element in snapshot["snapshot"]["element"]
        for constraint in element.get("constraint", ())
    }
    assert sorted(published - set(INVARIANTS)) == []
    page = (reference / "reference" / "fhir.md").read_text(encoding="utf-8")
    harvested = {row[0] for row in json.loads((reference / "reference" / "invariants.json").read_text())}
    # The page shortens the ids of one table to their number.
    known = published | harvested | {f"medcom-careCommunication-{number}" for number in range(1, 16)}
    assert sorted(name for name in INVARIANTS if name not in known and name not in page) == []


def test_every_rule_of_an_invariant_names_it() -> None:
    """The published id stands in the text or the source of its rule, or is filled in where the rule serves several."""
    for name, rule in INVARIANTS.items():
        if isinstance(rule, Rule) and name not in ENGINE | UNPUBLISHED_IDS:
            generic = "{invariant}" in rule.text or "{why}" in rule.text
            number = name.rsplit("-", 1)[-1]
            assert generic or name in rule.text + rule.source or f"-{number}" in rule.source, name


def test_what_narratives_must_show_is_what_the_snapshots_mark(reference: Path) -> None:
    """The elements with the obligation SHALL:in-narrative are those of the table, resource by resource."""
    marked: dict[str, set[str]] = {}
    for _, snapshot in snapshots(reference):
        for element in snapshot["snapshot"]["element"]:
            kind, _, path = element["id"].partition(".")
            if "SHALL:in-narrative" in json.dumps(element.get("extension", ())):
                marked.setdefault(kind, set()).add(plain(path))
    assert marked.pop("Extension") == {"value.code"}  # of destinationUse, in the MessageHeader's table
    named = {"Practitioner": {"name.given": "name", "name.family": "name", "name.text": "name"}}
    for kind, paths in marked.items():
        ours = {named.get(kind, {}).get(name, name) for name, _ in MARKED[kind]}
        assert {plain(name) for name in ours} >= paths, kind
    assert set(MARKED) == {*marked, "OperationOutcome"}


def plain(path: str) -> str:
    """An element's path without slices of payloads, names, destinations and the rest that all have the same name."""
    for slice_ in (":string", ":attachment", ":official", ":primary", ":cc", ":preceedingMessage", ":payload", "[x]"):
        path = path.replace(slice_, "")
    for slice_ in (":occurredDateTime", ":lpr3identifier", ":cpr", ":x-ecpr", ":d-ecpr"):
        path = path.replace(slice_, "")
    return path.replace("extension:use.value.code", "extension:use")
