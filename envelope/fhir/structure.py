"""FHIR's own structure: types, cardinalities and code lists of R4B, judged by fhir.resources.

The library judges JSON, so the message goes through our own converter first, which knows what the library does not
look at: elements out of order, text between them, unknown attributes. The library's own re-writing is never used.
"""

from __future__ import annotations

import json
from typing import Any, Final

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from envelope.errors import FURTHER
from envelope.fhir import errors
from envelope.fhir.bundle import Bundle
from envelope.fhir.elements import RESOURCE, Type, resource_named, type_named
from envelope.fhir.json_xml import json_from_xml
from envelope.findings import Finding, Refused

LIMIT: Final = 100


def structure_findings(bundle: Bundle) -> tuple[Finding, ...]:
    """What breaks FHIR R4B's structure: 100 places, and how many more; without the values that the library quotes."""
    try:
        written = json.loads(json_from_xml(bundle.root))
    except Refused as refused:
        return refused.findings
    try:
        get_fhir_model_class("Bundle").model_validate(written)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        more = (FURTHER.at("", rule=errors.STRUCTURE.id, more=len(found) - LIMIT),) if len(found) > LIMIT else ()
        return (*(_finding(written, item) for item in found[:LIMIT]), *more)
    return ()


def _finding(written: dict[str, Any], item: Any) -> Finding:
    # The library's sentences name fields and forms, never the value that they speak of.
    reason = str(item["msg"]).removeprefix("Value error, ").rstrip(".")
    return errors.STRUCTURE.at(_path(written, item["loc"]), reason=f"{reason}.")


def _path(written: Any, steps: tuple[int | str, ...]) -> str:
    """The library's way to a place, as FHIRPath."""
    path, kind, value = "Bundle", type_named("Bundle"), written
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            element = kind.by_name.get(step.removeprefix("_"))
            path += f".{element.path if element else step}"
            kind = _type(element.type if element else "", kind)
        value = value[step] if _has(value, step) else None
        if kind.name == RESOURCE and isinstance(value, dict):
            kind = resource_named(value.get("resourceType", "")) or kind
    return path


def _type(name: str, otherwise: Type) -> Type:
    try:
        return type_named(name)
    except KeyError:
        return otherwise


def _has(value: Any, step: int | str) -> bool:
    return (isinstance(value, list) and isinstance(step, int) and step < len(value)) or (
        isinstance(value, dict) and step in value
    )
