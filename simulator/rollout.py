"""The rollout as it is told: a day's matrix and the boundaries after it, for API, pages and command line."""

from __future__ import annotations

from datetime import date
from typing import Any

from envelope.findings import Refused
from routing.directory import Directory, Participant
from routing.matrix import boundaries, matrix
from simulator.errors import NO_PARTICIPANT


def told(
    directory: Directory,
    day: date,
    until: date | None = None,
    sender: str | None = None,
    receiver: str | None = None,
) -> dict[str, Any]:
    """The matrix of a day, and every boundary after it.

    Args:
        directory: who takes what.
        day: a Danish calendar day.
        until: boundaries before this day only.
        sender: GLN of the only sender to be looked at.
        receiver: likewise of the receiver.

    Returns:
        `matrix` and `boundaries` as `routing.matrix` describes them, `waves` (name to day), `conversion_until`, and
        `names` of the participants by GLN.

    Raises:
        Refused: VS-476, a GLN is no participant's.
    """
    for gln in (sender, receiver):
        if gln is not None and directory.participant(gln) is None:
            raise Refused(NO_PARTICIPANT.at("", gln=ascii(gln)[1:-1]))

    def is_sender(one: Participant) -> bool:
        return sender is None or one.gln == sender

    def is_receiver(one: Participant) -> bool:
        return receiver is None or one.gln == receiver

    return {
        "matrix": matrix(directory, day, is_sender, is_receiver).as_dict(),
        "boundaries": [one.as_dict() for one in boundaries(directory, day, until)],
        "waves": {name: on.isoformat() for name, on in directory.waves.items()},
        "conversion_until": None if directory.conversion_until is None else directory.conversion_until.isoformat(),
        "names": {one.gln: one.name for one in directory},
    }
