"""Our schemas and MedCom's official ones, held against each other over thousands of valid and broken letters."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from envelope.oioxml import schema as schemas
from envelope.oioxml.letters import KINDS, R2005, R2006, R2012, LetterKind
from envelope.oioxml.reading import identify
from envelope.oioxml.schema import schema

pytestmark = pytest.mark.reference

MUTATIONS = 3000
FEWEST = 400
LETTERS = Path(__file__).parents[2] / "letters"
SCHEMA_FOLDER = Path(schemas.__file__).parent / "schemas"
OFFICIAL = {R2005: "2005/08/07", R2006: "2006/07/01", R2012: "2012/03/28"}
XSI = "http://www.w3.org/2001/XMLSchema-instance"

# What the official 2005 release imports and its publishers did not ship; none of it is reachable from our letters.
NOT_SHIPPED = {
    "CPR_CivilRegistrationNumber.xsd": ("http://rep.oio.dk/cpr.dk/xml/schemas/core/2002/06/28/", ""),
    "KL_SENumberType.xsd": (
        "http://rep.oio.dk/kl.dk/xml/schemas/sygedagpenge/2003/09/05/",
        '<xs:simpleType name="SENumberType"><xs:restriction base="xs:string"/></xs:simpleType>',
    ),
    "CVR_CVRNumber.xsd": (
        "http://rep.oio.dk/cvr.dk/xml/schemas/2002/06/28/",
        '<xs:element name="CVRnumber" type="xs:string"/>',
    ),
}


def words(*lines: str) -> tuple[str, ...]:
    """The words of some lines."""
    return tuple(word for line in lines for word in line.split())


STYLES = ("Break", "Space", "Right", "Center", "Bold", "Italic", "Underline", "FixedFont")
CODES = (
    *words(
        "pluspositivkvitt minuspositivkvitt nytbrev rettetbrev annulleretbrev inaktiv indlagt ambulant doed",
        "ambulant_roentgen sygehusafdelingsnummer ydernummer lokationsnummer kommunenummer sorkode amt rutine",
        "høj_prioritet hoej_prioritet ikkeklassificeret patologi kiropraktor_64 XD9133L XD9134L XD9135L XDIS91",
        "XB0130X XB0131X XBIN01 XC0130Q XC0230Q XC0330Q XCTL01 syntaksfejl problem_med_version ikke_specificeret",
        "tekstfil billede vektor_grafik biosignaler biosignal pdf jpeg jpg tif tiff plo fnx inh docx true false 1",
    ),
    "patologi ",
    " nytbrev",
)
LENGTHS = (0, 1, 3, 7, 8, 9, 10, 14, 15, 17, 18, 25, 26, 35, 36, 70, 71, 350, 351)
MOMENTS = (
    *words(
        "2024-02-29 2023-02-29 2024-13-01 2024-04-31 2024-1-1 24-01-01 20240101 2024-01-01Z 2024-01-01+01:00",
        "2024-01-01-01:00 02024-01-01 12024-01-01 -2024-01-01 0000-01-01 0001-01-01 2024-01-01T00:00:00",
        "00:00 23:59 24:00 12:60 9:30 09.30 09:30:00 09:30Z 0930 12:3",
    ),
    " 2024-01-01 ",
    "2024-01-01\n",
    " 09:30",
)
NUMBERS = (
    *words(
        "0 1 -1 +5 007 1.5 1e3 99999999999999999999999 4294967296 0x10 2512489996 251248999 25124899960 251248-9996",
        "07039 0703921VJ4 ０１２３４５６７８９ 0D0F7A52-C6DE-4B1C-9A3F-5E2B7C8D9E01 0D0F7A52C6DE4B1C9A3F5E2B7C8D9E01",
        "0D0F7A52-C6DE-4B1C-9A3F-5E2B7C8D9E0 {0D0F7A52-C6DE-4B1C-9A3F-5E2B7C8D9E01}",
        "0d0f7a52-c6de-4b1c-9a3f-5e2b7c8d9e01 0D0F7A52-C6DE-4B1C-9A3F-5E2B7C8D9E0G",
    ),
    " 5 ",
)
REPEATED = ("ClinicalInformation", "Reference", "BinaryObject", "OriginalLetter")


class Publisher(etree.Resolver):
    """Serves the official files as they lie, and a stand-in for each that was never shipped."""

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:  # noqa: ARG002 (lxml's signature)
        """The stand-in for a missing file; None lets the file itself be read."""
        missing = NOT_SHIPPED.get(Path(system_url).name)
        if missing is None:
            return None
        namespace, content = missing
        head = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{namespace}">'
        return self.resolve_string(f"{head}{content}</xs:schema>", context, base_url=system_url)


@cache
def official(reference: Path, namespace: str) -> etree.XMLSchema:
    """The official schema of a release."""
    parser = etree.XMLParser()
    parser.resolvers.add(Publisher())
    folder = reference / "reference" / "schemas" / "oioxml" / OFFICIAL[namespace]
    return etree.XMLSchema(etree.parse(folder / "EMessage.xsd", parser))


def originals(reference: Path, kind: LetterKind) -> list[etree._Element]:
    """The letters of a kind among our own and among the official samples."""
    samples = reference / "samples"
    files = [*LETTERS.glob("x*.xml"), *samples.glob("oioxml/*.xml"), *samples.glob("edifact/*.xml")]
    roots = [etree.parse(file).getroot() for file in sorted([*files, *samples.glob("conversion-flows/*-X*.xml")])]
    return [root for root in roots if identify(root) == kind]


@cache
def listed(reference: Path, namespace: str) -> tuple[str, ...]:
    """Every code that any list of a release has, in the official files or in ours."""
    folder = reference / "reference" / "schemas" / "oioxml" / OFFICIAL[namespace]
    files = [*folder.glob("*.xsd"), *SCHEMA_FOLDER.glob("*.xsd")]
    facets = ("{http://www.w3.org/2001/XMLSchema}enumeration", "{http://www.w3.org/2001/XMLSchema}pattern")
    found = {facet.get("value", "") for file in files for facet in etree.parse(file).iter(*facets)}
    return tuple(sorted({value for value in found if "[" not in value} | set(CODES)))


def below(root: etree._Element) -> list[etree._Element]:
    """All elements but the root; a renamed root could be any of the official schema's other documents."""
    return [element for element in root.iter(etree.Element) if element is not root]


