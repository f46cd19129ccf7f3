"""One case or more for each row about attachments of CareCommunication to XDIS91 and XBIN01.

The reply gets attachments of its own, behind the ones that it has: an earlier message's and a link.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace

from conversion import Facts, Organisation
from conversion.identifiers import Identifiers
from tests.conversion.rows.case import FACTS, Case

LETTER = "carecommunication-reply.xml"
OTHERS = replace(
    FACTS,
    sender=Organisation("5790000120314", "325371000016006", "Sygehuset i registret", None, "1", "sorkode"),
    receiver=Organisation("5790000121526", "325251000016005", "Lægehuset i registret", None, "012345", "ydernummer"),
)
"""Facts that say other things than the message, so that it is seen whose word stands."""

CONTENT = b"%PDF-1.4 en side"
DATA = base64.b64encode(CONTENT).decode()
CORE = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core-"
REFERENCE = "ClinicalEmail/Reference"
OBJECT = "BinaryLetter/BinaryObject"
UUID = "7A6B0C1D-2222-4222-8333-00000000000a"
END = "</payload>\n      </Communication>"


def attached(
    title: str = "Røntgenbillede", mime: str = "application/pdf", identifier: str = f"urn:uuid:{UUID}", data: str = DATA
) -> str:
    """An attachment as a payload."""
    return (
        f"<payload><extension url='{CORE}datetime-extension'><valueDateTime value='2026-05-12T22:29:00Z'/></extension>"
        f"<extension url='{CORE}identifier-extension'><valueIdentifier><value value='{identifier}'/>"
        "<assigner><reference value='Organization/hospital'/></assigner></valueIdentifier></extension>"
        f"<contentAttachment><contentType value='{mime}'/><data value='{data}'/><title value='{title}'/>"
        "</contentAttachment></payload>"
    )


def with_attached(*payloads: str) -> tuple[str, str]:
    """What makes the reply carry these."""
    return (END, "</payload>" + "".join(payloads) + "</Communication>")


def many(count: int) -> tuple[str, str]:
    """What makes the reply carry so many, each with an identifier and a title of its own."""
    return with_attached(
        *(attached(f"Bilag nr. {number}", identifier=f"urn:uuid:{UUID[:-2]}{number:02}") for number in range(count))
    )


def case(
    row: str,
    find: str,
    *expected: str,
    carrying: tuple[str, str] | None = None,
    replacing: Sequence[tuple[str, str]] = (),
    facts: Facts = OTHERS,
    output: int = 0,
) -> Case:
    """The case of a row: a path under Emessage of letter number `output`, or a whole XPath."""
    release = "o6" if output % 2 == 0 else "o12"
    path = f"/{release}:Emessage/{release}:{find.replace('/', f'/{release}:')}" if find[0].isupper() else find
    changes = (*replacing, carrying or with_attached(attached()))
    return Case(row, LETTER, "XDIS91", path, expected, changes, facts, output)


_NEW = Identifiers(FACTS.seed).uuid("object/6")

CASES: tuple[Case, ...] = (
    case("CX-attachment-identifier", f"{REFERENCE}/BIN/ObjectIdentifier", UUID.replace("-", "")),
    case(
        "CX-attachment-identifier-new",
        f"{REFERENCE}/BIN/ObjectIdentifier",
        _NEW.replace("-", ""),
        carrying=with_attached(attached(identifier="urn:oid:1.2.3")),
    ),
    case(
        "CX-attachment-identifier-new",
        f"{OBJECT}/ObjectIdentifier",
        UUID,
        Identifiers(FACTS.seed).uuid("object/7"),
        carrying=with_attached(attached(), attached(identifier=f"URN:UUID:{UUID.lower()}")),
        output=1,
    ),
    case("CX-attachment-title", "//o6:Reference[o6:BIN]/o6:RefDescription", "Røntgenbillede"),
    case(
        "CX-attachment-title",
        "//o6:Reference[o6:BIN]/o6:RefDescription",
        "Æ" * 70,
        carrying=with_attached(attached(title="Æ" * 71)),
    ),
    case(
        "CX-attachment-untitled",
        "//o6:Reference[o6:BIN]/o6:RefDescription",
        "Bilag",
        carrying=with_attached(attached(title=" ")),
    ),
    case("CX-attachment-type", f"{REFERENCE}/BIN/ObjectCode", "vektor_grafik"),
    case(
        "CX-attachment-type",
        f"{REFERENCE}/BIN/ObjectCode",
        *["billede"] * 5,
        carrying=with_attached(
            *(attached(mime=f"image/{kind}", identifier=kind) for kind in ("gif", "jpeg", "png", "tiff", "bmp"))
        ),
    ),
    case("CX-attachment-extension", f"{REFERENCE}/BIN/ObjectExtensionCode", "pdf"),
    case(
        "CX-attachment-extension",
        f"{REFERENCE}/BIN/ObjectExtensionCode",
        "jpeg",
        "tiff",
        carrying=with_attached(attached("a.jpg", "image/jpeg"), attached("b.tif", "image/tiff")),
    ),
    case(
        "CX-attachment-suffix",
        f"{REFERENCE}/BIN/ObjectExtensionCode",
        "doc",
        carrying=with_attached(attached("Brev.DOC", "application/octet-stream")),
    ),
    case("CX-attachment-size", f"{REFERENCE}/BIN/OriginalObjectSize", str(len(CONTENT))),
    case("CX-attachment-data", f"{OBJECT}/Object_Base64Encoded", DATA, output=1),
    case("CX-attachment-pairs", "concat(count(//o6:BIN), ' ', count(//o6:URL))", "10 0", carrying=many(12)),
    case("CX-attachment-pairs", "concat(count(//o6:BIN), ' ', count(//o6:URL))", "2 1", carrying=many(12), output=2),
    case("CX-attachment-pairs", "string(count(//o12:BinaryObject))", "10", carrying=many(12), output=1),
    case("CX-attachment-pairs", "string(count(//o12:BinaryObject))", "2", carrying=many(12), output=3),
    case(
        "CX-attachment-part",
        "//o6:Text01/text()[contains(., 'del ')]",
        "Meddelelsens bilag er fordelt på flere breve. Dette brev er del 1 af 2.",
        carrying=many(11),
    ),
    case(
        "CX-attachment-part",
        "//o6:Text01/text()[contains(., 'del ')]",
        "Meddelelsens bilag er fordelt på flere breve. Dette brev er del 3 af 3.",
        carrying=many(21),
        output=4,
    ),
)
