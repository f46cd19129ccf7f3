from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from envelope.catalogue import find
from envelope.facts import LetterFacts
from envelope.model import Document, Head, MetaInformation, Party, Receipt, ReceiptKind
from routing import rules
from routing.case import Arrival, Decision, History, Seen
from routing.decision import danish_day, decide, needs_letter, version_made
from routing.directory import Directory, Kind, Participant, Takes
from routing.network_file import load
from routing.pairing import Half, HalfState, Halves, Waiting
from routing.rules import Outcome

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OIOXML, FHIR, BOTH_DAYS, LISTING = "5790000121526", "5790000120314", "5790001382445", "5790000121441"
HOTEL, ATTACHMENTS = "5790002508240", "5790001387426"
OBJECTS = frozenset({"a"})

NETWORK = f"""
participants:
  - gln: "{OIOXML}"
    sor: "325251000016005"
    name: Lægehuset Prøvebakken
    kind: gp-practice
    takes: [{{type: XDIS91}}]
  - gln: "{FHIR}"
    sor: "325371000016006"
    name: Prøveby Kommune
    kind: municipality
    takes: [{{type: CareCommunication, version: "5.0"}}]
  - gln: "{BOTH_DAYS}"
    sor: "359001000016000"
    name: Skiftehospitalet
    kind: hospital
    takes:
      - {{type: XDIS91, until: 2026-03-02}}
      - {{type: CareCommunication, from: 2026-03-02}}
  - gln: "{LISTING}"
    sor: "328051000016008"
    name: Listehospitalet
    kind: hospital
    takes: [{{type: XDIS22}}, {{type: XDIS91, version: XD9133L}}]
  - gln: "{HOTEL}"
    sor: "1053231000016001"
    name: Prøvehotellet
    kind: referral-hotel
    takes: [{{type: XDIS91}}]
  - gln: "{ATTACHMENTS}"
    sor: "1053231000016002"
    name: Bilagshospitalet
    kind: hospital
    takes: [{{type: XBIN01}}, {{type: CareCommunication}}]
"""


@pytest.fixture(scope="module")
def directory() -> Directory:
    """A network of six: OIOXML, FHIR, one that changes on 2 March 2026, odd types, a hotel, attachments as they are."""
    return load(NETWORK, "network.yaml")


def arrival(type_: str | None, receiver: str = OIOXML, sender: str = FHIR, version: str | None = None) -> Arrival:
    """An envelope of a type, or with None of a type that the catalogue does not know."""
    row = find(type_, version) if type_ is not None else None
    name = row.name if row is not None else "MCM:XDIS22#2"
    meta = MetaInformation("0d4f7f0a-0000-4000-8000-000000000001", Document("XML", name, 10))
    head = Head(Party(sender), Party(receiver), "0d4f7f0a-0000-4000-8000-000000000002", "2026-03-01T12:00:00", meta)
    return Arrival(head, row)


def envelope_receipt(receiver: str = OIOXML) -> Arrival:
    """A PositiveMessage."""
    receipt = Receipt(ReceiptKind.POSITIVE_MESSAGE, "0d4f7f0a-0000-4000-8000-000000000003")
    head = Head(Party(FHIR), Party(receiver), "0d4f7f0a-0000-4000-8000-000000000004", "2026-03-01", receipt=receipt)
    return Arrival(head, None)


def letter(*, has_attachments: bool = False) -> LetterFacts:
    """The facts of a letter."""
    facts = LetterFacts("XDIS91", "XD9134L", "BREV1", "KUV1", FHIR, OIOXML, wants_receipt=True)
    return replace(facts, has_attachments=has_attachments)