def leaves(root: etree._Element) -> list[etree._Element]:
    """The elements that hold a value."""
    return [element for element in below(root) if len(element) == 0]


def sibling(element: etree._Element, name: str) -> str:
    """A name in an element's namespace."""
    return f"{{{etree.QName(element).namespace}}}{name}"


def drop(root: etree._Element, chance: random.Random) -> None:
    """One element fewer."""
    element = chance.choice(below(root))
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def double(root: etree._Element, chance: random.Random) -> None:
    """One element twice, or as often as its limit and once more."""
    limited = [element for element in below(root) if etree.QName(element).localname in REPEATED]
    if limited and chance.random() < 0.7:
        element = chance.choice(limited)
        times = chance.choice((1, 8, 9, 10, 98, 99))
    else:
        element, times = chance.choice(below(root)), 1
    for _ in range(times):
        element.addnext(deepcopy(element))


def move(root: etree._Element, chance: random.Random) -> None:
    """One element somewhere else, often just past its neighbour."""
    element = chance.choice(below(root))
    following = element.getnext()
    target = following if following is not None and chance.random() < 0.5 else chance.choice(below(root))
    if target is not element and element not in target.iterancestors():
        target.addnext(element)


def rename(root: etree._Element, chance: random.Random) -> None:
    """One element under another's name, or under one that nobody knows."""
    names = {str(element.tag) for element in below(root)}
    element = chance.choice(below(root))
    others = [sibling(element, name) for name in ("AlternativeIdentifier", "SUP", "Contents", "Signed", "SuburbName")]
    element.tag = chance.choice([*sorted(names), *others])


def stretch(root: etree._Element, chance: random.Random) -> None:
    """One value at or over a limit of length."""
    chance.choice(leaves(root)).text = chance.choice("aå€ ") * chance.choice(LENGTHS)


def replace(root: etree._Element, chance: random.Random) -> None:
    """One value by another, of its own kind or not."""
    element = chance.choice(leaves(root))
    name = etree.QName(element).localname
    if name in {"Date", "Time"}:
        element.text = chance.choice(MOMENTS)
    elif name in {"OriginalObjectSize", "CivilRegistrationNumber", "AlternativeIdentifier", "ObjectIdentifier"}:
        element.text = chance.choice(NUMBERS)
    elif name.endswith("Code"):
        element.text = chance.choice(CODES)
    else:
        element.text = chance.choice((*CODES, *MOMENTS, *NUMBERS, "Prøve", None))


def estrange(root: etree._Element, chance: random.Random) -> None:
    """One element, or a whole branch, in another namespace."""
    namespace = chance.choice((R2005, R2006, R2012, "urn:unknown", ""))
    element = chance.choice(below(root))
    for each in element.iter(etree.Element) if chance.random() < 0.5 else [element]:
        name = etree.QName(each).localname
        each.tag = f"{{{namespace}}}{name}" if namespace else name


def adorn(root: etree._Element, chance: random.Random) -> None:
    """An attribute where there is none."""
    name, text = chance.choice(
        (
            ("id", "1"),
            ("{http://www.w3.org/XML/1998/namespace}lang", "da"),
            ("{urn:unknown}a", "1"),
            (f"{{{XSI}}}nil", chance.choice(("true", "false"))),
            (f"{{{XSI}}}schemaLocation", f"{etree.QName(root).namespace} nowhere.xsd"),
            (f"{{{XSI}}}noNamespaceSchemaLocation", "nowhere.xsd"),
        )
    )
    chance.choice(list(root.iter(etree.Element))).set(name, text)


