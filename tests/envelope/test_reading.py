"""Reading envelopes: values, sizes, what is refused and what can be read all the same."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from lxml import etree

from envelope import errors
from envelope.findings import Rule
from envelope.model import Document, Head, MetaInformation, Party, Processing, Receipt, ReceiptKind, Transport
from envelope.reading import Partial, Unreadable, payload, payload_pieces, read, schema_findings
from envelope.skeleton import SMALL

NAMESPACE = "urn:oio:medcom:vans-envelope:1.0.4"
PAYLOAD = b"<Emessage>\xc3\xa6</Emessage>\n"
META = f"""<Identifier>0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a02</Identifier>
<Processing><ProviderIdentifier>operatør</ProviderIdentifier><ServiceIdentifier>tjeneste</ServiceIdentifier></Processing>
<Document><Format>XML</Format><Name>MCM:XDIS91</Name><Version>XD9134L</Version><SizeInBytes>{len(PAYLOAD)}</SizeInBytes>
</Document><Transport><Type>reliable</Type><TransformMessage>0</TransformMessage>
<ServiceTag name="MCM:STATISTIC">manual</ServiceTag><ServiceTag name="b">2</ServiceTag></Transport>"""
HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<VANSEnvelope xmlns="{NAMESPACE}">
  <SenderID EndPointType="EAN">5790001659592</SenderID>
  <ReceiverID EndPointType="EAN">5790000121526</ReceiverID>
  <EnvelopeIdentifier>0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a01</EnvelopeIdentifier>
  <SentDateTime>2026-03-01T12:00:00</SentDateTime>"""
ENVELOPE = (
    f"{HEAD}<Message><MetaInformation>{META}</MetaInformation>"
    f"<Data>{base64.b64encode(PAYLOAD).decode()}</Data></Message></VANSEnvelope>"
)
WHOLE = Partial(
    "5790001659592",
    "5790000121526",
    "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a01",
    "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a02",
)
META_INFORMATION = MetaInformation(
    "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a02",
    Document("XML", "MCM:XDIS91", len(PAYLOAD), "XD9134L"),
    Processing("operatør", "tjeneste"),
    Transport(transform=False, type="reliable", tags=(("MCM:STATISTIC", "manual"), ("b", "2"))),
)


def refused(envelope: str | bytes) -> Unreadable:
    """The refusal of an envelope."""
    with pytest.raises(Unreadable) as caught:
        read(envelope if isinstance(envelope, bytes) else envelope.encode())
    return caught.value


def receipt(content: str) -> str:
    """An envelope with a receipt."""
    return f"{HEAD}<Receipt>{content}</Receipt></VANSEnvelope>"


def pieces(data: bytes, length: int) -> Iterable[bytes]:
    """The bytes in chunks."""
    return (data[start : start + length] for start in range(0, len(data), length))


def test_every_value_of_a_message_is_read() -> None:
    """Each element of a Message stands in the head, and the payload is counted."""
    reading = read(ENVELOPE.encode())
    assert reading.head == Head(
        Party("5790001659592", "EAN"),
        Party("5790000121526", "EAN"),
        "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a01",
        "2026-03-01T12:00:00",
        META_INFORMATION,
    )
    assert (reading.size, reading.first, reading.findings) == (len(PAYLOAD), PAYLOAD, ())


