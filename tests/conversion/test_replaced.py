from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from conversion import Facts, convert
from conversion.replaced import SHEETS, Replacement, findings_of
from envelope.findings import Refused
from tests.conversion.messages import Message
from tests.conversion.receipts import TO_ACKNOWLEDGEMENT, TO_XCTL
from tests.conversion.rows.case import FACTS, LETTERS

XSL = "http://www.w3.org/1999/XSL/Transform"
EVERY = (LETTERS / "xdis91-every-element.xml").read_bytes()


def _sheet(body: str, *, top: str = "", more: str = 'version="1.0"') -> Replacement:
    text = f"""<xsl:stylesheet xmlns:xsl="{XSL}" {more}>{top}
<xsl:template match="/">
{body}
</xsl:template>
</xsl:stylesheet>"""
    return Replacement("theirs.xsl", text.encode())


def _ours(to: str, *changes: tuple[str, str]) -> Replacement:
    text = (files("conversion") / "stylesheets" / f"{SHEETS[to]}.xsl").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return Replacement("theirs.xsl", text.encode())


def _with(sheet: Replacement | None, facts: Facts = FACTS) -> Facts:
    return replace(facts, stylesheet=sheet)


def _rules(refused: Refused) -> list[str]:
    return [finding.rule.id for finding in refused.findings]


@pytest.mark.parametrize(
    ("to", "source", "facts"),
    [
        ("CareCommunication", EVERY, FACTS),
        ("XDIS91", Message().xml(), FACTS),
        ("Acknowledgement", (LETTERS / "receipt-negative.xml").read_bytes(), TO_ACKNOWLEDGEMENT),
        ("XCTL", (LETTERS / "acknowledgement-ok.xml").read_bytes(), TO_XCTL),
    ],
)
def test_our_own_stylesheet_in_place_of_ours_makes_the_same(to: str, source: bytes, facts: Facts) -> None:
    """In each direction, a stylesheet from outside is run with the very same parameters."""
    assert convert([source], _with(_ours(to), facts), to) == convert([source], facts, to)


def test_what_a_replaced_stylesheet_says_is_what_is_made() -> None:
    """A change of one of its texts stands in the message."""
    sheet = _ours("CareCommunication", ("Ukendt emne", "Emne mangler"))
    letter = EVERY.replace(b"<Subject>", b"<Subject> <!--").replace(b"</Subject>", b"--></Subject>")
    made = convert([letter], _with(sheet), "CareCommunication").outputs[0].payload
    assert b"Emne mangler" in made
    assert b"Ukendt emne" not in made


@pytest.mark.parametrize(
    ("sheet", "place", "words"),
    [
        (Replacement("theirs.xsl", b"not XML"), "theirs.xsl, line 1", "cannot be read"),
        (Replacement("theirs.xsl", b"<!DOCTYPE a []><a/>"), "theirs.xsl, line 1", "cannot be read"),
        (_sheet("<xsl:value-of/>"), "theirs.xsl, line 3", "select"),
        (_sheet('<xsl:value-of select="(("/>'), "theirs.xsl, line 3", ""),
        (_sheet("", top='<xsl:import href="other.xsl"/>'), "theirs.xsl, line 1", "xsl:import"),
        (_sheet("", top='<xsl:include href="other.xsl"/>'), "theirs.xsl, line 1", "xsl:include"),
        (_sheet("<xsl:value-of select=\"document('/etc/hostname')\"/>"), "theirs.xsl, line 3", "document()"),
        (_sheet('<a b="{m:random()}" xmlns:m="http://exslt.org/math"/>'), "theirs.xsl, line 3", "m:random()"),
        (_sheet('<a xmlns:d="http://exslt.org/dates-and-times"/>'), "theirs.xsl, line 3", "dates-and-times"),
        (_sheet('<a xmlns:s="http://icl.com/saxon"/>'), "theirs.xsl, line 3", "saxon"),
        (_sheet('<a xmlns:x="http://xmlsoft.org/XSLT/"/>'), "theirs.xsl, line 3", "xmlsoft"),
        (_sheet('<a xmlns:x="http://www.jclark.com/xt"/>'), "theirs.xsl, line 3", "jclark"),
        (_sheet('<xsl:document href="other.xml"/>'), "theirs.xsl, line 3", "xsl:document"),
        (_sheet("<a/>", more='version="2.0"'), "theirs.xsl, line 1", "XSLT 1.0"),
        (_sheet("<a/>", more=""), "theirs.xsl, line 1", "its version is none"),
        (Replacement("theirs.xsl", f'<a xmlns:xsl="{XSL}" xsl:version="3.0"/>'.encode()), "theirs.xsl, line 1", "3.0"),
    ],
)
def test_a_stylesheet_that_cannot_be_used_is_named_with_its_line(sheet: Replacement, place: str, words: str) -> None:
    """Whatever does not compile, or reaches for files, the clock or chance, is VS-550 at the line."""
    findings = findings_of(sheet)
    assert {finding.rule.id for finding in findings} == {"VS-550"}
    assert findings[0].location.startswith(place)
    assert words in findings[0].text


def test_a_stylesheet_of_xslt_and_strings_is_usable() -> None:
    """EXSLT's strings, sets and node-set, which ours use too, are there."""
    assert findings_of(_ours("XDIS91")) == ()
    for name in ("common", "functions", "math", "regular-expressions", "sets", "strings"):
        assert findings_of(_sheet(f'<a xmlns:its="http://exslt.org/{name}"/>')) == ()
    assert findings_of(_sheet("<a/>", more='version="1.1"')) == ()
    assert findings_of(Replacement("theirs.xsl", f'<a xmlns:xsl="{XSL}" xsl:version="1.0"/>'.encode())) == ()


