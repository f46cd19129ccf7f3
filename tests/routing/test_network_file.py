"""Reading network.yaml: what a right file gives, and the network that ships in the package."""

from __future__ import annotations

import re
import time
from collections import Counter
from datetime import date
from pathlib import Path
from string import Template

import pytest
import yaml
from lxml import etree

from envelope.findings import Refused
from envelope.identities import gln_is_valid
from routing import network_file
from routing.directory import Directory, Kind, Settings, Takes
from routing.network_file import DEFAULT_NETWORK, load

TODAY = date(2026, 11, 22)
KNOWN_WRONG = {"2220001382432", "5790000120400", "5790000123456", "5790000128700"}

FHIR = "{http://hl7.org/fhir}"
GLN_SYSTEM = "https://www.gs1.org/gln"
SOR_SYSTEM = "urn:oid:1.2.208.176.1.1"

FULL = """
settings:
  operator: PRØVENET
  repeat_receipts: false
  lpr3_first: True
  xctl02_code: transient-error
  follow_receipt_wish: true
  refuse_text_limit: 700
participants:
  - gln: 5799900000016
    sor: 99000011000016003
    name: Prøvesystem
    kind: test-system
    telephone: 00990001
    identifiers: {ydernummer: 001234, kommunenummer: 099, sygehusafdelingsnummer: 9999010}
    external: true
    format: json
    takes: &old
      - {type: XDIS91, version: xd9134l, until: 2026-03-01}
      - {type: FDIS91, version: 5, from: 2026-03-01}
      - {type: XDIS22}
  - gln: "5799900000023"
    sor: "99000021000016007"
    name: Et andet
    kind: gp-practice
    takes: *old
"""


@pytest.fixture(scope="module")
def network() -> Directory:
    """The network in the package."""
    return load(DEFAULT_NETWORK.read_text(encoding="utf-8"), "network.yaml")


def test_every_key_is_read() -> None:
    """Each key of the file gives its value, digits keep leading zeros, an alias gives what its anchor holds."""
    directory = load(FULL, "full.yaml")
    assert directory.settings == Settings("PRØVENET", False, True, "transient-error", True, 700)
    one, other = directory
    assert (one.gln, one.sor, one.name, one.kind) == (
        "5799900000016",
        "99000011000016003",
        "Prøvesystem",
        Kind.TEST_SYSTEM,
    )
    assert one.telephone == "00990001"
    assert one.identifiers == {"ydernummer": "001234", "kommunenummer": "099", "sygehusafdelingsnummer": "9999010"}
    assert (one.external, one.format) == (True, "json")
    assert one.takes == (
        Takes("XDIS91", "XD9134L", until=date(2026, 3, 1)),
        Takes("CareCommunication", "5.0", since=date(2026, 3, 1)),
        Takes("XDIS22"),
    )
    assert (other.external, other.format, other.telephone, other.takes) == (False, "xml", None, one.takes)
    assert other.identifiers == {}
    assert directory.warnings == ()


def test_a_format_may_be_given_as_what_it_is_anyway() -> None:
    """`format: xml` is what a participant without a format gets."""
    one, _ = load(FULL.replace("format: json", "format: xml"), "full.yaml")
    assert one.format == "xml"


def test_settings_may_be_left_out() -> None:
    """Without settings, or with none in them, the defaults hold; a participant that takes nothing can only send."""
    text = "participants:\n- {gln: 5799900000016, sor: 99000011000016003, name: x, kind: hospital, takes: }\n"
    assert load(text, "x").settings == load("settings:\n" + text, "x").settings == Settings()
    assert load(text, "x").participants["5799900000016"].takes_on(TODAY) == ()


def test_the_reference_in_the_docstring_is_right() -> None:
    """The example of the module's own docstring can be read, and its table names every setting with its default."""
    document = network_file.__doc__ or ""
    example = document.split("```yaml\n")[1].split("```")[0]
    assert load(example, "docstring").participants["5790000120314"].identifiers["ydernummer"] == "001234"
    rows = dict(re.findall(r"^\| (\w+) \| .+? \| (\S+) \| .* \|$", document, re.MULTILINE))
    rows.pop("key")
    assert rows == {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in Settings().as_dict().items()
    }


