"""What is remembered of the messages that the receipts under tests/letters answer, and the facts around them."""

from __future__ import annotations

from dataclasses import replace

from conversion import Facts, Identity, Remembered
from conversion.identifiers import Identifiers
from tests.conversion.rows.case import FACTS, HOSPITAL, MUNICIPALITY

HEADER = "6d0c7c1e-52b1-4f5c-a0a1-7a4fd2b60002"
EARLIER = "6d0c7c1e-52b1-4f5c-a0a1-7a4fd2b60001"
BUNDLE = "b6f0e1d2-93ab-4c0e-8f11-5d2c6b7a0001"
PROVENANCE = f"""<fhir:Provenance xmlns:fhir="http://hl7.org/fhir">
  <fhir:id value="0f4f6c0a-31ab-4b5e-9a01-77a1c2b30001"/>
  <fhir:meta><fhir:profile
    value="http://medcomfhir.dk/ig/carecommunication/StructureDefinition/medcom-careCommunication-provenance"/></fhir:meta>
  <fhir:text><fhir:status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">to be made anew</div></fhir:text>
  <fhir:target><fhir:reference value="MessageHeader/{HEADER}"/></fhir:target>
  <fhir:occurredDateTime value="2026-06-03T22:58:00+02:00"/>
  <fhir:recorded value="2026-06-03T22:58:00+02:00"/>
  <fhir:activity><fhir:coding>
    <fhir:system value="http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-messaging-activityCodes"/>
    <fhir:code value="reply-message"/>
  </fhir:coding></fhir:activity>
  <fhir:agent><fhir:who><fhir:reference value="Organization/theirs"/></fhir:who></fhir:agent>
  <fhir:entity><fhir:role value="source"/><fhir:what>
    <fhir:identifier><fhir:value value="urn:uuid:1f0d6a52-8d6b-4c0f-9d4b-0a1b2c3d4e5f"/></fhir:identifier>
  </fhir:what></fhir:entity>
  <fhir:entity><fhir:role value="revision"/><fhir:what>
    <fhir:reference value="MessageHeader/{EARLIER}"/>
  </fhir:what></fhir:entity>
</fhir:Provenance>"""

MESSAGE = Identity("CareCommunication", "5.0", BUNDLE, HEADER)
LETTER = Identity("XDIS91", "XD9134L", "MADEENVELOPE01", "MADELETTER0001")
OBJECTS = Identity("XBIN01", "XB0131X", "MADEENVELOPE02", "MADELETTER0002")

FROM_BUNDLE = Remembered((MESSAGE,), (LETTER,), HOSPITAL, MUNICIPALITY, PROVENANCE)
"""A CareCommunication from the hospital went to the municipality as an XDIS91."""

FROM_LETTER = Remembered((LETTER,), (MESSAGE,), HOSPITAL, MUNICIPALITY, PROVENANCE)
"""An XDIS91 from the hospital went to the municipality as a CareCommunication."""

TO_ACKNOWLEDGEMENT = replace(FACTS, sender=MUNICIPALITY, receiver=HOSPITAL, original=FROM_BUNDLE)
TO_XCTL = replace(FACTS, sender=MUNICIPALITY, receiver=HOSPITAL, original=FROM_LETTER)

NEW = Identifiers(FACTS.seed)


def remembering(facts: Facts, remembered: Remembered | None) -> Facts:
    """The same facts with something else remembered."""
    return replace(facts, original=remembered)
