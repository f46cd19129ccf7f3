"""One case or more for each carried row about attachments of XDIS91 and XBIN01 to CareCommunication."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import partial

from conversion import Converted
from conversion.identifiers import Identifiers
from tests.conversion.rows.case import FACTS, LETTERS, Case

LETTER = "xdis91-attachments.xml"
XBIN01S = ("xbin01-attachments-1.xml", "xbin01-attachments-2.xml")
IDENTIFIERS = (
    "a3f0c1d2-5b6e-47f8-8c9d-0e1f2a3b4c5d",
    "0b1c2d3e-4f5a-46b7-a8c9-d0e1f2a3b4c5",
    "5e6f7081-92a3-43b4-c5d6-e7f8091a2b3c",
)
KEYS = [identifier.replace("-", "") for identifier in IDENTIFIERS]

_new = Identifiers(FACTS.seed).uuid
_case = partial(Case, letter=LETTER, others=XBIN01S, to="CareCommunication")
_alone = partial(Case, letter=LETTER, to="CareCommunication", facts=replace(FACTS, incomplete=True))

_EXTENSION = "f:extension[@url = 'http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core-{0}-extension']"
_ATTACHMENT = "//f:Communication/f:payload[f:contentAttachment[not(f:url)]]"
_IDENTIFIER = f"{_ATTACHMENT}/{_EXTENSION.format('identifier')}/f:valueIdentifier"
_CONTENT = f"{_ATTACHMENT}/f:contentAttachment"
_BLANK = ("<RefDescription>Tegning<", "<RefDescription> <")
_PATIENT, _OTHER = (
    f"<CivilRegistrationNumber>{number}</CivilRegistrationNumber>"
    "\n      <PersonSurnameName>Testesen</PersonSurnameName>"
    "\n      <PersonGivenName>Prøve Åge</PersonGivenName>\n    </Patient>"
    for number in ("2512489996", "0101909995")
)
"""Another patient in the XBIN01s: the letter's has an address."""
_WORD_OBJECT = ("<ObjectExtensionCode>pdf<", "<ObjectExtensionCode>doc<")
_OLD = (
    ("2012/03/28", "2005/08/07"),
    ("http://rep.oio.dk/medcom.dk", "http://rep.oio.dk/sundcom.dk/medcom.dk"),
    ("XB0131X", "XB0130X"),
    (
        "<OrganisationName>Klinikken Prøven</OrganisationName>",
        """<OrganisationName>Klinikken Prøven</OrganisationName>
      <StreetName>Prøvevej 1</StreetName>
      <DistrictName>Prøveby</DistrictName>
      <PostCodeIdentifier>9999</PostCodeIdentifier>""",
    ),
    *((identifier, identifier.replace("-", "")) for identifier in IDENTIFIERS[1:]),
    (IDENTIFIERS[0].upper(), KEYS[0].upper()),
)
"""What makes XB0130X of the XBIN01s."""


def remembered_incomplete(converted: Converted) -> tuple[str, ...]:
    """Which payloads were made without content, as it is remembered."""
    assert converted.remembered is not None
    return converted.remembered.incomplete


def _not_allowed(converted: Converted) -> tuple[str, ...]:
    assert converted.remembered is not None
    return converted.remembered.not_allowed


def _originals(converted: Converted) -> list[str]:
    assert converted.remembered is not None
    return [
        f"{each.type} {each.version} {each.envelope_id} {each.letter_id} {each.wants_receipt}"
        for each in converted.remembered.original[1:]
    ]


def rules(converted: Converted) -> list[str]:
    """The ids of the findings."""
    return [finding.rule.id for finding in converted.findings]


def contents() -> list[str]:
    """The base64 of the three objects in the order of the letter, without white space."""
    first, second = ((LETTERS / name).read_text(encoding="utf-8") for name in XBIN01S)
    texts = [part.partition("</")[0] for part in (first + second).split("<Object_Base64Encoded>")[1:]]
    image, document, drawing = ("".join(text.split()) for text in texts)
    assert all(base64.b64decode(text, validate=True) for text in (document, image, drawing))
    return [document, image, drawing]


CASES: tuple[Case, ...] = (
    _case(
        "XC-attachment-id",
        find=f"{_IDENTIFIER}/f:value/@value",
        expected=[f"urn:uuid:{identifier}" for identifier in IDENTIFIERS],
    ),
    _alone(
        "XC-attachment-id",
        find=f"{_IDENTIFIER}/f:value/@value",
        expected=[f"urn:uuid:{identifier}" for identifier in IDENTIFIERS],
    ),
    _case(
        "XC-attachment-new-id",
        replacing=[*_OLD, (f">{KEYS[2]}", ">Tegning-3")],
        find=f"{_IDENTIFIER}/f:value/@value",
        expected=[*(f"urn:uuid:{each}" for each in IDENTIFIERS[:2]), f"urn:uuid:{_new('object tegning3')}"],
    ),
    _case(
        "XC-attachment-assigner",
        find=f"{_IDENTIFIER}/f:assigner/f:reference/@value",
        expected=[f"Organization/{_new('sender')}"] * 3,
    ),
    _case(
        "XC-attachment-title",
        find=f"{_CONTENT}/f:title/@value",
        expected=["Prøvesvar.pdf", "Billede af sår", "Tegning"],
    ),
    _case(
        "XC-no-attachment-title",
        replacing=[_BLANK],
        find=f"{_CONTENT}/f:title/@value",
        expected=["Prøvesvar.pdf", "Billede af sår", "Bilag"],
    ),
    _case(
        "XC-attachment-type",
        find=f"{_CONTENT}/f:contentType/@value",
        expected=["application/pdf", "image/png", "image/gif"],
    ),
    _alone(
        "XC-attachment-type",
        find=f"{_CONTENT}/f:contentType/@value",
        expected=["application/pdf", "image/png", "image/gif"],
    ),
    _case("XC-attachment-type-allowed", replacing=[_WORD_OBJECT], find=_not_allowed, expected=[KEYS[0]]),
    _alone("XC-attachment-type-allowed", replacing=[_WORD_OBJECT], find=_not_allowed, expected=[KEYS[0]]),
    _case("XC-attachment-content", find=f"{_CONTENT}/f:data/@value", expected=contents()),
    _case(
        "XC-attachment-date",
        find=f"{_ATTACHMENT}/{_EXTENSION.format('datetime')}/f:valueDateTime/@value",
        expected=["2024-01-31T08:15:00+01:00"] * 3,
    ),
    _case(
        "XC-provenance-attachment",
        find="//f:Provenance/f:entity[f:role/@value = 'source'][position() > 1]/f:what/f:identifier/f:value/@value",
        expected=[f"urn:uuid:{each}" for each in (IDENTIFIERS[0], _new("url 1"), IDENTIFIERS[1], IDENTIFIERS[2])],
    ),
    _alone("XC-attachment-incomplete", find=remembered_incomplete, expected=KEYS),
    # XBIN01 as a letter
    _case(
        "XC-bin-identity",
        find=_originals,
        expected=[
            "XBIN01 XB0131X KUV2024BIN0008 BIN20240000008 True",
            "XBIN01 XB0131X KUV2024BIN0009 BIN20240000009 False",
        ],
    ),
    _case(
        "XC-bin-parties",
        replacing=[(_PATIENT, _OTHER)],
        find=lambda converted: [finding.location for finding in converted.findings],
        expected=["/Emessage/ClinicalEmail/Reference[4]/SUP", *["/Emessage/BinaryLetter/Patient"] * 2],
    ),
)