def rule_of(decision: Decision) -> str:
    """The rule of a decision; of a refusal the finding's, which says more."""
    return decision.findings[0].rule.id if decision.findings else decision.rule.id


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (arrival("XDIS91"), "D-as-is"),
        (arrival("CareCommunication", FHIR, OIOXML), "D-as-is"),
        (arrival("CareCommunication"), "D-convert"),
        (arrival("XDIS91", FHIR, OIOXML), "D-convert"),
        (arrival(None, LISTING), "D-listed"),
        (arrival(None), "VS-416"),
        (arrival("HospitalNotification"), "VS-412"),
        (arrival("DIS91"), "VS-424"),
        (arrival("XDIS91", LISTING), "VS-413"),
        (arrival("XDIS91", LISTING, version="XD9133L"), "D-as-is"),
        (arrival("CareCommunication", FHIR, OIOXML, version="4.0"), "VS-413"),
        (arrival("CareCommunication", version="2.0"), "VS-414"),
        (arrival("CareCommunication", version="3.0"), "D-convert"),
        (arrival("CareCommunication", version="4.0"), "D-convert"),
        (arrival("CareCommunication", LISTING), "VS-422"),
        (arrival("XDIS91", FHIR, OIOXML, version="XD9133L"), "D-convert"),
        (arrival("XDIS91", FHIR, OIOXML, version="XD9135L"), "VS-414"),
        (arrival("XBIN01"), "VS-412"),
        (arrival("XBIN01", FHIR, OIOXML, version="XB0130X"), "D-convert"),
        (arrival("XDIS91", "5790000000000"), "VS-411"),
        (arrival("XDIS91", OIOXML, "5790000000000"), "VS-410"),
        (arrival("XCTL03"), "D-receipt-unpaired"),
        (arrival("Acknowledgement"), "D-receipt-unpaired"),
        (arrival("XCTL03", "5790000000000"), "VS-411"),
        (envelope_receipt(), "D-envelope-receipt"),
        (envelope_receipt("5790000000000"), "VS-411"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_new_goes_by_what_its_receiver_takes(given: Arrival, expected: str, directory: Directory) -> None:
    """A message never seen before is decided by its type and what the receiver takes on the day."""
    assert rule_of(decide(given, None, History(), directory, NOW)) == expected


@pytest.mark.parametrize("name", rules.EDIFACT_COUNTERPARTS)
def test_what_is_taken_in_edifact_alone_is_refused_for_that(name: str, directory: Directory) -> None:
    """Or out of EDIFACT alone, where EDIFACT comes: the refusal names all that the receiver takes instead."""
    instead = rules.EDIFACT_COUNTERPARTS[name]
    changed = replace(directory.participants[OIOXML], takes=tuple(map(Takes, instead)))
    others = replace(directory, participants={**directory.participants, OIOXML: changed})
    [finding] = decide(arrival(name), None, History(), others, NOW).findings
    assert finding.rule.id == "VS-424"
    assert f"takes {' and '.join(instead)} on 2026-03-01, and {name} is" in finding.text
    assert rule_of(decide(arrival("HospitalNotification"), None, History(), others, NOW)) == "VS-412"


def test_attachments_in_edifact_beside_letters_in_oioxml(directory: Directory) -> None:
    """Who takes XDIS91 and MedBin01 gets the letter, and of a message what is made of it; an XBIN01 it does not get."""
    changed = replace(directory.participants[OIOXML], takes=(Takes("XDIS91"), Takes("BIN01")))
    others = replace(directory, participants={**directory.participants, OIOXML: changed})
    ways = [rule_of(decide(arrival(name), None, History(), others, NOW)) for name in ("XDIS91", "BIN01", "XBIN01")]
    assert ways == ["D-as-is", "D-as-is", "VS-424"]
    assert rule_of(decide(arrival("CareCommunication"), None, History(), others, NOW)) == "D-convert"


@pytest.mark.parametrize(
    ("given", "halves", "expected", "pairing"),
    [
        (arrival("XDIS91", FHIR, OIOXML), Halves(), "D-hold", "S1.A1-letter-waits"),
        (arrival("XBIN01", FHIR, OIOXML), Halves(), "D-hold", "S1.A1-attachment-waits"),
        (arrival("XDIS91", FHIR, OIOXML), Halves((), (Half(5, OBJECTS),)), "D-release", "S1.A1-complete"),
        (arrival("XBIN01", FHIR, OIOXML), Halves((Half(4, OBJECTS),), ()), "D-release", "S1.A1-complete"),
        (
            arrival("XBIN01", FHIR, OIOXML),
            Halves((Half(4, OBJECTS, HalfState.JOINED),), ()),
            "D-alone",
            "S1.A2-late-attachment",
        ),
        (arrival("XBIN01", FHIR, HOTEL), Halves(), "D-alone", "S1-referral-hotel"),
    ],
)
def test_a_half_goes_by_the_others(
    given: Arrival, halves: Halves, expected: str, pairing: str, directory: Directory
) -> None:
    """A letter with attachments, or an attachment letter, is held, released or let go by the table of pairings."""
    facts = replace(letter(has_attachments=True), attachments=tuple(OBJECTS))
    decision = decide(given, facts, History(halves=halves), directory, NOW)
    assert (decision.rule.id, decision.pairing.rule.id if decision.pairing else None) == (expected, pairing)
    assert decision.target == "CareCommunication"


def test_a_letter_with_links_alone_waits_for_nothing(directory: Directory) -> None:
    """References that are no objects start no wait; a CareCommunication carries its attachments itself."""
    links = letter(has_attachments=True)
    own = replace(links, attachments=tuple(OBJECTS))
    for given, facts, target in (
        (arrival("XDIS91", FHIR, OIOXML), links, "CareCommunication"),
        (arrival("CareCommunication"), own, "XDIS91"),
    ):
        decision = decide(given, facts, History(), directory, NOW)
        assert (decision.outcome, decision.target) == (Outcome.CONVERT, target)


@pytest.mark.parametrize(
    ("waiting", "expected", "joined"),
    [
        (Waiting(2), "D-hold-receipt", ()),
        (Waiting(2, (8,)), "D-convert-receipt", (8,)),
        (Waiting(4, (8, 9)), "D-hold-receipt", ()),
        (Waiting(2, (8,), again=True), "D-answered-before", ()),
        (Waiting(2, over=True), "D-answered-before", ()),
    ],
)
def test_receipts_of_one_conversion_wait_for_one_another(
    waiting: Waiting, expected: str, joined: tuple[int, ...], directory: Directory
) -> None:
    """A receipt goes back when everything that its conversion made is answered, and once only."""
    history = History(answers_conversion=True, waiting=waiting)
    decision = decide(arrival("XCTL03"), letter(), history, directory, NOW)
    assert (decision.rule.id, decision.joined) == (expected, joined)
    assert decision.target == (None if expected == "D-answered-before" else "Acknowledgement")
    expected = expected.replace("convert-receipt", "convert-envelope-receipt")
    assert decide(envelope_receipt(), None, history, directory, NOW).rule.id == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 3, 1, 22, 59, tzinfo=UTC), "D-as-is"),
        (datetime(2026, 3, 1, 23, 0, tzinfo=UTC), "D-convert"),
    ],
)
def test_a_receiver_changes_at_danish_midnight(moment: datetime, expected: str, directory: Directory) -> None:
    """What a receiver takes changes when the Danish day does, whatever the zone of the clock."""
    assert rule_of(decide(arrival("XDIS91", BOTH_DAYS), letter(), History(), directory, moment)) == expected
    assert danish_day(datetime(2026, 7, 1, 22, 0, tzinfo=UTC)).isoformat() == "2026-07-02"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (("5.0",), "5.0"),
        ((None,), "5.0"),
        (("4.0",), "4.0"),
        (("3.0", "4.0"), "4.0"),
        (("2.0", "3.0"), "3.0"),
        (("2.0",), None),
        ((), None),
    ],
)
def test_the_newest_version_that_the_receiver_takes_is_made(
    taken: tuple[str | None, ...], expected: str | None
) -> None:
    """Of the versions that the network makes, the entry on the day chooses; of receipts there is one version only."""
    lines = tuple(Takes("CareCommunication", version) for version in taken)
    receiver = Participant(FHIR, "325371000016006", "Prøveby Kommune", Kind.MUNICIPALITY, takes=lines)
    assert version_made("CareCommunication", receiver, NOW.date()) == expected
    assert version_made("XCTL", receiver, NOW.date()) == ""


