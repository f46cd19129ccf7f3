from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from conversion import convert
from conversion.rows import taken_out
from conversion.stylesheet import ROW_ID, Stylesheet, rows_in, stylesheet
from tests.conversion.rows.case import FACTS, LETTERS

NAME = "xdis91_to_carecommunication"
XSL = "http://www.w3.org/1999/XSL/Transform"
SHEET = f"""<xsl:stylesheet version="1.0" xmlns:xsl="{XSL}">
  <xsl:param name="value"/>
  <xsl:template match="/"><made value="{{$value}}">{{body}}</made></xsl:template>
</xsl:stylesheet>"""


def _sheet(body: str = "") -> Stylesheet:
    return Stylesheet(etree.fromstring(SHEET.replace("{body}", body)))


@pytest.mark.parametrize(
    "value", ["", "it's", 'a "quote"', """both ' and " at once""", "æøå ≥ 🤒", "line\nbreak", "{$x} &amp;"]
)
def test_parameters_are_strings_whatever_they_hold(value: str) -> None:
    """A parameter arrives as it was given, never as an expression."""
    assert _sheet().transform(etree.Element("in"), {"value": value}).get("value") == value


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/x", "/etc/hostname"])
def test_a_stylesheet_opens_nothing(address: str) -> None:
    """document() may read no file and no address."""
    with pytest.raises(etree.XSLTApplyError):
        _sheet(f"""<xsl:copy-of select="document('{address}')"/>""").transform(etree.Element("in"), {})


def test_a_stylesheet_is_compiled_once_a_thread() -> None:
    """Asked again it is the same object; another thread has its own."""
    seen: list[Stylesheet] = []
    thread = threading.Thread(target=lambda: seen.append(stylesheet(NAME)))
    thread.start()
    thread.join()
    assert stylesheet(NAME) is stylesheet(NAME)
    assert seen[0] is not stylesheet(NAME)


def test_the_marks_of_rows_do_not_reach_what_is_made() -> None:
    """The row ids are known, and nothing of them stands in the output."""
    assert "XC-bundle-type" in rows_in(NAME)
    made = stylesheet(NAME).transform(etree.Element("in"), {})
    assert all(element.get(ROW_ID) is None for element in made.iter())
    assert b"urn:vansim:row" not in etree.tostring(made)


def test_a_row_can_be_taken_out_and_comes_back() -> None:
    """Inside taken_out the variant lacks the row's instruction; outside it is there again."""
    find = "{http://hl7.org/fhir}type"
    assert stylesheet(NAME).transform(etree.Element("in"), {}).find(find) is not None
    with taken_out("XC-bundle-type"):
        assert stylesheet(NAME).transform(etree.Element("in"), {}).find(find) is None
    assert stylesheet(NAME).transform(etree.Element("in"), {}).find(find) is not None


def test_threads_convert_side_by_side() -> None:
    """Four threads make the same bytes as one."""
    letter = (LETTERS / "xdis91-every-element.xml").read_bytes()

    def made(_: int) -> bytes:
        return convert([letter], FACTS, "CareCommunication", profile=False).outputs[0].payload

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(made, range(80))) == {made(0)}
