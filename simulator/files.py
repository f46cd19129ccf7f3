"""Conversion of files, without a network: what `vansim convert` does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path

from lxml import etree

from conversion import Facts, Output, Remembered, convert
from conversion.answers import latest_provenance
from conversion.facts import Identity, OutputFormat
from conversion.identifiers import Identifiers
from conversion.record import Carried
from conversion.times import DENMARK
from envelope.catalogue import find
from envelope.cutting import CHUNK
from envelope.facts import LetterFacts
from envelope.fhir.bundle import CARE_COMMUNICATION, read_bundle
from envelope.findings import Finding, Refused, most_severe_first
from envelope.model import Head, Party
from envelope.payload_facts import letter_facts
from envelope.pieces import Pieces
from envelope.reading import payload
from envelope.recognition import recognise_whole
from envelope.validation import is_envelope, validate
from envelope.writing import write_pieces
from routing.directory import Directory
from routing.rules import MADE_VERSIONS
from simulator.errors import NO_ORIGINAL, NO_TYPE, CouldNotRun
from simulator.parties import Parties
from simulator.services.directory_file import DirectoryFile
from simulator.services.ordering import conversion_settings, fhir_version, replacement
from simulator.services.outgoing import known_type, letter_head

TARGETS = ("XDIS91", "CareCommunication", "XCTL", "Acknowledgement")
RECEIPT_TARGETS = ("XCTL", "Acknowledgement")
FHIR_VERSIONS = MADE_VERSIONS["CareCommunication"]
NEWEST = FHIR_VERSIONS[0]
FIRST = 4096


@dataclass(frozen=True, slots=True)
class Request:
    """What to convert, to what, and how.

    Attributes:
        sources: envelopes, bare letters or bundles, as bytes or as files; together they are one sending, in any order.
            Of an envelope that is a file no more than the letter in it is held.
        originals: for a receipt: the messages on both sides of the conversion that it answers; the side that it goes
            back to must be there.
        network: a network.yaml of one's own.
        at: network time; local Danish time when it has no zone; now when None.
        envelope: wrap what is made.
        incomplete: convert a letter whose attachments are not all there.
        record: tell what became of each value.
        participants: SOR codes by location number, of parties that the directory does not have, or has otherwise.
        fhir_version: of a CareCommunication that is made; None for what the receiver takes on the day.
    """

    sources: tuple[bytes | Path, ...]
    to: str
    output_format: OutputFormat
    originals: tuple[bytes | Path, ...] = ()
    network: Path | None = None
    at: datetime | None = None
    envelope: bool = False
    incomplete: bool = False
    fhir_version: str | None = None
    record: bool = False
    participants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """An envelope around what was made, written in pieces."""

    head: Head
    letter: Pieces

    def __iter__(self) -> Iterator[bytes]:
        return write_pieces(self.head, map(bytes, self.letter))


@dataclass(frozen=True, slots=True)
class Made:
    """One file to write: its type, version, extension and bytes, in pieces."""

    type: str
    version: str
    extension: str
    pieces: Pieces | Wrapped

    @property
    def data(self) -> bytes:
        """The bytes in one."""
        return b"".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Result:
    """What was made, what there is to say of it, and what became of each value where that was asked."""

    made: tuple[Made, ...]
    findings: tuple[Finding, ...]
    record: tuple[Carried, ...] = ()


def convert_files(request: Request) -> Result:
    """Convert the sources of one sending.

    Raises:
        Refused: a source cannot be read or converted, a party is unknown, or a receipt's original is missing.
        CouldNotRun: the network file cannot be used.
    """
    try:
        directory = DirectoryFile(request.network).current
    except Refused as refused:
        raise CouldNotRun(refused.findings) from None
    letters = [_bare(source) for source in request.sources]
    said = [_said(letter) for letter in letters]
    facts, told = _facts(request, directory, letters, said)
    converted = convert(letters, facts, request.to, record=request.record)
    made = tuple(
        Made(
            output.type,
            output.version,
            facts.output_format if known_type(output.type).family == "FHIR" and not request.envelope else "xml",
            _enveloped(output, facts, number) if request.envelope else output.pieces,
        )
        for number, output in enumerate(converted.outputs, 1)
    )
    return Result(made, (*told, *converted.findings), converted.record)


def write_files(result: Result, folder: Path) -> list[dict[str, str]]:
    """Write what was made, named by type, numbered when there are several of one.

    Returns:
        For each: file, type, version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    types = [made.type for made in result.made]
    numbers: dict[str, int] = {}
    for made in result.made:
        numbers[made.type] = numbers.get(made.type, 0) + 1
        number = f"-{numbers[made.type]}" if types.count(made.type) > 1 else ""
        name = f"{made.type}{number}.{made.extension}"
        with (folder / name).open("wb") as file:
            file.writelines(made.pieces)
        written.append({"file": name, "type": made.type, "version": made.version})
    return written


