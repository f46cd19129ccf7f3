"""CareCommunication 5.0 to XDIS91, row by row: attachments and links; the XBIN01's own rows are in `to_xbin01.py`.

Source: MedCom's mapping table v5.0.0 (January 2026), sheet CareCommunication to XDIS91, in its order and under its
names; what the letters cannot hold from the use cases of the conversion service 3.1.0. Types of objects by the table in
`envelope/object_types.py`.
"""

from __future__ import annotations

from conversion.rows.row import Row

_TABLE = "MedCom mapping CareCommunication 5.0 to XDIS91"
_USE_CASES = "MedCom conversion service use cases 3.1.0"
_TEXT = "ClinicalInformation/Text01"
_ATTACHMENT = "Communication.payload[attachment]"
_CONTENT = f"{_ATTACHMENT}.contentAttachment"
_BIN = "Reference/BIN"


def _row(id_: str, source: str, target: str, rule: str, name: str) -> Row:
    """A row of MedCom's table under the name it has there."""
    return Row(id_, source, target, rule, f"{_TABLE}, {name}")


def _dropped(id_: str, source: str, name: str, why: str = "dropped") -> Row:
    return Row(id_, source, "-", why, f"{_TABLE}, {name}", carried=False)


ATTACHED: tuple[Row, ...] = (
    _row(
        "CX-attachment-identifier",
        f"{_ATTACHMENT}.extension[identifier]",
        f"{_BIN}/ObjectIdentifier",
        "without urn:uuid: and hyphens",
        "attachment id",
    ),
    Row(
        "CX-attachment-identifier-new",
        f"{_ATTACHMENT}.extension[identifier]",
        f"{_BIN}/ObjectIdentifier",
        "no UUID, or another attachment's: a new UUID, the same in the XBIN01",
        "OIOXML 2012/03/28, ObjectIdentifier; vansim",
    ),
    _row("CX-attachment-title", f"{_CONTENT}.title", "Reference/RefDescription", "cut to 70", "attachment code"),
    Row(
        "CX-attachment-untitled",
        f"{_CONTENT}.title, none",
        "Reference/RefDescription",
        "Bilag: XDIS91 must describe what it refers to",
        "OIOXML 2006/07/01, Reference",
    ),
    _row(
        "CX-attachment-type",
        f"{_CONTENT}.contentType",
        f"{_BIN}/ObjectCode",
        "by the table of object types",
        "attachment extension code",
    ),
    Row(
        "CX-attachment-extension",
        f"{_CONTENT}.contentType",
        f"{_BIN}/ObjectExtensionCode",
        "by the table of object types; plo and fnx, which XDIS91 lacks, give bin and zip",
        "OIOXML 2006/07/01, Reference; mapping.md 5.7",
    ),
    Row(
        "CX-attachment-suffix",
        f"{_CONTENT}.title",
        f"{_BIN}/ObjectExtensionCode",
        "the title's suffix decides where the MIME type cannot",
        "oioxml.md 2.4; vansim",
    ),
    _row("CX-attachment-size", f"{_CONTENT}.data", f"{_BIN}/OriginalObjectSize", "bytes, decoded", "attachment size"),
    _row(
        "CX-attachment-data",
        f"{_CONTENT}.data",
        "BinaryLetter/BinaryObject/Object_Base64Encoded",
        "the same characters, in the XBIN01 beside the letter",
        "attachment content",
    ),
    Row(
        "CX-attachment-pairs",
        _ATTACHMENT,
        "Emessage",
        "ten to a pair of XDIS91 and XBIN01, links in the places left",
        f"{_USE_CASES}, S2.A1; OIOXML, ten Reference and ten BinaryObject",
    ),
    Row(
        "CX-attachment-part",
        _ATTACHMENT,
        _TEXT,
        "of several letters each says which it is: del 1 af 2",
        f"{_USE_CASES}, S2.A1",
    ),
    Row(
        "CX-attachment-note",
        f"{_CONTENT} without data and url",
        _TEXT,
        "a note at the very end: title and date",
        f"{_USE_CASES}, S2.A2",
    ),
    _dropped(
        "CX-attachment-date",
        f"{_ATTACHMENT}.extension[date]",
        "attachment date",
        "dropped, but for the note of an earlier attachment",
    ),
    _dropped("CX-attachment-author-role", "PractitionerRole.code", "attachment author role"),
    _dropped("CX-attachment-author-name", "Practitioner.name", "attachment author name"),
    _dropped("CX-attachment-contact", f"{_ATTACHMENT}.extension[authorContact]", "attachment author contact"),
    _dropped("CX-attachment-creation", f"{_CONTENT}.creation", "attachment creation date"),
    _dropped("CX-url-identifier", f"{_ATTACHMENT}.extension[identifier]", "URL id"),
    _row("CX-url-title", f"{_CONTENT}.title", "Reference/RefDescription", "cut to 70", "URL code"),
    _row(
        "CX-url",
        f"{_CONTENT}.url",
        "Reference/URL",
        "copied; with the attachments ten at most in a letter",
        "URL content",
    ),
    Row(
        "CX-url-text",
        f"{_CONTENT}.url",
        _TEXT,
        "what Reference cannot hold: over 350 characters, or after the tenth, attachments first",
        "OIOXML 2006/07/01, Reference",
    ),
    _dropped("CX-url-date", f"{_ATTACHMENT}.extension[date]", "URL date"),
    _dropped("CX-url-author-role", "PractitionerRole.code", "URL author role"),
    _dropped("CX-url-author-name", "Practitioner.name", "URL author name"),
    _dropped("CX-url-contact", f"{_ATTACHMENT}.extension[authorContact]", "URL author contact"),
)
