"""VS-316 to VS-329, VS-348, VS-349, VS-357: what full validation says beyond the rules that every message passes.

Profiles line by line, narratives, the chain of Provenances. One rule stands for one kind of demand; which demand is
broken, and under which id it is published, is said in the finding.
"""

from __future__ import annotations

from typing import Final

from envelope.findings import Fault, Rule, Severity

NARRATIVE_MISSING = Rule(
    "VS-316",
    Fault.SENDER,
    "The {resource} has {found}: governance wants a narrative, generated or with extensions, in every resource but the "
    "Bundle; core 3.0.1 leaves it free (dom-6).",
    "Write text with the status generated or extensions, and a div.",
    "MedCom FHIR governance, general standards 5, against core 3.0.1",
    Severity.WARNING,
)
NARRATIVE_INCOMPLETE = Rule(
    "VS-317",
    Fault.SENDER,
    "The narrative of the {resource} does not show {missing}: the profile marks each SHALL:in-narrative, MedCom's own "
    "examples leave several out.",
    "Write the resource's id and every marked element into text.div.",
    "MedCom FHIR governance, general standards 5; obligations of the profiles, against MedCom's own examples",
    Severity.WARNING,
)
NARRATIVE_DATA = Rule(
    "VS-318",
    Fault.SENDER,
    "The narrative of the {resource} holds base64: governance keeps attachments out of narratives, MedCom's own "
    "examples have theirs in.",
    "Keep attachments out of the narrative.",
    "MedCom FHIR governance, general standards 5, against MedCom's own examples",
    Severity.WARNING,
)
LPR3_FORM = Rule(
    "VS-319",
    Fault.SENDER,
    "The episodeOfCare identifier of Landspatientregisteret is not urn:uuid: and a UUID of version 5 (uuidv5).",
    "Write the identifier as the register gave it, or use the sender's own system.",
    "core 3.0.1, lpr3-identifier, uuidv5; governance 080",
)
CARDINALITY = Rule(
    "VS-324",
    Fault.SENDER,
    "{element} stands {count} times; {profile} allows {allowed}.",
    "Write the element as often as its profile allows.",
    "CareCommunication 5.0.2, messaging 4.0.2, core 3.0.1, Acknowledgement 2.0.3: cardinalities",
)
TIME_ZONE = Rule(
    "VS-325",
    Fault.SENDER,
    "{element} has a time without a zone that FHIR knows.",
    "Write it as 2026-01-31T12:00:00+01:00, or write the date alone.",
    "FHIR R4, datatypes: dateTime; governance 052.2",
)
CODE = Rule(
    "VS-326",
    Fault.SENDER,
    "{element} is {code}, which is not in {list}.",
    "Use a code of the value set, with its system.",
    "CareCommunication 5.0.2, messaging 4.0.2, core 3.0.1, Acknowledgement 2.0.3: required value sets",
)
CODE_DOUBT = Rule(
    "VS-327",
    Fault.SENDER,
    "{element} is {code}: {why}.",
    "Use a code of the list where one fits.",
    "core 3.0.1, Acknowledgement 2.0.3, terminology 2.0.2",
    Severity.WARNING,
)
INVARIANT = Rule(
    "VS-328",
    Fault.SENDER,
    "{what} ({invariant}).",
    "Correct the element.",
    "FHIR R4 and dk-core 3.4.0, invariants carried by MedCom's profiles",
)
SHARED_ONLY = Rule(
    "VS-329",
    Fault.NETWORK,
    "{message} is held to its structure and to those rules of 5.0 that it shares, not to its own profile.",
    "Nothing to do; let the receiver's own validation judge the rest.",
    "vansim",
    Severity.WARNING,
)
CHAIN = Rule(
    "VS-348",
    Fault.SENDER,
    "{what}.",
    "Write the Provenances as the message's activity asks: new-message alone, reply-message and forward-message with "
    "the message before them.",
    "CareCommunication 5.0, Provenance; governance for CareCommunication, rules 1 to 21",
)
GUIDE_DOUBT = Rule(
    "VS-349",
    Fault.SENDER,
    "{what}: {sources}.",
    "Follow the guide; receivers may take the other form too.",
    "CareCommunication 5.0 and its governance, against its own expressions and examples",
    Severity.WARNING,
)
IDENTIFIER_TWICE = Rule(
    "VS-357",
    Fault.SENDER,
    "{what} stands twice in the message.",
    "Give each its own identifier.",
    "CareCommunication 5.0, identifiers; governance 052.2",
)

DEMAND_RULES: Final = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
