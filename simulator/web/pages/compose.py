"""Compose a letter: from a draft or a file of one's own, judged while it is written, and sent as a participant does."""

from __future__ import annotations

import asyncio
import codecs
import re
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response
from starlette.datastructures import UploadFile

from envelope.findings import Finding, Refused, most_severe_first
from envelope.oioxml.reading import declared_encoding
from envelope.validation import Verdict, validate
from routing.directory import Directory, Participant
from simulator.drafts import DRAFTS, drafted
from simulator.errors import NO_PARTICIPANT
from simulator.intake import take_in
from simulator.web.errors import NO_LETTER
from simulator.web.pages.view import Here, View

router = APIRouter(prefix="/compose")

MOST_SHOWN = 100
"""Findings of one letter; a broken one may have a thousand."""

_OWN_BREAKS = re.compile(r"\r\n?")


@router.get("")
async def show(view: Here) -> Response:
    """An empty form, or a draft filled in: `draft`, `from` and `to` choose it."""
    query = view.request.query_params
    asked = query.get("draft", "")
    draft = asked if asked in DRAFTS else ""
    text = ""
    findings: tuple[Finding, ...] = ()
    sender, receiver = query.get("from", ""), query.get("to", "")
    try:
        text = _drafted(view, draft, sender, receiver) if draft else ""
    except Refused as refused:
        findings = refused.findings
    return _page(view, text=text, draft=draft, parties=(sender, receiver), findings=findings)


@router.post("/check")
async def check(view: Here) -> Response:
    """What is to be said of what is written so far, or of the file that was chosen."""
    return view.page("compose-verdict.html", **_judged(await _verdict(await _letter(view))))


@router.post("")
async def send(view: Here) -> Response:
    """Send it, and go to its page; what is refused at the door comes back with its findings."""
    sender, receiver = view.field("from").strip(), view.field("to").strip()
    data = await _letter(view)
    findings: tuple[Finding, ...] = (NO_LETTER.at(""),)
    if data:
        try:
            identifier = await take_in(
                view.network, data, place="pages", sender=sender or None, receiver=receiver or None
            )
        except Refused as refused:
            findings = refused.findings
        else:
            return view.told(f"messages/{quote(identifier, safe='')}", "sent")
    text = _without_carriage_returns(view.field("text"))
    return _page(view, 422, text=text, parties=(sender, receiver), findings=findings)


def _drafted(view: View, draft: str, sender: str, receiver: str) -> str:
    directory = view.network.directory
    writer = _party(directory, sender, receiver, draft)
    reader = _party(directory, receiver, sender or writer.gln, draft)
    return drafted(draft, writer, reader, view.network.clock()).decode()


def _party(directory: Directory, gln: str, other: str, draft: str) -> Participant:
    """A participant by its GLN; where none is given, the first that takes what the draft is and is not the other."""
    if gln:
        found = directory.participant(gln)
        if found is None:
            raise Refused(NO_PARTICIPANT.at("", gln=ascii(gln[:40])[1:-1]))
        return found
    type_ = "XDIS91" if draft.startswith("xdis91") else "CareCommunication"
    takers = [one for one in directory if one.gln != other and any(line.type == type_ for line in one.takes)]
    return takers[0] if takers else next(iter(directory))


async def _letter(view: View) -> bytes:
    """The bytes that the form means: the file where one was chosen, else the text in the encoding that it declares."""
    file = view.form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        return await file.read()
    text = _without_carriage_returns(view.field("text"))
    return _encoded(text) if text.strip() else b""


def _without_carriage_returns(text: str) -> str:
    """A text as it was written: browsers send each line break of a field as two characters."""
    return _OWN_BREAKS.sub("\n", text)


def _encoded(text: str) -> bytes:
    declared = declared_encoding(text[:300].encode("utf-8", "replace")) or "utf-8"
    try:
        codec = codecs.lookup(declared).name
    except LookupError:
        codec = "utf-8"
    return text.encode(
        codec if codec.startswith(("iso8859", "cp125", "ascii", "utf-8")) else "utf-8", "xmlcharrefreplace"
    )


async def _verdict(data: bytes) -> Verdict | None:
    return await asyncio.to_thread(validate, data) if data else None


def _judged(verdict: Verdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"verdict": None, "findings": [], "unshown": 0}
    ordered = most_severe_first(verdict.findings)
    told = [finding.as_dict() | {"line": verdict.line_of(finding)} for finding in ordered[:MOST_SHOWN]]
    return {"verdict": verdict, "findings": told, "unshown": len(ordered) - len(told)}


def _page(
    view: View,
    status: int = 200,
    *,
    text: str,
    parties: tuple[str, str],
    draft: str = "",
    findings: tuple[Finding, ...] = (),
) -> Response:
    judged = _judged(validate(_encoded(text)) if text else None)
    return view.page(
        "compose.html",
        status,
        text=text,
        sender=parties[0],
        receiver=parties[1],
        draft=draft,
        drafts=DRAFTS,
        people=list(view.network.directory),
        refused=[one.as_dict() for one in findings],
        limit=view.network.settings.largest_upload,
        **judged,
    )
