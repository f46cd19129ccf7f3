"""Who takes part in the network, and who takes what from which date until which date: values and lookups.

MedCom VANS conversion use cases 3.1.0, R1: the receiver is looked up by GLN, and what it takes decides whether a letter
is converted. A real operator asks SOR; the directory is the local copy that R1 allows. It is read from `network.yaml`
(`routing.network_file` describes the file); here it is a value that never changes once made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from envelope.catalogue import TYPES
from envelope.findings import Finding


class Kind(StrEnum):
    """What a participant is; a mock system answers as one of its kind does."""

    GP_PRACTICE = "gp-practice"
    SPECIALIST = "specialist"
    HOSPITAL = "hospital"
    LABORATORY = "laboratory"
    PHARMACY = "pharmacy"
    MUNICIPALITY = "municipality"
    HOME_CARE = "home-care"
    REFERRAL_HOTEL = "referral-hotel"
    TEST_SYSTEM = "test-system"


IMPLIED: Mapping[str, tuple[str, ...]] = {row.type: row.answered_by for row in TYPES if row.answered_by}
"""The receipts that a participant takes because it takes a letter: who can send the letter gets its receipts."""

OIOXML_IDENTIFIERS: tuple[str, ...] = ("ydernummer", "kommunenummer")
"""The identifiers, by IdentifierCode, that go before the SOR code in OIOXML: the first that a participant has.

MedCom's mapping table names three systems (SOR, KOMBIT organisation, provider number) and no order. A practice or a
municipality that has a number of its own is known to OIOXML systems by it, so it goes first; every participant has a
SOR code, which would never give way otherwise. A `sygehusafdelingsnummer` is not among the three, so it is kept but
not written.
"""


@dataclass(frozen=True, slots=True)
class Takes:
    """One line of what a participant takes.

    Attributes:
        type: a type of the catalogue ("XDIS91", "CareCommunication"), or any other name that envelopes carry after
            `MCM:`, which is then delivered as it is.
        version: the version taken, as the catalogue names it; None takes every version.
        since: the first day it is taken; None from the beginning.
        until: the first day it is no longer taken (exclusive); None for good.
        since_wave: the name of the wave whose day `since` is; None of a date.
        until_wave: likewise of `until`.
    """

    type: str
    version: str | None = None
    since: date | None = None
    until: date | None = None
    since_wave: str | None = None
    until_wave: str | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is taken on a Danish calendar day: `since` counts, `until` does not."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def covers(self, version: str | None) -> bool:
        """Whether a version is taken; an unknown one (None) counts as taken."""
        return self.version is None or version is None or versions_agree(self.version, version)

    def as_dict(self) -> dict[str, str | None]:
        """The line under the keys of network.yaml, its days as dates; `wave` names the one that it follows, if any."""
        return {
            "type": self.type,
            "version": self.version,
            "from": None if self.since is None else self.since.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "wave": self.since_wave or self.until_wave,
        }


def versions_agree(one: str, other: str) -> bool:
    """Whether two version texts mean the same as far as both go: "5", "5.0" and "5.0.2" agree, "5" and "4.0" do not."""
    return one == other or one.startswith(other + ".") or other.startswith(one + ".")


@dataclass(frozen=True, slots=True)
class Participant:
    """One system on the network.

    Attributes:
        gln: 13 digits with a right check digit; what envelopes address.
        sor: its SOR code, 11 digits or more.
        identifiers: other identifiers by their OIOXML IdentifierCode (ydernummer, kommunenummer, ...).
        telephone: used in a letter whose sender gives none; may be None.
        external: your own system: the network keeps its inbox and never answers for it. Otherwise a mock answers.
        takes: what is listed, receipts not included.
        format: in which syntax the network writes FHIR that it makes for this participant.
    """

    gln: str
    sor: str
    name: str
    kind: Kind
    telephone: str | None = None
    identifiers: Mapping[str, str] = field(default_factory=dict, hash=False)
    external: bool = False
    takes: tuple[Takes, ...] = ()
    format: Literal["xml", "json"] = "xml"
    _days: dict[date, tuple[Takes, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def takes_on(self, day: date) -> tuple[Takes, ...]:
        """What is taken on a day, in the file's order, the implied receipts after it."""
        taken = self._days.get(day)
        if taken is None:
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            taken = self._days[day] = self._taken_on(day)
        return taken

    def _taken_on(self, day: date) -> tuple[Takes, ...]:
        listed = [line for line in self.takes if line.holds_on(day)]
        known = {line.type for line in listed}
        receipts = dict.fromkeys(name for line in listed for name in IMPLIED.get(line.type, ()) if name not in known)
        return (*listed, *map(Takes, receipts))

    @property
    def waves(self) -> tuple[str, ...]:
        """The waves that it has joined, in the file's order."""
        named = (name for line in self.takes for name in (line.since_wave, line.until_wave))
        return tuple(dict.fromkeys(name for name in named if name is not None))

    def takes_type(self, type_name: str, version: str | None, day: date) -> bool:
        """Whether a type is taken in a version on a day; version None asks for any."""
        return any(line.type == type_name and line.covers(version) for line in self.takes_on(day))

    def identifier_for_oioxml(self) -> tuple[str, str]:
        """What OIOXML writes as Identifier and IdentifierCode: the first of OIOXML_IDENTIFIERS, else the SOR code."""
        return next(
            ((self.identifiers[code], code) for code in OIOXML_IDENTIFIERS if code in self.identifiers),
            (self.sor, "sorkode"),
        )

    def as_dict(self, day: date | None = None) -> dict[str, Any]:
        """The participant as JSON takes it; with a day, `takes_on_day` names what is taken then."""
        values: dict[str, Any] = {
            "gln": self.gln,
            "sor": self.sor,
            "name": self.name,
            "kind": str(self.kind),
            "telephone": self.telephone,
            "identifiers": dict(self.identifiers),
            "external": self.external,
            "format": self.format,
            "takes": [line.as_dict() for line in self.takes],
        }
        if day is not None:
            values["takes_on_day"] = [{"type": line.type, "version": line.version} for line in self.takes_on(day)]
        return values


