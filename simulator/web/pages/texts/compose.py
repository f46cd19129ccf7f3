"""The page on which letters are composed."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "compose.title": ("Compose a letter", "Skriv et brev"),
    "compose.lead": (
        (
            "Start from a letter of an invented person, paste your own, or choose a file. It is judged as "
            "you type, by the rules of vansim validate, and sent whatever it is: a faulty letter is a good "
            "test."
        ),
        (
            "Begynd med et brev om en opdigtet person, indsæt dit eget, eller vælg en fil. Det bedømmes, "
            "mens du skriver, efter de samme regler som vansim validate, og sendes, uanset hvad det er: et "
            "fejlbehæftet brev er en god test."
        ),
    ),
    "compose.draft": ("Start from", "Begynd med"),
    "compose.xdis91.xml": ("XDIS91 (OIOXML)", "XDIS91 (OIOXML)"),
    "compose.carecommunication.json": ("CareCommunication (FHIR, JSON)", "CareCommunication (FHIR, JSON)"),
    "compose.fill": ("Fill in", "Udfyld"),
    "compose.replaces": ("It replaces what is written below.", "Det erstatter det, der står nedenfor."),
    "compose.parties": ("Between whom", "Mellem hvem"),
    "compose.parties-help": (
        "GLNs for the envelope; left empty, they are the letter's own. An envelope goes as it is.",
        "GLN'er til kuverten; uden dem gælder brevets egne. En kuvert sendes, som den er.",
    ),
    "compose.text": ("The letter", "Brevet"),
    "compose.text-help": (
        "OIOXML, a FHIR message in XML or JSON, or a whole VANSEnvelope.",
        "OIOXML, en FHIR-meddelelse i XML eller JSON, eller en hel VANSEnvelope.",
    ),
    "compose.file": ("Or a file", "Eller en fil"),
    "compose.file-help": (
        "Sent byte for byte, instead of the text. At most {limit} bytes.",
        "Sendes byte for byte i stedet for teksten. Højst {limit} bytes.",
    ),
    "compose.send": ("Send", "Send"),
    "compose.verdict": ("What the validator says", "Hvad validatoren siger"),
    "compose.nothing": ("Nothing is written yet.", "Der er ikke skrevet noget endnu."),
    "compose.valid": ("{type}: valid", "{type}: gyldigt"),
    "compose.invalid": ("{type}: not valid", "{type}: ikke gyldigt"),
    "compose.unknown": ("of no known type", "af ukendt type"),
    "compose.counts": ("{errors} errors, {warnings} warnings", "{errors} fejl, {warnings} advarsler"),
    "compose.unshown": ("{n} more are not shown.", "{n} flere vises ikke."),
    "compose.refused": ("It was refused at the door", "Det blev afvist ved døren"),
    "compose.go-line": ("Go to line {line}", "Gå til linje {line}"),
    "told.sent": ("It is sent.", "Det er sendt."),
}
