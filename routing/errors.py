"""Errors of directory and routing: VS-41x decisions, VS-43x to VS-46x the network file."""

from __future__ import annotations

from envelope.findings import Fault, Rule, Severity

# Decisions.

SENDER_UNKNOWN = Rule(
    "VS-410",
    Fault.SENDER,
    "The sender {gln} is not a participant of this network.",
    "Add the participant to network.yaml, or send as one that is there.",
    "vansim",
)
RECEIVER_UNKNOWN = Rule(
    "VS-411",
    Fault.SENDER,
    "The receiver {gln} is not a participant of this network.",
    "Correct the ReceiverID, or add the participant to network.yaml.",
    "Den Gode VANSEnvelope 1.3: unknown receiver",
)
TYPE_NOT_TAKEN = Rule(
    "VS-412",
    Fault.SENDER,
    "The receiver {gln} takes neither {type} nor a format that {type} can be converted to on {day}.",
    "Send a type that the receiver takes on that day, or change what it takes in network.yaml.",
    "MedCom VANS conversion use cases 3.1.0, R1",
)
VERSION_NOT_TAKEN = Rule(
    "VS-413",
    Fault.SENDER,
    "The receiver {gln} takes {type} on {day} in version {taken}, and not in version {version}.",
    "Send a version that the receiver takes; one version is never converted to another of the same format.",
    "MedCom VANS conversion use cases 3.1.0, R1",
)
VERSION_NOT_CONVERTED = Rule(
    "VS-414",
    Fault.SENDER,
    "{type} in version {version} cannot be converted to {target}, which is what the receiver {gln} takes on {day}.",
    "Send {type} in a version that the conversion knows.",
    "MedCom VANS conversion use cases 3.1.0, 4.1",
)
CONVERSION_ENDED = Rule(
    "VS-417",
    Fault.SENDER,
    "{gln} takes no {type} on {day}, and letters are converted no more: the conversion service ended on {ended}.",
    "Send {target}, which the receiver takes.",
    "network.yaml, conversion.until; MedCom CareCommunication, introduction in waves",
)
ENVELOPE_REUSED = Rule(
    "VS-415",
    Fault.SENDER,
    "EnvelopeIdentifier {identifier} was used before for another message.",
    "Give every envelope a new EnvelopeIdentifier; only an unchanged resend keeps its message Identifier.",
    "MedCom reliable messaging for VANSEnvelope, identity table",
)
TYPE_UNKNOWN = Rule(
    "VS-416",
    Fault.SENDER,
    "The message type {name} is not known here, and the receiver {gln} does not list it on {day}.",
    "List the type under the receiver's takes in network.yaml to have it delivered as it is.",
    "vansim",
)
# VS-417 said that letters with attachments are not converted; they are, and the id is not used again.
RECEIPT_NOT_CONVERTED = Rule(
    "VS-418",
    Fault.SENDER,
    "{type} answers a letter that was converted, and has no counterpart in the other format.",
    "Answer with XCTL02 or XCTL03; XCTL01 is written by the network only.",
    "MedCom VANS conversion use cases 3.1.0, 4.3",
)
VERSION_NOT_MADE = Rule(
    "VS-422",
    Fault.SENDER,
    "The receiver {gln} takes {target} on {day} in version {taken} alone; of {type} the network makes {made}.",
    "Send what the receiver takes, or change what it takes in network.yaml.",
    "MedCom VANS conversion use cases 3.1.0, 4.1; vansim",
)
SENDER_NOT_CALLER = Rule(
    "VS-419",
    Fault.SENDER,
    "The envelope's SenderID {gln} is not the participant {caller} that handed it in.",
    "Send as yourself.",
    "vansim",
)
SENT_BEFORE_REFUSED = Rule(
    "VS-420",
    Fault.SENDER,
    "The envelope {identifier} was refused before, and an envelope's answer never changes.",
    "Send the message again in a new envelope.",
    "MedCom reliable messaging for VANSEnvelope, identity table",
)
DUPLICATE = Rule(
    "VS-421",
    Fault.SENDER,
    "The message was received before; it is forwarded as it is, marked as a duplicate.",
    "Nothing: the receiver handles duplicates by its own rules.",
    "MedCom reliable messaging for VANSEnvelope, identity table",
    Severity.WARNING,
)

EDIFACT_NOT_CONVERTED = Rule(
    "VS-424",
    Fault.SENDER,
    "The receiver {gln} takes {taken} on {day}, and {type} is not converted to it: EDIFACT goes on as it is, or not.",
    "Send {taken}; what a VANS operator converts to or from EDIFACT is agreed with each customer, and not simulated.",
    "MedCom VANS conversion use cases 3.1.0, R1 and 1.4.2.4; vansim",
)
MESSAGE_OVER_LIMIT = Rule(
    "VS-423",
    Fault.SENDER,
    "A message of FHIR has 100 MB at most with its envelope ({limit} bytes), and this one has {size}.",
    "Send fewer or smaller attachments; the network itself has passed it on, and the receiver's system refuses it.",
    "MedCom CareCommunication use cases 5.0; MedCom VANS conversion use cases 3.1.0, S1.A1",
)
DECISION_RULES = (
    SENDER_UNKNOWN,
    RECEIVER_UNKNOWN,
    TYPE_NOT_TAKEN,
    VERSION_NOT_TAKEN,
    VERSION_NOT_CONVERTED,
    VERSION_NOT_MADE,
    CONVERSION_ENDED,
    ENVELOPE_REUSED,
    TYPE_UNKNOWN,
    RECEIPT_NOT_CONVERTED,
    SENDER_NOT_CALLER,
    SENT_BEFORE_REFUSED,
    DUPLICATE,
    EDIFACT_NOT_CONVERTED,
    MESSAGE_OVER_LIMIT,
)