def mix(root: etree._Element, chance: random.Random) -> None:
    """Text, white space or a comment between the elements."""
    element = chance.choice(below(root))
    text = chance.choice((" ", "\n\t", "x", "\u00a0", " text ", ""))
    match chance.randrange(3):
        case 0:
            element.tail = text
        case 1:
            element.text = (element.text or "") + text
        case _:
            element.append(etree.Comment(text))


def style(root: etree._Element, chance: random.Random) -> None:
    """Marks of formatted text, nested as they may be and as they may not."""
    places = [each for each in below(root) if etree.QName(each).localname in {"Text01", "RefuseText", *STYLES}]
    for _ in range(chance.randrange(1, 4)):
        place = chance.choice(places or leaves(root))
        mark = etree.SubElement(place, sibling(place, chance.choice(STYLES)))
        mark.text = chance.choice((None, None, "ord", " "))
        places.append(mark)


def localise(root: etree._Element, chance: random.Random) -> None:
    """Local elements, where they may stand or not."""
    local = etree.Element(sibling(root, "Local_Elements"), kind="prøve")
    local.text = chance.choice((None, "tekst"))
    inner = etree.SubElement(local, chance.choice(("{urn:unknown}Own", sibling(root, "Own"), sibling(root, "Bold"))))
    inner.text = "ord"
    if chance.random() < 0.3:
        etree.SubElement(inner, sibling(root, chance.choice(STYLES)))
    chance.choice((root[-1], root[-1], *root)).addnext(local)


def accompany(root: etree._Element, chance: random.Random) -> None:
    """A second letter."""
    root.append(deepcopy(chance.choice((root[-1], root[0]))))


def empty(root: etree._Element, chance: random.Random) -> None:
    """An element without its content."""
    element = chance.choice(below(root))
    tail = element.tail
    element.clear()
    element.tail = tail


OPERATIONS: tuple[Callable[[etree._Element, random.Random], None], ...] = (
    *(drop, double, move, rename, stretch, replace, replace, estrange),
    *(adorn, mix, mix, style, localise, accompany, empty),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.version)
def test_the_official_and_our_own_schema_agree(
    reference: Path, kind: LetterKind, capsys: pytest.CaptureFixture[str]
) -> None:
    """Over every sample and thousands of mutations of it, both schemas give the same verdict."""
    theirs, ours = official(reference, kind.namespace), schema(kind.namespace)
    chance = random.Random(kind.version)
    roots = originals(reference, kind)
    assert roots
    for root in roots:
        assert theirs.validate(root), theirs.error_log
        assert ours.validate(root), ours.error_log
    verdicts = {True: 0, False: 0}
    for _ in range(MUTATIONS):
        root = deepcopy(chance.choice(roots))
        done = []
        for _ in range(chance.choice((1, 1, 1, 2))):
            operation = chance.choice(OPERATIONS)
            if len(below(root)) > 3:
                operation(root, chance)
                done.append(operation.__name__)
        verdict = theirs.validate(root)
        log = (done, theirs.error_log, ours.error_log)
        assert ours.validate(root) == verdict, (log, etree.tostring(root, encoding="unicode"))
        verdicts[verdict] += 1
    with capsys.disabled():
        print(f"\n{kind.version}: {verdicts[True]} accepted, {verdicts[False]} refused by both")  # noqa: T201 (the proof)
    assert min(verdicts.values()) >= FEWEST


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.version)
def test_every_value_of_every_list_and_limit_gets_the_same_verdict(reference: Path, kind: LetterKind) -> None:
    """In each place of each letter, every code of every list, every length around a limit and every odd form agree."""
    theirs, ours = official(reference, kind.namespace), schema(kind.namespace)
    forms = (*("å" * length for length in LENGTHS), *MOMENTS, *NUMBERS)
    accepted = refused = 0
    seen = set()
    for root in originals(reference, kind):
        tree = root.getroottree()
        for leaf in leaves(root):
            place = "/".join(str(step.tag) for step in (leaf, *leaf.iterancestors()))
            if place in seen:
                continue
            seen.add(place)
            was = leaf.text
            for text in (*forms, *(listed(reference, kind.namespace) if place.count("Code") else ("true", "false"))):
                leaf.text = text
                verdict = theirs.validate(root)
                assert ours.validate(root) == verdict, (tree.getpath(leaf), text, theirs.error_log, ours.error_log)
                accepted, refused = accepted + verdict, refused + (not verdict)
            leaf.text = was
    assert accepted >= 100
    assert refused >= 400
