"""What a conversion can refuse or warn of in attachments: of VS-5xx those that are theirs."""

from __future__ import annotations

from envelope.findings import Fault, Rule, Severity

ATTACHMENT_MISSING = Rule(
    "VS-515",
    Fault.SENDER,
    "The letter refers to the attachment {object}, and no XBIN01 with it is there.",
    "Send the XBIN01 that holds the attachment within 60 minutes of the letter.",
    "MedCom conversion service use cases 3.1.0, S1.A1",
)
NOT_REFERRED_TO = Rule(
    "VS-516",
    Fault.SENDER,
    "The letter refers to none of the attachments in the XBIN01 {letter}.",
    "Send attachments with the letter that refers to them.",
    "MedCom conversion service use cases 3.1.0, S1.A1; vansim",
)
OBJECT_LEFT_OUT = Rule(
    "VS-517",
    Fault.SENDER,
    "The letter does not refer to the attachment {object}, so it has no place in the message and is left out.",
    "Refer to each attachment in the letter.",
    "MedCom mapping XDIS91 to CareCommunication 5.0, attachment code: the title is the Reference's; vansim",
    Severity.WARNING,
)
OBJECTS_DIFFER = Rule(
    "VS-518",
    Fault.SENDER,
    "Two attachments with different contents have the identifier {object}.",
    "Give each attachment an identifier of its own.",
    "OIOXML 2012/03/28, ObjectIdentifier; vansim",
)
OBJECT_CAME_TWICE = Rule(
    "VS-519",
    Fault.SENDER,
    "The attachment {object} came more than once with the same content; it is in the message once.",
    "Send each attachment once.",
    "MedCom conversion service use cases 3.1.0, S1.A1; vansim",
    Severity.WARNING,
)
ATTACHMENT_EMPTY = Rule(
    "VS-524",
    Fault.SENDER,
    "An attachment has no content: its data is 0 bytes, and XBIN01 has no object of that size.",
    "Send the attachment with its bytes, or leave it out.",
    "OIOXML 2012/03/28, OriginalObjectSize; FHIR R4, datatypes: base64Binary",
)
ATTACHMENT_WITHOUT_CONTENT = Rule(
    "VS-530",
    Fault.SENDER,
    "The attachment {object} did not come or is invalid; the message has it without title and content.",
    "Send the letter and its XBIN01 again.",
    "MedCom conversion service use cases 3.1.0, S1.A2, S1.A3 and R1.A2",
    Severity.WARNING,
)
OTHER_IN_ATTACHMENT = Rule(
    "VS-531",
    Fault.SENDER,
    "The XBIN01 names another {what} than the letter; the letter's stands in the message.",
    "Name the same sender, receiver and patient in the letter and in its attachments.",
    "OIOXML 2012/03/28, BinaryLetter (reference oioxml.md 3)",
    Severity.WARNING,
)
REFERENCE_DIFFERS = Rule(
    "VS-532",
    Fault.SENDER,
    "The letter says {said} of the attachment's {what}, the attachment itself {found}, and that stands in the message.",
    "State the same in the letter and in its XBIN01.",
    "MedCom mapping XDIS91 to CareCommunication 5.0, attachment extension code and size",
    Severity.WARNING,
)
NEW_OBJECT_IDENTIFIER = Rule(
    "VS-533",
    Fault.SENDER,
    "The attachment's identifier {object} is no UUID, which a CareCommunication needs; it gets {new}.",
    "Give attachments UUIDs, as XB0131X demands.",
    "OIOXML 2005/08/07, ObjectIdentifier; CareCommunication 5.0, medcom-uuidv4; vansim",
    Severity.WARNING,
)
TYPE_NOT_ALLOWED = Rule(
    "VS-534",
    Fault.SENDER,
    "The attachment {object} is of the type {type}, which the receiver of a CareCommunication will refuse.",
    "Send attachments as one of: {allowed}.",
    "MedCom conversion service use cases 3.1.0, S1.A4",
    Severity.WARNING,
)
REFERRED_TWICE = Rule(
    "VS-535",
    Fault.SENDER,
    "The letter refers to the attachment {object} more than once; it is in the message once, under its first title.",
    "Refer to each attachment once.",
    "MedCom CareCommunication 5.0, payload identifiers; vansim",
    Severity.WARNING,
)

RULES: tuple[Rule, ...] = (
    ATTACHMENT_MISSING,
    NOT_REFERRED_TO,
    OBJECT_LEFT_OUT,
    OBJECTS_DIFFER,
    OBJECT_CAME_TWICE,
    ATTACHMENT_EMPTY,
    ATTACHMENT_WITHOUT_CONTENT,
    OTHER_IN_ATTACHMENT,
    REFERENCE_DIFFERS,
    NEW_OBJECT_IDENTIFIER,
    TYPE_NOT_ALLOWED,
    REFERRED_TWICE,
)