ERROR = "<Error><Code>17</Code><Description>Ukendt modtager</Description></Error>"
BARE_ERROR = "<Error><Description>x</Description></Error>"
ORIGINAL = (
    "<OriginalEnvelopeIdentifier>0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a03</OriginalEnvelopeIdentifier>"
    f"<OriginalMessage>{META}</OriginalMessage>"
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            f"<NegativeVans>{ERROR}{ORIGINAL}</NegativeVans>",
            Receipt(
                ReceiptKind.NEGATIVE_VANS,
                "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a03",
                META_INFORMATION,
                "Ukendt modtager",
                17,
            ),
        ),
        (
            f"<NegativeVans>{BARE_ERROR}{ORIGINAL[: ORIGINAL.index('<OriginalMessage>')]}</NegativeVans>",
            Receipt(ReceiptKind.NEGATIVE_VANS, "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a03", None, "x"),
        ),
        (
            f"<NegativeMessage>{ERROR}{ORIGINAL}</NegativeMessage>",
            Receipt(
                ReceiptKind.NEGATIVE_MESSAGE,
                "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a03",
                META_INFORMATION,
                "Ukendt modtager",
                17,
            ),
        ),
        (
            f"<PositiveMessage>{ORIGINAL}</PositiveMessage>",
            Receipt(ReceiptKind.POSITIVE_MESSAGE, "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a03", META_INFORMATION),
        ),
    ],
)
def test_every_receipt_is_read(content: str, expected: Receipt) -> None:
    """Each of the three receipts is read with all its values; it has no payload."""
    envelope = receipt(content).encode()
    reading = read(envelope)
    assert reading.head.receipt == expected
    assert reading.head.message is None
    assert (reading.size, reading.first, payload(envelope)) == (0, b"", b"")


def test_optional_elements_may_be_absent() -> None:
    """Without Processing, Version, Transport and Type, the values are None."""
    bare = ENVELOPE
    for start, end in (("<Processing>", "</Processing>"), ("<Version>", "</Version>"), ("<Transport>", "</Transport>")):
        bare = bare[: bare.index(start)] + bare[bare.index(end) + len(end) :]
    message = read(bare.encode()).head.message
    assert message is not None
    assert (message.processing, message.transport, message.document.version) == (None, None, None)
    untyped = read(ENVELOPE.replace("<Type>reliable</Type>", "").replace(">0<", ">true<").encode()).head.message
    assert untyped is not None
    assert untyped.transport is not None
    assert (untyped.transport.type, untyped.transport.transform) == (None, True)


@pytest.mark.parametrize("length", [1, 7, 4096, 10_000_000])
@pytest.mark.parametrize("size", [0, 1, 2, 3, 4095, 4096, 4097, SMALL, 500_001])
def test_chunks_of_any_length_read_the_same(wrap: Callable[..., bytes], size: int, length: int) -> None:
    """Bytes and chunks of any length give the same reading and the same payload."""
    if length == 1 and size > 5000:
        length = 1013
    body = bytes(n % 251 for n in range(size))
    envelope = wrap(body)
    assert read(pieces(envelope, length)) == read(envelope)
    assert read(envelope).size == size
    assert read(envelope).first == body[:4096]
    assert payload(envelope) == body
    assert b"".join(payload_pieces(pieces(envelope, length))) == body


def test_white_space_in_base64_is_passed_over(wrap: Callable[..., bytes]) -> None:
    """Data in lines of 76 characters, as MIME breaks it, counts and decodes the same, short and long."""
    for size in (6_000, 300_000):
        body = bytes(n % 253 for n in range(size))
        line = base64.b64encode(body)
        envelope = wrap(body).replace(line, b"\r\n" + base64.encodebytes(body) + b"\t ")
        reading = read(envelope)
        assert (reading.size, reading.first, payload(envelope)) == (size, body[:4096], body)


@pytest.mark.parametrize(
    ("old", "new", "rule", "place"),
    [
        ("VANSEnvelope", "Envelope", errors.NOT_AN_ENVELOPE, "/Envelope"),
        (NAMESPACE, "urn:oio:medcom:vans-envelope:1.0.3", errors.ENVELOPE_NAMESPACE, "/VANSEnvelope"),
        ("<Name>MCM:XDIS91</Name>", "", errors.ENVELOPE_ELEMENT, "/Document/Version"),
        ("<Name>", "<Extra/><Name>", errors.ENVELOPE_ELEMENT, "/Document/Extra"),
        ("<Message>", "<Message>ord", errors.ENVELOPE_ELEMENT, "/VANSEnvelope/Message"),
        (' EndPointType="EAN">5790001', ">5790001", errors.ENVELOPE_ATTRIBUTE, "/VANSEnvelope/SenderID"),
        ("<Message>", '<Message a="1">', errors.ENVELOPE_ATTRIBUTE, "/VANSEnvelope/Message"),
        ("<Format>XML", "<Format>PDF", errors.ENVELOPE_VALUE, "/Document/Format"),
        ("T12:00:00", "T25:00:00", errors.ENVELOPE_VALUE, "/VANSEnvelope/SentDateTime"),
    ],
)
def test_what_breaks_the_schema_is_named(old: str, new: str, rule: Rule, place: str) -> None:
    """A broken envelope is refused by rule, at the place, and its parties are told all the same."""
    refusal = refused(ENVELOPE.replace(old, new))
    finding = refusal.findings[0]
    assert finding.rule is rule
    assert place in finding.location
    assert NAMESPACE not in finding.text or rule is errors.ENVELOPE_NAMESPACE
    assert refusal.partial == WHOLE
    assert refusal.head is None


