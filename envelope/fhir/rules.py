"""Everything that can be said against a FHIR message, with the place as FHIRPath and never with patient data.

Which rules hold for which type and version is one table. Full rules: CareCommunication 5.x and Acknowledgement 2.0;
CareCommunication 4.0 and 3.0 are held to what they share with 5.0, the others are checked as bundles, as messages, and
in their structure.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from envelope.errors import FURTHER
from envelope.fhir import (
    acknowledgement_rules,
    care_communication_rules,
    errors,
    message_errors,
    message_rules,
    payload_rules,
    profile_errors,
)
from envelope.fhir.bundle import ACKNOWLEDGEMENT, CARE_COMMUNICATION, Bundle
from envelope.fhir.elements import location
from envelope.fhir.json_xml import misfits
from envelope.fhir.message import Message, Row, message_of
from envelope.findings import Finding, Rule

OF_ONE_RULE: Final = 20
"""Places of one rule that are told each; of more than these only how many there are."""

MOST_COUNTED: Final = 10_000
"""Further places that are counted: a bundle of any size is judged in bounded time."""

NOT_IN_4: Final[frozenset[Rule]] = frozenset(
    {
        profile_errors.AUTHOR_ROLE,  # the role was a code always
        profile_errors.CATEGORY_CODE,  # the list of 4.0 had other codes
        profile_errors.DEFINITION,  # another address
        profile_errors.ENCOUNTER,
        profile_errors.SPECIFIC_RECIPIENT,  # of -11 and -12, 4.0 has another expression
        profile_errors.SPECIFIC_SENDER,
    }
)
"""Rules of 5.0 that 4.0 does not have, or has in another form."""

NOT_IN_3: Final[frozenset[Rule]] = NOT_IN_4 | {
    message_errors.PROVENANCE_ACTIVITY,  # retract and modify were there
    message_errors.REFERENCE_MISSING,
    profile_errors.COMMUNICATION_COUNT,
    profile_errors.PAYLOAD_ASSIGNER,
    profile_errors.PAYLOAD_IDENTIFIER,
    profile_errors.PROVENANCE_ENTITY,
    profile_errors.PROVENANCE_PROFILE,
    profile_errors.ROLE_WITHOUT_PRACTITIONER,
    profile_errors.SOURCE_MISMATCH,
    profile_errors.STATUS,
    profile_errors.THREAD_ID,
}
"""Rules of 5.0 that came with 4.0 or later, or of which no source says that 3.0 has them too."""

_CC_5: Final = (*message_rules.ROWS, *care_communication_rules.ROWS, *payload_rules.ROWS)

TABLES: Final[dict[tuple[str, str], tuple[Row, ...]]] = {
    (CARE_COMMUNICATION, "5"): _CC_5,
    (CARE_COMMUNICATION, "4"): tuple(row for row in _CC_5 if row.rule not in NOT_IN_4),
    (CARE_COMMUNICATION, "3"): tuple(row for row in _CC_5 if row.rule not in NOT_IN_3),
    (ACKNOWLEDGEMENT, "2"): (*message_rules.ROWS, *acknowledgement_rules.ROWS),
}
"""Message type and major version, and what they demand beyond what every message must be."""

VERSIONS: Final = {CARE_COMMUNICATION: ("2", "3", "4", "5"), ACKNOWLEDGEMENT: ("2",)}
"""The major versions that are known of those types that have a table."""


def validate(bundle: Bundle, *, profile: bool = True, structure: bool = False) -> tuple[Finding, ...]:
    """All findings about a message, errors and warnings.

    Args:
        bundle: as read.
        profile: also elements that FHIR does not know or has elsewhere, and what MedCom demands of this type and
            version (about 1 ms for a message of 20 KB).
        structure: also what fhir.resources says of FHIR R4B's own structure (3 ms and more; its first use imports the
            library): off where messages pass in numbers.
    """
    found = list(bundle.findings)
    if structure:
        # fhir.resources costs 0.15 s to import; who only passes messages on never pays it.
        from envelope.fhir.structure import structure_findings  # noqa: PLC0415

        found += structure_findings(bundle)
    elif profile and bundle.format == "xml":
        # JSON has been through the same table when it was read.
        found += misfits(bundle.root)
    message = message_of(bundle)
    rows: tuple[Row, ...] = message_rules.BASE
    major = bundle.version.split(".", 1)[0]
    if bundle.type in VERSIONS and major not in VERSIONS[bundle.type]:
        found.append(errors.VERSION_UNKNOWN.at("Bundle", type=bundle.type, version=bundle.version[:20]))
    elif profile:
        rows += TABLES.get((bundle.type, major), ())
        if (bundle.type, major) not in TABLES:
            shown = f"{bundle.type or 'This message'} {bundle.version}".strip()
            found.append(errors.STRUCTURE_ONLY.at("Bundle", message=shown))
    for row in rows:
        found += broken(row, message)
    return tuple(found)


def broken(row: Row, message: Message) -> Iterator[Finding]:
    """Where a message breaks a row: the first places, and how many more there are."""
    places = iter(row.check(message))
    for place, step, values in islice(places, OF_ONE_RULE):
        yield row.rule.at(location(place) + step, **values)
    if more := sum(1 for _ in islice(places, MOST_COUNTED)):
        told = f"{more} or more" if more == MOST_COUNTED else str(more)
        yield FURTHER.at("", rule=row.rule.id, more=told)
