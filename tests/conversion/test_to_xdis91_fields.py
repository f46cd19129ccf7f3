from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations, product

import pytest
from lxml import etree

from conversion import Settings, convert
from conversion.displays import CATEGORIES
from envelope.fhir.values import NS
from envelope.oioxml.reading import read_letter
from tests.conversion.messages import (
    CPR,
    LOCAL,
    LPR3,
    NATIONAL,
    OWN,
    Message,
)
from tests.conversion.rows.case import FACTS, HOSPITAL, MUNICIPALITY
from tests.conversion.to_xdis91 import BODY, at, converted, made, refusal, reply, text

SENTENCE = (
    "Der er modtaget flere end et CPR-nummer i korrespondancemeddelelsen. "
    "Derfor er de resterende medsendte CPR-numre indsat her"
)


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
    assert at(reply(('<use value="official"/>', "")), f"{BODY}/Patient/PersonSurnameName") == ["Nanna"]


def test_the_primary_destination_is_the_receiver() -> None:
    """A copy's destination that stands before it does not make its organisation the letter's receiver."""
    source = Message().xml().decode()
    [destination] = re.findall("<destination>.*?</destination>", source)
    copy = destination.replace("'primary'", "'cc'").replace("Organization/municipality", "Organization/hospital")
    for both in (copy + destination, destination + copy):
        output = convert([source.replace(destination, both).encode()], FACTS, "XDIS91", profile=False).outputs[0]
        assert at(read_letter(output.payload).root, f"{BODY}/Receiver/EANIdentifier") == [MUNICIPALITY.gln]


def test_a_number_that_is_not_there_is_none() -> None:
    """An identifier of a system without its value gives way to the one that has a value, and is no second number."""
    source = Message(numbers=(CPR, NATIONAL)).xml().decode()
    absent = "<value><extension url='http://hl7.org/fhir/StructureDefinition/data-absent-reason'>"
    absent += "<valueCode value='unknown'/></extension></value>"
    unsaid = re.sub(f"<value value=.{CPR[1]}./>", absent, source, count=1)
    assert unsaid != source
    letter = read_letter(convert([unsaid.encode()], FACTS, "XDIS91", profile=False).outputs[0].payload).root
    assert at(letter, f"{BODY}/Patient/CivilRegistrationNumber") == []
    assert at(letter, f"{BODY}/Patient/AlternativeIdentifier") == [NATIONAL[1]]
    assert SENTENCE not in text(letter)
