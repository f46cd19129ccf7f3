"""Every line of the tables of full validation is broken by a letter made for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from envelope import safe_xml
from envelope.fhir import demand_errors, invariants, message_errors, profile_codes, profile_lines
from envelope.fhir.bundle import bundle_of
from envelope.fhir.demands import Cardinality, Codes, CodingOf, Invariant, Target
from envelope.fhir.full_rules import validate
from tests.envelope.fhir.changes import FATAL, FORWARD, NEW, OK, REPLY, Letter, add, at

LETTERS = Path(__file__).resolve().parents[2] / "letters"
STEP = re.compile(r"f:(\w+)((?:\[[^\]]*\])*)(?:/|$)")
WANTED = re.compile(r"\[((?:f:\w+/)*)@(\w+)='([^']*)'\]")

CARDINALITIES = (
    *profile_lines.CARDINALITIES,
    *profile_lines.CC_CARDINALITIES,
    *profile_lines.ACK_CARDINALITIES,
)
CODES = (*profile_codes.CODES, *profile_codes.CC_CODES, *profile_codes.ACK_CODES)
CODINGS = (*profile_codes.CC_CODINGS, *profile_codes.ACK_CODINGS)
TARGETS = (*profile_lines.TARGETS, *profile_lines.CC_TARGETS)


def messages(*, acknowledgement: bool) -> list[etree._Element]:
    """The own messages to look for a resource in."""
    names = (OK, FATAL) if acknowledgement else (NEW, REPLY, FORWARD)
    return [safe_xml.parse((LETTERS / name).read_bytes()) for name in names]


def grown(path: str, *, acknowledgement: bool = False) -> tuple[etree._Element, etree._Element]:
    """A message that has the element at a path, and the element: what is missing of it is made.

    Args:
        path: XPath of steps with predicates on values only, the first a resource type.
        acknowledgement: whether it is an Acknowledgement that has it.
    """
    first, *steps = STEP.findall(path)
    for root in messages(acknowledgement=acknowledgement):
        if (resource := root.find(f".//{{*}}resource/{{*}}{first[0]}")) is not None:
            element = resource
            for step in steps:
                element = child(element, *step)
            return root, element
    raise LookupError(path)


def child(element: etree._Element, name: str, predicates: str, *, new: bool = False) -> etree._Element:
    """The child of an element that a step finds, made if there is none, or a further one."""
    found = at(element, f"f:{name}{predicates}")
    if found and not new:
        return found[0]
    made = etree.SubElement(element, f"{{http://hl7.org/fhir}}{name}")
    for path, attribute, value in WANTED.findall(predicates):
        place = made
        for part in filter(None, path.split("/")):
            place = etree.SubElement(place, f"{{http://hl7.org/fhir}}{part.removeprefix('f:')}")
        place.set(attribute, value)
    return made


def told(root: etree._Element, rule_id: str) -> list[str]:
    """What is said under a rule."""
    return [finding.text for finding in validate(bundle_of(root), structure=False) if finding.rule.id == rule_id]


def ids(line: Cardinality | Codes | CodingOf | Target) -> str:
    """What a test of a line is called."""
    return line.element


@pytest.mark.parametrize("line", CARDINALITIES, ids=ids)
def test_an_element_too_often_or_not_at_all_is_found(line: Cardinality) -> None:
    """An element that stands once more than its profile allows, or less, is told by name with the profile."""
    both = line in profile_lines.ACK_CARDINALITIES
    (name, predicates), *below = STEP.findall(line.child)
    counts = [*([line.most + 1] if line.most is not None else []), *([0] if line.least else [])]
    for count in counts:
        root, under = grown(line.under, acknowledgement=both)
        for element in at(under, f"f:{name}{predicates}"):
            under.remove(element)
        for _ in range(count):
            made = child(under, name, predicates, new=True)
            for step in below:
                child(made, *step)
        allowed = f"{line.least}..{'*' if line.most is None else line.most}"
        expected = f"{line.element} stands {count} times; {line.profile} allows {allowed}."
        assert expected in told(root, demand_errors.CARDINALITY.id)


@pytest.mark.parametrize("line", CODES, ids=ids)
def test_a_code_outside_its_list_is_found(line: Codes) -> None:
    """A code that the list does not have is told with the list; one of the list, and one without value, is not."""
    root, element = grown(line.path, acknowledgement=line in profile_codes.ACK_CODES)
    element.set("value", "no-such-code")
    shown = "another code" if line.element.startswith("Patient") else "no-such-code"
    assert f"{line.element} is {shown}, which is not in {line.list}." in told(root, demand_errors.CODE.id)
    element.set("value", min(line.codes))
    assert told(root, demand_errors.CODE.id) == []
    del element.attrib["value"]
    assert told(root, demand_errors.CODE.id) == []


@pytest.mark.parametrize("line", CODINGS, ids=ids)
def test_a_coding_outside_its_list_is_found(line: CodingOf) -> None:
    """A coding that the list does not have is an error, or a warning that names both sides; one of the list is not."""
    root, element = grown(line.path, acknowledgement=line in profile_codes.ACK_CODINGS)
    rule = demand_errors.CODE_DOUBT if line.why else demand_errors.CODE
    system, code = child(element, "system", ""), child(element, "code", "")
    code.set("value", "no-such-code")
    expected = f"{line.element} is no-such-code{f': {line.why}' if line.why else f', which is not in {line.list}'}."
    assert expected in told(root, rule.id)
    for known, codes in line.codes.items():
        system.set("value", known)
        for each in codes:
            code.set("value", each)
            assert told(root, rule.id) == []


@pytest.mark.parametrize("line", TARGETS, ids=ids)
def test_a_reference_to_another_type_is_found(line: Target) -> None:
    """A reference to a resource of a type that the profile does not allow is told with both types."""
    root, element = grown(line.path)
    reference = child(element, "reference", "")
    wrong = "Patient" if "Patient" not in line.types else "Organization"
    resource = root.find(f".//{{*}}resource/{{*}}{wrong}/{{*}}id")
    assert resource is not None
    reference.set("value", f"{wrong}/{resource.get('value')}")
    assert f"{line.element} refers to a {wrong}." in told(root, message_errors.REFERENCE_TYPE.id)


BROKEN_INVARIANTS = (
    ("bdl-1", "Bundle", '<total value="1"/>'),
    ("bdl-2", "entry[2]", '<search><mode value="match"/></search>'),
    ("bdl-3", "entry[2]", '<request><method value="GET"/></request>'),
    ("bdl-4", "entry[2]", '<response><status value="200"/></response>'),
    ("bdl-5", "Bundle", '<entry><fullUrl value="urn:x"/></entry>'),
    ("bdl-7", "Bundle", '<entry><fullUrl value="urn:x"/></entry><entry><fullUrl value="urn:x"/></entry>'),
    ("bdl-8", "Bundle", '<entry><fullUrl value="https://x/Patient/1/_history/1"/></entry>'),
    ("dom-2", "CareTeam", "<contained><Patient><contained><Group/></contained></Patient></contained>"),
    ("dom-3", "CareTeam", '<contained><Patient><id value="p"/></Patient></contained>'),
    ("dom-4", "CareTeam", '<contained><Patient><meta><versionId value="1"/></meta></Patient></contained>'),
    ("dom-5", "CareTeam", "<contained><Patient><meta><security/></meta></Patient></contained>"),
    ("ext-1", "Communication", '<extension url="urn:x"/>'),
    ("ext-1", "Communication", '<extension url="urn:x"><extension/><valueCode value="x"/></extension>'),
    ("ext-1", "payload/extension", '<extension url="urn:x"><valueCode value="x"/></extension>'),
    (
        "ext-1",
        "Communication",
        '<extension url="http://medcomfhir.dk/ig/x"><extension url="y"><valueCode value="x"/></extension></extension>',
    ),
    ("cpt-2", "Patient", '<telecom><value value="1"/></telecom>'),
    ("cpt-2", "payload", '<extension url="x"><valueContactPoint><value value="1"/></valueContactPoint></extension>'),
    ("org-2", "Organization", '<address><use value="home"/></address>'),
    ("org-3", "Organization", '<telecom><use value="home"/></telecom>'),
    ("pat-1", "Patient", "<contact><gender/></contact>"),
    (
        "ctm-1",
        "CareTeam",
        '<participant><member><reference value="Patient/x"/></member><onBehalfOf/></participant>',
    ),
    ("txt-1", "Patient/text/div", '<script xmlns="http://www.w3.org/1999/xhtml">x</script>'),
    ("txt-1", "Patient/text/div", '<p xmlns="http://www.w3.org/1999/xhtml" onclick="x">x</p>'),
)


@pytest.mark.parametrize(("invariant", "path", "xml"), BROKEN_INVARIANTS)
def test_a_broken_invariant_is_found(invariant: str, path: str, xml: str, letter: Letter) -> None:
    """What breaks one of FHIR's invariants is told under its published id."""
    root = safe_xml.parse(letter(NEW))
    add(path, xml)(root)
    assert any(f"({invariant})" in text for text in told(root, demand_errors.INVARIANT.id))


