"""Full validation of a message beside what fhir.resources takes to check the structure of the same message.

Full validation: profiles line by line, invariants, narratives, the chain of Provenances and governance, of a bundle
that was read. fhir.resources reads JSON only: of a message in JSON it is given the bytes, of one in XML what our own
converter makes of it, for the library has no other way to it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from fhir.resources.R4B import get_fhir_model_class

from envelope.fhir.bundle import bundle_of, read_bundle
from envelope.fhir.full_rules import validate
from envelope.fhir.structure import structure_findings

LETTERS = Path(__file__).resolve().parents[1] / "letters"
MOST = 1.0


def cases() -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """For each form of a message: ours, and fhir.resources alone."""
    written = (LETTERS / "bundle-reply.json").read_bytes()
    model = get_fhir_model_class("Bundle")
    xml = read_bundle((LETTERS / "bundle-reply.xml").read_bytes())
    json = read_bundle(written)
    return {
        "CareCommunication, XML": (
            lambda: validate(bundle_of(xml.root), structure=False),
            lambda: structure_findings(xml),
        ),
        "CareCommunication, JSON": (
            lambda: validate(bundle_of(json.root, "json"), structure=False),
            lambda: model.model_validate_json(written),
        ),
    }


def measure(rounds: int = 15, times: int = 30) -> dict[str, tuple[float, float, float]]:
    """Microseconds of ours and of fhir.resources, and the median of the ratios, taken round by round in turn."""
    results = {}
    for name, (ours, peer) in cases().items():
        pairs = [(_timed(ours, times), _timed(peer, times)) for _ in range(rounds)]
        results[name] = (
            statistics.median(one for one, _ in pairs),
            statistics.median(other for _, other in pairs),
            statistics.median(one / other for one, other in pairs),
        )
    return results


def _timed(work: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) / times * 1e6
