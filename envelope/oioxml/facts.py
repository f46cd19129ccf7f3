"""The facts of an OIOXML letter, from where they stand in it (reference oioxml.md 2 to 4)."""

from __future__ import annotations

from lxml import etree

from envelope.cutting import cut
from envelope.facts import AnswerCode, Answers, LetterFacts
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.reading import Letter, read_letter, value

_ANSWER_CODES: dict[str, AnswerCode] = {"XCTL01": "negative-vans", "XCTL02": "negative", "XCTL03": "positive"}


def payload_facts(payload: bytes) -> LetterFacts:
    """The facts of a letter's bytes; attached objects of any size are cut out before it is parsed.

    Raises:
        Refused: see `envelope.oioxml.reading.read_letter`.
    """
    slim = cut(payload)
    return letter_facts(read_letter(slim if slim.cuts else payload))


def letter_facts(letter: Letter) -> LetterFacts:
    """The facts of a letter that was read; of its first letter, should it hold several."""
    body = letter.body
    objects = tuple(
        object_key("".join(str(text) for text in found.itertext()))
        for found in body.iter(f"{{{letter.namespace}}}ObjectIdentifier")
    )
    references = body.find(f"{{{letter.namespace}}}Reference")
    return LetterFacts(
        type=letter.type,
        version=letter.version,
        letter_id=value(body, "Letter/Identifier"),
        envelope_id=letter.text("Envelope/Identifier"),
        sender=value(body, "Sender/EANIdentifier") or None,
        receiver=value(body, "Receiver/EANIdentifier") or None,
        wants_receipt=letter.text("Envelope/AcknowledgementCode") == "pluspositivkvitt",
        attachments=objects,
        has_attachments=bool(objects) or references is not None,
        answers=_answers(letter, body) if letter.kind.is_receipt else None,
    )


def object_key(identifier: str) -> str:
    """An object's identifier as it compares: a reference has 32 digits, its object 36 with hyphens, in either case."""
    return identifier.strip().replace("-", "").lower()


def _answers(letter: Letter, body: etree._Element) -> Answers:
    original = body.find(f"{{{letter.namespace}}}OriginalEmessage")
    if original is None:
        return Answers(None, (), _ANSWER_CODES[letter.type], "")
    found = original.findall(f"{{{letter.namespace}}}OriginalLetter")
    # The reason may stand for the whole transmission or for each letter: the first place that has one speaks.
    places = [original, *found]
    return Answers(
        envelope_id=value(original, "OriginalEnvelopeIdentifier") or None,
        letter_ids=tuple(value(each, "OriginalLetterIdentifier") for each in found),
        code=_ANSWER_CODES[letter.type],
        text=next((text for place in places if (text := _refuse_text(place))), ""),
        versions=tuple(value(each, "OriginalVersionCode") for each in found),
        refuse_code=next((code for place in places if (code := value(place, "RefuseCode"))), ""),
    )


def _refuse_text(place: etree._Element) -> str:
    found = place.find(f"{{{etree.QName(place).namespace}}}RefuseText")
    return "" if found is None else plain_text(found).strip()
