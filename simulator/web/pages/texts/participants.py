"""The participants' pages."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "participants.title": ("Participants", "Deltagere"),
    "participants.lead": (
        (
            "What each takes, and from which day. Drag the mark to another day to see who takes what then, "
            "or to move the network clock there."
        ),
        (
            "Hvad hver enkelt modtager, og fra hvilken dag. Træk mærket til en anden dag for at se, hvem "
            "der modtager hvad da, eller for at flytte netværkets ur dertil."
        ),
    ),
    "participants.search": ("Name, GLN, SOR code, kind or type", "Navn, GLN, SOR-kode, art eller type"),
    "participants.count": ("{shown} of {total} participants", "{shown} af {total} deltagere"),
    "participants.nobody": ("Nobody is like that.", "Der er ingen af den slags."),
    "participants.day": ("Day", "Dag"),
    "participants.day-help": (
        "Arrow keys move it a day, Page Up and Page Down a month; Enter asks what to do.",
        "Piletasterne flytter det en dag, Page Up og Page Down en måned; Enter spørger, hvad der skal ske.",
    ),
    "participants.mark": ("The day that the chart marks", "Den dag, som diagrammet markerer"),
    "participants.see": ("Show this day", "Vis denne dag"),
    "participants.today": ("Back to today", "Tilbage til i dag"),
    "participants.as-of": ("As of {day}", "Pr. {day}"),
    "participants.move": ("Move the clock there", "Flyt uret dertil"),
    "participants.move-title": ("Move the network clock?", "Flyt netværkets ur?"),
    "participants.move-to": ("The network clock goes to", "Netværkets ur går til"),
    "participants.move-lead": (
        "Everything that falls due until then is done on the way. Going back does nothing.",
        "Alt, der forfalder inden da, sker undervejs. Tilbage i tiden sker intet.",
    ),
    "participants.just-look": ("Only look at that day", "Se kun på den dag"),
    "participants.takes": ("Takes", "Modtager"),
    "participants.takes-nothing": ("nothing", "intet"),
    "participants.change": ("From {day}: {new}", "Fra {day}: {new}"),
    "participants.change-gone": ("Until {day}: {gone}", "Indtil {day}: {gone}"),
    "participants.change-both": ("{day}: {new} instead of {gone}", "{day}: {new} i stedet for {gone}"),
    "participants.always": ("{types}, always", "{types}, altid"),
    "participants.span": ("{types}: {since} to {until}", "{types}: {since} til {until}"),
    "participants.beginning": ("the beginning", "begyndelsen"),
    "participants.good": ("for good", "for altid"),
    "participants.inbox": ("Inbox", "Indbakke"),
    "participants.waiting": ("{n} waiting", "{n} venter"),
    "participants.empty": ("empty", "tom"),
    "participants.external": ("your own system", "eget system"),
    "participants.mock": ("answered by vansim", "besvares af vansim"),
    "participants.behaviour": ("Behaviour", "Opførsel"),
    "participants.legend": ("Colours", "Farver"),
    "participants.old": ("OIOXML", "OIOXML"),
    "participants.new": ("FHIR", "FHIR"),
    "participants.other": ("Others", "Andre"),
    "participant.facts": ("Who it is", "Hvem det er"),
    "participant.gln": ("GLN", "GLN"),
    "participant.sor": ("SOR code", "SOR-kode"),
    "participant.kind": ("Kind", "Art"),
    "participant.telephone": ("Telephone", "Telefon"),
    "participant.format": ("FHIR is written as", "FHIR skrives som"),
    "participant.over-time": ("What it takes over time", "Hvad den modtager over tid"),
    "participant.waiting": ("Waiting in the inbox", "Venter i indbakken"),
    "participant.none-waiting": ("Nothing is waiting.", "Intet venter."),
    "participant.since": ("Since", "Siden"),
    "participant.connect": ("Connect as this participant", "Forbind som denne deltager"),
    "participant.http-send": ("Send over HTTP", "Send over HTTP"),
    "participant.http-take": ("Take from the inbox over HTTP", "Hent fra indbakken over HTTP"),
    "participant.broker": ("AMQP broker", "AMQP-broker"),
    "participant.exchange": ("Publish to the exchange", "Publicér til exchange"),
    "participant.queue": ("Consume from the queue", "Hent fra køen"),
    "participant.no-amqp": (
        "This network has no AMQP port: its queues live in the process. Start it with --broker amqp://... to get one.",
        "Dette netværk har ingen AMQP-port: køerne ligger i processen. Start det med --broker amqp://... for at få en.",
    ),
    "participant.cli-send": ("Send from the command line", "Send fra kommandolinjen"),
    "participant.letters": ("Letters to it", "Breve til den"),
    "participant.letters-from": ("Letters from it", "Breve fra den"),
    "participant.compose": ("Write a letter to it", "Skriv et brev til den"),
}
