"""Attachments of XDIS91 and XBIN01 to CareCommunication 5.0, row by row.

Source: MedCom's mapping table v5.0.0 (January 2026), sheet XDIS91 to CareCommunication, its columns for XBIN01, and the
use cases of the conversion service 3.1.0, S1.A1 to S1.A4. Paths of the source are under `Emessage`. Whatever both
letters say, parties, patient and times, is the XDIS91's; that the XBIN01 says the same is checked.
"""

from __future__ import annotations

from conversion.rows.row import Row

_TABLE = "MedCom mapping XDIS91 to CareCommunication 5.0"
_USE_CASES = "MedCom conversion service use cases 3.1.0, {}"
_BIN = "ClinicalEmail/Reference/BIN"
_OBJECT = "BinaryLetter/BinaryObject"
_PAYLOAD = "payload[attachment]"
_CONTENT = f"{_PAYLOAD}.contentAttachment"
_OF_LETTER = "dropped: the XDIS91's is taken"


def _dropped(id_: str, source: str, why: str = "dropped") -> Row:
    return Row(id_, source, "-", why, _TABLE, carried=False)


FROM_XBIN01: tuple[Row, ...] = (
    # Reference and its object
    Row(
        "XC-attachment-id",
        f"{_BIN}/ObjectIdentifier",
        f"{_PAYLOAD}.extension[identifier].value",
        "lower case, hyphens put in, urn:uuid",
        _TABLE,
    ),
    Row(
        "XC-attachment-new-id",
        f"{_OBJECT}/ObjectIdentifier",
        f"{_PAYLOAD}.extension[identifier].value",
        "new UUID where XB0130X has an identifier of another form, and a finding",
        "OIOXML 2005/08/07, ObjectIdentifier; vansim",
    ),
    Row(
        "XC-attachment-assigner",
        "-",
        f"{_PAYLOAD}.extension[identifier].assigner",
        "the sender",
        _USE_CASES.format("S1"),
    ),
    Row("XC-attachment-title", "ClinicalEmail/Reference/RefDescription", f"{_CONTENT}.title", "copied", _TABLE),
    Row("XC-no-attachment-title", "-", f"{_CONTENT}.title", "Bilag where it is blank", "vansim"),
    Row(
        "XC-attachment-type",
        f"{_BIN}/ObjectExtensionCode",
        f"{_CONTENT}.contentType",
        "by the table of types; the object's own extension where it is there",
        _TABLE,
    ),
    Row(
        "XC-attachment-type-allowed",
        f"{_OBJECT}/ObjectExtensionCode",
        "(remembered)",
        "a type that CareCommunication does not have is converted, and kept for the receipt",
        _USE_CASES.format("S1.A4"),
    ),
    Row(
        "XC-attachment-content",
        f"{_OBJECT}/Object_Base64Encoded",
        f"{_CONTENT}.data",
        "copied, without white space; of the object with the Reference's identifier, hyphens and case aside",
        _TABLE,
    ),
    Row("XC-attachment-date", "ClinicalEmail/Letter/Authorisation", f"{_PAYLOAD}.extension[date]", "with zone", _TABLE),
    Row("XC-provenance-attachment", "-", "Provenance.entity[source]", "the attachment's identifier", _TABLE),
    Row(
        "XC-attachment-incomplete",
        f"{_BIN}/ObjectIdentifier",
        "(remembered)",
        "without its object: title and content left out, and kept for the receipt",
        _USE_CASES.format("S1.A2, S1.A3 and R1.A2"),
    ),
    _dropped("XC-attachment-code", f"{_BIN}/ObjectCode"),
    _dropped("XC-attachment-size", f"{_BIN}/OriginalObjectSize"),
    # XBIN01 as a letter
    Row(
        "XC-bin-identity",
        "Envelope/Identifier, BinaryLetter/Letter/Identifier and VersionCode",
        "(remembered)",
        "kept for the receipt",
        _TABLE,
    ),
    Row(
        "XC-bin-parties",
        "BinaryLetter/Sender, Receiver and Patient",
        "(finding)",
        "another location number or patient than the letter's is told of",
        "oioxml.md 3; vansim",
    ),
    _dropped("XC-bin-sent", "Envelope/Sent of the XBIN01", _OF_LETTER),
    _dropped("XC-bin-acknowledgement-code", "Envelope/AcknowledgementCode of the XBIN01", _OF_LETTER),
    _dropped("XC-bin-statistical-code", "BinaryLetter/Letter/StatisticalCode"),
    _dropped("XC-bin-authorisation", "BinaryLetter/Letter/Authorisation", _OF_LETTER),
    _dropped("XC-bin-type-code", "BinaryLetter/Letter/TypeCode", _OF_LETTER),
    _dropped("XC-bin-status-code", "BinaryLetter/Letter/StatusCode", _OF_LETTER),
    *(
        _dropped(f"XC-bin-{party.lower()}-{name}", f"BinaryLetter/{party}/{element}", _OF_LETTER)
        for party in ("Sender", "Receiver")
        for name, element in (
            ("gln", "EANIdentifier"),
            ("identifier", "Identifier"),
            ("identifier-code", "IdentifierCode"),
            ("organisation", "OrganisationName"),
            ("department", "DepartmentName"),
            ("unit", "UnitName"),
            ("street", "StreetName"),
            ("suburb", "SuburbName"),
            ("district", "DistrictName"),
            ("post-code", "PostCodeIdentifier"),
        )
    ),
    _dropped("XC-bin-sender-telephone", "BinaryLetter/Sender/TelephoneSubscriberIdentifier", _OF_LETTER),
    _dropped("XC-bin-sender-speciality", "BinaryLetter/Sender/MedicalSpecialityCode"),
    _dropped("XC-bin-patient-cpr", "BinaryLetter/Patient/CivilRegistrationNumber", _OF_LETTER),
    _dropped("XC-bin-patient-replacement", "BinaryLetter/Patient/AlternativeIdentifier", _OF_LETTER),
    _dropped("XC-bin-patient-family", "BinaryLetter/Patient/PersonSurnameName", _OF_LETTER),
    _dropped("XC-bin-patient-given", "BinaryLetter/Patient/PersonGivenName", _OF_LETTER),
    _dropped("XC-bin-system-information", "BinaryLetter/SystemInformation"),
    _dropped("XC-bin-contents", "BinaryLetter/Contents"),
    _dropped("XC-bin-object-code", f"{_OBJECT}/ObjectCode"),
    _dropped("XC-bin-object-size", f"{_OBJECT}/OriginalObjectSize", "dropped; checked against the decoded bytes"),
)
