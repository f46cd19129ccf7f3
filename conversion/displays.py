"""Danish displays of codes that become text on the way from FHIR to OIOXML.

Categories: MedCom's `medcom-careCommunication-categoryCodes` 1.9.0, all 18 (fhir.md, 3). Roles: MedCom's
`medcom-core-PractitionerRolesSKSadministrativ`, misspelt codes that are still in the value set included, and of
`medcom-core-PractitionerRolesAutorisationsregistret` those that it has beyond them (terminology 2.0.2).
"""

from __future__ import annotations

from collections.abc import Mapping

CATEGORIES: Mapping[str, str] = {
    "alcohol-and-drug-treatment": "Rusmiddelbehandling",
    "assistive-devices": "Hjælpemidler",
    "carecoordination": "Forløbskoordinering",
    "decease": "Dødsfald",
    "discharge": "Udskrivelse",
    "examination-results": "Undersøgelsessvar",
    "healthcare": "Sundhedspleje",
    "home-care-assessment": "Visitation",
    "medicine": "Medicin",
    "nursing": "Sygepleje",
    "outpatient": "Ambulant",
    "psychiatry-social-disability": "Psykiatri, social, handicap",
    "regarding-referral": "Vedr. henvisning",
    "telemedicine": "Telemedicin",
    "training": "Træning",
    "acute-ambulant": "Akut ambulant",
    "extended-care-responsibility": "Udvidet behandlingsansvar",
    "other": "Andet",
}

ROLES: Mapping[str, str] = {
    "speciallaege": "Speciallæge",
    "speciallaegeipraksis": "Speciallæge i praksis",
    "cheflaege": "Cheflæge",
    "overlaege": "Overlæge",
    "afdelingslaege": "Afdelingslæge",
    "sygehuslaege": "Sygehuslæge",
    "sygeplejerske": "Sygeplejerske",
    "sundhedsplejerske": "Sundhedsplejerske",
    "socialogsundhedsassistent": "Social- og sundhedsassistent",
    "socialogsundhedsmedhjaelper": "Social- og sundhedsmedhjælper",
    "socialogsundhedsmehjaelper": "Social- og sundhedsmedhjælper",
    "sygehjaelper": "Sygehjælper",
    "plejer": "Plejer",
    "plejehjemsassistent": "Plejehjemsassistent",
    "tandlaege": "Tandlæge",
    "klinisktandtekniker": "Klinisk tandtekniker",
    "tandplejer": "Tandplejer",
    "farmaceut": "Farmaceut",
    "apoteker": "Apoteker",
    "psykolog": "Psykolog",
    "pyskolog": "Psykolog",
    "jordemoder": "Jordemoder",
    "fysioterapeut": "Fysioterapeut",
    "ergoterapeut": "Ergoterapeut",
    "bioanalytiker": "Bioanalytiker",
    "radiograf": "Radiograf",
    "diaetist": "Diætist",
    "diaetistassistent": "Diætistassistent",
    "audilogiassistent": "Audilogiassistent",
    "neurofysiologassistent": "Neurofysiologassistent",
    "kiropraktor": "Kiropraktor",
    "zoneterapeut": "Zoneterapeut",
    "psykoterapeut": "Psykoterapeut",
    "audiologopaed": "Audiologopæd",
    "laegesekretaer": "Lægesekretær",
    "ledendelaegesekretaer": "Ledende lægesekretær",
    "sygeplejesekretaer": "Sygeplejesekretær",
    "sygeplejesekretear": "Sygeplejesekretær",
    "fodterapeut": "Fodterapeut",
    "socialraadgiver": "Socialrådgiver",
    "ledendesocialraadgiver": "Ledende socialrådgiver",
    "laerer": "Lærer",
    "paedagog": "Pædagog",
    "beskaeftigelsesvejleder": "Beskæftigelsesvejleder",
    "bandagist": "Bandagist",
    "skomager": "Skomager",
    "optiker": "Optiker",
    # Autorisationsregistret
    "ambulancebehandler": "Ambulancebehandler",
    "behandlerfarmaceut": "Behandlerfarmaceut",
    "kliniskdiaetist": "Kliniskdiætist",
    "laege": "Læge",
    "optikerogoptometrist": "Optiker og Optometrist",
    "osteopat": "Osteopat",
}


def as_parameter(displays: Mapping[str, str]) -> str:
    """A table as a stylesheet reads it: `|code=display|code=display|`."""
    return "|" + "".join(f"{code}={display}|" for code, display in displays.items())
