"""The catalogue knows its types from the first bytes, and holds payloads to what their envelopes say."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envelope import errors
from envelope.catalogue import TYPES, MessageType, Recognised, check, document, find, recognise, transport
from envelope.findings import Rule
from envelope.reading import read
from envelope.recognition import recognise_encoded

LETTERS = Path(__file__).resolve().parent.parent / "letters"
XML, JSON = "application/fhir+xml", "application/fhir+json"


def edifact(type_: str, version: str) -> bytes:
    """The beginning of an EDIFACT interchange."""
    return f"UNA:+.? 'UNB+UNOC:3+1:14+2:14+991111:1850+K1'UNH+B1+MEDDIS:D:93A:UN:{version}+{type_}'BGM+A".encode()


KNOWN: dict[str, tuple[str, str | None, str | None]] = {
    "xdis91-utf-8.xml": ("XDIS91", "XD9134L", None),
    "xdis91-iso-8859-1.xml": ("XDIS91", "XD9134L", None),
    "xdis91-2005.xml": ("XDIS91", "XD9133L", None),
    "xbin01-2005.xml": ("XBIN01", "XB0130X", None),
    "xbin01-2012.xml": ("XBIN01", "XB0131X", None),
    "xctl01.xml": ("XCTL01", "XC0130Q", None),
    "xctl02.xml": ("XCTL02", "XC0230Q", None),
    "xctl03.xml": ("XCTL03", "XC0330Q", None),
    "bundle-new.xml": ("CareCommunication", "5.0", XML),
    "bundle-new.json": ("CareCommunication", "5.0", JSON),
    "bundle-acknowledgement-ok.xml": ("Acknowledgement", None, XML),
    "bundle-acknowledgement-ok.json": ("Acknowledgement", None, JSON),
}


@pytest.mark.parametrize("name", KNOWN)
def test_our_letters_are_recognised(name: str) -> None:
    """Each of our own letters is known by its first 4 KB, type, version and form."""
    found = recognise((LETTERS / name).read_bytes()[:4096])
    assert found is not None
    assert (found.type, found.version, found.mime) == KNOWN[name]


BUNDLE = b'<Bundle xmlns="http://hl7.org/fhir">'
JSON_EVENT = b'"eventCoding" : {"system": "x", "code" : "hospital-notification-message"}, '
EVENT = b'<eventCoding><system value="x"/><code value="%s"/></eventCoding>'
OIOXML = b'<Emessage xmlns="http://rep.oio.dk/medcom.dk/xml/schemas/%s/">'


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (edifact("DIS91", "D9134L"), Recognised("EDIFACT", "DIS91", "D9134L")),
        (edifact("CTL03", "C0330Q")[9:], Recognised("EDIFACT", "CTL03", "C0330Q")),
        (b"UNA|^.? ~UNB^x~\nUNH^B1^MEDBIN|D|93A|UN|B0131X^BIN01~", Recognised("EDIFACT", "BIN01", "B0131X")),
        (b"UNB+x'UNH+1+MEDDIS:D'", Recognised("EDIFACT", "MEDDIS")),
        (b"UNB+x'UNH+1'", None),
        (b"UNB+UNOC:3", None),
        (b"UNA:", None),
        (
            b"\xef\xbb\xbf \n" + BUNDLE + EVENT % b"care-communication-message",
            Recognised("FHIR", "CareCommunication", None, XML),
        ),
        (
            ('<?xml version="1.0"?><!-- > --><Bundle xmlns="http://hl7.org/fhir"><a/>').encode("utf-16"),
            Recognised("FHIR", "", None, XML),
        ),
        (
            b'<f:Bundle xmlns:f="http://hl7.org/fhir"><f:profile value="x/medcom-hospitalNotification-message|3.0"/>',
            Recognised("FHIR", "HospitalNotification", None, XML),
        ),
        (BUNDLE + EVENT % b"other-message", Recognised("FHIR", "other-message", None, XML)),
        (
            BUNDLE + b'<profile value="unknown"/>' + EVENT % b"acknowledgement-message",
            Recognised("FHIR", "Acknowledgement", None, XML),
        ),
        (b'<Bundle xmlns="urn:other">', None),
        (b'<Patient xmlns="http://hl7.org/fhir"/>', None),
        (b"<?xml never ends", None),
        (b"<!DOCTYPE x><Bundle>", None),
        (b"<Bundle", None),
        (b'{"resourceType" : "Bundle"}', Recognised("FHIR", "", None, JSON)),
        (b'{"resourceType" : "Patient"}', None),
        (b'{"id": 1}', None),
        (
            b'\xef\xbb\xbf{"meta":{"profile":["http://x/medcom-messaging-acknowledgement"]}',
            Recognised("FHIR", "Acknowledgement", None, JSON),
        ),
        (
            b'{"resourceType":"Bundle",' + JSON_EVENT + b'"definition": "http://x|3.0"',
            Recognised("FHIR", "HospitalNotification", "3.0", JSON),
        ),
        (
            OIOXML % b"2019/03/31"
            + b"<Envelope></Envelope><EmergencyMunicipalityLetter><Letter><VersionCode>XD2230L</VersionCode>",
            Recognised("OIOXML", "EmergencyMunicipalityLetter", "XD2230L"),
        ),
        (
            OIOXML % b"2019/04/03" + b"<Envelope></Envelope><BinaryLetter><VersionCode>XB0230X</VersionCode>",
            Recognised("OIOXML", "XBIN02", "XB0230X"),
        ),
        (
            OIOXML % b"2012/03/28" + b"<Envelope></Envelope>\n<!-- x --><BinaryLetter>",
            Recognised("OIOXML", "XBIN01", "XB0131X"),
        ),
        (OIOXML % b"2015/08/01" + b"<Envelope></Envelope><ClinicalEmail>", Recognised("OIOXML", "XDIS91", "XD9135L")),
        (
            OIOXML % b"2015/08/01" + b"<ClinicalEmail><VersionCode> XD9135L </VersionCode>",
            Recognised("OIOXML", "XDIS91", "XD9135L"),
        ),
        (
            OIOXML % b"2015/08/01" + b"<Letter><VersionCode>XX</VersionCode>",
            Recognised("OIOXML", "an Emessage without a letter", "XX"),
        ),
        (OIOXML % b"2015/08/01", Recognised("OIOXML", "an Emessage without a letter")),
        (b'<Emessage xmlns="urn:other">', None),
        (b"", None),
        (b"   ", None),
        (b"%PDF-1.7", None),
    ],
)
def test_first_bytes_tell_the_type(first: bytes, expected: Recognised | None) -> None:
    """Root, namespace, profile, event and UNH tell the type, in whatever order and with whatever before them."""
    assert recognise(first) == expected
    assert recognise_encoded(base64.b64encode(first).rstrip(b"=")) == expected


WORDS = [
    b" ", b"<", b"?>", b"<!--", b"-->", b"{", b"}", b'"', b"UNA:+.? '", b"UNH+1+a:b:c:d:e+DIS91'", b"x" * 700, BUNDLE,
    b'<definition value="http://x|5.0"/>', b'"definition" : "http://x|4.0.0"', b"StructureDefinition|7", b"|",
    b'<profile value="http://x/medcom-careCommunication-message"/>', EVENT % b"acknowledgement-message",
    b'"profile" : ["x/medcom-careCommunication-message"]', b'{"resourceType":"Bundle",', OIOXML % b"2006/07/01",
    b"</Envelope><ClinicalEmail>", b"<VersionCode>XD9134L</VersionCode>", b"<text>definition value</text>",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(b"".join))
@example(BUNDLE + WORDS[16] + b"y" * 1100 + b"messagedefinitions" * 3 + WORDS[12])
def test_decoding_little_tells_the_same(first: bytes) -> None:
    """Of base64 no more is decoded than is needed, and the answer is that of the whole first 4 KB."""
    first = first[:4096]
    assert recognise_encoded(base64.b64encode(first).rstrip(b"=")) == recognise(first)


def body(row: MessageType) -> bytes:
    """The beginning of a payload of a type."""
    if row.family == "EDIFACT":
        return edifact(row.type, row.version)
    if row.family == "FHIR":
        event = {
            "CareCommunication": b"care-communication-message",
            "Acknowledgement": b"acknowledgement-message",
            "HospitalNotification": b"hospital-notification-message",
        }[row.type]
        return BUNDLE + EVENT % event
    letter = {
        "XDIS91": b"ClinicalEmail",
        "XBIN01": b"BinaryLetter",
        "XCTL01": b"NegativeVansReceipt",
        "XCTL02": b"NegativeReceipt",
        "XCTL03": b"PositiveReceipt",
    }[row.type]
    code = b"<VersionCode>" + row.version.encode() + b"</VersionCode>"
    return OIOXML % b"2006/07/01" + b"<Envelope></Envelope><" + letter + b"><Letter>" + code


def postfix(row: MessageType) -> str:
    """A statistical code of a type."""
    return min(row.postfix, default="")


@pytest.mark.parametrize("row", TYPES, ids=lambda row: row.key)
def test_every_type_of_the_table_passes_its_own_check(row: MessageType, wrap: Callable[..., bytes]) -> None:
    """What the table writes into an envelope, the table finds in it, without a word."""
    reading = read(wrap(body(row), row.type, row.version, postfix=postfix(row)))
    assert check(reading) == (row, ())
    assert find(row.type, row.version) is row
    assert row.is_receipt == (row.answered_by == ())
    assert all(find(name) is not None for name in row.answered_by)


@pytest.mark.parametrize("one", TYPES, ids=lambda row: row.key)
def test_no_payload_passes_under_another_name(one: MessageType, wrap: Callable[..., bytes]) -> None:
    """A payload under the name of any other type is refused, and both are named."""
    for other in TYPES:
        if other.type != one.type:
            _, findings = check(read(wrap(body(other), one.type, one.version, postfix=postfix(one))))
            assert [finding.rule for finding in findings] == [errors.PAYLOAD_TYPE]
            assert one.name in findings[0].text
            assert other.type in findings[0].text


def test_other_version_than_the_payloads_is_refused(wrap: Callable[..., bytes]) -> None:
    """Where the payload shows its version, another one in the envelope is refused, and both are named."""
    for said, letter in (("XD9133L", "xdis91-utf-8.xml"), ("4.0", "bundle-new.xml"), ("4.0", "bundle-new.json")):
        row = KNOWN[letter]
        envelope = wrap((LETTERS / letter).read_bytes(), row[0], said, postfix="other", mime=row[2] or XML)
        type_, findings = check(read(envelope))
        assert type_ is find(row[0], said)
        assert [finding.rule for finding in findings] == [errors.PAYLOAD_VERSION]
        assert said in findings[0].text
        assert str(row[1]) in findings[0].text


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"application/fhir+xml", b"application/fhir+json", errors.PAYLOAD_MIME),
        (b"application/fhir+xml", b"text/xml", errors.PAYLOAD_MIME),
        (b"<Format>HL7", b"<Format>XML", errors.PAYLOAD_FORMAT),
        (b'name="MCM:MIME"', b'name="MCM:OTHER"', errors.MIME_ABSENT),
        (b"#other", b"#andet", errors.POSTFIX_UNKNOWN),
        (b"#other", b"", errors.POSTFIX_UNKNOWN),
        (b"<Version>5.0</Version>", b"", errors.VERSION_ABSENT),
    ],
)
def test_the_rest_of_the_head_must_agree(old: bytes, new: bytes, rule: Rule, wrap: Callable[..., bytes]) -> None:
    """Format and MIME must be the payload's; an absent tag, version or code is a warning."""
    row = find("CareCommunication")
    assert row is not None
    envelope = wrap(body(row), "CareCommunication", postfix="other").replace(old, new)
    type_, findings = check(read(envelope))
    assert type_ is row
    assert [finding.rule for finding in findings] == [rule]


