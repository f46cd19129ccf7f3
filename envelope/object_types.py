"""The types of attached objects: extension and ObjectCode of XBIN01, MIME type of FHIR, both ways in one table.

Extensions: XBIN01 schema 2005/08/07 and 2012/03/28. ObjectCode: what a large receiver expects for each (reference
oioxml.md 2.4), and conversion.md, Defaults. MIME types: the field's own converter (oioxml.md 2.4). CareCommunication
itself allows six of them; the others are converted all the same, and the receiver refuses (conversion.md S1.A4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Code = Literal["tekstfil", "billede", "program", "vektor_grafik", "biosignaler", "multimedie", "proprietaert_indhold"]

UNKNOWN_MIME: Final = "application/octet-stream"
"""Bytes of which nothing is known: says as little as no type at all."""


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One row: an extension of XBIN01 and what it means in FHIR.

    Attributes:
        extension: ObjectExtensionCode.
        code: ObjectCode.
        mime: what FHIR calls it.
        since_2012: whether only the schema of 2012 has it (XB0131X, and not XB0130X).
        own: whether the MIME type leads back to this extension without a title; a row where it does not is lossy.
    """

    extension: str
    code: Code
    mime: str
    since_2012: bool = False
    own: bool = True


@dataclass(frozen=True, slots=True)
class Named:
    """What an attachment is called in XBIN01.

    Attributes:
        extension: ObjectExtensionCode.
        code: ObjectCode.
        lossy: whether its MIME type cannot be told from the extension afterwards.
    """

    extension: str
    code: Code
    lossy: bool


TYPES: Final = (
    ObjectType("pcx", "billede", "image/x-pcx"),
    ObjectType("tiff", "billede", "image/tiff"),
    ObjectType("jpeg", "billede", "image/jpeg"),
    ObjectType("gif", "billede", "image/gif"),
    ObjectType("bmp", "billede", "image/bmp"),
    ObjectType("png", "billede", "image/png"),
    ObjectType("mpg", "multimedie", "video/mpeg"),
    ObjectType("dcm", "billede", "application/dicom"),
    ObjectType("scp", "biosignaler", "application/dicom", own=False),
    ObjectType("txt", "tekstfil", "text/plain"),
    ObjectType("rtf", "tekstfil", "text/rtf"),
    ObjectType("doc", "tekstfil", "application/msword"),
    ObjectType("xls", "tekstfil", "application/vnd.ms-excel"),
    ObjectType("wpd", "tekstfil", "application/wordperfect"),
    ObjectType("exe", "program", UNKNOWN_MIME, own=False),
    ObjectType("pdf", "vektor_grafik", "application/pdf"),
    ObjectType("wav", "multimedie", "audio/wav"),
    ObjectType("avi", "multimedie", "video/avi"),
    ObjectType("mid", "multimedie", "audio/midi"),
    ObjectType("rmi", "multimedie", "audio/mid"),
    ObjectType("com", "program", UNKNOWN_MIME, own=False),
    ObjectType("zip", "proprietaert_indhold", "application/zip"),
    ObjectType("bin", "multimedie", UNKNOWN_MIME),
    ObjectType("inh", "multimedie", UNKNOWN_MIME, own=False),
    ObjectType("plo", "proprietaert_indhold", UNKNOWN_MIME, since_2012=True, own=False),
    ObjectType("fnx", "proprietaert_indhold", "application/zip", since_2012=True, own=False),
)
"""Every extension of both schemas."""

SUFFIXES: Final = {"jpg": "jpeg", "jpe": "jpeg", "jfif": "jpeg", "tif": "tiff", "mpeg": "mpg", "midi": "mid"}
"""What titles say where XBIN01 has another spelling."""

MIME_SPELLINGS: Final = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/tif": "image/tiff",
    "image/pcx": "image/x-pcx",
    "image/x-ms-bmp": "image/bmp",
    "application/x-pdf": "application/pdf",
    "application/rtf": "text/rtf",
    "application/vnd.wordperfect": "application/wordperfect",
    "application/x-zip-compressed": "application/zip",
    "audio/x-wav": "audio/wav",
    "video/x-msvideo": "video/avi",
    "audio/x-midi": "audio/midi",
}
"""Other names of the same types; they come back as the name in the table."""

_BY_EXTENSION: Final = {row.extension: row for row in TYPES}
_BY_MIME: Final = {row.mime: row for row in TYPES if row.own}


def mime_of(extension: str) -> str:
    """The MIME type of an ObjectExtensionCode; of one that XBIN01 does not have, application/octet-stream."""
    row = _BY_EXTENSION.get(extension.strip().lower())
    return UNKNOWN_MIME if row is None else row.mime


def extension_of(mime: str | None, title: str | None, version: str = "XB0131X") -> Named:
    """The ObjectExtensionCode and ObjectCode of an attachment.

    The MIME type decides; where several extensions share it, or it says nothing (none, application/octet-stream, one
    that XBIN01 has no extension for), the title's suffix does. With neither it is `bin`: `multimedie` where the type
    says that these are just bytes, as receivers know it, and `proprietaert_indhold` where it is another
    type that XBIN01 cannot name, for a receiver must not try to play a text.

    Args:
        mime: contentType, with or without parameters.
        title: the attachment's title.
        version: XB0130X has no `plo` and no `fnx`.
    """
    written = (mime or "").strip().lower()
    bare = written.partition(";")[0].strip()
    bare = MIME_SPELLINGS.get(bare, bare)
    row = _BY_MIME.get(bare)
    if row is None or row.mime == UNKNOWN_MIME or any(each.mime == row.mime and not each.own for each in TYPES):
        named = _by_suffix(title, version)
        if named is not None and (row is None or row.mime in {UNKNOWN_MIME, named.mime}):
            row = named
    if row is None:
        return Named("bin", "multimedie" if not bare else "proprietaert_indhold", lossy=True)
    return Named(row.extension, row.code, lossy=row.mime != written)


def _by_suffix(title: str | None, version: str) -> ObjectType | None:
    stem, dot, suffix = (title or "").strip().lower().rpartition(".")
    row = _BY_EXTENSION.get(SUFFIXES.get(suffix, suffix)) if stem and dot else None
    return None if row is not None and row.since_2012 and version == "XB0130X" else row
