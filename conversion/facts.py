"""What a conversion must be told, because no letter says it: parties, identifiers, the time it was accepted.

Facts are fixed when a message is taken in and remembered with it as JSON, so the same bytes can be made again whenever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal, Self

from conversion.errors import STYLESHEET_FORGOTTEN
from conversion.replaced import Replacement
from envelope.findings import Refused
from envelope.model import Document, MetaInformation, Processing, Transport

OutputFormat = Literal["xml", "json"]

REFUSE_TEXT_LIMIT = 350
"""What holds unless it is set otherwise: characters of RefuseText, the five lines of EDIFACT [INFER]."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """One party as the directory knows it, found by its GLN.

    Attributes:
        gln: 13 digits.
        sor: its SOR code; "" when the directory has none.
        name: its name in the directory.
        telephone: its telephone, or None.
        identifier: what OIOXML writes as Identifier: SOR code, ydernummer, kommunenummer, ...
        identifier_code: what OIOXML writes as IdentifierCode (`sorkode`, `ydernummer`, `kommunenummer`, ...).
    """

    gln: str
    sor: str
    name: str
    telephone: str | None
    identifier: str
    identifier_code: str


@dataclass(frozen=True, slots=True)
class Identity:
    """One letter or bundle by what receipts quote of it.

    Attributes:
        type: "XDIS91", "CareCommunication", ...
        version: version code of the letter (XD9134L) or version of the bundle (5.0).
        envelope_id: OIOXML Envelope/Identifier, or Bundle.id.
        letter_id: OIOXML Letter/Identifier, or MessageHeader.id.
        wants_receipt: what the letter asked for; a bundle always wants one.
    """

    type: str
    version: str
    envelope_id: str
    letter_id: str
    wants_receipt: bool = True


@dataclass(frozen=True, slots=True)
class Travelled:
    """One VANSEnvelope by what its receipts quote of it: EnvelopeIdentifier and MetaInformation."""

    identifier: str
    message: MetaInformation

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """The same from what JSON holds of it."""
        message = dict(values["message"])
        message["document"] = Document(**message["document"])
        if message["processing"] is not None:
            message["processing"] = Processing(**message["processing"])
        if message["transport"] is not None:
            transport = dict(message["transport"])
            tags = tuple((name, value) for name, value in transport.pop("tags"))
            message["transport"] = Transport(**transport, tags=tags)
        return cls(values["identifier"], MetaInformation(**message))


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is kept of a conversion, so that the receipt it gets can be converted back (mapping.md 5.1).

    Attributes:
        original: what came in: one bundle, or every OIOXML letter that entered the conversion.
        made: what was made of it.
        sender: of the original.
        receiver: of the original.
        provenance: the latest Provenance of the CareCommunication, came in or made, as XML text (namespace
            http://hl7.org/fhir): its Acknowledgement repeats it.
        incomplete: identifiers of the payloads that were made without their content, lower case without hyphens.
        original_envelopes: the VANSEnvelopes that what came in travelled in; filled in by whoever took them.
        made_envelopes: the VANSEnvelopes that what was made travelled in; filled in by whoever sent them.
        not_allowed: identifiers, likewise, of the attachments whose type CareCommunication does not have.
    """

    original: tuple[Identity, ...]
    made: tuple[Identity, ...]
    sender: Organisation
    receiver: Organisation
    provenance: str | None = None
    incomplete: tuple[str, ...] = ()
    original_envelopes: tuple[Travelled, ...] = ()
    made_envelopes: tuple[Travelled, ...] = ()
    not_allowed: tuple[str, ...] = ()

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """The same from what JSON holds of it."""
        return cls(
            original=tuple(Identity(**identity) for identity in values["original"]),
            made=tuple(Identity(**identity) for identity in values["made"]),
            sender=Organisation(**values["sender"]),
            receiver=Organisation(**values["receiver"]),
            provenance=values["provenance"],
            incomplete=tuple(values["incomplete"]),
            original_envelopes=tuple(Travelled.from_values(each) for each in values["original_envelopes"]),
            made_envelopes=tuple(Travelled.from_values(each) for each in values["made_envelopes"]),
            not_allowed=tuple(values.get("not_allowed", ())),
        )

    def to_json(self) -> str:
        """The same as JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The same from JSON text."""
        return cls.from_values(json.loads(text))