@pytest.mark.parametrize(
    "mime", [b"application/fhir+xml; charset=utf-8", b"Application/FHIR+XML", b"application/fhir+xml"]
)
def test_mime_is_told_without_parameters_and_case(mime: bytes, wrap: Callable[..., bytes]) -> None:
    """A MIME type with parameters or in capitals says the same."""
    envelope = wrap(BUNDLE + EVENT % b"acknowledgement-message", "Acknowledgement", postfix="ok")
    assert check(read(envelope.replace(b"application/fhir+xml", mime)))[1] == ()


@pytest.mark.parametrize(
    ("type_", "spelling", "version"),
    [
        ("CareCommunication", "5.0", "5.0"),
        ("CareCommunication", "5.0.0", "5.0"),
        ("CareCommunication", "5", "5.0"),
        ("CareCommunication", "4.0.0", "4.0"),
        ("CareCommunication", "4.0.3", "4.0"),
        ("CareCommunication", "3.0.0", "3.0"),
        ("CareCommunication", "2.1.0", "2.0"),
        ("CareCommunication", "6.0", None),
        ("CareCommunication", "50", None),
        ("Acknowledgement", "2.0.0", "2.0"),
        ("Acknowledgement", "1.0", "1.0"),
        ("HospitalNotification", "3.0", "3.0"),
        ("XDIS91", "xd9134l", "XD9134L"),
        ("XDIS91", "XD9132L", None),
        ("XDIS22", "XD2230L", None),
    ],
)
def test_spellings_of_versions(type_: str, spelling: str, version: str | None) -> None:
    """Older and shorter spellings of a version mean it; an unknown version is no type of ours."""
    row = find(type_, spelling)
    assert (row.version if row else None) == version


