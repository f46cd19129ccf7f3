"""CareCommunications made for tests, out of invented people and the published series of CPR numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape

from lxml import etree

from envelope.fhir.values import NS

MEDCOM = "http://medcomfhir.dk/ig"
TERMS = f"{MEDCOM}/terminology/CodeSystem"
CORE = f"{MEDCOM}/core/StructureDefinition/medcom-core-"
SITE = "https://test.example/fhir"
ROLES = f"{TERMS}/medcom-core-PractitionerRolesSKSadministrativ"
CPR = ("urn:oid:1.2.208.176.1.2", "2512489996")
NATIONAL = ("urn:oid:1.2.208.176.1.6.1.1", "0703921VJ4")
LOCAL = ("urn:oid:1.2.208.176.1.6.1.3.177", "1206550VK9")
LPR3 = ("https://www.esundhed.dk/Registre/Landspatientregisteret", "urn:uuid:5f3d2a10-6c1f-5b2e-8a77-0c9d1e2f3a4b")
OWN = ("https://sor2.sum.dsdn.dk/#id=359001000016000", "urn:uuid:d3779c52-1fc9-4d96-93dc-693a4faab338")
HEADER = "1c7a54a5-6d7a-4f11-9a3e-2b8d44f3a001"
BUNDLE = "9d3b0f62-0a51-4a57-8b57-6f3f5f0e7001"


@dataclass(frozen=True)
class Text:
    """One text segment, from `hospital` or `municipality`."""

    text: str
    date: str
    by: str = "hospital"
    telephone: str = "65432031"
    new: bool = True


@dataclass(frozen=True)
class File:
    """An attachment payload: with `data`, with `url`, or with neither; its identifier is one by its place, or given."""

    title: str
    date: str = "2026-05-10T10:00:00+02:00"
    data: str = ""
    url: str = ""
    mime: str = "application/pdf"
    identifier: str = ""


@dataclass(frozen=True)
class Message:
    """A CareCommunication 5.0, or of `version`; each test says what differs."""

    payloads: Sequence[Text | File] = (Text("Kære kolleger\nPatienten kan komme hjem.", "2026-05-12T14:00:00+02:00"),)
    activity: str = "new-message"
    timestamp: str = "2026-05-12T14:00:05+02:00"
    category: str = "discharge"
    topic: str | None = "Hjemsendelse"
    priority: str | None = None
    numbers: Sequence[tuple[str, str]] = (CPR,)
    family: str | None = "Testesen"
    given: Sequence[str] = ("Nancy", "Ann")
    address: str = ""
    deceased: str = ""
    episodes: Sequence[tuple[str, str]] = ()
    encounter: tuple[str, str] = ("AMB", "in-progress")
    sender_name: str | None = "Testsygehuset, Afdeling A"
    receiver_name: str | None = "Testby Kommune"
    sender_identifiers: Sequence[tuple[str, str]] = (
        ("https://www.gs1.org/gln", "5790001382445"),
        ("urn:oid:1.2.208.176.1.1", "359001000016000"),
    )
    receiver_identifiers: Sequence[tuple[str, str]] = (
        ("https://www.gs1.org/gln", "5790000121441"),
        ("urn:oid:1.2.208.176.1.1", "328051000016008"),
    )
    author: str = "<family value='Prøvesen'/><given value='Ole'/><given value='P'/>"
    role: str = f"<coding><system value='{ROLES}'/><code value='sygeplejerske'/></coding>"
    extra: str = ""
    definition: str = f"{MEDCOM}/messagedefinitions/MessageDefinition/MedComCareCommunicationMessageDefinition|5.0"
    version: str = "5.0"
    without: Sequence[str] = field(default=())

    def but(self, **changes: object) -> Message:
        """The same with changes."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def xml(self) -> bytes:
        """The bundle."""
        resources = [
            ("MessageHeader", HEADER, "messaging", self._header()),
            ("Communication", "communication-1", "carecommunication", self._communication()),
            *self._provenances(),
            ("Patient", "patient-1", "core", self._patient()),
            ("Organization", "municipality", "messaging", self._organization_of_receiver()),
            ("Organization", "hospital", "messaging", self._organization_of_sender()),
            ("PractitionerRole", "role-hospital", "core", _role("hospital", self.role)),
            ("Practitioner", "practitioner-hospital", "core", f"<name>{self.author}</name>"),
            ("PractitionerRole", "role-municipality", "core", _role("municipality", "<text value='Visitator'/>")),
            (
                "Practitioner",
                "practitioner-municipality",
                "core",
                "<name><family value='Eksempel'/><given value='Kim'/></name>",
            ),
            *self._encounter(),
        ]
        entries = "".join(
            f"<entry><fullUrl value='{SITE}/{name}/{id_}'/><resource><{name}><id value='{id_}'/>"
            f"<meta><profile value='{_profile(name, self.version)}'/></meta>{_narrative(name, id_)}{content}"
            f"</{name}></resource></entry>"
            for name, id_, _, content in resources
            if name not in self.without
        )
        return (
            f"<Bundle xmlns='http://hl7.org/fhir'><id value='{BUNDLE}'/><meta><profile value='{MEDCOM}"
            f"/carecommunication/StructureDefinition/medcom-careCommunication-message'/></meta><type value='message'/>"
            f"<timestamp value='{self.timestamp}'/>{entries}{self.extra}</Bundle>"
        ).encode()

    def _header(self) -> str:
        return (
            f"<eventCoding><system value='{TERMS}/medcom-messaging-eventCodes'/>"
            "<code value='care-communication-message'/></eventCoding><destination>"
            f"<extension url='{MEDCOM}/messaging/StructureDefinition/medcom-messaging-destinationUseExtension'>"
            f"<valueCoding><system value='{TERMS}/medcom-messaging-destinationUse'/><code value='primary'/>"
            "</valueCoding></extension><endpoint value='https://sor2.sum.dsdn.dk/#id=328051000016008'/>"
            "<receiver><reference value='Organization/municipality'/></receiver></destination>"
            "<sender><reference value='Organization/hospital'/></sender>"
            "<source><endpoint value='https://sor2.sum.dsdn.dk/#id=359001000016000'/></source>"
            "<focus><reference value='Communication/communication-1'/></focus>"
            f"{self._definition()}"
        )

    def _definition(self) -> str:
        early = f"{MEDCOM}/carecommunication/medcom-careCommunication-message-definition|4.0.0"
        written = {"5.0": self.definition, "4.0": early}.get(self.version)
        return f"<definition value='{written}'/>" if written else ""

    def _communication(self) -> str:
        topic = "" if self.topic is None else f"<topic><text value={_quoted(self.topic)}/></topic>"
        priority = "" if self.priority is None else f"<priority value='{self.priority}'/>"
        encounter = "<encounter><reference value='Encounter/encounter-1'/></encounter>" if self.episodes else ""
        thread = "<identifier><value value='urn:uuid:c29f6032-28bf-4a11-af98-6f451fa77fee'/></identifier>"
        return (
            ("" if self.version == "3.0" else thread) + "<status value='unknown'/><category><coding>"
            f"<system value='{TERMS}/medcom-careCommunication-categoryCodes'/>"
            f"<code value='{self.category}'/></coding></category>{priority}"
            f"<subject><reference value='Patient/patient-1'/></subject>{topic}{encounter}"
            + "".join(_payload(payload, position) for position, payload in enumerate(self.payloads))
        )

    def _patient(self) -> str:
        family = (
            "<family><extension url='http://hl7.org/fhir/StructureDefinition/data-absent-reason'>"
            "<valueCode value='unknown'/></extension></family>"
            if self.family is None
            else f"<family value={_quoted(self.family)}/>"
        )
        given = "".join(f"<given value={_quoted(name)}/>" for name in self.given)
        name = f"<name><use value='official'/>{family}{given}</name>"
        return f"{_identifiers(self.numbers)}{name}{self.deceased}{self.address}"

    def _organization_of_sender(self) -> str:
        return _identifiers(self.sender_identifiers) + _name(self.sender_name)

    def _organization_of_receiver(self) -> str:
        return _identifiers(self.receiver_identifiers) + _name(self.receiver_name)

    def _encounter(self) -> list[tuple[str, str, str, str]]:
        if not self.episodes:
            return []
        class_, status = self.encounter
        system = (
            f"{TERMS}/medcom-core-encounter-act-codes"
            if class_ == "other"
            else "http://terminology.hl7.org/CodeSystem/v3-ActCode"
        )
        episodes = "".join(f"<episodeOfCare>{_identifiers([episode])}</episodeOfCare>" for episode in self.episodes)
        content = (
            f"<status value='{status}'/><class><system value='{system}'/><code value='{class_}'/></class>"
            f"<subject><reference value='Patient/patient-1'/></subject>{episodes}"
        )
        return [("Encounter", "encounter-1", "core", content)]

    def _provenances(self) -> list[tuple[str, str, str, str]]:
        named = [(one, _identifier(one, place)) for place, one in enumerate(self.payloads)]

        def told(identifiers: Sequence[str]) -> Sequence[str]:
            return () if self.version == "3.0" else identifiers

        now = [identifier for one, identifier in named if not (isinstance(one, Text) and not one.new)]
        before = [identifier for one, identifier in named if isinstance(one, Text) and not one.new]
        made = [
            ("Provenance", "provenance-2", "", _provenance(HEADER, self.activity, told(now), "hospital", bool(before)))
        ]
        if before:
            made.append(
                ("Provenance", "provenance-1", "", _provenance("older", "new-message", told(before), "municipality"))
            )
        return made


