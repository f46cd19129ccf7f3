"""Attachments by place: what stands where base64 belongs is one token in the tree, and nothing else is.

Places: Object_Base64Encoded of an XBIN01 (oioxml.md 3) and contentAttachment/data of a FHIR payload (fhir.md 1.2). A
stylesheet and a validator see the token; size, digest and characters are asked of the attachment, and read from the
payload in pieces when they are asked for.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from lxml import etree

from envelope import safe_xml
from envelope.base64_text import ALPHABET
from envelope.cutting import CHUNK, Cut, Slim
from envelope.findings import Refused

OBJECT: Final = "{*}Object_Base64Encoded"
CONTENT: Final = "{http://hl7.org/fhir}contentAttachment"
DATA: Final = "{http://hl7.org/fhir}data"

_BLANKS: Final = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class _Facts:
    """What one look at every character told."""

    characters: int
    padding: int
    strays: int
    misplaced: bool
    blanks: bool


@dataclass(frozen=True, eq=False)
class Attachment:
    """One attachment: where its base64 is, and what it says of itself.

    Attributes:
        parts: cuts of the payload, and what was not cut, as UTF-8; more than one where something parted them.
    """

    parts: tuple[Cut | bytes, ...]

    @property
    def size(self) -> int:
        """How many bytes it decodes to; worth nothing when there is a problem."""
        return self._facts.characters * 3 // 4

    @property
    def length(self) -> int:
        """How many bytes `pieces` has."""
        return self._facts.characters + self._facts.padding + self._facts.strays

    @property
    def problem(self) -> str | None:
        """Why it is not base64 (RFC 4648, 4, white space allowed anywhere), or None when it is."""
        facts = self._facts
        if facts.strays:
            return f"{facts.strays} bytes are neither base64 nor white space"
        if facts.misplaced:
            return "characters follow the padding"
        if facts.padding > 2 or (facts.characters + facts.padding) % 4:  # noqa: PLR2004 (RFC 4648, 4)
            return f"{facts.characters} characters and {facts.padding} of padding are not whole groups of four"
        return None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the decoded bytes, in hexadecimal.

        Raises:
            ValueError: it is not base64.
        """
        digest = hashlib.sha256()
        for piece in self.decoded():
            digest.update(piece)
        return digest.hexdigest()

    def pieces(self) -> Iterator[memoryview | bytes]:
        """The characters without white space and escapes, at most 256 KB a piece.

        Pieces are views of the payload where nothing is left out.
        """
        for chunk in self._chunks():
            yield bytes(chunk).translate(None, _BLANKS) if self._facts.blanks else chunk

    def decoded(self) -> Iterator[bytes]:
        """The decoded bytes in pieces.

        Raises:
            ValueError: it is not base64.
        """
        if self.problem is not None:
            raise ValueError(self.problem)
        held = b""
        for piece in self.pieces():
            letters = held + piece if held else piece
            whole = len(letters) // 4 * 4
            held = bytes(letters[whole:])
            yield binascii.a2b_base64(letters[:whole])

    def _chunks(self) -> Iterator[memoryview | bytes]:
        for part in self.parts:
            if isinstance(part, Cut):
                yield from part.chunks()
            else:
                for start in range(0, len(part), CHUNK):
                    yield part[start : start + CHUNK]

    @cached_property
    def _facts(self) -> _Facts:
        characters = padding = strays = 0
        misplaced = blanks = False
        for chunk in self._chunks():
            piece = bytes(chunk)
            rest = piece.translate(None, ALPHABET)
            if rest:
                piece = piece.translate(None, _BLANKS)
                blanks = blanks or len(piece) < len(chunk)
                rest = piece.translate(None, ALPHABET)
            signs = rest.count(b"=")
            letters = len(piece) - len(rest)
            # Padding is the end of everything, whatever chunks it comes in.
            misplaced = misplaced or (padding > 0 and letters > 0) or (signs > 0 and not piece.endswith(b"=" * signs))
            characters, padding, strays = characters + letters, padding + signs, strays + len(rest) - signs
        return _Facts(characters, padding, strays, misplaced, blanks)


