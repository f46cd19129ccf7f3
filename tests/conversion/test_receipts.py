from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from conversion import Facts, Identity, Settings, convert
from conversion.facts import OutputFormat
from conversion.refusals import REFUSALS
from conversion.to_xctl import CONVERSION_FAULT, shortened
from envelope.fhir.bundle import read_bundle
from envelope.fhir.rules import validate
from envelope.findings import Refused
from tests.conversion.official import official
from tests.conversion.receipts import (
    FROM_BUNDLE,
    FROM_LETTER,
    HEADER,
    LETTER,
    NEW,
    OBJECTS,
    TO_ACKNOWLEDGEMENT,
    TO_XCTL,
    remembering,
)
from tests.conversion.rows.case import LETTERS, strings

POSITIVE = (LETTERS / "receipt-positive.xml").read_text(encoding="utf-8")
NEGATIVE = (LETTERS / "receipt-negative.xml").read_text(encoding="utf-8")
OK = (LETTERS / "acknowledgement-ok.xml").read_text(encoding="utf-8")
REFUSED = (LETTERS / "acknowledgement-negative.xml").read_text(encoding="utf-8")
BOTH = remembering(TO_ACKNOWLEDGEMENT, replace(FROM_BUNDLE, made=(LETTER, OBJECTS)))
REASON = "<RefuseCode>{code}</RefuseCode><RefuseText>{text}</RefuseText>"


def made(sources: Sequence[str], facts: Facts, to: str) -> list[bytes]:
    """The payloads that are made of some receipts."""
    return [output.payload for output in convert([source.encode() for source in sources], facts, to).outputs]


def refused(sources: Sequence[str], facts: Facts, to: str) -> list[str]:
    """The ids of the rules by which receipts are refused."""
    with pytest.raises(Refused) as refusal:
        made(sources, facts, to)
    return [finding.rule.id for finding in refusal.value.findings]


def on_objects(receipt: str) -> str:
    """The same receipt on the XBIN01 that was made beside the letter."""
    changes = ((LETTER.envelope_id, OBJECTS.envelope_id), (LETTER.letter_id, OBJECTS.letter_id), ("XD9134L", "XB0131X"))
    for old, new in changes:
        receipt = receipt.replace(old, new)
    return receipt


def bare(receipt: str) -> str:
    """A negative receipt without its codes and texts."""
    root = etree.fromstring(receipt.encode())
    for element in [*root.iter("{*}RefuseCode", "{*}RefuseText")]:
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    return etree.tostring(root, encoding="unicode")


@pytest.mark.parametrize("receipt", [POSITIVE, NEGATIVE])
@pytest.mark.parametrize("output_format", ["xml", "json"])
def test_an_acknowledgement_made_is_valid(receipt: str, output_format: OutputFormat) -> None:
    """What is made of an XCTL holds every rule, in either form, and both forms say the same."""
    facts = replace(TO_ACKNOWLEDGEMENT, output_format=output_format)
    [payload] = made([receipt], facts, "Acknowledgement")
    bundle = read_bundle(payload)
    assert (bundle.format, bundle.type, bundle.version) == (output_format, "Acknowledgement", "2.0")
    assert validate(bundle) == ()


def test_both_forms_are_the_same_message() -> None:
    """JSON and XML of one Acknowledgement have the same identifiers."""
    [in_xml] = made([NEGATIVE], TO_ACKNOWLEDGEMENT, "Acknowledgement")
    [in_json] = made([NEGATIVE], replace(TO_ACKNOWLEDGEMENT, output_format="json"), "Acknowledgement")
    assert [entry["resource"]["id"] for entry in json.loads(in_json)["entry"]] == strings(
        in_xml, "//f:resource/*/f:id/@value"
    )


