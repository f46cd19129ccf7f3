"""Orders to convert: what the conversion will know is fixed here, when a message is accepted."""

from __future__ import annotations

import secrets
from datetime import datetime

from broker.port import CONVERT, Send
from conversion import Facts, Organisation, Remembered, Settings
from conversion.replaced import Replacement
from envelope.fhir.bundle import CARE_COMMUNICATION
from routing.decision import danish_day, version_made
from routing.directory import Directory, Participant
from routing.ledger.records import Page
from routing.rules import MADE_VERSIONS
from simulator.services.cases import Office


def organisation(participant: Participant) -> Organisation:
    """A participant as a conversion is told of it."""
    value, code = participant.identifier_for_oioxml()
    return Organisation(participant.gln, participant.sor, participant.name, participant.telephone, value, code)


def conversion_settings(directory: Directory) -> Settings:
    """The conversion's settings as network.yaml gives them."""
    settings = directory.settings
    return Settings(
        lpr3_first=settings.lpr3_first,
        negative_code=settings.xctl02_code,
        follow_wish=settings.follow_receipt_wish,
        refuse_text_limit=settings.refuse_text_limit,
    )


def replacement(directory: Directory, target: str) -> Replacement | None:
    """The stylesheet that network.yaml puts in place of ours, or None."""
    sheet = directory.stylesheet(target)
    return None if sheet is None else Replacement(sheet.path, sheet.data)


def fhir_version(receiver: Participant, target: str, now: datetime) -> str:
    """The version of the CareCommunication that is made for a receiver, by its entry on the day.

    A half may have waited while the entry changed so that none is left: the newest is made, and the receiver answers.
    """
    newest = MADE_VERSIONS[CARE_COMMUNICATION][0]
    return (version_made(target, receiver, danish_day(now)) if target == CARE_COMMUNICATION else None) or newest


def order_to_convert(order: int, envelope_id: str) -> Send:
    """An order on its way to the worker: it carries its key, and its envelope's identifier for the log."""
    return Send(CONVERT, str(order).encode(), None, envelope_id)


def place_order(
    office: Office,
    page: Page,
    sources: tuple[int, ...],
    target: str,
    parties: tuple[str, str] | None,
    *,
    rule: str,
    incomplete: bool = False,
    remembered: str | None = None,
) -> int:
    """Write an order to convert messages that belong together; gives its key."""
    sender = office.directory.participant(parties[0]) if parties is not None else None
    receiver = office.directory.participant(parties[1]) if parties is not None else None
    if sender is None or receiver is None:
        raise LookupError("both parties of a conversion are in the directory")
    facts = Facts(
        accepted=office.now,
        seed=secrets.token_hex(16),
        sender=organisation(sender),
        receiver=organisation(receiver),
        output_format=receiver.format,
        original=Remembered.from_json(remembered) if remembered is not None else None,
        incomplete=incomplete,
        settings=conversion_settings(office.directory),
        stylesheet=replacement(office.directory, target),
        fhir_version=fhir_version(receiver, target, office.now),
    )
    order = page.order(sources, target, facts.to_json())
    for source in sources:
        page.event(source, "ordered", "conversion ordered", rule)
    return order
