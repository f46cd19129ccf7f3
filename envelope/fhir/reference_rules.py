"""What the references of a MedCom message point at: rows that the profiles of each message type fill in."""

from __future__ import annotations

from collections.abc import Iterator

from envelope.fhir import message_errors as errors
from envelope.fhir.message import Broken, Check, Message, Row, broken, type_of
from envelope.fhir.values import NS, value


def references(*places: tuple[str, str, tuple[str, ...], bool]) -> tuple[Row, Row]:
    """Rows that say of references what they point at.

    Args:
        places: resource type, path of the Reference, types it may point at, and whether it must be there.
    """
    return (
        Row(errors.REFERENCE_MISSING, _references_missing(places)),
        Row(errors.REFERENCE_TYPE, _references_of_type(places)),
    )


def _references_missing(places: tuple[tuple[str, str, tuple[str, ...], bool], ...]) -> Check:
    def check(message: Message) -> Iterator[Broken]:
        for kind, path, types, required in places:
            for resource in message.index.of_type(kind) if required else ():
                if value(resource, f"{path}/reference") is None:
                    step = path.replace("/", ".")
                    yield broken(resource, f".{step}", element=f"{kind}.{step}", wanted=" or ".join(types))

    return check


def _references_of_type(places: tuple[tuple[str, str, tuple[str, ...], bool], ...]) -> Check:
    def check(message: Message) -> Iterator[Broken]:
        for kind, path, types, _ in places:
            step = path.replace("/", ".")
            for resource in message.index.of_type(kind):
                for item in resource.iterfind("/".join(NS + name for name in (*path.split("/"), "reference"))):
                    found = message.index.resource(item.get("value"))
                    if found is not None and type_of(found) not in types:
                        wanted = " or ".join(types)
                        yield broken(item, element=f"{kind}.{step}", found=type_of(found), wanted=wanted)

    return check
