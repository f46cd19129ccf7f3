from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest

from routing.ledger.timeline import Node, Step
from simulator.web.pages.hops import Line, pictures
from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER
from tests.simulator.pages.visiting import Visitor, visiting
from tests.simulator.post import (
    CITY,
    HOSPITAL,
    LETTERS,
    NOBODY,
    OWN_FHIR,
    PRACTICE,
    TOWN,
    message,
    send,
    story,
    wrapped,
    xdis91,
)

HOSTILE = """"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;{{ 7*7 }}"""
_ESCAPED = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
PARTS = ("reading", "letter", "envelope", "letter&layout=raw", "envelope&layout=raw")
PERSON = ("2512489996", "Testesen", "Nancy")


async def _page(visitor: Visitor, identifier: str, choices: str = "") -> str:
    return await visitor.see(f"/messages/{quote(identifier, safe='')}{choices}")


def _line(line: Line) -> tuple[object, ...]:
    sides = [
        [(hop.label.split()[0], [tick.kind for tick in hop.ticks]) for hop in side] for side in (line.left, line.right)
    ]
    return (line.way, *sides, [_line(answer) for answer in line.answers])


async def _lines(network: Network, identifier: str) -> list[tuple[object, ...]]:
    [picture] = pictures(await story(network, identifier))
    return [_line(line) for line in picture.lines]


async def test_a_converted_letter_is_one_line_with_its_answers(running: Running) -> None:
    """What answers a letter stands in its line: the receipt of the letter as an arrow, those of envelopes as ticks."""
    async with running() as network:
        sent = wrapped(xdis91())
        await send(network, sent)
        lines = await _lines(network, sent.head.identifier)
    receipt = ["PositiveMessage"]
    answer: tuple[object, ...] = ("left", [("XCTL03", receipt)], [("Acknowledgement", receipt)], [])
    assert lines == [("right", [("XDIS91", receipt)], [("CareCommunication", receipt)], [answer])]


async def test_a_letter_passed_on_is_the_same_on_both_sides(running: Running) -> None:
    """A letter that is not converted leaves as it came, and its duplicate is a line of its own."""
    async with running() as network:
        sent = wrapped(xdis91(2), PRACTICE, HOSPITAL)
        await send(network, sent, sent)
        lines = await _lines(network, sent.head.identifier)
    assert [(line[0], line[1][0][0], line[2][0][0]) for line in lines] == [("right", "XDIS91", "XDIS91")] * 2  # type: ignore[index]


@ON_ONE_BROKER
async def test_a_refused_letter_goes_nowhere(running: Running) -> None:
    """What is refused has no other side, and the network's own answers come back to its sender."""
    async with running() as network:
        sent = wrapped(xdis91(), PRACTICE, NOBODY)
        await send(network, sent)
        [line] = await _lines(network, sent.head.identifier)
    way, left, right, answers = line
    assert (way, left, right) == ("right", [("XDIS91", ["NegativeVans"])], [])
    assert answers == [("left", [("XCTL01", [])], [], [])]


@ON_ONE_BROKER
async def test_attachments_come_in_beside_their_letter(running: Running) -> None:
    """A letter and its attachment letters are one line where they became one message."""
    names = ("xdis91-attachments.xml", "xbin01-attachments-1.xml", "xbin01-attachments-2.xml")
    async with running() as network:
        sent = [wrapped((LETTERS / name).read_bytes()) for name in names]
        await send(network, *sent)
        [line, *_] = await _lines(network, sent[0].head.identifier)
    first, *others = (hop[0] for hop in line[1])  # type: ignore[attr-defined]
    # An attachment letter that the router had in hand before the letter began a story of its own.
    assert (first, set(others)) == ("XDIS91", {"XBIN01"})
    assert [hop[0] for hop in line[2]] == ["CareCommunication"]  # type: ignore[attr-defined]


def test_a_picture_is_of_two_parties() -> None:
    """Letters between others have a picture of their own, and a fault is told where it struck."""
    fault = Step("2026-11-27T08:00:00.000Z", "faults", "lost", None, "lost")
    roots = [_node(1, "a", "b", fault), _node(2, "b", "a"), _node(3, "a", "c")]
    told = [(one.left, one.right, [line.way for line in one.lines]) for one in pictures(roots)]
    assert told == [("a", "b", ["right", "left"]), ("a", "c", ["right"])]
    assert pictures(roots)[0].lines[0].faults == (fault,)


