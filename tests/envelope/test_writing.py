"""Writing and reading are each other's inverse, and what is written satisfies the official schema."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from envelope.identities import gln_check_digit
from envelope.model import Document, Head, MetaInformation, Party, Processing, Receipt, ReceiptKind, Transport
from envelope.reading import payload, read, schema_findings
from envelope.writing import write, write_pieces

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
    lambda character: ord(character) >= 32 or character in "\t\n\r"
)


def text(longest: int) -> st.SearchStrategy[str]:
    """Any text that XML can hold."""
    return st.text(CHARACTERS, min_size=1, max_size=longest)


UUIDS = st.uuids().map(str)
GLNS = st.integers(10**11, 10**12 - 1).map(lambda number: f"{number}{gln_check_digit(str(number))}")
PARTIES = st.one_of(
    GLNS.map(Party),
    st.builds(Party, st.from_regex(r"[A-Za-z0-9&<>'\"æ]{1,18}", fullmatch=True), st.sampled_from(["CVR", "VANS"])),
)
METAS = st.builds(
    MetaInformation,
    UUIDS,
    st.builds(
        Document,
        st.sampled_from(["XML", "EDIFACT", "HL7", "Binary", "Other"]),
        text(255),
        st.integers(-(2**31), 2**31 - 1),
        st.none() | text(255),
    ),
    st.none() | st.builds(Processing, text(255), text(255)),
    st.none()
    | st.builds(
        Transport,
        st.booleans(),
        st.sampled_from([None, "reliable", "unreliable"]),
        st.lists(st.tuples(text(70), text(70)), max_size=5).map(tuple),
    ),
)
ERRORS = {"description": text(512), "code": st.none() | st.integers(1, 10**20)}
RECEIPTS = st.one_of(
    st.builds(Receipt, st.just(ReceiptKind.NEGATIVE_VANS), UUIDS, st.none() | METAS, **ERRORS),
    st.builds(Receipt, st.just(ReceiptKind.NEGATIVE_MESSAGE), UUIDS, METAS, **ERRORS),
    st.builds(Receipt, st.just(ReceiptKind.POSITIVE_MESSAGE), UUIDS, METAS),
)
SENT = st.sampled_from(["2026-03-01T12:00:00", "2026-03-01T12:00:00.5+01:00", "2026-03-01T11:00:00Z"])


def sized(meta: MetaInformation, size: int) -> MetaInformation:
    """The same with the payload's own size."""
    document = Document(meta.document.format, meta.document.name, size, meta.document.version)
    return MetaInformation(meta.identifier, document, meta.processing, meta.transport)


@settings(max_examples=300, deadline=None)
@given(PARTIES, PARTIES, UUIDS, SENT, METAS, st.binary(max_size=10_000))
def test_what_is_written_is_read_back(
    sender: Party, receiver: Party, identifier: str, sent: str, meta: MetaInformation, body: bytes
) -> None:
    """Head and payload of any message come back equal, whole and in pieces, and our schema accepts it."""
    head = Head(sender, receiver, identifier, sent, sized(meta, len(body)))
    envelope = write(head, body)
    assert envelope.decode("utf-8").startswith('<?xml version="1.0" encoding="UTF-8"?>')
    reading = read(envelope)
    assert reading.head == head
    assert payload(envelope) == body
    assert schema_findings(envelope) == ()
    assert b"".join(write_pieces(head, [body[:7], b"", body[7:]])) == envelope


@settings(max_examples=200, deadline=None)
@given(PARTIES, PARTIES, UUIDS, SENT, RECEIPTS)
def test_receipts_are_read_back(sender: Party, receiver: Party, identifier: str, sent: str, receipt: Receipt) -> None:
    """Each of the three receipts comes back equal, and our schema accepts it."""
    head = Head(sender, receiver, identifier, sent, receipt=receipt)
    assert read(write(head)).head == head
    assert schema_findings(write(head)) == ()
    assert b"".join(write_pieces(head, ())) == write(head)


@pytest.mark.reference
def test_the_official_schema_accepts_what_is_written(reference: Path) -> None:
    """Messages and receipts with every element satisfy MedCom's schema."""
    official = etree.XMLSchema(etree.parse(reference / "reference" / "schemas" / "VANSEnvelope-1.0.4.xsd"))
    uuid = "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a01"
    meta = MetaInformation(
        uuid,
        Document("HL7", "MCM:FDIS91#other", 3, "5.0"),
        Processing("operatør", "a<b"),
        Transport(transform=False, type="reliable", tags=(("MCM:MIME", "application/fhir+xml"),) * 5),
    )
    parties = (Party("5790001659592"), Party("DKVANS", "VANS"), uuid, "2026-03-01T12:00:00Z")
    heads = [Head(*parties, meta)]
    heads += [
        Head(*parties, receipt=Receipt(kind, uuid, meta, None if kind is ReceiptKind.POSITIVE_MESSAGE else "x"))
        for kind in ReceiptKind
    ]
    for head in heads:
        assert official.validate(etree.fromstring(write(head, b"abc"))), official.error_log


def test_big_payloads_are_written_as_they_come() -> None:
    """A payload in chunks is written without being held, and the same bytes come out."""
    meta = MetaInformation("0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a01", Document("Binary", "x", 1_000_000))
    head = Head(Party("5790001659592"), Party("5790000121526"), meta.identifier, "2026-03-01T12:00:00", meta)
    body = bytes(n % 255 for n in range(1_000_000))

    def chunks() -> Iterable[bytes]:
        for start in range(0, len(body), 99_991):
            yield body[start : start + 99_991]

    pieces = list(write_pieces(head, chunks()))
    assert b"".join(pieces) == write(head, body)
    assert max(map(len, pieces)) <= 65_536


@pytest.mark.parametrize("bad", ["\0", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_cannot_hold_is_not_written(bad: str) -> None:
    """A control character, a non-character or half a surrogate pair in a value is an error of the caller's."""
    receipt = Receipt(ReceiptKind.NEGATIVE_VANS, "0b0dd0f4-6b0a-4c8e-9d29-3f1f4f1c7a01", None, f"x{bad}")
    head = Head(Party("5790001659592"), Party("5790000121526"), receipt.original_envelope, "x", receipt=receipt)
    with pytest.raises(ValueError, match=r"XML|surrogates"):
        write(head)


def test_an_envelope_holds_something() -> None:
    """A head with neither message nor receipt cannot be written."""
    head = Head(Party("5790001659592"), Party("5790000121526"), "x", "x")
    with pytest.raises(ValueError, match="message or a receipt"):
        write(head)
