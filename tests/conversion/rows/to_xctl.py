"""One case or more for each carried row of Acknowledgement to XCTL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversion import Facts, Settings
from conversion.to_xctl import CONVERSION_FAULT
from tests.conversion.receipts import FROM_LETTER, HEADER, LETTER, NEW, TO_XCTL, remembering
from tests.conversion.rows.case import Case
from tests.conversion.rows.to_acknowledgement import Refusal

OK = "acknowledgement-ok.xml"
NEGATIVE = "acknowledgement-negative.xml"

_FOLLOWING = replace(
    remembering(TO_XCTL, replace(FROM_LETTER, original=(replace(LETTER, wants_receipt=False),))),
    settings=Settings(follow_wish=True),
)
_INCOMPLETE = remembering(TO_XCTL, replace(FROM_LETTER, incomplete=("1f0d6a528d6b4c0f9d4b0a1b2c3d4e5f",)))
_SHORT = replace(TO_XCTL, settings=Settings(refuse_text_limit=20))


def _case(row: str, find: str, expected: Sequence[str], letter: str = OK, facts: Facts = TO_XCTL) -> Case:
    return Case(row, letter, "XCTL", find, expected, facts=facts)


_ORIGINAL = "//o5:OriginalEmessage"

CASES: tuple[Case, ...] = (
    # Bundle: half past midnight in Denmark is the next day
    _case("AR-sent-date", "//o5:Sent/o5:Date", ["2026-06-01"]),
    _case("AR-sent-time", "//o5:Sent/o5:Time", ["00:30"]),
    _case("AR-envelope-identifier", "//o5:Envelope/o5:Identifier", [NEW.serial("xctl1/envelope")]),
    _case("AR-acknowledgement-code", "//o5:AcknowledgementCode", ["minuspositivkvitt"]),
    # Header
    _case("AR-receipt-kind", "local-name(/o5:Emessage/*[2])", ["PositiveReceipt"]),
    _case("AR-receipt-kind", "local-name(/o5:Emessage/*[2])", ["NegativeReceipt"], NEGATIVE),
    Case(
        "AR-receipt-kind",
        NEGATIVE,
        "XCTL",
        "local-name(/o5:Emessage/*[2])",
        ["NegativeReceipt"],
        (("fatal-error", "transient-error"),),
        TO_XCTL,
    ),
    _case("AR-letter-identifier", "//o5:Letter/o5:Identifier", [NEW.serial("xctl1/letter")]),
    _case("AR-version-code", "//o5:Letter/o5:VersionCode", ["XC0330Q"]),
    _case("AR-version-code", "//o5:Letter/o5:VersionCode", ["XC0230Q"], NEGATIVE),
    _case("AR-statistical-code", "//o5:Letter/o5:StatisticalCode", ["XCTL03"]),
    _case("AR-statistical-code", "//o5:Letter/o5:StatisticalCode", ["XCTL02"], NEGATIVE),
    # Parties
    _case("AR-sender-gln", "//o5:Sender/o5:EANIdentifier", ["5790000121441"]),
    _case("AR-receiver-gln", "//o5:Receiver/o5:EANIdentifier", ["5790001382445"]),
    # The letter that is answered
    _case("AR-original-sender", f"{_ORIGINAL}/o5:OriginalSender/o5:EANIdentifier", ["5790001382445"]),
    _case("AR-original-receiver", f"{_ORIGINAL}/o5:OriginalReceiver/o5:EANIdentifier", ["5790000121441"]),
    _case("AR-original-envelope-identifier", f"{_ORIGINAL}/o5:OriginalEnvelopeIdentifier", ["MADEENVELOPE01"]),
    _case("AR-original-letter-identifier", "//o5:OriginalLetter/o5:OriginalLetterIdentifier", ["MADELETTER0001"]),
    _case("AR-original-version-code-positive", "//o5:OriginalLetter/o5:OriginalVersionCode", ["XD9134L"]),
    _case("AR-original-version-code-negative", "//o5:OriginalLetter/o5:OriginalVersionCode", ["XD9134L"], NEGATIVE),
    Refusal(
        "AR-answers-other",
        OK,
        "XCTL",
        "//o5:none",
        ["VS-541"],
        facts=remembering(
            TO_XCTL, replace(FROM_LETTER, made=(replace(FROM_LETTER.made[0], letter_id=HEADER.replace("6", "7")),))
        ),
    ),
    # Why not: errors stand before the warning that came first
    _case("AR-refuse-code", f"{_ORIGINAL}/o5:RefuseCode", ["syntaksfejl"], NEGATIVE),
    _case(
        "AR-refuse-text",
        f"{_ORIGINAL}/o5:RefuseText/text()",
        [
            "Meddelelsen kan ikke læses.",
            "Ret den og send igen.",
            "MSG_Receiver_Identifier_UNKNOWN",
            "Navnet er langt.",
        ],
        NEGATIVE,
    ),
    _case("AR-line-break", f"count({_ORIGINAL}/o5:RefuseText/o5:Break)", ["3.0"], NEGATIVE),
    _case("AR-refuse-text-cut", f"{_ORIGINAL}/o5:RefuseText/text()", ["Meddelelsen kan i..."], NEGATIVE, _SHORT),
    _case(
        "AR-conversion-fault",
        f"{_ORIGINAL}/o5:RefuseText/text()[last()]",
        [CONVERSION_FAULT],
        NEGATIVE,
        _INCOMPLETE,
    ),
    Case(
        "AR-follow-wish",
        OK,
        "XCTL",
        lambda converted: [output.type for output in converted.outputs],
        [],
        facts=_FOLLOWING,
    ),
)
