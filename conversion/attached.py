"""The attachments of a letter: which object each Reference/BIN means, and what there is to say of them.

Source: MedCom's use cases for its conversion service 3.1.0, S1.A1 to S1.A4. A Reference has its object's identifier
without hyphens, the XBIN01 with them; case does not matter (oioxml.md 3). The base64 stays in the payloads it came in:
the tree that a stylesheet sees holds tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from lxml import etree

from conversion.attachment_findings import of_letter, of_objects, of_references
from conversion.facts import Facts, Identity
from conversion.identifiers import Identifiers
from conversion.rows import carries
from conversion.sending import Sending
from envelope.attachments import Attachment, Attachments
from envelope.cutting import Slim
from envelope.fhir.vocabulary import MIME_TYPES
from envelope.findings import Finding
from envelope.object_types import mime_of
from envelope.oioxml.facts import object_key
from envelope.oioxml.reading import Letter, value

_UUID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Object:
    """One BinaryObject.

    Attributes:
        element: it, in the tree of its letter.
        letter: its XBIN01.
        key: its identifier as identifiers compare.
        content: its base64.
    """

    element: etree._Element
    letter: Letter
    key: str
    content: Attachment


@dataclass(frozen=True, slots=True)
class Referred:
    """One Reference/BIN, and the object that it means.

    Attributes:
        element: the Reference.
        key: the object's identifier as identifiers compare.
        identifier: what the payload is called: the same as a UUID with hyphens, or a new one if it is none.
        mime: the content's type.
        object: None when it is not there.
    """

    element: etree._Element
    key: str
    identifier: str
    mime: str
    object: Object | None

    @property
    def has_uuid(self) -> bool:
        """Whether the object's own identifier is a UUID."""
        return _UUID.fullmatch(self.key) is not None

    @property
    def is_foreign(self) -> bool:
        """Whether CareCommunication does not have its type."""
        return self.mime not in MIME_TYPES


