"""What one row of a mapping table is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a mapping table: which value goes where, and by which rule.

    Attributes:
        id: permanent; the direction (`XC` XDIS91 to CareCommunication, `CX` back, `RA` XCTL to Acknowledgement, `AR`
            back) and a mnemonic.
        source: path of the value in what came in, or "-" when the row adds a value of its own.
        target: path of the value in what is made, or "-" when the value is dropped.
        rule: how the value gets there, in a few words; "copied", "dropped", "looked up", or what happens to it.
        reference: where the row stands: document and section.
        carried: whether something has to carry it. A dropped row needs no template; it is written down so that the
            table is complete.
    """

    id: str
    source: str
    target: str
    rule: str
    reference: str
    carried: bool = True
