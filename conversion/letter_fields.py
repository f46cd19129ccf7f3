"""What a conversion asks an XDIS91 beside its text: read once, and shared by whoever asks."""

from __future__ import annotations

from typing import NamedTuple

from envelope.oioxml.reading import Letter


class Fields(NamedTuple):
    """Values of an XDIS91 without white space at their ends; "" for what is not there."""

    sent_date: str
    sent_time: str
    envelope_id: str
    acknowledgement_code: str
    letter_id: str
    authorisation_date: str
    authorisation_time: str
    status_code: str
    episode_of_care: str
    sender_gln: str
    receiver_gln: str
    sender_identifier: str
    sender_identifier_code: str
    receiver_identifier: str
    receiver_identifier_code: str
    civil_registration_number: str
    alternative_identifier: str


PLACES = Fields(
    sent_date="Envelope/Sent/Date",
    sent_time="Envelope/Sent/Time",
    envelope_id="Envelope/Identifier",
    acknowledgement_code="Envelope/AcknowledgementCode",
    letter_id="ClinicalEmail/Letter/Identifier",
    authorisation_date="ClinicalEmail/Letter/Authorisation/Date",
    authorisation_time="ClinicalEmail/Letter/Authorisation/Time",
    status_code="ClinicalEmail/Letter/StatusCode",
    episode_of_care="ClinicalEmail/Letter/EpisodeOfCareIdentifier",
    sender_gln="ClinicalEmail/Sender/EANIdentifier",
    receiver_gln="ClinicalEmail/Receiver/EANIdentifier",
    sender_identifier="ClinicalEmail/Sender/Identifier",
    sender_identifier_code="ClinicalEmail/Sender/IdentifierCode",
    receiver_identifier="ClinicalEmail/Receiver/Identifier",
    receiver_identifier_code="ClinicalEmail/Receiver/IdentifierCode",
    civil_registration_number="ClinicalEmail/Patient/CivilRegistrationNumber",
    alternative_identifier="ClinicalEmail/Patient/AlternativeIdentifier",
)
"""Where each value stands, below the Emessage."""


def fields(letter: Letter) -> Fields:
    """The values of a letter."""
    return Fields(*letter.texts(PLACES))
