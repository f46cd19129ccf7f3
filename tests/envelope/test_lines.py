from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from envelope.lines import Lines
from envelope.validation import validate

XML = b"""<?xml version="1.0"?>
<Bundle xmlns="http://hl7.org/fhir">
  <id value="1"/>
  <entry>
    <resource>
      <Patient>
        <contained>
          <Organization>
            <name value="x"/>
          </Organization>
        </contained>
        <identifier><value value="1"/></identifier>
        <identifier>
          <value value="2"/>
        </identifier>
        <deceasedBoolean value="true"/>
      </Patient>
    </resource>
  </entry>
</Bundle>
"""
JSON = b"""{
  "resourceType" : "Bundle",
  "id": "1",
  "entry": [
    { "resource": {
        "resourceType": "Patient",
        "contained": [
          {"resourceType": "Organization",

            "name": "x"}
        ],
        "identifier": [{"value": "1"},
          {
            "value": "2"
          }
        ],
        "deceasedBoolean": true}
    }
  ]
}
"""
LETTERS = Path(__file__).resolve().parents[1] / "letters"
LETTER = b"""<Emessage>
<Letter>
<a/>
<b/>
<b/>
</Letter>
</Emessage>"""


@pytest.mark.parametrize(
    ("location", "in_xml", "in_json"),
    [
        ("Bundle", 2, 1),
        ("Bundle.id", 3, 3),
        ("Bundle.timestamp", 2, 1),
        ("Bundle.entry[0].resource.identifier[0].value", 12, 12),
        ("Bundle.entry[0].resource.identifier[1].value", 14, 14),
        ("Bundle.entry[0].resource.identifier[1].system", 13, 13),
        ("Bundle.entry[0].resource.deceased", 16, 17),
        ("Bundle.entry[0].resource.contained[0].name", 9, 10),
        ("Bundle.entry[0].resource.name.family", 6, 5),
        ("line 7, column 3", 7, 7),
        ("", None, None),
        ("/VANSEnvelope/Message", None, 1),
    ],
)
def test_a_place_has_its_line(location: str, in_xml: int | None, in_json: int | None) -> None:
    """A FHIRPath is found in XML and in JSON; where the element is missing, the nearest that is there."""
    assert Lines(XML).of(location) == in_xml
    if not location.startswith("/"):
        assert Lines(JSON).of(location) == in_json


def test_a_document_of_one_line_has_one_line() -> None:
    """Without line breaks everything stands in line 1, and a byte order mark is no hindrance."""
    written = json.dumps(json.loads(JSON)).encode("utf-8-sig")
    assert Lines(written).of("Bundle.entry[0].resource.identifier[1].value") == 1


@pytest.mark.parametrize(
    ("location", "line"),
    [("/Emessage", 1), ("/Emessage/Letter/b[2]", 5), ("/Emessage/Letter/c/d", 2), ("/Other", None)],
)
def test_an_xpath_has_its_line(location: str, line: int | None) -> None:
    """The places of letters, counted from one, are found."""
    assert Lines(LETTER).of(location) == line


@pytest.mark.parametrize("source", [b"", b"no XML", b"{", b"{}", b'{"entry": 1', b'{"entry": []}', b'{"entry": 3}'])
def test_what_cannot_be_read_has_no_place_within(source: bytes) -> None:
    """A document that is cut short, empty or nothing at all has line 1 at most."""
    assert Lines(source).of("Bundle.entry[3].resource.id") in {None, 1}


def test_a_deep_document_is_no_error() -> None:
    """A document nested beyond what a reader follows has the last line that could be reached."""
    assert Lines(b'{"a": ' + b"[" * 200_000).of("Bundle.b") == 1