@dataclass(frozen=True, slots=True)
class Settings:
    """What operators may decide differently, because no source states it or two disagree.

    Attributes:
        name_separator: stands between organisation, department and unit in Organization.name (mapping.md 9.11).
        empty_text: stands as the text of a CareCommunication whose letter has none.
        lpr3_first: of several episode-of-care ids the LPR3 one wins, as MedCom's mapping table says; otherwise the
            locally defined one, as its test protocol says (mapping.md 9.7).
        negative_code: the response code that an XCTL02 becomes.
        refuse_text_limit: how many characters a RefuseText may have; 0 for any number. The schema of the receipts has
            no limit, and MedCom names none.
        follow_wish: an XCTL03 is made only when the letter asked for one; otherwise always, as MedCom's flow does.
    """

    name_separator: str = ", "
    empty_text: str = "(ingen tekst)"
    lpr3_first: bool = False
    negative_code: Literal["fatal-error", "transient-error"] = "fatal-error"
    refuse_text_limit: int = REFUSE_TEXT_LIMIT
    follow_wish: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a conversion knows beside its sources.

    Attributes:
        accepted: when the message was taken in; with a zone.
        seed: 32 hexadecimal digits drawn then; every new identifier derives from it.
        sender: who sent what is converted now.
        receiver: who it is for.
        output_format: of FHIR outputs; OIOXML is always XML.
        original: of a receipt: what is kept of the conversion of the message that it answers.
        settings: where operators may differ.
        incomplete: the attachments that are missing will not come, or came in an invalid letter: a letter is converted
            without them (conversion.md S1.A2, S1.A3, R1.A2).
        stylesheet: another's, that is run in place of ours.
        fhir_version: of a CareCommunication that is made: 5.0, 4.0 or 3.0.
    """

    accepted: datetime
    seed: str
    sender: Organisation
    receiver: Organisation
    output_format: OutputFormat = "xml"
    original: Remembered | None = None
    settings: Settings = Settings()
    incomplete: bool = False
    stylesheet: Replacement | None = None
    fhir_version: str = "5.0"

    def to_json(self) -> str:
        """The facts as JSON text, a stylesheet by its digest; `from_json` gives equal facts."""
        values = asdict(replace(self, stylesheet=None)) | {"accepted": self.accepted.isoformat()}
        if self.stylesheet is not None:
            values["stylesheet"] = {"name": self.stylesheet.name, "digest": self.stylesheet.digest}
        return json.dumps(values, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, stylesheet: bytes | None = None) -> Self:
        """The facts that `to_json` wrote.

        Args:
            text: the JSON.
            stylesheet: the one that `stylesheet_digest` names; not looked at when it names none.

        Raises:
            Refused: the stylesheet is not there, or another (VS-553).
        """
        values = json.loads(text)
        return cls(
            accepted=datetime.fromisoformat(values["accepted"]),
            seed=values["seed"],
            sender=Organisation(**values["sender"]),
            receiver=Organisation(**values["receiver"]),
            output_format=values["output_format"],
            original=None if values["original"] is None else Remembered.from_values(values["original"]),
            settings=Settings(**values["settings"]),
            incomplete=values.get("incomplete", False),
            stylesheet=_replacement(values.get("stylesheet"), stylesheet),
            fhir_version=values.get("fhir_version", "5.0"),
        )


def stylesheet_digest(text: str) -> str | None:
    """The digest of the stylesheet that facts in JSON name, or None."""
    named = json.loads(text).get("stylesheet")
    return str(named["digest"]) if named else None


def _replacement(named: Mapping[str, str] | None, data: bytes | None) -> Replacement | None:
    if not named:
        return None
    replacement = Replacement(named["name"], data or b"")
    if replacement.digest != named["digest"]:
        raise Refused(STYLESHEET_FORGOTTEN.at(named["name"], digest=named["digest"]))
    return replacement
