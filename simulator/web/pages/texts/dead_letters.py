"""The page of dead letters."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "dead.title": ("Dead letters", "Døde breve"),
    "dead.lead": (
        "What could not be handled is kept here with its reason and its bytes, as they came.",
        "Det, der ikke kunne håndteres, ligger her med sin begrundelse og sine bytes, som de kom.",
    ),
    "dead.none": ("There is none: everything could be handled.", "Der er ingen: alt kunne håndteres."),
    "dead.when": ("When", "Hvornår"),
    "dead.rule": ("Rule", "Regel"),
    "dead.why": ("Why", "Hvorfor"),
    "dead.from": ("Taken from", "Hentet fra"),
    "dead.message": ("Message", "Meddelelse"),
    "dead.size": ("Size", "Størrelse"),
    "dead.bytes": ("The bytes", "Bytene"),
    "dead.more": ("Only the latest {n} are shown.", "Kun de seneste {n} vises."),
    "dead.put-back": ("Put back", "Læg tilbage"),
    "told.put-back": ("It is put back, and is tried again.", "Det er lagt tilbage og prøves igen."),
}
