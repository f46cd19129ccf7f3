from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations, product

import pytest
from lxml import etree

from conversion import Converted, Facts, Settings, convert
from conversion.displays import CATEGORIES, ROLES
from conversion.identifiers import Identifiers
from conversion.thread import Segment, ordered, read_thread
from conversion.to_xdis91 import _break_lines
from envelope.fhir.bundle import NS, read_bundle, value
from envelope.fhir.elements import FHIR
from envelope.fhir.json_xml import json_from_xml
from envelope.findings import Refused
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.reading import read_letter
from envelope.oioxml.rules import validate
from tests.conversion.messages import (
    BUNDLE,
    CPR,
    HEADER,
    LOCAL,
    LPR3,
    NATIONAL,
    OWN,
    SITE,
    File,
    Message,
    Text,
    without,
)
from tests.conversion.rows.case import FACTS, HOSPITAL, LETTERS, MUNICIPALITY

BODY = "ClinicalEmail"
SENTENCE = (
    "Der er modtaget flere end et CPR-nummer i korrespondancemeddelelsen. "
    "Derfor er de resterende medsendte CPR-numre indsat her"
)


def made(message: Message | bytes, facts: Facts = FACTS) -> etree._Element:
    """The letter of a message."""
    return read_letter(converted(message, facts).outputs[0].payload).root


def converted(message: Message | bytes, facts: Facts = FACTS) -> Converted:
    """A message converted, with everything checked that can be."""
    source = message.xml() if isinstance(message, Message) else message
    return convert([source], facts, "XDIS91")


def at(letter: etree._Element, path: str) -> list[str]:
    """The texts at a path of local names."""
    namespace = etree.QName(letter).namespace
    return [one.text or "" for one in letter.iterfind("/".join(f"{{{namespace}}}{step}" for step in path.split("/")))]


def text(letter: etree._Element) -> str:
    """The text of a letter, with newlines."""
    return plain_text(next(letter.iter("{*}Text01")))


def refusal(message: Message | bytes, *, profile: bool = False) -> list[str]:
    """The ids of the rules that a message is refused by."""
    source = message.xml() if isinstance(message, Message) else message
    with pytest.raises(Refused) as refused:
        convert([source], FACTS, "XDIS91", profile=profile)
    return [finding.rule.id for finding in refused.value.findings]


def test_what_is_made_says_what_it_is() -> None:
    """The output names its type, version and identifiers, and its bytes hold the same."""
    output = converted(Message()).outputs[0]
    letter = read_letter(output.payload)
    assert (
        (output.type, output.version, output.postfix) == (letter.type, letter.version, "") == ("XDIS91", "XD9134L", "")
    )
    assert output.envelope_id == letter.text("Envelope/Identifier") == Identifiers(FACTS.seed).serial("envelope")
    assert (
        output.letter_id == letter.text("ClinicalEmail/Letter/Identifier") == Identifiers(FACTS.seed).serial("letter")
    )


def test_both_identifiers_are_remembered_with_the_parties_and_the_latest_provenance() -> None:
    """All that a receipt on the letter will need to become an Acknowledgement is remembered."""
    result = converted((LETTERS / "carecommunication-reply.xml").read_bytes())
    kept = result.remembered
    assert kept is not None
    assert [(one.type, one.version, one.envelope_id, one.letter_id) for one in kept.original] == [
        ("CareCommunication", "5.0", BUNDLE, HEADER)
    ]
    output = result.outputs[0]
    assert [(one.type, one.version, one.envelope_id, one.letter_id) for one in kept.made] == [
        ("XDIS91", "XD9134L", output.envelope_id, output.letter_id)
    ]
    assert (kept.sender, kept.receiver) == (HOSPITAL, MUNICIPALITY)
    assert kept.provenance is not None
    provenance = etree.fromstring(kept.provenance)
    assert provenance.tag == f"{NS}Provenance"
    target = provenance.find(f"{NS}target/{NS}reference")
    assert target is not None
    assert target.get("value") == f"MessageHeader/{HEADER}"


