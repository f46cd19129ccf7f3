"""Formatted text to plain text and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from envelope.oioxml.formatted_text import fill_text, plain_text
from envelope.oioxml.letters import R2005, R2006

# Everything that XML can hold but control characters, of which newline and tab are text.
CHARACTERS = st.characters(
    exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\n\t"
)
PIECES = st.sampled_from(
    [
        "<Break/>",
        "<Bold>",
        "</Bold >",
        "&lt;Break/>",
        "&lt;Break/&gt;",
        "&amp;lt;Space/>",
        "&",
        "<",
        ">",
        " ",
        "  ",
        "\n",
    ]
)
TEXTS = st.text(CHARACTERS) | st.lists(PIECES | st.text(CHARACTERS, max_size=3)).map("".join)


def element(content: str, name: str = "Text01", namespace: str = R2006) -> etree._Element:
    """An element with this content, in a letter's namespace."""
    return etree.fromstring(f'<{name} xmlns="{namespace}">{content}</{name}>')


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", ""),
        ("En linje", "En linje"),
        ("En<Break/>to", "En\nto"),
        ("En<Break/><Break/>to<Break/>", "En\n\nto\n"),
        ("<Break/>to", "\nto"),
        ("En<Space/>to<Space/><Space/>tre", "En to  tre"),
        ("To  blanke og  <Break/> en først", "To  blanke og  \n en først"),
        ("<Bold>Fed</Bold>, <Italic>skrå</Italic> og <Underline>streg</Underline>.", "Fed, skrå og streg."),
        ("<FixedFont>A<Break/><Bold>B</Bold></FixedFont>C", "A\nBC"),
        ("Før<Right>til højre</Right>efter", "Før\ntil højre\nefter"),
        ("Før<Break/><Center>midt</Center><Break/>efter", "Før\nmidt\nefter"),
        ("Før<Center>midt</Center><Break/><Break/>efter", "Før\nmidt\n\nefter"),
        ("<Right>først</Right><Right>så</Right>", "først\nså"),
        ("<Center><Break/>Hilsen<Break/></Center>", "\nHilsen\n"),
        ("<Right><Space/>1</Right>", " 1"),
    ],
)
def test_marks_become_lines_and_blanks(content: str, text: str) -> None:
    """Break is a newline, Space a blank, styles lose their marking, aligned text stands on its own line."""
    assert plain_text(element(content)) == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("\n    En linje\n  ", "En linje"),
        ("En linje brudt\n      i kilden", "En linje brudt i kilden"),
        ("En<Break/>\n    to\n  <Break/>  \n  tre", "En\nto\ntre"),
        ("<Bold>\n  Fed\n</Bold>\n<Italic>skrå</Italic>", "Fed skrå"),
        ("Ord\r\n\t<Space/>\n ord", "Ord ord"),
        ("Ord \n <Bold> ord</Bold>", "Ord ord"),
        ("Ord <Bold>\n ord</Bold>", "Ord ord"),
        ("\n  \n", ""),
        ("<Right>\n  til højre\n</Right>\n", "til højre"),
        ("Tab\tbliver", "Tab\tbliver"),
    ],
)
def test_the_sources_own_line_breaks_count_as_a_blank_at_most(content: str, text: str) -> None:
    """White space with a newline in it is one blank between words and nothing elsewhere."""
    assert plain_text(element(content)) == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("En&lt;Break/&gt;to", "En\nto"),
        ("En&lt;Break /&gt;to&lt;Break&gt;&lt;/Break&gt;tre", "En\nto\ntre"),
        ("&lt;Bold&gt;Fed&lt;/Bold&gt;&lt;Space/&gt;ord", "Fed ord"),
        ("Før&lt;Right&gt;til højre&lt;/Right&gt;efter&lt;Center/&gt;sidst", "Før\ntil højre\nefter\nsidst"),
        ("&lt;Teste&gt; 3 &lt; 4 &amp; &lt;break/&gt;", "<Teste> 3 < 4 & <break/>"),
    ],
)
def test_escaped_tags_are_read_as_tags(content: str, text: str) -> None:
    """Tags that a producer escaped are what they were meant to be; other angle brackets are text."""
    assert plain_text(element(content)) == text


def test_comments_are_no_text() -> None:
    """What stands in a comment or processing instruction is not read, what stands after it is."""
    assert plain_text(element("En<!-- nej -->to<?nej nej?> tre")) == "Ento tre"


@settings(deadline=None)
@given(TEXTS)
def test_a_filled_text_reads_back(text: str) -> None:
    """What was filled in is what is read, before and after a trip through bytes."""
    filled = element("<Bold>før</Bold>væk")
    fill_text(filled, text)
    assert plain_text(filled) == text
    assert plain_text(etree.fromstring(etree.tostring(filled, encoding="ISO-8859-1"))) == text


@settings(deadline=None)
@given(TEXTS)
def test_only_breaks_and_spaces_in_the_elements_own_namespace_are_written(text: str) -> None:
    """The outcome suits receipts too, whose text knows no other marks."""
    filled = element("", "RefuseText", R2005)
    fill_text(filled, text)
    assert {child.tag for child in filled} <= {f"{{{R2005}}}Break", f"{{{R2005}}}Space"}


def test_blanks_that_tools_may_drop_are_hard() -> None:
    """Blanks at the ends of lines and further blanks in a row become Space; a single one between words stays."""
    filled = element("")
    fill_text(filled, " a b  c \n ")
    inner = (
        etree.tostring(filled, encoding="unicode").removeprefix(f'<Text01 xmlns="{R2006}">').removesuffix("</Text01>")
    )
    assert inner == "<Space/>a b <Space/>c<Space/><Break/><Space/>"


def test_newlines_of_every_kind_are_breaks() -> None:
    """CR LF and CR alone end a line as LF does."""
    filled = element("")
    fill_text(filled, "a\r\nb\rc\nd")
    assert plain_text(filled) == "a\nb\nc\nd"


def test_what_xml_cannot_hold_is_marked() -> None:
    """A character that XML has no form for is replaced visibly instead of breaking the letter."""
    filled = element("")
    fill_text(filled, "a\x00b\x1bc\ufffed")
    assert plain_text(filled) == "a\ufffdb\ufffdc\ufffdd"


def test_filling_keeps_what_is_around() -> None:
    """Tail and attributes of the element stay; an element without a namespace gets marks without one."""
    root = etree.fromstring("<r><t a='1'>gammel<Break/></t>hale</r>")
    fill_text(root[0], "ny\nlinje")
    assert etree.tostring(root) == b'<r><t a="1">ny<Break/>linje</t>hale</r>'
