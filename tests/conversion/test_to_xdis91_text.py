from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from conversion import convert
from conversion.displays import ROLES
from conversion.thread import Segment, ordered
from conversion.to_xdis91 import _break_lines
from envelope.fhir.elements import FHIR
from envelope.fhir.values import NS, value
from envelope.oioxml.reading import read_letter
from tests.conversion.messages import (
    File,
    Message,
    Text,
    without,
)
from tests.conversion.rows.case import FACTS, LETTERS
from tests.conversion.to_xdis91 import BODY, at, converted, made, reply, text


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        *((f"<coding><system value='s'/><code value='{code}'/></coding>", display) for code, display in ROLES.items()),
        ("<coding><system value='s'/><code value='ny-kode'/><display value='Ny stilling'/></coding>", "Ny stilling"),
        ("<coding><system value='s'/><code value='ny-kode'/></coding>", "ny-kode"),
        (
            "<coding><code value='lokal'/><display value='Lokal'/></coding><coding><code value='overlaege'/></coding>",
            "Overlæge",
        ),
        ("<text value='Vikar'/>", "Vikar"),
    ],
)
def test_a_role_is_told_in_danish(role: str, expected: str) -> None:
    """Known codes have their display; others what the message says, at last the code."""
    output = convert([Message(role=role).xml()], FACTS, "XDIS91", profile=False).outputs[0]
    assert f"\nStilling: {expected}\n" in text(read_letter(output.payload).root)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("<family value='Prøvesen'/>", "Prøvesen"),
        ("<given value='Ole'/>", "Ole"),
        ("<text value='Ole fra vagten'/>", "Ole fra vagten"),
        ("<text value='O.P.'/><family value='Prøvesen'/><given value='Ole'/>", "Ole Prøvesen"),
    ],
)
def test_an_author_is_named_as_the_message_can(name: str, expected: str) -> None:
    """Given and family name, whichever there are; else the name as text."""
    assert f"\nForfatter: {expected}\n" in text(made(Message(author=name)))


def test_an_author_may_be_contained_where_it_is_referred_to() -> None:
    """A contained resource answers the references of its own container, and of no other."""
    root = etree.fromstring((LETTERS / "carecommunication-reply.xml").read_bytes())
    for role, family in (("role-hospital", "Indenfor"), ("role-municipality", "Udenfor")):
        resource = next(one for one in root.iter(f"{NS}PractitionerRole") if value(one, "id") == role)
        name = f"<name><family value='{family}'/></name>"
        contained = f"<contained xmlns='{FHIR}'><Practitioner><id value='p'/>{name}</Practitioner></contained>"
        resource.insert(3, etree.fromstring(contained))
        reference = resource.find(f"{NS}practitioner/{NS}reference")
        assert reference is not None
        reference.set("value", "#p")
    letter = read_letter(convert([etree.tostring(root)], FACTS, "XDIS91", profile=False).outputs[0].payload).root
    assert "\nForfatter: Indenfor\n" in text(letter)
    assert "af Udenfor, Visitator" in text(letter)


def test_the_author_stands_under_the_text_as_medcom_shows_it() -> None:
    """Author and role are two lines below the text; a text that ends its line gets no empty one."""
    for written in ("Kære alle.\nHilsen", "Kære alle.\nHilsen\n"):
        message = Message(payloads=(Text(written, "2026-05-12T14:00:00+02:00"),))
        assert text(made(message)) == "Kære alle.\nHilsen\nForfatter: Ole P Prøvesen\nStilling: Sygeplejerske\n"


def test_segments_are_in_order_of_their_time_and_not_of_their_place() -> None:
    """The segment this message adds is first; then the others, newest first, times compared across zones."""
    payloads = (
        Text("tredje", "2026-05-10T12:30:00+02:00", "municipality", new=False),
        Text("anden", "2026-05-10T11:00:00Z", new=False),
        Text("ny", "2026-05-01T08:00:00+02:00"),
        Text("fjerde", "2026-05-10T09:00:00+00:00", new=False),
    )
    written = text(made(Message(payloads=payloads, activity="reply-message")))
    places = [written.index(word) for word in ("ny", "anden", "tredje", "fjerde")]
    assert places == sorted(places)
    who = "Ole P Prøvesen, Sygeplejerske, Testsygehuset, Afdeling A, tlf. 65432031"
    assert f"\nSkrevet 10-05-2026 kl. 13:00 af {who}:\nanden\n" in written


