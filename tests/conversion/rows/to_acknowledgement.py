"""One case or more for each carried row of XCTL to Acknowledgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conversion import Settings, convert
from envelope.findings import Refused
from tests.conversion.receipts import EARLIER, HEADER, LETTER, NEW, TO_ACKNOWLEDGEMENT
from tests.conversion.rows.case import Case

POSITIVE = "receipt-positive.xml"
NEGATIVE = "receipt-negative.xml"

_SENDER = f"//f:Organization[f:id/@value = '{NEW.uuid('Organization/sender')}']"
_RECEIVER = f"//f:Organization[f:id/@value = '{NEW.uuid('Organization/receiver')}']"
_OWN = f"//f:Provenance[f:id/@value = '{NEW.uuid('Provenance')}']"
_COPIED = f"//f:Provenance[f:id/@value != '{NEW.uuid('Provenance')}']"
_GLN = "f:identifier[f:system/@value = 'https://www.gs1.org/gln']/f:value/@value"
_SOR = "f:identifier[f:system/@value = 'urn:oid:1.2.208.176.1.1']/f:value/@value"
_MEDCOM_ERRORS = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-acknowledgement-error-codes"
_TRANSIENT = replace(TO_ACKNOWLEDGEMENT, settings=Settings(negative_code="transient-error"))


@dataclass(frozen=True)
class Refusal(Case):
    """A row that refuses: what is expected are the ids of the rules."""

    def found(self) -> list[str]:
        """The ids of the rules by which the receipt is refused; nothing where it is not."""
        try:
            convert([self.source()], self.facts, self.to, profile=False)
        except Refused as refused:
            return [finding.rule.id for finding in refused.findings]
        return []


def _case(row: str, find: str, expected: Sequence[str], letter: str = POSITIVE) -> Case:
    return Case(row, letter, "Acknowledgement", find, expected, facts=TO_ACKNOWLEDGEMENT)


def _refusal(row: str, rule: str, letter: str, *replacing: tuple[str, str]) -> Case:
    return Refusal(row, letter, "Acknowledgement", "//f:none", [rule], replacing, TO_ACKNOWLEDGEMENT)


CASES: tuple[Case, ...] = (
    # Envelope
    _case("RA-sent-date", "/f:Bundle/f:timestamp/@value", ["2026-06-03T23:15:00+02:00"]),
    _case("RA-sent-time", "/f:Bundle/f:timestamp/@value", ["2026-06-03T23:15:00+02:00"]),
    Case(
        "RA-sent-date",
        POSITIVE,
        "Acknowledgement",
        "/f:Bundle/f:timestamp/@value",
        ["2026-12-03T23:15:00+01:00"],
        (("2026-06-03", "2026-12-03"),),
        TO_ACKNOWLEDGEMENT,
    ),
    _case("RA-envelope-identifier", "/f:Bundle/f:id/@value", [NEW.uuid("Bundle")]),
    _case("RA-bundle-type", "/f:Bundle/f:type/@value", ["message"]),
    # Letter
    _case("RA-response-code", "//f:response/f:code/@value", ["ok"]),
    _case("RA-response-code", "//f:response/f:code/@value", ["fatal-error"], NEGATIVE),
    Case(
        "RA-response-code",
        NEGATIVE,
        "Acknowledgement",
        "//f:response/f:code/@value",
        ["transient-error"],
        facts=_TRANSIENT,
    ),
    _refusal("RA-xctl01", "VS-542", "receipt-vans.xml"),
    _case("RA-letter-identifier", "//f:MessageHeader/f:id/@value", [NEW.uuid("MessageHeader")]),
    _case("RA-event-code", "//f:eventCoding/f:code/@value", ["acknowledgement-message"]),
    # Parties
    _case("RA-sender-gln", f"{_SENDER}/{_GLN}", ["5790000121441"]),
    _case("RA-receiver-gln", f"{_RECEIVER}/{_GLN}", ["5790001382445"]),
    _case("RA-sender-sor", f"{_SENDER}/{_SOR}", ["328051000016008"]),
    _case("RA-receiver-sor", f"{_RECEIVER}/{_SOR}", ["359001000016000"]),
    _case("RA-sender-name", f"{_SENDER}/f:name/@value", ["Testby Kommune"]),
    _case("RA-receiver-name", f"{_RECEIVER}/f:name/@value", ["Testsygehuset"]),
    _case("RA-destination-use", "//f:destination/f:extension/f:valueCoding/f:code/@value", ["primary"]),
    _case(
        "RA-destination-endpoint",
        "//f:destination/f:endpoint/@value",
        ["https://sor2.sum.dsdn.dk/#id=359001000016000"],
    ),
    _case(
        "RA-source-endpoint",
        "//f:source/f:endpoint/@value",
        ["https://sor2.sum.dsdn.dk/#id=328051000016008"],
    ),
    # The message that is answered
    _refusal("RA-original-envelope-identifier", "VS-541", POSITIVE, (LETTER.envelope_id, "SOMETHINGELSE0")),
    _refusal("RA-original-letter-other", "VS-541", POSITIVE, (LETTER.letter_id, "SOMETHINGELSE0")),
    _case(
        "RA-original-sender",
        f"{_COPIED}/f:agent/f:who/f:reference/@value",
        [f"Organization/{NEW.uuid('Organization/receiver')}"],
    ),
    _case(
        "RA-original-receiver",
        f"{_OWN}/f:agent/f:who/f:reference/@value",
        [f"Organization/{NEW.uuid('Organization/sender')}"],
    ),
    _case("RA-original-letter-identifier-positive", "//f:response/f:identifier/@value", [HEADER]),
    _case("RA-original-letter-identifier-negative", "//f:response/f:identifier/@value", [HEADER], NEGATIVE),
    # Why not
    _case(
        "RA-response-details",
        "//f:response/f:details/f:reference/@value",
        [f"OperationOutcome/{NEW.uuid('OperationOutcome')}"],
        NEGATIVE,
    ),
    _case(
        "RA-refuse-envelope",
        "//f:issue[1]/f:details/f:coding/f:code/@value",
        ["MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE"],
        NEGATIVE,
    ),
    _case(
        "RA-refuse-letter",
        "//f:issue[2]/f:details/f:coding/f:code/@value",
        ["MSG_Receiver_Identifier_UNKNOWN"],
        NEGATIVE,
    ),
    _case("RA-refuse-code", "//f:issue/f:code/@value", ["not-supported", "business-rule"], NEGATIVE),
    _case("RA-severity", "//f:issue/f:severity/@value", ["error", "error"], NEGATIVE),
    _case(
        "RA-refuse-text",
        "//f:issue[2]/f:details/f:text/@value",
        ["Afdelingen kendes ikke på dette sted."],
        NEGATIVE,
    ),
    _case(
        "RA-line-break",
        "//f:issue[1]/f:details/f:text/@value",
        ["Brevet tages ikke i denne version.\nSend et nyt brev."],
        NEGATIVE,
    ),
    _case("RA-details-code", "//f:issue/f:details/f:coding/f:system/@value", [_MEDCOM_ERRORS] * 2, NEGATIVE),
    # Provenance
    _case("RA-copied-provenance", f"{_COPIED}/f:activity/f:coding/f:code/@value", ["reply-message"]),
    _case(
        "RA-copied-provenance",
        f"{_COPIED}/f:entity/f:what/f:reference/@value",
        [f"MessageHeader/{EARLIER}"],
    ),
    _case("RA-provenance-occurred", f"{_OWN}/f:occurredDateTime/@value", ["2026-06-03T23:15:00+02:00"]),
    _case("RA-provenance-recorded", f"{_OWN}/f:recorded/@value", ["2026-06-03T23:15:00+02:00"]),
    _case("RA-provenance-activity", f"{_OWN}/f:activity/f:coding/f:code/@value", ["acknowledgement"]),
    _case("RA-provenance-role", f"{_OWN}/f:entity/f:role/@value", ["revision"]),
    _case("RA-provenance-what", f"{_OWN}/f:entity/f:what/f:reference/@value", [f"MessageHeader/{HEADER}"]),
    _case("RA-narrative", "//f:text/f:status/@value", ["generated"] * 5),
    _case(
        "RA-narrative",
        "//f:MessageHeader/f:text/x:div/x:ul/x:li[1]",
        ["event: acknowledgement-message"],
    ),
)