def without(message: bytes, path: str) -> bytes:
    """The message without the first element at a path under the Bundle."""
    root = etree.fromstring(message)
    found = root.find("/".join(NS + step for step in path.split("/")))
    assert found is not None
    parent = found.getparent()
    assert parent is not None
    parent.remove(found)
    return etree.tostring(root)


def _payload(payload: Text | File, position: int) -> str:
    by = payload.by if isinstance(payload, Text) else "hospital"
    named = _identifier(payload, position)
    extensions = (
        f"<extension url='{CORE}datetime-extension'><valueDateTime value='{payload.date}'/></extension>"
        f"<extension url='{CORE}identifier-extension'><valueIdentifier><value value='{named}'/>"
        f"<assigner><reference value='Organization/{by}'/></assigner></valueIdentifier></extension>"
    )
    if isinstance(payload, Text):
        return (
            f"<payload>{extensions}<extension url='{CORE}practitioner-extension'><valueReference>"
            f"<reference value='PractitionerRole/role-{by}'/></valueReference></extension>"
            f"<extension url='{CORE}contact-extension'><valueContactPoint><system value='phone'/>"
            f"<value value={_quoted(payload.telephone)}/></valueContactPoint></extension>"
            f"<contentString value={_quoted(payload.text)}/></payload>"
        )
    content = f"<contentType value='{payload.mime}'/><data value='{payload.data}'/>" if payload.data else ""
    url = f"<url value={_quoted(payload.url)}/>" if payload.url else ""
    title = f"<title value={_quoted(payload.title)}/>"
    return f"<payload>{extensions}<contentAttachment>{content}{url}{title}</contentAttachment></payload>"