def test_every_invariant_has_a_case() -> None:
    """No line of the invariants is without a message that breaks it."""
    lines: tuple[Invariant, ...] = invariants.INVARIANTS
    assert {line.id for line in lines} <= {invariant for invariant, _, _ in BROKEN_INVARIANTS}


def test_a_contained_resource_that_is_referred_to_is_in_order(letter: Letter) -> None:
    """A contained resource is in order when its resource refers to it, or it to its resource."""
    for reference in ("#o", "#"):
        root = safe_xml.parse(letter(NEW))
        add("CareTeam", '<contained><Organization><id value="o"/></Organization></contained>')(root)
        add("CareTeam", f'<participant><onBehalfOf><reference value="{reference}"/></onBehalfOf></participant>')(root)
        assert told(root, demand_errors.INVARIANT.id) == []


def test_a_narrative_of_blanks_says_nothing(letter: Letter) -> None:
    """A div without text breaks txt-2; with an image alone it does not."""
    root = safe_xml.parse(letter(NEW))
    (div,) = at(root, "//f:Patient/f:text/h:div")
    for element in list(div):
        div.remove(element)
    div.text = " \n"
    assert told(root, demand_errors.INVARIANT.id) == ["The narrative says nothing (txt-2)."]
    etree.SubElement(div, "{http://www.w3.org/1999/xhtml}img", src="#x")
    assert told(root, demand_errors.INVARIANT.id) == []
    div.append(etree.Comment("a comment is nothing"))
    assert told(root, demand_errors.INVARIANT.id) == []


def test_a_code_that_may_be_a_person_is_not_shown(letter: Letter) -> None:
    """What stands where a code should, and could be a number or a name, is not in the finding."""
    root = safe_xml.parse(letter(NEW))
    for element in at(root, "//f:Encounter/f:status"):
        for secret in ("2512489996", "Nancy Berggren"):
            element.set("value", secret)
            assert told(root, demand_errors.CODE.id) == [
                "Encounter.status is another code, which is not in encounter-status."
            ]
