from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from envelope.reading import payload
from routing.directory import Kind, Participant, Takes
from routing.network_file import DEFAULT_NETWORK, load
from simulator.web.pages.chart import axis_of, bars_of, changes_of
from simulator.web.pages.rendering import age, moment, thousands
from simulator.web.pages.texts import Words
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER
from tests.simulator.pages.visiting import visiting
from tests.simulator.post import (
    LETTERS,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    TOWN,
    emptied,
    idle,
    send,
    send_bytes,
    wrapped,
    xdis91,
)

ODENSE = "5790000121441"


async def test_the_clock_is_moved_and_what_was_due_is_done(running: Running) -> None:
    """The page moves the clock as the API does: a half that was held is let go on the way."""
    letter = wrapped((LETTERS / "xdis91-attachments.xml").read_bytes())
    async with running() as network, visiting(network) as visitor:
        await send(network, letter)
        page = await visitor.see("/clock")
        assert letter.head.identifier in page
        before = network.clock()
        moved = await visitor.send("/clock/advance", {"by": "61m"})
        assert (moved.status_code, moved.headers["Location"]) == (303, "/clock?told=clock")
        assert network.clock() - before >= timedelta(minutes=61)
        page = await visitor.see("/clock?told=clock")
    assert "all that fell due is done" in page
    assert letter.head.identifier not in page


@ON_ONE_BROKER
async def test_the_clock_is_put_frozen_and_resumed(running: Running) -> None:
    """A time, whether it stands there, and back to real time; the network goes where a form says that it stood."""
    async with running() as network, visiting(network) as visitor:
        there = await visitor.send("/clock/set", {"at": "2025-12-01T08:00", "frozen": "yes", "back": "participants"})
        assert there.headers["Location"] == "/participants?told=clock"
        assert network.clock() == datetime(2025, 12, 1, 7, 0, tzinfo=UTC)
        assert "2025-12-01 08:00:00" in await visitor.see("/clock")
        await visitor.send("/clock/resume")
        assert network.clock.standing.mode == "real"


@ON_ONE_BROKER
@pytest.mark.parametrize(("path", "form"), [("advance", {"by": "soon"}), ("set", {"at": "31-12"}), ("set", {})])
async def test_no_time_is_no_move(path: str, form: dict[str, str], running: Running) -> None:
    """What is no time or duration is told with its rule, and nothing moves."""
    async with running() as network, visiting(network) as visitor:
        answer = await visitor.send(f"/clock/{path}", form)
        assert network.clock.standing.mode == "real"
    assert (answer.status_code, "VS-701" in answer.text) == (422, True)


@ON_ONE_BROKER
async def test_participants_are_shown_as_of_a_day(running: Running) -> None:
    """The day that is asked for says what each takes; what is no day is told, and today is shown."""
    async with running() as network, visiting(network) as visitor:
        then = await visitor.see(f"/participants?day=2023-11-19&q={ODENSE}")
        now = await visitor.see(f"/participants?q={ODENSE}")
        wrong = await visitor.see("/participants?day=soon")
        nobody = await visitor.see("/participants?q=nobody+is+called+so")
    taken = [re.findall(r'<span class="type">([^<]*)</span>', page) for page in (then, now)]
    assert taken == [["XDIS91", "XBIN01"], ["CareCommunication"]]
    assert "2023-11-20: CareCommunication instead of XDIS91, XBIN01" in now
    assert "VS-701" in wrong
    assert "Nobody is like that." in nobody


@ON_ONE_BROKER
async def test_a_participant_shows_what_waits_and_how_to_connect(running: Running) -> None:
    """Its inbox is listed from the ledger, and the calls name the network as the reader reached it."""
    async with running() as network, visiting(network) as visitor:
        sent = wrapped(xdis91(), PRACTICE, OWN_OIOXML)
        await send(network, sent)
        page = await visitor.see(f"/participants/{OWN_OIOXML}")
        listed = await visitor.see("/participants?q=eget")
        missing = await visitor.see("/participants/5790000999999", 404)
    assert f"/messages/{sent.head.identifier}" in page
    assert f"http://vansim.test/api/participants/{OWN_OIOXML}/inbox" in page
    assert "1 waiting" in listed
    assert "VS-476" in missing