def test_a_version_that_nobody_can_make_is_refused_by_name(directory: Directory) -> None:
    """Where the receiver takes 2.0 alone, the refusal names it and what could be made."""
    old = Participant(
        "5790001382452", "359001000016001", "Gammel", Kind.HOSPITAL, takes=(Takes("CareCommunication", "2.0"),)
    )
    known = replace(directory, participants={**directory.participants, old.gln: old})
    decision = decide(arrival("XDIS91", old.gln, OIOXML), letter(), History(), known, NOW)
    assert rule_of(decision) == "VS-422"
    assert "in version 2.0 alone; of XDIS91 the network makes 5.0, 4.0, 3.0" in decision.reason


SEEN_DELIVERED, SEEN_CONVERTED = Seen(7, "delivered"), Seen(7, "converted", has_receipts=True)
SEEN_SILENT, SEEN_REFUSED, SEEN_ORDERED = Seen(7, "converted"), Seen(7, "refused"), Seen(7, "ordered")


@pytest.mark.parametrize(
    ("history", "expected", "earlier"),
    [
        (History(envelope=SEEN_DELIVERED, message=SEEN_DELIVERED), "D-duplicate-forwarded", 7),
        (History(message=SEEN_DELIVERED), "D-duplicate-forwarded", 7),
        (History(envelope=SEEN_DELIVERED, message=Seen(8, "delivered")), "D-duplicate-forwarded", 7),
        (History(envelope=SEEN_DELIVERED), "VS-415", None),
        (History(envelope=SEEN_CONVERTED, message=SEEN_CONVERTED), "D-repeat", 7),
        (History(message=SEEN_CONVERTED), "D-repeat", 7),
        (History(letter=SEEN_CONVERTED), "D-repeat", 7),
        (History(message=SEEN_SILENT), "D-ignore", 7),
        (History(letter=SEEN_ORDERED), "D-ignore", 7),
        (History(envelope=SEEN_REFUSED, message=SEEN_REFUSED), "VS-420", None),
        (History(message=SEEN_REFUSED), "D-as-is", None),
    ],
)
def test_what_was_seen_before_goes_by_how_it_went_then(
    history: History, expected: str, earlier: int | None, directory: Directory
) -> None:
    """A duplicate is forwarded, answered again, ignored or refused, by what became of the first one."""
    decision = decide(arrival("XDIS91"), letter(), history, directory, NOW)
    assert rule_of(decision) == expected
    assert decision.earlier == earlier