def test_an_output_says_what_its_envelope_must() -> None:
    """Type, version, statistical postfix and identifiers of what is made are told beside the bytes."""
    [positive] = convert([POSITIVE.encode()], TO_ACKNOWLEDGEMENT, "Acknowledgement").outputs
    assert (positive.type, positive.version, positive.postfix) == ("Acknowledgement", "2.0.0", "ok")
    assert (positive.envelope_id, positive.letter_id) == (NEW.uuid("Bundle"), NEW.uuid("MessageHeader"))
    [negative] = convert([NEGATIVE.encode()], TO_ACKNOWLEDGEMENT, "Acknowledgement").outputs
    assert negative.postfix == "fatal-error"
    [xctl] = convert([OK.encode()], TO_XCTL, "XCTL").outputs
    assert (xctl.type, xctl.version, xctl.postfix) == ("XCTL03", "XC0330Q", "")
    assert (xctl.envelope_id, xctl.letter_id) == (NEW.serial("xctl1/envelope"), NEW.serial("xctl1/letter"))


def test_the_same_receipt_becomes_the_same_bytes() -> None:
    """Nothing but source and facts decides what is made."""
    assert made([NEGATIVE], TO_ACKNOWLEDGEMENT, "Acknowledgement") == made(
        [NEGATIVE], Facts.from_json(TO_ACKNOWLEDGEMENT.to_json()), "Acknowledgement"
    )
    assert made([REFUSED], TO_XCTL, "XCTL") == made([REFUSED], Facts.from_json(TO_XCTL.to_json()), "XCTL")


def test_two_provenances_and_no_dangling_reference() -> None:
    """Exactly two Provenances travel, the copied one as it stood, and only headers of other messages lie outside."""
    [payload] = made([POSITIVE], TO_ACKNOWLEDGEMENT, "Acknowledgement")
    ids = {
        f"{etree.QName(element).localname}/{element[0].get('value')}"
        for element in etree.fromstring(payload).iterfind(".//{*}resource/*")
    }
    references = strings(payload, "//f:reference/@value")
    assert [reference for reference in references if reference not in ids] == [
        f"MessageHeader/{HEADER}",
        "MessageHeader/6d0c7c1e-52b1-4f5c-a0a1-7a4fd2b60001",
        f"MessageHeader/{HEADER}",
    ]
    assert len(strings(payload, "//f:Provenance/f:id/@value")) == 2
    copied = etree.fromstring(payload).find(".//{*}Provenance")
    assert copied is not None
    kept = [element.get("value") for element in copied.iter("{*}occurredDateTime", "{*}recorded", "{*}role", "{*}code")]
    assert kept == ["2026-06-03T22:58:00+02:00"] * 2 + ["reply-message", "source", "revision"]
    assert "to be made anew" not in payload.decode()


def test_a_refusal_without_a_reason_has_one_plain_issue() -> None:
    """An XCTL02 that says neither code nor text still gives the OperationOutcome that a negative answer needs."""
    [payload] = made([bare(NEGATIVE)], TO_ACKNOWLEDGEMENT, "Acknowledgement")
    assert strings(payload, "//f:issue/*/@value") == ["error", "processing"]
    assert strings(payload, "//f:issue/f:details") == []


def test_two_refusals_without_a_reason_have_one_plain_issue() -> None:
    """Letter and attachments refused without a word give the OperationOutcome one issue, not one each."""
    [payload] = made([bare(NEGATIVE), bare(on_objects(NEGATIVE))], BOTH, "Acknowledgement")
    assert strings(payload, "//f:issue/*/@value") == ["error", "processing"]


def test_a_code_without_words_is_told_by_its_coding() -> None:
    """A RefuseCode alone gives the detail code that says the same, and no empty text."""
    said = re.sub("<RefuseText>.*?</RefuseText>", "", NEGATIVE, flags=re.DOTALL)
    said = re.sub("<RefuseCode>.*?</RefuseCode>", "<RefuseCode>syntaksfejl</RefuseCode>", said)
    [payload] = made([said], TO_ACKNOWLEDGEMENT, "Acknowledgement")
    assert set(strings(payload, "//f:issue/f:details/f:coding/f:code/@value")) == {"MSG_BAD_SYNTAX"}
    assert strings(payload, "//f:issue/f:details/f:text") == []


