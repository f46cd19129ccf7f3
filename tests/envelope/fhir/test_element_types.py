"""The type table of the XML and JSON converter, held to what fhir.resources knows of FHIR R4B.

`python tests/envelope/fhir/test_element_types.py` writes `envelope/fhir/element_types.py` anew.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from fhir.resources.R4B import fhirtypes, get_fhir_model_class

from envelope.fhir import element_types

TARGET = Path(__file__).resolve().parents[3] / "envelope" / "fhir" / "element_types.py"
BASES = ("DomainResource", "Resource", "BackboneElement", "Element")
NUMBERS = ("IntegerType", "PositiveIntType", "UnsignedIntType", "DecimalType")
OTHER_PRIMITIVES = {"BooleanType": "boolean", "XhtmlType": "xhtml", "ResourceType": "Resource"}

OPENING = '''\
# ruff: noqa: E501 (a table: one type a line)
"""Every element of every FHIR R4B type: its type, whether it repeats, and the order in which XML wants them.

Made by `python tests/envelope/fhir/test_element_types.py` from the metadata of fhir.resources; a test compares. One
type a line: `Name Base element:type element:type* ...`, where `*` repeats and a type is the name of a complex type,
`Resource`, or one of `string` (whatever JSON writes as a string), `number`, `boolean`, `xhtml`. `@id` and `@url` are
XML attributes; `value~String` is the choice `value[x]` as a string, written `valueString`.
"""

from __future__ import annotations

TABLE = """\\
'''


def written_type(model: Any, name: str, annotation: str) -> str:
    """How the table writes the type of one field of a model."""
    if re.search(r"\bbool\b", annotation):
        annotation = annotation.replace("bool", "fhirtypes.BooleanType")
    found = re.findall(r"fhirtypes\.(\w+)", annotation)
    assert len(found) == 1, (model, name, annotation)
    repeats = "*" if "List[" in annotation else ""
    type_name = str(found[0])
    if type_name in NUMBERS:
        return "number" + repeats
    if type_name in OTHER_PRIMITIVES:
        return OTHER_PRIMITIVES[type_name] + repeats
    if getattr(getattr(fhirtypes, type_name), "get_model_klass", None):
        return type_name.removesuffix("Type") + repeats
    return "string" + repeats


def row(name: str) -> str:
    """One line of the table: the elements that a type adds to its base, in the order of the specification."""
    model = get_fhir_model_class(name)
    base = next((parent.__name__ for parent in model.__mro__[1:] if parent.__name__ in BASES), "")
    inherited = set(get_fhir_model_class(base).elements_sequence()) if base else set()
    annotations: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        annotations.update(inspect.get_annotations(parent))
    parts = [name, base or "-"]
    resource = model.has_resource_base()
    for element in model.elements_sequence():
        if element in inherited:
            continue
        field, info = next(pair for pair in model.model_fields.items() if (pair[1].alias or pair[0]) == element)
        extra = info.json_schema_extra
        choice = str(extra["one_of_many"]) if isinstance(extra, dict) and "one_of_many" in extra else ""
        written = f"{choice}~{element.removeprefix(choice)}" if choice else element
        attribute = (element == "id" and not resource) or (name == "Extension" and element == "url")
        parts.append(f"{'@' if attribute else ''}{written}:{written_type(model, element, str(annotations[field]))}")
    return " ".join(parts)


def table() -> str:
    """The whole table, as fhir.resources has it."""
    names = sorted(
        name.removesuffix("Type")
        for name in vars(fhirtypes)
        if name.endswith("Type") and getattr(getattr(fhirtypes, name), "get_model_klass", None)
    )
    return "".join(row(name) + "\n" for name in names if name != "FHIRPrimitiveExtension")


def test_the_table_is_what_the_library_says() -> None:
    """The checked-in table holds exactly the types, elements, order and repetition that fhir.resources knows."""
    assert table() == element_types.TABLE


if __name__ == "__main__":
    TARGET.write_text(f'{OPENING}{table()}"""\n', encoding="utf-8")
