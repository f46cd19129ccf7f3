"""Our schema and our reader give the official schema's verdict on VANSEnvelope 1.0.4 (MedCom's XSD as the judge)."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from lxml import etree

from envelope import safe_xml
from envelope.findings import Refused
from envelope.head import head_of
from envelope.reading import Reading, Unreadable, read, read_in_full, schema_findings
from envelope.skeleton import Source, part
from envelope.verdict import verdict

DOCUMENTS = 3_000
FEW = 600

NAMESPACE = "urn:oio:medcom:vans-envelope:1.0.4"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
Q = f"{{{NAMESPACE}}}"
UUID = "068dadff-12bb-406d-8c86-083974dc0180"

UUIDS = [
    UUID, UUID.upper(), "", "x", UUID[:-1], UUID + "0", "{" + UUID + "}", " " + UUID, UUID + "\n",
    UUID.replace("-", ""),
    "ABCDEFGH-IJKL-MNOP-QRST-UVWXYZ[]^_`a", "\\\\\\\\\\\\\\\\-0000-0000-0000-000000000000", UUID.replace("d", "g"),
    "æ68dadff-12bb-406d-8c86-083974dc0180", UUID.replace("0", "٠"),
]  # fmt: skip
DATES = [
    "2024-02-29T23:59:59", "2023-02-29T00:00:00", "2024-13-01T00:00:00", "2024-01-01", "2024-01-01T24:00:00",
    "2024-01-01T24:00:01", "2024-01-01T12:00:00Z", "2024-01-01T12:00:00+14:00", "2024-01-01T12:00:00+14:01",
    "2024-01-01T12:00:00+02:00", "2024-01-01T12:00:00.123456789", "2024-01-01T12:00:00.", "2024-01-01T12:00",
    "2024-01-01 12:00:00", " 2024-01-01T12:00:00", "0000-01-01T00:00:00", "-0044-03-15T12:00:00",
    "12024-01-01T12:00:00", "24-01-01T12:00:00", "2024-01-01T12:00:60", "", "i går",
]  # fmt: skip
INTEGERS = [
    "0", "1", "-1", "+7", "007", "2147483647", "2147483648", "-2147483648", "-2147483649", "1.0", "", " 5 ", "5\n",
    "1e3", "٣", "99999999999999999999999999",
]  # fmt: skip
POSITIVES = ["1", "0", "-1", "+1", "0001", "", " 3 ", "1.5", "123456789012345678901234567890", "x"]
BOOLEANS = ["true", "false", "1", "0", "TRUE", "yes", "", " true ", "2"]
FORMATS = ["XML", "EDIFACT", "HL7", "Binary", "Other", "xml", "", " XML", "JSON"]
RELIABILITIES = ["reliable", "unreliable", "Reliable", "", "reliable "]
BASE64 = [
    "", "QQ==", "QUI=", "QUJD", "Q", "QQ", "QQ=", "QR==", "QUJ=", "Q Q = =", "\nQUJD\n", "QQ==QQ==", "====", "=",
    "QQ===",
    "Q!Q==", "QQ==!", "æQQ==", "QQ\xa0==", "QQ=A=", "-_-_", "QUJD" * 1000, "QUJD\n" * 1000, "QUJD" * 1000 + "Q", "=QQ=",
]  # fmt: skip
SHORT_TEXTS = ["", " ", "a", "æ" * 70, "a" * 70, "a" * 71, "𝄞" * 70, "𝄞" * 71]
TEXTS = ["", " ", "\n", "MCM:XDIS91", "MCM:FDIS91#other", "a" * 255, "a" * 256, "æ" * 255, "𝄞" * 255, "𝄞" * 256, "a&<b"]
DESCRIPTIONS = ["", "Ukendt modtager", "a" * 512, "a" * 513, "æ" * 512, "\n"]
ENDPOINTS = ["5790000121526", "1", "a" * 18, "a" * 19, "", "   ", " 5790000121526 ", "a  b", " " * 30 + "x", "12\t34"]
KINDS = ["EAN", "CVR", "VANS", "ean", "", "GLN", " EAN"]

VALUES: dict[str, list[str]] = {
    "SenderID": ENDPOINTS,
    "ReceiverID": ENDPOINTS,
    "EnvelopeIdentifier": UUIDS,
    "Identifier": UUIDS,
    "OriginalEnvelopeIdentifier": UUIDS,
    "SentDateTime": DATES,
    "SizeInBytes": INTEGERS,
    "Code": POSITIVES,
    "TransformMessage": BOOLEANS,
    "Format": FORMATS,
    "Type": RELIABILITIES,
    "Data": BASE64,
    "ServiceTag": SHORT_TEXTS,
    "Name": TEXTS,
    "Version": TEXTS,
    "ProviderIdentifier": TEXTS,
    "ServiceIdentifier": TEXTS,
    "Description": DESCRIPTIONS,
}
NAMES = [
    *VALUES,
    "Message",
    "Receipt",
    "MetaInformation",
    "OriginalMessage",
    "Error",
    "Document",
    "Transport",
    "Unknown",
]


def add(
    parent: etree._Element, tag: str, text: str | None = None, attributes: dict[str, str] | None = None
) -> etree._Element:
    """A child in the envelope's namespace."""
    child = etree.SubElement(parent, Q + tag, attributes or {})
    child.text = text
    return child


