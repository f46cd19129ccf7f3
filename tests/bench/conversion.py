"""A conversion without profile rules beside the bare calls that any conversion has to make, on the same documents.

The bare calls: base64, parse, schema, the same stylesheet with the same parameters, XML to JSON where JSON is read or
written, serialise, base64. What the network does beside them (refusals with findings, identifiers, Danish time, text,
references, what must be remembered) is what the ratio shows.
"""

from __future__ import annotations

import base64
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from conversion import Facts, Organisation, convert
from conversion import stylesheet as stylesheets
from envelope.fhir.json_xml import json_from_xml, xml_from_json
from envelope.oioxml.letters import R2006

LETTERS = Path(__file__).resolve().parents[1] / "letters"
SCHEMAS = Path(stylesheets.__file__).resolve().parents[1] / "envelope" / "oioxml" / "schemas"
OF_LETTER = (
    Organisation("5790000121526", "325251000016005", "Afsender", "65432010", "325251000016005", "sorkode"),
    Organisation("5790000120314", "325371000016006", "Modtager", None, "325371000016006", "sorkode"),
)
OF_MESSAGE = (
    Organisation("5790001382445", "359001000016000", "Afsender", "65432010", "359001000016000", "sorkode"),
    Organisation("5790000121441", "328051000016008", "Modtager", None, "328051000016008", "sorkode"),
)
"""The parties that each document names, as a directory knows them."""


def _parameters(convert_once: Callable[[], object]) -> dict[str, Any]:
    """The parameters that a conversion gives its stylesheet, so that the bare call gets the same."""
    noted: dict[str, Any] = {}
    transform = stylesheets.Stylesheet.transform

    def noting(sheet: Any, source: etree._Element, parameters: Mapping[str, str]) -> etree._Element:
        noted.update(parameters)
        return transform(sheet, source, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stylesheets.Stylesheet, "transform", noting)
        convert_once()
    return {key: etree.XSLT.strparam(value) for key, value in noted.items()}


def cases() -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """For each kind of conversion: ours, and the bare calls."""
    letter = base64.b64encode((LETTERS / "xdis91-iso-8859-1.xml").read_bytes())
    message_xml = (LETTERS / "carecommunication-reply.xml").read_bytes()
    message_json = base64.b64encode(json_from_xml(etree.fromstring(message_xml)))
    message = base64.b64encode(message_xml)
    return {
        "XDIS91 to CareCommunication, XML": _to_fhir(letter, "xml"),
        "XDIS91 to CareCommunication, JSON": _to_fhir(letter, "json"),
        "CareCommunication to XDIS91, XML": _to_oioxml(message, is_json=False),
        "CareCommunication to XDIS91, JSON": _to_oioxml(message_json, is_json=True),
    }


def _facts(output_format: str, parties: tuple[Organisation, Organisation]) -> Facts:
    form = "json" if output_format == "json" else "xml"
    return Facts(datetime(2026, 11, 22, tzinfo=UTC), "0" * 32, *parties, output_format=form)  # type: ignore[arg-type]


def _ours(data: bytes, facts: Facts, to: str) -> Callable[[], object]:
    def ours() -> bytes:
        made = convert((base64.b64decode(data),), facts, to, profile=False)
        return base64.b64encode(made.outputs[0].payload)

    return ours


def _bare_parts(data: bytes, facts: Facts, to: str, name: str) -> tuple[etree.XSLT, dict[str, Any], etree.XMLSchema]:
    parameters = _parameters(lambda: convert((base64.b64decode(data),), facts, to, profile=False))
    sheet = etree.XSLT(stylesheets._tree(name, R2006, None))  # the very sheet, as it is compiled
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "release-2006-07-01.xsd"))
    return sheet, parameters, schema


def _to_fhir(data: bytes, form: str) -> tuple[Callable[[], object], Callable[[], object]]:
    facts = _facts(form, OF_LETTER)
    sheet, parameters, schema = _bare_parts(data, facts, "CareCommunication", "xdis91_to_carecommunication")

    def bare() -> bytes:
        letter = etree.fromstring(base64.b64decode(data))
        schema.assertValid(letter)
        made = sheet(letter, **parameters).getroot()
        payload: Any = json_from_xml(made) if form == "json" else etree.tostring(made, encoding="UTF-8")
        return base64.b64encode(payload)

    return _ours(data, facts, "CareCommunication"), bare


def _to_oioxml(data: bytes, *, is_json: bool) -> tuple[Callable[[], object], Callable[[], object]]:
    facts = _facts("xml", OF_MESSAGE)
    sheet, parameters, _ = _bare_parts(data, facts, "XDIS91", "carecommunication_to_xdis91")

    def bare() -> bytes:
        read = base64.b64decode(data)
        message = xml_from_json(read) if is_json else etree.fromstring(read)
        made = sheet(message, **parameters).getroot()
        # No schema: FHIR has none, and without profile rules what is made is not judged on either side.
        payload: Any = etree.tostring(made, encoding="ISO-8859-1")
        return base64.b64encode(payload)

    return _ours(data, facts, "XDIS91"), bare


def measure(rounds: int = 15, times: int = 40) -> dict[str, tuple[float, float, float]]:
    """Microseconds of processor time of ours and of the bare calls, and the median ratio, round by round in turn."""
    results = {}
    for name, (ours, bare) in cases().items():
        pairs = [(_timed(ours, times), _timed(bare, times)) for _ in range(rounds)]
        results[name] = (
            statistics.median(one for one, _ in pairs),
            statistics.median(other for _, other in pairs),
            statistics.median(one / other for one, other in pairs),
        )
    return results


def _timed(work: Callable[[], object], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - started) / times * 1e6
