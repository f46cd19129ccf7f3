"""What a conversion can refuse or warn of: VS-5xx; of attachments, see `conversion.attachment_errors`."""

from __future__ import annotations

from conversion import attachment_errors
from envelope.findings import Fault, Rule, Severity

DIRECTION = Rule(
    "VS-501",
    Fault.NETWORK,
    "{source} cannot be converted to {to}.",
    "Ask for what MedCom's service knows: XDIS91 and CareCommunication, XCTL and Acknowledgement.",
    "MedCom conversion service use cases 3.1.0, 1",
)
# VS-502 said, until attachments were converted, that they are not; it is not given again.
SOR_UNKNOWN = Rule(
    "VS-503",
    Fault.NETWORK,
    "The {party} {gln} has no SOR code of 11 digits or more in the directory, and FHIR messages name both by theirs.",
    "Give the participant its SOR code in network.yaml, or to `vansim convert` with --participant {gln}=SOR.",
    "MedCom mapping XDIS91 to CareCommunication 5.0, Sender SOR and Receiver SOR",
)
MADE_INVALID = Rule(
    "VS-504",
    Fault.NETWORK,
    "The {type} made by the conversion is invalid ({count} findings, first {first}).",
    "Report this as an error in vansim; the message was not sent.",
    "MedCom conversion service use cases 3.1.0, S1 and S3",
)
TIME_UNREADABLE = Rule(
    "VS-505",
    Fault.SENDER,
    "The time {value!r} cannot be read.",
    "Write a time that exists, in the form of its standard.",
    "OIOXML DateTimeType; FHIR R4 dateTime and instant",
)
CORRECTED_LETTER = Rule(
    "VS-506",
    Fault.SENDER,
    "The letter is marked as corrected (rettetbrev), which a CareCommunication cannot say; it goes on as new.",
    "Nothing; tell the receiver in the text which letter is corrected.",
    "MedCom mapping XDIS91 to CareCommunication 5.0, Message status",
    Severity.WARNING,
)
REPLACEMENT_NUMBER = Rule(
    "VS-507",
    Fault.SENDER,
    "The replacement CPR number does not have the form that FHIR asks for in {system}.",
    "Use the number that the national or the regional register has given out.",
    "HL7 Denmark dk-core 3.4.0, x-ecpr and d-ecpr",
    Severity.WARNING,
)
NO_TEXT = Rule(
    "VS-508",
    Fault.SENDER,
    "The letter has no text, and a CareCommunication must have one; {text!r} stands in its place.",
    "Write the text in ClinicalInformation/Text01.",
    "MedCom mapping XDIS91 to CareCommunication 5.0, Text",
    Severity.WARNING,
)
SOURCES = Rule(
    "VS-509",
    Fault.NETWORK,
    "{count} documents were given where one is converted.",
    "Convert them one by one.",
    "vansim",
)
OTHER_PARTY = Rule(
    "VS-510",
    Fault.SENDER,
    "The letter names the {party} by GLN {gln}, its envelope by {known}: the SOR code is that of {known}.",
    "Write the same location number in the letter and in its envelope.",
    "MedCom conversion service use cases 3.1.0, R1; vansim",
    Severity.WARNING,
)
OTHER_SOR = Rule(
    "VS-527",
    Fault.SENDER,
    "The {party} is named by the SOR code {sor}, which is not that of {gln} in the directory: {known}.",
    "Write the SOR code of the location number that the letter names, or correct network.yaml.",
    "MedCom mapping XDIS91 and CareCommunication 5.0, Sender SOR and Receiver SOR; vansim",
    Severity.WARNING,
)
NO_CPR_DATE = Rule(
    "VS-511",
    Fault.SENDER,
    "The CPR number begins with no date, and a CareCommunication may only name a patient by one that does.",
    "Write the patient's CPR number in CivilRegistrationNumber, a replacement number in AlternativeIdentifier.",
    "HL7 Denmark dk-core 3.4.0, cpr",
)
LETTER_NOT_CONVERTED = Rule(
    "VS-512",
    Fault.SENDER,
    "{type} of version {version} in {namespace} is not converted; XD9134L (2006/07/01) and XD9133L (2005/08/07) are.",
    "Send the letter in one of these versions, or to a receiver that takes its version.",
    "MedCom mapping XDIS91 to CareCommunication 5.0",
)
TOO_MANY_PARTS = Rule(
    "VS-513",
    Fault.SENDER,
    "The letter holds {count} {element} elements, and its schema knows {most}; the conversion takes them all.",
    "Send no more than ten attachments and links with a letter.",
    "MedCom conversion service use cases 3.1.0, S1.A1",
    Severity.WARNING,
)
NO_XDIS91 = Rule(
    "VS-514",
    Fault.SENDER,
    "XBIN01 holds attachments only, and the XDIS91 that refers to them is not there.",
    "Convert the XDIS91 together with its XBIN01.",
    "MedCom conversion service use cases 3.1.0, S1.A1 and S1.A3",
)
VERSION_NOT_CONVERTED = Rule(
    "VS-520",
    Fault.SENDER,
    "A CareCommunication of version {version} is not converted; 5.0, 4.0 and 3.0 are.",
    "Send the message as CareCommunication 5.0, 4.0 or 3.0, or to a receiver that takes its version.",
    "MedCom mapping CareCommunication 5.0 to XDIS91",
)
PART_MISSING = Rule(
    "VS-521",
    Fault.SENDER,
    "The message has no {part}, and without one there is no XDIS91.",
    "Send the message anew, with it.",
    "MedCom CareCommunication 5.0; OIOXML 2006/07/01, ClinicalEmail",
)
PATIENT_NUMBER = Rule(
    "VS-522",
    Fault.SENDER,
    "The patient has no CPR number of ten digits and no replacement number of ten characters.",
    "Give the patient's CPR number, or the replacement number with the system of its register.",
    "OIOXML 2006/07/01, Patient; MedCom mapping CareCommunication 5.0 to XDIS91, Patient id",
)