def test_the_default_network_has_no_mistake(network: Directory) -> None:
    """The network in the package loads without a warning, and says only what its own comments at the top explain."""
    assert network.warnings == ()
    assert network.settings == Settings()
    assert all(gln_is_valid(one.gln) for one in network)


def test_the_default_network_reads_the_same_elsewhere(network: Directory) -> None:
    """Another YAML reader sees the same numbers, because they are quoted in the file that ships."""
    plain = yaml.safe_load(DEFAULT_NETWORK.read_text(encoding="utf-8"))
    assert [one["gln"] for one in plain["participants"]] == [one.gln for one in network]
    assert [one["sor"] for one in plain["participants"]] == [one.sor for one in network]
    assert [one.get("identifiers", {}) for one in plain["participants"]] == [one.identifiers for one in network]


@pytest.mark.parametrize(
    ("gln", "sor", "letter"),
    [
        ("5790000120314", "325371000016006", "CareCommunication"),
        ("5790000121526", "325251000016005", "XDIS91"),
        ("5790001382445", "359001000016000", "XDIS91"),
        ("5790000121441", "328051000016008", "CareCommunication"),
    ],
)
def test_the_four_named_participants_take_their_format(network: Directory, gln: str, sor: str, letter: str) -> None:
    """The participants that MedCom's flows and samples turn on have their SOR code and, today, their letter format."""
    one = network.participants[gln]
    assert one.sor == sor
    letters = {"XDIS91", "CareCommunication"}
    assert {taken.type for taken in one.takes_on(TODAY)} & letters == {letter}


def test_both_directions_of_the_flow_samples_can_be_run(network: Directory) -> None:
    """The receiver of the flows takes FHIR from the day of Flow 1 on, and OIOXML with attachments on the day before."""
    odense = network.participants["5790000121441"]
    assert odense.takes_type("CareCommunication", "5.0", date(2023, 11, 20))
    assert not odense.takes_type("XDIS91", None, date(2023, 11, 20))
    assert odense.takes_type("XDIS91", "XD9134L", date(2023, 11, 19))
    assert odense.takes_type("XBIN01", "XB0131X", date(2023, 11, 19))


@pytest.mark.parametrize("kind", Kind)
def test_a_dozen_of_every_kind_are_invented(network: Directory, kind: Kind) -> None:
    """Of every kind at least twelve participants are invented, of both formats, some of which change their own."""
    invented = [one for one in network if one.kind is kind and one.gln.startswith("57999") and not one.external]
    assert len(invented) >= 12
    letters = Counter(taken.type for one in invented for taken in one.takes_on(TODAY))
    assert letters["XDIS91"] >= 2
    assert letters["CareCommunication"] >= 2
    assert any(line.since and line.since > TODAY for one in invented for line in one.takes)
    assert any(line.until and line.until <= TODAY for one in invented for line in one.takes)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.GP_PRACTICE, "ydernummer"),
        (Kind.SPECIALIST, "ydernummer"),
        (Kind.MUNICIPALITY, "kommunenummer"),
        (Kind.HOSPITAL, "sygehusafdelingsnummer"),
    ],
)
def test_kinds_have_the_numbers_of_their_kind(network: Directory, kind: Kind, code: str) -> None:
    """Invented practices, municipalities and hospitals carry the number that their kind is known by."""
    assert all(code in one.identifiers for one in network if one.kind is kind and one.gln.startswith("57999"))


def test_one_external_system_for_each_format(network: Directory) -> None:
    """Exactly two participants are external: one takes FHIR, the other OIOXML."""
    external = {one.name: {taken.type for taken in one.takes} for one in network if one.external}
    assert external == {
        "Eget FHIR-system": {"CareCommunication", "HospitalNotification"},
        "Eget OIOXML-system": {"XDIS91", "XBIN01"},
        "Eget EDIFACT-system": {"DIS91", "BIN01"},
    }