def test_a_party_without_a_name_has_none() -> None:
    """Where the directory has no name for a party, its Organization has no name either, and is valid."""
    nameless = replace(
        TO_ACKNOWLEDGEMENT,
        sender=replace(TO_ACKNOWLEDGEMENT.sender, name=""),
        receiver=replace(TO_ACKNOWLEDGEMENT.receiver, name=""),
    )
    [payload] = made([POSITIVE], nameless, "Acknowledgement")
    assert strings(payload, "//f:Organization/f:name") == []
    assert validate(read_bundle(payload)) == ()


def test_a_receipt_may_name_the_envelope_alone() -> None:
    """A negative receipt without OriginalLetter answers by its envelope."""
    root = etree.fromstring(NEGATIVE.encode())
    letter = root.find(".//{*}OriginalLetter")
    assert letter is not None
    parent = letter.getparent()
    assert parent is not None
    parent.remove(letter)
    [payload] = made([etree.tostring(root, encoding="unicode")], TO_ACKNOWLEDGEMENT, "Acknowledgement")
    assert strings(payload, "//f:response/f:identifier/@value") == [HEADER]


def test_an_envelope_alone_says_which_letter_is_answered() -> None:
    """A receipt on the attachments that names no letter is not taken for a second one on the letter."""
    alone = re.sub("<OriginalLetter>.*?</OriginalLetter>", "", on_objects(NEGATIVE), flags=re.DOTALL)
    assert alone != on_objects(NEGATIVE)
    [payload] = made([POSITIVE, alone], BOTH, "Acknowledgement")
    assert strings(payload, "//f:response/f:code/@value") == ["fatal-error"]


def test_two_receipts_are_joined() -> None:
    """XDIS91 and XBIN01 give one Acknowledgement when both are answered, and nothing before."""
    assert made([POSITIVE], BOTH, "Acknowledgement") == []
    assert made([on_objects(NEGATIVE)], BOTH, "Acknowledgement") == []
    [positive] = made([POSITIVE, on_objects(POSITIVE)], BOTH, "Acknowledgement")
    assert strings(positive, "//f:response/f:code/@value") == ["ok"]
    [negative] = made([POSITIVE, on_objects(NEGATIVE.replace("23:15", "23:40"))], BOTH, "Acknowledgement")
    assert strings(negative, "//f:response/f:code/@value") == ["fatal-error"]
    assert strings(negative, "/f:Bundle/f:timestamp/@value") == ["2026-06-03T23:40:00+02:00"]
    assert len(strings(negative, "//f:issue/f:code/@value")) == 2
    [twice] = made([NEGATIVE, on_objects(NEGATIVE)], BOTH, "Acknowledgement")
    assert len(strings(twice, "//f:issue/f:code/@value")) == 4


@pytest.mark.parametrize(("first", "second"), [(POSITIVE, NEGATIVE), (NEGATIVE, POSITIVE), (NEGATIVE, NEGATIVE)])
def test_an_answer_once_given_stands(first: str, second: str) -> None:
    """A second receipt on the same letter changes nothing: neither the answer, nor its time, nor its issues."""
    later = second.replace("23:15", "23:40")
    assert later != second
    assert made([first, later], TO_ACKNOWLEDGEMENT, "Acknowledgement") == made(
        [first], TO_ACKNOWLEDGEMENT, "Acknowledgement"
    )


def test_only_receipts_are_joined() -> None:
    """A letter among the receipts is refused by name."""
    letter = (LETTERS / "xdis91-utf-8.xml").read_text(encoding="utf-8")
    assert refused([POSITIVE, letter], BOTH, "Acknowledgement") == ["VS-501"]


