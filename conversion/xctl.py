"""Writing an XCTL: one receipt in OIOXML, whoever gives it.

Receivers' answers that come as Acknowledgements (`conversion.to_xctl`), the mock participants' answers
(`conversion.answers`) and the network's own refusals (`conversion.vans_receipt`) are written here alike, by one
stylesheet. Source: receipt schemas of 2005/08/07; reference oioxml.md 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from conversion.checking import refuse_made
from conversion.converted import Output
from conversion.identifiers import Identifiers
from conversion.kinds import Kind
from conversion.orders import order, part
from conversion.rows import carries
from conversion.stylesheet import stylesheet
from envelope.oioxml.formatted_text import fill_text
from envelope.oioxml.letters import R2005
from envelope.oioxml.reading import Letter, identify
from envelope.oioxml.rules import validate
from envelope.oioxml.writing import serialise
from envelope.pieces import Pieces

STYLESHEET = "acknowledgement_to_xctl"
ENCODING = "ISO-8859-1"


@dataclass(frozen=True, slots=True)
class Original:
    """The letter that is answered, as it names itself; `letter_id` "" when it could not be read that far."""

    envelope_id: str
    letter_id: str
    version: str
    sender: str
    receiver: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One receipt before it is written.

    Attributes:
        kind: XCTL01, XCTL02 or XCTL03.
        date, time: Danish, YYYY-MM-DD and HH:MM.
        sender, receiver: EANIdentifiers of the receipt itself.
        original: what it answers.
        refuse_code, refuse_text: of a negative one; lines parted by newlines.
    """

    kind: Kind
    date: str
    time: str
    sender: str
    receiver: str
    original: Original
    refuse_code: str = ""
    refuse_text: str = ""


def write(answer: Answer, identifiers: Identifiers, name: str = "") -> Output:
    """Write a receipt in ISO-8859-1; what that cannot hold is kept as character references.

    Args:
        answer: what it says.
        identifiers: give its envelope and its letter their identifiers.
        name: tells several receipts with the same identifiers' seed apart.

    Raises:
        Refused: what was made is invalid (VS-504).
    """
    envelope_id, letter_id = identifiers.serial(f"xctl{name}/envelope"), identifiers.serial(f"xctl{name}/letter")
    made = stylesheet(STYLESHEET).transform(_order(answer, envelope_id, letter_id), {})
    _break_lines(made)
    _check(made, answer.kind.type)
    pieces = Pieces((serialise(made, ENCODING),))
    return Output(pieces, answer.kind.type, answer.kind.version, envelope_id, letter_id, "")


def _order(answer: Answer, envelope_id: str, letter_id: str) -> etree._Element:
    original = answer.original
    values = {
        "date": answer.date,
        "time": answer.time,
        "envelope": envelope_id,
        "letter": letter_id,
        "sender": answer.sender,
        "receiver": answer.receiver,
        "refuse-code": answer.refuse_code,
        "refuse-text": answer.refuse_text,
    }
    answered = {
        "envelope": original.envelope_id,
        "letter": original.letter_id,
        "version": original.version,
        "sender": original.sender,
        "receiver": original.receiver,
    }
    return order(answer.kind, "", values, [part("original", answered)])


@carries("AR-line-break", otherwise=None)
def _break_lines(made: etree._Element) -> None:
    """Turn the newlines of the text into Break, and white space that tools may drop into Space."""
    for text in made.iter(f"{{{R2005}}}RefuseText"):
        fill_text(text, text.text or "")


def _check(made: etree._Element, type_: str) -> None:
    refuse_made(validate(Letter(made, identify(made), ENCODING)), type_)
