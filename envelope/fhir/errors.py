"""Errors of FHIR bundles: VS-300 to VS-329 reading and structure; MedCom's demands stand in the three other tables."""

from __future__ import annotations

from typing import Final

from envelope.fhir.demand_errors import DEMAND_RULES
from envelope.fhir.message_errors import MESSAGE_RULES
from envelope.fhir.profile_errors import PROFILE_RULES
from envelope.findings import Fault, Rule, Severity

# Reading JSON and XML.

JSON_ENCODING = Rule(
    "VS-300",
    Fault.SENDER,
    "The JSON is not UTF-8: byte {byte} cannot be decoded.",
    "Write the bundle in UTF-8.",
    "RFC 8259, 8.1",
)
JSON_SYNTAX = Rule(
    "VS-301",
    Fault.SENDER,
    "The document is not JSON: {reason}.",
    "Correct the document; it may have been cut short on its way.",
    "RFC 8259",
)
JSON_DEPTH = Rule(
    "VS-302",
    Fault.SENDER,
    "The document is nested more than {limit} levels deep.",
    "Flatten the document; no FHIR message needs this depth.",
    "vansim",
)
JSON_DUPLICATE = Rule(
    "VS-303",
    Fault.SENDER,
    "The name {name} stands twice in one object.",
    "Write each name once; repeated elements go into an array.",
    "FHIR R4, JSON; RFC 8259, 4",
)
NUMBER = Rule(
    "VS-304",
    Fault.SENDER,
    "{value} is not a number that FHIR knows.",
    "Write a decimal number of at most 64 characters.",
    "FHIR R4, datatypes: decimal",
)
ELEMENT_UNKNOWN = Rule(
    "VS-305",
    Fault.SENDER,
    "{type} has no element {name}.",
    "Take the element out or correct its name; what FHIR does not know belongs in an extension.",
    "FHIR R4",
)
JSON_KIND = Rule(
    "VS-306",
    Fault.SENDER,
    "{name} is written as {found} where FHIR wants {wanted}.",
    "Write the element in the JSON form of its type.",
    "FHIR R4, JSON",
)
EMPTY = Rule(
    "VS-307",
    Fault.SENDER,
    "{name} is there but says nothing.",
    "Leave the element out, or give it a value.",
    "FHIR R4, JSON and XML: no empty elements",
)
UNEVEN = Rule(
    "VS-308",
    Fault.SENDER,
    "{name} and _{name} are arrays of different length.",
    "Fill the shorter array with null.",
    "FHIR R4, JSON: primitive elements",
)
CHARACTER = Rule(
    "VS-309",
    Fault.SENDER,
    "{name} holds a character that FHIR strings and XML cannot hold.",
    "Take control characters and half surrogates out of the text.",
    "FHIR R4, datatypes: string; XML 1.0, 2.2",
)
NARRATIVE = Rule(
    "VS-310",
    Fault.SENDER,
    "The narrative is not one well-formed XHTML div.",
    "Write the narrative as one div in the namespace http://www.w3.org/1999/xhtml.",
    "FHIR R4, narrative",
)
RESOURCE_UNKNOWN = Rule(
    "VS-311",
    Fault.SENDER,
    "{name} is not a resource of FHIR R4.",
    "Correct the resource type.",
    "FHIR R4, resources",
)
ORDER = Rule(
    "VS-312",
    Fault.SENDER,
    "{name} stands after an element that {type} has later, or stands twice.",
    "Write the elements in the order of the specification.",
    "FHIR R4, XML",
)
TEXT = Rule(
    "VS-313",
    Fault.SENDER,
    "{name} holds text between its elements.",
    "Write values in the attribute value.",
    "FHIR R4, XML",
)
ATTRIBUTE_UNKNOWN = Rule(
    "VS-314",
    Fault.SENDER,
    "{name} has an attribute {attribute} that FHIR does not know.",
    "Take the attribute out.",
    "FHIR R4, XML",
)
LEXICAL = Rule(
    "VS-315",
    Fault.SENDER,
    "The value of {name} is not {wanted}.",
    "Correct the value.",
    "FHIR R4, datatypes",
)

READING_RULES: Final = (
    JSON_ENCODING,
    JSON_SYNTAX,
    JSON_DEPTH,
    JSON_DUPLICATE,
    NUMBER,
    ELEMENT_UNKNOWN,
    JSON_KIND,
    EMPTY,
    UNEVEN,
    CHARACTER,
    NARRATIVE,
    RESOURCE_UNKNOWN,
    ORDER,
    TEXT,
    ATTRIBUTE_UNKNOWN,
    LEXICAL,
)

# Reading a bundle, and its structure.

NOT_A_BUNDLE = Rule(
    "VS-320",
    Fault.SENDER,
    "The document is {name} in the namespace {namespace}, not a FHIR Bundle.",
    "Send a Bundle of type message.",
    "FHIR R4, messaging",
)
STRUCTURE = Rule(
    "VS-321",
    Fault.SENDER,
    "The structure is not FHIR's: {reason}",
    "Correct the element.",
    "FHIR R4B, by way of fhir.resources",
)
VERSION_UNKNOWN = Rule(
    "VS-322",
    Fault.SENDER,
    "{type} is not known in version {version}.",
    "Send a version that this network knows.",
    "MedCom, versions of FHIR messages",
)
STRUCTURE_ONLY = Rule(
    "VS-323",
    Fault.NETWORK,
    "{message} is checked as a bundle and in its structure only, not against MedCom's profile.",
    "Nothing to do; let the receiver's own validation judge the rest.",
    "vansim",
    Severity.WARNING,
)

BUNDLE_RULES: Final = (
    *READING_RULES,
    NOT_A_BUNDLE,
    STRUCTURE,
    VERSION_UNKNOWN,
    STRUCTURE_ONLY,
    *MESSAGE_RULES,
    *PROFILE_RULES,
    *DEMAND_RULES,
)
"""Every rule of FHIR messages."""