def test_unknown_types_are_none(wrap: Callable[..., bytes]) -> None:
    """A name that the table does not have is no error, unless the payload is one that it has."""
    for payload in (b"hej", OIOXML % b"2019/03/31" + b"<Envelope></Envelope><EmergencyMunicipalityLetter>"):
        assert check(read(wrap(payload).replace(b"MCM:XDIS91", b"MCM:XDIS22"))) == (None, ())
    hidden = wrap((LETTERS / "xdis91-utf-8.xml").read_bytes()).replace(b"MCM:XDIS91", b"MCM:XDIS22")
    assert [finding.rule for finding in check(read(hidden))[1]] == [errors.PAYLOAD_TYPE]
    new = wrap(BUNDLE + EVENT % b"care-communication-message", "CareCommunication", postfix="other")
    assert check(read(new.replace(b">5.0<", b">9.0<"))) == (None, ())


def test_absent_version_is_the_payloads(wrap: Callable[..., bytes]) -> None:
    """Without Document/Version the payload's own version counts."""
    envelope = wrap((LETTERS / "xdis91-2005.xml").read_bytes()).replace(b"<Version>XD9134L</Version>", b"")
    assert check(read(envelope)) == (find("XDIS91", "XD9133L"), ())


def test_what_is_no_message_at_all_is_refused(wrap: Callable[..., bytes]) -> None:
    """A payload that nothing recognises, under a known name, is refused."""
    type_, findings = check(read(wrap(b"%PDF-1.7")))
    assert type_ is None
    assert [finding.rule for finding in findings] == [errors.PAYLOAD_TYPE]


