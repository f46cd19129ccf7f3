"""The resources of a bundle, found by type and reference, never by their position.

Of entries only the MessageHeader has a fixed place (FHIR R4, messaging), and MedCom's own examples write `fullUrl` in
two styles.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from envelope.fhir.elements import FHIR
from envelope.fhir.values import compiled, value

_RESOURCES: Final = compiled("f:entry/f:resource[*][1]/*[1]")
_IDS: Final = compiled("f:entry/f:resource[*][1]/*[1]/f:id[1]/@value")
_FULL_URLS: Final = compiled("f:entry[f:resource/*]/f:fullUrl[1]/@value")
_FULL_URL: Final = compiled("string(../../f:fullUrl[1]/@value)")
_REFERENCE: Final = re.compile(r"(?:^|/)([A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[^/]*)?$")


class Index:
    """The resources of a bundle by type and by reference.

    Attributes:
        resources: every resource in the order of its entry.
        duplicates: resources whose type and id an earlier entry already has.
    """

    def __init__(self, root: etree._Element) -> None:
        self.resources: list[etree._Element] = []
        self.duplicates: list[etree._Element] = []
        self._by_type: dict[str, list[etree._Element]] = {}
        self._by_reference: dict[str, etree._Element] = {}
        resources, ids, urls = _RESOURCES(root), _IDS(root), _FULL_URLS(root)
        if not len(resources) == len(ids) == len(urls):  # some resource has no id or no address of its own
            ids = [value(resource, "id") for resource in resources]
            urls = [_FULL_URL(resource) for resource in resources]
        for resource, identifier, url in zip(resources, ids, urls, strict=True):
            namespace, _, name = resource.tag.rpartition("}")
            if namespace != f"{{{FHIR}":
                continue
            self.resources.append(resource)
            self._by_type.setdefault(name, []).append(resource)
            reference = f"{name}/{identifier}"
            if self._by_reference.setdefault(reference, resource) is not resource:
                self.duplicates.append(resource)
            self._by_reference.setdefault(url or reference, resource)

    def of_type(self, name: str) -> list[etree._Element]:
        """Every resource of a type, in the order of the bundle."""
        return self._by_type.get(name, [])

    def resource(self, reference: str | None) -> etree._Element | None:
        """The resource that a Reference.reference points at, or None when the bundle does not hold it.

        Args:
            reference: `Type/id`, an absolute address that ends so, with or without a version, or a `urn:uuid:`.
        """
        if not reference:
            return None
        found = self._by_reference.get(reference)
        if found is None and (match := _REFERENCE.search(reference)):
            found = self._by_reference.get(match[1])
        return found

    def referred(self, element: etree._Element | None, path: str) -> etree._Element | None:
        """The resource that the Reference at a path under an element points at."""
        return None if element is None else self.resource(value(element, f"{path}/reference"))