def test_the_same_facts_give_the_same_bytes_whenever() -> None:
    """A conversion is a function of source and facts; the clock has no part in it."""
    message = (LETTERS / "carecommunication-reply.xml").read_bytes()
    later = replace(FACTS, accepted=datetime(2031, 1, 1, tzinfo=UTC))
    again = Facts.from_json(FACTS.to_json())
    assert len({converted(message, facts).outputs[0].payload for facts in (FACTS, later, again)}) == 1


def test_json_and_xml_of_one_message_give_the_same_letter() -> None:
    """The form of a message leaves no trace in its letter."""
    message = (LETTERS / "carecommunication-reply.xml").read_bytes()
    as_json = json_from_xml(etree.fromstring(message))
    assert converted(as_json).outputs[0].payload == converted(message).outputs[0].payload


def test_resources_are_found_by_reference_and_never_by_position() -> None:
    """Entries in any order after the header give the same letter."""
    source = (LETTERS / "carecommunication-reply.xml").read_bytes()
    turned = etree.fromstring(source)
    entries = turned.findall(f"{NS}entry")
    for entry in reversed(entries[1:]):
        turned.remove(entry)
        turned.append(entry)
    assert converted(etree.tostring(turned)).outputs[0].payload == converted(source).outputs[0].payload


def test_references_by_full_address_reach_the_same_resources() -> None:
    """Relative references and absolute ones mean the same."""
    source = Message().xml()
    absolute = source.replace(b"<reference value='", f"<reference value='{SITE}/".encode())
    assert absolute != source
    assert converted(absolute).outputs[0].payload == converted(source).outputs[0].payload


def test_absolute_references_to_other_addresses_resolve_by_type_and_id() -> None:
    """An address that no fullUrl has still ends in type and id."""
    source = Message().xml()
    elsewhere = source.replace(b"<reference value='", b"<reference value='https://elsewhere.example/r4/")
    assert converted(elsewhere).outputs[0].payload == converted(source).outputs[0].payload


@pytest.mark.parametrize(("code", "display"), [*CATEGORIES.items()])
def test_every_category_becomes_its_danish_display(code: str, display: str) -> None:
    """The subject begins with the category's display, and is the display alone without a topic."""
    assert at(made(Message(category=code)), f"{BODY}/AdditionalInformation/Subject") == [f"{display}, Hjemsendelse"]
    alone = Message(category=code, topic=None)
    if code != "other":
        assert at(made(alone), f"{BODY}/AdditionalInformation/Subject") == [display]


def test_there_are_eighteen_categories() -> None:
    """The list of displays is as long as MedCom's list of codes."""
    assert len(CATEGORIES) == 18


def test_a_category_nobody_knows_stands_as_its_code() -> None:
    """A code outside the list is better than nothing, where validation let it through."""
    output = convert([Message(category="new-code").xml()], FACTS, "XDIS91", profile=False).outputs[0]
    assert at(read_letter(output.payload).root, f"{BODY}/AdditionalInformation/Subject") == ["new-code, Hjemsendelse"]


@pytest.mark.parametrize(
    ("category", "priority", "expected"),
    [
        ("regarding-referral", "asap", ["høj_prioritet"]),
        ("regarding-referral", "routine", ["rutine"]),
        ("regarding-referral", None, []),
    ],
)
def test_priority_goes_with_a_referral(category: str, priority: str | None, expected: list[str]) -> None:
    """The two priorities that CareCommunication has become the two of XDIS91."""
    letter = made(Message(category=category, priority=priority))
    assert at(letter, f"{BODY}/AdditionalInformation/Priority") == expected


def test_priority_of_another_category_is_no_priority() -> None:
    """Outside regarding-referral a priority means nothing, as invariant 5 says."""
    output = convert([Message(priority="asap").xml()], FACTS, "XDIS91", profile=False).outputs[0]
    assert at(read_letter(output.payload).root, f"{BODY}/AdditionalInformation/Priority") == []


