"""Full validation: all that can be said against a FHIR message, for who asks for a verdict and not for a delivery.

Beside the rules that every message passes on its way (`rules`): the profiles line by line, FHIR's invariants, the
narratives, the chain of Provenances, what governance demands. CareCommunication 4.0 and 3.0 are held to what they share
with 5.0; 2.x to its structure alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from envelope.fhir import (
    chain_rules,
    demand_errors,
    governance_rules,
    invariants,
    narratives,
    profile_codes,
    profile_lines,
    rules,
)
from envelope.fhir.bundle import ACKNOWLEDGEMENT, CARE_COMMUNICATION, Bundle
from envelope.fhir.demands import rows
from envelope.fhir.message import Row, message_of
from envelope.findings import Finding, Severity

_EVERY: Final = (
    *rows(*profile_lines.CARDINALITIES),
    *rows(*profile_codes.CODES),
    *rows(*profile_lines.TARGETS),
    *rows(*invariants.INVARIANTS),
    *invariants.ROWS,
    *narratives.ROWS,
)

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
        *rows(*invariants.INVARIANTS),
        *invariants.ROWS,
        *chain_rules.ROWS,
        *governance_rules.BOTH,
    ),
    (CARE_COMMUNICATION, "3"): (
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

_NOT_ASKED: Final = frozenset({*chain_rules.ROWS, *governance_rules.ROWS, *governance_rules.BOTH})

ERRORS: Final[dict[tuple[str, str], tuple[Row, ...]]] = {
    key: tuple(row for row in table if row.rule.severity is Severity.ERROR and row not in _NOT_ASKED)
    for key, table in TABLES.items()
}
"""The rows for which a message is not converted: errors against profiles and FHIR.

Not those against the chain of Provenances and governance: the conversion reads the message's own Provenance alone,
tells attachments of one name apart, and does not ask on which Provenance one hangs (MedCom conversion service use cases
3.1.0, S2.A2). They are its receiver's to refuse.
"""

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
        found.append(demand_errors.SHARED_ONLY.at("Bundle", message=f"{bundle.type} {bundle.version}"))
    found += _broken(bundle, TABLES.get(key, ()))
    return tuple(found)


def errors(bundle: Bundle) -> tuple[Finding, ...]:
    """The errors of `ERRORS`: what a conversion asks of a message that has passed the rules of every message.

    They cost a third of what all rows cost.
    """
    return tuple(_broken(bundle, ERRORS.get((bundle.type, bundle.version.split(".", 1)[0]), ())))


def _broken(bundle: Bundle, table: tuple[Row, ...]) -> Iterator[Finding]:
    message = message_of(bundle)
    for row in table:
        yield from rules.broken(row, message)
