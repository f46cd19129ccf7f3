"""Whatever a CareCommunication says, its letter is valid and has lost nothing that the table keeps."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from conversion import convert
from envelope.fhir.json_xml import json_from_xml
from envelope.findings import Refused
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.letters import R2006
from envelope.oioxml.reading import read_letter
from envelope.oioxml.rules import validate
from tests.conversion.messages import CPR, LOCAL, LPR3, NATIONAL, OWN, File, Message, Text
from tests.conversion.official import official
from tests.conversion.rows.case import FACTS

LIMITS = {
    "Identifier": 17,
    "OrganisationName": 35,
    "TelephoneSubscriberIdentifier": 25,
    "PersonSurnameName": 70,
    "PersonGivenName": 70,
    "StreetName": 35,
    "Subject": 70,
    "EpisodeOfCareIdentifier": 35,
    "RefDescription": 70,
    "URL": 350,
}

XML = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
WORDS = st.text(XML, min_size=1, max_size=120).filter(lambda word: word.strip() != "")
TEXTS = st.text(XML | st.sampled_from("\n\t <>&'\"æøå€"), min_size=1, max_size=300).filter(
    lambda text: text.strip() != ""
)
DATES = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 (the strategy puts the zone)
    datetime(2035, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from(
        [UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=2)), timezone(timedelta(hours=-5, minutes=-30))]
    ),
).map(lambda moment: moment.isoformat(timespec="seconds"))
SAID = st.builds(Text, TEXTS, DATES, st.sampled_from(["hospital", "municipality"]), WORDS, st.booleans())
BESIDE = st.builds(File, WORDS, DATES) | st.builds(
    File, WORDS, DATES, url=st.integers(1, 400).map(lambda length: "https://test.example/" + "u" * length)
)
MESSAGES = st.builds(
    Message,
    payloads=st.tuples(st.lists(SAID, min_size=1, max_size=6), st.lists(BESIDE, max_size=13)).map(
        lambda parts: tuple(part for some in parts for part in some)
    ),
    activity=st.sampled_from(["new-message", "reply-message", "forward-message"]),
    timestamp=DATES,
    category=st.sampled_from(["other", "regarding-referral", "psychiatry-social-disability"]),
    topic=WORDS,
    numbers=st.lists(st.sampled_from([CPR, NATIONAL, LOCAL]), min_size=1, max_size=3, unique=True),
    family=st.none() | WORDS,
    given=st.lists(WORDS, max_size=3),
    episodes=st.lists(st.sampled_from([OWN, LPR3]), max_size=2, unique=True),
    encounter=st.tuples(st.sampled_from(["AMB", "IMP", "other"]), st.sampled_from(["in-progress", "finished"])),
    sender_name=st.none() | WORDS,
    receiver_name=st.none() | WORDS,
)


def _letter(source: bytes) -> tuple[bytes, etree._Element]:
    payload = convert([source], FACTS, "XDIS91", profile=False).outputs[0].payload
    return payload, read_letter(payload).root


def _text(letter: etree._Element) -> str:
    return plain_text(next(letter.iter(f"{{{R2006}}}Text01")))


@pytest.mark.reference
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(message=MESSAGES)
def test_every_letter_is_valid_by_medcoms_schema(reference: Path, message: Message) -> None:
    """Long names, many segments, any character: the official schema takes what is made."""
    _, letter = _letter(message.xml())
    official(reference, "2006/07/01").assertValid(letter)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(message=MESSAGES)
def test_every_letter_keeps_what_was_said(message: Message) -> None:
    """Our rules find no error, each segment is in the text, and fields are cut at their limits and never before."""
    source = message.xml()
    payload, letter = _letter(source)
    assert [finding for finding in validate(read_letter(payload)) if finding.is_error] == []
    text = _text(letter)
    for said in message.payloads:
        if isinstance(said, Text):
            assert said.text in text
    assert {one.tag: len(one.text or "") for one in letter.iter() if len(one.text or "") > _limit(one)} == {}
    surname = next(letter.iter(f"{{{R2006}}}PersonSurnameName")).text
    assert surname == ("Ukendt" if message.family is None else message.family[:70])
    assert (_letter(source)[0], _letter(json_from_xml(etree.fromstring(source)))[0]) == (payload, payload)


def _limit(element: etree._Element) -> float:
    return LIMITS.get(etree.QName(element).localname, float("inf"))


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8, unique=True), data=st.data())
def test_segments_follow_each_other_from_the_newest_to_the_oldest(texts: list[str], data: st.DataObject) -> None:
    """One line of who and when stands above each earlier segment, and their times never rise."""
    said = [Text(text, data.draw(DATES), new=False) for text in texts]
    _, letter = _letter(Message(payloads=(*said, Text("nu", "2019-01-01T00:00:00Z")), activity="reply-message").xml())
    heads = re.findall(r"(?m)^Skrevet (\d\d)-(\d\d)-(\d{4}) kl\. (\d\d:\d\d) af Ole P", _text(letter))
    times = [(year, month, day, time) for day, month, year, time in heads]
    assert len(times) >= len(said)
    if len(times) == len(said):
        # Danish clocks repeat an hour in October, so a step of less than an hour upwards may only look like one.
        assert [time[:3] for time in times] == sorted((time[:3] for time in times), reverse=True)


@pytest.mark.parametrize("code", [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, 0xD800])
def test_characters_that_xml_forbids_never_reach_a_letter(code: int) -> None:
    """JSON can spell characters that no XML may hold; such a message is refused, or the letter does not have them."""
    source = json.loads(json_from_xml(etree.fromstring(Message().xml())))
    for entry in source["entry"]:
        for payload in entry["resource"].get("payload", ()):
            payload["contentString"] = f"før{chr(code)}efter"
    try:
        payload, letter = _letter(json.dumps(source).encode())
    except Refused:
        return
    assert re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", payload) is None
    assert _text(letter).startswith("før")


def test_thousands_of_segments_are_converted_in_bounded_time() -> None:
    """The work grows with the message, not with its square: the test's time limit is the bound."""
    said = [Text(f"Nr. {number}", "2026-05-10T10:00:00+02:00", new=False) for number in range(3_000)]
    _, letter = _letter(Message(payloads=(*said, Text("nu", "2026-05-12T10:00:00+02:00"))).xml())
    assert _text(letter).count("Skrevet ") == 3_000