def test_a_message_whose_kind_comes_late_is_taken(wrap: Callable[..., bytes]) -> None:
    """A bundle that does not show its kind in 4 KB is what its envelope says."""
    late = BUNDLE + b" " * 5000 + EVENT % b"care-communication-message"
    assert check(read(wrap(late, "CareCommunication", postfix="other"))) == (find("CareCommunication"), ())
    assert check(read(wrap(late)))[1][0].rule is errors.PAYLOAD_TYPE


def test_receipts_of_the_envelope_layer_have_no_type() -> None:
    """An envelope receipt has no payload to check."""
    receipt = (
        '<VANSEnvelope xmlns="urn:oio:medcom:vans-envelope:1.0.4"><SenderID EndPointType="VANS">a</SenderID>'
        '<ReceiverID EndPointType="VANS">b</ReceiverID><EnvelopeIdentifier>0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a01'
        "</EnvelopeIdentifier><SentDateTime>2026-03-01T12:00:00</SentDateTime><Receipt><NegativeVans><Error>"
        "<Description>x</Description></Error><OriginalEnvelopeIdentifier>0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a02"
        "</OriginalEnvelopeIdentifier></NegativeVans></Receipt></VANSEnvelope>"
    )
    assert check(read(receipt.encode())) == (None, ())


def test_what_is_written_for_a_type() -> None:
    """Document and Transport say what the standards say: FHIR with postfix and MIME, OIOXML with its statistic."""
    care, letter, receipt = find("CareCommunication"), find("XDIS91"), find("XCTL03")
    assert care
    assert letter
    assert receipt
    assert (document(care, 7, "nursing").name, document(care, 7, "nursing").version) == ("MCM:FDIS91#nursing", "5.0")
    assert transport(care, JSON).tags == (("MCM:MIME", JSON),)
    assert (document(letter, 7, "nursing").name, document(letter, 7).version) == ("MCM:XDIS91", "XD9134L")
    assert transport(letter).tags == (("MCM:STATISTIC", "manual"),)
    assert transport(receipt).tags == ()
    assert {transport(row).type for row in TYPES} == {"reliable"}


@pytest.mark.reference
def test_every_published_sample_is_recognised(reference: Path) -> None:
    """Each published letter, message and interchange is known by its first 4 KB for what its folder or name says."""
    folder = reference / "samples"
    names = {"CareComm": "CareCommunication", "Acknowled": "Acknowledgement"}
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".xml", ".json", ".edi") or path.name.startswith("VANSEnvelope"):
            continue
        found = recognise(path.read_bytes()[:4096])
        assert found is not None, path.name
        said = next((kind for word, kind in names.items() if word in path.name), None)
        if path.parent.parent.name == "carecommunication":
            said = "CareCommunication"
        if said is not None:
            assert found.type == said, path.name
        if path.suffix == ".edi":
            assert path.name.startswith(found.type)
        count += 1
    assert count > 50