def test_without_a_provenance_of_its_own_the_newest_segment_is_the_latest() -> None:
    """If no Provenance says what was added, dates decide, and nothing is said of a reply."""
    payloads = (
        Text("ældst", "2026-05-10T10:00:00+02:00"),
        Text("nyest", "2026-05-12T10:00:00+02:00"),
        Text("midt", "2026-05-11T10:00:00+02:00"),
    )
    source = Message(payloads=payloads, activity="reply-message", without=("Provenance",)).xml()
    letter = read_letter(convert([source], FACTS, "XDIS91", profile=False).outputs[0].payload).root
    assert text(letter).startswith("nyest\n")
    assert at(letter, f"{BODY}/Letter/Authorisation/Date") == ["2026-05-12"]
    assert "Denne meddelelse" not in text(letter)


def test_the_activity_of_an_earlier_message_says_nothing_of_this_one() -> None:
    """A forward whose chain holds a new message and a reply is a forward."""
    payloads = (
        Text("Spørgsmål", "2026-05-10T10:00:00+02:00", "municipality", new=False),
        Text("Se her", "2026-05-12T10:00:00+02:00"),
    )
    written = text(made(Message(payloads=payloads, activity="forward-message")))
    assert "Denne meddelelse er en videresendelse af en tidligere meddelelse.\n" in written
    assert "svar" not in written


def _segment(position: int, minute: int, assigner: str, identifier: str = "") -> Segment:
    return Segment(position, "", datetime(2026, 5, 1, 12, minute, tzinfo=UTC), identifier, assigner)


def test_of_two_with_the_same_time_the_initiator_spoke_first() -> None:
    """Parallel replies with equal times: the thread's initiator stands further down, where earlier things stand."""
    first = _segment(1, 0, "Organization/a")
    by_initiator = _segment(2, 5, "Organization/a")
    by_other = _segment(3, 5, "Organization/b")
    assert ordered([by_initiator, first, by_other], ()) == (by_other, by_initiator, first)
    assert ordered([by_other, first, by_initiator], ()) == (by_other, by_initiator, first)


def test_several_new_segments_all_come_before_the_old_ones() -> None:
    """What this message adds is one block, newest first, whatever its dates."""
    old = _segment(1, 9, "Organization/a", "old")
    new = (_segment(2, 1, "Organization/b", "n1"), _segment(3, 2, "Organization/b", "n2"))
    assert ordered([old, *new], ("n1", "n2")) == (new[1], new[0], old)


def test_an_earlier_attachment_is_a_note_at_the_very_end_and_no_reference() -> None:
    """The receiver would wait for what a Reference announces, and this comes no more."""
    payloads = (
        File("Billede 1"),
        Text("Tak", "2026-05-12T10:00:00+02:00"),
        File("Billede\n2", date="2026-01-31T23:30:00Z"),
    )
    letter = made(Message(payloads=payloads, activity="reply-message"))
    assert text(letter).endswith(
        "\n\nBilag fra en tidligere meddelelse, ikke medsendt her: Billede 1, sendt 10-05-2026 kl. 10:00\n"
        "Bilag fra en tidligere meddelelse, ikke medsendt her: Billede 2, sendt 01-02-2026 kl. 00:30\n"
    )
    assert at(letter, f"{BODY}/Reference") == []


def test_a_note_without_a_date_tells_the_title_alone() -> None:
    """Where the attachment's date is missing nothing stands for it."""
    source = without(
        Message(payloads=(File("Billede"), Text("Tak", "2026-05-12T10:00:00+02:00"))).xml(),
        "entry/resource/Communication/payload/extension",
    )
    letter = read_letter(convert([source], FACTS, "XDIS91", profile=False).outputs[0].payload).root
    assert text(letter).endswith("ikke medsendt her: Billede\n")


def test_ten_links_are_references_and_the_rest_is_text() -> None:
    """XDIS91 holds ten references of 350 characters at most; other links are lines, before the notes."""
    said = Text("Se", "2026-05-12T10:00:00+02:00")
    long = File("Lang", url="https://test.example/" + "x" * 330)
    links = [File(f"Link {number}", url=f"https://test.example/{number}") for number in range(1, 12)]
    letter = made(Message(payloads=(said, long, *links, File("Billede")), activity="reply-message"))
    assert at(letter, f"{BODY}/Reference/URL") == [link.url for link in links[:10]]
    assert at(letter, f"{BODY}/Reference/RefDescription") == [link.title for link in links[:10]]
    lines = text(letter).split("\n")
    start = lines.index(f"Link: Lang {long.url}")
    assert lines[start + 1] == f"Link: Link 11 {links[10].url}"
    assert lines[start + 2].startswith("Bilag")