def test_what_cannot_become_an_acknowledgement_is_refused_by_name() -> None:
    """Nothing remembered, no Provenance, no SOR code, an invalid receipt, an invalid outcome: each has its rule."""
    to = "Acknowledgement"
    nameless = replace(TO_ACKNOWLEDGEMENT, sender=replace(TO_ACKNOWLEDGEMENT.sender, sor=""))
    unproven = remembering(TO_ACKNOWLEDGEMENT, replace(FROM_BUNDLE, provenance=None))
    assert refused([POSITIVE], remembering(TO_ACKNOWLEDGEMENT, None), to) == ["VS-540"]
    assert refused([POSITIVE], unproven, to) == ["VS-544"]
    assert refused([POSITIVE], nameless, to) == ["VS-503"]
    assert refused([POSITIVE.replace("5790000121441", "5790000121440")], TO_ACKNOWLEDGEMENT, to)[0] == "VS-151"
    assert all(
        rule.startswith("VS-2") for rule in refused([POSITIVE.replace("23:15", "25:15")], TO_ACKNOWLEDGEMENT, to)
    )
    timeless = FROM_BUNDLE.provenance.replace("recorded", "unknown") if FROM_BUNDLE.provenance else ""
    broken = remembering(TO_ACKNOWLEDGEMENT, replace(FROM_BUNDLE, provenance=timeless))
    assert refused([POSITIVE], broken, to)[0] == "VS-504"


def test_a_receipt_from_somebody_else_is_told_of() -> None:
    """An XCTL that names another party than its envelope is converted, with a warning."""
    other = replace(TO_ACKNOWLEDGEMENT, sender=replace(TO_ACKNOWLEDGEMENT.sender, gln="5790000120314"))
    converted = convert([POSITIVE.encode()], other, "Acknowledgement")
    [finding] = converted.findings
    assert (finding.rule.id, finding.location) == ("VS-510", "/Emessage/*/Sender/EANIdentifier")
    assert len(converted.outputs) == 1
    waiting = convert([POSITIVE.encode()], replace(other, original=BOTH.original), "Acknowledgement")
    assert (waiting.outputs, waiting.findings) == ((), converted.findings)


def test_a_receipt_on_something_else_is_refused_where_it_says_so() -> None:
    """What was not made here is named with its place: the envelope, or the letter in it."""
    place = "/Emessage/*/OriginalEmessage"
    for quoted, where in (
        (LETTER.envelope_id, f"{place}/OriginalEnvelopeIdentifier"),
        (LETTER.letter_id, f"{place}/OriginalLetter/OriginalLetterIdentifier"),
    ):
        with pytest.raises(Refused) as refusal:
            made([POSITIVE.replace(quoted, "ANOTHER")], TO_ACKNOWLEDGEMENT, "Acknowledgement")
        [finding] = refusal.value.findings
        assert (finding.rule.id, finding.location) == ("VS-541", where)
        assert "ANOTHER" in finding.text


def test_line_breaks_around_a_text_are_no_part_of_it() -> None:
    """A RefuseText that begins and ends with Break has its words alone in the issue."""
    said = re.sub(
        "<RefuseText>.*?</RefuseText>", "<RefuseText><Break/>Nej<Break/></RefuseText>", NEGATIVE, flags=re.DOTALL
    )
    [payload] = made([said], TO_ACKNOWLEDGEMENT, "Acknowledgement")
    assert set(strings(payload, "//f:issue/f:details/f:text/@value")) == {"Nej"}


def test_an_xctl_that_breaks_its_schema_is_not_made() -> None:
    """What would be refused by its receiver is refused here: a letter's identifier of more than 14 characters."""
    facts = remembering(TO_XCTL, replace(FROM_LETTER, original=(replace(LETTER, letter_id="x" * 20),)))
    assert refused([OK], facts, "XCTL")[0] == "VS-504"


def test_one_receipt_for_each_letter() -> None:
    """An XDIS91 and an XBIN01 that entered one message are each answered by themselves, with the same reason."""
    facts = remembering(TO_XCTL, replace(FROM_LETTER, original=(LETTER, OBJECTS)))
    for source in (OK, REFUSED):
        letter, objects = made([source], facts, "XCTL")
        assert strings(letter, "//o5:OriginalLetterIdentifier") == [LETTER.letter_id]
        assert strings(objects, "//o5:OriginalLetterIdentifier") == [OBJECTS.letter_id]
        assert strings(objects, "//o5:OriginalEnvelopeIdentifier") == [OBJECTS.envelope_id]
        assert strings(objects, "//o5:OriginalVersionCode") == ["XB0131X"]
        assert strings(letter, "//o5:Identifier") != strings(objects, "//o5:Identifier")
        assert strings(letter, "//o5:RefuseText/text()") == strings(objects, "//o5:RefuseText/text()")


