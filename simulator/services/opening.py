"""The first look at a delivery: its head, its type, and whether who handed it in may name that sender."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

from broker.port import Delivery
from envelope.catalogue import check
from envelope.findings import Finding, Refused
from envelope.model import Head, Party
from envelope.reading import Reading, Unreadable, payload, read
from routing.directory import Directory
from routing.errors import SENDER_NOT_CALLER
from simulator.services.cases import Case, Office

FIRST = 4096


def opened(delivery: Delivery, office: Office) -> Case:
    """Read the head; what is wrong with it, or with who handed it in, stays with the case, to be refused.

    Raises:
        Unreadable: there is no envelope to be read.
    """
    wrong: tuple[Finding, ...] = ()
    try:
        reading = read(delivery.body)
    except Unreadable as unreadable:
        if unreadable.head is None:
            raise
        reading, wrong = Reading(unreadable.head, 0, _lead(delivery.body)), unreadable.findings
    impostor = _not_the_caller(delivery, reading.head, office.directory)
    if impostor is not None:
        # Told to who handed it in, and kept under that name: the sender that it names has nothing to do with it.
        reading = replace(reading, head=replace(reading.head, sender=Party(delivery.user_id or "")))
        wrong = (impostor,)
    type_, findings = check(reading)
    wrong += tuple(finding for finding in findings if finding.is_error)
    warnings = reading.findings + tuple(finding for finding in findings if not finding.is_error)
    return Case(delivery, office.keys(), reading, type_, warnings, refused=wrong)


def _lead(body: bytes) -> bytes:
    """The first base64 characters of a payload whose envelope has wrong values, as `read` would give them."""
    try:
        return b64encode(payload(body)[:FIRST])
    except Refused:
        return b""


def _not_the_caller(delivery: Delivery, head: Head, directory: Directory) -> Finding | None:
    """A participant's broker user may only send as itself; the network's own users publish for many."""
    caller = delivery.user_id
    if caller is None or directory.participant(caller) is None or caller == head.sender.id:
        return None
    return SENDER_NOT_CALLER.at("/VANSEnvelope/SenderID", gln=head.sender.id, caller=caller)