# The network file.

NETWORK_UNREADABLE = Rule(
    "VS-430",
    Fault.NETWORK,
    "The network file cannot be read: {reason}.",
    "Put the file where it was named, readable, in UTF-8.",
    "vansim",
)
NETWORK_SYNTAX = Rule(
    "VS-431",
    Fault.NETWORK,
    "The network file is not YAML that is read here: {reason}.",
    "Correct the file at this place.",
    "YAML 1.1",
)
NETWORK_TOO_LARGE = Rule(
    "VS-432",
    Fault.NETWORK,
    "The network file has more than {limit} {what}.",
    "Write a smaller file; no network needs that many.",
    "vansim",
)
KEY_DUPLICATE = Rule(
    "VS-433",
    Fault.NETWORK,
    "The key {key} stands twice; it stood on line {first} before.",
    "Keep one of the two.",
    "YAML 1.1, 3.2.1.3",
)
KEY_UNKNOWN = Rule(
    "VS-434",
    Fault.NETWORK,
    "In {where}, the key {key} is not known{hint}.",
    "Correct the key, or take it out.",
    "vansim",
)
KEY_MISSING = Rule(
    "VS-435",
    Fault.NETWORK,
    "In {where}, the key {key} is missing.",
    "Add the key.",
    "vansim",
)
VALUE_WRONG = Rule(
    "VS-436",
    Fault.NETWORK,
    "In {where}, {key} must be {expected}, not {found}.",
    "Correct the value.",
    "vansim",
)
CHOICE_UNKNOWN = Rule(
    "VS-437",
    Fault.NETWORK,
    "In {where}, {key} {found} is not one of {choices}{hint}.",
    "Use one of the values that are known.",
    "vansim",
)
PARTICIPANT_GLN_FORM = Rule(
    "VS-440",
    Fault.NETWORK,
    "In {where}, the GLN {gln} does not have 13 digits.",
    "Correct the GLN.",
    "GS1 General Specifications, 3.7",
)
PARTICIPANT_GLN_CHECK_DIGIT = Rule(
    "VS-441",
    Fault.NETWORK,
    "In {where}, the GLN {gln} has a wrong check digit; {right} would be right.",
    "Correct the GLN.",
    "GS1 General Specifications, 7.9",
)
PARTICIPANT_SOR_FORM = Rule(
    "VS-442",
    Fault.NETWORK,
    "In {where}, the SOR code {sor} does not have 11 to 18 digits.",
    "Correct the SOR code.",
    "MedCom messaging 4.0.2, Organization; SNOMED CT, SCTID",
)
PARTICIPANT_TWICE = Rule(
    "VS-443",
    Fault.NETWORK,
    "In {where}, the {what} {value} is used before, by {first} on line {line}.",
    "Give each participant its own.",
    "vansim",
)
PERIOD_EMPTY = Rule(
    "VS-450",
    Fault.NETWORK,
    "In {where}, {type} is taken from {since} until {until}, which is no day: until is the first day without it.",
    "Give an until after the from.",
    "vansim",
)
FORMATS_CLASH = Rule(
    "VS-451",
    Fault.NETWORK,
    "In {where}, both {one} (line {line}) and {other} are taken {days}; a receiver takes one of them on a day.",
    "Let one end (until) where the other begins (from).",
    "MedCom CareCommunication, illustrations of conversion scenarios",
)
FORMATS_GAP = Rule(
    "VS-452",
    Fault.NETWORK,
    "In {where}, neither {one} (line {line}) nor {other} is taken {days}; until is the first day without.",
    "If no gap is meant, give both the same date.",
    "vansim",
    Severity.WARNING,
)
TYPE_MISSPELT = Rule(
    "VS-453",
    Fault.NETWORK,
    "In {where}, the type {found} must be written {type}.",
    "Write the type as the catalogue does.",
    "vansim",
)
TYPE_DOUBTFUL = Rule(
    "VS-454",
    Fault.NETWORK,
    "In {where}, the type {found} is not known, and close to {type}; it is taken for a type of its own.",
    "If the known type is meant, correct it.",
    "vansim",
    Severity.WARNING,
)
VERSION_UNKNOWN = Rule(
    "VS-455",
    Fault.NETWORK,
    "In {where}, {type} has no version {version}; known are {known}.",
    "Correct the version, or leave it out to take every version.",
    "vansim",
)
STYLESHEET_UNREADABLE = Rule(
    "VS-456",
    Fault.NETWORK,
    "The stylesheet {path} cannot be read: {reason}.",
    "Put the file where it is named, relative to the network file.",
    "vansim",
)

DIRECTORY_RULES = (
    NETWORK_UNREADABLE,
    NETWORK_SYNTAX,
    NETWORK_TOO_LARGE,
    KEY_DUPLICATE,
    KEY_UNKNOWN,
    KEY_MISSING,
    VALUE_WRONG,
    CHOICE_UNKNOWN,
    PARTICIPANT_GLN_FORM,
    PARTICIPANT_GLN_CHECK_DIGIT,
    PARTICIPANT_SOR_FORM,
    PARTICIPANT_TWICE,
    PERIOD_EMPTY,
    FORMATS_CLASH,
    FORMATS_GAP,
    TYPE_MISSPELT,
    TYPE_DOUBTFUL,
    VERSION_UNKNOWN,
    STYLESHEET_UNREADABLE,
)

RULES = DECISION_RULES + DIRECTORY_RULES