@pytest.mark.parametrize("name", ["bundle-new.xml", "bundle-new.json"])
def test_a_verdict_knows_the_line_of_a_finding(name: str, letters: Path, wrap: Callable[..., bytes]) -> None:
    """The line of a finding about a bundle is the line of the element, bare and in an envelope."""
    source = (letters / name).read_text(encoding="utf-8").replace("regarding-referral", "no-such-category")
    expected = 1 + source[: source.rindex("no-such-category")].count("\n")
    mime = "application/fhir+json" if name.endswith("json") else "application/fhir+xml"
    wrapped = wrap(source.encode(), "CareCommunication", postfix="nursing", mime=mime)
    for data in (source.encode(), wrapped):
        verdict = validate(data)
        (finding,) = [each for each in verdict.findings if each.rule.id == "VS-376"]
        assert verdict.line_of(finding) == expected


def test_a_verdict_knows_the_line_of_an_envelope(wrap: Callable[..., bytes], letters: Path) -> None:
    """The line of a finding about the envelope itself is the line in the envelope."""
    root = etree.fromstring(wrap((letters / "xdis91-minimal.xml").read_bytes()))
    sender = root.find(".//{*}SenderID")
    assert sender is not None
    sender.text = "5790001659593"
    source = etree.tostring(root, pretty_print=True)
    verdict = validate(source)
    assert verdict.findings
    for finding in verdict.findings:
        if finding.location.startswith("/VANSEnvelope"):
            assert verdict.line_of(finding) is not None


@pytest.mark.parametrize(
    ("source", "line", "value", "shown"),
    [
        (b"<a>\n  <Name>Nancy</Name>\n</a>", 2, None, "<Name>…</Name>"),
        (b"<a>\n  <Code>gal</Code>\n</a>", 2, "gal", "<Code>gal</Code>"),
        (b"<a>\n  <Code>gal</Code><Name>Nancy</Name>\n</a>", 2, "gal", "<Code>gal</Code><Name>…</Name>"),
        (b'<a>\n  <family value="Berg"/>\n</a>', 2, None, '<family value="…"/>'),
        (b'<a>\n  <system value="urn:oid:1.2"/>\n</a>', 2, None, '<system value="urn:oid:1.2"/>'),
        (b"<a>\n  <Text>Nancy has\na rash</Text>\n</a>", 2, None, "<Text>…"),
        (b"<a>\n  <Text>Nancy has\na rash</Text>\n</a>", 3, None, "…"),
        (b"<a>\n  <!-- Nancy -->\n</a>", 2, None, "…"),
        (b'{\n  "value": 2512489996,\n  "x": true\n}', 2, None, '"value": …,'),
        (b'{"family":"Berg","given":["Ann"],"active":true}', 1, None, '{"family":"…","given":["…"],"active":true}'),
        (b'{\n  "family": "Berg",\n  "given": ["Ann", "Bo"]\n}', 2, None, '"family": "…",'),
        (b'{\n  "family": "Berg",\n  "given": ["Ann", "Bo"]\n}', 3, None, '"given": ["…", "…"]'),
        (b'{\n  "code": "gal",\n  "x": 1\n}', 2, "gal", '"code": "gal",'),
        (b"<a/>", 9, None, ""),
        (b"<a>" + b"<b/>" * 60 + b"</a>", 1, None, ("<a>" + "<b/>" * 60)[:160] + "…"),
    ],
)
def test_a_line_is_shown_without_its_values(source: bytes, line: int, value: str | None, shown: str) -> None:
    """Markup, names and addresses stay; of values the one that may be told."""
    assert Lines(source).shown(line, value) == shown


@pytest.mark.parametrize("name", sorted(file.name for file in LETTERS.glob("*")))
def test_no_line_of_any_letter_shows_a_patients_values(name: str) -> None:
    """Names, numbers, addresses and texts of the letters' invented people."""
    source = (LETTERS / name).read_bytes()
    lines = Lines(source)
    shown = "\n".join(lines.shown(number, None) for number in range(1, source.count(b"\n") + 2))
    for value in ("Testesen", "2512489996", "Nancy", "Opdigtet All", "linje", "tager imod", "Eksempelsen"):
        assert value not in shown
