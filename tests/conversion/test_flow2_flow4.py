"""MedCom's worked examples of receipts: Flow2, Acknowledgement to XCTL, and Flow4, XCTL to Acknowledgement.

The examples are no golden files (mapping.md 7): where one departs from the tables, the path stands among the deviations
with the reason, and the test sees to it that it really departs there.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from conversion import Identity, Remembered, convert
from conversion.answers import latest_provenance
from envelope.fhir.bundle import read_bundle
from tests.conversion.rows.case import FACTS, HOSPITAL, MUNICIPALITY, strings

SENT_BACK = replace(
    FACTS,
    sender=replace(MUNICIPALITY, name=""),
    receiver=replace(HOSPITAL, name=""),
)
"""The examples' Organizations have no names."""

XCTL_SAME = (
    "local-name(/o5:Emessage/*[2])",
    "//o5:AcknowledgementCode",
    "//o5:Letter/o5:VersionCode",
    "//o5:Letter/o5:StatisticalCode",
    "//o5:Sender/o5:EANIdentifier",
    "//o5:Receiver/o5:EANIdentifier",
    "//o5:OriginalEnvelopeIdentifier",
    "//o5:OriginalSender/o5:EANIdentifier",
    "//o5:OriginalReceiver/o5:EANIdentifier",
    "//o5:OriginalLetterIdentifier",
    "//o5:OriginalVersionCode",
)
XCTL_DEVIATIONS = {
    "//o5:Sent/o5:Date": "the example's receipts were sent two days before the Acknowledgement",
    "//o5:Sent/o5:Time": "the example's receipts were sent two days before the Acknowledgement",
    "//o5:Envelope/o5:Identifier": "identifiers are new in every conversion",
    "//o5:Letter/o5:Identifier": "identifiers are new in every conversion",
}

_OWN = "//f:Provenance[f:activity/f:coding/f:code/@value = 'acknowledgement']"
_COPIED = "//f:Provenance[f:activity/f:coding/f:code/@value != 'acknowledgement']"
_ORGANISATION = "//f:Organization[concat('Organization/', f:id/@value) = {0}/f:reference/@value]"
_SENDER = _ORGANISATION.format("//f:MessageHeader/f:sender")
_RECEIVER = _ORGANISATION.format("//f:MessageHeader/f:destination/f:receiver")

ACKNOWLEDGEMENT_SAME = (
    "/f:Bundle/f:meta/f:profile/@value",
    "/f:Bundle/f:type/@value",
    "//f:MessageHeader/f:meta/f:profile/@value",
    "//f:MessageHeader/f:text/f:status/@value",
    "//f:eventCoding/f:*/@value",
    "//f:destination/f:extension/@url",
    "//f:destination/f:extension/f:valueCoding/f:*/@value",
    "//f:destination/f:endpoint/@value",
    "//f:source/f:endpoint/@value",
    "//f:response/f:identifier/@value",
    "//f:response/f:code/@value",
    f"{_SENDER}/f:identifier/f:*/@value",
    f"{_RECEIVER}/f:identifier/f:*/@value",
    f"{_RECEIVER}/f:name/@value",
    "//f:Organization/f:meta/f:profile/@value",
    "//f:Provenance/f:meta/f:profile/@value",
    f"{_COPIED}/f:target/f:reference/@value",
    f"{_COPIED}/f:activity/f:coding/f:*/@value",
    f"{_OWN}/f:occurredDateTime/@value",
    f"{_OWN}/f:activity/f:coding/f:*/@value",
    f"{_OWN}/f:entity/f:role/@value",
    f"{_OWN}/f:entity/f:what/f:reference/@value",
    f"count({_ORGANISATION.format(_COPIED + '/f:agent/f:who')}/f:identifier[f:value/@value = '5790001382445'])",
    f"count({_ORGANISATION.format(_OWN + '/f:agent/f:who')}/f:identifier[f:value/@value = '5790000121441'])",
    "count(//f:entry)",
)
ACKNOWLEDGEMENT_DEVIATIONS = {
    "/f:Bundle/f:timestamp/@value": "the example calls Danish time UTC; 12:33 in November is +01:00",
    f"{_OWN}/f:recorded/@value": "the example calls Danish time UTC, and contradicts its own occurredDateTime",
    f"{_COPIED}/f:id/@value": "the example gives the copy an id of its own; a copy keeps the original's",
    f"{_COPIED}/f:occurredDateTime/@value": "the example has another minute than the message of Flow3 that it copies",
    f"{_COPIED}/f:entity/f:role/@value": "the example leaves out the entities of the Provenance that it copies",
    "/f:Bundle/f:id/@value": "identifiers are new in every conversion",
    "//f:MessageHeader/f:id/@value": "identifiers are new in every conversion",
    "//f:fullUrl/@value": "the example's are relative, which FHIR does not allow",
}