def test_a_prefix_of_two_meanings_is_told_by_number() -> None:
    """Where a prefix means one thing here and another there, the place is the validator's own."""
    foreign = '<x:Extra xmlns:x="urn:a"/>'
    envelope = ENVELOPE.replace("<Message>", f"{foreign}<Message>").replace(
        "</Document>", '</Document><y xmlns:x="b"/>'
    )
    assert refused(envelope).findings[0].location.startswith("/*/x:Extra")


def test_each_break_is_told_once() -> None:
    """Several breaks give several findings, none of them twice."""
    refusal = refused(ENVELOPE.replace("<Format>XML", "<Format>PDF").replace(">0<", ">nej<"))
    assert [finding.rule for finding in refusal.findings] == [errors.ENVELOPE_VALUE, errors.ENVELOPE_VALUE]
    assert len({finding.location for finding in refusal.findings}) == 2


def test_size_in_bytes_must_be_the_decoded_size() -> None:
    """Another size than that of the decoded payload is refused, and both are named."""
    refusal = refused(ENVELOPE.replace(f">{len(PAYLOAD)}<", ">9999<"))
    (finding,) = refusal.findings
    assert finding.rule is errors.SIZE_MISMATCH
    assert "9999" in finding.text
    assert str(len(PAYLOAD)) in finding.text
    assert refusal.partial == WHOLE
    assert refusal.head is not None
    assert schema_findings(ENVELOPE.replace(f">{len(PAYLOAD)}<", ">9999<").encode()) == ()


@pytest.mark.parametrize("data", ["QUJ", "QQ==QQ==", "QR==", "=", "Q"])
@pytest.mark.parametrize("room", [0, SMALL], ids=["short", "long"])
def test_what_is_no_base64_is_refused(data: str, room: int) -> None:
    """Lost, added or left-over bits of base64 are refused with the reason, by reading and by decoding."""
    envelope = ENVELOPE.replace(base64.b64encode(PAYLOAD).decode(), " " * room + data).encode()
    with pytest.raises(Unreadable) as caught:
        read(envelope)
    assert errors.DATA_NOT_BASE64 in [finding.rule for finding in caught.value.findings]
    with pytest.raises(Exception, match="VS-120"):
        payload(envelope)


def test_stray_characters_in_base64_are_refused_though_libxml2_passes_them() -> None:
    """A character outside the alphabet breaks RFC 4648; the schema validator passes it over, reading does not."""
    envelope = ENVELOPE.replace("<Data>", "<Data>æ!")
    assert schema_findings(envelope.encode()) == ()
    (finding,) = refused(envelope).findings
    assert finding.rule is errors.DATA_STRAY_CHARACTERS
    assert "2 characters" in finding.text
    with pytest.raises(Exception, match="VS-121"):
        payload(envelope.encode())


@pytest.mark.parametrize("element", ["SenderID", "ReceiverID"])
def test_check_digits_of_ean_endpoints_are_an_error(element: str) -> None:
    """A GLN with a wrong check digit, or not 13 digits, is refused, naming element and number."""
    right = "5790001659592" if element == "SenderID" else "5790000121526"
    wrong = refused(ENVELOPE.replace(right, "5790001659593"))
    assert [finding.rule for finding in wrong.findings] == [errors.GLN_CHECK_DIGIT]
    assert "5790001659593" in wrong.findings[0].text
    assert wrong.findings[0].location == f"/VANSEnvelope/{element}"
    assert wrong.head is not None
    short = refused(ENVELOPE.replace(right, "579"))
    assert [finding.rule for finding in short.findings] == [errors.GLN_FORM]