STATUS = {
    ("IMP", "in-progress", False): "indlagt",
    ("AMB", "in-progress", False): "ambulant",
    ("other", "finished", True): "doed",
}


@pytest.mark.parametrize(
    ("class_", "status", "deceased"),
    [*product(("IMP", "AMB", "other", "EMER"), ("in-progress", "finished", "unknown", "planned"), (False, True))],
)
def test_every_combination_of_class_status_and_death_has_its_episode_status(
    class_: str, status: str, *, deceased: bool
) -> None:
    """Three combinations mean something; every other one is inaktiv."""
    dead = f"<deceasedBoolean value='{str(deceased).lower()}'/>"
    letter = made(Message(episodes=(OWN,), encounter=(class_, status), deceased=dead))
    expected = STATUS.get((class_, status, deceased), "inaktiv")
    assert at(letter, f"{BODY}/Patient/EpisodeOfCareStatusCode") == [expected]


def test_without_an_encounter_the_episode_is_inaktiv() -> None:
    """A dead patient without an encounter is inaktiv too, as the table has it."""
    letter = made(Message(deceased="<deceasedBoolean value='true'/>"))
    assert at(letter, f"{BODY}/Patient/EpisodeOfCareStatusCode") == ["inaktiv"]
    assert at(letter, f"{BODY}/Letter/EpisodeOfCareIdentifier") == []


def test_a_time_of_death_is_a_death() -> None:
    """Patient.deceased may be a date; it says the same as true."""
    dead = "<deceasedDateTime value='2026-05-01T10:00:00+02:00'/>"
    letter = made(Message(episodes=(OWN,), encounter=("other", "finished"), deceased=dead))
    assert at(letter, f"{BODY}/Patient/EpisodeOfCareStatusCode") == ["doed"]


@pytest.mark.parametrize(
    ("episodes", "lpr3_first", "expected"),
    [
        ((LPR3,), False, LPR3),
        ((OWN,), True, OWN),
        ((LPR3, OWN), False, OWN),
        ((OWN, LPR3), False, OWN),
        ((OWN, LPR3), True, LPR3),
        ((LPR3, OWN), True, LPR3),
        ((OWN, ("urn:oid:1.2", "urn:uuid:00000000-1111-4222-8333-444444444444")), False, OWN),
    ],
)
def test_one_of_several_episodes_is_carried(
    episodes: tuple[tuple[str, str], ...], expected: tuple[str, str], *, lpr3_first: bool
) -> None:
    """The locally defined one wins, the first in the file if several; by setting the LPR3 one."""
    facts = replace(FACTS, settings=Settings(lpr3_first=lpr3_first))
    bare = expected[1].removeprefix("urn:uuid:").replace("-", "")
    assert at(made(Message(episodes=episodes), facts), f"{BODY}/Letter/EpisodeOfCareIdentifier") == [bare]


def test_an_episode_identifier_that_is_no_uuid_is_cut_at_its_fields_length() -> None:
    """Other identifiers lose their hyphens too and are cut at 35 characters."""
    letter = made(Message(episodes=(("urn:oid:1.2", "A-" + "7" * 40),)))
    assert at(letter, f"{BODY}/Letter/EpisodeOfCareIdentifier") == ["A" + "7" * 34]


@pytest.mark.parametrize("numbers", [*permutations((CPR, NATIONAL, LOCAL)), (CPR, LOCAL), (NATIONAL, CPR)])
def test_a_cpr_number_wins_over_every_replacement_number(numbers: tuple[tuple[str, str], ...]) -> None:
    """Whatever the order, the CPR number has its field and the others stand in the text, as they came."""
    letter = made(Message(numbers=numbers))
    assert at(letter, f"{BODY}/Patient/CivilRegistrationNumber") == [CPR[1]]
    assert at(letter, f"{BODY}/Patient/AlternativeIdentifier") == []
    others = [number for system, number in numbers if system != CPR[0]]
    assert "\n".join((SENTENCE, *others, "")) in text(letter)


