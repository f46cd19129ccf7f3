"""CareCommunication 4.0 and 3.0, in and out: what they have otherwise than 5.0, and that all of it comes through."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conversion import Facts, Identifiers, convert, positive_receipt
from conversion.replaced import Replacement
from conversion.xhtml import plain_of_xhtml, xhtml_of_plain
from envelope.fhir import demand_errors, full_rules
from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.fhir.json_xml import json_from_xml
from envelope.fhir.values import NS
from envelope.findings import Refused
from tests.conversion.messages import HEADER, File, Message, Text
from tests.conversion.rows.case import FACTS, HOSPITAL, LETTERS, MUNICIPALITY
from tests.conversion.to_xdis91 import converted, made, text

OLDER = ["4.0", "3.0"]
CONTENT = b"%PDF-1.4 en side"
FILE = File("Plan", data=base64.b64encode(CONTENT).decode(), identifier="urn:uuid:7a6b0c1d-2222-4222-8333-00000000000a")
LETTER = (LETTERS / "xdis91-every-element.xml").read_bytes()
BACK = replace(FACTS, sender=MUNICIPALITY, receiver=HOSPITAL, seed="fedcba9876543210fedcba9876543210")
SENT = datetime(2026, 5, 29, 0, 59, tzinfo=UTC)
REPLY = Message(
    (
        Text("Hun har det\ngodt.", "2026-05-10T09:00:00+02:00", by="municipality", new=False),
        Text("Vi tager imod hende.", "2026-05-12T14:00:00+02:00"),
        FILE,
    ),
    activity="reply-message",
)

BLOCKS = (
    *("address", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset", "form"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "html", "ol", "p", "pre"),
    *("table", "tbody", "tfoot", "thead", "tr", "ul"),
)
WITHIN_A_LINE = (
    *("a", "abbr", "acronym", "b", "bdo", "big", "cite", "code", "col", "colgroup", "del"),
    *("dfn", "em", "font", "i", "img", "ins", "kbd", "map", "q", "s", "samp"),
    *("small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var"),
)


@pytest.mark.parametrize("version", OLDER)
def test_an_older_message_is_read_as_its_version(version: str) -> None:
    """The messages of these tests are of their version, and break no rule that it shares with 5.0."""
    bundle = read_bundle(REPLY.but(version=version).xml())
    assert bundle.version == version
    assert {finding.rule for finding in full_rules.validate(bundle)} == {demand_errors.SHARED_ONLY}


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("version", OLDER)
def test_an_older_message_gives_the_letters_that_5_0_gives(version: str, form: str) -> None:
    """Of plain texts the letters are the same bytes, attachment and all; the version is remembered for the receipt."""
    xml = REPLY.but(version=version).xml()
    source = xml if form == "xml" else json_from_xml(etree.fromstring(xml))
    expected, found = converted(REPLY), converted(source)
    assert [one.payload for one in found.outputs] == [one.payload for one in expected.outputs]
    assert [one.type for one in found.outputs] == ["XDIS91", "XBIN01"]
    assert found.remembered is not None
    assert [one.version for one in found.remembered.original] == [version]


def test_the_texts_of_3_0_lose_their_formats_and_those_of_4_0_are_words() -> None:
    """XHTML gives its words, in every segment of the thread; 4.0 has no formatted text, so a tag in it is text."""
    written = "<p>Kære <b>Ole</b></p><p>A &amp;amp; B &lt;5 mg<br/>slut</p>"
    texts = (
        Text(written.replace("&amp;amp;", "&amp;"), "2026-05-12T14:00:00+02:00"),
        Text("<div>Før<br/>dette</div>", "2026-05-10T09:00:00+02:00", by="municipality", new=False),
    )
    letter = made(Message(texts, version="3.0"))
    assert text(letter).startswith("Kære Ole\nA & B <5 mg\nslut\nForfatter")
    assert "Før\ndette" in text(letter)
    assert text(made(Message(texts, version="4.0"))).startswith("<p>Kære <b>Ole</b></p>")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("", ""),
        ("kun ord\nog linjer", "kun ord\nog linjer"),
        ("A &amp; B", "A & B"),
        ("A & B &ukendt; &#x41;&#66;&#99999999; &aelig;", "A & B &ukendt; AB&#99999999; æ"),
        ("&#1;&#xD800;&#x110000;", "&#x110000;"),
        ("x <5 mg <navn> > y", "x <5 mg <navn> > y"),
        ("<b>fed</b>\nlinje", "fed\nlinje"),
        ("<p>en</p>\n  <p>to   tre</p>", "en\nto tre"),
        ("en<br/><br />to<BR>", "en\n\nto\n"),
        ("<ul><li>en</li><li>to</li></ul>slut", "- en\n- to\nslut"),
        ("<table><tr><td>en</td><td>to</td></tr><tr><td>tre</td></tr></table>", "en to\ntre"),
        ("<pre>en\n  to</pre><p>tre\nfire</p>", "en\n  to\ntre fire"),
        ('<a href="https://test.example/?a=1&amp;b=2">her</a></a>', "her (https://test.example/?a=1&b=2)"),
        ("<a name='x'>her</a>", "her"),
        ("&lt;b&gt;", "<b>"),
        ("<p>uden ende", "uden ende"),
        ("en <!-- to", "en <!-- to"),
        ("<table><tr><th>en</th><th>to</th></tr></table>", "en to"),
        ("<p>en</p><ul><li>to</li></ul>", "en\n- to"),
        ("<pre>a  b<pre>c  d</pre>e  f</pre>g  h", "a  b\nc  d\ne  f\ng h"),
        ("</pre><pre>a  b</pre>", "a  b"),
        ("<p>en <br/> to </p>", "en\nto"),
        ("<b>en </b><p> to </p>", "en\nto"),
        ("en</br>to<br/>tre", "ento\ntre"),
        ("<a href='/x'>her</a> og <a>der</a>", "her (/x) og der"),
        ('<a href="/ydre"><a href="/indre">ord</a></a>', "ord (/indre) (/ydre)"),
        ("<p>&#10;&#9;x</p>", "\n\tx"),
        ("&#1114111;&#1114112;&notin;&NotAThing;", "\U0010ffff&#1114112;\u2209&NotAThing;"),
    ],
)
def test_xhtml_gives_what_a_reader_sees(written: str, plain: str) -> None:
    """Tags that break lines do so, others go, and whatever is no XHTML is text."""
    assert plain_of_xhtml(written) == plain


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_of_xhtml_stands_on_lines_of_its_own(name: str) -> None:
    """Whatever a browser shows as a block parts the words around it, in small letters or in capitals."""
    for written in (name, name.upper()):
        assert plain_of_xhtml(f"en<{written}>to</{written}>tre") == "en\nto\ntre"


@pytest.mark.parametrize("name", WITHIN_A_LINE)
def test_what_xhtml_has_within_a_line_leaves_its_words_alone(name: str) -> None:
    """A tag that changes the look of words is gone, and parts nothing."""
    for written in (name, name.upper()):
        assert plain_of_xhtml(f"en<{written}>to</{written}>tre") == "entotre"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\xa0", exclude_categories=["Cc", "Cs", "Cn"])))
def test_a_plain_text_comes_back_out_of_xhtml(plain: str) -> None:
    """Blanks, signs and newlines of a text survive 3.0."""
    for one in (plain, f"{plain}\n \n{plain}  x\n", plain.replace("a", "&lt;<p>\t")):
        assert plain_of_xhtml(xhtml_of_plain(one)) == one
        assert etree.fromstring(xhtml_of_plain(one).replace("\x00", "")).tag == "{http://www.w3.org/1999/xhtml}div"


@pytest.mark.parametrize(
    "hostile", ["<p ", "<p>", "<!--", "&", "<a href='", "<p" + " " * 50, "</a><a>", "&#", "<b>x</b> "]
)
def test_hostile_texts_are_read_in_bounded_time(hostile: str) -> None:
    """A megabyte of beginnings without ends is read in one pass."""
    assert len(plain_of_xhtml(hostile * (1_000_000 // len(hostile)))) <= 1_000_000


def _bundle(version: str, facts: Facts = FACTS, *sources: bytes) -> tuple[bytes, etree._Element]:
    result = convert(sources or (LETTER,), replace(facts, fhir_version=version), "CareCommunication")
    [output] = result.outputs
    assert (output.version, read_bundle(output.payload).version) == (version, version)
    assert result.remembered is not None
    assert [one.version for one in result.remembered.made] == [version]
    return output.payload, read_bundle(output.payload).root


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("version", OLDER)
def test_an_older_message_that_is_made_breaks_no_rule(version: str, form: str) -> None:
    """What is made of every element of a letter holds what its version shares with 5.0, and FHIR's own structure."""
    payload, _ = _bundle(version, replace(FACTS, output_format="json" if form == "json" else "xml"))
    findings = full_rules.validate(read_bundle(payload))
    assert [finding.rule for finding in findings if finding.is_error] == []
    assert demand_errors.SHARED_ONLY in {finding.rule for finding in findings}


