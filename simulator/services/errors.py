"""Errors of what is rehearsed: the clock, behaviour, faults. VS-700 to VS-749."""

from __future__ import annotations

from envelope.findings import Fault, Rule

NOT_IDLE = Rule(
    "VS-700",
    Fault.NETWORK,
    "The network did not come to rest within {seconds} seconds at {time}.",
    "See /health and the timelines of what is under way; the clock stands at that moment. Move it again then.",
    "vansim",
)
NO_SUCH_TIME = Rule(
    "VS-701",
    Fault.SENDER,
    "{time} is no time that the clock can be put to.",
    "Give a time such as 2025-12-01T08:00 (Danish time, or with a zone), or a duration such as 61m, 2h30m or 90d.",
    "vansim",
)

RULES = (NOT_IDLE, NO_SUCH_TIME)
