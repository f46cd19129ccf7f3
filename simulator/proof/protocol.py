"""The use cases of the conversion service, one by one: what `tests/conformance` plays and the protocol lists.

Each has a permanent id, one sentence that says what holds, and where the documents say so. `[INFER]` after a source: it
leaves the question open, and the sentence is the network's choice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UseCase:
    """One use case, alternative or table row: its id, what holds, and the document and section that says so."""

    id: str
    sentence: str
    source: str


def _of(document: str, section: str, *rows: tuple[str, str]) -> Iterable[UseCase]:
    return (UseCase(id_, sentence, f"{document}, {section}") for id_, sentence in rows)


_CASES = "MedCom VANS conversion use cases 3.1.0"
_OURS = f"{_CASES} [INFER]"
_TABLE = "MedCom mapping XDIS91-CareCommunication v5.0.0"
_PROTOCOL = "MedCom VANS conversion test protocol 1.4"
_RELIABLE = "MedCom reliable messaging for VANSEnvelope"
_VERSIONS = "MedCom CareCommunication 5.0, version history [INFER]"

USE_CASES: tuple[UseCase, ...] = (
    *_of(
        _CASES,
        "R1",
        ("R1-as-is", "What the receiver takes goes on untouched, byte for byte, in OIOXML and in FHIR."),
        ("R1-converted", "What the receiver takes only in the other format is converted, both ways."),
        ("R1-refused", "What the receiver takes in neither format is refused by name, and nothing goes on."),
        ("R1-receipt-as-is", "A receipt on a letter that was not converted goes on untouched."),
        ("R1-sor-by-gln", "The SOR codes of both parties are looked up by GLN, for letters and for receipts."),
        ("R1-parties-by-reference", "A bundle's parties are those it refers to, whatever its endpoints say."),
    ),
    *_of(
        _OURS,
        "R1",
        ("R1-edifact", "EDIFACT goes on to who takes it and is converted for nobody: refused by name."),
        (
            "R1-medbin01",
            "To who takes MedBin01 and no XBIN01, an XBIN01 is refused by name; one that is made goes out as by R1.A1.",
        ),
    ),
    *_of(
        _CASES,
        "R1.A1",
        (
            "R1.A1-no-xbin01",
            "A receiver without XBIN01 is sent both letters; XCTL03 and XCTL02 give one negative answer.",
        ),
    ),
    *_of(
        _CASES,
        "R1.A2",
        ("R1.A2-xbin-invalid", "An invalid XBIN01 gets XCTL01; its letter is converted without the content."),
        (
            "R1.A2-xbin-too-large",
            "An XBIN01 too large to handle gets XCTL01; its letter is converted without the content.",
        ),
        ("R1.A2-xdis-invalid", "An invalid XDIS91 gets XCTL01; its XBIN01s go on unconverted."),
        ("R1.A2-both-invalid", "With both invalid, each gets its XCTL01, and nothing goes on."),
        ("R1.A2-xdis-alone-invalid", "An invalid XDIS91 without attachments gets XCTL01, and nothing goes on."),
        ("R1.A2-xbin-alone-invalid", "An invalid XBIN01 whose letter is not there gets XCTL01, and nothing goes on."),
    ),
    *_of(
        _CASES,
        "S1",
        ("S1-converted", "An XDIS91 becomes a valid CareCommunication in an envelope of its own."),
        ("S1-telephone-letter", "The author's telephone is the letter's."),
        (
            "S1-telephone-directory",
            "Where the letter has none, the author's telephone is the sender's in the directory.",
        ),
        ("S1-telephone-none", "Where nobody has a telephone, it is 0000 0000."),
        ("S1-narrative", "Every resource made has a narrative, and no narrative has base64 in it."),
        ("S1-duplicate", "A letter that comes twice is converted once; the second is ignored."),
    ),
    *_of(
        _CASES,
        "S1.A1",
        ("S1.A1-complete", "An XDIS91 and every XBIN01 it refers to become one message, whichever comes first."),
        ("S1.A1-letter-waits", "A letter is held until every attachment it refers to is there."),
        ("S1.A1-attachment-waits", "An XBIN01 is held until the letter that refers to it is there."),
        ("S1.A1-links", "References of URL and SUP start no wait."),
    ),
    *_of(
        _OURS,
        "S1.A1",
        ("S1.A1-eleven", "More than ten attachments are converted, all of them."),
        ("S1.A1-two-routers", "Halves at two routers at the same moment find one another, and leave once."),
        ("S1.A1-over-100-mb", "A message over 100 MB is sent all the same, and it is the receiver that refuses."),
    ),
    *_of(
        _CASES,
        "S1.A2",
        ("S1.A2-timeout", "Without its XBIN01 for 60 minutes, a letter is converted without the content."),
        ("S1.A2-late-attachment", "An XBIN01 that comes after that goes on unconverted."),
        ("S1.A2-payload", "An attachment that is missing has identifier, date and type, and neither data nor title."),
        ("S1.A2-other-errors", "A letter that goes without its attachments is judged by every other rule."),
        ("S1.A2-receipt", "A refusal of what was made so gets the network's sentence after the receiver's text."),
    ),
    *_of(
        _CASES,
        "S1.A3",
        ("S1.A3-timeout", "Without its letter for 60 minutes, an XBIN01 goes on unconverted."),
        ("S1.A3-late-letter", "A letter that comes after that is converted without the content."),
        ("S1.A3-receipt", "A refusal of what was made so gets the network's sentence after the receiver's text."),
    ),
    *_of(
        _CASES,
        "S1.A4",
        ("S1.A4-file-type", "A file type that CareCommunication does not have is converted, and the receiver refuses."),
        ("S1.A4-receipt", "Both XCTL02 on such a letter have the network's sentence after the receiver's text."),
    ),
    *_of(
        _OURS,
        "S1.A4",
        ("S1.A4-invalid-type", "A file type that XBIN01 itself does not have makes the XBIN01 invalid."),
    ),
    *_of(
        _OURS,
        "4.5.2",
        ("S1-referral-hotel", "Attachments from the referral hotel go on at once, unconverted."),
    ),
    *_of(
        _CASES,
        "S2",
        ("S2-converted-xml", "A CareCommunication in FHIR XML becomes a valid XDIS91."),
        ("S2-converted-json", "A CareCommunication in FHIR JSON becomes the same XDIS91."),
        ("S2-own-envelopes", "Each letter made travels in an envelope of its own."),
        (
            "S2-attachment-without-content",
            "An attachment without data is noted at the end of the text, with no Reference.",
        ),
        ("S2-long-text", "A text of any length is converted whole."),
        ("S2-duplicate", "A message that comes twice is converted once; the second is ignored."),
    ),
    *_of(
        _CASES,
        "S2.A1",
        ("S2.A1-one-xbin01", "All attachments of a message travel in one XBIN01, and the letter refers to each."),
    ),
    *_of(
        _OURS,
        "S2.A1",
        ("S2.A1-several-pairs", "More than ten attachments travel in numbered pairs, answered by one Acknowledgement."),
    ),
    *_of(
        _CASES,
        "S2.A2",
        ("S2.A2-reply", "The text of a reply says that the letter is one."),
        ("S2.A2-forward", "The text of a forward says that the letter is one."),
        ("S2.A2-this-message", "Reply or forward is what the Provenance of this very message says, not an older one."),
    ),
    *_of(
        _PROTOCOL,
        "patient identifiers",
        ("numbers-cpr", "A CPR number alone is the letter's CivilRegistrationNumber, without a sentence."),
        ("numbers-national-first", "Without a CPR number the national replacement number goes before the local one."),
        ("numbers-in-text", "The numbers that the letter has no place for stand in the text, after their sentence."),
        ("numbers-national", "A replacement number whose seventh character is 1 or 7 gets the national system."),
        ("numbers-local", "Any other replacement number gets the local system."),
    ),
    *_of(
        f"{_PROTOCOL} [INFER]",
        "patient identifiers",
        ("numbers-unusual", "A replacement number that FHIR's rule does not know gets its system, and a finding."),
    ),
    *_of(
        _TABLE,
        "to FHIR",
        ("fhir-message", "The bundle is a message, with the event and definition of CareCommunication 5.0."),
        ("fhir-status", "Communication.status is unknown, category is other."),
        ("fhir-topic", "The topic is the letter's Subject, or Ukendt emne."),
        ("fhir-identifier", "Communication.identifier is a new UUID."),
        ("fhir-priority", "High priority is a sentence before the text, and Communication.priority is never there."),
        ("fhir-author", "The author is the organisation's name, with the role ukendt."),
        ("fhir-activity", "The Provenance says new-message."),
        (
            "fhir-names",
            "The sender's organisation, department and unit are one name; the receiver's organisation alone.",
        ),
        ("fhir-dates", "Text and attachments have the date of Authorisation."),
        ("fhir-payloads", "Each payload has an identifier, the sender as assigner, and an entity in the Provenance."),
    ),
    *_of(
        _TABLE,
        "both",
        ("line-breaks", "Break is a newline, both ways."),
        ("attachment-title", "An attachment's title is its RefDescription, of 70 characters at most."),
    ),
    *_of(
        _TABLE,
        "to OIOXML",
        ("oioxml-codes", "XDIS91 and XBIN01 have their version, statistical, type and status codes."),
        ("oioxml-acknowledgement-code", "Letters ask for a positive receipt, receipts for none."),
        ("oioxml-sender", "The sender's Identifier is its SOR code."),
        (
            "oioxml-receiver",
            "The receiver's Identifier is its provider number or municipality number, or its SOR code.",
        ),
        ("oioxml-telephone", "The author's contact is the sender's telephone."),
        ("oioxml-subject", "Subject is the category in Danish and the topic, cut at 70 characters."),
        ("oioxml-names", "The author's role and name stand in the text."),
        ("oioxml-dates", "Sent is the bundle's timestamp, Authorisation the date of the newest text."),
        ("oioxml-object-identifier", "An attachment's id is bare, without hyphens in XDIS91."),
        ("oioxml-object-size", "An attachment's size is the bytes of its content."),
        ("oioxml-object-code", "An image is billede, a PDF vektor_grafik."),
        ("oioxml-links", "A link is a Reference with its URL and title, and no XBIN01 is made for it."),
        (
            "oioxml-specific-sender",
            "Whom a message is from at its sender and for at its receiver stands in the text.",
        ),
        ("oioxml-danish-time", "An instant is written as Danish date and time, to the minute."),
    ),
    *_of(
        _PROTOCOL,
        "episode of care",
        ("episode-local", "Of several episode-of-care ids the locally defined one is kept, else the LPR3 one."),
    ),
    *_of(
        _TABLE,
        "episode of care",
        ("episode-hyphens", "Its id has hyphens in FHIR and none in XDIS91."),
        ("episode-lpr3-first", "By setting, the LPR3 one is kept first."),
        ("episode-inaktiv", "inaktiv is class other and status unknown, both ways."),
        ("episode-indlagt", "indlagt is class IMP and status in-progress, both ways."),
        ("episode-ambulant", "ambulant is class AMB and status in-progress, both ways."),
        ("episode-doed", "doed is class other, status finished and a deceased patient, both ways."),
        (
            "episode-ambulant_roentgen",
            "ambulant_roentgen is class AMB and status in-progress, and comes back as ambulant.",
        ),
        ("episode-any-other", "Any other combination of class and status is inaktiv."),
    ),
    *_of(
        f"{_TABLE} [INFER]",
        "episode of care",
        ("episode-without-id", "Without an episode-of-care id there is no Encounter; a patient who died is deceased."),
    ),
    *_of(
        _CASES,
        "4.1",
        ("memory-of-letters", "A receipt quotes envelope, letter and version of each letter that came in."),
        ("memory-of-messages", "An Acknowledgement names the MessageHeader of the message that came in."),
        ("memory-of-provenance", "An Acknowledgement repeats the Provenance of the message that it answers."),
    ),
    *_of(
        _CASES,
        "4.5.1",
        ("memory-three-months", "A receipt within three months is converted back."),
        ("memory-over", "A receipt after three months goes on unconverted."),
    ),
    *_of(
        _OURS,
        "4.5.1",
        (
            "memory-over-held",
            "A receipt that then still waits for the others of its conversion goes on unconverted.",
        ),
    ),
    *_of(
        _CASES,
        "4.3",
        ("receipts-ok", "An Acknowledgement that says ok becomes an XCTL03."),
        ("receipts-fatal-error", "An Acknowledgement that says fatal-error becomes an XCTL02."),
        ("receipts-transient-error", "An Acknowledgement that says transient-error becomes an XCTL02."),
        ("receipts-xctl01", "An XCTL01 has no counterpart: it is refused by name."),
        ("receipts-letter", "An Acknowledgement on a letter alone becomes one XCTL."),
        (
            "receipts-letter-and-attachments",
            "An Acknowledgement becomes an XCTL for each letter that entered the message.",
        ),
        ("receipts-text-in-both", "A negative one becomes an XCTL02 for each letter, with the same text."),
        ("receipts-incomplete", "On a message made without its attachments there is one XCTL, on the XDIS91."),
        ("receipts-unasked", "An XCTL03 is sent to a letter that asked for none."),
        ("receipts-own-envelopes", "Each receipt made travels in an envelope of its own."),
        ("receipts-1", "XCTL03 on XDIS91 and XBIN01 become one Acknowledgement that says ok."),
        ("receipts-2", "XCTL03 on XDIS91 and XCTL02 on XBIN01 become one negative Acknowledgement."),
        ("receipts-3", "XCTL02 on XDIS91 and XCTL03 on XBIN01 become one negative Acknowledgement."),
        ("receipts-4", "XCTL02 on XDIS91 and XBIN01 become one negative Acknowledgement."),
        ("receipts-5", "While nothing has come on the XDIS91, nothing is sent."),
        ("receipts-6", "While nothing has come on the XBIN01, nothing is sent."),
        ("receipts-7", "XCTL03 on an XDIS91 alone becomes an Acknowledgement that says ok."),
        ("receipts-8", "XCTL02 on an XDIS91 alone becomes a negative Acknowledgement."),
    ),
    *_of(
        _OURS,
        "4.3",
        ("receipts-negative-code", "By setting, an XCTL02 becomes transient-error."),
        ("receipts-follow-wish", "By setting, an XCTL03 is sent only where the letter asked for one."),
        ("receipts-again", "The same receipt once more gives the same answer once more."),
        ("receipts-second-answer", "Another receipt after the answer was given changes nothing and goes nowhere."),
    ),
    *_of(
        _CASES,
        "4.4",
        (
            "fault-sentence-cut",
            "Where both texts are too long, the receiver's is cut and the network's sentence never.",
        ),
        ("fault-not-the-networks", "Reasons of the receiver's own and more than ten files get no such sentence."),
    ),
    *_of(
        _CASES,
        "4.5.3",
        ("limit-60-minutes", "A half is held for 60 minutes and not for 59."),
        ("limit-120-minutes", "A sender that has no receipt after 120 minutes sends again, and gets what there is."),
    ),
    *_of(
        _RELIABLE,
        "duplicates",
        ("duplicate-as-is", "What was passed through is passed through again, marked as a duplicate."),
        ("duplicate-receipts", "What was converted gets its receipts again, the same content in new envelopes."),
        ("duplicate-refused", "What was refused is refused again, or decided anew in a new envelope."),
        ("duplicate-envelope-reused", "An EnvelopeIdentifier of another message is refused."),
    ),
    *_of(
        _VERSIONS,
        "in and out",
        ("version-4.0-in", "A CareCommunication 4.0 becomes an XDIS91, and its receipt an Acknowledgement."),
        ("version-3.0-in", "A CareCommunication 3.0 becomes an XDIS91, and its receipt an Acknowledgement."),
        ("version-4.0-out", "An XDIS91 becomes a CareCommunication 4.0 where the receiver's entry asks for it."),
        ("version-3.0-out", "An XDIS91 becomes a CareCommunication 3.0 where the receiver's entry asks for it."),
        ("version-XD9133L-in", "An XDIS91 of 2005 becomes a CareCommunication, and its receipt quotes its version."),
        ("version-XB0130X-in", "An XBIN01 of 2005 joins its letter, whatever its objects are called."),
        ("version-not-made", "A version that nobody can make is refused by name."),
        ("version-fhir-to-fhir", "One version of FHIR is never made of another: refused by name."),
    ),
    *_of(
        _RELIABLE,
        "receipts",
        ("envelope-findings", "What is wrong with an envelope is told to its sender, and the envelope is kept."),
        ("envelope-positive", "A PositiveMessage on what was made answers the sender's own envelope."),
        ("envelope-negative", "A NegativeMessage on what was made answers the sender's own envelope, with its words."),
        (
            "envelope-of-a-pair",
            "The envelopes of XDIS91 and XBIN01 are answered together, negatively if one is refused.",
        ),
    ),
    *_of(
        _OURS,
        "4.4",
        ("error-of-the-message", "A message that cannot be converted is refused by name and kept."),
        (
            "error-findings",
            "The receipt tells as many findings as fit, the most severe first; the timeline all of them.",
        ),
        ("error-nothing-half-sent", "Of what cannot be converted whole, nothing is sent on."),
    ),
)
"""Every use case, in the documents' order."""

BY_ID: dict[str, UseCase] = {case.id: case for case in USE_CASES}
"""The same by their ids."""
