from __future__ import annotations

import base64
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from conversion import Converted, Facts, convert
from envelope.fhir import full_rules
from envelope.fhir.bundle import read_bundle
from envelope.fhir.profile_errors import ATTACHMENT_TITLE, ATTACHMENT_TYPE
from envelope.fhir.values import NS, payload_id, value
from envelope.fhir.vocabulary import MIME_TYPES
from tests.conversion.rows.case import FACTS
from tests.conversion.sendings import Sending, sendings

JSON = replace(FACTS, output_format="json")
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _convert(sources: list[bytes], facts: Facts) -> Converted:
    return convert(sources, facts, "CareCommunication")


def _attachments(converted: Converted) -> list[etree._Element]:
    """The payloads with an attachment that is no link."""
    bundle = read_bundle(converted.outputs[0].payload)
    return [
        payload
        for payload in bundle.root.iter(f"{NS}payload")
        if payload.find(f"{NS}contentAttachment") is not None and value(payload, "contentAttachment/url") is None
    ]


def _errors(converted: Converted) -> set[str]:
    """The rules that what was made breaks, warnings aside."""
    found = full_rules.validate(read_bundle(converted.outputs[0].payload), structure=False)
    return {finding.rule.id for finding in found if finding.is_error}


@slow
@given(sendings())
def test_every_attachment_arrives_byte_for_byte(sending: Sending) -> None:
    """Identifier, title, type and bytes stand where the letter refers to them, in both forms, and all is valid."""
    foreign = any(each.type.mime not in MIME_TYPES for each in sending.attachments)
    for facts in (FACTS, JSON):
        converted = _convert(sending.sources, facts)
        found = _attachments(converted)
        assert [payload_id(payload) for payload in found] == [each.identifier.hex for each in sending.attachments]
        titles = [value(payload, "contentAttachment/title") for payload in found]
        assert titles == [each.title if each.title.strip() else "Bilag" for each in sending.attachments]
        types = [value(payload, "contentAttachment/contentType") for payload in found]
        assert types == [each.type.mime for each in sending.attachments]
        contents = [
            base64.b64decode(value(payload, "contentAttachment/data") or "", validate=True) for payload in found
        ]
        assert contents == [each.content for each in sending.attachments]
        assert _errors(converted) == ({ATTACHMENT_TYPE.id} if foreign else set())
        allowed = {"VS-506", "VS-507", "VS-508", "VS-513", "VS-527", "VS-534"}
        assert {finding.rule.id for finding in converted.findings} <= allowed


@slow
@given(sendings(), st.data())
def test_the_same_letters_make_the_same_bytes(sending: Sending, data: st.DataObject) -> None:
    """In whatever order they come, and again from facts that were written down."""
    first = _convert(sending.sources, FACTS)
    shuffled = data.draw(st.permutations(sending.sources))
    again = _convert(shuffled, Facts.from_json(FACTS.to_json()))
    assert again.outputs == first.outputs
    assert again.remembered == first.remembered


@slow
@given(sendings())
def test_json_and_xml_are_the_same_message(sending: Sending) -> None:
    """Both forms are the same tree when they are read, attachments included."""
    xml, json = (read_bundle(_convert(sending.sources, facts).outputs[0].payload).root for facts in (FACTS, JSON))
    assert etree.tostring(json, method="c14n") == etree.tostring(xml, method="c14n")


@slow
@given(sendings(), st.data())
def test_what_did_not_come_is_left_out_and_nothing_else(sending: Sending, data: st.DataObject) -> None:
    """Some of the XBIN01s missing: their attachments lack title and content, the others nothing."""
    others = [source for source in sending.sources if source != sending.letter]
    kept = data.draw(st.lists(st.sampled_from(others), unique=True, max_size=len(others)))
    facts = replace(data.draw(st.sampled_from([FACTS, JSON])), incomplete=True)
    converted = _convert([sending.letter, *kept], facts)
    found = _attachments(converted)
    assert [payload_id(payload) for payload in found] == [each.identifier.hex for each in sending.attachments]
    missing = [payload_id(payload) for payload in found if value(payload, "contentAttachment/data") is None]
    titleless = [payload_id(payload) for payload in found if value(payload, "contentAttachment/title") is None]
    assert converted.remembered is not None
    assert list(converted.remembered.incomplete) == missing == titleless
    assert len(converted.remembered.original) == 1 + len(kept)
    assert all(value(payload, "contentAttachment/contentType") for payload in found)
    assert _errors(converted) <= {ATTACHMENT_TYPE.id, ATTACHMENT_TITLE.id}
    present = {each.identifier.hex: each.content for each in sending.attachments}
    for payload in found:
        if (written := value(payload, "contentAttachment/data")) is not None:
            assert base64.b64decode(written) == present[payload_id(payload)]
