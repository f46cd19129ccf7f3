"""One case or more for each carried row of CareCommunication to XDIS91."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversion import Facts, Organisation, Settings
from tests.conversion.rows.case import FACTS, Case
from tests.conversion.rows.to_acknowledgement import Refusal

LETTER = "carecommunication-reply.xml"
LONG = "Æ" * 36
OTHERS = replace(
    FACTS,
    sender=Organisation("5790000120314", "325371000016006", "Sygehuset i registret", None, "1", "sorkode"),
    receiver=Organisation("5790000121526", "325251000016005", "Lægehuset i registret", None, "012345", "ydernummer"),
)
"""Facts that say other things than the message, so that it is seen whose word stands."""

CPR = "urn:oid:1.2.208.176.1.2"
NATIONAL = "urn:oid:1.2.208.176.1.6.1.1"
CLASS = '<code value="AMB"/>'
DECEASED = ('<address>\n          <use value="old"/>', '<deceasedBoolean value="true"/><address><use value="old"/>')
TITLE = "Genoptræning i dit hjem"
LINK = "https://test.example/hjem"
DEFINITION = "http://medcomfhir.dk/ig/messagedefinitions/MessageDefinition/MedComCareCommunicationMessageDefinition|5.0"
OF_3 = (
    (f'<definition value="{DEFINITION}"/>', ""),
    (
        """<identifier>
          <value value="urn:uuid:c29f6032-28bf-4a11-af98-6f451fa77fee"/>
        </identifier>
