"""The elements of a document that a row's words for a place mean: `Patient.name.family`, `Envelope/Sent`.

Rows are written for readers, in the words of MedCom's tables; here they are read. A place that no element has, or that
is no place at all ("-", "(directory)"), gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from lxml import etree

from envelope.fhir.vocabulary import AUTHOR_CONTACT, CPR_SYSTEM, DATE, IDENTIFIER, SOR_SYSTEM

_FHIR: Final = "{http://hl7.org/fhir}"

_QUALIFIERS: Final[Mapping[str, str]] = {
    "string": "[f:contentString]",
    "attachment": "[f:contentAttachment]",
    "date": f"[@url='{DATE}']",
    "identifier": f"[@url='{IDENTIFIER}']",
    "authorContact": f"[@url='{AUTHOR_CONTACT}']",
    "sender": "[contains(@url, 'sender-extension')]",
    "use": "[contains(@url, 'destinationUseExtension')]",
    "GLN": "[contains(f:system/@value, 'gln') or f:system/@value='urn:oid:1.3.88']",
    "SOR": f"[f:system/@value='{SOR_SYSTEM}']",
    "CPR": f"[f:system/@value='{CPR_SYSTEM}']",
    "X-eCPR or D-eCPR": "[starts-with(f:system/@value, 'urn:oid:1.2.208.176.1.6.1.')]",
    "source": "[f:role/@value='source']",
}
"""What stands in brackets after a step, as a predicate; what is not here means every one of them."""

_MEANT: Final[Mapping[str, str]] = {
    # Said of a whole element in the table; these of its values are looked at.
    "Encounter.class, .status": "Encounter.class.code; Encounter.status",
    "Patient.deceased; Encounter.class, .status": "Patient.deceased; Encounter.class.code; Encounter.status",
    "Communication.category, .topic": "Communication.topic.text",
    "Communication.payload[string]": "Communication.payload[string]; PractitionerRole.code; Practitioner.name; "
    "Organization.name",
    "Communication.payload[attachment].contentAttachment without data and url": "Communication.payload[attachment]"
    ".contentAttachment.title; Communication.payload[attachment].extension[date].value",
    "Communication.extension[sender]": "PractitionerRole.code; Practitioner.name; CareTeam.name; Organization.name",
    "Communication.recipient": "PractitionerRole.code; Practitioner.name; CareTeam.name; Organization.name",
    "Communication.payload[string].extension[date]": "Communication.payload[string].extension[date].value",
    "Communication.payload[attachment].extension[identifier]": "Communication.payload[attachment]"
    ".extension[identifier].value.value",
    "Provenance.entity[source]": "Provenance.entity[source].what.identifier.value",
    "Provenance.activity": "Provenance.activity.coding.code",
    "Patient.identifier": "Patient.identifier.value",
    "Encounter.episodeOfCare.identifier": "Encounter.episodeOfCare.identifier.value",
    "OperationOutcome": "OperationOutcome.issue.details.text",
    "OperationOutcome.issue.details.text": "OperationOutcome.issue.details.text; OperationOutcome.issue.diagnostics; "
    "OperationOutcome.issue.code",
    "MessageHeader.event": "MessageHeader.eventCoding.code",
}
_VALUED: Final = {"GLN", "SOR", "CPR", "X-eCPR or D-eCPR"}
_CHOICES: Final = ("deceased", "value", "content", "event", "effective", "occurred")
_STEP: Final = re.compile(r"([A-Za-z]+)(?:\[([^\]]*)\])?")


def elements(words: str, root: etree._Element) -> list[etree._Element]:
    """The elements of one document that a place in words means, in the document's order."""
    found: dict[etree._Element, None] = {}
    for path in _paths(words, fhir=str(root.tag).startswith(_FHIR)):
        found.update(dict.fromkeys(_compiled(path)(root)))
    return list(found)


@cache
def _compiled(path: str) -> Callable[[etree._Element], list[etree._Element]]:
    run: Callable[[etree._Element], Any] = etree.XPath(path, namespaces={"f": _FHIR[1:-1]})
    return run


@cache
def _paths(words: str, *, fhir: bool) -> tuple[str, ...]:
    if fhir:
        whole = f"Communication.{words}" if words.startswith("payload[") else words
        return tuple(_fhir_path(each) for each in _alternatives(_MEANT.get(whole, whole)))
    return tuple(_letter_path(each) for each in _letter_alternatives(words))


def _alternatives(words: str) -> Iterator[str]:
    """`Provenance.occurredDateTime, .recorded` and `A.b; C.d` are two places each."""
    for part in words.split("; "):
        first, *more = part.split(", ")
        if _is_place(first):
            yield first
            above = first.rpartition(".")[0]
            yield from (f"{above}.{each.removeprefix('.')}" for each in more if each != "none")


def _is_place(words: str) -> bool:
    return re.fullmatch(r"[A-Z][A-Za-z]+(?:\[[^\]]*\])?(?:\.[a-z][A-Za-z]*(?:\[[^\]]*\])?)*", words) is not None


def _fhir_path(words: str) -> str:
    (kind, _), *steps = _STEP.findall(words)
    path = "/f:Bundle" if kind == "Bundle" else f"//*[self::f:resource or self::f:contained]/f:{kind}"
    for name, qualifier in steps:
        if name in _CHOICES:
            path += f"/*[self::f:{name} or starts-with(local-name(), '{name}') and local-name()!='{name}s']"
        else:
            path += f"/f:{name}"
        path += _QUALIFIERS.get(qualifier, "")
    return path + ("/f:value" if steps and steps[-1][1] in _VALUED else "")


def _letter_alternatives(words: str) -> Iterator[str]:
    if re.fullmatch(r"[A-Z][A-Za-z0-9_/.,; ]*", words) is None:
        return
    above = words.rpartition("/")[0]
    for number, each in enumerate(re.split("[,;] | and ", words)):
        yield each if number == 0 or "/" in each else f"{above}/{each}"


def _letter_path(words: str) -> str:
    """Under Emessage, or under the letter in it; `Receipt` is either of the two."""
    start, steps = "/*", words.split("/")
    if steps[0] == "Receipt":
        start, steps = "/*/*[local-name()='PositiveReceipt' or local-name()='NegativeReceipt']", steps[1:]
    elif steps[0] not in {"Emessage", "Envelope", "ClinicalEmail", "BinaryLetter"} and "Receipt" not in steps[0]:
        start = "/*/*"
    elif steps[0] == "Emessage":
        steps = steps[1:]
    path = start
    for before, step in zip(["", *steps], steps, strict=False):
        if step != "...":
            path += f"/{'descendant::' if before == '...' else ''}*[local-name()='{step}']"
    return path
