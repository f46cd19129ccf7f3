from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from envelope import safe_xml
from envelope.fhir import errors, json_text
from envelope.fhir.elements import PRIMITIVES, Element, location, resource_named, type_named
from envelope.fhir.json_xml import json_from_xml, misfits, xml_from_json
from envelope.fhir.told import FINDINGS
from envelope.findings import Refused

Canonical = Callable[[etree._Element], bytes]
Letter = Callable[[str], bytes]

OWN = (
    "bundle-new",
    "bundle-reply",
    "bundle-forward",
    "bundle-acknowledgement-ok",
    "bundle-acknowledgement-fatal-error",
    "bundle-acknowledgement-transient-error",
)
XML_ROOT = '<Patient xmlns="http://hl7.org/fhir">{}</Patient>'


def rules_of(refused: Refused) -> list[str]:
    """The ids of the rules that a refusal names."""
    return [finding.rule.id for finding in refused.findings]


def patient(inner: str) -> bytes:
    """A Patient in JSON with these members."""
    return f'{{"resourceType": "Patient", {inner}}}'.encode()


def same_json(value: Any, canonical: Canonical) -> Any:
    """A JSON value with its narratives in canonical form."""
    if isinstance(value, dict):
        return {
            name: canonical(safe_xml.parse(item.encode())) if name == "div" else same_json(item, canonical)
            for name, item in value.items()
        }
    return [same_json(item, canonical) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", OWN)
def test_an_own_letter_is_the_same_in_both_forms(name: str, letter: Letter, canonical: Canonical) -> None:
    """The XML and the JSON of an own bundle become each other, both ways."""
    from_xml = safe_xml.parse(letter(f"{name}.xml"))
    from_json = xml_from_json(letter(f"{name}.json"))
    assert canonical(from_xml) == canonical(from_json)
    written = json_text.parse(json_from_xml(from_xml))
    assert same_json(written, canonical) == same_json(json_text.parse(letter(f"{name}.json")), canonical)


@pytest.mark.reference
def test_every_official_message_comes_back_unchanged(reference: Path, canonical: Canonical) -> None:
    """Every XML and JSON sample goes to the other form and back without a change, canonically compared."""
    samples = [
        *sorted((reference / "samples" / "carecommunication").glob("*/*")),
        *sorted((reference / "samples" / "acknowledgement").glob("*")),
        *sorted((reference / "samples" / "conversion-flows").glob("*-CareCommunication*")),
        *sorted((reference / "samples" / "conversion-flows").glob("*-Acknowledgement*")),
    ]
    for sample in samples:
        data = sample.read_bytes()
        if sample.suffix == ".json":
            back = json_text.parse(json_from_xml(xml_from_json(data)))
            assert same_json(back, canonical) == same_json(json_text.parse(data), canonical), sample.name
        else:
            root = safe_xml.parse(data)
            assert canonical(xml_from_json(json_from_xml(root))) == canonical(root), sample.name
    assert len(samples) >= 41


@pytest.mark.reference
def test_the_official_twins_are_equal(reference: Path, canonical: Canonical) -> None:
    """The XML of each published acknowledgement becomes its published JSON."""
    twins = sorted((reference / "samples" / "acknowledgement").glob("*.json"))
    for twin in twins:
        written = json_text.parse(json_from_xml(safe_xml.parse(twin.with_suffix(".xml").read_bytes())))
        assert same_json(written, canonical) == same_json(json_text.parse(twin.read_bytes()), canonical), twin.name
    assert len(twins) == 4


# Generated trees.

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\t"),
    max_size=12,
)
NUMBERS = st.from_regex(r"\A-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?\Z")
RESOURCES = ("Patient", "Communication", "Observation", "Parameters", "Bundle", "Provenance", "Basic")


class Raw(str):
    """A number as it shall stand in the JSON."""

    __slots__ = ()


