"""What a row drops is dropped: with another value in its place, what is made is the same bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pytest
from lxml import etree

from conversion import convert
from conversion.rows import ROWS, Row
from conversion.rows.places import elements
from envelope import safe_xml
from envelope.findings import Refused
from tests.conversion.rows.case import PREFIXES, Case
from tests.conversion.rows.cases import CASES

_DROPPED: Final = {row.id: row for row in ROWS if not row.carried}

_NOWHERE: Final = frozenset({"-", "(directory)"})
"""Sources that no document has: nothing can be planted there."""

_BOUND: Final[Mapping[str, str]] = {
    **dict.fromkeys(("XC-bin-type-code", "XC-bin-status-code"), "VS-213"),
    "XC-bin-system-information": "VS-214",
    "XC-bin-object-size": "VS-236",
    **dict.fromkeys(("CX-bundle-type", "AR-bundle-type"), "VS-330"),
    **dict.fromkeys(("CX-definition",), "VS-520"),
    "RA-acknowledgement-code": "VS-234",
    "RA-version-code": "VS-203",
    **dict.fromkeys(("RA-vans-refuse-code", "RA-vans-refuse-text", "RA-vans-refuse-letter"), "VS-542"),
}
"""Rows whose value can be no other, or whose letter is never converted, and the rule that refuses it."""

_SENDER, _RECEIVER = (
    f"//f:Organization[concat('Organization/', f:id/@value) = //f:MessageHeader/{party}/f:reference/@value]"
    for party in ("f:sender", "f:destination/f:receiver")
)
_NUMBER: Final = "/f:identifier[f:system/@value = 'urn:oid:1.2.208.176.1.1']/f:value"
_SAID: Final = "//f:payload[f:contentAttachment/f:{0}]/f:extension[contains(@url, 'datetime')]/f:valueDateTime"
_FILE_ROLE: Final = "//f:PractitionerRole[f:id/@value = 'role-file']/f:code/f:coding/f:code"
_FILE_AUTHOR: Final = "//f:Practitioner[f:id/@value = 'practitioner-file']/f:name/f:given"

_PLACES: Final[Mapping[str, str]] = {
    "CX-destination-use": "//f:MessageHeader/f:destination/f:extension/f:valueCoding/f:system",
    "CX-receiver-sor": _RECEIVER + _NUMBER,
    **dict.fromkeys(("CX-attachment-author-role", "CX-url-author-role"), _FILE_ROLE),
    **dict.fromkeys(("CX-attachment-author-name", "CX-url-author-name"), _FILE_AUTHOR),
    "CX-attachment-date": _SAID.format("data"),
    "CX-url-date": _SAID.format("url"),
    "AR-sender-sor": _SENDER + _NUMBER,
    "AR-original-receiver-sor": _SENDER + _NUMBER,
    "AR-sender-name": f"{_SENDER}/f:name",
    "AR-original-receiver-name": f"{_SENDER}/f:name",
    "AR-receiver-sor": _RECEIVER + _NUMBER,
    "AR-original-sender-sor": _RECEIVER + _NUMBER,
    "AR-receiver-name": f"{_RECEIVER}/f:name",
    "AR-original-sender-name": f"{_RECEIVER}/f:name",
    "AR-severity": "//f:issue/f:severity[@value = 'error']",
    "AR-details-code": "//f:issue/f:details[f:text]/f:coding/f:system",
    **dict.fromkeys(("AR-positive-outcome", "AR-vans-refuse"), "//f:issue/f:code"),
}
"""Where a row's value stands, as XPath, for rows whose words name more than they mean."""

_VALUES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("XC-acknowledgement-code", "XC-bin-acknowledgement-code"), "minuspositivkvitt"),
    **dict.fromkeys(("XC-sender-speciality", "XC-bin-sender-speciality"), "almen_medicin"),
    **dict.fromkeys(("XC-attachment-code", "XC-bin-object-code"), "proprietaert_indhold"),
    **dict.fromkeys(("XC-bin-sender-identifier-code", "XC-bin-receiver-identifier-code"), "lokationsnummer"),
    "RA-acknowledgement-code": "pluspositivkvitt",
    "CX-communication-status": "in-progress",
    "AR-severity": "fatal",
}
"""Another value that is read as the row's own is; elsewhere letters and digits are turned."""