def add_meta_information(parent: etree._Element, name: str, chance: random.Random) -> None:
    """A valid MetaInformation, with and without what is optional."""
    meta = add(parent, name)
    add(meta, "Identifier", UUID)
    if chance.random() < 0.3:
        processing = add(meta, "Processing")
        add(processing, "ProviderIdentifier", "operatør")
        add(processing, "ServiceIdentifier", "tjeneste")
    document = add(meta, "Document")
    add(document, "Format", chance.choice(FORMATS[:5]))
    add(document, "Name", "MCM:XDIS91")
    if chance.random() < 0.7:
        add(document, "Version", "XD9134L")
    add(document, "SizeInBytes", "3")
    if chance.random() < 0.7:
        transport = add(meta, "Transport")
        if chance.random() < 0.7:
            add(transport, "Type", chance.choice(RELIABILITIES[:2]))
        add(transport, "TransformMessage", chance.choice(BOOLEANS[:4]))
        for number in range(chance.randrange(6)):
            add(transport, "ServiceTag", f"værdi {number}", {"name": f"MCM:TAG{number}"})


def valid_envelope(chance: random.Random) -> etree._Element:
    """A valid Message or one of the three receipts."""
    prefix = chance.choice([None, None, "v", "vans"])
    root = etree.Element(Q + "VANSEnvelope", nsmap=cast("dict[str, str]", {prefix: NAMESPACE}))
    add(root, "SenderID", "5790001659592", {"EndPointType": chance.choice(KINDS[:3])})
    add(root, "ReceiverID", "5790000121526", {"EndPointType": chance.choice(KINDS[:3])})
    add(root, "EnvelopeIdentifier", UUID)
    add(root, "SentDateTime", "2024-02-29T12:00:00")
    kind = chance.choice(["Message", "Message", "Message", "NegativeVans", "NegativeMessage", "PositiveMessage"])
    if kind == "Message":
        message = add(root, "Message")
        add_meta_information(message, "MetaInformation", chance)
        add(message, "Data", chance.choice(["QUJD", "QU\n JD", "QQ==", ""]))
        return root
    receipt = add(add(root, "Receipt"), kind)
    if kind != "PositiveMessage":
        error = add(receipt, "Error")
        if chance.random() < 0.5:
            add(error, "Code", "17")
        add(error, "Description", "Ukendt modtager")
    add(receipt, "OriginalEnvelopeIdentifier", UUID)
    if kind != "NegativeVans" or chance.random() < 0.5:
        add_meta_information(receipt, "OriginalMessage", chance)
    return root


def any_element(root: etree._Element, chance: random.Random, *, leaf: bool = False) -> etree._Element:
    """An element below the root; with `leaf`, one that holds a value."""
    elements = [element for element in root.iter(etree.Element) if element is not root and not (leaf and len(element))]
    return chance.choice(elements or [root])