def test_the_networks_sentence_is_never_cut() -> None:
    """Where the conversion is to blame the receiver's words make room for the network's, whole."""
    facts = remembering(TO_XCTL, replace(FROM_LETTER, incomplete=("one",)))
    [payload] = made([REFUSED.replace("Navnet er langt.", "Navnet er langt. " * 40)], facts, "XCTL")
    text = "\n".join(strings(payload, "//o5:RefuseText/text()"))
    assert text.endswith(f"...\n{CONVERSION_FAULT}")
    assert len(text) == 350
    short = replace(facts, settings=Settings(refuse_text_limit=len(CONVERSION_FAULT)))
    [payload] = made([REFUSED], short, "XCTL")
    assert strings(payload, "//o5:RefuseText") == [CONVERSION_FAULT]
    [payload] = made([OK], facts, "XCTL")
    assert strings(payload, "//o5:RefuseText") == []


@pytest.mark.parametrize(
    ("room", "words"), [(0, []), (1, []), (2, ["."]), (6, ["Me..."]), (-len(CONVERSION_FAULT), ["Meddelelsen"])]
)
def test_the_receivers_words_have_the_room_that_the_networks_sentence_leaves(room: int, words: list[str]) -> None:
    """A newline parts the two; the sentence stands alone where nothing else fits; without a limit both are whole."""
    facts = remembering(TO_XCTL, replace(FROM_LETTER, incomplete=("one",)))
    limit = len(CONVERSION_FAULT) + room
    source = _outcome(_issue("error", '<text value="Meddelelsen"/>'))
    [payload] = made([source], replace(facts, settings=Settings(refuse_text_limit=limit)), "XCTL")
    assert strings(payload, "//o5:RefuseText/text()") == [*words, CONVERSION_FAULT]


def test_a_text_without_limit_is_kept_whole() -> None:
    """By setting, nothing is cut."""
    facts = replace(TO_XCTL, settings=Settings(refuse_text_limit=0))
    [payload] = made([REFUSED.replace("Navnet er langt.", "x" * 1000)], facts, "XCTL")
    assert strings(payload, "//o5:RefuseText/text()")[-1] == "x" * 1000


def test_an_outcome_without_a_word_gives_the_code_alone() -> None:
    """A negative Acknowledgement whose issue says nothing known gives ikke_specificeret and the issue's own code."""
    start, end = REFUSED.index("<issue>"), REFUSED.rindex("</issue>") + len("</issue>")
    plain = REFUSED[:start] + '<issue><severity value="error"/><code value="timeout"/></issue>' + REFUSED[end:]
    [payload] = made([plain], TO_XCTL, "XCTL")
    assert strings(payload, "//o5:RefuseCode") == ["ikke_specificeret"]
    assert strings(payload, "//o5:RefuseText") == ["timeout"]


def _outcome(*issues: str) -> str:
    """The negative Acknowledgement with other issues."""
    start, end = REFUSED.index("<issue>"), REFUSED.rindex("</issue>") + len("</issue>")
    return REFUSED[:start] + "".join(issues) + REFUSED[end:]


def _issue(severity: str, words: str = "", coding: str = "") -> str:
    said = f"<details>{coding}{words}</details>" if coding or words.startswith("<text") else words
    return f'<issue><severity value="{severity}"/><code value="structure"/>{said}</issue>'


def test_issues_are_told_by_their_severity() -> None:
    """Fatal errors first, then errors, warnings and what is only told, in whatever order they stand."""
    severities = ("information", "warning", "fatal", "error")
    source = _outcome(*(_issue(each, f'<text value="{each}"/>') for each in severities))
    [payload] = made([source], TO_XCTL, "XCTL")
    assert strings(payload, "//o5:RefuseText/text()") == ["fatal", "error", "warning", "information"]


