"""Generated XDIS91 letters, valid by their schema and without attachments."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st
from lxml import etree

from envelope.oioxml.writing import serialise

NAMESPACE = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"

CPR = ("2512489996", "0101909995", "2509479989")
REPLACEMENTS = ("0703921VJ4", "0703927VJ4", "1206550VK9", "0101015AB1", "0101016AB1")
STATUSES = ("inaktiv", "indlagt", "ambulant", "doed", "ambulant_roentgen")
CODES = ("sygehusafdelingsnummer", "ydernummer", "lokationsnummer", "kommunenummer", "amt", "sorkode")

_characters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="￾￿")
_visible = st.sampled_from("abcæøåÆØÅéß&<>\"'{}$%0189.,–€≥体🤒")


def _words(longest: int) -> st.SearchStrategy[str]:
    """Text with something to see in it."""
    return st.builds("{}{}".format, _visible, st.text(st.one_of(_visible, _characters), max_size=longest - 2))


_lines = st.lists(st.text(st.one_of(_visible, _characters, st.just(" ")), max_size=60), max_size=6)


class _Writer:
    """Draws values as it writes elements."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def add(self, parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        element.text = text
        return element

    def maybe(self, parent: etree._Element, name: str, text: st.SearchStrategy[str]) -> None:
        if self.draw(st.booleans()):
            self.add(parent, name, self.draw(text))

    def clock(self, parent: etree._Element, name: str) -> None:
        element = self.add(parent, name)
        self.add(element, "Date", self.draw(st.dates(date(1950, 1, 1), date(2099, 12, 31))).isoformat())
        self.add(element, "Time", self.draw(st.times()).strftime("%H:%M"))

    def address(self, parent: etree._Element) -> None:
        for name in ("StreetName", "SuburbName", "DistrictName"):
            self.maybe(parent, name, _words(35))
        self.maybe(parent, "PostCodeIdentifier", _words(9))

    def letter(self, parent: etree._Element) -> None:
        letter = self.add(parent, "Letter")
        self.add(letter, "Identifier", self.draw(_words(14)))
        self.add(letter, "VersionCode", "XD9134L")
        self.add(letter, "StatisticalCode", "XDIS91")
        self.clock(letter, "Authorisation")
        self.add(letter, "TypeCode", "XDIS91")
        self.add(letter, "StatusCode", self.draw(st.sampled_from(["nytbrev", "rettetbrev"])))
        self.maybe(letter, "EpisodeOfCareIdentifier", st.one_of(st.uuids().map(lambda uuid: uuid.hex), _words(35)))

    def party(self, parent: etree._Element, name: str, gln: str) -> None:
        party = self.add(parent, name)
        self.add(party, "EANIdentifier", gln)
        self.add(party, "Identifier", self.draw(st.from_regex("[0-9]{3,15}", fullmatch=True)))
        self.add(party, "IdentifierCode", self.draw(st.sampled_from(CODES)))
        if name == "Sender" or self.draw(st.booleans()):
            self.add(party, "OrganisationName", self.draw(st.one_of(st.just("_"), _words(35))))
        self.maybe(party, "DepartmentName", _words(35))
        self.maybe(party, "UnitName", _words(35))
        self.address(party)
        if name == "Sender":
            self.maybe(party, "TelephoneSubscriberIdentifier", _words(25))

    def patient(self, parent: etree._Element) -> None:
        patient = self.add(parent, "Patient")
        if self.draw(st.booleans()):
            self.add(patient, "CivilRegistrationNumber", self.draw(st.sampled_from(CPR)))
        else:
            self.add(patient, "AlternativeIdentifier", self.draw(st.sampled_from(REPLACEMENTS)))
        self.add(patient, "PersonSurnameName", self.draw(_words(70)))
        self.maybe(patient, "PersonGivenName", _words(70))
        self.address(patient)
        self.maybe(patient, "OccupancyText", _words(35))
        self.add(patient, "EpisodeOfCareStatusCode", self.draw(st.sampled_from(STATUSES)))

    def text(self, parent: etree._Element) -> None:
        text = self.add(self.add(parent, "ClinicalInformation"), "Text01")
        for number, line in enumerate(self.draw(_lines)):
            if number:
                self.add(text, "Break").tail = line
            else:
                text.text = line

    def link(self, parent: etree._Element) -> None:
        reference = self.add(parent, "Reference")
        self.add(reference, "RefDescription", self.draw(_words(70)))
        self.add(reference, "URL", f"https://example.org/{self.draw(_words(20))}?a=b&c=d")


@st.composite
def letters(draw: st.DrawFn) -> bytes:
    """An XDIS91 of XD9134L from 5790001382445 to 5790000121441, in any of the encodings that are seen."""
    writer = _Writer(draw)
    root = etree.fromstring(f'<Emessage xmlns="{NAMESPACE}"/>')
    envelope = writer.add(root, "Envelope")
    writer.clock(envelope, "Sent")
    writer.add(envelope, "Identifier", draw(_words(14)))
    writer.add(envelope, "AcknowledgementCode", draw(st.sampled_from(["pluspositivkvitt", "minuspositivkvitt"])))
    body = writer.add(root, "ClinicalEmail")
    writer.letter(body)
    writer.party(body, "Sender", "5790001382445")
    writer.party(body, "Receiver", "5790000121441")
    writer.patient(body)
    if draw(st.booleans()):
        further = writer.add(body, "AdditionalInformation")
        writer.maybe(further, "Priority", st.sampled_from(["rutine", "høj_prioritet"]))
        writer.maybe(further, "Subject", _words(70))
    for _ in range(draw(st.integers(0, 3))):
        writer.text(body)
    for _ in range(draw(st.integers(0, 3))):
        writer.link(body)
    return serialise(root, draw(st.sampled_from(["ISO-8859-1", "UTF-8", "windows-1252"])))
