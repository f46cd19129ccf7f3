"""Reading an OIOXML letter: its encoding, its tree, and which letter it is.

Letters come in ISO-8859-1, windows-1252 and UTF-8, and the XML declaration says which; it must be honoured (reference
oioxml.md 1). One fault of the field is forgiven with a warning: bytes that are plainly UTF-8 under another name.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from lxml import etree

from envelope import safe_xml
from envelope.attachments import Attachments, take_out
from envelope.cutting import Slim
from envelope.findings import Finding, Refused
from envelope.oioxml.errors import NO_LETTER, NOT_A_LETTER, UNKNOWN_LETTER, UTF8_UNDER_OTHER_NAME
from envelope.oioxml.letters import NAMESPACES, LetterKind, kind_of

_DECLARED = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,40})["']"""
)


@dataclass(frozen=True)
class Letter:
    """An Emessage that was read, and which letter it holds.

    Attributes:
        root: the Emessage element.
        kind: which letter it is.
        encoding: what the bytes were decoded as.
        findings: warnings met while reading.
        attachments: what the tokens in Object_Base64Encoded stand for; none when the bytes were read whole.
    """

    root: etree._Element
    kind: LetterKind
    encoding: str
    findings: tuple[Finding, ...] = ()
    attachments: Attachments = field(default_factory=Attachments)

    @property
    def type(self) -> str:
        """XDIS91, XBIN01, XCTL01, XCTL02 or XCTL03."""
        return self.kind.type

    @property
    def version(self) -> str:
        """The VersionCode, such as XD9134L."""
        return self.kind.version

    @property
    def namespace(self) -> str:
        """The namespace of the schema release."""
        return self.kind.namespace

    @cached_property
    def body(self) -> etree._Element:
        """The element of the (first) letter, such as ClinicalEmail."""
        return letters(self.root)[0]

    def text(self, path: str) -> str:
        """The value at a path below the Emessage ("Envelope/Identifier"), without white space at its ends, or ""."""
        return value(self.root, path)

    def texts(self, paths: tuple[str, ...]) -> list[str]:
        """The values at several paths, as `text` gives each, in about the time of two or three."""
        found = _texts_at(_named(self.root)[0], tuple(paths))(self.root).split("\n")
        if len(found) != len(paths):  # some value has lines of its own
            return [self.text(path) for path in paths]
        return [text.strip() for text in found]


def read_letter(payload: bytes | Slim) -> Letter:
    """Read an OIOXML letter from its bytes.

    Args:
        payload: the decoded Data of an envelope, or a bare letter. Of bytes the tree holds the base64 of objects; of
            what was cut (`envelope.cutting.cut`), a token for each object, which `Letter.attachments` knows.

    Returns:
        the letter; its content is not yet checked, see `envelope.oioxml.rules`.

    Raises:
        Refused: not XML, or not decodable (VS-1xx, with line and column); no Emessage (VS-201); no letter in it
            (VS-202); namespace, element and VersionCode that do not belong together (VS-203).
    """
    if not isinstance(payload, Slim):
        root, encoding, findings = _parsed(payload)
        return Letter(root, identify(root), encoding, findings)
    try:
        root, encoding, findings = _parsed(payload.document)
    except Refused as refused:
        raise payload.told(refused) from None
    attachments = take_out(root, payload)
    return Letter(root, identify(root), encoding, findings, attachments)


def _parsed(payload: bytes) -> tuple[etree._Element, str, tuple[Finding, ...]]:
    """The tree, the encoding it was read in, and warnings."""
    declared = declared_encoding(payload)
    if declared is not None and is_utf8_under_other_name(payload, declared):
        root = safe_xml.parse(payload, encoding="UTF-8")
        return root, "UTF-8", (UTF8_UNDER_OTHER_NAME.at("", declared=declared),)
    root = safe_xml.parse(payload)
    return root, declared or root.getroottree().docinfo.encoding or "UTF-8", ()


def declared_encoding(payload: bytes) -> str | None:
    """The encoding that the XML declaration names, or None where there is no declaration to be read as ASCII."""
    match = _DECLARED.match(payload)
    return match.group(1).decode("ascii") if match else None


def is_utf8_under_other_name(payload: bytes, declared: str) -> bool:
    """Whether the bytes say UTF-8 while the declaration names a single-byte encoding.

    Text in Latin-1 or windows-1252 that happens to be valid UTF-8 throughout would have to consist of pairs such as
    a capital A with tilde followed by a sign; letters do not.
    """
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return False  # the parser refuses it by name
    if not name.startswith(("iso8859", "cp125", "ascii", "latin")) or payload.isascii():
        return False
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def identify(root: etree._Element) -> LetterKind:
    """Which letter an Emessage holds, by namespace, element and VersionCode.

    Raises:
        Refused: see `read_letter`.
    """
    namespace, name = _named(root)
    if name != "Emessage" or namespace not in NAMESPACES:
        raise Refused(NOT_A_LETTER.at("/" + shown(name), element=shown(name), namespace=shown(namespace)))
    found = letters(root)
    if not found:
        raise Refused(NO_LETTER.at("/Emessage", namespace=namespace))
    namespace, name = _named(found[0])
    version = value(found[0], "Letter/VersionCode")
    kind = kind_of(namespace, name, version)
    if kind is None:
        raise Refused(
            UNKNOWN_LETTER.at(
                f"/Emessage/{shown(name)}/Letter/VersionCode",
                element=shown(name),
                version=shown(version),
                namespace=shown(namespace),
            )
        )
    return kind


def _named(element: etree._Element) -> tuple[str, str]:
    """An element's namespace and local name."""
    namespace, _, name = str(element.tag).rpartition("}")
    return namespace[1:], name


def letters(root: etree._Element) -> list[etree._Element]:
    """The letters of an Emessage: its child elements but for the Envelope and local elements."""
    namespace = str(root.tag).rpartition("}")[0]
    skipped = (f"{namespace}}}Envelope", f"{namespace}}}Local_Elements")
    return [child for child in root.iterchildren("*") if child.tag not in skipped]


def value(element: etree._Element, path: str) -> str:
    """The text at a path of local names below an element of the same namespace, stripped; "" if it is not there."""
    namespace = str(element.tag).rpartition("}")[0].removeprefix("{")
    return _text_at(namespace, path)(element).strip()


@lru_cache(maxsize=256)
def _text_at(namespace: str, path: str) -> Callable[[etree._Element], str]:
    """A path of `value`, compiled once for each release."""
    return _compiled(namespace, f"string({_steps(namespace, path)})")


@lru_cache(maxsize=64)
def _texts_at(namespace: str, paths: tuple[str, ...]) -> Callable[[etree._Element], str]:
    """Several paths as one, whose values come each on a line of its own."""
    steps = (f"string({_steps(namespace, path)})" for path in paths)
    together = ", '\n', ".join(steps)
    return _compiled(namespace, f"concat({together})")


def _steps(namespace: str, path: str) -> str:
    return "/".join(("r:" if namespace else "") + step for step in path.split("/"))


def _compiled(namespace: str, expression: str) -> Callable[[etree._Element], str]:
    namespaces = {"r": namespace} if namespace else None
    compiled: Callable[[etree._Element], Any] = etree.XPath(expression, namespaces=namespaces, smart_strings=False)
    return compiled


def shown(text: str, limit: int = 80) -> str:
    """A name or code from the letter as a finding may show it: quoted as nothing when empty, cut when absurdly long."""
    if not text:
        return "(none)"
    return text if len(text) <= limit else text[:limit] + "..."