def test_a_setting_turns_repeating_off() -> None:
    """With repeat_receipts off, a duplicate of what was converted is not answered again, as the use cases read."""
    silent = load(NETWORK + "settings: {repeat_receipts: false}\n", "network.yaml")
    for given in (arrival("XDIS91", FHIR, OIOXML), arrival("XCTL03")):
        decision = decide(given, letter(), History(message=SEEN_CONVERTED), silent, NOW)
        assert (decision.rule.id, decision.earlier) == ("D-ignore", 7)


@pytest.mark.parametrize(
    ("given", "history", "expected"),
    [
        (arrival("XCTL03"), History(message=SEEN_SILENT), "D-repeat-answer"),
        (arrival("XCTL03"), History(message=Seen(7, "held")), "D-ignore"),
        (arrival("XDIS91"), History(message=SEEN_SILENT), "D-ignore"),
        (arrival(None, LISTING), History(message=SEEN_CONVERTED), "D-repeat"),
    ],
)
def test_a_receipt_that_was_converted_before_is_repeated_as_it_went_then(
    given: Arrival, history: History, expected: str, directory: Directory
) -> None:
    """What was made of a receipt is sent again; a receipt that is held still, or a letter, has no such answer."""
    decision = decide(given, letter(), history, directory, NOW)
    assert (decision.rule.id, decision.earlier) == (expected, 7)


def test_what_was_delivered_before_is_decided_anew_when_the_receiver_has_changed(directory: Directory) -> None:
    """Only what is delivered again is a duplicate to its receiver: what has to be converted by now is converted."""
    decision = decide(arrival("XDIS91", FHIR, OIOXML), letter(), History(message=SEEN_DELIVERED), directory, NOW)
    assert (decision.rule.id, decision.earlier) == ("D-convert", None)


def test_only_an_envelope_receipt_ends_at_the_network(directory: Directory) -> None:
    """A letter receipt on what the network sent in its own name goes on to its receiver."""
    decision = decide(arrival("XCTL03"), letter(), History(answers_network=True), directory, NOW)
    assert decision.rule.id == "D-receipt-unpaired"


@pytest.mark.parametrize(
    ("given", "history", "place"),
    [
        (arrival("XDIS91", sender="5790000000000"), History(), "SenderID"),
        (arrival("XDIS91", "5790000000000"), History(), "ReceiverID"),
        (arrival("XDIS91"), History(envelope=SEEN_DELIVERED), "EnvelopeIdentifier"),
        (arrival("XDIS91"), History(envelope=SEEN_REFUSED, message=SEEN_REFUSED), "EnvelopeIdentifier"),
        (arrival(None), History(), "Message/MetaInformation/Document/Name"),
        (arrival("XCTL01"), History(answers_conversion=True), "Message/MetaInformation/Document/Name"),
    ],
)
def test_a_refusal_says_which_element_of_the_envelope_is_refused(
    given: Arrival, history: History, place: str, directory: Directory
) -> None:
    """A refusal is the rule to refuse, its finding points into the envelope, and its reason is the finding in words."""
    decision = decide(given, letter(), history, directory, NOW)
    assert decision.rule is rules.REFUSE
    (finding,) = decision.findings
    assert finding.location == f"/VANSEnvelope/{place}"
    assert decision.reason == str(finding)


@pytest.mark.parametrize(
    ("given", "expected"),
    [(arrival("XDIS91"), "XDIS91"), (arrival(None), "XDIS22"), (envelope_receipt(), "Receipt")],
)
def test_a_type_is_called_by_its_name(given: Arrival, expected: str) -> None:
    """A known type goes by the catalogue's name, an unknown one by the envelope's, and a receipt is a receipt."""
    assert given.type_name == expected