def change_value(root: etree._Element, chance: random.Random) -> None:
    """Another value, right or wrong, of the element's own kind."""
    element = any_element(root, chance, leaf=True)
    element.text = chance.choice(VALUES.get(etree.QName(element).localname, TEXTS))


def change_attribute(root: etree._Element, chance: random.Random) -> None:
    """Another attribute value, or one missing or too many."""
    element = chance.choice([e for e in root.iter(etree.Element) if e.attrib] or [root])
    name = chance.choice([str(key) for key in element.attrib] or ["EndPointType"])
    action = chance.choice(["change", "change", "drop", "add"])
    if action == "change":
        element.set(name, chance.choice(KINDS if name == "EndPointType" else SHORT_TEXTS))
    elif action == "drop":
        element.attrib.pop(name, "")
    else:
        element.set(chance.choice(["extra", f"{Q}name", "{urn:andet}name"]), "x")


def drop(root: etree._Element, chance: random.Random) -> None:
    """An element missing."""
    element = any_element(root, chance)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def double(root: etree._Element, chance: random.Random) -> None:
    """An element twice."""
    element = any_element(root, chance)
    if element is not root:
        element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))


def swap(root: etree._Element, chance: random.Random) -> None:
    """An element behind its neighbour."""
    element = any_element(root, chance)
    after = element.getnext()
    if after is not None:
        after.addnext(element)


def rename(root: etree._Element, chance: random.Random) -> None:
    """An element with another name, or in another namespace or none."""
    element = chance.choice([root, *[any_element(root, chance) for _ in range(9)]])
    name = etree.QName(element).localname
    element.tag = chance.choice([Q + chance.choice(NAMES), "{urn:andet}" + name, name, Q + name.lower()])


def insert(root: etree._Element, chance: random.Random) -> None:
    """An element too many."""
    parent = chance.choice([root, any_element(root, chance)])
    name = chance.choice([Q + chance.choice(NAMES), "{urn:andet}Extension"])
    child = etree.Element(name)
    child.text = chance.choice([None, "x"])
    parent.insert(chance.randrange(len(parent) + 1), child)


def add_text(root: etree._Element, chance: random.Random) -> None:
    """White space or words between elements."""
    element = any_element(root, chance)
    element.tail = chance.choice(["\n  ", "\t", "\r\n", " ", "ord", "\xa0"])


def add_node(root: etree._Element, chance: random.Random) -> None:
    """A comment or a processing instruction, in the middle of a value too."""
    element = any_element(root, chance)
    node: etree._Element = chance.choice([etree.Comment("QUJD"), etree.ProcessingInstruction("x", "y")])
    text, element.text = element.text or "", None
    middle = len(text) // 2
    element.text, node.tail = text[:middle], text[middle:]
    element.insert(0, node)


def add_instance_attribute(root: etree._Element, chance: random.Random) -> None:
    """What XML Schema allows anywhere, and what it allows nowhere."""
    element = chance.choice([root, any_element(root, chance)])
    names = {
        "schemaLocation": [f"{NAMESPACE} http://127.0.0.1:9/never.xsd"],
        "noNamespaceSchemaLocation": ["never.xsd"],
        "nil": ["true", "false"],
        "type": ["xs:string", "vans:MetaInformationType", "x"],
    }
    name = chance.choice(list(names))
    element.set(f"{{{XSI}}}{name}", chance.choice(names[name]))


MUTATIONS: list[Callable[[etree._Element, random.Random], None]] = [
    change_value, change_value, change_value, change_attribute, drop, double, swap, rename, insert, add_text, add_text,
    add_node, add_instance_attribute,
]  # fmt: skip