class Attachments(Mapping[str, Attachment]):
    """Attachments by their tokens; those of several payloads are put together with `|`."""

    def __init__(self, found: Mapping[str, Attachment] | None = None) -> None:
        self._found = dict(found or {})

    def __getitem__(self, token: str) -> Attachment:
        return self._found[token]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __or__(self, other: Attachments) -> Attachments:
        return Attachments({**self._found, **other._found})

    def read(self, text: str) -> Attachment:
        """The attachment that a token stands for; any other text is its own base64."""
        return self._found.get(text.strip()) or literal(text)


def literal(text: str) -> Attachment:
    """An attachment from base64 at hand."""
    return Attachment((text.encode("utf-8", "surrogatepass"),))


def take_out(root: etree._Element, slim: Slim) -> Attachments:
    """Make what stands where base64 belongs one token each, and put back as text what was cut anywhere else.

    Args:
        root: the tree of `slim.document`; changed in place.
        slim: what it was parsed from.

    Raises:
        Refused: a text that is no attachment is longer than any text may be (VS-107).
    """
    taker = _Taker(slim)
    wide = b"\0" in slim.document[:4]
    if str(root.tag).startswith("{http://hl7.org/fhir}"):
        # In JSON a name may be written in escapes.
        named = slim.form == "json" or wide or b"data" in slim.document
        for content in root.iter(CONTENT) if named else ():
            for data in content.iterchildren(DATA):
                if value := data.get("value"):
                    data.set("value", taker.take(value))
    elif wide or b"Object_Base64Encoded" in slim.document:
        for element in root.iter(OBJECT):
            if element.text and not len(element):
                element.text = taker.take(element.text)
    if taker.left:
        for element in root.iter():
            taker.put_back(element)
    return Attachments(taker.found)


class _Taker:
    def __init__(self, slim: Slim) -> None:
        self.slim = slim
        self.found: dict[str, Attachment] = {}
        self.left = set(range(len(slim.cuts)))
        self.next = len(slim.cuts)
        self.tokens = re.compile(slim.prefix.decode() + "([0-9a-f]{8})") if slim.cuts else None

    def take(self, text: str) -> str:
        """The token for everything in a text."""
        parts: list[Cut | bytes] = []
        number = -1
        # Every second part is a number of a cut.
        for index, part in enumerate(self.tokens.split(text) if self.tokens else [text]):
            if index % 2:
                number = int(part, 16)
                self.left.discard(number)
                parts.append(self.slim.cuts[number])
            elif part.strip(_BLANKS.decode()):
                parts.append(part.encode("utf-8", "surrogatepass"))
        if not parts:
            return text
        if number < 0 or len(parts) > 1:
            number, self.next = self.next, self.next + 1
        token = self.slim.token(number).decode()
        self.found[token] = Attachment(tuple(parts))
        return token

    def put_back(self, element: etree._Element) -> None:
        """Texts and values of an element as a parser would have given them."""
        if element.text:
            element.text = self._whole(element.text, attribute=False)
        if element.tail:
            element.tail = self._whole(element.tail, attribute=False)
        for name in element.keys():  # noqa: SIM118 (lxml's elements are no dictionaries)
            element.set(name, self._whole(element.get(name, ""), attribute=True))

    def _whole(self, text: str, *, attribute: bool) -> str:
        if self.tokens is None:
            return text
        parts = self.tokens.split(text)
        numbers = [int(part, 16) for part in parts[1::2]]
        cuts = [self.slim.cuts[number] for number in numbers if number in self.left]
        if not cuts:
            return text
        if sum(len(cut.view) for cut in cuts) > safe_xml.VALUE_LIMIT:
            place = safe_xml.position(self.slim.payload, cuts[0].start)
            raise Refused(safe_xml.too_long("A name, a value or a text", safe_xml.VALUE_LIMIT, *place))
        parts[1::2] = [cut.text(attribute=attribute) for cut in cuts]
        return "".join(parts)
