"""Errors of the services and the command line: VS-47x to VS-49x."""

from __future__ import annotations

from envelope.findings import Fault, Rule

CRASHED = Rule(
    "VS-470",
    Fault.NETWORK,
    "The message was given up after {count} tries: {reason}.",
    "Look at the log for the error, mend its cause, and put the message back from the dead letters.",
    "vansim",
)
NO_TYPE = Rule(
    "VS-471",
    Fault.SENDER,
    "The file is no envelope and no letter or bundle that vansim knows.",
    "Give a VANSEnvelope, an OIOXML letter or a FHIR message, in XML or JSON.",
    "vansim",
)
NO_PARTIES = Rule(
    "VS-472",
    Fault.SENDER,
    "A bare letter needs a sender and a receiver: {missing} is missing and the letter does not say.",
    "Give --from and --to, or from= and to=, with their GLNs.",
    "vansim",
)
NO_ORIGINAL = Rule(
    "VS-473",
    Fault.SENDER,
    "To convert a receipt, the message that it answers has to be known.",
    "Give the original with --original.",
    "vansim",
)
NOT_FOUND = Rule(
    "VS-474",
    Fault.SENDER,
    "Nothing here has the identifier {identifier}.",
    "Give an envelope, message, letter or bundle identifier of either end.",
    "vansim",
)
NO_NETWORK = Rule(
    "VS-475",
    Fault.NETWORK,
    "No network answers at {address}: {reason}.",
    "Start one with `vansim up`, or give its address with --url.",
    "vansim",
)
NO_PARTICIPANT = Rule(
    "VS-476",
    Fault.SENDER,
    "{gln} is not a participant of this network.",
    "Give the GLN of a participant in network.yaml.",
    "vansim",
)
NO_LEASE = Rule(
    "VS-477",
    Fault.SENDER,
    "The lease {lease} is not held: it ran out, or was acked or returned before.",
    "Take the envelope again from the inbox.",
    "vansim",
)

RULES = (CRASHED, NO_TYPE, NO_PARTIES, NO_ORIGINAL, NOT_FOUND, NO_NETWORK, NO_PARTICIPANT, NO_LEASE)