def test_every_reach_of_a_stylesheet_is_told_with_its_own_line() -> None:
    """One mistake does not hide another, and a namespace is told once, where it is declared."""
    body = '<a xmlns:s="http://icl.com/saxon"><b/></a>\n<xsl:value-of select="document(1)|document(2)"/>'
    found = [(finding.location, finding.text) for finding in findings_of(_sheet(body))]
    assert [place for place, _ in found] == ["theirs.xsl, line 3", "theirs.xsl, line 4", "theirs.xsl, line 4"]
    assert ["saxon" in text for _, text in found] == [True, False, False]


@pytest.mark.parametrize(
    ("body", "place", "words"),
    [
        ('<xsl:message terminate="yes">Nancy</xsl:message>', "theirs.xsl, line 3", "xsl:message"),
        (
            '<xsl:message>Nancy</xsl:message><xsl:message terminate="yes"/>',
            "theirs.xsl, line 3",
            "xsl:message stops it",
        ),
        (
            '<xsl:if test="0"><xsl:message terminate="yes"/></xsl:if><xsl:message terminate="yes">Nancy</xsl:message>',
            "theirs.xsl",
            "it stops itself",
        ),
        ('<a b="{$nobody}"/>', "theirs.xsl, line 3", ""),
        ("", "theirs.xsl", "no element"),
        ("<a/>", "theirs.xsl", ""),
        ("<Bundle xmlns='http://hl7.org/fhir'/>", "theirs.xsl", ""),
    ],
)
def test_a_stylesheet_that_fails_is_the_networks_fault(body: str, place: str, words: str) -> None:
    """One that stops, makes nothing or makes what is no message is VS-551 with the line, and nothing is made."""
    with pytest.raises(Refused) as caught:
        convert([EVERY], _with(_sheet(body)), "CareCommunication")
    first = caught.value.findings[0]
    assert (first.rule.id, first.rule.fault.value) == ("VS-551", "network")
    assert first.location.startswith(place)
    assert words in first.text
    assert all("Nancy" not in str(finding) for finding in caught.value.findings)


def test_a_message_that_breaks_a_rule_is_told_with_the_rule() -> None:
    """What a stylesheet makes is validated: VS-551 first, then what is wrong with the message."""
    sheet = _ours("CareCommunication", ('<status value="unknown" row:id="XC-communication-status"/>', ""))
    with pytest.raises(Refused) as caught:
        convert([EVERY], _with(sheet), "CareCommunication", profile=False)
    first, second, *others = _rules(caught.value)
    assert (first, second) == ("VS-551", "VS-504")
    assert others


@pytest.mark.parametrize(
    ("to", "source", "old", "new"),
    [
        ("CareCommunication", EVERY, "{$bundle-id}", "11111111-1111-4111-8111-111111111111"),
        ("CareCommunication", EVERY, "{$header-id}", "11111111-1111-4111-8111-111111111111"),
    ],
)
def test_identifiers_that_were_given_must_be_written(to: str, source: bytes, old: str, new: str) -> None:
    """A receipt is told by the identifiers that are remembered, so a stylesheet may not draw its own: VS-552."""
    with pytest.raises(Refused) as caught:
        convert([source], _with(_ours(to, (old, new))), to)
    assert _rules(caught.value) == ["VS-552"]


def test_facts_remember_a_stylesheet_by_its_digest() -> None:
    """The text travels apart; without it, or with another one, the facts cannot be read."""
    facts = _with(_ours("XDIS91"))
    assert facts.stylesheet is not None
    text = facts.to_json()
    assert "xsl:template" not in text
    assert facts.stylesheet.digest in text
    assert Facts.from_json(text, facts.stylesheet.data) == facts
    for other in (None, b"<other/>"):
        with pytest.raises(Refused) as caught:
            Facts.from_json(text, other)
        assert _rules(caught.value) == ["VS-553"]


def test_a_record_of_anothers_stylesheet_is_told_by_comparison() -> None:
    """Its instructions bear no rows: what stands where the tables say is kept, and every value is there."""
    theirs = _ours("CareCommunication")
    bare = Replacement("theirs.xsl", re.sub(rb' row:id="[^"]*"| xmlns:row="[^"]*"| row(?=")', b"", theirs.data))
    record = convert([EVERY], _with(bare), "CareCommunication", record=True).record
    ours = convert([EVERY], FACTS, "CareCommunication", record=True).record
    kept = {one.source for one in record if one.what == "kept"}
    assert {"/Emessage/ClinicalEmail/Patient/PersonSurnameName", "/Emessage/ClinicalEmail/Reference[2]/URL"} <= kept
    assert {one.source for one in record} - {""} == {one.source for one in ours} - {""}
    assert convert([EVERY], _with(theirs), "CareCommunication", record=True).record == ours


@pytest.mark.parametrize("to", ["CareCommunication", "XDIS91"])
def test_every_parameter_is_documented(to: str) -> None:
    """The page about stylesheets names each parameter that ours declare."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "stylesheets.md").read_text("utf-8")
    cells = {name for row in re.findall(r"^\| ([\w, -]+) \|", page, re.MULTILINE) for name in row.split(", ")}
    declared = re.findall(r'<xsl:param name="([\w-]+)"/>', _ours(to).data.decode().partition("<xsl:template")[0])
    assert declared
    assert set(declared) <= cells
