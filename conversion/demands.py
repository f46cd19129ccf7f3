"""What a CareCommunication must say for there to be an XDIS91 of it, beyond what FHIR asks of it.

OIOXML 2006/07/01, Patient; MedCom mapping CareCommunication 5.0 to XDIS91.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conversion.errors import OTHER_SOR, PART_MISSING, PATIENT_NUMBER, RETRACTION, SURNAME_UNKNOWN
from conversion.facts import Facts, Organisation
from conversion.rows import carries
from conversion.thread import Thread, activity
from envelope.fhir.bundle import Bundle
from envelope.fhir.elements import location as fhir_location
from envelope.fhir.values import NS, identifier, primary_destination, value
from envelope.fhir.vocabulary import CPR_SYSTEM, D_ECPR_SYSTEM, SOR_SYSTEM, X_ECPR_SYSTEM
from envelope.findings import Finding, Refused

UNKNOWN = "Ukendt"
REPLACEMENT_LENGTH = 10
_SHOWN = 40

RETRACTIONS = frozenset({"retract-message", "modified-message"})
"""The activities of 3.0 that 4.0 took out."""


@carries("CX-retraction", otherwise=None)
def refuse_retraction(thread: Thread) -> None:
    """What 3.0 takes back or corrects is not told as if it held.

    An XDIS91 is always a new letter, so that it cannot say which earlier one no longer holds (mapping.md 9.4). [INFER]
    No source says what becomes of such a message; its sender must hear that it did not arrive.
    """
    said = activity(thread.provenance)
    if said in RETRACTIONS or value(thread.communication, "status") == "entered-in-error":
        shown = said if said in RETRACTIONS else "entered-in-error"
        raise Refused(RETRACTION.at("Provenance.activity", activity=shown))


def other_sor(party: str, sor: str, known: Organisation, location: str) -> Iterator[Finding]:
    """A SOR code that the directory does not know as the party's: a warning, for it is written as it is."""
    if sor and known.sor and sor != known.sor:
        yield OTHER_SOR.at(location, party=party, sor=sor[:_SHOWN], gln=known.gln, known=known.sor)


def parties(bundle: Bundle, facts: Facts) -> Iterator[Finding]:
    """Where a message names its parties by other SOR codes than the directory does."""
    header = bundle.header
    sender = bundle.index.referred(header, "sender")
    receiver = bundle.index.referred(primary_destination(header), "receiver")
    for party, organisation, known in (("sender", sender, facts.sender), ("receiver", receiver, facts.receiver)):
        if organisation is not None and (sor := identifier(organisation, SOR_SYSTEM)) != known.sor:
            place = f"{fhir_location(organisation)}.identifier"
            yield from other_sor(party, sor or "", known, place)


def nameless(bundle: Bundle) -> Iterator[Finding]:
    """FHIR may say that a family name is not known; XDIS91 must write one."""
    names = (name for patient in bundle.index.of_type("Patient")[:1] for name in patient.iterfind(f"{NS}name"))
    if not any((value(name, "family") or "").strip() for name in names):
        yield SURNAME_UNKNOWN.at("Bundle.entry.resource.ofType(Patient).name.family", name=UNKNOWN)


def refuse_patient(bundle: Bundle) -> None:
    """Without a number that fits its field there is no letter about anybody."""
    patient = next(iter(bundle.index.of_type("Patient")), None)
    if patient is None:
        raise Refused(PART_MISSING.at("Bundle.entry", part="Patient"))
    numbers = [
        (value(item, "system") or "", number)
        for item in patient.iterfind(f"{NS}identifier")
        if (number := value(item, "value"))
    ]
    civil = [number for system, number in numbers if system == CPR_SYSTEM]
    national = [number for system, number in numbers if system == X_ECPR_SYSTEM]
    regional = [number for system, number in numbers if f"{system}.".startswith(f"{D_ECPR_SYSTEM}.")]
    alternative = (national or regional)[:1]
    fits = re.fullmatch("[0-9]{10}", civil[0]) if civil else any(len(one) == REPLACEMENT_LENGTH for one in alternative)
    if not fits:
        raise Refused(PATIENT_NUMBER.at("Patient.identifier"))