@dataclass(frozen=True, slots=True)
class Attached:
    """All attachments of a sending.

    Attributes:
        referred: each Reference/BIN by its element, in the order of the letter; an object is there once.
        again: further References to the same objects.
        letters: the XBIN01s in the order in which the letter refers to them.
        findings: what there is to say, errors among it.
    """

    referred: tuple[Referred, ...] = ()
    again: tuple[etree._Element, ...] = ()
    letters: tuple[Letter, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def missing(self) -> tuple[Referred, ...]:
        """Those whose object is not there."""
        return tuple(each for each in self.referred if each.object is None)


def attached(sending: Sending, facts: Facts, identifiers: Identifiers) -> Attached:
    """Find the object of each Reference/BIN.

    Args:
        sending: with letters that their own rules let pass.
        facts: `incomplete` says whether an object may be missing.
        identifiers: name what has no UUID.
    """
    references = [each for each in sending.letter.body.iterchildren("{*}Reference") if each.find("{*}BIN") is not None]
    if not references and not sending.attachments:
        return Attached()
    objects = [found for letter in sending.attachments for found in _objects(letter)]
    by_key: dict[str, Object] = {}
    for each in objects:
        by_key.setdefault(each.key, each)
    referred: dict[str, Referred] = {}
    again = []
    for element in references:
        key = object_key(value(element, "BIN/ObjectIdentifier"))
        if key in referred:
            again.append(element)
        else:
            referred[key] = _referred(element, key, by_key.get(key), identifiers)
    found = tuple(referred.values())
    return Attached(
        found,
        tuple(again),
        _in_order(sending.attachments, found),
        (
            *of_references(found, again, facts),
            *of_objects(objects, by_key, referred),
            *(finding for letter in sending.attachments for finding in of_letter(letter, sending.letter)),
        ),
    )


def put_behind(attached: Attached, letter: Letter, sources: Sequence[Slim]) -> Attachments:
    """Put the BinaryLetters behind the ClinicalEmail, into the tree that a stylesheet reads.

    Identifiers are written alike in both, and what is left out goes: References to the same object again, objects that
    no Reference means. The tokens are new ones, which depend on every byte of every source, so that no letter can be
    written to hold the token of an attachment and have it put into its text.

    Args:
        attached: what is put there.
        letter: the XDIS91; its tree is changed, and those of the XBIN01s.
        sources: what all of them were read from.

    Returns:
        what the tokens stand for.
    """
    digest = blake2b(b"".join(sorted(source.prefix for source in sources)), digest_size=9).hexdigest()
    contents = {}
    wanted = set()
    for number, each in enumerate(attached.referred):
        _write(each.element, "BIN/ObjectIdentifier", each.key)
        if each.object is not None:
            token = f"VanSim{digest}{number:08x}"
            contents[token] = each.object.content
            wanted.add(each.object.element)
            _write(each.object.element, "ObjectIdentifier", each.key)
            _write(each.object.element, "Object_Base64Encoded", token)
    for element in attached.again:
        letter.body.remove(element)
    for bin_letter in attached.letters:
        body = bin_letter.body
        for element in [*body.iterchildren("{*}BinaryObject")]:
            if element not in wanted:
                body.remove(element)
        letter.root.append(body)
    return Attachments(contents)


@carries("XC-bin-identity", otherwise=())
def identities(letters: Iterable[Letter]) -> tuple[Identity, ...]:
    """What receipts will quote of each XBIN01."""
    return tuple(
        Identity(
            type=letter.type,
            version=letter.version,
            envelope_id=letter.text("Envelope/Identifier"),
            letter_id=letter.text("BinaryLetter/Letter/Identifier"),
            wants_receipt=letter.text("Envelope/AcknowledgementCode") == "pluspositivkvitt",
        )
        for letter in letters
    )


@carries("XC-attachment-incomplete", otherwise=())
def incomplete(attached: Attached) -> tuple[str, ...]:
    """The payloads that are made without their content, for the receipt that they will get."""
    return tuple(each.key for each in attached.missing)


@carries("XC-attachment-type-allowed", otherwise=())
def not_allowed(attached: Attached) -> tuple[str, ...]:
    """The payloads whose type CareCommunication does not have, for the receipt that they will get."""
    return tuple(each.key for each in attached.referred if each.is_foreign)


def _write(element: etree._Element, path: str, text: str) -> None:
    for found in element.iterfind("/".join(f"{{*}}{step}" for step in path.split("/"))):
        found.text = text


def _objects(letter: Letter) -> Iterator[Object]:
    for element in letter.body.iterchildren("{*}BinaryObject"):
        content = letter.attachments.read(value(element, "Object_Base64Encoded"))
        yield Object(element, letter, object_key(value(element, "ObjectIdentifier")), content)


def _referred(element: etree._Element, key: str, found: Object | None, identifiers: Identifiers) -> Referred:
    extension = value(element, "BIN/ObjectExtensionCode")
    if found is not None:
        extension = value(found.element, "ObjectExtensionCode")
    return Referred(element, key, _identifier(key, identifiers), mime_of(extension), found)


def _identifier(key: str, identifiers: Identifiers) -> str:
    if _UUID.fullmatch(key) is None:
        return _new_identifier(key, identifiers)
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


@carries("XC-attachment-new-id", otherwise="")
def _new_identifier(key: str, identifiers: Identifiers) -> str:
    """A UUID for an object of XB0130X, whose identifier may have any form.

    It derives from the seed and the old one, so it need not be remembered; no receipt quotes either.
    """
    return identifiers.uuid(f"object {key}")


def _in_order(letters: Sequence[Letter], referred: Sequence[Referred]) -> tuple[Letter, ...]:
    """The XBIN01s by their first object that the letter refers to."""
    places: dict[int, int] = {}
    for place, each in enumerate(referred):
        if each.object is not None:
            places.setdefault(id(each.object.letter), place)
    return tuple(sorted(letters, key=lambda letter: places.get(id(letter), len(referred))))