_DAYS_KEPT = 64  # a network clock stands on one day; a matrix over dates must not fill the memory


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for the whole network, where operators differ or sources disagree.

    Attributes:
        operator: who signs an XCTL01 and sends the network's own envelopes; a name, not a GLN, as in MedCom's sample,
            1 to 18 characters as SenderID allows.
        repeat_receipts: a duplicate of a converted letter gets its receipts again (design: Duplicates); MedCom's use
            cases, read literally, send nothing.
        lpr3_first: of several episode-of-care ids the LPR3 one is kept, as MedCom's mapping table says; otherwise the
            local one, as its test protocol says.
        xctl02_code: the Acknowledgement code that an XCTL02 becomes.
        follow_receipt_wish: an XCTL03 is made from an Acknowledgement only when the letter asked for one; otherwise
            always, as MedCom's flow does.
        refuse_text_limit: how many characters RefuseText of an XCTL01 or XCTL02 may have; 0 for any number. The schema
            has no limit and MedCom names none, but says that a text may be too long: 350 is what EDIFACT holds [INFER].
    """

    operator: str = "VANSIM"
    repeat_receipts: bool = True
    lpr3_first: bool = False
    xctl02_code: Literal["fatal-error", "transient-error"] = "fatal-error"
    follow_receipt_wish: bool = False
    refuse_text_limit: int = 350

    def as_dict(self) -> dict[str, Any]:
        """The settings under the keys of network.yaml."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class StylesheetFile:
    """A stylesheet of another's that converts in place of ours.

    Attributes:
        target: what it converts to: CareCommunication, XDIS91, Acknowledgement or XCTL.
        path: as the network file names it, relative to that file.
        place: where the network file names it.
        data: what stands in it; put in by whoever reads files.
    """

    target: str
    path: str
    place: str
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Directory:
    """Every participant of a network, by GLN, in the file's order.

    Attributes:
        participants: GLN to participant.
        source: the file's name, as errors cite it.
        warnings: what the file says that may be a mistake; errors never get this far.
        stylesheets: others' that convert in place of ours, one a direction at most.
        waves: the days on which MedCom's introduction goes on, by name.
        conversion_until: the first day on which letters are converted no more; None for good.
    """

    participants: Mapping[str, Participant]
    settings: Settings = Settings()
    source: str = ""
    warnings: tuple[Finding, ...] = ()
    stylesheets: tuple[StylesheetFile, ...] = ()
    waves: Mapping[str, date] = field(default_factory=dict, hash=False)
    conversion_until: date | None = None

    def converts_on(self, day: date) -> bool:
        """Whether the conversion service takes letters on a Danish calendar day."""
        return self.conversion_until is None or day < self.conversion_until

    def stylesheet(self, target: str) -> StylesheetFile | None:
        """What converts to a type in place of ours, or None."""
        return next((one for one in self.stylesheets if one.target == target), None)

    def participant(self, gln: str) -> Participant | None:
        """The participant with this GLN, or None."""
        return self.participants.get(gln)

    def __iter__(self) -> Iterator[Participant]:
        return iter(self.participants.values())

    def __len__(self) -> int:
        return len(self.participants)

    def __contains__(self, gln: object) -> bool:
        return gln in self.participants

    def as_dict(self, day: date | None = None) -> dict[str, Any]:
        """The directory as JSON takes it; with a day, each participant says what it takes then."""
        return {
            "source": self.source,
            "settings": self.settings.as_dict(),
            "waves": {name: day.isoformat() for name, day in self.waves.items()},
            "conversion_until": None if self.conversion_until is None else self.conversion_until.isoformat(),
            "participants": [participant.as_dict(day) for participant in self],
            "warnings": [finding.as_dict() for finding in self.warnings],
        }