_PARTY: Final = (
    "<OrganisationName>Eksempelstrup Kommune</OrganisationName>\n      <PostCodeIdentifier></PostCodeIdentifier>"
)
_CLINIC: Final = "<OrganisationName>Klinikken Prøven</OrganisationName>"
_PATIENT: Final = (
    "<CivilRegistrationNumber>2512489996</CivilRegistrationNumber>\n      "
    "<PersonSurnameName>Testesen</PersonSurnameName>\n      "
    "<PersonGivenName>Prøve Åge</PersonGivenName>\n    </Patient>"
)
_BIN_PATIENT: Final = f"<Patient>\n      {_PATIENT}"
_EXTENSION: Final = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core-{0}-extension"
_BY: Final = (
    f'<extension url="{_EXTENSION.format("practitioner")}"><valueReference>'
    '<reference value="PractitionerRole/role-file"/></valueReference></extension>'
    f'<extension url="{_EXTENSION.format("contact")}"><valueContactPoint>'
    '<system value="phone"/><value value="65432099"/></valueContactPoint></extension>'
)
_FILE_BY: Final = (
    '<entry><fullUrl value="https://test.example/fhir/PractitionerRole/role-file"/><resource><PractitionerRole>'
    '<id value="role-file"/><practitioner><reference value="Practitioner/practitioner-file"/></practitioner>'
    '<code><coding><system value="http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesSKSadministrativ"/>'
    '<code value="laege"/></coding></code></PractitionerRole></resource></entry>'
    '<entry><fullUrl value="https://test.example/fhir/Practitioner/practitioner-file"/><resource><Practitioner>'
    '<id value="practitioner-file"/><name><family value="Filesen"/><given value="Fie"/></name>'
    "</Practitioner></resource></entry></Bundle>"
)
_AUTHORED: Final = (("<contentAttachment>", f"{_BY}<contentAttachment>"), ("</Bundle>", _FILE_BY))
_ISSUE: Final = '<issue><severity value="information"/><code value="value"/></issue>'
_OUTCOME: Final = (
    ('<code value="ok"/>', '<code value="ok"/><details><reference value="OperationOutcome/file"/></details>'),
    (
        "</Bundle>",
        f'<entry><resource><OperationOutcome><id value="file"/>{_ISSUE}</OperationOutcome></resource></entry></Bundle>',
    ),
)


def _under(name: str, *, receiver: bool) -> tuple[str, str]:
    """An element more below the XBIN01's sender or receiver."""
    old = _PARTY if receiver else _CLINIC
    return (old, old.replace(">\n", f"><{name}>Andet</{name}>\n") if receiver else f"{old}<{name}>Andet</{name}>")


_ADDED: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "XC-bin-sender-department": (_under("DepartmentName", receiver=False),),
    "XC-bin-sender-unit": (_under("UnitName", receiver=False),),
    "XC-bin-sender-street": (_under("StreetName", receiver=False),),
    "XC-bin-sender-suburb": (_under("SuburbName", receiver=False),),
    "XC-bin-sender-district": (_under("DistrictName", receiver=False),),
    "XC-bin-sender-post-code": (_under("PostCodeIdentifier", receiver=False),),
    "XC-bin-receiver-department": (_under("DepartmentName", receiver=True),),
    "XC-bin-receiver-unit": (_under("UnitName", receiver=True),),
    "XC-bin-receiver-street": (_under("StreetName", receiver=True),),
    "XC-bin-receiver-suburb": (_under("SuburbName", receiver=True),),
    "XC-bin-receiver-district": (_under("DistrictName", receiver=True),),
    "XC-bin-receiver-post-code": (("<PostCodeIdentifier></", "<PostCodeIdentifier>8000</"),),
    "XC-bin-patient-replacement": (
        (
            _PATIENT,
            _PATIENT.replace("CivilRegistrationNumber", "AlternativeIdentifier").replace("2512489996", "070392AAA1"),
        ),
    ),
    "XC-bin-system-information": ((_BIN_PATIENT, "<SystemInformation>true</SystemInformation>"),),
    "XC-bin-contents": ((_BIN_PATIENT, "<SystemInformation>true</SystemInformation><Contents>Oplysninger</Contents>"),),
    "CX-patient-telecom": (
        (
            '<name>\n          <use value="nickname"/>',
            '<telecom><system value="phone"/><value value="65432077"/></telecom><name><use value="nickname"/>',
        ),
    ),
    **dict.fromkeys(
        (
            *("CX-attachment-author-role", "CX-attachment-author-name", "CX-attachment-contact"),
            *("CX-url-author-role", "CX-url-author-name", "CX-url-contact"),
        ),
        _AUTHORED,
    ),
    "CX-attachment-creation": (
        ('<title value="Røntgen af hofte"/>', '<title value="Røntgen af hofte"/><creation value="2026-05-10"/>'),
    ),
    "RA-vans-refuse-letter": (
        ("<OriginalVersionCode>XD9134L<", "<RefuseCode>syntaksfejl</RefuseCode><OriginalVersionCode>XD9134L<"),
    ),
    "AR-positive-outcome": _OUTCOME,
}
"""What the letters get for rows that none of them has a value for."""

