from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from conversion.thread import activity, added, read_thread
from envelope.fhir.bundle import read_bundle
from envelope.fhir.index import Index
from envelope.fhir.values import NS
from envelope.findings import Refused
from tests.conversion.messages import Message, Text


@pytest.mark.parametrize(
    ("gone", "place", "words"),
    [
        ("MessageHeader/focus", "MessageHeader.focus", "Communication that it focuses on"),
        ("Communication/payload", "Communication.payload", "text payload"),
    ],
)
def test_a_message_without_a_part_of_its_thread_is_refused_there(gone: str, place: str, words: str) -> None:
    """What is missing is named, and where it should stand."""
    bundle = read_bundle(Message().xml())
    parent, child = gone.split("/")
    for one in bundle.root.iter(f"{NS}{parent}"):
        for each in one.findall(f"{NS}{child}"):
            one.remove(each)
    with pytest.raises(Refused) as refusal:
        read_thread(bundle)
    (finding,) = refusal.value.findings
    assert (finding.rule.id, finding.location) == ("VS-521", place)
    assert f"has no {words}," in finding.text


def test_a_message_without_a_header_has_no_thread() -> None:
    """The missing header is told, and nothing else."""
    empty = etree.fromstring('<Bundle xmlns="http://hl7.org/fhir"/>')
    bundle = replace(read_bundle(Message().xml()), root=empty, index=Index(empty))
    with pytest.raises(Refused) as refusal:
        read_thread(bundle)
    (finding,) = refusal.value.findings
    assert (finding.rule.id, finding.location) == ("VS-521", "Bundle.entry[0]")
    assert "has no MessageHeader," in finding.text


def test_a_date_alone_is_midnight_in_denmark() -> None:
    """A segment dated by a day begins with the Danish day, wherever the machine stands."""
    thread = read_thread(read_bundle(Message(payloads=(Text("Hej", "2026-05-12"),)).xml()))
    (segment,) = thread.segments
    assert segment.instant == datetime(2026, 5, 11, 22, tzinfo=UTC)
    assert segment.moment == "2026-05-12T00:00"


def test_a_date_that_is_none_is_refused_where_it_stands() -> None:
    """A segment's date without a zone is refused at the payload's extension."""
    bundle = read_bundle(Message(payloads=(Text("Hej", "2026-05-12T10:00:00"),)).xml())
    with pytest.raises(Refused) as refusal:
        read_thread(bundle)
    (finding,) = refusal.value.findings
    assert (finding.rule.id, finding.location) == ("VS-505", "Communication.payload.extension")


def test_who_began_a_thread_is_read_from_its_segments() -> None:
    """Of two segments with one time, that of the organisation which wrote the earliest one stands further down."""
    texts = (
        Text("Først", "2026-05-12T10:00:00+02:00"),
        Text("Svar", "2026-05-12T11:00:00+02:00"),
        Text("Svar imens", "2026-05-12T11:00:00+02:00", by="municipality"),
    )
    thread = read_thread(read_bundle(Message(payloads=texts).xml()))
    assert [segment.position for segment in thread.segments] == [3, 2, 1]


def test_only_sources_of_a_provenance_are_what_a_message_added() -> None:
    """An entity that is a revision, or has no identifier, is not a payload that the message added."""
    provenance = etree.fromstring(
        '<Provenance xmlns="http://hl7.org/fhir">'
        '<entity><role value="revision"/><what><identifier><value value="old"/></identifier></what></entity>'
        '<entity><role value="source"/><what><identifier><value value="new"/></identifier></what></entity>'
        '<entity><role value="source"/><what><reference value="Communication/1"/></what></entity>'
        "</Provenance>"
    )
    assert added(provenance) == {"new"}
    assert added(None) == frozenset()


@pytest.mark.parametrize(
    ("inside", "expected"),
    [('<activity><coding><code value="reply-message"/></coding></activity>', "reply-message"), ("", "")],
)
def test_a_message_does_what_its_provenance_says(inside: str, expected: str) -> None:
    """Without a provenance, or with one that does not say, nothing is said."""
    assert activity(etree.fromstring(f'<Provenance xmlns="http://hl7.org/fhir">{inside}</Provenance>')) == expected
    assert activity(None) == ""