@pytest.mark.parametrize(
    ("given", "expected", "target"),
    [
        (arrival("XCTL03"), "D-convert-receipt", "Acknowledgement"),
        (arrival("XCTL02"), "D-convert-receipt", "Acknowledgement"),
        (arrival("Acknowledgement"), "D-convert-receipt", "XCTL"),
        (arrival("XCTL01"), "VS-418", None),
        (envelope_receipt(), "D-convert-envelope-receipt", "envelope receipt"),
    ],
)
def test_a_receipt_of_a_converted_letter_goes_back_across_the_conversion(
    given: Arrival, expected: str, target: str | None, directory: Directory
) -> None:
    """A receipt that answers what a conversion made is converted back; XCTL01 has no counterpart."""
    decision = decide(given, letter(), History(answers_conversion=True), directory, NOW)
    assert rule_of(decision) == expected
    assert decision.target == target


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (History(envelope=SEEN_CONVERTED), "D-ignore"),
        (History(envelope=SEEN_DELIVERED), "D-duplicate-forwarded"),
        (History(envelope=SEEN_DELIVERED, answers_conversion=True), "D-convert-envelope-receipt"),
        (History(answers_network=True), "D-answers-network"),
    ],
)
def test_an_envelope_receipt_seen_before(history: History, expected: str, directory: Directory) -> None:
    """An envelope receipt that was converted is not converted again; one that passed through passes again."""
    decision = decide(envelope_receipt(), None, history, directory, NOW)
    assert rule_of(decision) == expected
    assert decision.earlier == (7 if expected in {"D-ignore", "D-duplicate-forwarded"} else None)


@pytest.mark.parametrize(
    ("given", "receipts"),
    [
        (arrival("XDIS91", "5790000000000"), ("NegativeVans", "XCTL01")),
        (arrival("CareCommunication", "5790000000000"), ("NegativeVans",)),
        (arrival("DIS91", "5790000000000"), ("NegativeVans",)),
        (arrival(None, "5790000000000"), ("NegativeVans",)),
        (arrival("XCTL03", "5790000000000"), ("NegativeVans",)),
        (envelope_receipt("5790000000000"), ()),
    ],
)
def test_a_refusal_answers_in_the_layers_it_may(
    given: Arrival, receipts: tuple[str, ...], directory: Directory
) -> None:
    """OIOXML letters get both layers' receipts, others the envelope's; no receipt is answered in its own layer."""
    assert decide(given, None, History(), directory, NOW).receipts == receipts


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (arrival("XDIS91"), False),
        (arrival("XDIS91", FHIR, OIOXML), True),
        (arrival("CareCommunication"), True),
        (arrival("XCTL01"), True),
        (arrival("XCTL03"), True),
        (arrival("CTL03"), False),
        (arrival("XBIN01", ATTACHMENTS), False),
        (arrival("HospitalNotification"), False),
        (arrival(None, LISTING), False),
        (arrival("XDIS91", "5790000000000"), False),
        (envelope_receipt(), False),
    ],
)
def test_letters_are_read_only_where_the_head_cannot_decide(
    given: Arrival, expected: bool, directory: Directory
) -> None:
    """Only receipts and what may have to be converted are opened."""
    assert needs_letter(given, directory, NOW) is expected


def test_every_decision_has_its_own_id_and_sentence() -> None:
    """The table of decisions names each rule once, and each says something."""
    assert len({rule.id for rule in rules.DECISIONS}) == len(rules.DECISIONS)
    assert all(rule.sentence for rule in rules.DECISIONS)
    assert {rule.outcome for rule in rules.DECISIONS} == set(Outcome)


def test_the_words_of_a_decision_never_change() -> None:
    """Outcomes are told under these words by the API, and rules under these ids: what was kept stays readable."""
    assert {str(outcome) for outcome in Outcome} == {
        "deliver",
        "convert",
        "refuse",
        "ignore",
        "repeat",
        "hold",
        "release",
    }
    assert {rule.id for rule in rules.DECISIONS} == {
        "D-as-is",
        "D-listed",
        "D-duplicate-forwarded",
        "D-receipt-unpaired",
        "D-envelope-receipt",
        "D-convert",
        "D-convert-receipt",
        "D-convert-envelope-receipt",
        "D-repeat",
        "D-ignore",
        "D-answers-network",
        "D-hold",
        "D-release",
        "D-alone",
        "D-hold-receipt",
        "D-held-receipt-over",
        "D-answered-before",
        "D-repeat-answer",
        "D-refuse",
    }