@st.composite
def objects(draw: st.DrawFn, type_name: str, depth: int = 0) -> dict[str, Any]:
    """An object of a FHIR type, with elements from the table and nothing that FHIR has no place for."""
    if type_name == "Resource":
        type_name = draw(st.sampled_from(RESOURCES))
    kind = type_named(type_name)
    made: dict[str, Any] = {"resourceType": type_name} if kind.is_resource else {}
    if type_name == "Narrative":
        return made | {
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{draw(st.sampled_from("aøβ"))}<br/></p></div>'
        }
    simple = depth > 4
    wanted = [e for e in kind.by_name.values() if e.type in PRIMITIVES or not simple]
    for element in draw(st.lists(st.sampled_from(wanted), unique=True, max_size=4)):
        if element.type in PRIMITIVES:
            made |= draw(primitives(element, depth))
        elif element.repeats:
            made[element.name] = draw(st.lists(objects(element.type, depth + 1), min_size=1, max_size=2))
        else:
            made[element.name] = draw(objects(element.type, depth + 1))
    return made


@st.composite
def primitives(draw: st.DrawFn, element: Element, depth: int) -> dict[str, Any]:
    """A primitive with its extensions under the name with an underscore, as FHIR's JSON writes it."""
    values = {"string": TEXT, "number": NUMBERS.map(Raw), "boolean": st.booleans()}[element.type]
    if element.attribute:
        return {element.name: draw(TEXT)}
    extras = (
        st.none()
        if depth > 4
        else st.none() | st.fixed_dictionaries({"id": TEXT}) | objects("Element", depth + 2).filter(bool)
    )
    pairs = draw(
        st.lists(
            st.tuples(st.none() | values, extras).filter(lambda pair: pair != (None, None)),
            min_size=1,
            max_size=3 if element.repeats else 1,
        )
    )
    made: dict[str, Any] = {}
    for name, items in zip((element.name, f"_{element.name}"), zip(*pairs, strict=True), strict=True):
        if any(item is not None for item in items):
            made[name] = list(items) if element.repeats else items[0]
    return made


def dumped(value: Any) -> str:
    """JSON text in which numbers stand as they are."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{dumped(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dumped, value)) + "]"
    return str(value) if isinstance(value, Raw) else json.dumps(value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(objects("Resource"))
def test_generated_resources_come_back_unchanged(resource: dict[str, Any]) -> None:
    """Whatever FHIR can say in JSON comes back from XML, and that XML comes back from JSON."""
    root = xml_from_json(dumped(resource).encode())
    written = json_from_xml(root)
    assert json_text.parse(written) == json_text.parse(dumped(resource).encode())
    again = safe_xml.parse(etree.tostring(root))
    assert json_from_xml(again) == written
    assert etree.tostring(xml_from_json(written), method="c14n") == etree.tostring(root, method="c14n")


# What each form keeps.


def test_numbers_stay_as_they_are_written() -> None:
    """1.50 does not become 1.5, nor 1e2 a hundred, in either direction."""
    data = (
        b'{"resourceType":"Observation","valueQuantity":{"value":1.50},"component":[{"valueInteger":-0},'
        b'{"valueQuantity":{"value":1e2}}]}'
    )
    root = xml_from_json(data)
    assert [item.get("value") for item in root.iter("{*}value", "{*}valueInteger")] == ["1.50", "-0", "1e2"]
    assert json_from_xml(root) == data


def test_primitives_keep_their_extensions() -> None:
    """Ids and extensions of primitives stand under an underscore in JSON, inside the element in XML."""
    data = (
        b'{"resourceType":"Patient","name":[{"given":["Nancy",null],"_given":[null,{"id":"g","extension":'
        b'[{"url":"u","valueBoolean":true}]}]}],"birthDate":"1948-12-25","_birthDate":{"id":"b"}}'
    )
    root = xml_from_json(data)
    given_names = list(root.iter("{*}given"))
    assert [item.get("value") for item in given_names] == ["Nancy", None]
    assert given_names[1].get("id") == "g"
    assert json_from_xml(root) == data


def test_elements_are_written_in_the_order_of_xml() -> None:
    """JSON has no order, XML has the specification's."""
    root = xml_from_json(patient('"birthDate": "1948-12-25", "name": [], "id": "p"'.replace('"name": [], ', "")))
    assert [etree.QName(child).localname for child in root] == ["id", "birthDate"]