def _node(key: int, sender: str, receiver: str, *steps: Step) -> Node:
    node = Node(
        *(key, "in", "message", "XDIS91", None, None, f"e{key}", None, None, None, sender, receiver, "delivered"),
        *(None, None, None, False, "2026-11-27T08:00:00.000Z", 1),
    )
    node.steps += steps
    return node


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("letter", ["xdis91", "message", "bundle-new.json"])
@ON_ONE_BROKER
async def test_patient_data_is_masked_until_asked_for(letter: str, part: str, running: Running) -> None:
    """Nothing of a person is on any part of the page until the reader asks for it, and then it is."""
    body = {"xdis91": xdis91(), "message": message()}.get(letter) or (LETTERS / letter).read_bytes()
    async with running() as network, visiting(network) as visitor:
        sent = wrapped(body)
        await send(network, sent)
        masked = await _page(visitor, sent.head.identifier, f"?part={part}")
        await visitor.send("/patients", {"patients": "shown", "back": "/"})
        shown = await _page(visitor, sent.head.identifier, f"?part={part}")
    assert [word for word in PERSON if word in masked] == []
    assert not re.search(r"[A-Za-z0-9+/]{200}", masked)  # nor in base64
    assert part.startswith("envelope") or "2512489996" in shown


@pytest.mark.parametrize("part", PARTS)
@ON_ONE_BROKER
async def test_a_letter_is_hostile_input(part: str, running: Running) -> None:
    """Markup in a letter is shown as the text that it is, wherever it stands, and nothing of a template is run."""
    quoted = html.escape(html.unescape(HOSTILE), quote=True)
    letter = xdis91(1, {"Prøvebakken": quoted.encode("ascii", "xmlcharrefreplace").decode()})
    async with running() as network, visiting(network) as visitor:
        sent = wrapped(letter)
        await send(network, sent)
        await visitor.send("/patients", {"patients": "shown", "back": "/"})
        page = await _page(visitor, sent.head.identifier, f"?part={part}")
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "49}" not in page
    assert part.startswith("envelope") or "script&amp;gt;" in page or "&lt;script&gt;" in page


@pytest.mark.parametrize("name", ["nothing", "a/b", "'\"><script>", "\x00", "ø", "%2e%2e", "{{7*7}}"])
@ON_ONE_BROKER
async def test_what_has_no_story_is_not_found(name: str, running: Running) -> None:
    """An identifier that nothing has is told so, and not as markup."""
    async with running() as network, visiting(network) as visitor:
        page = await visitor.see(f"/messages/{quote(name, safe='')}", 404)
    assert "VS-474" in page
    assert "<script>" not in page.replace('<script src="', "")


@ON_ONE_BROKER
async def test_a_value_and_its_counterpart_bear_the_same_row(running: Running) -> None:
    """The patient's number is linked through the record: what came in, what went out, and the row between them."""
    async with running() as network, visiting(network) as visitor:
        sent = wrapped(xdis91())
        await send(network, sent)
        await visitor.send("/patients", {"patients": "shown", "back": "/"})
        page = await _page(visitor, sent.head.identifier, "?part=letter")
    values = re.findall(r'<span class="v" data-rows="([0-9 ]+)">2512489996</span>', page)
    [row] = re.findall(r'data-row="(\d+)"[^>]*data-rule="XC-patient-cpr"', page)
    assert len(values) == 2
    assert all(row in value.split() for value in values)


@ON_ONE_BROKER
async def test_attachments_are_given_to_be_saved(running: Running) -> None:
    """An attachment comes decoded, under its name, as something that no browser shows."""
    async with running() as network, visiting(network) as visitor:
        sent = wrapped((LETTERS / "xbin01-attachments-1.xml").read_bytes(), HOSPITAL, OWN_FHIR)
        await send(network, sent)
        await visitor.send("/patients", {"patients": "shown", "back": "/"})
        page = await _page(visitor, sent.head.identifier)
        [first, second] = re.findall(r'href="(/bodies/\d+/attachments/\d)"', page)
        picture, document = await visitor.http.get(first), await visitor.http.get(second)
        [whole] = re.findall(r'href="(/bodies/\d+)" download', page)
        envelope = await visitor.http.get(whole)
        missing = await visitor.http.get(first[:-1] + "7")
    assert picture.content.startswith(b"\x89PNG")
    assert document.content.startswith(b"%PDF")
    assert picture.headers["Content-Type"] == "application/octet-stream"
    assert picture.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert envelope.content == sent.body
    assert missing.status_code == 404


@pytest.mark.parametrize("choice", ["?at=x", "?at=1", "?part=nothing", "?layout=", "?at=" + "9" * 40])
@ON_ONE_BROKER
async def test_a_choice_that_there_is_not_is_the_first(choice: str, running: Running) -> None:
    """An address that asks for what is not there shows the letter as it is read."""
    async with running() as network, visiting(network) as visitor:
        sent = wrapped(message(), CITY, TOWN)
        await send(network, sent)
        page = await _page(visitor, sent.head.identifier, choice)
    assert 'id="part-reading"' in page
    assert '<div class="letter">' in page


@ON_ONE_BROKER
async def test_a_story_is_told_in_danish(running: Running) -> None:
    """The page is Danish where it is asked for so, and marks what is English."""
    async with running() as network, visiting(network, "da") as visitor:
        sent = wrapped(xdis91())
        await send(network, sent)
        page = await _page(visitor, sent.head.identifier)
    assert "Hvad der skete" in page
    assert re.search(r'lang="en">The receiver takes CareCommunication', page)
