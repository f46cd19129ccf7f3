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
STORY_NOT_OVER = Rule(
    "VS-754",
    Fault.SENDER,
    "The story of {identifier} is not over: something of it is on its way, held, due or waiting in an inbox.",
    "Wait for /api/idle, take what waits in the inbox, or move the clock to what is due; then delete it.",
    "vansim",
)
NOT_REACHED = Rule(
    "VS-755",
    Fault.SENDER,
    "No letter was as asked for within {seconds} seconds: {nearest}.",
    "See `nearest` and `differs` for what came nearest and how it differed.",
    "vansim",
)
NOT_IDLE = Rule(
    "VS-756",
    Fault.NETWORK,
    "The network did not come to rest within {seconds} seconds: {left}.",
    "See `left`; what waits in the inbox of a participant of yours has to be taken, what is due comes with the clock.",
    "vansim",
)

NOT_OUR_FORM = Rule(
    "VS-790",
    Fault.SENDER,
    "The form is not one that these pages have given to this browser since the network was started.",
    "Load the page again, and send the form from there.",
    "vansim",
)
NO_LENGTH = Rule(
    "VS-791",
    Fault.SENDER,
    "The form does not say how long it is.",
    "Send it with a Content-Length, as browsers do.",
    "RFC 9110, 8.6",
)
NO_PAGE = Rule(
    "VS-792",
    Fault.SENDER,
    "There is no page {path}.",
    "Take one of those in the menu.",
    "vansim",
)
WRONG_TOKEN = Rule(
    "VS-793",
    Fault.SENDER,
    "That is not the token of this network.",
    "Give the token that the network was started with (VANSIM_TOKEN).",
    "vansim",
)
NO_LETTER = Rule(
    "VS-794",
    Fault.SENDER,
    "There is nothing to send: neither a text nor a file.",
    "Choose a template, write or paste a letter, or choose a file.",
    "vansim",
)
MASKED = Rule(
    "VS-795",
    Fault.SENDER,
    "Patient data is hidden in this session, and this cannot be given without it.",
    "Choose to show patient data, and ask again.",
    "vansim",
)
NO_SEARCH = Rule(
    "VS-796",
    Fault.SENDER,
    "A search cannot ask for {term}; it can for {known}.",
    "Correct the search, or put what holds a colon in quotes.",
    "vansim",
)

RULES = (
    NO_SUCH_NETWORK,
    NETWORK_NAME,
    NETWORK_EXISTS,
    NO_MANAGEMENT,
    STORY_NOT_OVER,
    NOT_REACHED,
    NOT_IDLE,
    NOT_OUR_FORM,
    NO_LENGTH,
    NO_PAGE,
    WRONG_TOKEN,
    NO_LETTER,
    MASKED,
    NO_SEARCH,
)