@pytest.mark.parametrize("numbers", [(NATIONAL, LOCAL), (LOCAL, NATIONAL)])
def test_the_national_replacement_number_wins_over_the_local_one(numbers: tuple[tuple[str, str], ...]) -> None:
    """Of two replacement numbers the national one has the field."""
    letter = made(Message(numbers=numbers))
    assert at(letter, f"{BODY}/Patient/AlternativeIdentifier") == [NATIONAL[1]]
    assert f"{SENTENCE}\n{LOCAL[1]}\n" in text(letter)


@pytest.mark.parametrize(
    ("number", "element"),
    [
        (CPR, "CivilRegistrationNumber"),
        (NATIONAL, "AlternativeIdentifier"),
        (LOCAL, "AlternativeIdentifier"),
        (("urn:oid:1.2.208.176.1.6.1.3", "1206550VK9"), "AlternativeIdentifier"),
    ],
)
def test_one_number_stands_in_its_field_and_nowhere_else(number: tuple[str, str], element: str) -> None:
    """With one identifier there is no sentence about others."""
    letter = made(Message(numbers=(number,)))
    assert at(letter, f"{BODY}/Patient/{element}") == [number[1]]
    assert SENTENCE not in text(letter)
    assert number[1] not in text(letter)


def test_the_system_decides_and_not_the_digits() -> None:
    """A local number with the digit of a national one stays local."""
    letter = convert([Message(numbers=((LOCAL[0], "1206551VK9"), NATIONAL)).xml()], FACTS, "XDIS91", profile=False)
    root = read_letter(letter.outputs[0].payload).root
    assert at(root, f"{BODY}/Patient/AlternativeIdentifier") == [NATIONAL[1]]


@pytest.mark.parametrize(
    "numbers",
    [
        (),
        (("urn:oid:1.2.3", "2512489996"),),
        ((CPR[0], "251248-9996"),),
        ((NATIONAL[0], "0703921VJ"),),
        (("urn:oid:1.2.208.176.1.6.1.30", "1206550VK9"),),
    ],
)
def test_a_patient_without_a_number_that_fits_is_refused(numbers: tuple[tuple[str, str], ...]) -> None:
    """XDIS91 must have a CPR number of ten digits or another of ten characters."""
    assert refusal(Message(numbers=numbers)) == ["VS-522"]


def test_a_family_name_that_is_not_known_is_told_of() -> None:
    """FHIR may leave the family name open, XDIS91 may not: Ukendt stands there, with a warning."""
    result = converted(Message(family=None))
    assert [finding.rule.id for finding in result.findings if finding.rule.id.startswith("VS-5")] == ["VS-523"]
    assert at(read_letter(result.outputs[0].payload).root, f"{BODY}/Patient/PersonSurnameName") == ["Ukendt"]


def test_names_lose_the_line_ends_that_a_field_of_one_line_cannot_hold() -> None:
    """Tabs and newlines in a name become blanks."""
    letter = made(Message(family="Test\nesen\t2", topic="Et\r\nemne", sender_name="Syge\nhuset"))
    assert at(letter, f"{BODY}/Patient/PersonSurnameName") == ["Test esen 2"]
    assert at(letter, f"{BODY}/AdditionalInformation/Subject") == ["Udskrivelse, Et  emne"]
    assert at(letter, f"{BODY}/Sender/OrganisationName") == ["Syge huset"]


def test_the_first_line_of_an_address_may_be_all_there_is() -> None:
    """Only what is there is written; an address marked as old is none."""
    old = "<address><use value='old'/><line value='Gammelvej 1'/></address>"
    assert at(made(Message(address=old)), f"{BODY}/Patient/StreetName") == []
    letter = made(Message(address=f"{old}<address><line value='Nyvej 2'/></address>"))
    assert at(letter, f"{BODY}/Patient/StreetName") == ["Nyvej 2"]
    assert at(letter, f"{BODY}/Patient/DistrictName") == at(letter, f"{BODY}/Patient/PostCodeIdentifier") == []