@pytest.mark.parametrize(
    ("issue", "words"),
    [
        (_issue("error", "<diagnostics value='linje 3'/>"), "linje 3"),
        (_issue("error", coding="<coding><code value='OWN'/><display value='Egen fejl'/></coding>"), "Egen fejl"),
        (_issue("error", coding="<coding><code value='OWN'/></coding>"), "OWN"),
        (_issue("error"), "structure"),
    ],
)
def test_an_issue_without_a_text_is_told_by_its_next_best_word(issue: str, words: str) -> None:
    """Diagnostics, then the display of its code, then the code, then the kind of issue."""
    [output] = convert([_outcome(issue).encode()], TO_XCTL, "XCTL", profile=False).outputs
    assert strings(output.payload, "//o5:RefuseText/text()") == [words]


def test_the_first_code_that_says_something_is_the_refuse_code() -> None:
    """An error that no RefuseCode says does not hide the code of what stands behind it."""
    coding = (
        "<coding><system value='http://terminology.hl7.org/CodeSystem/operation-outcome'/>"
        "<code value='MSG_BAD_SYNTAX'/></coding>"
    )
    source = _outcome(_issue("error", '<text value="Nej"/>'), _issue("warning", '<text value="Se her"/>', coding))
    [payload] = made([source], TO_XCTL, "XCTL")
    assert strings(payload, "//o5:RefuseCode") == ["syntaksfejl"]


def test_a_receipt_goes_between_those_that_the_acknowledgement_names() -> None:
    """Its own location numbers stand in the XCTL; where it has none, those of the envelope it came in."""
    [named] = made([OK.replace("5790000121441", "5790000121526")], TO_XCTL, "XCTL")
    assert strings(named, "//o5:Sender/o5:EANIdentifier") == ["5790000121526"]
    [named] = made([OK.replace("5790001382445", "5790000121526")], TO_XCTL, "XCTL")
    assert strings(named, "//o5:Receiver/o5:EANIdentifier") == ["5790000121526"]
    nameless = OK.replace("https://www.gs1.org/gln", "https://test.example/number").encode()
    [output] = convert([nameless], TO_XCTL, "XCTL", profile=False).outputs
    assert strings(output.payload, "//o5:Sender/o5:EANIdentifier") == [TO_XCTL.sender.gln]
    assert strings(output.payload, "//o5:Receiver/o5:EANIdentifier") == [TO_XCTL.receiver.gln]


def test_a_letters_wish_is_followed_only_where_a_setting_says_so_and_all_is_well() -> None:
    """A negative receipt is always made, and a positive one of every letter that asked for it."""
    silent = replace(LETTER, wants_receipt=False)
    for wish, original, source, count in (
        (True, silent, OK, 0),
        (True, silent, REFUSED, 1),
        (True, LETTER, OK, 1),
        (False, silent, OK, 1),
    ):
        facts = remembering(TO_XCTL, replace(FROM_LETTER, original=(original,)))
        assert len(made([source], replace(facts, settings=Settings(follow_wish=wish)), "XCTL")) == count


def test_a_fault_of_the_conversion_is_no_part_of_a_positive_receipt() -> None:
    """What was made incomplete and taken all the same is not told to be the reason of anything."""
    facts = remembering(TO_XCTL, replace(FROM_LETTER, incomplete=("one",)))
    for source, told in ((REFUSED, True), (OK, False)):
        record = convert([source.encode()], facts, "XCTL", record=True).record
        assert ("AR-conversion-fault" in {one.rule for one in record}) is told


@pytest.mark.parametrize(
    ("limit", "cut"), [(7, "abcdef"), (6, "abcdef"), (5, "ab..."), (4, "a..."), (3, "..."), (2, ".."), (0, "abcdef")]
)
def test_a_text_is_cut_where_it_does_not_fit(limit: int, cut: str) -> None:
    """One that just fits is whole, and one that is cut is never longer than it may be."""
    assert shortened("abcdef", limit) == cut


