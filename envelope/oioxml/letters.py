"""The OIOXML letters that this network knows: namespace, element and version code, which must fit each other.

The date in a namespace is that of the schema release, not of the letter; one release covers several letters, and a
letter, its attachment and its receipts live in three different ones (reference oioxml.md 1).
"""

from __future__ import annotations

from dataclasses import dataclass

R2004 = "http://rep.oio.dk/medcom.dk/xml/schemas/2004/06/01/"
R2005 = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/"
R2006 = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"
R2012 = "http://rep.oio.dk/medcom.dk/xml/schemas/2012/03/28/"
R2015 = "http://rep.oio.dk/medcom.dk/xml/schemas/2015/08/01/"
R2019 = "http://rep.oio.dk/medcom.dk/xml/schemas/2019/02/19/"


@dataclass(frozen=True, slots=True)
class LetterKind:
    """One kind of letter: where it lives, what its element is called, and the codes that name it."""

    namespace: str
    element: str
    version: str
    type: str
    is_receipt: bool = False


KINDS: tuple[LetterKind, ...] = (
    LetterKind(R2006, "ClinicalEmail", "XD9134L", "XDIS91"),
    LetterKind(R2005, "ClinicalEmail", "XD9133L", "XDIS91"),
    LetterKind(R2012, "BinaryLetter", "XB0131X", "XBIN01"),
    LetterKind(R2005, "BinaryLetter", "XB0130X", "XBIN01"),
    LetterKind(R2005, "NegativeVansReceipt", "XC0130Q", "XCTL01", is_receipt=True),
    LetterKind(R2005, "NegativeReceipt", "XC0230Q", "XCTL02", is_receipt=True),
    LetterKind(R2005, "PositiveReceipt", "XC0330Q", "XCTL03", is_receipt=True),
)

"""The letters that are read and checked in full."""

PASSED_ON: tuple[LetterKind, ...] = (
    LetterKind(R2004, "ClinicalEmail", "XD9133L", "XDIS91"),
    LetterKind(R2015, "ClinicalEmail", "XD9135L", "XDIS91"),
    LetterKind(R2019, "ClinicalEmail", "XD9135L", "XDIS91"),
)
"""The letters whose facts are read and that are passed on; the conversion service takes none of them, and no schema
of their releases is held here."""

SCHEMA_FILES = {
    R2005: "release-2005-08-07.xsd",
    R2006: "release-2006-07-01.xsd",
    R2012: "release-2012-03-28.xsd",
}

NAMESPACES = frozenset(kind.namespace for kind in (*KINDS, *PASSED_ON))

_BY_NAME = {(kind.namespace, kind.element, kind.version): kind for kind in (*KINDS, *PASSED_ON)}


def kind_of(namespace: str, element: str, version: str) -> LetterKind | None:
    """The kind that the three name together, or None."""
    return _BY_NAME.get((namespace, element, version))