def test_the_longest_number_is_sixty_four_characters() -> None:
    """A number of 64 characters passes in both directions, whatever its exponent."""
    for number in ("1" * 64, "1e" + "9" * 62):
        data = f'{{"resourceType":"Observation","valueQuantity":{{"value":{number}}}}}'.encode()
        assert json_from_xml(xml_from_json(data)) == data


def test_a_byte_order_mark_is_no_part_of_the_json(letter: Letter) -> None:
    """JSON with a byte order mark reads as JSON without one."""
    data = letter("bundle-new.json")
    assert json_from_xml(xml_from_json(b"\xef\xbb\xbf" + data)) == json_from_xml(xml_from_json(data))


def test_a_narrative_takes_no_foreign_namespaces_along() -> None:
    """A div in JSON declares what it uses and nothing that its document declared around it."""
    root = safe_xml.parse(
        b'<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        b'xsi:schemaLocation="a b"><f:text><f:status value="generated"/>'
        b'<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p>x</h:p></h:div></f:text></f:Patient>'
    )
    div = json.loads(json_from_xml(root))["text"]["div"]
    assert div == '<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p>x</h:p></h:div>'


def test_comments_and_instructions_are_dropped() -> None:
    """Comments and processing instructions have no JSON and are no error, even where a resource stands."""
    root = safe_xml.parse(
        b'<Bundle xmlns="http://hl7.org/fhir"><!-- a --><entry><?p q?>'
        b"<resource><!-- b --><Patient/></resource></entry></Bundle>"
    )
    assert json.loads(json_from_xml(root))["entry"] == [{"resource": {"resourceType": "Patient"}}]


# What is refused in JSON.


