"""What the tests of FHIR messages share: the own letters, and when two trees are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

FHIR = "{http://hl7.org/fhir}"
LETTERS = Path(__file__).resolve().parents[2] / "letters"


@pytest.fixture(scope="session")
def letter() -> Callable[[str], bytes]:
    """The bytes of an own letter, by its file name."""
    return lambda name: (LETTERS / name).read_bytes()


@pytest.fixture(scope="session")
def canonical() -> Callable[[etree._Element], bytes]:
    """The canonical XML of a FHIR tree: without comments and white space between elements; narratives as they are."""

    def canonical_form(root: etree._Element) -> bytes:
        copied = etree.fromstring(etree.tostring(root), etree.XMLParser(remove_comments=True, remove_pis=True))
        for element in copied.iter(f"{FHIR}*"):
            element.text = None
            for child in element:
                child.tail = None
        return etree.tostring(copied, method="c14n", exclusive=True)

    return canonical_form