def test_bars_of_one_time_are_one() -> None:
    """Types over the same days share a bar, a changeover is on one lane, and what overlaps stands below."""
    changeover, end = date(2026, 6, 1), date(2027, 1, 1)
    participant = Participant(
        "5790000121441",
        "328051000016008",
        "x",
        Kind.MUNICIPALITY,
        takes=(
            Takes("XDIS91", until=changeover),
            Takes("XBIN01", until=changeover),
            Takes("CareCommunication", "5.0", since=changeover),
            Takes("HospitalNotification", until=end),
            Takes("XREF99", since=end),
        ),
    )
    directory = load(DEFAULT_NETWORK.read_text("utf-8"), "network.yaml")
    axis = axis_of(directory, date(2026, 11, 27))
    bars = bars_of(participant, axis)
    told = [(bar.label, bar.lane, bar.family) for bar in bars]
    assert told == [
        ("XDIS91, XBIN01", 0, "old"),
        ("HospitalNotification", 1, "new"),
        ("CareCommunication 5.0", 0, "new"),
        ("XREF99", 1, "other"),
    ]
    assert bars[0].left == "0.000%"
    assert float(bars[0].width[:-1]) == pytest.approx(float(bars[2].left[:-1]), abs=0.01)
    assert float(bars[2].left[:-1]) + float(bars[2].width[:-1]) == pytest.approx(100, abs=0.01)
    days = [(change.day, change.gone, change.new) for change in changes_of(participant)]
    assert days == [
        (changeover, ("XDIS91", "XBIN01"), ("CareCommunication 5.0",)),
        (end, ("HospitalNotification",), ("XREF99",)),
    ]
    assert axis.ticks()[0][1].isdigit()


@ON_ONE_BROKER
async def test_dead_letters_are_listed_with_their_reason(running: Running) -> None:
    """What could not be handled is there with its rule, why, and its bytes."""
    async with running() as network, visiting(network) as visitor:
        assert "everything could be handled" in await visitor.see("/dead")
        await send_bytes(network, b"<script>alert(1)</script>")
        assert "download" not in await visitor.see("/dead")
        await visitor.send("/patients", {"patients": "shown", "back": "/dead"})
        page = await visitor.see("/dead")
        [key] = re.findall(r'href="/dead/(\d+)" download', page)
        found = await visitor.http.get(f"/dead/{key}")
        await visitor.see("/dead/1", 404)
        back = await visitor.send(f"/dead/{key}/put-back")
        assert (back.status_code, back.headers["location"]) == (303, "/dead?told=put-back")
        await idle(network)
        page = await visitor.see("/dead?told=put-back")
        assert "It is put back" in page
        assert f"/dead/{key}/put-back" not in page
    assert found.content == b"<script>alert(1)</script>"
    assert "<script>alert" not in page


@ON_ONE_BROKER
@pytest.mark.parametrize("draft", ["xdis91.xml", "carecommunication.json"])
async def test_a_draft_is_valid_and_goes_between_whom_it_names(draft: str, running: Running) -> None:
    """A draft filled in is a letter without findings, and arrives where it is sent."""
    async with running() as network, visiting(network) as visitor:
        page = await visitor.see(f"/compose?draft={draft}&from={TOWN}&to={OWN_FHIR}")
        assert ": valid" in page
        text = re.search(r'<textarea id="text".*?>\n(.*?)</textarea>', page, re.DOTALL)
        assert text is not None
        letter = text[1].replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"').replace("&amp;", "&")
        # A browser sends each line break as two characters.
        sent = await visitor.send("/compose", {"text": letter.replace("\n", "\r\n"), "to": OWN_FHIR})
        assert sent.status_code == 303
        await idle(network)
        arrived = await emptied(network, OWN_FHIR)
        assert "It is sent." in await visitor.see(sent.headers["Location"])
    assert len(arrived) == 1
    assert draft.endswith(".xml") or payload(arrived[0]) == letter.encode()


@ON_ONE_BROKER
async def test_a_letter_is_judged_as_it_is_written(running: Running) -> None:
    """The verdict names what it is, each finding and its line; nothing written is told so."""
    letter = xdis91().decode("latin-1")
    async with running() as network, visiting(network) as visitor:
        empty = await visitor.send("/compose/check", {"text": " "})
        good = await visitor.send("/compose/check", {"text": letter})
        bad = await visitor.send("/compose/check", {"text": letter.replace("pluspositivkvitt", "måske")})
        junk = await visitor.send("/compose/check", {"text": "junk"})
    assert "Nothing is written yet." in empty.text
    assert "XDIS91 XD9134L: valid" in good.text
    assert re.search(r'data-line="\d+"', bad.text)
    assert "VS-101" in junk.text
    assert "<html" not in good.text