SUPPLEMENT = Rule(
    "VS-536",
    Fault.SENDER,
    "The letter announces a supplement (SUP), which a CareCommunication cannot say; a line of its text does.",
    "Nothing; what is announced travels by other means.",
    "mapping.md 9.6: no source maps SUP; vansim",
    Severity.WARNING,
)
NOTHING_REMEMBERED = Rule(
    "VS-540",
    Fault.NETWORK,
    "Nothing is remembered of a conversion that this {type} could answer.",
    "Pass the receipt on unconverted, or name what it answers.",
    "MedCom conversion service use cases 3.1.0, 4.5.1",
)
ANSWERS_OTHER = Rule(
    "VS-541",
    Fault.SENDER,
    "The receipt answers {answered}, but what was made and sent is {made}.",
    "Quote the identifiers of the message that is answered, as they stood in it.",
    "MedCom conversion service use cases 3.1.0, 4.1",
)
NO_COUNTERPART = Rule(
    "VS-542",
    Fault.SENDER,
    "XCTL01 (negative VANS receipt) has no counterpart among Acknowledgements.",
    "Read the receipt as it is; it comes from a VANS operator, not from the receiver.",
    "MedCom conversion service use cases 3.1.0, 4.3",
)
RESPONSE_UNKNOWN = Rule(
    "VS-543",
    Fault.SENDER,
    "MessageHeader.response.code is {code}, which is none of ok, fatal-error and transient-error.",
    "Answer with one of the three.",
    "MedCom Acknowledgement 2.0, MessageHeader.response.code",
)
PROVENANCE_UNKNOWN = Rule(
    "VS-544",
    Fault.NETWORK,
    "Nothing is remembered of the answered message's latest Provenance, and an Acknowledgement repeats it.",
    "Remember the Provenance when the message is converted.",
    "MedCom Acknowledgement 2.0; governance for CareCommunication, 22",
)
NOT_ANSWERED = Rule(
    "VS-545",
    Fault.NETWORK,
    "{type} is not answered by a receipt in OIOXML or FHIR.",
    "Answer letters in OIOXML and messages in FHIR; receipts are never answered.",
    "MedCom governance for reliable messaging; OIOXML receipts",
)
UNANSWERABLE = Rule(
    "VS-546",
    Fault.SENDER,
    "The letter cannot be answered, because its {part} cannot be read.",
    "Send the letter with its envelope identifier and both location numbers.",
    "OIOXML 2005/08/07, OriginalEmessage",
)
SURNAME_UNKNOWN = Rule(
    "VS-523",
    Fault.SENDER,
    "The message does not say the patient's family name; the letter says {name}.",
    "Write the family name, if it is known.",
    "OIOXML 2006/07/01, Patient; vansim",
    Severity.WARNING,
)
TOO_MANY_LETTERS = Rule(
    "VS-525",
    Fault.SENDER,
    "The message's {count} attachments would make {letters} pairs of letters, each with the whole text: more than "
    "{most} pairs, or more text than a message may have.",
    "Send fewer attachments in one message.",
    "vansim; OIOXML, ten Reference and ten BinaryObject",
)
TOO_MANY_PAYLOADS = Rule(
    "VS-528",
    Fault.SENDER,
    "The message has {count} payloads, texts and attachments together; one of at most {most} is converted.",
    "Send what is new, and not the whole thread with it.",
    "vansim; MedCom CareCommunication 5.0, Communication.payload (no limit)",
)
RETRACTION = Rule(
    "VS-526",
    Fault.SENDER,
    "A CareCommunication 3.0 that takes back or corrects another ({activity}) has no counterpart in XDIS91.",
    "Tell the receiver in a new message what no longer holds.",
    "MedCom mapping CareCommunication to XDIS91: no annulleretbrev, no rettetbrev; vansim",
)
STYLESHEET_UNUSABLE = Rule(
    "VS-550",
    Fault.NETWORK,
    "The stylesheet cannot be used: {reason}.",
    "Correct it, or take its line out of network.yaml; docs/stylesheets.md says what it may do.",
    "vansim",
)
STYLESHEET_FAILED = Rule(
    "VS-551",
    Fault.NETWORK,
    "The stylesheet that replaces ours fails on this message: {reason}.",
    "Correct it, or take its line out of network.yaml, and send the message again.",
    "vansim",
)
STYLESHEET_NAMES = Rule(
    "VS-552",
    Fault.NETWORK,
    "The stylesheet that replaces ours does not write the {what} that it was given.",
    "Write the identifiers that come as parameters (docs/stylesheets.md); receipts are told by them.",
    "vansim",
)
STYLESHEET_FORGOTTEN = Rule(
    "VS-553",
    Fault.NETWORK,
    "The stylesheet that the message was to be converted with ({digest}) is not kept.",
    "Send the message again.",
    "vansim",
)

RULES: tuple[Rule, ...] = (
    *attachment_errors.RULES,
    DIRECTION,
    SOR_UNKNOWN,
    MADE_INVALID,
    TIME_UNREADABLE,
    CORRECTED_LETTER,
    REPLACEMENT_NUMBER,
    NO_TEXT,
    SOURCES,
    OTHER_PARTY,
    OTHER_SOR,
    NO_CPR_DATE,
    LETTER_NOT_CONVERTED,
    TOO_MANY_PARTS,
    NO_XDIS91,
    VERSION_NOT_CONVERTED,
    PART_MISSING,
    PATIENT_NUMBER,
    SURNAME_UNKNOWN,
    TOO_MANY_LETTERS,
    TOO_MANY_PAYLOADS,
    RETRACTION,
    SUPPLEMENT,
    NOTHING_REMEMBERED,
    ANSWERS_OTHER,
    NO_COUNTERPART,
    RESPONSE_UNKNOWN,
    PROVENANCE_UNKNOWN,
    NOT_ANSWERED,
    UNANSWERABLE,
    STYLESHEET_UNUSABLE,
    STYLESHEET_FAILED,
    STYLESHEET_NAMES,
    STYLESHEET_FORGOTTEN,
)