def test_a_sender_that_names_itself_nowhere_goes_by_its_sor_code() -> None:
    """OrganisationName must be there: the message's, the directory's, else the SOR code."""
    facts = replace(FACTS, sender=replace(HOSPITAL, name=""))
    letter = made(Message(sender_name=None, receiver_name=None), facts)
    assert at(letter, f"{BODY}/Sender/OrganisationName") == ["SOR 359001000016000"]
    assert at(letter, f"{BODY}/Receiver/OrganisationName") == []


def test_the_directory_says_what_an_organisation_leaves_out() -> None:
    """Without GLN or SOR code in the message those of the directory stand."""
    facts = replace(
        FACTS,
        sender=replace(HOSPITAL, gln="5790000120314", sor="325371000016006"),
        receiver=replace(MUNICIPALITY, gln="5790000121526"),
    )
    source = Message(sender_identifiers=(), receiver_identifiers=()).xml()
    letter = read_letter(convert([source], facts, "XDIS91", profile=False).outputs[0].payload).root
    assert at(letter, f"{BODY}/Receiver/EANIdentifier") == ["5790000121526"]
    assert at(letter, f"{BODY}/Sender/EANIdentifier") == ["5790000120314"]
    assert at(letter, f"{BODY}/Sender/Identifier") == ["325371000016006"]


@pytest.mark.parametrize("system", ["https://www.gs1.org/gln", "http://www.gs1.org/gln", "urn:oid:1.3.88"])
def test_a_gln_is_known_under_each_of_its_systems(system: str) -> None:
    """Releases of dk-core and older maps write the GLN's system in three ways."""
    identifiers = ((system, "5790000120314"), ("urn:oid:1.2.208.176.1.1", "359001000016000"))
    result = convert([Message(sender_identifiers=identifiers).xml()], FACTS, "XDIS91", profile=False)
    assert at(read_letter(result.outputs[0].payload).root, f"{BODY}/Sender/EANIdentifier") == ["5790000120314"]


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


def test_an_attachment_with_its_content_is_refused_by_name() -> None:
    """Each attachment with data is told, with its place."""
    payloads = (
        Text("Se", "2026-05-12T10:00:00+02:00"),
        File("Et", data="AAAA"),
        File("To", url="https://test.example"),
        File("Tre", data="AAAA"),
    )
    with pytest.raises(Refused) as refused:
        converted(Message(payloads=payloads))
    assert [(finding.rule.id, finding.location) for finding in refused.value.findings] == [
        ("VS-502", "Communication.payload[1].contentAttachment"),
        ("VS-502", "Communication.payload[3].contentAttachment"),
    ]


@pytest.mark.parametrize(
    "definition",
    [
        "http://medcomfhir.dk/ig/carecommunication/medcom-careCommunication-message-definition|4.0.0",
        "http://medcomfhir.dk/ig/messagedefinitions/MessageDefinition/MedComCareCommunicationMessageDefinition|6.0",
    ],
)
def test_other_versions_are_refused_by_name(definition: str) -> None:
    """Only CareCommunication 5.x is converted."""
    assert refusal(Message(definition=definition), profile=True) == ["VS-520"]


def test_two_bundles_are_not_one_sending() -> None:
    """One message is converted at a time."""
    with pytest.raises(Refused, match="VS-509"):
        convert([Message().xml(), Message().xml()], FACTS, "XDIS91")


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (Message(without=("Communication",)).xml(), "VS-521"),
        (Message(without=("Patient",)).xml(), "VS-521"),
        (Message(payloads=(File("Kun et link", url="https://test.example"),)).xml(), "VS-521"),
        (without(Message().xml(), "entry/resource/Communication/payload/extension"), "VS-521"),
    ],
)
def test_a_message_without_what_a_letter_must_have_is_refused(source: bytes, rule: str) -> None:
    """Where profiles are not checked, what the letter cannot do without still is."""
    assert rule in refusal(source)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (without(Message().xml(), "entry"), "VS-521"),
        (Message(payloads=(Text("Hej", "2026-05-12T10:00:00"),)).xml(), "VS-505"),
        (Message(payloads=(Text("Hej", "i går"),)).xml(), "VS-505"),
    ],
)
def test_a_thread_that_cannot_be_read_is_refused(source: bytes, rule: str) -> None:
    """What validation would have refused before is refused by the thread too."""
    with pytest.raises(Refused, match=rule):
        read_thread(read_bundle(source))


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


