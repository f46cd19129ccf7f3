"""Another's stylesheets in place of ours, one a direction: MedCom promises an XSLT for this conversion.

What it is given and what it must make is told in `docs/stylesheets.md`. It is a text: nothing is read here, no address
is opened, no function beyond XSLT 1.0's and the harmless part of EXSLT's is there, so that what it makes of a message
is the same bytes every time. A mistake in it is the network's fault and never reaches a receiver.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from lxml import etree

from conversion.errors import STYLESHEET_FAILED, STYLESHEET_UNUSABLE
from envelope import safe_xml
from envelope.findings import Finding, Refused

SHEETS: Mapping[str, str] = {
    "CareCommunication": "xdis91_to_carecommunication",
    "XDIS91": "carecommunication_to_xdis91",
    "Acknowledgement": "xctl_to_acknowledgement",
    "XCTL": "acknowledgement_to_xctl",
}
"""What is converted to, and the name of the stylesheet of ours that may be replaced."""

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_ELSEWHERE = {f"{_XSL}import", f"{_XSL}include", f"{_XSL}document"}
_EXTENSIONS = ("http://exslt.org/", "http://xmlsoft.org/", "http://icl.com/saxon", "http://www.jclark.com/xt")
_ALLOWED = {
    f"http://exslt.org/{name}" for name in ("common", "functions", "math", "regular-expressions", "sets", "strings")
}
_CALLS = re.compile(r"(?<![\w.-])(document|[\w.-]+:random)\s*\(")
_VERSIONS = ("1.0", "1.1")


@dataclass(frozen=True)
class Replacement:
    """One stylesheet of another's.

    Attributes:
        name: of its file, as findings cite it.
        data: the whole of it; XML in any encoding that it declares.
    """

    name: str
    data: bytes

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hexadecimal digits: by it a conversion's facts name the stylesheet."""
        return sha256(self.data).hexdigest()


@dataclass(slots=True)
class Use:
    """One conversion with another's stylesheet: in place of which of ours, and whether it has begun to run."""

    sheet: str
    replacement: Replacement
    begun: bool = False


_use: ContextVar[Use | None] = ContextVar("use of a replaced stylesheet", default=None)


def replacement(sheet: str) -> Replacement | None:
    """What stands in place of one of our stylesheets just now, or None."""
    use = _use.get()
    return use.replacement if use is not None and use.sheet == sheet else None


def begin() -> None:
    """Another's stylesheet is run now: what is refused from here on is refused for what it makes."""
    use = _use.get()
    if use is not None:
        use.begun = True


@contextmanager
def replacing(to: str, made: Replacement) -> Iterator[Use]:
    """Convert to a type with another's stylesheet."""
    use = Use(SHEETS[to], made)
    token = _use.set(use)
    try:
        yield use
    finally:
        _use.reset(token)


def findings_of(replaced: Replacement) -> tuple[Finding, ...]:
    """What makes a stylesheet unusable, each with its line; nothing when it can be compiled."""
    try:
        compiled(replaced)
    except Refused as refused:
        return refused.findings
    return ()


def compiled(replaced: Replacement) -> etree._Element:
    """The tree of a stylesheet that can be compiled and reaches for nothing outside itself.

    Raises:
        Refused: it is no XML, no stylesheet, or reaches for files, the clock or chance (VS-550).
    """
    try:
        root = safe_xml.parse(replaced.data)
    except Refused as refused:
        raise Refused(
            [_unusable(replaced, f"it cannot be read: {each.text}", each.location) for each in refused.findings]
        ) from None
    if findings := [*_reaching(replaced, root)]:
        raise Refused(findings)
    try:
        etree.XSLT(root)
    except etree.XSLTParseError as error:
        entries = list(error.error_log)
        line = next((f"line {entry.line}" for entry in entries if entry.line > 0), "")
        reason = "; ".join(dict.fromkeys(entry.message for entry in entries[:3])) or str(error)
        raise Refused(_unusable(replaced, reason, line)) from None
    return root


def failed(replaced: Replacement, log: Any) -> Refused:
    """The refusal of a message whose conversion another's stylesheet does not get to its end.

    It names the instruction, not what was said of it: a message of the stylesheet's own may quote the letter's text.

    Args:
        replaced: the stylesheet.
        log: what libxslt logged of its run; None when it came to an end and made no element.
    """
    if log is None:
        return Refused(STYLESHEET_FAILED.at(replaced.name, reason="it makes no element"))
    root = safe_xml.parse(replaced.data)
    lines = [entry.line for entry in log if entry.line > 0]
    if not lines:  # xsl:message leaves none; where there is but one that ends the run, it is that one
        ends = [element.sourceline for element in root.iter(f"{_XSL}message") if element.get("terminate") == "yes"]
        lines = ends if len(ends) == 1 else []
    if not lines:
        return Refused(STYLESHEET_FAILED.at(replaced.name, reason="it stops itself"))
    there = [element.tag.replace(_XSL, "xsl:") for element in root.iter("*") if element.sourceline == lines[-1]]
    reason = f"{there[-1]} stops it" if there else "it stops"
    return Refused(STYLESHEET_FAILED.at(f"{replaced.name}, line {lines[-1]}", reason=reason))


def _reaching(replaced: Replacement, root: etree._Element) -> Iterator[Finding]:
    version = root.get("version") or root.get(f"{_XSL}version") or "none"
    if version not in _VERSIONS:
        reason = f"its version is {version[:10]}, and XSLT 1.0 is what is run here"
        yield _unusable(replaced, reason, f"line {root.sourceline}")
    for element in root.iter("*"):
        line = f"line {element.sourceline}"
        if element.tag in _ELSEWHERE:
            name = etree.QName(element).localname
            yield _unusable(replaced, f"xsl:{name} reaches for another file; write everything in this one", line)
        for namespace in _own_namespaces(element):
            if namespace.startswith(_EXTENSIONS) and namespace not in _ALLOWED:
                yield _unusable(replaced, f"the functions of {namespace} are not there", line)
        for name in _CALLS.findall(" ".join(str(value) for value in element.attrib.values())):
            yield _unusable(replaced, f"{name}() reaches outside, or gives another value each time", line)


def _own_namespaces(element: etree._Element) -> set[str]:
    parent = element.getparent()
    above = set() if parent is None else {*parent.nsmap.values()}
    return {uri for uri in element.nsmap.values() if uri not in above}


def _unusable(replaced: Replacement, reason: str, line: str) -> Finding:
    return STYLESHEET_UNUSABLE.at(f"{replaced.name}, {line}" if line else replaced.name, reason=reason)
