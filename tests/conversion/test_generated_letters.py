from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from lxml import etree

from conversion import convert
from envelope.fhir.bundle import read_bundle
from envelope.fhir.rules import validate
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.reading import read_letter
from tests.conversion.letters import NAMESPACE, letters
from tests.conversion.rows.case import FACTS, strings

JSON = replace(FACTS, output_format="json")
BACK = replace(FACTS, seed="f" * 32)
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(letters())
def test_whatever_letter_is_valid_becomes_a_valid_bundle(letter: bytes) -> None:
    """What is made breaks no rule: FHIR's structure, MedCom's profiles, in either form."""
    for facts in (FACTS, JSON):
        [output] = convert([letter], facts, "CareCommunication").outputs
        bundle = read_bundle(output.payload)
        assert (bundle.type, bundle.version) == ("CareCommunication", "5.0")
        assert [str(finding) for finding in validate(bundle)] == []


@slow
@given(letters())
def test_json_and_xml_of_a_letter_are_the_same_message(letter: bytes) -> None:
    """Both forms are the same tree when they are read."""
    xml, json = (
        read_bundle(convert([letter], facts, "CareCommunication", profile=False).outputs[0].payload).root
        for facts in (FACTS, JSON)
    )
    assert etree.tostring(json, method="c14n") == etree.tostring(xml, method="c14n")


@slow
@given(letters())
def test_every_word_of_the_text_is_kept(letter: bytes) -> None:
    """The text of all parts stands in the one payload, character by character, a high priority before it."""
    root = read_letter(letter).root
    texts = [plain_text(text) for text in root.iter(f"{{{NAMESPACE}}}Text01")]
    text = "\n".join(texts)
    high = "høj_prioritet" in (root.findtext(f".//{{{NAMESPACE}}}Priority") or "")
    payload = convert([letter], FACTS, "CareCommunication", profile=False).outputs[0].payload
    sentence = "Denne meddelelse har høj prioritet. " if high else ""
    expected = sentence + (text if text.strip() else "(ingen tekst)")
    assert strings(payload, "//f:payload/f:contentString/@value") == [expected]


@slow
@given(letters())
def test_what_is_made_of_a_letter_can_be_made_a_letter_again(letter: bytes) -> None:
    """The way back takes every bundle that the way there makes, and the text is still in it."""
    there = convert([letter], FACTS, "CareCommunication", profile=False).outputs[0].payload
    back = convert([there], BACK, "XDIS91").outputs[0].payload
    [text] = strings(there, "//f:payload/f:contentString/@value")
    assert text in "\n".join(plain_text(element) for element in read_letter(back).root.iter(f"{{{NAMESPACE}}}Text01"))
    for name in ("CivilRegistrationNumber", "AlternativeIdentifier", "PersonSurnameName", "PersonGivenName"):
        assert strings(back, f"//o6:Patient/o6:{name}/text()") == strings(letter, f"//o6:Patient/o6:{name}/text()")
