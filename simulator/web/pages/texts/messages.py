"""The list of messages."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "messages.title": ("Messages", "Meddelelser"),
    "messages.search": ("Search the messages", "Søg i meddelelserne"),
    "messages.search-example": (
        "to:5790… type:XDIS91 state:refused after:10:00",
        "to:5790… type:XDIS91 state:refused after:10:00",
    ),
    "messages.sender": ("Sender", "Afsender"),
    "messages.receiver": ("Receiver", "Modtager"),
    "messages.type": ("Type", "Type"),
    "messages.state": ("State", "Tilstand"),
    "messages.receipt": ("Receipt", "Kvittering"),
    "messages.age": ("Age", "Alder"),
    "messages.select": ("Select", "Vælg"),
    "messages.select-one": ("Select {type} to {receiver}", "Vælg {type} til {receiver}"),
    "messages.converted-to": ("converted to", "konverteret til"),
    "messages.receipt.positive": ("positive", "positiv"),
    "messages.receipt.negative": ("negative", "negativ"),
    "messages.receipt.waiting": ("none yet", "ingen endnu"),
    "messages.receipt.none": ("none", "ingen"),
    "messages.more": ("Older messages", "Ældre meddelelser"),
    "messages.end": ("There are no older messages.", "Der er ingen ældre meddelelser."),
    "messages.empty": ("No message has come yet.", "Der er ikke kommet nogen meddelelse endnu."),
    "messages.empty-help": ("Write one, or send one:", "Skriv en, eller send en:"),
    "messages.nothing-found": ("No message is like that.", "Ingen meddelelse er sådan."),
    "messages.live": ("Follows what happens", "Følger med i det, der sker"),
    "messages.new": ("{n} new", "{n} nye"),
    "messages.chosen": ("{n} selected", "{n} valgt"),
    "messages.resend": ("Send again", "Send igen"),
    "messages.resend-new": ("Send again with new identifiers", "Send igen med nye identifikatorer"),
    "messages.delete": ("Delete", "Slet"),
    "messages.delete-title": ("Delete these messages?", "Slet disse meddelelser?"),
    "messages.delete-lead": (
        "Each is removed with its whole story: receipts, steps and bytes.",
        "Hver af dem fjernes med hele sin historie: kvitteringer, skridt og bytes.",
    ),
    "messages.help": ("Keys and search", "Taster og søgning"),
    "messages.keys": ("Keys", "Taster"),
    "messages.key.move": ("next and previous message", "næste og forrige meddelelse"),
    "messages.key.open": ("open it", "åbn den"),
    "messages.key.select": ("select it", "vælg den"),
    "messages.key.search": ("search", "søg"),
    "messages.key.help": ("this help", "denne hjælp"),
    "messages.key.escape": ("leave the search, or select nothing", "forlad søgningen, eller vælg intet"),
    "messages.grammar": ("Search", "Søgning"),
    "messages.close": ("Close", "Luk"),
    "search.from": ("the sender's GLN, or how it begins", "afsenderens GLN, eller hvordan det begynder"),
    "search.to": ("the receiver's GLN, or how it begins", "modtagerens GLN, eller hvordan det begynder"),
    "search.type": ("the type on either side of a conversion", "typen på den ene eller anden side af en konvertering"),
    "search.state": (
        "taken, ordered, held, delivered, converted, refused, ignored, repeated or dead",
        "taken, ordered, held, delivered, converted, refused, ignored, repeated eller dead",
    ),
    "search.rule": ("the rule that it was decided by", "den regel, det blev afgjort efter"),
    "search.receipt": ("positive, negative or none", "positive, negative eller none (ingen)"),
    "search.after": (
        "taken in then or later: a time of today, a date, or 30m for half an hour ago",
        "modtaget da eller senere: et klokkeslæt i dag, en dato, eller 30m for en halv time siden",
    ),
    "search.before": ("taken in earlier", "modtaget tidligere"),
    "search.example-word": ("odense", "odense"),
    "search.word": (
        "in a participant's name, an identifier of either side, a type, a rule or a reason; never in the letters' text",
        (
            "i en deltagers navn, en identifikator på en af siderne, en type, en regel eller en begrundelse; aldrig i "
            "brevenes tekst"
        ),
    ),
    "told.resent": ("They are sent again.", "De er sendt igen."),
    "told.resent-some": (
        "They are sent again, but for those that nobody can read.",
        "De er sendt igen, undtagen dem, som ingen kan læse.",
    ),
    "told.left": (
        "What was over is deleted; what is held, under way or waiting in an inbox is left.",
        "Det, der var slut, er slettet; det, der holdes tilbage, er undervejs eller venter i en indbakke, er der.",
    ),
    "told.deleted": ("They are deleted.", "De er slettet."),
}