@pytest.mark.parametrize(
    ("data", "rule", "place"),
    [
        (b'{"resourceType": "Patient", "id": "\xff"}', errors.JSON_ENCODING, "byte 35"),
        (b'{"resourceType": "Patient",\n "id" }', errors.JSON_SYNTAX, "line 2, column 7"),
        (b'{"resourceType": "Bundle"', errors.JSON_SYNTAX, "line 1, column 26"),
        (b"", errors.JSON_SYNTAX, "line 1, column 1"),
        (b'{"resourceType": "Patient",\n "id": "a", "i\\u0064": "b"}', errors.JSON_DUPLICATE, "line 2, column 13"),
        (b'{"resourceType": "Observation", "valueInteger": NaN}', errors.NUMBER, "line 1, column 49"),
        (b'{"a": [{"b": 1}, "}", -Infinity]}', errors.NUMBER, "line 1, column 23"),
        (b'{"a": "\\"[[", "b": ' + b"1" * 5_000_000 + b"}", errors.NUMBER, "line 1, column 20"),
        (b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", errors.JSON_DEPTH, "line 1, column 134"),
        (b'{"x":' * 2_000_000, errors.JSON_DEPTH, "line 1, column 641"),
        (
            patient('"extension": [{"extension": [' + '{"extension": [' * 140 + "{}" + "]}" * 140 + "]}]"),
            errors.JSON_DEPTH,
            None,
        ),
        (b"[]", errors.RESOURCE_UNKNOWN, ""),
        (b"{}", errors.RESOURCE_UNKNOWN, ""),
        (b'{"resourceType": "Cat"}', errors.RESOURCE_UNKNOWN, ""),
        (b'{"resourceType": "DomainResource"}', errors.RESOURCE_UNKNOWN, ""),
        (b'{"resourceType": {}}', errors.RESOURCE_UNKNOWN, ""),
        (
            b'{"resourceType": "Bundle", "entry": [{"resource": {"id": "x"}}]}',
            errors.RESOURCE_UNKNOWN,
            "Bundle.entry[0].resource",
        ),
        (patient('"cat": 1'), errors.ELEMENT_UNKNOWN, "Patient"),
        (patient('"_name": {"id": "x"}'), errors.ELEMENT_UNKNOWN, "Patient"),
        (patient('"name": [{"resourceType": "HumanName"}]'), errors.ELEMENT_UNKNOWN, "Patient.name[0]"),
        (patient('"extension": [{"_url": {"id": "x"}}]'), errors.ELEMENT_UNKNOWN, "Patient.extension[0]"),
        (patient('"name": {}'), errors.JSON_KIND, "Patient.name"),
        (patient('"name": ["x"]'), errors.JSON_KIND, "Patient.name"),
        (patient('"meta": null'), errors.JSON_KIND, "Patient.meta"),
        (patient('"active": "true"'), errors.JSON_KIND, "Patient.active"),
        (patient('"id": 5'), errors.JSON_KIND, "Patient.id"),
        (patient('"multipleBirthInteger": "2"'), errors.JSON_KIND, "Patient.multipleBirth"),
        (patient('"_birthDate": "x"'), errors.JSON_KIND, "Patient.birthDate"),
        (patient('"name": [{"id": 5}]'), errors.JSON_KIND, "Patient.name[0].id"),
        (patient('"birthDate": null'), errors.EMPTY, "Patient.birthDate"),
        (patient('"_birthDate": {}'), errors.EMPTY, "Patient.birthDate"),
        (patient('"name": []'), errors.EMPTY, "Patient.name"),
        (patient('"name": [{"given": [null]}]'), errors.EMPTY, "Patient.name[0].given[0]"),
        (patient('"name": [{"given": ["a", "b"], "_given": [{"id": "x"}]}]'), errors.UNEVEN, "Patient.name[0].given"),
        (patient('"id": "a\\u0000"'), errors.CHARACTER, "Patient.id"),
        (patient('"name": [{"family": "\\ud800"}]'), errors.CHARACTER, "Patient.name[0].family"),
        (patient('"name": [{"id": "\\u0007"}]'), errors.CHARACTER, "Patient.name[0]"),
        (patient('"text": {"div": "<div>x</div>"}'), errors.NARRATIVE, "Patient.text.div"),
        (patient('"text": {"div": "<div"}'), errors.NARRATIVE, "Patient.text.div"),
        (patient('"text": {"div": "\\ud800"}'), errors.NARRATIVE, "Patient.text.div"),
        (patient('"text": {"div": 5}'), errors.NARRATIVE, "Patient.text.div"),
        (
            patient('"text": {"div": "<!DOCTYPE div [<!ENTITY a \'b\'>]><div>&a;</div>"}'),
            errors.NARRATIVE,
            "Patient.text.div",
        ),
    ],
    ids=lambda value: value.decode("latin-1")[:40] if isinstance(value, bytes) else None,
)
def test_json_that_is_not_fhir_is_refused_with_its_place(data: bytes, rule: object, place: str | None) -> None:
    """Every way to be wrong in JSON has its rule and its place, and is found in bounded time."""
    began = time.perf_counter()
    with pytest.raises(Refused) as caught:
        xml_from_json(data)
    assert time.perf_counter() - began < 5
    first = caught.value.findings[0]
    assert first.rule == rule
    assert place is None or first.location == place


def test_all_findings_are_told_up_to_a_hundred() -> None:
    """Unknown names are told one by one, but a document of nothing else stops at a hundred."""
    with pytest.raises(Refused) as few:
        xml_from_json(patient('"cat": 1, "dog": 2'))
    assert rules_of(few.value) == [errors.ELEMENT_UNKNOWN.id] * 2
    with pytest.raises(Refused) as many:
        xml_from_json(patient(", ".join(f'"cat{number}": 1' for number in range(100_000))))
    assert len(many.value.findings) == FINDINGS


# What is refused in XML.


@pytest.mark.parametrize(
    ("inner", "rule", "place"),
    [
        ("<cat value='x'/>", errors.ELEMENT_UNKNOWN, "Patient"),
        ("<id xmlns='urn:other' value='x'/>", errors.ELEMENT_UNKNOWN, "Patient"),
        ("<birthDate value='1948-12-25'/><active value='true'/>", errors.ORDER, "Patient.active"),
        ("<active value='true'/><active value='true'/>", errors.ORDER, "Patient.active"),
        ("text", errors.TEXT, "Patient"),
        ("<active value='true'/>text", errors.TEXT, "Patient"),
        ("<active value='true'>text</active>", errors.TEXT, "Patient.active"),
        ("<active value='true' lang='da'/>", errors.ATTRIBUTE_UNKNOWN, "Patient.active"),
        ("<name value='x'/>", errors.ATTRIBUTE_UNKNOWN, "Patient.name[0]"),
        ("<active value='yes'/>", errors.LEXICAL, "Patient.active"),
        ("<multipleBirthInteger value='01'/>", errors.LEXICAL, "Patient.multipleBirth"),
        (f"<multipleBirthInteger value='{'1' * 65}'/>", errors.LEXICAL, "Patient.multipleBirth"),
        ("<birthDate/>", errors.EMPTY, "Patient.birthDate"),
        ("<contained><Cat/></contained>", errors.RESOURCE_UNKNOWN, "Patient.contained[0]"),
        ("<contained/>", errors.RESOURCE_UNKNOWN, "Patient.contained[0]"),
        ("<extension>" * 140 + "</extension>" * 140, errors.JSON_DEPTH, None),
    ],
)
def test_xml_that_is_not_fhir_has_no_json(inner: str, rule: object, place: str | None) -> None:
    """Every way to be wrong in XML has its rule and its place."""
    with pytest.raises(Refused) as caught:
        json_from_xml(safe_xml.parse(XML_ROOT.format(inner).encode()))
    assert misfits(safe_xml.parse(XML_ROOT.format(inner).encode())) == caught.value.findings
    first = caught.value.findings[0]
    assert first.rule == rule
    assert place is None or first.location.startswith(place)


def test_a_hundred_misfits_are_told() -> None:
    """A tree of unknown elements stops at a hundred findings; a good one has none."""
    assert len(misfits(safe_xml.parse(XML_ROOT.format("<cat/>" * 1000).encode()))) == FINDINGS
    assert misfits(safe_xml.parse(XML_ROOT.format("<id value='a'/>").encode())) == ()


def test_a_foreign_root_has_no_json() -> None:
    """A root outside FHIR's namespace is no resource."""
    with pytest.raises(Refused) as caught:
        json_from_xml(safe_xml.parse(b"<Patient/>"))
    assert rules_of(caught.value) == [errors.RESOURCE_UNKNOWN.id]


def test_locations_are_fhirpath() -> None:
    """A place is told with indexes where elements repeat, choices by their stem, resources by their role."""
    root = xml_from_json(
        b'{"resourceType": "Bundle", "entry": [{"fullUrl": "a"}, {"resource": {"resourceType": "Patient", '
        b'"extension": [{"url": "u", "valueString": "x"}], "contained": [{"resourceType": "Basic", "id": "b"}]}}]}'
    )
    places = {location(item) for item in root.iter("{*}valueString", "{*}Basic", "{*}Patient", "{*}fullUrl")}
    assert places == {
        "Bundle.entry[0].fullUrl",
        "Bundle.entry[1].resource",
        "Bundle.entry[1].resource.extension[0].value",
        "Bundle.entry[1].resource.contained[0]",
    }
    stray = etree.SubElement(root[1], "{urn:other}cat")
    assert location(stray) == "Bundle.entry[1].cat"
    assert location(etree.SubElement(stray, "{urn:other}dog")) == "Bundle.entry[1].cat.dog"


def test_only_concrete_resources_are_resources() -> None:
    """Abstract types, data types and unknown names are no resources."""
    assert [
        resource_named(name) is not None for name in ("Patient", "Resource", "DomainResource", "HumanName", "Cat")
    ] == [
        True,
        False,
        False,
        False,
        False,
    ]
