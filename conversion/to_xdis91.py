"""CareCommunication 5.0, 4.0 and 3.0 to XDIS91 (XD9134L) and XBIN01 (XB0131X): what the stylesheets cannot say.

Source: MedCom's mapping XDIS91 and CareCommunication v5.0.0 (January 2026), FHIR to OIOXML, and use cases of the
conversion service 3.1.0, S2. The table is 5.0's; 4.0 and 3.0 are read by it too, for what it speaks of is written
alike in all three, but for the texts of 3.0 [INFER: MedCom's tables of those years are not at hand]. The rows are in
`conversion/rows/to_xdis91.py` and `conversion/rows/to_xbin01.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

from lxml import etree

from conversion.checking import check_message, refuse_made
from conversion.converted import Converted, Output
from conversion.demands import nameless, parties, refuse_patient, refuse_retraction
from conversion.displays import CATEGORIES, ROLES, as_parameter
from conversion.division import Part, divide
from conversion.errors import (
    SOURCES,
    TOO_MANY_LETTERS,
    TOO_MANY_PAYLOADS,
    VERSION_NOT_CONVERTED,
)
from conversion.facts import Facts, Identity, Remembered
from conversion.identifiers import Identifiers
from conversion.limits import MOST_PAIRS, MOST_PAYLOADS, MOST_TEXT
from conversion.rows import carries
from conversion.stylesheet import stylesheet
from conversion.thread import PAYLOAD, Thread, activity, read_thread
from conversion.times import local
from conversion.xhtml import plain_of_xhtml
from envelope.attachments import Attachments
from envelope.cutting import Slim
from envelope.fhir.bundle import CARE_COMMUNICATION, Bundle, read_bundle
from envelope.fhir.values import NS, value
from envelope.findings import Refused
from envelope.oioxml.formatted_text import fill_text
from envelope.oioxml.reading import Letter, identify, letters
from envelope.oioxml.reading import value as letter_value
from envelope.oioxml.rules import validate as validate_letter
from envelope.oioxml.writing import serialise
from envelope.pieces import put_back

TYPE = "XDIS91"
VERSION = "XD9134L"
NAMESPACE = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"
VERSIONS_READ = ("5", "4", "3")
"""The major versions of CareCommunication that are converted."""
ENCODING = "ISO-8859-1"
STYLESHEET = "carecommunication_to_xdis91"
TYPE_BESIDE = "XBIN01"
VERSION_BESIDE = "XB0131X"
STYLESHEET_BESIDE = "xdis91_to_xbin01"

_CATEGORIES = as_parameter(CATEGORIES)
_ROLES = as_parameter(ROLES)


def to_xdis91(sources: Sequence[Slim], facts: Facts, profile: bool = True) -> Converted:
    """Convert one CareCommunication (5.x, 4.0, 3.0) to one XDIS91, and with attachments to an XBIN01 beside it.

    Args:
        sources: the bundle, XML or JSON; exactly one.
        facts: of the conversion; `accepted` and `output_format` are not used.
        profile: whether MedCom's profiles are checked on the bundle, beside its structure, and the letters that are
            made against their schemas.

    Returns:
        one XDIS91; with attachments an XBIN01 after it; with more than ten such a pair for every ten.

    Raises:
        Refused: the bundle cannot be read or is invalid (VS-1xx, VS-3xx, with all that `vansim validate` says of it);
            another version (VS-520), or a message of 3.0 that takes another back (VS-526); a part without which there
            is no letter (VS-521, VS-522); an attachment that is not base64 (VS-359) or empty (VS-524); too many
            payloads (VS-528) or attachments (VS-525); a time that is none (VS-505); or what was made is invalid
            (VS-504).
    """
    if len(sources) != 1:
        raise Refused(SOURCES.at("", count=len(sources)))
    bundle = read_bundle(sources[0])
    if bundle.type != CARE_COMMUNICATION or bundle.version.partition(".")[0] not in VERSIONS_READ:
        raise Refused(VERSION_NOT_CONVERTED.at("MessageHeader.definition", version=bundle.version or "unknown"))
    _refuse_too_many_payloads(bundle)
    findings = check_message(bundle, profile=profile)
    thread = read_thread(bundle)
    if bundle.version.startswith("3."):
        refuse_retraction(thread)
        _plain_texts(thread.communication)
    refuse_patient(bundle)
    outputs = tuple(_outputs(bundle, thread, facts, profile))
    made = tuple(Identity(one.type, one.version, one.envelope_id, one.letter_id) for one in outputs)
    return Converted(
        outputs, (*findings, *nameless(bundle), *parties(bundle, facts)), _remembered(bundle, thread, made, facts)
    )


def _outputs(bundle: Bundle, thread: Thread, facts: Facts, profile: bool) -> Iterator[Output]:
    """The letters in the order that they leave in: an XDIS91, its XBIN01, the next XDIS91."""
    identifiers = Identifiers(facts.seed)
    division = divide(thread.communication, bundle.attachments, identifiers)
    _refuse_too_many(thread.communication, division.parts)
    whole = stylesheet(STYLESHEET).transform(
        bundle.root,
        {
            **_parameters(bundle, thread, facts),
            "envelope-identifier": identifiers.serial("envelope"),
            "letter-identifier": identifiers.serial("letter"),
            "references": " ".join(map(_references, division.parts)),
            "link-lines": " ".join(map(str, division.lines)),
            "notes": " ".join(division.notes),
        },
    )
    for number, (part, letter) in enumerate(_parted(whole, division.parts, identifiers), 1):
        _break_lines(letter)
        yield _output(letter, TYPE, VERSION, Attachments(), profile)
        if part.objects:
            yield _output(
                _beside(letter, part, identifiers, number), TYPE_BESIDE, VERSION_BESIDE, bundle.attachments, profile
            )


def _parted(
    whole: etree._Element, parts: Sequence[Part], identifiers: Identifiers
) -> Iterator[tuple[Part, etree._Element]]:
    """A letter for each part: the same but for its number, its identifiers and what it refers to.

    The stylesheet runs once, however many parts there are.
    """
    if len(parts) == 1:
        yield parts[0], whole
        return
    references = [*whole.iter(f"{{{NAMESPACE}}}Reference")]
    for reference in references:
        letters(whole)[0].remove(reference)
    first = 0
    for number, part in enumerate(parts, 1):
        letter = deepcopy(whole)
        beyond = first + len(part.objects) + len(part.links)
        letters(letter)[0].extend(references[first:beyond])
        first = beyond
        if number > 1:
            _set(letter, "Envelope/Identifier", identifiers.serial(f"envelope/{number}"))
            _set(letter, "ClinicalEmail/Letter/Identifier", identifiers.serial(f"letter/{number}"))
        _tell_part(letter, number, len(parts))
        yield part, letter


def _refuse_too_many_payloads(bundle: Bundle) -> None:
    count = sum(1 for each in bundle.index.of_type("Communication") for _ in each.iterchildren(PAYLOAD))
    if count > MOST_PAYLOADS:
        raise Refused(TOO_MANY_PAYLOADS.at("Communication.payload", count=count, most=MOST_PAYLOADS))


def _refuse_too_many(communication: etree._Element, parts: Sequence[Part]) -> None:
    if len(parts) == 1:
        return
    text = sum(len(one.get("value", "")) for one in communication.iterfind(f"{NS}payload/{NS}contentString"))
    if len(parts) > MOST_PAIRS or len(parts) * text > MOST_TEXT:
        count = sum(len(part.objects) for part in parts)
        raise Refused(TOO_MANY_LETTERS.at("Communication.payload", count=count, letters=len(parts), most=MOST_PAIRS))


def _set(letter: etree._Element, path: str, text: str) -> None:
    for element in letter.iterfind("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))):
        element.text = text


@carries("CX-attachment-part", otherwise=None)
def _tell_part(letter: etree._Element, number: int, count: int) -> None:
    """Whoever opens one of several letters reads first that there are others."""
    for text in letter.iter(f"{{{NAMESPACE}}}Text01"):
        told = f"Meddelelsens bilag er fordelt på flere breve. Dette brev er del {number} af {count}."
        text.text = f"{told}\n{text.text or ''}"


def _output(made: etree._Element, type_: str, version: str, attachments: Attachments, profile: bool) -> Output:
    """A letter as bytes, with its attachments in place of their tokens."""
    if profile:
        refuse_made(validate_letter(Letter(made, identify(made), ENCODING, (), attachments)), type_)
    return Output(
        pieces=put_back(serialise(made, ENCODING), attachments, form="xml"),
        type=type_,
        version=version,
        envelope_id=letter_value(made, "Envelope/Identifier"),
        letter_id=letter_value(letters(made)[0], "Letter/Identifier"),
        postfix="",
    )


def _beside(letter: etree._Element, part: Part, identifiers: Identifiers, number: int) -> etree._Element:
    """The XBIN01 of an XDIS91 as a tree, with tokens for base64."""
    of_part = f"/{number}" if number > 1 else ""
    objects = (
        f"{one.identifier}@{one.named_beside.code}@{one.named_beside.extension}@{one.size}@{one.token}"
        for one in part.objects
    )
    return stylesheet(STYLESHEET_BESIDE).transform(
        letter,
        {
            "envelope-identifier": identifiers.serial(f"xbin/envelope{of_part}"),
            "letter-identifier": identifiers.serial(f"xbin/letter{of_part}"),
            "objects": " ".join(objects),
        },
    )


def _references(part: Part) -> str:
    """Objects and links as the stylesheet takes them, in the message's order."""
    objects = [
        (one.position, f"{one.position}@{one.identifier}@{one.named.code}@{one.named.extension}@{one.size}")
        for one in part.objects
    ]
    return " ".join(said for _, said in sorted([*objects, *((link, str(link)) for link in part.links)]))


