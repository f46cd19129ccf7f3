"""Taking in what somebody hands over: an envelope, or a bare letter or bundle that is wrapped.

The way in over HTTP and by folder alike: what is refused at the door is refused with its findings, and what nobody can
read is kept in the dead letters.
"""

from __future__ import annotations

from conversion.identifiers import Identifiers
from envelope.findings import Refused
from envelope.reading import Unreadable
from routing.errors import SENDER_UNKNOWN
from routing.ledger import dead_letters
from simulator.sending import UnreadableLetter, enveloped
from simulator.services.errors import NOT_OF_THIS_FOLDER
from simulator.wiring import Network


async def take_in(
    network: Network,
    data: bytes,
    *,
    place: str,
    sender: str | None = None,
    receiver: str | None = None,
    names: Identifiers | None = None,
    only: str | None = None,
    again: bool = False,
) -> str:
    """Take in what was handed over; returns when it is on the disk.

    Args:
        network: which takes messages.
        data: an envelope, or a bare letter or bundle.
        place: where it came in.
        sender: GLN, for a bare letter; the letter's own when None.
        receiver: likewise.
        names: what the identifiers of an envelope that is made derive from; new ones when None.
        only: GLN of the only participant that may send this way.
        again: it may have been taken in before, by a process that died.

    Returns:
        its EnvelopeIdentifier.

    Raises:
        Refused: it cannot be read, or its sender is none of the network's.
    """
    try:
        head, body = enveloped(data, sender, receiver, network.clock(), names)
    except Unreadable:
        # What came over AMQP would go the same way: dead letters, and a receipt where its sender can be read.
        await network.submit(data, again=again)
        raise
    except UnreadableLetter as unreadable:
        await network.ledger.commit(dead_letters.kept(data, unreadable.findings, network.clock(), place))
        raise
    if network.directory.participant(head.sender.id) is None:
        raise Refused(SENDER_UNKNOWN.at("/VANSEnvelope/SenderID", gln=head.sender.id))
    if only is not None and head.sender.id != only:
        raise Refused(NOT_OF_THIS_FOLDER.at("/VANSEnvelope/SenderID", gln=head.sender.id, folder=only))
    del data  # it is in the envelope, and may be large
    await network.submit(body, head.identifier, again=again)
    return head.identifier
