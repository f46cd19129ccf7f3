"""MedCom's own schemas, as they lie in the reference folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

NOT_SHIPPED = {
    "CPR_CivilRegistrationNumber.xsd": ("http://rep.oio.dk/cpr.dk/xml/schemas/core/2002/06/28/", ""),
    "KL_SENumberType.xsd": (
        "http://rep.oio.dk/kl.dk/xml/schemas/sygedagpenge/2003/09/05/",
        '<xs:simpleType name="SENumberType"><xs:restriction base="xs:string"/></xs:simpleType>',
    ),
    "CVR_CVRNumber.xsd": (
        "http://rep.oio.dk/cvr.dk/xml/schemas/2002/06/28/",
        '<xs:element name="CVRnumber" type="xs:string"/>',
    ),
}
"""What the releases import and the publisher left out: namespace and stand-in; no letter of ours needs any of it."""


class _NotShipped(etree.Resolver):
    """Serves the stand-ins from memory, everything else as it lies."""

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:  # noqa: ARG002 (lxml's signature)
        missing = NOT_SHIPPED.get(Path(system_url).name)
        if missing is None:
            return None
        namespace, content = missing
        head = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{namespace}">'
        return self.resolve_string(f"{head}{content}</xs:schema>", context, base_url=system_url)


@cache
def official(reference: Path, release: str) -> etree.XMLSchema:
    """The schema of a release ("2006/07/01") of OIOXML letters."""
    parser = etree.XMLParser()
    parser.resolvers.add(_NotShipped())
    folder = reference / "reference" / "schemas" / "oioxml" / release
    return etree.XMLSchema(etree.parse(folder / "EMessage.xsd", parser))
