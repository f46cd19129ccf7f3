"""Writing an Acknowledgement 2.0: one receipt in FHIR, whoever gives it.

Receivers' answers that come as XCTL (`conversion.to_acknowledgement`) and the mock participants' answers
(`conversion.answers`) are written here alike, by the same two stylesheets: one maps, the other adds the narratives.
Source: MedCom Acknowledgement 2.0.3 and Messaging 4.0.2; reference fhir.md 6.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from conversion.checking import check_bundle
from conversion.converted import Output
from conversion.facts import Organisation, OutputFormat
from conversion.identifiers import Identifiers
from conversion.kinds import Kind
from conversion.orders import order, organization, refusals
from conversion.rows import carries
from conversion.stylesheet import stylesheet
from envelope.fhir.bundle import serialise
from envelope.oioxml.formatted_text import plain_text
from envelope.pieces import Pieces

TYPE = "Acknowledgement"
DOCUMENT_VERSION = "2.0.0"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """One Acknowledgement before it is written.

    Attributes:
        response: ok, fatal-error or transient-error.
        sent: when the receipt was sent, FHIR instant with a zone.
        acknowledged: MessageHeader.id of the message that it answers.
        provenance: the latest Provenance of that message.
        sender, receiver: of the Acknowledgement; the receiver is who sent the message.
        receipts: the XCTL that say the same in OIOXML (Emessage).
    """

    response: str
    sent: str
    acknowledged: str
    provenance: etree._Element
    sender: Organisation
    receiver: Organisation
    receipts: tuple[etree._Element, ...]


def write(
    acknowledgement: Acknowledgement,
    kind: Kind,
    identifiers: Identifiers,
    output_format: OutputFormat,
    *,
    profile: bool = True,
) -> Output:
    """Write an Acknowledgement, in XML or JSON.

    Args:
        acknowledgement: what it says.
        kind: XCTL02 or XCTL03.
        identifiers: give every resource that is new its id.
        output_format: XML or JSON.
        profile: whether what is made is checked against MedCom's profiles, beside its structure.

    Raises:
        Refused: what was made is invalid (VS-504).
    """
    source = _order(acknowledgement, kind, identifiers)
    made = stylesheet("xctl_to_acknowledgement").transform(source, {})
    made = stylesheet("acknowledgement_narrative").transform(made, {})
    check_bundle(made, TYPE, profile=profile)
    return Output(
        pieces=Pieces((serialise(made, output_format),)),
        type=TYPE,
        version=DOCUMENT_VERSION,
        envelope_id=identifiers.uuid("Bundle"),
        letter_id=identifiers.uuid("MessageHeader"),
        postfix=acknowledgement.response,
    )


def _order(acknowledgement: Acknowledgement, kind: Kind, identifiers: Identifiers) -> etree._Element:
    values = {
        "sent": acknowledgement.sent,
        "bundle": identifiers.uuid("Bundle"),
        "header": identifiers.uuid("MessageHeader"),
        "provenance": identifiers.uuid("Provenance"),
        "outcome": identifiers.uuid("OperationOutcome"),
        "acknowledged": acknowledgement.acknowledged,
    }
    parts = [
        organization("sender", identifiers.uuid("Organization/sender"), acknowledgement.sender),
        organization("receiver", identifiers.uuid("Organization/receiver"), acknowledgement.receiver),
        *refusals(),
        acknowledgement.provenance,
        *(_plain(receipt) for receipt in acknowledgement.receipts),
    ]
    return order(kind, acknowledgement.response, values, parts)


def _plain(root: etree._Element) -> etree._Element:
    """The receipt with plain text in its RefuseTexts; the receipt itself is not changed."""
    copy = deepcopy(root)
    for element in copy.iter(f"{{{etree.QName(root).namespace}}}RefuseText"):
        text = _text(element)
        for child in list(element):
            element.remove(child)
        element.text = text
    return copy


@carries("RA-line-break", otherwise="")
def _text(element: etree._Element) -> str:
    return plain_text(element).strip("\n")
