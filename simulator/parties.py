"""The parties of a conversion of files: a network would know both, and a file may be a letter between strangers.

What the network looks up in its directory is, for whom the directory does not have, given on the command line or read
in the documents themselves, and is then told of: nothing is made up. MedCom VANS conversion use cases 3.1.0, R1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conversion import Organisation
from conversion.parties import SOR_CODE, known_by, parties_of
from envelope.findings import Finding
from envelope.identities import sor_is_valid
from routing.directory import Directory
from simulator.errors import STRANGER, STRANGER_TAKES
from simulator.services.ordering import organisation


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is known of the parties.

    Attributes:
        directory: knows them best.
        given: SOR codes by location number, which stand before what the directory says.
        documents: letters and bundles, without envelopes, in which strangers may name themselves.
    """

    directory: Directory
    given: Mapping[str, str]
    documents: Sequence[bytes]

    def organisation(self, gln: str) -> Organisation:
        """A party as a conversion is told of it; its SOR code is "" when nobody says one, which a conversion refuses.

        Raises:
            Refused: it is not in the directory, and a document cannot be read.
        """
        participant = self.directory.participant(gln)
        known = organisation(participant) if participant is not None else self._stranger(gln)
        if gln not in self.given:
            return known
        sor = self.given[gln]
        # A better number in OIOXML (ydernummer, kommunenummer) stays; the SOR code in its place is the one given.
        identifier = sor if known.identifier_code == SOR_CODE else known.identifier
        return replace(known, sor=sor, identifier=identifier)

    def _stranger(self, gln: str) -> Organisation:
        if not gln:
            return known_by("", "")
        named = [one for document in self.documents for one in parties_of(document) if one.gln == gln]
        return next((one for one in named if sor_is_valid(one.sor)), named[0] if named else known_by(gln, ""))

    def told(self, party: Organisation, role: str, makes: str | None = None) -> Iterator[Finding]:
        """Where the SOR code of a party that the directory does not have is from, and what is taken for granted of it.

        Args:
            party: as `organisation` gives it.
            role: sender or receiver.
            makes: the version of a CareCommunication that is made for it because nobody says which it takes.
        """
        if self.directory.participant(party.gln) is not None:
            return
        if party.gln not in self.given and sor_is_valid(party.sor):
            yield STRANGER.at("", party=role, gln=party.gln, sor=party.sor)
        if makes is not None:
            yield STRANGER_TAKES.at("", gln=party.gln, version=makes)
