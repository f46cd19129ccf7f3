"""The clock's page."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "clock.title": ("Clock", "Ur"),
    "clock.lead": (
        (
            "Pairing, deadlines of receipts, resends, the memory of conversions and rollout dates follow "
            "the network's own clock. Whatever falls due on the way is done at its own moment before the "
            "clock has moved."
        ),
        (
            "Parring, frister for kvitteringer, gensendelser, hukommelsen for konverteringer og "
            "udrulningsdatoer følger netværkets eget ur. Alt, der forfalder undervejs, sker på sit eget "
            "tidspunkt, før uret er flyttet."
        ),
    ),
    "clock.now": ("Network time", "Netværkstid"),
    "clock.mode": ("It goes as", "Det går som"),
    "clock.real": ("Real time", "Virkelig tid"),
    "clock.due": ("Next due", "Næste, der forfalder"),
    "clock.nothing-due": ("Nothing is waiting for a time.", "Intet venter på et tidspunkt."),
    "clock.due-in": ("{age} from now", "om {age}"),
    "clock.advance": ("Move on", "Flyt frem"),
    "clock.by": ("By", "Med"),
    "clock.by-help": ("Days, hours, minutes, seconds: 2h30m, 90d", "Dage, timer, minutter, sekunder: 2h30m, 90d"),
    "clock.to-due": ("Move to the next due moment", "Flyt til det næste, der forfalder"),
    "clock.set": ("Move to a time", "Flyt til et tidspunkt"),
    "clock.at": ("Danish time", "Dansk tid"),
    "clock.then": ("And then", "Og så"),
    "clock.as-before": ("go on as before", "fortsæt som før"),
    "clock.go": ("go on from there", "gå videre derfra"),
    "clock.stand": ("stand still", "stå stille"),
    "clock.move": ("Move", "Flyt"),
    "clock.stop": ("Stop and go", "Stop og start"),
    "clock.freeze": ("Freeze", "Stands uret"),
    "clock.resume": ("Back to real time", "Tilbage til virkelig tid"),
    "clock.resume-help": (
        "Real time comes when all that is due by then is done.",
        "Virkelig tid gælder, når alt, der forfalder inden, er sket.",
    ),
    "clock.coming": ("What is to come", "Hvad der kommer"),
    "clock.when": ("When", "Hvornår"),
    "clock.what": ("What", "Hvad"),
    "clock.message": ("Message", "Meddelelse"),
    "due.half": (
        "the other half of a letter with attachments is given up",
        "den anden halvdel af et brev med bilag opgives",
    ),
    "due.receipt": (
        "a receipt waits no longer for the others of its conversion",
        "en kvittering venter ikke længere på de øvrige for sin konvertering",
    ),
    "told.clock": (
        "The clock is moved, and all that fell due is done.",
        "Uret er flyttet, og alt, der forfaldt, er sket.",
    ),
}