def generated(seed: int) -> bytes:
    """One document: valid, or with one to three changes that may or may not break it."""
    chance = random.Random(seed)
    root = valid_envelope(chance)
    for _ in range(chance.choice([0, 1, 1, 1, 1, 2, 3])):
        chance.choice(MUTATIONS)(root, chance)
    pretty = chance.random() < 0.5
    encoding = chance.choice(["UTF-8", "UTF-8", "ISO-8859-1", "UTF-16", "US-ASCII"])
    return cast("bytes", etree.tostring(root, encoding=encoding, xml_declaration=True, pretty_print=pretty))


@pytest.fixture(scope="module")
def official(reference: Path) -> etree.XMLSchema:
    """MedCom's schema."""
    return etree.XMLSchema(etree.parse(reference / "reference" / "schemas" / "VANSEnvelope-1.0.4.xsd"))


@pytest.mark.reference
def test_official_schema_own_schema_and_reader_agree(
    official: etree.XMLSchema, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of thousands of documents, valid and mutated, the official schema, ours and the reader accept the same ones."""
    own = etree.XMLSchema(etree.parse(Path(safe_xml.__file__).with_name("schemas") / "VANSEnvelope.xsd"))
    verdicts: Counter[bool] = Counter()
    for seed in range(DOCUMENTS):
        document = generated(seed)
        tree = safe_xml.parse(document)
        expected = official.validate(tree)
        assert own.validate(tree) == expected, (seed, document)
        assert (schema_findings(document) == ()) == expected, (seed, document)
        verdicts[expected] += 1
    with capsys.disabled():
        print(f"\nVANSEnvelope: {verdicts[True]} documents accepted, {verdicts[False]} refused, no verdict differs")  # noqa: T201
    assert verdicts[True] >= FEW
    assert verdicts[False] >= FEW


def outcome(reader: Callable[[bytes], Reading], document: bytes) -> object:
    """What a reader gives, or what it refuses for."""
    try:
        return reader(document)
    except Unreadable as unreadable:
        return unreadable.findings, unreadable.partial, unreadable.head


def test_quick_and_full_reading_agree() -> None:
    """Reading gives what the full reading gives, whichever way a document takes; white space is XML's alone."""
    for seed in range(DOCUMENTS):
        document = generated(seed)
        for one in (document, re.sub(rb"<\?xml.*?\?>", b"", document), document.replace(b"\n", b"\x0c")):
            assert outcome(read, one) == outcome(read_in_full, one), (seed, one)


NOISE = [
    b"<",
    b">",
    b"&",
    b"&x;",
    b'"',
    b"<!DOCTYPE a>",
    b"<!--",
    b"]]>",
    b"<?",
    b"\0",
    b"\xff\xfe",
    b"\xc3",
    b"\xee\x9c\x8e",
    b":",
]


def test_damaged_bytes_are_read_or_refused() -> None:
    """Whatever happens to the bytes, reading ends in a value or a refusal, and long documents fare as short ones."""
    refused = 0
    for seed in range(1_500):
        chance = random.Random(seed)
        damaged = bytearray(generated(seed))
        for _ in range(chance.choice([1, 1, 2, 5])):
            place = chance.randrange(len(damaged))
            damaged[place : place + chance.choice([0, 0, 1, 30])] = chance.choice([b"", *NOISE])
        document = bytes(damaged)
        result = outcome(read, document)
        refused += not isinstance(result, Reading)
        streamed = Source(document)
        streamed.is_small = False
        try:
            valid = verdict(part(streamed)) == ()
        except Refused:
            valid = False
        try:
            expected = schema_findings(document) == ()
        except Refused:
            expected = False
        assert valid == expected, (seed, document)
    assert refused > 500


def test_streaming_and_whole_reading_agree() -> None:
    """Fed in pieces, an envelope gives the same verdict, head, size and first bytes as read at once."""
    accepted = 0
    for seed in range(1_000):
        document = generated(seed)
        streamed = Source(document)
        streamed.is_small = False
        one, other = part(Source(document)), part(streamed)
        findings = verdict(one)
        assert (findings == ()) == (verdict(other) == ()), (seed, document)
        if not findings:
            accepted += 1
            assert head_of(one.root) == head_of(other.root)
            assert (one.count.size, one.count.lead) == (other.count.size, other.count.lead)
    assert accepted >= 200
