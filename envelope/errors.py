"""Every rule that an envelope can break: VS-1xx, under ids that never change and are never used again.

Those of letters stand in `envelope.oioxml.errors`, those of bundles in `envelope.fhir.errors`; the list of errors in
the documentation is drawn from all of them.
"""

from __future__ import annotations

from envelope.findings import Fault, Rule, Severity

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
FURTHER = Rule(
    "VS-123",
    Fault.SENDER,
    "{rule} is broken at further places: {more}, not told one by one.",
    "Mend the places that are told, and have it judged again.",
    "vansim",
    Severity.WARNING,
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
ENVELOPE_TWICE = Rule(
    "VS-160",
    Fault.SENDER,
    "The EnvelopeIdentifier {identifier} is that of {other} too, and they are not the same envelope.",
    "Give each envelope an identifier of its own.",
    "MedCom reliable messaging for VANSEnvelope, EnvelopeIdentifier",
)
MESSAGE_TWICE = Rule(
    "VS-161",
    Fault.SENDER,
    "The message Identifier {identifier} is that of {other} too: to the network it is that message, sent again.",
    "Give another message an identifier of its own.",
    "MedCom reliable messaging for VANSEnvelope, duplicates",
    Severity.WARNING,
)
LETTER_TWICE = Rule(
    "VS-162",
    Fault.SENDER,
    "The letter identifier {identifier} is that of {other} too: to the network it is that letter, sent again.",
    "Give another letter an identifier of its own.",
    "OIOXML letters, Letter/Identifier; FHIR MessageHeader.id",
    Severity.WARNING,
)
COPY = Rule(
    "VS-163",
    Fault.SENDER,
    "The file is {other} once more, byte for byte.",
    "Leave one of them out.",
    "vansim",
    Severity.WARNING,
)
REFERRED_OBJECT_ABSENT = Rule(
    "VS-164",
    Fault.SENDER,
    "The letter refers to the object {object}, which no XBIN01 among the files carries.",
    "Add the XBIN01; without it the letter waits for 60 minutes, and is converted without the attachment.",
    "MedCom VANS conversion use cases 3.1.0, S1.A2",
    Severity.WARNING,
)
OBJECT_UNREFERRED = Rule(
    "VS-165",
    Fault.SENDER,
    "No letter among the files refers to the object {object}.",
    "Add the XDIS91; without it the XBIN01 waits for 60 minutes, and goes on unconverted.",
    "MedCom VANS conversion use cases 3.1.0, S1.A3",
    Severity.WARNING,
)
ORIGINAL_ABSENT = Rule(
    "VS-166",
    Fault.SENDER,
    "The receipt answers {identifier}, which is none of the files.",
    "Add the letter that it answers, or correct the identifier.",
    "MedCom VANS conversion use cases 3.1.0, 4.1",
    Severity.WARNING,
)

RULES: tuple[Rule, ...] = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
