from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from envelope import reading
from envelope.findings import Finding
from envelope.model import Head
from envelope.plain import read_plain
from envelope.reading import Reading, Unreadable, read, read_in_full

EDITS = 12_000
PLAIN = b"""<?xml version="1.0" encoding="UTF-8"?>
<VANSEnvelope xmlns="urn:oio:medcom:vans-envelope:1.0.4">
  <SenderID EndPointType="EAN">5790000120314</SenderID><ReceiverID EndPointType="VANS">VANSIM</ReceiverID>
  <EnvelopeIdentifier>c7808045-a775-4b7a-8892-d0b151a19946</EnvelopeIdentifier>
  <SentDateTime>2026-11-30T22:02:20.5+01:00</SentDateTime>
  <Message>
    <MetaInformation>
      <Identifier>c1e1c659-d585-4137-a237-8d27f3eb1aef</Identifier>
      <Processing><ProviderIdentifier>A b</ProviderIdentifier><ServiceIdentifier>C</ServiceIdentifier></Processing>
      <Document><Format>XML</Format><Name>MCM:XDIS91</Name><Version>XD9134L</Version><SizeInBytes>7</SizeInBytes></Document>
      <Transport><Type>reliable</Type><TransformMessage>0</TransformMessage>
      <ServiceTag name="MCM:STATISTIC">x</ServiceTag></Transport>
    </MetaInformation>
    <Data>PEE+MTwvQQ==</Data>
  </Message>
</VANSEnvelope>
"""


def answer(reader: Callable[[bytes], Reading], document: bytes) -> Reading | tuple[Head | None, tuple[Finding, ...]]:
    """What a reader says: the reading, or the head and the findings it refuses for."""
    try:
        return reader(document)
    except Unreadable as unreadable:
        return unreadable.head, unreadable.findings


def hold(document: bytes) -> bool:
    """Hold a plain reading to the full one; whether the document is plain."""
    plain = read_plain(document)
    if plain is None:
        return False
    assert reading.schema_findings(document) == (), document
    said = answer(read_in_full, document)
    if isinstance(said, Reading):
        assert (said.head, said.size, said.lead) == plain
    assert said == answer(read, document)
    return True


def test_a_plain_envelope_is_read_at_once() -> None:
    """Every value of a plainly written envelope is what the full reading gives."""
    assert hold(PLAIN)
    assert hold(PLAIN.replace(b"\n", b"").replace(b"  ", b""))


@pytest.mark.parametrize("characters", [b"", b"QQ==", b"QUI=", b"QUJD", b"QUJD" * 3000])
def test_every_length_of_base64_is_counted_alike(characters: bytes) -> None:
    """Sizes and first characters agree with the full reading, with and without padding."""
    assert hold(PLAIN.replace(b"PEE+MTwvQQ==", characters))


@pytest.mark.parametrize("characters", [b"Q", b"QQ", b"QQ=", b"QR==", b"QUJ=", b"====", b"==", b"QQ==QQ==", b"Q U I ="])
def test_doubtful_base64_is_left_to_the_full_reading(characters: bytes) -> None:
    """What may not be base64 is never plain: the full reading judges it."""
    assert read_plain(PLAIN.replace(b"PEE+MTwvQQ==", characters)) is None


def test_whatever_is_plain_reads_the_same_in_full() -> None:
    """Of thousands of edited envelopes, each that still matches is valid by the schema and reads the same in full."""
    chance = random.Random(1)
    alphabet = b'<>/="&; \n0123456789abcTZ:+-.EAN\xc3\xa5'
    plain = 0
    for _ in range(EDITS):
        document = bytearray(PLAIN)
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            place = chance.randrange(len(document))
            how = chance.randrange(4)
            if how == 0:
                del document[place : place + chance.choice([1, 1, 2, 40])]
            elif how == 1:
                document.insert(place, chance.choice(alphabet))
            elif how == 2:
                document[place] = chance.choice(alphabet)
            else:
                other = chance.randrange(len(document))
                document[place : place + 12], document[other : other + 12] = (
                    document[other : other + 12],
                    document[place : place + 12],
                )
        plain += hold(bytes(document))
    assert plain > 300


def test_what_the_network_writes_is_plain(wrap: Callable[..., bytes]) -> None:
    """The network's own envelopes take the quick way."""
    assert hold(wrap(b"<Emessage/>"))


@pytest.mark.parametrize(
    "edit",
    [
        (b"<Message>", b"<!-- --><Message>"),
        (b"MCM:XDIS91", b"MCM:&#88;DIS91"),
        (b"2026-11-30T", b"2026-11-31T"),
        (b"T22:02:20.5", b"T24:00:00"),
        (b'EndPointType="EAN"', b"EndPointType='EAN'"),
        (b"<Name>MCM:XDIS91", b"<Name> MCM:XDIS91"),
    ],
)
def test_anything_unusual_is_left_to_the_full_reading(edit: tuple[bytes, bytes]) -> None:
    """Comments, entities, other quotes, edge times: right or wrong, they are not plain."""
    document = PLAIN.replace(*edit)
    assert document != PLAIN
    assert read_plain(document) is None


def test_a_long_envelope_that_is_not_plain_costs_no_time() -> None:
    """The pattern gives up in one pass over an envelope of megabytes that fails at its end."""
    document = PLAIN.replace(b"PEE+MTwvQQ==", b"QUJD" * 1_000_000).replace(b"</VANSEnvelope>", b"</VANSEnvelop>")
    assert read_plain(document) is None
