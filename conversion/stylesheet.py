"""XSLT 1.0 stylesheets: ours, or another's in their place; compiled once a thread, run with string parameters.

Every instruction of our stylesheets that carries a row of a mapping table bears the row's id as `row:id`, in the
namespace `urn:vansim:row`, on XSLT elements and on literal ones; several ids are parted by blanks. The marks are gone
before the stylesheet is compiled. Inside `conversion.rows.taken_out(row)` a variant without the row's instructions is
compiled instead, inside `conversion.rows.noted()` one that says which row wrote what (`conversion.annotating`).
libxslt may neither read nor write nor connect anywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree

from conversion.annotating import ROW_ID, annotate, read_marks
from conversion.replaced import Replacement, begin, compiled, failed, replacement
from conversion.rows.carriers import missing, noting
from envelope.oioxml.letters import R2006

__all__ = ["ROW_ID", "Stylesheet", "rows_in", "stylesheet"]

_DENIED: dict[str, Any] = dict.fromkeys(
    ("read_file", "write_file", "create_dir", "read_network", "write_network"), False
)
_MOST_COPIES = 64
"""How many a thread keeps: with rows taken out, or edited again and again, there is no end to them."""


class Stylesheet:
    """One compiled stylesheet; belongs to the thread that asked for it."""

    def __init__(self, tree: etree._Element, replaced: Replacement | None = None) -> None:
        self._replaced = replaced
        self._run: Any = etree.XSLT(tree, access_control=etree.XSLTAccessControl(**_DENIED))

    def transform(self, source: etree._Element, parameters: Mapping[str, str]) -> etree._Element:
        """What the stylesheet makes of a document.

        Args:
            source: root of the document; it is not changed.
            parameters: top-level parameters by name; strings, whatever quotes they hold.

        Raises:
            Refused: another's stylesheet fails, or makes no document (VS-551); ours does not.
        """
        quoted: dict[str, Any] = {name: etree.XSLT.strparam(value) for name, value in parameters.items()}
        made = self._made(source, quoted)
        notes = noting()
        if notes is not None:
            notes.written += read_marks(made)
            notes.made.append(made)
            notes.unmarked |= self._replaced is not None and ROW_ID.encode()[1:12] not in self._replaced.data
        return made

    def _made(self, source: etree._Element, quoted: dict[str, Any]) -> etree._Element:
        if self._replaced is None:
            ours: etree._Element = self._run(source, **quoted).getroot()
            return ours
        begin()
        try:
            root: etree._Element | None = self._run(source, **quoted).getroot()
        except etree.XSLTError:
            raise failed(self._replaced, self._run.error_log) from None
        if root is None:
            raise failed(self._replaced, None)
        return root


_compiled = threading.local()


def stylesheet(name: str, release: str = R2006) -> Stylesheet:
    """The stylesheet `stylesheets/<name>.xsl` or what replaces it, without the row that is taken out, if any is.

    libxslt keeps strings of a run in the dictionary of the stylesheet, so each thread has a copy of its own.

    Args:
        name: of the file, without its suffix.
        release: namespace of the XDIS91 that it reads. Stylesheets are written for that of 2006/07/01; an older letter
            differs by its namespace alone, and by the elements that it does not have. Another's reads whatever comes.
    """
    copies: dict[tuple[object, ...], Stylesheet] | None = getattr(_compiled, "copies", None)
    if copies is None:
        copies = _compiled.copies = {}
    replaced = replacement(name)
    annotated = noting() is not None
    key = (replaced, annotated) if replaced is not None else (name, release, missing(), annotated)
    found = copies.get(key)
    if found is None:
        if len(copies) >= _MOST_COPIES:
            copies.pop(next(iter(copies)))
        if replaced is not None:
            found = Stylesheet(_prepared(compiled(replaced), annotated=annotated), replaced)
        else:
            found = Stylesheet(_tree(name, release, missing(), annotated=annotated))
        copies[key] = found
    return found


@cache
def rows_in(name: str) -> frozenset[str]:
    """The ids of all rows that stand in a stylesheet."""
    return frozenset(row for element in _read(name).iter("*") for row in element.get(ROW_ID, "").split())


def _tree(name: str, release: str, without: str | None, *, annotated: bool = False) -> etree._Element:
    root = _read(name, release)
    for element in [*root.iter("*")]:
        parent = element.getparent()
        if without in element.get(ROW_ID, "").split() and parent is not None:
            parent.remove(element)
    return _prepared(root, annotated=annotated)


def _prepared(root: etree._Element, *, annotated: bool) -> etree._Element:
    """A stylesheet without its row marks, which another's may have too: it may have begun as a copy of ours."""
    if annotated:
        annotate(root)
    for element in root.iter("*"):
        element.attrib.pop(ROW_ID, "")
    return root


def _read(name: str, release: str = R2006) -> etree._Element:
    """A stylesheet with its row marks still on."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    text = (files("conversion") / "stylesheets" / f"{name}.xsl").read_bytes()
    return etree.fromstring(text.replace(R2006.encode(), release.encode()), parser)