""",
        "",
    ),
)
"""What makes a message one of 3.0."""
FORMATTED = (
    "&lt;p>Vi tager &lt;b>imod&lt;/b> hende&#10; &amp;amp; hendes kat.&lt;/p>Til &amp;lt;torsdag&amp;gt;&lt;br/>"
)


def _case(
    row: str,
    find: str,
    *expected: str,
    replacing: Sequence[tuple[str, str]] = (),
    facts: Facts = OTHERS,
) -> Case:
    path = f"/o6:Emessage/o6:{find.replace('/', '/o6:')}" if find[0].isupper() else find
    return Case(row, LETTER, "XDIS91", path, expected, replacing, facts)


def _line(start: str) -> str:
    """The lines of the text that start so."""
    return f"//o6:Text01/text()[starts-with(., '{start}')]"


CASES: tuple[Case, ...] = (
    # Envelope: 22:30 UTC in May is half past midnight on the next day in Denmark.
    _case("CX-sent-date", "Envelope/Sent/Date", "2026-05-13"),
    _case("CX-sent-time", "Envelope/Sent/Time", "00:30"),
    _case("CX-envelope-identifier", "Envelope/Identifier", "9Q8GI1DLMSYTMQ"),
    _case("CX-acknowledgement-code", "Envelope/AcknowledgementCode", "pluspositivkvitt"),
    # Letter
    _case("CX-letter-identifier", "ClinicalEmail/Letter/Identifier", "ML5HAHDD10WYZY"),
    _case("CX-version-code", "ClinicalEmail/Letter/VersionCode", "XD9134L"),
    _case("CX-statistical-code", "ClinicalEmail/Letter/StatisticalCode", "XDIS91"),
    _case("CX-type-code", "ClinicalEmail/Letter/TypeCode", "XDIS91"),
    _case("CX-status-code", "ClinicalEmail/Letter/StatusCode", "nytbrev"),
    _case("CX-authorisation-date", "ClinicalEmail/Letter/Authorisation/Date", "2026-05-13"),
    _case("CX-authorisation-time", "ClinicalEmail/Letter/Authorisation/Time", "00:28"),
    _case(
        "CX-newest-segment",
        "ClinicalEmail/Letter/Authorisation/Date",
        "2026-05-01",
        replacing=[("2026-05-12T22:28:30Z", "2026-05-01T08:00:00+02:00")],
    ),
    _case("CX-episode-identifier", "ClinicalEmail/Letter/EpisodeOfCareIdentifier", "d3779c521fc94d9693dc693a4faab338"),
    _case("CX-episode-uuid", "ClinicalEmail/Letter/EpisodeOfCareIdentifier", "d3779c521fc94d9693dc693a4faab338"),
    _case("CX-episode-own-first", "ClinicalEmail/Letter/EpisodeOfCareIdentifier", "d3779c521fc94d9693dc693a4faab338"),
    _case(
        "CX-episode-lpr3-first",
        "ClinicalEmail/Letter/EpisodeOfCareIdentifier",
        "5f3d2a106c1f5b2e8a770c9d1e2f3a4b",
        facts=replace(OTHERS, settings=Settings(lpr3_first=True)),
    ),
    # Sender
    _case("CX-sender-gln", "ClinicalEmail/Sender/EANIdentifier", "5790001382445"),
    _case("CX-sender-sor", "ClinicalEmail/Sender/Identifier", "359001000016000"),
    _case("CX-sender-identifier-code", "ClinicalEmail/Sender/IdentifierCode", "sorkode"),
    _case("CX-sender-name", "ClinicalEmail/Sender/OrganisationName", "Testsygehuset, Afdeling A"),
    _case(
        "CX-sender-name",
        "ClinicalEmail/Sender/OrganisationName",
        LONG[:35],
        replacing=[("Testsygehuset, Afdeling A", LONG)],
    ),
    _case(
        "CX-sender-name-fallback",
        "ClinicalEmail/Sender/OrganisationName",
        "Sygehuset i registret",
        replacing=[('<name value="Testsygehuset, Afdeling A"/>', "")],
    ),
    _case("CX-author-contact", "ClinicalEmail/Sender/TelephoneSubscriberIdentifier", "+45 65 43 20 31 (hverdage"),
    # Receiver
    _case("CX-receiver-gln", "ClinicalEmail/Receiver/EANIdentifier", "5790000121441"),
    _case("CX-receiver-identifier", "ClinicalEmail/Receiver/Identifier", "012345"),
    _case("CX-receiver-identifier-code", "ClinicalEmail/Receiver/IdentifierCode", "ydernummer"),
    _case("CX-receiver-name", "ClinicalEmail/Receiver/OrganisationName", "Testby Kommune"),
    _case(
        "CX-receiver-name",
        "ClinicalEmail/Receiver/OrganisationName",
        LONG[:35],
        replacing=[("Testby Kommune", LONG)],
    ),
    # Patient
    _case("CX-patient-cpr", "ClinicalEmail/Patient/CivilRegistrationNumber", "2512489996"),
    _case(
        "CX-patient-alternative",
        "ClinicalEmail/Patient/AlternativeIdentifier",
        "0703921VJ4",
        replacing=[(f'"{CPR}"', '"urn:oid:1.2.3"')],
    ),
    _case(
        "CX-patient-alternative",
        "ClinicalEmail/Patient/AlternativeIdentifier",
        "1206550VK9",
        replacing=[(f'"{CPR}"', '"urn:oid:1.2.3"'), (f'"{NATIONAL}"', '"urn:oid:1.2.3"')],
    ),
    _case(
        "CX-patient-extra-identifiers",
        "//o6:Text01/text()[starts-with(., 'Der er modtaget flere')]"
        " | //o6:Text01/text()[starts-with(preceding-sibling::text()[1], 'Der er modtaget flere')]"
        " | //o6:Text01/text()[starts-with(preceding-sibling::text()[2], 'Der er modtaget flere')]",
        "Der er modtaget flere end et CPR-nummer i korrespondancemeddelelsen."
        " Derfor er de resterende medsendte CPR-numre indsat her",
        "0703921VJ4",
        "1206550VK9",
    ),
    _case("CX-patient-surname", "ClinicalEmail/Patient/PersonSurnameName", "Testesen"),
    _case(
        "CX-patient-surname",
        "ClinicalEmail/Patient/PersonSurnameName",
        "Æ" * 70,
        replacing=[("Testesen", LONG * 2)],
    ),
    _case(
        "CX-patient-surname-unknown",
        "ClinicalEmail/Patient/PersonSurnameName",
        "Ukendt",
        replacing=[('<family value="Testesen"/>', "")],
    ),
    _case("CX-patient-given", "ClinicalEmail/Patient/PersonGivenName", "Nancy Ann"),
    _case(
        "CX-patient-given", "ClinicalEmail/Patient/PersonGivenName", "Æ" * 70, replacing=[('"Nancy"', f'"{LONG * 2}"')]
    ),
    _case("CX-patient-street", "ClinicalEmail/Patient/StreetName", "Prøvevej 1, 2. th."),
    _case(
        "CX-patient-street", "ClinicalEmail/Patient/StreetName", LONG[:35], replacing=[('"Prøvevej 1"', f'"{LONG}"')]
    ),
    _case("CX-patient-city", "ClinicalEmail/Patient/DistrictName", "Testby"),
    _case("CX-patient-city", "ClinicalEmail/Patient/DistrictName", LONG[:35], replacing=[('"Testby"', f'"{LONG}"')]),
    _case("CX-patient-post-code", "ClinicalEmail/Patient/PostCodeIdentifier", "0999"),
    _case(
        "CX-patient-post-code",
        "ClinicalEmail/Patient/PostCodeIdentifier",
        "DK-0999 T",
        replacing=[('"0999"', '"DK-0999 Testby"')],
    ),
    _case("CX-status-ambulant", "ClinicalEmail/Patient/EpisodeOfCareStatusCode", "ambulant"),
    _case(
        "CX-status-indlagt",
        "ClinicalEmail/Patient/EpisodeOfCareStatusCode",
        "indlagt",
        replacing=[(CLASS, '<code value="IMP"/>')],
    ),
    _case(
        "CX-status-doed",
        "ClinicalEmail/Patient/EpisodeOfCareStatusCode",
        "doed",
        replacing=[(CLASS, '<code value="other"/>'), ('"in-progress"', '"finished"'), DECEASED],
    ),
    _case("CX-status-inaktiv", "ClinicalEmail/Patient/EpisodeOfCareStatusCode", "inaktiv", replacing=[DECEASED]),
    # Additional information
    _case("CX-subject", "ClinicalEmail/AdditionalInformation/Subject", "Vedr. henvisning, Hjemkomst"),
    _case(
        "CX-subject",
        "ClinicalEmail/AdditionalInformation/Subject",
        f"Vedr. henvisning, {LONG}{LONG[:16]}",
        replacing=[("Hjemkomst", LONG * 2)],
    ),
    _case(
        "CX-category",
        "ClinicalEmail/AdditionalInformation/Subject",
        "Udvidet behandlingsansvar, Hjemkomst",
        replacing=[("regarding-referral", "extended-care-responsibility")],
    ),
    _case("CX-topic", "ClinicalEmail/AdditionalInformation/Subject", "Vedr. henvisning, Hjemkomst"),
    _case("CX-priority-asap", "ClinicalEmail/AdditionalInformation/Priority", "høj_prioritet"),
    _case(
        "CX-priority-routine",
        "ClinicalEmail/AdditionalInformation/Priority",
        "rutine",
        replacing=[('<priority value="asap"/>', '<priority value="routine"/>')],
    ),
    # Text
    _case("CX-text", "//o6:Text01/text()[1]", "Vi tager imod hende."),
    _case(
        "CX-text-break",
        "//o6:Text01/node()[position() < 5]/self::o6:Break/following-sibling::text()[1]",
        "Med venlig hilsen",
    ),
    _case(
        "CX-text-xhtml",
        "//o6:Text01/text()[position() < 3]",
        "Vi tager imod hende & hendes kat.",
        "Til <torsdag>",
        replacing=[
            *OF_3,
            ("Vi tager imod hende.&#10;&#10;", FORMATTED),
        ],
    ),
    *(
        Refusal("CX-retraction", LETTER, "XDIS91", "//f:none", ["VS-526"], [*OF_3, change], OTHERS)
        for change in (
            ("reply-message", "retract-message"),
            ("reply-message", "modified-message"),
            ('<status value="unknown"/>', '<status value="entered-in-error"/>'),
        )
    ),
    _case("CX-author-name", _line("Forfatter"), "Forfatter: Ole P Prøvesen"),
    _case("CX-author-role", _line("Stilling"), "Stilling: Sygeplejerske"),
    _case("CX-specific-sender", _line("Specifik afsender"), "Specifik afsender: Lise Prøve, Læge"),
    _case("CX-specific-recipient", _line("Specifik modtager"), "Specifik modtager: Hjemmeplejen Nord, Testby Kommune"),
    _case("CX-remark-reply", _line("Denne"), "Denne meddelelse er et svar på en tidligere meddelelse."),
    _case("CX-activity", _line("Denne"), "Denne meddelelse er et svar på en tidligere meddelelse."),
    _case(
        "CX-remark-forward",
        _line("Denne"),
        "Denne meddelelse er en videresendelse af en tidligere meddelelse.",
        replacing=[("reply-message", "forward-message")],
    ),
    _case(
        "CX-thread",
        _line("Skrevet"),
        "Skrevet 11-05-2026 kl. 11:15 af Kim Eksempel, Visitator, Testby Kommune, tlf. 65432041:",
        "Skrevet 10-05-2026 kl. 09:00 af Kim Eksempel, Visitator, Testby Kommune, tlf. 65432031:",
    ),
    _case("CX-thread", _line("Hun har"), "Hun har det godt."),
    # Attachments and links
    _case(
        "CX-attachment-note",
        "//o6:Text01/text()[last()]",
        "Bilag fra en tidligere meddelelse, ikke medsendt her: Røntgen af hofte, sendt 10-05-2026 kl. 09:00",
    ),
    _case("CX-url", "ClinicalEmail/Reference/URL", LINK),
    _case("CX-url-title", "ClinicalEmail/Reference/RefDescription", TITLE),
    _case("CX-url-title", "ClinicalEmail/Reference/RefDescription", "Æ" * 70, replacing=[(TITLE, LONG * 2)]),
    _case(
        "CX-url-text",
        _line("Link"),
        f"Link: {TITLE} {LINK}/{'x' * 350}",
        replacing=[(LINK, f"{LINK}/{'x' * 350}")],
    ),
)