def _parameters(bundle: Bundle, thread: Thread, facts: Facts) -> dict[str, str]:
    """What is the same in every letter of a message."""
    date, time = local(value(bundle.root, "timestamp") or "", "Bundle.timestamp")
    return {
        "sent-date": date,
        "sent-time": time,
        "segments": " ".join(f"{segment.position}@{segment.moment}" for segment in thread.segments),
        "activity": activity(thread.provenance),
        "sender-gln": facts.sender.gln,
        "sender-sor": facts.sender.sor,
        "sender-name": facts.sender.name,
        "receiver-gln": facts.receiver.gln,
        "receiver-identifier": facts.receiver.identifier,
        "receiver-identifier-code": facts.receiver.identifier_code,
        "categories": _CATEGORIES,
        "roles": _ROLES,
        "lpr3-first": "true" if facts.settings.lpr3_first else "",
    }


@carries("CX-text-xhtml", otherwise=None)
def _plain_texts(communication: etree._Element) -> None:
    """The texts of 3.0 are XHTML, those of a letter plain."""
    for text in communication.iterfind(f"{NS}payload/{NS}contentString"):
        text.set("value", plain_of_xhtml(text.get("value", "")))


@carries("CX-text-break", otherwise=None)
def _break_lines(made: etree._Element) -> None:
    """Turn the newlines of plain text into Break, and white space that tools may drop into Space."""
    for text in made.iter(f"{{{NAMESPACE}}}Text01"):
        if len(text) == 0:  # another's stylesheet may have formatted it already
            fill_text(text, text.text or "")


def _remembered(bundle: Bundle, thread: Thread, made: tuple[Identity, ...], facts: Facts) -> Remembered:
    original = Identity(
        "CareCommunication", bundle.version, value(bundle.root, "id") or "", value(thread.header, "id") or ""
    )
    provenance = None
    if thread.provenance is not None:
        # A copy is rid of the namespaces that are declared above it and not used in it.
        alone = thread.provenance if len(thread.provenance.nsmap) == 1 else deepcopy(thread.provenance)
        provenance = etree.tostring(alone, encoding="unicode", with_tail=False)
    return Remembered((original,), made, facts.sender, facts.receiver, provenance)