@pytest.fixture
def flow(reference: Path) -> Path:
    """The folder of MedCom's worked examples."""
    return reference / "samples" / "conversion-flows"


@pytest.fixture
def flow2(flow: Path) -> list[tuple[bytes, bytes]]:
    """Ours beside theirs: the receipts on the XDIS91 and on the XBIN01 of one CareCommunication."""
    originals = (
        Identity("XDIS91", "XD9134L", "KuvNrerwerwe99", "Brevt23400929"),
        Identity("XBIN01", "XB0131X", "MEDBIN62529", "031120PWE62528", wants_receipt=False),
    )
    made = Identity("CareCommunication", "5.0", "unknown", "60098c38-6fe1-41ba-aa92-d4809022de88")
    facts = replace(SENT_BACK, original=Remembered(originals, (made,), HOSPITAL, MUNICIPALITY))
    converted = convert([(flow / "Flow2-Acknowledgement_Ex_to_OIOXML.xml").read_bytes()], facts, "XCTL")
    files = [flow / f"Flow2-XCTL03_Ex_from_FHIR_{name}.xml" for name in ("XDIS91", "XBIN01")]
    return [(output.payload, file.read_bytes()) for output, file in zip(converted.outputs, files, strict=True)]


@pytest.fixture
def flow4(flow: Path) -> tuple[bytes, bytes]:
    """Ours beside theirs: the Acknowledgement of two receipts, on the message of Flow3."""
    message = read_bundle((flow / "Flow3-CareCommunication_Ex_to_OIOXML.xml").read_bytes())
    made = (
        Identity("XDIS91", "XD9134L", "KuvNrerwerwe00", "Brevt23400930"),
        Identity("XBIN01", "XB0131X", "MEDBIN62530", "031120PWE62529"),
    )
    original = Identity("CareCommunication", "5.0", "unknown", "080d88be-177c-42a4-9124-de4e73ad485a")
    provenance = etree.tostring(latest_provenance(message), encoding="unicode", with_tail=False)
    remembered = Remembered((original,), made, HOSPITAL, MUNICIPALITY, provenance)
    sources = [(flow / f"Flow4-XCTL03_Ex_to_FHIR_{name}.xml").read_bytes() for name in ("XDIS91", "XBIN01")]
    [output] = convert(sources, replace(SENT_BACK, original=remembered), "Acknowledgement").outputs
    return output.payload, (flow / "Flow4-Acknowledgement_Ex_from_OIOXML.xml").read_bytes()


@pytest.mark.reference
def test_each_mapped_value_of_flow2_is_medcoms(flow2: list[tuple[bytes, bytes]]) -> None:
    """Both receipts say what MedCom's say, the one on a letter that asked for none too."""
    for ours, theirs in flow2:
        assert {path: strings(ours, path) for path in XCTL_SAME} == {path: strings(theirs, path) for path in XCTL_SAME}


@pytest.mark.reference
def test_each_mapped_value_of_flow4_is_medcoms(flow4: tuple[bytes, bytes]) -> None:
    """Where the tables decide and the example follows them, both say the same."""
    ours, theirs = flow4
    differing = {path: (strings(ours, path), strings(theirs, path)) for path in ACKNOWLEDGEMENT_SAME}
    assert {path: both for path, both in differing.items() if both[0] != both[1]} == {}


@pytest.mark.reference
def test_the_examples_depart_from_the_tables_only_where_they_are_known_to(
    flow2: list[tuple[bytes, bytes]], flow4: tuple[bytes, bytes]
) -> None:
    """Each known deviation is still one."""
    for ours, theirs in flow2:
        assert [path for path in XCTL_DEVIATIONS if strings(ours, path) == strings(theirs, path)] == []
    ours, theirs = flow4
    assert [path for path in ACKNOWLEDGEMENT_DEVIATIONS if strings(ours, path) == strings(theirs, path)] == []
