"""Full validation: all that can be said against a FHIR message, for who asks for a verdict and not for a delivery.

Beside the rules that every message passes on its way (`rules`): the profiles line by line, FHIR's invariants, the
narratives, the chain of Provenances, what governance demands. CareCommunication 4.0 and 3.0 are held to what they share
with 5.0; 2.x to its structure alone.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

from envelope.fhir import (
    care_communication_rules,
    chain_rules,
    demand_errors,
    errors,
    governance_rules,
    invariants,
    message_errors,
    message_rules,
    narratives,
    payload_rules,
    profile_codes,
    profile_errors,
    profile_lines,
    rules,
)
from envelope.fhir.bundle import ACKNOWLEDGEMENT, CARE_COMMUNICATION, Bundle
from envelope.fhir.demands import rows
from envelope.fhir.elements import location
from envelope.fhir.message import Row, message_of
from envelope.findings import Finding, Rule

_EVERY: Final = (
    *rows(*profile_lines.CARDINALITIES),
    *rows(*profile_codes.CODES),
    *rows(*profile_lines.TARGETS),
    *rows(*invariants.INVARIANTS),
    *invariants.ROWS,
    *narratives.ROWS,
)

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
    (CARE_COMMUNICATION, "5"): (
        *_EVERY,
        *rows(*profile_lines.CC_CARDINALITIES),
        *rows(*profile_codes.CC_CODES),
        *rows(*profile_codes.CC_CODINGS),
        *rows(*profile_lines.CC_TARGETS),
        *chain_rules.ROWS,
        *governance_rules.ROWS,
    ),
    (CARE_COMMUNICATION, "4"): (
        *(row for row in _CC_5 if row.rule not in NOT_IN_4),
        *rows(*invariants.INVARIANTS),
        *invariants.ROWS,
        *chain_rules.ROWS,
        *governance_rules.BOTH,
    ),
    (CARE_COMMUNICATION, "3"): (
        *(row for row in _CC_5 if row.rule not in NOT_IN_3),
        *rows(*invariants.INVARIANTS),
        *invariants.ROWS,
    ),
    (ACKNOWLEDGEMENT, "2"): (
        *_EVERY,
        *rows(*profile_lines.ACK_CARDINALITIES),
        *rows(*profile_codes.ACK_CODES),
        *rows(*profile_codes.ACK_CODINGS),
        *governance_rules.BOTH,
        *(row for row in chain_rules.ROWS if row.check is chain_rules.described_twice),
    ),
}
"""Message type and major version, and the rows beyond those of `rules.TABLES`."""

SHARED: Final = frozenset({(CARE_COMMUNICATION, "4"), (CARE_COMMUNICATION, "3")})
"""Those that are held to what they share with 5.0."""


def validate(bundle: Bundle, *, structure: bool = True) -> tuple[Finding, ...]:
    """All findings about a message, errors and warnings.

    Args:
        bundle: as read.
        structure: also what fhir.resources says of FHIR R4B's own structure; without it the rest costs less than that
            alone (3 ms for 20 KB).
    """
    found = list(rules.validate(bundle, structure=structure))
    key = (bundle.type, bundle.version.split(".", 1)[0])
    if key in SHARED:
        found = [finding for finding in found if finding.rule is not errors.STRUCTURE_ONLY]
        found.append(demand_errors.SHARED_ONLY.at("Bundle", message=f"{bundle.type} {bundle.version}"))
    message = message_of(bundle)
    for row in TABLES.get(key, ()):
        for place, step, values in islice(row.check(message), rules.OF_ONE_RULE):
            found.append(row.rule.at(location(place) + step, **values))
    return tuple(found)