_TURNED: Final = str.maketrans("0123456789abcdefghijABCDEFGHIJ", "1234567890bcdefghijaBCDEFGHIJA")
_MOMENTS: Final = (
    (re.compile(r"\d{4}-\d\d-\d\dT.+"), "2025-02-03T04:05:06+01:00"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "2025-02-03"),
    (re.compile(r"\d\d:\d\d"), "04:05"),
)


def _other(row: Row, value: str) -> str:
    """Another value than this one."""
    if row.id in _VALUES:
        return _VALUES[row.id]
    return next((moment for form, moment in _MOMENTS if form.fullmatch(value)), value.translate(_TURNED))


def _planted(row: Row, source: bytes) -> bytes:
    """The letter with another value wherever the row looks; the same one when it looks at nothing in it."""
    root = safe_xml.parse(source)
    of_binary = row.id.startswith("XC-bin-")
    if of_binary and next(root.iter("{*}BinaryLetter"), None) is None:
        return etree.tostring(root)
    words = row.source.removesuffix(" of the XBIN01")
    found = root.xpath(_PLACES[row.id], namespaces=PREFIXES) if row.id in _PLACES else elements(words, root)
    assert isinstance(found, list)
    for place in (leaf for each in found if isinstance(each, etree._Element) for leaf in each.iter("*")):
        if value := place.get("value"):
            place.set("value", _other(row, value))
        elif (place.text or "").strip():
            place.text = _other(row, place.text or "")
    return etree.tostring(root)


def _case(row: Row) -> Case:
    """The first case of the row's direction whose letters have what the row drops."""
    for case in CASES:
        texts = b"".join(case.sources()).decode() if case.row[:3] == row.id[:3] else ""
        added = _ADDED.get(row.id, ())
        if texts and all(old in texts for old, _ in added):
            with_value = replace(case, replacing=(*case.replacing, *added))
            if any(_planted(row, each) != etree.tostring(safe_xml.parse(each)) for each in with_value.sources()):
                return with_value
    raise LookupError(row.id)


def _made(case: Case, sources: Sequence[bytes]) -> list[bytes]:
    return [output.payload for output in convert(sources, case.facts, case.to, profile=False).outputs]


@pytest.mark.parametrize(
    "row",
    [row for row in _DROPPED.values() if row.source not in _NOWHERE and row.id not in _BOUND],
    ids=lambda row: row.id,
)
def test_what_is_made_does_not_depend_on_a_dropped_value(row: Row) -> None:
    """Another value at the row's place makes the same letters."""
    case = _case(row)
    assert _made(case, [_planted(row, each) for each in case.sources()]) == _made(case, case.sources())


@pytest.mark.parametrize("row", [_DROPPED[id_] for id_ in _BOUND], ids=lambda row: row.id)
def test_a_value_that_can_be_no_other_is_refused_with_another(row: Row) -> None:
    """Rows of this kind have nothing to plant: another value is refused before anything is made."""
    case = _case(row)
    with pytest.raises(Refused) as refused:
        _made(case, [_planted(row, each) for each in case.sources()])
    assert _BOUND[row.id] in {finding.rule.id for finding in refused.value.findings}