def test_a_link_without_a_title_is_called_a_link() -> None:
    """RefDescription must have something."""
    payloads = (File(" ", url="https://test.example/1"), Text("Se", "2026-05-12T10:00:00+02:00"))
    letter = read_letter(
        convert([Message(payloads=payloads).xml()], FACTS, "XDIS91", profile=False).outputs[0].payload
    ).root
    assert at(letter, f"{BODY}/Reference/RefDescription") == ["Link"]


def test_a_date_without_a_time_is_its_midnight() -> None:
    """A segment dated to the day alone, where validation let it through, is written at midnight in Denmark."""
    source = Message(payloads=(Text("Hej", "2026-05-12"),)).xml()
    letter = read_letter(convert([source], FACTS, "XDIS91", profile=False).outputs[0].payload).root
    assert at(letter, f"{BODY}/Letter/Authorisation/Date") == ["2026-05-12"]
    assert at(letter, f"{BODY}/Letter/Authorisation/Time") == ["00:00"]


def test_a_specific_party_that_is_nobody_leaves_no_line() -> None:
    """A reference that leads nowhere says nothing in the letter."""
    source = (LETTERS / "carecommunication-reply.xml").read_bytes()
    source = source.replace(b'"PractitionerRole/role-specific"', b'"PractitionerRole/nobody"')
    letter = read_letter(convert([source], FACTS, "XDIS91", profile=False).outputs[0].payload).root
    assert "Specifik afsender" not in text(letter)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('<text value="Lise Prøve"/>', "", "Specifik afsender: Læge"),
        ('<code value="laege"/>', "", "Specifik afsender: Lise Prøve"),
        ('<name value="Hjemmeplejen Nord"/>', "", "Specifik modtager: Testby Kommune"),
        ('<name value="Testby Kommune"/>', "", "Specifik modtager: Hjemmeplejen Nord"),
    ],
)
def test_a_specific_party_is_told_as_far_as_it_is_known(old: str, new: str, expected: str) -> None:
    """Name and role, or name and organisation, or the one that there is."""
    assert f"\n{expected}\n" in text(reply((old, new)))


def test_who_wrote_an_earlier_segment_is_told_as_far_as_it_is_known() -> None:
    """Without author, organisation and telephone the time alone stands above an earlier segment."""
    letter = reply(
        ('<reference value="PractitionerRole/role-municipality"/>', ""),
        ('<name value="Testby Kommune"/>', ""),
        ('<value value="65432041"/>', ""),
        ('<value value="65432031"/>', ""),
    )
    assert "\nSkrevet 11-05-2026 kl. 11:15:\nOg på fredag?\n" in text(letter)


def test_a_segment_that_ends_its_line_gets_no_empty_one() -> None:
    """The next heading stands one empty line below an earlier segment, whether that ended its line or not."""
    written = text(reply(("Og på fredag?", "Og på fredag?&#10;")))
    assert "Og på fredag?\n\nSkrevet 10-05-2026" in written


def test_a_text_that_is_formatted_already_is_left_alone() -> None:
    """A stylesheet that writes Break itself keeps what it wrote."""
    letter = made(Message())
    before = etree.tostring(letter)
    _break_lines(letter)
    assert etree.tostring(letter) == before


def test_characters_outside_latin_1_are_kept_as_references() -> None:
    """The letter declares ISO-8859-1 and still holds every character."""
    said = "Smil 😀, €, ł, œ og æøå"
    payload = converted(Message(payloads=(Text(said, "2026-05-12T10:00:00+02:00"),))).outputs[0].payload
    assert payload.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
    assert "æøå".encode("latin-1") in payload
    assert b"&#128512;" in payload
    assert text(read_letter(payload).root).startswith(said)


def test_white_space_is_kept_as_a_letter_can() -> None:
    """Indentation, runs of blanks and empty lines of a text come out of the letter as they went in."""
    said = "  indrykket\n\n\nto  blanke \r\nslut"
    written = text(made(Message(payloads=(Text(said, "2026-05-12T10:00:00+02:00"),))))
    assert written.startswith("  indrykket\n\n\nto  blanke \nslut\nForfatter")


def test_every_character_of_the_basic_plane_comes_through() -> None:
    """Nothing that XML can hold is lost, and blanks of every kind stay what they are."""
    codes = [*range(0x20, 0xD800), *range(0xE000, 0xFFFE)]
    said = "\n".join("".join(map(chr, codes[start : start + 1000])) for start in range(0, len(codes), 1000))
    written = text(made(Message(payloads=(Text(said, "2026-05-12T10:00:00+02:00"),))))
    assert written.startswith(f"{said}\nForfatter: ")
