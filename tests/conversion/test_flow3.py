"""The third of MedCom's worked flows: a CareCommunication with an attachment to XDIS91 and XBIN01."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from conversion import Facts, Organisation, convert
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.letters import R2006
from envelope.oioxml.reading import read_letter
from tests.conversion.rows.case import FACTS

pytestmark = pytest.mark.reference

MEDCOM = Organisation("5790001382445", "359001000016000", "MedCom testcenter", None, "359001000016000", "sorkode")
RECEIVER = Organisation("5790000121441", "328051000016008", "Modtageren", None, "328051000016008", "sorkode")

# Where MedCom's third flow says something else than its own table (mapping.md 7), and why.
DEVIATIONS = {
    "Envelope/Sent/Time": "the example writes the segment's time, the table says Bundle.timestamp (12:33)",
    "Envelope/Identifier": "14 characters of our own",
    "ClinicalEmail/Letter/Identifier": "14 characters of our own",
    "ClinicalEmail/Sender/Identifier": "the example repeats the GLN, the table says the SOR code",
    "ClinicalEmail/Sender/IdentifierCode": "the example has lokationsnummer, the table says sorkode",
    "ClinicalEmail/Sender/TelephoneSubscriberIdentifier": "the example has the organisation's, not the author's",
    "ClinicalEmail/Receiver/Identifier": "the example repeats the GLN, the table says the directory's identifier",
    "ClinicalEmail/Receiver/IdentifierCode": "the example has lokationsnummer, the directory says sorkode",
    "ClinicalEmail/ClinicalInformation/Text01": "the example's text has a line that the message lacks",
    "ClinicalEmail/Reference/RefDescription": "the example writes BIN, the table of January 2026 says the title",
    "ClinicalEmail/Reference/BIN/ObjectIdentifier": "the example has an identifier that the message lacks",
    "ClinicalEmail/Reference/BIN/ObjectCode": "the example writes billede, the use cases 3.1.0 say vektor_grafik",
}

# The same of its XBIN01, which is a copy of the first flow's and of another sending: nothing of its time is right.
DEVIATIONS_BESIDE = {
    "Envelope/Sent/Date": "a copy of the first flow's",
    "Envelope/Sent/Time": "a copy of the first flow's",
    "Envelope/Identifier": "14 characters of our own",
    "Envelope/AcknowledgementCode": "the example has minuspositivkvitt, the table says pluspositivkvitt",
    "BinaryLetter/Letter/Identifier": "14 characters of our own",
    "BinaryLetter/Letter/Authorisation/Date": "a copy of the first flow's",
    "BinaryLetter/Letter/Authorisation/Time": "a copy of the first flow's",
    "BinaryLetter/Sender/Identifier": "the example repeats the GLN, the table says the SOR code",
    "BinaryLetter/Sender/IdentifierCode": "the example has lokationsnummer, the table says sorkode",
    "BinaryLetter/Sender/OrganisationName": "the example writes Medcom, the message MedCom",
    "BinaryLetter/Sender/DepartmentName": "of the first flow; the message has no department",
    "BinaryLetter/Sender/TelephoneSubscriberIdentifier": "the table has the author's telephone here, the example none",
    "BinaryLetter/Sender/MedicalSpecialityCode": "of the first flow; no row gives one",
    "BinaryLetter/Receiver/Identifier": "the example repeats the GLN, the table says the directory's identifier",
    "BinaryLetter/Receiver/IdentifierCode": "the example has kommunenummer, the directory says sorkode",
    "BinaryLetter/Receiver/OrganisationName": "of the first flow; the message does not name its receiver",
    "BinaryLetter/Receiver/StreetName": "of the first flow; no row gives one",
    "BinaryLetter/Receiver/DistrictName": "of the first flow; no row gives one",
    "BinaryLetter/Receiver/PostCodeIdentifier": "of the first flow; no row gives one",
    "BinaryLetter/BinaryObject/ObjectIdentifier": "the first flow's; not even the example's own letter refers to it",
    "BinaryLetter/BinaryObject/ObjectCode": "the example writes billede, the use cases 3.1.0 say vektor_grafik",
}


def _flow3(reference: Path) -> list[tuple[etree._Element, etree._Element]]:
    """Each letter that we make of the message of the flow, and the one of the flow."""
    flows = reference / "samples" / "conversion-flows"
    source = (flows / "Flow3-CareCommunication_Ex_to_OIOXML.xml").read_bytes()
    made = convert([source], Facts(FACTS.accepted, FACTS.seed, MEDCOM, RECEIVER), "XDIS91").outputs
    theirs = [flows / f"Flow3-{type_}_Ex_from_FHIR.xml" for type_ in ("XDIS91", "XBIN01")]
    return [
        (read_letter(one.payload).root, read_letter(other.read_bytes()).root)
        for one, other in zip(made, theirs, strict=True)
    ]


def _leaves(letter: etree._Element) -> dict[str, str]:
    """Every value of a letter under its path; the text with newlines."""
    tree = letter.getroottree()
    text = f"{{{R2006}}}Text01"
    return {
        "/".join(re.findall(r"\}([^/{]+)", tree.getelementpath(one))): plain_text(one)
        for one in letter.iter()
        if one.tag == text or (len(one) == 0 and not any(above.tag == text for above in one.iterancestors()))
    }


def test_the_third_flow_differs_only_where_the_example_leaves_its_own_table(reference: Path) -> None:
    """The same elements in the same order, and the same values but for the listed deviations."""
    made, theirs = (_leaves(letter) for letter in _flow3(reference)[0])
    assert list(made) == list(theirs)
    assert {path for path, text in theirs.items() if made[path] != text} == set(DEVIATIONS)


def test_the_third_flows_attachment_differs_only_where_the_example_is_another_ones(reference: Path) -> None:
    """What the tables decide is equal, the base64 to its last character."""
    made, theirs = (_leaves(letter) for letter in _flow3(reference)[1])
    paths = made.keys() | theirs.keys()
    assert {path for path in paths if made.get(path) != theirs.get(path)} == set(DEVIATIONS_BESIDE)
    assert [path for path in made if path in theirs] == [path for path in theirs if path in made]


def test_the_text_of_the_third_flow_differs_by_one_line(reference: Path) -> None:
    """Author and role stand as in the example; the example's extra line is the only difference."""
    letters = _flow3(reference)[0]
    made, theirs = (plain_text(next(letter.iter(f"{{{R2006}}}Text01"))).split("\n") for letter in letters)
    extra = [line for line in theirs if line not in made]
    assert extra == ["Forinden der foretages visitation, bedes følgende undersøgelser foretaget:"]
    assert [line for line in theirs if line not in extra] == made