@pytest.mark.parametrize("kind", ["CVR", "VANS"])
def test_other_endpoints_have_no_check_digit(kind: str) -> None:
    """A CVR number or an operator's name is no GLN and is taken as it is, its white space collapsed."""
    text = ENVELOPE.replace('"EAN">5790001659592', f'"{kind}">  12  34\n')
    assert read(text.encode()).head.sender == Party("12 34", kind)


def test_what_stands_before_the_fault_is_told() -> None:
    """Of broken XML, sender, receiver and identifiers are read as far as they go, in UTF-16 too."""
    cut = ENVELOPE[: ENVELOPE.index("<SentDateTime>")]
    assert refused(cut).partial == Partial(WHOLE.sender, WHOLE.receiver, WHOLE.identifier)
    assert refused(cut.replace("UTF-8", "UTF-16").encode("utf-16")).partial.sender == WHOLE.sender
    prefixed = cut.replace("<", "<v:").replace("<v:?", "<?").replace("<v:/", "</v:")
    assert refused(prefixed).partial.identifier == WHOLE.identifier
    assert refused("<a/>").partial == Partial()
    assert refused(ENVELOPE.replace("5790001659592", "")).partial.sender is None


def test_numbers_like_a_cpr_are_not_repeated() -> None:
    """A finding that quotes a value never repeats ten digits in a row."""
    refusal = refused(ENVELOPE.replace("<Format>XML", "<Format>0101909995"))
    assert "0101909995" not in str(refusal)


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252", "UTF-16"])
def test_declared_encodings_are_honoured(encoding: str) -> None:
    """An envelope in another encoding than UTF-8 reads the same."""
    assert read(ENVELOPE.replace("UTF-8", encoding).encode(encoding)) == read(ENVELOPE.encode())


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("<SenderID>" + " " * 300_000 + "</SenderID>", errors.TOO_LONG),
        ("<a/>" * 50_000, errors.TOO_MANY),
        ('<a xmlns="urn:\ue70e"/>', errors.NOT_XML),
        ("<a " + " ".join(f'a{n}="1"' for n in range(20_000)) + "/>", errors.TOO_MANY),
        (" " * 20_000 + '<SenderID EndPointType="EAN">x<b/>y</SenderID>', errors.ENVELOPE_ELEMENT),
    ],
)
def test_a_head_beyond_all_measure_is_refused(content: str, rule: Rule) -> None:
    """Where the head itself is long, its text, elements and attributes are bounded."""
    refusal = refused(f'<VANSEnvelope xmlns="{NAMESPACE}">{content}{" " * 200_000}</VANSEnvelope>')
    assert refusal.findings[0].rule is rule


def test_broken_data_elements_are_the_schemas_to_refuse() -> None:
    """Data with elements inside, twice, or empty of everything is judged like any other element."""
    for new in ("<Data><b/>QUJD</Data>", "<Data>QUJD</Data><Data>QUJD</Data>", "<Date>QUJD</Date>"):
        for room in ("", " " * SMALL):
            start, end = ENVELOPE.index("<Data>"), ENVELOPE.index("</Data>") + 7
            assert refused(ENVELOPE[:start] + room + new + ENVELOPE[end:]).findings[0].rule is errors.ENVELOPE_ELEMENT
    for empty in ("", "<Message/>", "<Message><MetaInformation/></Message>"):
        assert refused(f"{HEAD}{empty}</VANSEnvelope>").findings[0].rule is errors.ENVELOPE_ELEMENT


@pytest.mark.reference
def test_the_published_sample_is_read(reference: Path) -> None:
    """MedCom's sample envelope is taken, and its size is what it says."""
    sample = (reference / "samples" / "vans" / "VANSEnvelope-1.0.4-XDIS22-sample.xml").read_bytes()
    reading = read(sample)
    assert reading.size == 6089
    assert etree.fromstring(payload(sample)).tag.endswith("}Emessage")
