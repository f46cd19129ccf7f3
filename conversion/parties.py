"""The parties of a document as it names them itself: what is known of those that no directory has."""

from __future__ import annotations

from lxml import etree

from conversion.facts import Organisation
from envelope.cutting import cut
from envelope.fhir.bundle import read_bundle
from envelope.fhir.values import gln, identifier, primary_destination, value
from envelope.fhir.vocabulary import SOR_SYSTEM
from envelope.oioxml.reading import Letter, read_letter
from envelope.oioxml.reading import value as letter_value
from envelope.recognition import recognise_whole

SOR_CODE = "sorkode"
"""The IdentifierCode of a SOR code."""


def parties_of(payload: bytes) -> tuple[Organisation, ...]:
    """Sender and receiver of a letter or bundle, as far as each has a location number.

    Args:
        payload: an OIOXML letter or a FHIR message, without its envelope.

    Returns:
        each with the SOR code and the name that the document says, "" for what it does not say. A receipt of OIOXML
        says location numbers alone.

    Raises:
        Refused: it cannot be read.
    """
    recognised = recognise_whole(payload)
    if recognised is not None and recognised.family == "FHIR":
        bundle = read_bundle(cut(payload))
        header = bundle.header
        found = (
            bundle.index.referred(header, "sender"),
            bundle.index.referred(primary_destination(header), "receiver"),
        )
        return tuple(_of_bundle(each) for each in found if each is not None and gln(each))
    letter = read_letter(cut(payload))
    return tuple(_of_letter(letter, party) for party in ("Sender", "Receiver"))


def _of_bundle(organization: etree._Element) -> Organisation:
    return known_by(
        gln(organization) or "", identifier(organization, SOR_SYSTEM) or "", value(organization, "name") or ""
    )


def _of_letter(letter: Letter, party: str) -> Organisation:
    said = {
        name: letter_value(letter.body, f"{party}/{name}")
        for name in ("EANIdentifier", "Identifier", "IdentifierCode", "OrganisationName")
    }
    sor = said["Identifier"] if said["IdentifierCode"] == SOR_CODE else ""
    return known_by(said["EANIdentifier"], sor, said["OrganisationName"])


def known_by(gln_: str, sor: str, name: str = "") -> Organisation:
    """An organisation of which no more is known: OIOXML names it by its SOR code, as any without a better number."""
    return Organisation(gln_, sor, name, None, sor, SOR_CODE)
