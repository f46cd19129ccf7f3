"""Every rule that an OIOXML letter can break: VS-2xx, under ids that never change and are never used again."""

from __future__ import annotations

from envelope.findings import Fault, Rule, Severity

NOT_A_LETTER = Rule(
    "VS-201",
    Fault.SENDER,
    "The root element is {element} in the namespace {namespace}, not Emessage in an OIOXML release of MedCom's.",
    "Send an Emessage in the namespace of its schema release.",
    "OIOXML letters, namespaces (reference oioxml.md 1)",
)
NO_LETTER = Rule(
    "VS-202",
    Fault.SENDER,
    "The Emessage in {namespace} holds no letter.",
    "Put one letter after the Envelope element.",
    "OIOXML EMessage.xsd",
)
UNKNOWN_LETTER = Rule(
    "VS-203",
    Fault.SENDER,
    "{element} with VersionCode {version} is no letter of the namespace {namespace} that this network knows.",
    "Use the VersionCode and the namespace that belong together, such as XD9134L in the release 2006/07/01.",
    "OIOXML letters, namespaces (reference oioxml.md 1)",
)
MORE_THAN_ONE_LETTER = Rule(
    "VS-204",
    Fault.SENDER,
    "The Emessage holds {count} letters; this network handles exactly one.",
    "Send each letter in an Emessage and an envelope of its own.",
    "vansim; the schema allows several, MedCom's conversion use cases speak of one",
)
UTF8_UNDER_OTHER_NAME = Rule(
    "VS-205",
    Fault.SENDER,
    "The letter declares {declared}, but its bytes are UTF-8; it is read as UTF-8.",
    "Declare the encoding that the bytes are written in.",
    "vansim; MedCom's own worked example for flow 3 does this",
    Severity.WARNING,
)
NO_SCHEMA = Rule(
    "VS-206",
    Fault.SENDER,
    "No schema of the release {namespace} is held here; the letter is passed on without a check of its content.",
    "Send a letter of a current release to have it checked and converted, such as XD9134L of 2006/07/01.",
    "vansim; MedCom's VANS conversion use cases 3.1.0, 4.1, take XD9134L alone",
    Severity.WARNING,
)
ELEMENT_UNEXPECTED = Rule(
    "VS-211",
    Fault.SENDER,
    "The element {element} does not belong here{expected}.",
    "Keep to the elements and the order of the letter's schema.",
    "OIOXML schema of the letter",
)
ELEMENT_MISSING = Rule(
    "VS-212",
    Fault.SENDER,
    "The element {element} is incomplete{expected}.",
    "Add what is missing, in the order of the letter's schema.",
    "OIOXML schema of the letter",
)
VALUE_NOT_LISTED = Rule(
    "VS-213",
    Fault.SENDER,
    "The value{value} of {element} is not in its code list.",
    "Use a code of the list that the letter's schema gives.",
    "OIOXML schema of the letter",
)
VALUE_MALFORMED = Rule(
    "VS-214",
    Fault.SENDER,
    "The value{value} of {element} does not have the form that its schema asks for{form}.",
    "Write the value in the form of the letter's schema.",
    "OIOXML schema of the letter",
)
VALUE_TOO_LONG = Rule(
    "VS-215",
    Fault.SENDER,
    "The value{value} of {element} has {length} characters; at most {limit} are allowed.",
    "Shorten the value.",
    "OIOXML schema of the letter",
)
VALUE_TOO_SHORT = Rule(
    "VS-216",
    Fault.SENDER,
    "The value{value} of {element} has {length} characters; at least {limit} are needed.",
    "Fill the element, or leave it out where it may be left out.",
    "OIOXML schema of the letter",
)
TEXT_UNEXPECTED = Rule(
    "VS-217",
    Fault.SENDER,
    "The element {element} holds text where only elements are allowed.",
    "Move the text into the element that it belongs to.",
    "OIOXML schema of the letter",
)
ATTRIBUTE_UNEXPECTED = Rule(
    "VS-218",
    Fault.SENDER,
    "The element {element} has an attribute that it may not have.",
    "Leave the attribute out: the elements of a letter have none.",
    "OIOXML schema of the letter",
)
CONTENT_UNEXPECTED = Rule(
    "VS-219",
    Fault.SENDER,
    "The element {element} holds something where it must be empty, or elements where it must hold a plain value.",
    "Give the element the kind of content that the letter's schema asks for.",
    "OIOXML schema of the letter",
)
SCHEMA_OTHERWISE_BROKEN = Rule(
    "VS-220",
    Fault.SENDER,
    "The element {element} is not valid (schema rule {code}).",
    "Compare the element with the letter's schema.",
    "OIOXML schema of the letter",
)
SCHEMA_ERRORS_LEFT_OUT = Rule(
    "VS-221",
    Fault.SENDER,
    "{count} further schema errors are not listed.",
    "Correct the listed ones first.",
    "vansim",
)
LETTER_GLN = Rule(
    "VS-231",
    Fault.SENDER,
    "{value} in {element} is not a GLN: it takes 13 digits, the last of which is a check digit.",
    "Correct the location number.",
    "GS1 General Specifications, 7.9; the letter's schema asks only for 1 to 35 characters",
    Severity.WARNING,
)
DATE_OUT_OF_RANGE = Rule(
    "VS-232",
    Fault.SENDER,
    "{value} in {element} is no date of the years 0001 to 9999.",
    "Give the date as YYYY-MM-DD.",
    "vansim; xs:date has no bounds, FHIR dates have four digits for the year",
)
CPR_IMPLAUSIBLE = Rule(
    "VS-233",
    Fault.SENDER,
    "The number in {element} begins with no date that exists.",
    "Check the patient's number; a replacement number belongs in AlternativeIdentifier.",
    "The Danish Civil Registration System's description of the CPR number",
    Severity.WARNING,
)
RECEIPT_WANTS_RECEIPT = Rule(
    "VS-234",
    Fault.SENDER,
    "The receipt asks for a positive receipt; receipts are never receipted.",
    "Set AcknowledgementCode to minuspositivkvitt.",
    "OIOXML receipts (reference oioxml.md 2.2, 6.4)",
)
OBJECT_NOT_BASE64 = Rule(
    "VS-235",
    Fault.SENDER,
    "The object {object} is not base64.",
    "Encode the object's bytes as base64; white space is allowed.",
    "OIOXML BinaryLetter.xsd, RFC 4648 section 4",
)
OBJECT_SIZE = Rule(
    "VS-236",
    Fault.SENDER,
    "The object {object} decodes to {found} bytes, but OriginalObjectSize says {stated}.",
    "State the number of bytes of the decoded object.",
    "OIOXML XBIN01 (reference oioxml.md 3)",
)
OBJECT_TWICE = Rule(
    "VS-237",
    Fault.SENDER,
    "The object identifier {object} is used more than once in the letter.",
    "Give each object an identifier of its own.",
    "vansim; references find their object by this identifier alone",
    Severity.WARNING,
)

LETTER_RULES: tuple[Rule, ...] = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