def test_an_acknowledgement_of_nothing_is_refused_with_its_place() -> None:
    """One that names no message, or one that was not made here, is refused where it says so."""
    nothing = re.sub("<response>\\s*<identifier [^>]*/>", "<response>", OK)
    assert nothing != OK
    for source, answered in ((nothing, "nothing"), (OK.replace(HEADER, "x" * 64), "x" * 64)):
        with pytest.raises(Refused) as refusal:
            convert([source.encode()], TO_XCTL, "XCTL", profile=False)
        [finding] = refusal.value.findings
        assert (finding.rule.id, finding.location) == ("VS-541", "MessageHeader.response.identifier")
        assert answered in finding.text


def test_what_cannot_become_an_xctl_is_refused_by_name() -> None:
    """Nothing remembered, an unknown response code, two at once, an invalid bundle: each has its rule."""
    assert refused([OK], remembering(TO_XCTL, None), "XCTL") == ["VS-540"]
    assert refused([OK, OK], TO_XCTL, "XCTL") == ["VS-509"]
    maybe = OK.replace('"ok"', '"maybe"')
    assert all(rule.startswith("VS-3") for rule in refused([maybe], TO_XCTL, "XCTL"))
    with pytest.raises(Refused) as refusal:
        convert([maybe.encode()], TO_XCTL, "XCTL", profile=False)
    [finding] = refusal.value.findings
    assert (finding.rule.id, finding.location) == ("VS-543", "MessageHeader.response.code")
    assert "maybe" in finding.text
    assert all(rule.startswith("VS-3") for rule in refused([OK.replace('"message"', '"batch"')], TO_XCTL, "XCTL"))


@pytest.mark.reference
@pytest.mark.parametrize("source", [OK, REFUSED, REFUSED.replace("Navnet", "Navn €et \x85 &amp;&lt;Break/&gt;")])
def test_an_xctl_made_is_valid_by_the_official_schema(source: str, reference: Path) -> None:
    """MedCom's own schema takes every receipt, in the encoding that it declares."""
    schema = official(reference, "2005/08/07")
    [payload] = made([source], TO_XCTL, "XCTL")
    assert payload.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
    schema.assertValid(etree.fromstring(payload))


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(
    code=st.sampled_from([row.refuse_code for row in REFUSALS]),
    lines=st.lists(TEXTS.map(str.strip).filter(bool), min_size=1, max_size=4),
)
def test_a_reason_survives_both_ways(code: str, lines: list[str]) -> None:
    """RefuseCode and RefuseText are the same after the way to FHIR and back."""
    whole = remembering(
        replace(TO_XCTL, settings=Settings(refuse_text_limit=0)),
        replace(FROM_LETTER, made=(Identity("CareCommunication", "5.0", "b", HEADER),)),
    )
    source = REFUSED[: REFUSED.index("<issue>")]
    row = next(row for row in REFUSALS if row.refuse_code == code)
    issue = etree.Element("issue")
    etree.SubElement(issue, "severity", value="error")
    etree.SubElement(issue, "code", value=row.type)
    details = etree.SubElement(issue, "details")
    if row.code:
        coding = etree.SubElement(details, "coding")
        etree.SubElement(coding, "system", value=row.system)
        etree.SubElement(coding, "code", value=row.code)
    etree.SubElement(details, "text", value="\n".join(lines))
    end = REFUSED[REFUSED.rindex("</issue>") + len("</issue>") :]
    [xctl] = made([source + etree.tostring(issue, encoding="unicode") + end], whole, "XCTL")
    assert strings(xctl, "//o5:RefuseCode") == [code]
    [back] = made([xctl.decode("iso-8859-1").partition("?>")[2]], TO_ACKNOWLEDGEMENT, "Acknowledgement")
    assert strings(back, "//f:issue/f:code/@value") == [row.type]
    assert strings(back, "//f:issue/f:details/f:coding/f:code/@value") == ([row.code] if row.code else [])
    assert strings(back, "//f:issue/f:details/f:text/@value") == ["\n".join(lines)]
