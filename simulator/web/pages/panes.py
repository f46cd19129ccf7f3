"""What a letter was before and after a conversion, side by side: as read, as written, and in its envelope.

Values are linked through the conversion record: each bears the numbers of the rows that carried it, and so does its
counterpart on the other side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conversion.rows import ROWS
from envelope.findings import Refused
from envelope.reading import payload
from simulator.web.pages.layout import LONGEST, text_of
from simulator.web.pages.letters import Letter, letter_of
from simulator.web.pages.pieces import Piece, json_pieces, xml_pieces
from simulator.web.pages.places import Key, key_of, nearest

if TYPE_CHECKING:
    from markupsafe import Markup

RULES: Mapping[str, str] = {row.id: row.rule for row in ROWS}
"""What a row of the mapping tables does, by its id."""

Links = dict[Key, list[int]]
"""The numbers of the record's rows by the places in one document."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A conversion's record, and where its rows are in the documents of both sides.

    Attributes:
        rows: the record, each row with its number and its rule in words.
        before: links of each document that was converted, in their order.
        after: of each that was made.
    """

    rows: tuple[dict[str, Any], ...] = ()
    before: tuple[Links, ...] = ()
    after: tuple[Links, ...] = ()


@dataclass(frozen=True, slots=True)
class Pane:
    """One document.

    Attributes:
        key: of its message.
        letter: as it is read; None where it cannot be, or was not asked for.
        text: its pieces as HTML; None where it was not asked for.
        size: bytes of the document.
        shortened: whether the text is longer than what is shown.
    """

    key: int
    side: str
    label: str
    envelope_id: str
    letter: Letter | None
    text: Markup | None
    size: int
    shortened: bool


def linked(record: Sequence[Mapping[str, str]], before: int, after: int) -> Linked:
    """A record with its rows placed.

    Args:
        record: as `simulator.services.recording` gives it.
        before: how many documents were converted.
        after: how many were made.
    """
    sides: tuple[list[Links], list[Links]] = ([{} for _ in range(before)], [{} for _ in range(after)])
    rows = []
    for number, row in enumerate(record):
        rows.append({**row, "number": number, "words": RULES.get(row["rule"], "")})
        for location, documents in ((row["source"], sides[0]), (row["target"], sides[1])):
            if location and not location.startswith("("):
                document, key = key_of(location)
                if document <= len(documents):
                    documents[document - 1].setdefault(key, []).append(number)
    return Linked(tuple(rows), tuple(sides[0]), tuple(sides[1]))


def letter_read(body: bytes) -> Letter | None:
    """The letter in an envelope as it is read."""
    try:
        return letter_of(payload(body))
    except Refused:
        return None


def document(body: bytes, part: str, *, pretty: bool, masked: bool, links: Links) -> tuple[Markup, int, bool]:
    """A document as HTML.

    Args:
        body: an envelope.
        part: `envelope`, or the letter in it.
        pretty: laid out, or as it came.
        masked: whether patient data is.
        links: of the letter.

    Returns:
        the HTML, the document's size, and whether not all of it is there.
    """
    data = body
    if part != "envelope":
        try:
            data = payload(body)
        except Refused:
            data = b""
    form, text = text_of(data, pretty=pretty)
    if form == "xml":
        pieces: Iterable[Piece] = xml_pieces(text, masked=masked)
    elif form == "json":
        pieces = json_pieces(text, masked=masked)
    else:
        pieces = [Piece("note", "•••••" if masked else text)]
    return _markup(pieces, links if part != "envelope" else {}), len(data), len(text) >= LONGEST


def _markup(pieces: Iterable[Piece], links: Links) -> Markup:
    from markupsafe import Markup, escape  # noqa: PLC0415 (with Jinja2, when the first page is asked for)

    made: list[str] = []
    for piece in pieces:
        text = escape(piece.text)
        if piece.kind == "mark":
            made.append(text)
        elif piece.kind == "value":
            near = nearest(piece.key, links) if piece.key and links else None
            numbers = f' data-rows="{" ".join(map(str, links[near]))}"' if near is not None else ""
            made.append(f'<span class="v"{numbers}>{text}</span>')
        else:
            made.append(f'<span class="{"n" if piece.kind == "name" else "o"}">{text}</span>')
    return Markup("".join(made))  # noqa: S704 (each piece was escaped above)
