"""Writing an OIOXML letter: the same tree always gives the same bytes."""

from __future__ import annotations

from typing import cast

from lxml import etree

from envelope.oioxml.reading import is_utf8_under_other_name

DEFAULT_ENCODING = "ISO-8859-1"
"""What receivers of OIOXML letters are seen to read and write most (reference oioxml.md 1)."""


def serialise(root: etree._Element, encoding: str = DEFAULT_ENCODING) -> bytes:
    """The letter as bytes, with a declaration that names their encoding.

    Nothing is indented: white space between the tags of a formatted text would be content. Characters that the
    encoding cannot hold are kept as character references.

    Args:
        root: the Emessage element; what stands beside it in its document is left out.
        encoding: ISO-8859-1, windows-1252 or UTF-8.

    Raises:
        LookupError: an encoding that is not known.
    """
    body = _encoded(root, encoding)
    if is_utf8_under_other_name(body, encoding):
        # The rare text whose bytes could be taken for UTF-8 is written in references alone, which nobody misreads.
        body = _encoded(root, "US-ASCII")
    return f'<?xml version="1.0" encoding="{encoding}"?>\n'.encode("ascii") + body


def _encoded(root: etree._Element, encoding: str) -> bytes:
    return cast("bytes", etree.tostring(root, encoding=encoding, xml_declaration=False, with_tail=False))
