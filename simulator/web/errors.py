"""Errors of the API beyond one network's own: VS-750 to VS-799."""

from __future__ import annotations

from envelope.findings import Fault, Rule

NO_SUCH_NETWORK = Rule(
    "VS-750",
    Fault.SENDER,
    "There is no network {name}.",
    "Make it with PUT /api/networks/{name}, or see /api/networks for those that there are.",
    "vansim",
)
NETWORK_NAME = Rule(
    "VS-751",
    Fault.SENDER,
    "{name} cannot be the name of a network.",
    "Use 1 to 63 lower-case letters, digits, hyphens and underscores, beginning with a letter or a digit.",
    "vansim",
)
NETWORK_EXISTS = Rule(
    "VS-752",
    Fault.SENDER,
    "There is a network {name} already.",
    "Drop it first, or take another name.",
    "vansim",
)
NO_MANAGEMENT = Rule(
    "VS-753",
    Fault.NETWORK,
    "A virtual host for the network cannot be made on this RabbitMQ: {reason}.",
    "Set VANSIM_MANAGEMENT to the address of its management API, http://user:password@host:15672.",
    "vansim",
)

RULES = (NO_SUCH_NETWORK, NETWORK_NAME, NETWORK_EXISTS, NO_MANAGEMENT)