def _bare(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return payload(source) if is_envelope(source) else source
    with source.open("rb") as file:
        opening = file.read(FIRST)
        if is_envelope(opening):
            return payload(chain((opening,), iter(partial(file.read, CHUNK), b"")))
    return source.read_bytes()


def _said(letter: bytes) -> LetterFacts:
    recognised = recognise_whole(letter)
    type_ = find(recognised.type) if recognised is not None else None
    if type_ is None:
        # A message that does not say what it is has more wrong with it, and its findings say what.
        told = validate(letter).findings if recognised is not None else ()
        raise Refused((NO_TYPE.at(""), *most_severe_first(told)))
    return letter_facts(letter, type_)


def _facts(
    request: Request, directory: Directory, letters: Sequence[bytes], said: Sequence[LetterFacts]
) -> tuple[Facts, tuple[Finding, ...]]:
    at = request.at or datetime.now(UTC)
    if at.tzinfo is None:
        at = at.replace(tzinfo=DENMARK)
    # An XBIN01 goes with its letter, and the letter says between whom.
    first = next((one for one in said if one.type != "XBIN01"), said[0])
    originals = [_bare(original) for original in request.originals]
    parties = Parties(directory, request.participants, (*letters, *originals))
    # What does not say between whom is invalid, or is never converted: the conversion says which.
    sender, receiver = parties.organisation(first.sender or ""), parties.organisation(first.receiver or "")
    takes = directory.participant(receiver.gln)
    version = request.fhir_version or (fhir_version(takes, request.to, at) if takes is not None else NEWEST)
    # The same files converted again, in whatever order, get the same identifiers.
    seed = sha256(b"".join(sorted(sha256(letter).digest() for letter in letters))).hexdigest()[:32]
    facts = Facts(
        accepted=at,
        seed=seed,
        sender=sender,
        receiver=receiver,
        output_format=request.output_format,
        original=_remembered(request.to, parties, originals, said) if request.to in RECEIPT_TARGETS else None,
        settings=conversion_settings(directory),
        stylesheet=replacement(directory, request.to),
        incomplete=request.incomplete,
        fhir_version=version,
    )
    if request.to == "XCTL":
        return facts, ()  # it says location numbers alone
    makes = version if request.to == CARE_COMMUNICATION and request.fhir_version is None else None
    return facts, (*parties.told(sender, "sender"), *parties.told(receiver, "receiver", makes))


def _remembered(to: str, parties: Parties, letters: Sequence[bytes], receipts: Sequence[LetterFacts]) -> Remembered:
    """What a network would remember of the conversion that receipts answer, from the messages themselves."""
    said = [_said(letter) for letter in letters]
    fhir = [one.type == "CareCommunication" for one in said]
    back_to_fhir = to == "Acknowledgement"
    original = [one for one, is_fhir in zip(said, fhir, strict=True) if is_fhir == back_to_fhir]
    made = [one for one, is_fhir in zip(said, fhir, strict=True) if is_fhir != back_to_fhir]
    if not original or not original[0].sender or not original[0].receiver:
        told = [finding for letter in letters for finding in validate(letter).findings] if original else []
        raise Refused((NO_ORIGINAL.at(""), *most_severe_first(told)))
    bundles = [letter for letter, is_fhir in zip(letters, fhir, strict=True) if is_fhir]
    provenance = None
    if bundles:
        provenance = etree.tostring(latest_provenance(read_bundle(bundles[0])), encoding="unicode", with_tail=False)
    return Remembered(
        original=tuple(_identity(one) for one in original),
        made=tuple(_identity(one) for one in made) or _quoted(receipts),
        sender=parties.organisation(original[0].sender),
        receiver=parties.organisation(original[0].receiver),
        provenance=provenance,
    )


def _identity(said: LetterFacts) -> Identity:
    return Identity(said.type, said.version, said.envelope_id, said.letter_id, said.wants_receipt)


def _quoted(receipts: Sequence[LetterFacts]) -> tuple[Identity, ...]:
    """The letters that receipts quote, taken at their word."""
    quoted = []
    for receipt in receipts:
        answers = receipt.answers
        if answers is None:
            continue
        versions = answers.versions or ("",) * len(answers.letter_ids)
        for name, version in zip(answers.letter_ids, versions, strict=True):
            type_ = "XBIN01" if version.startswith("XB") else "XDIS91"
            if receipt.type == "Acknowledgement":
                type_ = "CareCommunication"
            quoted.append(Identity(type_, version, answers.envelope_id or "", name))
        if not answers.letter_ids:  # a negative receipt may name the envelope alone
            quoted.append(Identity("XDIS91", "", answers.envelope_id or "", ""))
    return tuple(quoted)


def _enveloped(output: Output, facts: Facts, number: int) -> Wrapped:
    identifiers = Identifiers(facts.seed)
    names = (identifiers.uuid(f"vans-envelope-{number}"), identifiers.uuid(f"vans-message-{number}"))
    type_ = known_type(output.type, output.version)
    mime = f"application/fhir+{facts.output_format}" if type_.family == "FHIR" else None
    parties = (Party(facts.sender.gln), Party(facts.receiver.gln))
    head = letter_head(output.pieces.size, type_, parties, names, facts.accepted, mime=mime, postfix=output.postfix)
    return Wrapped(head, output.pieces)
