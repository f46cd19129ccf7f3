"""What of a letter is shown while patient data is masked: codes, identifiers of messages, and whose systems they are.

A list of what may be seen, by place: all else is masked, what nobody has thought of too.
"""

from __future__ import annotations

from simulator.web.pages.places import Key

MASK = "•••••"
"""Stands for any value; its length says nothing."""

_LETTER = frozenset(
    {
        *("EANIdentifier", "Identifier", "IdentifierCode", "OrganisationName", "MedicalSpecialityCode"),
        *("VersionCode", "StatisticalCode", "TypeCode", "StatusCode", "AcknowledgementCode", "Date", "Time"),
        *("ObjectIdentifier", "ObjectCode", "ObjectExtensionCode", "OriginalObjectSize", "SUP", "RefuseCode"),
        *(
            "OriginalEnvelopeIdentifier",
            "OriginalLetterIdentifier",
            "OriginalVersionCode",
            "OriginalVansEnvelopeIdentifier",
        ),
    }
)
"""Elements of an OIOXML letter, anywhere but below who is written about."""

_PERSONS = frozenset({"Patient", "Relative", "Relatives"})

_OPEN_RESOURCES = frozenset({"MessageHeader", "Provenance", "Organization"})
"""Resources of FHIR that tell of messages and their systems alone."""

_ANYWHERE = frozenset({"id", "fullUrl", "profile", "system", "url", "reference", "use", "resourceType"})
"""Elements of every other resource: what it is and what it points at, and nothing of whom it speaks of."""

_OF_MESSAGES = frozenset({"type", "timestamp", "lastUpdated", "status", "severity", "contentType", "creation"})
"""Elements of those resources that a message is made of."""

_MESSAGES = frozenset({"Bundle", "Communication", "OperationOutcome"})
_CODED = frozenset({"OperationOutcome", "PractitionerRole"})
"""Resources whose codes tell why a receipt is negative, or of a profession; a category tells of the patient."""

_HIDDEN = frozenset({"div", "data", "title", "display", "diagnostics", "text", "family", "given"})


def is_open(key: Key, resource: str) -> bool:
    """Whether a value may be seen.

    Args:
        key: of its place, from the document's root.
        resource: the FHIR resource that it stands in; "" in a letter.
    """
    names = [name for name, _ in key]
    root, last = (names[0], names[-1]) if names else ("", "")
    if root == "VANSEnvelope":
        return last != "Data"
    if root == "Emessage":
        return last in _LETTER and not _PERSONS & set(names)
    if root != "Bundle" or last in _HIDDEN or "text" in names or (last == "url" and "content" in names):
        return False
    if resource in _OPEN_RESOURCES or last in _ANYWHERE:
        return True
    if resource in _MESSAGES and (last in _OF_MESSAGES or names[-2:] == ["identifier", "value"]):
        return True
    return resource in _CODED and last == "code"
