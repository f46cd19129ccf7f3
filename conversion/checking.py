"""Only what is valid is converted, and what is made of it must be valid too.

An error in what came in is its sender's fault, and all that there is to say of it is told; an error in what was made is
the network's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from lxml import etree

from conversion.errors import MADE_INVALID
from envelope.attachments import Attachments
from envelope.fhir import full_rules
from envelope.fhir.bundle import Bundle, bundle_of
from envelope.fhir.rules import validate
from envelope.findings import Finding, Refused, Rule, most_severe_first


def errors_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that refuse a document, without those that only warn."""
    return tuple(finding for finding in findings if finding.is_error)


def refuse_invalid(findings: Sequence[Finding]) -> None:
    """Refuse what came in if there is an error among its findings.

    Raises:
        Refused: with every finding, the errors first.
    """
    if errors_of(findings):
        raise Refused(most_severe_first(findings))


def check_message(bundle: Bundle, *, profile: bool) -> tuple[Finding, ...]:
    """See that a message that came in breaks no rule, before anything is made of it.

    What fhir.resources says of its structure is not asked for, which takes as long as three conversions; of a message
    that is refused, it is told with the rest.

    Args:
        bundle: the message.
        profile: whether it is judged by MedCom's profiles too.

    Returns:
        what there is to say of it: warnings.

    Raises:
        Refused: with all that `vansim validate` says of it, the errors first.
    """
    findings = validate(bundle, profile=profile)
    wrong = errors_of(findings) or (full_rules.errors(bundle) if profile else ())
    if not wrong:
        return findings
    # There fhir.resources judges structure in place of the table that was asked here: what it lets pass is refused too.
    everything = full_rules.validate(bundle)
    raise Refused(most_severe_first(everything if errors_of(everything) else findings))


def check_bundle(
    made: etree._Element,
    type_: str,
    *,
    profile: bool,
    forgiven: Collection[Rule] = (),
    excused: Collection[tuple[Rule, str]] = (),
    attachments: Attachments | None = None,
) -> None:
    """See that a bundle that was made is valid, where profiles are checked at all.

    Its structure is the stylesheet's doing and is proved by the tests, not here: fhir.resources takes as long as
    three conversions.

    Args:
        made: the Bundle element.
        type_: what it is, for the words.
        profile: whether it is judged, by MedCom's profiles and the rules that every bundle has; a letter that is made
            is judged, or not, on the same word.
        forgiven: rules that a faulty letter makes the bundle break, and that it is converted in spite of.
        excused: rules that it breaks at certain places, likewise.
        attachments: what the tokens in it stand for.

    Raises:
        Refused: VS-504 first, then each error found.
    """
    if not profile:
        return
    findings = validate(bundle_of(made, attachments=attachments), profile=True, structure=False)
    refuse_made(
        (each for each in findings if each.rule not in forgiven and (each.rule, each.location) not in excused), type_
    )


def refuse_made(findings: Iterable[Finding], type_: str) -> None:
    """Refuse what was made if there is an error among its findings.

    Raises:
        Refused: VS-504 first, then each error.
    """
    if errors := errors_of(findings):
        first = errors[0]
        raise Refused((MADE_INVALID.at(first.location, type=type_, count=len(errors), first=first.rule.id), *errors))