def test_the_default_network_loads_at_once(network: Directory) -> None:
    """Reading the network in the package takes less than a tenth of a second of processor time."""
    text = DEFAULT_NETWORK.read_text(encoding="utf-8")
    took = []
    for _ in range(3):
        began = time.process_time()
        assert load(text, "network.yaml") == network
        took.append(time.process_time() - began)
    assert min(took) < 0.1


@pytest.mark.reference
def test_every_gln_of_the_samples_is_there(network: Directory, reference: Path) -> None:
    """All GLNs that MedCom's samples use are participants, except the four whose check digit is wrong."""
    found: set[str] = set()
    for path in (reference / "samples").rglob("*"):
        if path.suffix in {".xml", ".json", ".edi"}:
            found |= set(re.findall(r"(?<!\d)\d{13}(?!\d)", path.read_text(encoding="latin-1")))
    assert {gln for gln in found if not gln_is_valid(gln)} == KNOWN_WRONG
    assert found - KNOWN_WRONG == {one.gln for one in network if not one.gln.startswith("57999")}
    header = DEFAULT_NETWORK.read_text(encoding="utf-8")
    assert all(gln in header for gln in KNOWN_WRONG)


@pytest.mark.reference
def test_sor_codes_are_those_of_the_samples(network: Directory, reference: Path) -> None:
    """Where a sample gives an organisation GLN and SOR code, the directory has the same pair, but for Flow 3's slip."""
    pairs: set[tuple[str, str]] = set()
    for path in (reference / "samples").rglob("*.xml"):
        for organisation in etree.parse(path).iter(f"{FHIR}Organization"):
            systems = [one.get("value", "") for one in organisation.iterfind(f"{FHIR}identifier/{FHIR}system")]
            values = [one.get("value", "") for one in organisation.iterfind(f"{FHIR}identifier/{FHIR}value")]
            identifiers = dict(zip(systems, values, strict=True))
            if GLN_SYSTEM in identifiers:
                pairs.add((identifiers[GLN_SYSTEM], identifiers[SOR_SYSTEM]))
    assert len(pairs) > 10
    assert pairs - {(one.gln, one.sor) for one in network} == {("5790001382445", "359011000016000")}


def test_a_thousand_participants_are_read_in_a_second() -> None:
    """A network ten times the default one is no trouble: the file is read in one pass."""
    line = Template("- {gln: $gln, sor: $sor, name: Nr. $number, kind: pharmacy, takes: [{type: XDIS91}]}\n")
    rows = []
    for number in range(1000):
        twelve = f"57998{number:07}"
        digit = next(d for d in "0123456789" if gln_is_valid(twelve + d))
        rows.append(line.substitute(gln=twelve + digit, sor=f"98{number:013}", number=number))
    began = time.process_time()
    assert len(load("participants:\n" + "".join(rows), "large.yaml")) == 1000
    assert time.process_time() - began < 1


def test_stylesheets_are_named_and_not_read() -> None:
    """Each direction gives what it converts to, its path and its place; nothing named is nothing."""
    file = "participants: []\nconversion:\n  stylesheets:\n    XCTL-to-Acknowledgement: a/b.xsl\n"
    (one,) = load(file, "x").stylesheets
    assert (one.target, one.path, one.place, one.data) == ("Acknowledgement", "a/b.xsl", "x, line 4, column 30", b"")
    for nothing in ("conversion:", "conversion: {}", "conversion: {stylesheets: }"):
        assert load(f"participants: []\n{nothing}\n", "x").stylesheets == ()


@pytest.mark.parametrize(
    "wrong", ["conversion: {stylesheets: {XDIS91-to-XCTL: a.xsl}}", "conversion: {stylesheets: a}"]
)
def test_a_direction_that_is_none_is_a_mistake(wrong: str) -> None:
    """Only the four directions may be named, and each as a path."""
    with pytest.raises(Refused):
        load(f"participants: []\n{wrong}\n", "x")
