"""Errors of what is rehearsed, and of folders: the clock, behaviour, faults. VS-700 to VS-749."""

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

NOT_OF_THIS_FOLDER = Rule(
    "VS-705",
    Fault.SENDER,
    "The sender {gln} is not the participant whose folder this is, {folder}.",
    "Put the file into the sender's own folder, or correct SenderID.",
    "vansim",
)
FOLDER_OF_NOBODY = Rule(
    "VS-706",
    Fault.SENDER,
    "The folder {folder} is that of no participant of this network.",
    "Add the participant to network.yaml, or rename the folder to the GLN of one that is there.",
    "vansim",
)

RULES = (NOT_IDLE, NO_SUCH_TIME, NOT_OF_THIS_FOLDER, FOLDER_OF_NOBODY)
