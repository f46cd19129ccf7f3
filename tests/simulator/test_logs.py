"""Logs: every line names the envelope that it is about, and none holds anything of a patient."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from lxml import etree
from sqlalchemy import select
from structlog.testing import LogCapture

from envelope.fhir.bundle import read_bundle
from envelope.findings import Refused
from envelope.oioxml.reading import read_letter
from envelope.reading import payload
from routing.ledger.schema import DEAD, EVENTS, MESSAGES
from simulator.services.carried_out import carry_out
from simulator.services.outgoing import Outgoing
from tests.conversion.test_to_xdis91_samples import _samples
from tests.simulator.conftest import Running
from tests.simulator.post import (
    LETTERS,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    TOWN,
    message,
    send,
    send_bytes,
    wrapped,
    xdis91,
)
from tests.simulator.test_refusals import ENVELOPES_OF_BAD_BYTES, LETTERS_OF_BAD_BYTES, carrying
from tests.simulator.test_samples import FLOWS, flow_letter

F = "{http://hl7.org/fhir}"
NAMED = {"family", "given", "line", "city", "contentString", "title"}
SHORTEST = 4
SERVICES = ("router", "judgement", "worker", "participants", "tries", "unreadable")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Everything that the services log at any level, whatever another test has configured."""
    capture = LogCapture()
    for name in SERVICES:
        module = sys.modules[f"simulator.services.{name}"]
        log = structlog.wrap_logger(None, processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(0))
        monkeypatch.setattr(module, "log", log)
    return capture.entries  # type: ignore[return-value]


def of_patients(letter: bytes) -> Iterator[str]:
    """Numbers, names, addresses and texts of a letter, as far as it can be read."""
    fhir = b"http://hl7.org/fhir" in letter or letter[:1] == b"{"
    try:
        tree = read_bundle(letter).root if fhir else read_letter(letter).root
    except Refused:
        return
    for place in tree.iter(f"{F}Patient", f"{F}Practitioner", f"{F}payload", "{*}Patient", "{*}Text01"):
        for one in place.iter(etree.Element):
            named = etree.QName(one).localname in NAMED or (one.get("value") or "").isdigit()
            texts = (one.get("value") if named else None, *((one.text, one.tail) if not fhir else ()))
            yield from (text.strip() for text in texts if text and len(text.strip()) >= SHORTEST)


def letters(reference: Path) -> list[Outgoing]:
    """Every letter of MedCom's and of our own, to receivers of both formats; some are bad."""
    sources = [sample.read_bytes() for sample in _samples(reference)]
    sources += [flow_letter(reference, name) for name in FLOWS]
    sources += [
        (LETTERS / name).read_bytes() for name in ("xdis91-utf-8.xml", "xdis91-every-element.xml", "bundle-reply.json")
    ]
    made = []
    for source in sources:
        sent = wrapped(source)
        oioxml = sent.type is not None and sent.type.family == "OIOXML"
        sender = OWN_OIOXML if oioxml else OWN_FHIR
        made += [wrapped(source, sender, receiver) for receiver in (PRACTICE, TOWN)]
    return made + [carrying(wrapped(xdis91(), OWN_OIOXML, TOWN), letter) for letter, _ in LETTERS_OF_BAD_BYTES.values()]


_DRAWN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9]{16,}\b|\b[0-9]+\.[0-9]+\b")


@pytest.mark.reference
async def test_no_line_of_a_log_holds_anything_of_a_patient(
    running: Running, reference: Path, lines: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does an event, a reason, a finding or the reason of a dead letter, with the log at its lowest level."""
    caplog.set_level(logging.INFO)
    sent = letters(reference)
    secrets = {text for one in sent for text in of_patients(one_letter(one))}
    assert {"2512489996", "Testesen"} <= secrets
    assert len(secrets) > 100
    async with running() as network:
        await send(network, *sent)
        await send_bytes(network, *ENVELOPES_OF_BAD_BYTES.values())
        events = await network.ledger.read(select(EVENTS.c.text))
        reasons = await network.ledger.read(select(MESSAGES.c.reason, MESSAGES.c.findings))
        dead = await network.ledger.read(select(DEAD.c.text))
    written = "\n".join([*map(str, lines), caplog.text, *(str(tuple(row)) for row in (*events, *reasons, *dead))])
    # Identifiers are drawn, and four digits of a postcode may stand in one by chance.
    written = _DRAWN.sub("", written)
    assert len(lines) > len(sent)
    assert sorted(secret for secret in secrets if secret in written) == []


def one_letter(sent: Outgoing) -> bytes:
    """The bare letter of an envelope."""
    return payload(sent.body)


async def test_every_line_names_the_envelope_that_it_is_about(
    running: Running, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Router, worker and participants alike, and a message that fails its worker three times."""
    whole, broken = carry_out, wrapped(xdis91(2), OWN_OIOXML, TOWN)

    def failing(order: Any, bodies: Any, stylesheet: Any = None) -> Any:
        if bodies == [broken.body]:
            raise ValueError("Testesen 2512489996")
        return whole(order, bodies, stylesheet)

    monkeypatch.setattr("simulator.services.worker.carry_out", failing)
    sent = [wrapped(xdis91(1), OWN_OIOXML, TOWN), wrapped(message(), OWN_FHIR, PRACTICE), broken]
    async with running() as network:
        await send(network, *sent)
        known = {row.envelope_id for row in await network.ledger.read(select(MESSAGES.c.envelope_id))}
        [[state]] = await network.ledger.read(
            select(MESSAGES.c.state).where(MESSAGES.c.envelope_id == broken.head.identifier)
        )
    assert state == "dead"
    assert {line["event"] for line in lines} == {"decided", "carried out", "answered", "try failed", "dead letter"}
    assert [line for line in lines if line.get("envelope") not in known] == []
    failed = [line for line in lines if line["event"] in {"try failed", "dead letter"}]
    assert {line["envelope"] for line in failed} == {broken.head.identifier}
    assert "Testesen" not in str(lines)