def test_what_came_with_4_0_is_not_in_3_0() -> None:
    """3.0 has no definition, no Communication.identifier and no payloads in Provenance; 4.0 and 5.0 have them."""
    for version, has in (("5.0", True), ("4.0", True), ("3.0", False)):
        _, root = _bundle(version)
        assert (root.find(f".//{NS}definition") is not None) is has
        assert (root.find(f".//{NS}Communication/{NS}identifier") is not None) is has
        assert (root.find(f".//{NS}Provenance/{NS}entity") is not None) is has


@pytest.mark.parametrize(("version", "word"), [("5.0", "ukendt"), ("4.0", "NAVU"), ("3.0", "NAVU")])
def test_an_author_of_no_known_role_has_what_the_version_takes(version: str, word: str) -> None:
    """A role in words came with 5.0; before it a null flavour stands there, in the narrative too, for the sender."""
    _, root = _bundle(version)
    [role] = root.iter(f"{NS}PractitionerRole")
    assert [one.get("value") for one in role.iterfind(f"{NS}code/{NS}text")] == (["ukendt"] if word == "ukendt" else [])
    assert [one.get("value") for one in role.iterfind(f"{NS}code/{NS}coding/*")] == (
        [] if word == "ukendt" else ["http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "NAVU"]
    )
    lines = ["".join(map(str, line.itertext())) for line in role.iter("{http://www.w3.org/1999/xhtml}p")]
    assert f"code: {word}" in lines
    [organization] = role.iterfind(f"{NS}organization/{NS}reference")
    [header] = root.iter(f"{NS}MessageHeader")
    assert [one.get("value") for one in header.iterfind(f"{NS}sender/{NS}reference")] == [organization.get("value")]


def test_the_same_letter_gives_the_same_identifiers_in_every_version() -> None:
    """Only the version differs by who it is for: ids, parties and category are the same."""
    found = [bundle_facts(read_bundle(_bundle(version)[0])) for version in ("5.0", *OLDER)]
    assert {replace(one, version="") for one in found} == {replace(found[0], version="")}


@pytest.mark.parametrize("version", OLDER)
def test_a_letter_comes_back_from_an_older_message(version: str) -> None:
    """There and back through 4.0 and 3.0 gives the letter that 5.0 gives, but for the author's role."""
    letters = [
        convert([_bundle(one)[0]], BACK, "XDIS91").outputs[0].payload.decode("latin-1") for one in ("5.0", version)
    ]
    newest, older = (re.sub("Stilling: [^<]*", "Stilling: -", letter) for letter in letters)
    assert "Stilling: ukendt" in letters[0]
    assert older == newest


@pytest.mark.parametrize("version", OLDER)
def test_receipts_find_an_older_message_both_ways(version: str) -> None:
    """An XCTL on its letters becomes the Acknowledgement of it; the Acknowledgement of one that was made, an XCTL."""
    sent = converted(REPLY.but(version=version))
    back = replace(BACK, original=sent.remembered)
    receipts = [positive_receipt(one.payload, SENT, Identifiers("f" * 32)) for one in sent.outputs]
    [acknowledgement] = convert(receipts, Facts.from_json(back.to_json()), "Acknowledgement").outputs
    answers = bundle_facts(read_bundle(acknowledgement.payload)).answers
    assert answers is not None
    assert (answers.code, answers.letter_ids) == ("positive", (HEADER,))

    facts = replace(FACTS, fhir_version=version)
    made_of_it = convert([LETTER], facts, "CareCommunication")
    receipt = positive_receipt(made_of_it.outputs[0].payload, SENT, Identifiers("f" * 32))
    [xctl] = convert([receipt], replace(BACK, original=made_of_it.remembered), "XCTL").outputs
    assert xctl.type == "XCTL03"
    assert made_of_it.remembered is not None
    assert made_of_it.remembered.original[0].letter_id.encode() in xctl.payload


def test_the_version_asked_for_is_remembered_with_the_order() -> None:
    """Facts keep the version; those written before there was one mean 5.0."""
    facts = replace(FACTS, fhir_version="3.0")
    assert Facts.from_json(facts.to_json()) == facts
    values = json.loads(facts.to_json())
    del values["fhir_version"]
    assert Facts.from_json(json.dumps(values)).fhir_version == "5.0"


def test_anothers_stylesheet_must_make_the_version_that_is_asked_for() -> None:
    """One that writes 5.0 whatever is asked is refused where the receiver takes 4.0: the mistake is its own."""
    ours = (files("conversion") / "stylesheets" / "xdis91_to_carecommunication.xsl").read_bytes()
    always_5 = ours.replace(
        b'<xsl:param name="version" select="\'5.0\'"/>', b'<xsl:variable name="version" select="\'5.0\'"/>'
    )
    assert always_5 != ours
    facts = replace(FACTS, stylesheet=Replacement("theirs.xsl", always_5))
    assert convert([LETTER], facts, "CareCommunication").outputs[0].version == "5.0"
    with pytest.raises(Refused, match=r"VS-551.*makes a CareCommunication 5\.0, not 4\.0"):
        convert([LETTER], replace(facts, fhir_version="4.0"), "CareCommunication")