@ON_ONE_BROKER
async def test_a_file_goes_byte_for_byte(running: Running) -> None:
    """A file is judged and sent as it is, in its own encoding, instead of the text."""
    letter = (LETTERS / "xdis91-windows-1252.xml").read_bytes()
    async with running() as network, visiting(network) as visitor:
        await visitor.see("/compose")
        form = {"same_site": visitor.signature, "text": "not this", "from": PRACTICE, "to": OWN_OIOXML}
        files = {"file": ("letter.xml", letter, "text/xml")}
        judged = await visitor.http.post("/compose/check", data=form, files=files)
        sent = await visitor.http.post("/compose", data=form, files=files)
        await idle(network)
        [arrived] = await emptied(network, OWN_OIOXML)
    assert ": valid" in judged.text
    assert sent.status_code == 303
    assert payload(arrived) == letter


@ON_ONE_BROKER
@pytest.mark.parametrize(
    ("form", "rule"),
    [
        ({}, "VS-794"),
        ({"text": "junk"}, "VS-101"),
        ({"text": xdis91().decode("latin-1"), "from": "5790000999999"}, "VS-151"),
        ({"text": xdis91().decode("latin-1"), "from": "5799999999994"}, "VS-4"),
    ],
)
async def test_what_is_refused_at_the_door_comes_back(form: dict[str, str], rule: str, running: Running) -> None:
    """The form is there again with what was written in it, and why it was refused."""
    async with running() as network, visiting(network) as visitor:
        answer = await visitor.send("/compose", form)
    assert answer.status_code == 422
    assert rule in answer.text
    assert html.escape(form.get("text", "")[:40], quote=False).split('"')[0] in answer.text


@ON_ONE_BROKER
async def test_a_draft_needs_participants(running: Running) -> None:
    """A draft to somebody who is not there is refused by name, not as markup; an unknown draft is none."""
    async with running() as network, visiting(network) as visitor:
        page = await visitor.see("/compose?draft=xdis91.xml&to=%3Cscript%3E")
        plain = await visitor.see("/compose?draft=../network.yaml")
    assert "VS-476" in page
    assert "<script>" not in page
    assert "operator:" not in plain


@pytest.mark.parametrize(
    ("seconds", "english", "danish"),
    [
        (0, "now", "nu"),
        (59, "59 s", "59 s"),
        (60, "1 min", "1 min"),
        (7200, "2 h", "2 t"),
        (172800, "2 d", "2 d"),
        (-60, "in 1 min", "om 1 min"),
    ],
)
def test_ages_are_told_in_their_largest_unit(seconds: int, english: str, danish: str) -> None:
    """By the network clock, before and after it."""
    now = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
    then = now - timedelta(seconds=seconds)
    assert (age(Words("en"), then, now), age(Words("da"), then.isoformat(), now)) == (english, danish)


def test_times_are_danish_and_numbers_in_groups() -> None:
    """A time of the ledger is shown by the Danish clock, a number with narrow blanks."""
    assert moment("2026-06-01T08:00:00Z") == "2026-06-01 10:00:00"
    assert thousands(1234567) == "1\u202f234\u202f567"


@ON_ONE_BROKER
async def test_an_isolated_network_has_pages_of_its_own(running: Running) -> None:
    """Beneath its name are its own letters and clock, and every address of its pages stays there."""
    async with running() as network, visiting(network) as visitor:
        await visitor.http.put("/api/networks/alone")
        sent = wrapped(xdis91())
        await visitor.http.post("/api/networks/alone/messages", content=sent.body)
        await visitor.http.get("/api/networks/alone/idle")
        await visitor.see("/networks/alone/clock")
        moved = await visitor.send("/networks/alone/clock/set", {"at": "2025-12-01T08:00", "frozen": "yes"})
        page = await visitor.see("/networks/alone/")
        story = await visitor.see(f"/networks/alone/messages/{sent.head.identifier}")
        assert network.clock.standing.mode == "real"
        await visitor.see(f"/messages/{sent.head.identifier}", 404)
        await visitor.see("/networks/nobody/", 404)
        await visitor.http.delete("/api/networks/alone")
    assert moved.headers["Location"] == "/networks/alone/clock?told=clock"
    assert "2025-12-01 08:00:00" in page
    assert "CareCommunication" in page
    assert "Network alone" in story
    addresses = set(re.findall(r'(?:href|action|hx-get)="(/[^"]*)"', page + story))
    assert {one for one in addresses if not one.startswith(("/networks/alone/", "/static/"))} == set()
