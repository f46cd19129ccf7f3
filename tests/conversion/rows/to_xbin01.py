"""One case or more for each row of CareCommunication to XBIN01."""

from __future__ import annotations

from conversion.identifiers import Identifiers
from tests.conversion.rows.attachments import CONTENT, OBJECT, OTHERS, UUID, attached, case, with_attached
from tests.conversion.rows.case import Case

CPR = '"urn:oid:1.2.208.176.1.2"'
_serial = Identifiers(OTHERS.seed).serial


def _case(
    row: str,
    find: str,
    *expected: str,
    carrying: tuple[str, str] | None = None,
    replacing: tuple[tuple[str, str], ...] = (),
) -> Case:
    return case(f"CX-xbin-{row}", find, *expected, carrying=carrying, replacing=replacing, output=1)


CASES: tuple[Case, ...] = (
    # Envelope
    _case("sent-date", "Envelope/Sent/Date", "2026-05-13"),
    _case("sent-time", "Envelope/Sent/Time", "00:30"),
    _case("envelope-identifier", "Envelope/Identifier", _serial("xbin/envelope")),
    _case("acknowledgement-code", "Envelope/AcknowledgementCode", "pluspositivkvitt"),
    # Letter
    _case("letter-identifier", "BinaryLetter/Letter/Identifier", _serial("xbin/letter")),
    _case("version-code", "BinaryLetter/Letter/VersionCode", "XB0131X"),
    _case("statistical-code", "BinaryLetter/Letter/StatisticalCode", "XBIN01"),
    _case("type-code", "BinaryLetter/Letter/TypeCode", "XBIN01"),
    _case("status-code", "BinaryLetter/Letter/StatusCode", "nytbrev"),
    _case("authorisation-date", "BinaryLetter/Letter/Authorisation/Date", "2026-05-13"),
    _case("authorisation-time", "BinaryLetter/Letter/Authorisation/Time", "00:28"),
    # Sender and receiver
    _case("sender-gln", "BinaryLetter/Sender/EANIdentifier", "5790001382445"),
    _case("sender-sor", "BinaryLetter/Sender/Identifier", "359001000016000"),
    _case("sender-identifier-code", "BinaryLetter/Sender/IdentifierCode", "sorkode"),
    _case("sender-name", "BinaryLetter/Sender/OrganisationName", "Testsygehuset, Afdeling A"),
    _case("author-contact", "BinaryLetter/Sender/TelephoneSubscriberIdentifier", "+45 65 43 20 31 (hverdage"),
    _case("receiver-gln", "BinaryLetter/Receiver/EANIdentifier", "5790000121441"),
    _case("receiver-identifier", "BinaryLetter/Receiver/Identifier", "012345"),
    _case("receiver-identifier-code", "BinaryLetter/Receiver/IdentifierCode", "ydernummer"),
    _case("receiver-name", "BinaryLetter/Receiver/OrganisationName", "Testby Kommune"),
    # Patient
    _case("patient-cpr", "BinaryLetter/Patient/CivilRegistrationNumber", "2512489996"),
    _case(
        "patient-alternative",
        "BinaryLetter/Patient/AlternativeIdentifier",
        "0703921VJ4",
        replacing=((CPR, '"urn:oid:1.2.3"'),),
    ),
    _case("patient-surname", "BinaryLetter/Patient/PersonSurnameName", "Testesen"),
    _case("patient-given", "BinaryLetter/Patient/PersonGivenName", "Nancy Ann"),
    # Objects
    _case("object-identifier", f"{OBJECT}/ObjectIdentifier", UUID),
    _case("object-code", f"{OBJECT}/ObjectCode", "vektor_grafik"),
    _case("object-extension", f"{OBJECT}/ObjectExtensionCode", "pdf"),
    _case(
        "object-extension",
        f"{OBJECT}/ObjectExtensionCode",
        "plo",
        carrying=with_attached(attached("Måling.plo", "application/octet-stream")),
    ),
    _case("object-size", f"{OBJECT}/OriginalObjectSize", str(len(CONTENT))),
)
