"""The schema's verdict on an envelope, in the envelope's own words.

Our own schema (`schemas/VANSEnvelope.xsd`) judges the envelope without its Data, whose base64 was judged as it passed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, cast

from lxml import etree

from envelope import errors, safe_xml
from envelope.findings import Finding, Rule
from envelope.skeleton import DATA_PATH, NAMESPACE, Skeleton

_Q: Final = f"{{{NAMESPACE}}}"
_SCHEMA: Final = Path(__file__).with_name("schemas") / "VANSEnvelope.xsd"
_FINDINGS_LIMIT: Final = 20
_REASON_LIMIT: Final = 300
_LIKE_A_CPR: Final = re.compile(r"(?<!\d)\d{6}-?\d{4}(?!\d)")


def verdict(skeleton: Skeleton) -> tuple[Finding, ...]:
    """What the schema says of an envelope and its base64; nothing when it is valid.

    Args:
        skeleton: the envelope parted from its Data.
    """
    schema = _schema()
    problem = skeleton.count.problem
    valid = schema.validate(skeleton.root)
    if valid and problem is None:
        return ()
    findings = [] if valid else list(_log_findings(schema, skeleton.root))
    if problem is not None:
        findings.append(errors.DATA_NOT_BASE64.at(DATA_PATH, reason=problem))
    return tuple(findings)


def _log_findings(schema: etree.XMLSchema, root: etree._Element) -> Iterator[Finding]:
    """What the schema validator said, in the envelope's own words; the first of each place and kind."""
    name = etree.QName(root)
    if name.localname != "VANSEnvelope":
        yield errors.NOT_AN_ENVELOPE.at("/" + name.localname, root=name.localname)
        return
    if name.namespace != NAMESPACE:
        yield errors.ENVELOPE_NAMESPACE.at("/VANSEnvelope", namespace=name.namespace or "")
        return
    seen: set[tuple[str, Rule]] = set()
    for entry in cast("Iterable[Any]", schema.error_log):
        reason = _LIKE_A_CPR.sub("**********", str(entry.message).replace(_Q, "")).rstrip(".")[:_REASON_LIMIT]
        rule = _rule(reason)
        place = f"{_place(root, entry.path)} (line {entry.line})" if entry.line else _place(root, entry.path)
        if (place, rule) not in seen:
            seen.add((place, rule))
            if len(seen) <= _FINDINGS_LIMIT:
                yield rule.at(place, reason=reason)
    if len(seen) > _FINDINGS_LIMIT:
        yield errors.FURTHER.at("", rule="the schema", more=len(seen) - _FINDINGS_LIMIT)


def _rule(reason: str) -> Rule:
    """The rule that a sentence of the schema validator is about."""
    if "attribute '" in reason:
        return errors.ENVELOPE_ATTRIBUTE
    if any(
        words in reason for words in ("not expected", "Missing child", "ontent is not allowed", "Character content")
    ):
        return errors.ENVELOPE_ELEMENT
    return errors.ENVELOPE_VALUE


def _place(root: etree._Element, path: str | None) -> str:
    """The names on the way from the root to an element that the validator gave by number."""
    scope = {prefix: name for element in root.iter() for prefix, name in element.nsmap.items() if prefix}
    found: Any = root.getroottree().xpath(path or "/*", namespaces=scope)
    if not found:  # a prefix that means one thing here and another there
        return path or ""
    names = [found[0], *found[0].iterancestors()]
    return "".join("/" + etree.QName(element).localname for element in reversed(names))


_LOCAL = threading.local()


def _schema() -> etree.XMLSchema:
    """Our schema, compiled once a thread: its log of errors is not for two at a time."""
    try:
        schema: etree.XMLSchema = _LOCAL.schema
    except AttributeError:
        document = safe_xml.parse(_SCHEMA.read_bytes())
        with safe_xml.COMPILING:
            schema = _LOCAL.schema = etree.XMLSchema(document)
    return schema
