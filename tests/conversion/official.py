"""MedCom's own schemas, as they lie in the reference folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

CPR = "http://rep.oio.dk/cpr.dk/xml/schemas/core/2002/06/28/"


class _NotShipped(etree.Resolver):
    """Stands in for the one file that the releases import and the publisher left out; no letter needs it."""

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:  # noqa: ARG002 (lxml's signature)
        if not system_url.endswith("CPR_CivilRegistrationNumber.xsd"):
            return None
        schema = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{CPR}"/>'
        return self.resolve_string(schema, context, base_url=system_url)


@cache
def official(reference: Path, release: str) -> etree.XMLSchema:
    """The schema of a release ("2006/07/01") of OIOXML letters."""
    parser = etree.XMLParser()
    parser.resolvers.add(_NotShipped())
    folder = reference / "reference" / "schemas" / "oioxml" / release
    return etree.XMLSchema(etree.parse(folder / "EMessage.xsd", parser))