def _provenance(header: str, activity: str, payloads: Sequence[str], by: str, answers: bool = False) -> str:
    entities = "".join(
        f"<entity><role value='source'/><what><identifier><value value='{one}'/></identifier></what></entity>"
        for one in payloads
    )
    revision = (
        "<entity><role value='revision'/><what><reference value='MessageHeader/older'/></what></entity>"
        if answers
        else ""
    )
    return (
        f"<target><reference value='MessageHeader/{header}'/></target>"
        "<occurredDateTime value='2026-05-12T14:00:00+02:00'/><recorded value='2026-05-12T14:00:00+02:00'/>"
        f"<activity><coding><system value='{TERMS}/medcom-messaging-activityCodes'/><code value='{activity}'/></coding>"
        f"</activity><agent><who><reference value='Organization/{by}'/></who></agent>{entities}{revision}"
    )


def _role(by: str, role: str) -> str:
    return (
        f"<practitioner><reference value='Practitioner/practitioner-{by}'/></practitioner>"
        f"<organization><reference value='Organization/{by}'/></organization><code>{role}</code>"
    )


def _identifiers(numbers: Sequence[tuple[str, str]]) -> str:
    return "".join(
        f"<identifier><system value='{system}'/><value value='{value}'/></identifier>" for system, value in numbers
    )


def _name(name: str | None) -> str:
    return "" if name is None else f"<name value={_quoted(name)}/>"


def _profile(name: str, version: str) -> str:
    if name == "Provenance" and version == "3.0":
        return f"{MEDCOM}/messaging/StructureDefinition/medcom-messaging-provenance"
    folder, profile = {
        "MessageHeader": ("carecommunication", "medcom-careCommunication-messageHeader"),
        "Communication": ("carecommunication", "medcom-careCommunication-communication"),
        "Provenance": ("carecommunication", "medcom-careCommunication-provenance"),
        "Organization": ("messaging", "medcom-messaging-organization"),
    }.get(name, ("core", f"medcom-core-{name.lower()}"))
    return f"{MEDCOM}/{folder}/StructureDefinition/{profile}"


def _narrative(name: str, id_: str) -> str:
    return f"<text><status value='generated'/><div xmlns='http://www.w3.org/1999/xhtml'>{name} {id_}</div></text>"


def _identifier(payload: Text | File, position: int) -> str:
    return (payload.identifier if isinstance(payload, File) else "") or _uuid(position)


def _uuid(position: int) -> str:
    return f"urn:uuid:7a6b0c1d-1111-4222-8333-{position:012x}"


def _quoted(text: str) -> str:
    marks = {"'": "&apos;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    return f"'{escape(text, marks)}'"
