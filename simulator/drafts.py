"""Letters to start from: of invented people, with the parties, the time and identifiers that are given to them."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.resources import files
from string import Template
from uuid import uuid4
from xml.sax.saxutils import escape

from conversion.identifiers import Identifiers
from conversion.times import DENMARK
from routing.directory import Participant

DRAFTS = ("xdis91.xml", "carecommunication.json")
"""The letters of `simulator/letters/`."""

LONGEST_NAME = 35
"""Characters of an OrganisationName."""

_UUIDS = 12


def drafted(draft: str, sender: Participant, receiver: Participant, now: datetime) -> bytes:
    """A letter from one participant to another, with identifiers of its own.

    Args:
        draft: one of DRAFTS.
        sender: who writes it.
        receiver: who gets it.
        now: network time.
    """
    local = now.astimezone(DENMARK)
    names = Identifiers(uuid4().hex)
    values = {
        "envelope_id": names.serial("envelope"),
        "letter_id": names.serial("letter"),
        "bundle_id": names.uuid("bundle"),
        "header_id": names.uuid("header"),
        "date": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M}",
        "instant": local.isoformat(timespec="seconds"),
    }
    values |= {f"id_{number}": names.uuid(f"id-{number}") for number in range(1, _UUIDS)}
    for role, party in (("sender", sender), ("receiver", receiver)):
        name = party.name[:LONGEST_NAME]
        words = escape(name)
        if draft.endswith(".json"):
            name, words = (json.dumps(text, ensure_ascii=False)[1:-1] for text in (name, words))
        else:
            name = words
        # A narrative is XHTML within JSON: what stands in it is written for both.
        values |= {f"{role}_gln": party.gln, f"{role}_sor": party.sor, f"{role}_name": name, f"{role}_words": words}
    template = Template(files("simulator").joinpath("letters", draft).read_text("utf-8"))
    return template.substitute(values).encode()
