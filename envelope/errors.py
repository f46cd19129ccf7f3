"""Every rule that an envelope, a letter or a bundle can break, under ids that never change.

Three sections: VS-1xx envelope, VS-2xx letter (OIOXML), VS-3xx bundle (FHIR). An id is never reused. `RULES` holds
them all; the list of errors in the documentation is drawn from it.
"""

from __future__ import annotations

from envelope.fhir.errors import BUNDLE_RULES
from envelope.findings import Fault, Rule, Severity

# ---- VS-1xx envelope ------------------------------------------------------------------------------------------------

NOT_XML = Rule(
    "VS-101",
    Fault.SENDER,
    "The document is not well-formed XML: {reason} (line {line}, column {column}).",
    "Correct the document at this place.",
    "XML 1.0, 2.1",
)
DOCTYPE_FORBIDDEN = Rule(
    "VS-102",
    Fault.SENDER,
    "The document has a document type declaration (line {line}, column {column}); entities and external subsets are "
    "never read.",
    "Leave the DOCTYPE out.",
    "vansim",
)
UNDECODABLE_BYTES = Rule(
    "VS-103",
    Fault.SENDER,
    "The bytes cannot be decoded as {encoding} (line {line}, column {column}).",
    "Write the document in the encoding that it declares.",
    "XML 1.0, 4.3.3",
)
ENCODING_UNKNOWN = Rule(
    "VS-104",
    Fault.SENDER,
    "The document declares the encoding {encoding}, which is not taken here (line {line}, column {column}).",
    "Use UTF-8; ISO-8859-1, windows-1252, US-ASCII and UTF-16 are read as well.",
    "vansim",
)
TOO_DEEP = Rule(
    "VS-105",
    Fault.SENDER,
    "Elements are nested more than {limit} levels deep (line {line}, column {column}).",
    "Send a document of ordinary depth.",
    "vansim",
)
TOO_MANY = Rule(
    "VS-106",
    Fault.SENDER,
    "The document has more than {limit} {what} (line {line}, column {column}).",
    "Send a document of ordinary size.",
    "vansim",
)
TOO_LONG = Rule(
    "VS-107",
    Fault.SENDER,
    "{what} is longer than {limit} characters (line {line}, column {column}).",
    "Send a document of ordinary size.",
    "vansim",
)
NO_BYTES = Rule(
    "VS-108",
    Fault.SENDER,
    "There is no document: no bytes came (line 1, column 1).",
    "Send the document.",
    "XML 1.0, 2.1",
)
TRUNCATED = Rule(
    "VS-109",
    Fault.SENDER,
    "The document ends too early: {reason} (line {line}, column {column}).",
    "Send the document again, whole.",
    "XML 1.0, 2.1",
)
NOT_AN_ENVELOPE = Rule(
    "VS-110",
    Fault.SENDER,
    "The root element is {root}, not VANSEnvelope.",
    "Wrap the letter in a VANSEnvelope.",
    "VANSEnvelope 1.0.4",
)
ENVELOPE_NAMESPACE = Rule(
    "VS-111",
    Fault.SENDER,
    "VANSEnvelope stands in namespace '{namespace}', not urn:oio:medcom:vans-envelope:1.0.4.",
    "Use the namespace of VANSEnvelope 1.0.4.",
    "VANSEnvelope 1.0.4",
)
ENVELOPE_ELEMENT = Rule(
    "VS-112",
    Fault.SENDER,
    "An element is missing, unknown or out of place in the envelope: {reason}.",
    "Write the elements of VANSEnvelope 1.0.4 in the schema's order.",
    "VANSEnvelope 1.0.4",
)
ENVELOPE_ATTRIBUTE = Rule(
    "VS-113",
    Fault.SENDER,
    "An attribute is missing, unknown or wrong in the envelope: {reason}.",
    "Write the attributes of VANSEnvelope 1.0.4.",
    "VANSEnvelope 1.0.4",
)
ENVELOPE_VALUE = Rule(
    "VS-114",
    Fault.SENDER,
    "A value in the envelope is not of its type: {reason}.",
    "Correct the value.",
    "VANSEnvelope 1.0.4",
)
DATA_NOT_BASE64 = Rule(
    "VS-120",
    Fault.SENDER,
    "Data is not base64: {reason}.",
    "Encode the payload again; nothing may be lost or added on the way.",
    "VANSEnvelope 1.0.4, Data; RFC 4648, 4",
)
DATA_STRAY_CHARACTERS = Rule(
    "VS-121",
    Fault.SENDER,
    "Data holds {count} characters that are neither base64 nor white space.",
    "Encode the payload again, in the standard base64 alphabet.",
    "XML Schema 2, base64Binary",
)
SIZE_MISMATCH = Rule(
    "VS-122",
    Fault.SENDER,
    "SizeInBytes says {declared}, but Data holds {counted} bytes once decoded.",
    "Give the size of the payload before base64, and check that nothing of it was lost.",
    "VANSEnvelope 1.0.4, SizeInBytes",
)
PAYLOAD_TYPE = Rule(
    "VS-130",
    Fault.SENDER,
    "The envelope says {said}, but the payload is {found}.",
    "Name in Document what the payload is.",
    "MedCom, FHIR messages and network envelopes",
)
PAYLOAD_VERSION = Rule(
    "VS-131",
    Fault.SENDER,
    "The envelope says {said}, but the payload is of version {found}.",
    "Give in Document/Version the version of the payload.",
    "MedCom, FHIR messages and network envelopes",
)
PAYLOAD_FORMAT = Rule(
    "VS-132",
    Fault.SENDER,
    "The envelope says {said} with Format {format}, but {name} has Format {expected}.",
    "Correct Document/Format.",
    "MedCom, FHIR messages and network envelopes",
)
PAYLOAD_MIME = Rule(
    "VS-133",
    Fault.SENDER,
    "The service tag MCM:MIME says {said}, but the payload of {name} is {found}.",
    "Give in MCM:MIME what the payload is written in.",
    "MedCom, FHIR messages and network envelopes",
)
VERSION_ABSENT = Rule(
    "VS-134",
    Fault.SENDER,
    "Document/Version is absent for {name} and the payload does not show it; {version} is assumed.",
    "Give Document/Version.",
    "VANSEnvelope 1.0.4, Version",
    Severity.WARNING,
)
POSTFIX_UNKNOWN = Rule(
    "VS-135",
    Fault.SENDER,
    "The statistical postfix of {name} is {postfix}, which is not among MedCom's codes.",
    "Use a code of MedCom's statistical codes after #.",
    "MedCom, messaging statistical codes 2.0.0",
    Severity.WARNING,
)
MIME_ABSENT = Rule(
    "VS-136",
    Fault.SENDER,
    "The service tag MCM:MIME is absent for {name}.",
    "Add the service tag MCM:MIME: application/fhir+xml or application/fhir+json.",
    "MedCom, FHIR messages and network envelopes",
    Severity.WARNING,
)
GLN_FORM = Rule(
    "VS-150",
    Fault.SENDER,
    "The GLN {gln} in {element} does not have 13 digits.",
    "Correct the GLN; an EAN endpoint has 13 digits.",
    "GS1 General Specifications, 3.7",
)
GLN_CHECK_DIGIT = Rule(
    "VS-151",
    Fault.SENDER,
    "The GLN {gln} in {element} has a wrong check digit.",
    "Correct the GLN.",
    "GS1 General Specifications, 7.9",
)
SOR_FORM = Rule(
    "VS-152",
    Fault.SENDER,
    "The SOR code {sor} in {element} does not have at least 11 digits.",
    "Correct the SOR code.",
    "MedCom, SOR identifiers",
)

# ---- VS-2xx letter (OIOXML) -----------------------------------------------------------------------------------------

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

# ---- VS-3xx bundle (FHIR): `envelope.fhir.errors`, for there are as many of them as of all others together -----------

RULES: tuple[Rule, ...] = (*(rule for rule in tuple(globals().values()) if isinstance(rule, Rule)), *BUNDLE_RULES)
