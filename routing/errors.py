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
    "The receiver {gln} takes {type} on {day}, but not in version {version}.",
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
ATTACHMENT_NOT_CONVERTED = Rule(
    "VS-417",
    Fault.NETWORK,
    "The letter has attachments, and the receiver {gln} takes only {target} on {day}; letters with attachments are "
    "not converted yet.",
    "Send the letter without attachments, or to a receiver that takes its format.",
    "vansim",
)
RECEIPT_NOT_CONVERTED = Rule(
    "VS-418",
    Fault.SENDER,
    "{type} answers a letter that was converted, and has no counterpart in the other format.",
    "Answer with XCTL02 or XCTL03; XCTL01 is written by the network only.",
    "MedCom VANS conversion use cases 3.1.0, 4.3",
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

DECISION_RULES = (
    SENDER_UNKNOWN,
    RECEIVER_UNKNOWN,
    TYPE_NOT_TAKEN,
    VERSION_NOT_TAKEN,
    VERSION_NOT_CONVERTED,
    ENVELOPE_REUSED,
    TYPE_UNKNOWN,
    ATTACHMENT_NOT_CONVERTED,
    RECEIPT_NOT_CONVERTED,
    SENDER_NOT_CALLER,
    SENT_BEFORE_REFUSED,
    DUPLICATE,
)

# The network file.

DIRECTORY_RULES: tuple[Rule, ...] = ()

RULES = DECISION_RULES + DIRECTORY_RULES
