"""Our XSLT 1.0 stylesheets: loaded, compiled once a thread, run with string parameters.

Every instruction of a stylesheet that carries a row of a mapping table bears the row's id as `row:id`, in the namespace
`urn:vansim:row`, on XSLT elements and on literal ones; several ids are parted by blanks. The marks are gone before the
stylesheet is compiled. Inside `conversion.rows.taken_out(row)` a variant without the row's instructions is compiled
instead. libxslt may neither read nor write nor connect anywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree

from conversion.rows.carriers import missing
from envelope.oioxml.letters import R2006

ROW_ID = "{urn:vansim:row}id"
_DENIED: dict[str, Any] = dict.fromkeys(
    ("read_file", "write_file", "create_dir", "read_network", "write_network"), False
)


class Stylesheet:
    """One compiled stylesheet; belongs to the thread that asked for it."""

    def __init__(self, tree: etree._Element) -> None:
        self._run = etree.XSLT(tree, access_control=etree.XSLTAccessControl(**_DENIED))

    def transform(self, source: etree._Element, parameters: Mapping[str, str]) -> etree._Element:
        """What the stylesheet makes of a document.

        Args:
            source: root of the document; it is not changed.
            parameters: top-level parameters by name; strings, whatever quotes they hold.
        """
        quoted: dict[str, Any] = {name: etree.XSLT.strparam(value) for name, value in parameters.items()}
        return self._run(source, **quoted).getroot()


_compiled = threading.local()


def stylesheet(name: str, release: str = R2006) -> Stylesheet:
    """The stylesheet `stylesheets/<name>.xsl`, without the row that is taken out just now, if any is.

    libxslt keeps strings of a run in the dictionary of the stylesheet, so each thread has a copy of its own.

    Args:
        name: of the file, without its suffix.
        release: namespace of the XDIS91 that it reads. Stylesheets are written for that of 2006/07/01; an older letter
            differs by its namespace alone, and by the elements that it does not have.
    """
    copies: dict[tuple[str, str, str | None], Stylesheet] | None = getattr(_compiled, "copies", None)
    if copies is None:
        copies = _compiled.copies = {}
    key = (name, release, missing())
    if key not in copies:
        copies[key] = Stylesheet(_tree(*key))
    return copies[key]


@cache
def rows_in(name: str) -> frozenset[str]:
    """The ids of all rows that stand in a stylesheet."""
    return frozenset(row for element in _read(name).iter("*") for row in element.get(ROW_ID, "").split())


def _tree(name: str, release: str, without: str | None) -> etree._Element:
    root = _read(name, release)
    for element in [*root.iter("*")]:
        rows = element.attrib.pop(ROW_ID, "").split()
        parent = element.getparent()
        if without in rows and parent is not None:
            parent.remove(element)
    return root


def _read(name: str, release: str = R2006) -> etree._Element:
    """A stylesheet with its row marks still on."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    text = (files("conversion") / "stylesheets" / f"{name}.xsl").read_bytes()
    return etree.fromstring(text.replace(R2006.encode(), release.encode()), parser)