def _reply(*replacing: tuple[str, str]) -> etree._Element:
    """The letter of the reply with some of its text replaced."""
    source = (LETTERS / "carecommunication-reply.xml").read_text(encoding="utf-8")
    for old, new in replacing:
        assert old in source
        source = source.replace(old, new)
    return read_letter(convert([source.encode()], FACTS, "XDIS91", profile=False).outputs[0].payload).root


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
    assert f"\n{expected}\n" in text(_reply((old, new)))


def test_who_wrote_an_earlier_segment_is_told_as_far_as_it_is_known() -> None:
    """Without author, organisation and telephone the time alone stands above an earlier segment."""
    letter = _reply(
        ('<reference value="PractitionerRole/role-municipality"/>', ""),
        ('<name value="Testby Kommune"/>', ""),
        ('<value value="65432041"/>', ""),
        ('<value value="65432031"/>', ""),
    )
    assert "\nSkrevet 11-05-2026 kl. 11:15:\nOg på fredag?\n" in text(letter)


def test_a_destination_without_a_use_is_the_receiver() -> None:
    """Where nothing is marked as primary the only destination is meant."""
    source = etree.fromstring(Message().xml())
    extension = next(source.iter(f"{NS}destination")).find(f"{NS}extension")
    assert extension is not None
    parent = extension.getparent()
    assert parent is not None
    parent.remove(extension)
    facts = replace(FACTS, receiver=replace(MUNICIPALITY, gln="5790000121526"))
    letter = read_letter(convert([etree.tostring(source)], facts, "XDIS91", profile=False).outputs[0].payload).root
    assert at(letter, f"{BODY}/Receiver/EANIdentifier") == ["5790000121441"]


def test_without_an_official_name_the_first_one_stands() -> None:
    """A patient's official name wins wherever it is; otherwise the first."""
    assert at(_reply(('<use value="official"/>', "")), f"{BODY}/Patient/PersonSurnameName") == ["Nanna"]


def test_a_segment_that_ends_its_line_gets_no_empty_one() -> None:
    """The next heading stands one empty line below an earlier segment, whether that ended its line or not."""
    written = text(_reply(("Og på fredag?", "Og på fredag?&#10;")))
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


@pytest.mark.parametrize(
    ("identifier", "code"), [("328051000016008", "cvrnummer"), ("3" * 18, "sorkode"), ("", "sorkode")]
)
def test_a_letter_that_came_out_invalid_is_not_sent(identifier: str, code: str) -> None:
    """What the directory says must fit its fields; otherwise the network refuses its own letter."""
    facts = replace(FACTS, receiver=replace(MUNICIPALITY, identifier=identifier, identifier_code=code))
    with pytest.raises(Refused) as refused:
        converted(Message(), facts)
    assert refused.value.findings[0].rule.id == "VS-504"
    assert refused.value.findings[1].rule.id.startswith("VS-2")


def test_an_invalid_message_is_refused_with_all_that_is_wrong_with_it() -> None:
    """Errors of the bundle's own rules refuse before anything is converted."""
    assert {rule[:4] for rule in refusal(Message(category="new-code", topic=None), profile=True)} == {"VS-3"}


def test_the_letter_with_everything_in_it_breaks_no_rule() -> None:
    """Our own rules have nothing against a letter that uses each field."""
    payload = converted((LETTERS / "carecommunication-reply.xml").read_bytes()).outputs[0].payload
    assert validate(read_letter(payload)) == ()
