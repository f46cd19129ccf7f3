"""FHIR XML to FHIR JSON and back, driven by the type table, so that nothing is lost or rewritten.

Rules of the two forms: FHIR R4, "XML representation" and "JSON representation of resources". Values are kept as they
are written: numbers, dates, zones, fractions and text. What is dropped: comments, processing instructions, white space
between elements, and `xsi:` attributes, which speak of the syntax and not of the message.
"""

from __future__ import annotations

from envelope.fhir.json_to_xml import xml_from_json
from envelope.fhir.xml_to_json import json_from_xml, misfits

__all__ = ["json_from_xml", "misfits", "xml_from_json"]
