"""The lists of codes that MedCom's profiles bind elements to, beside those that every message needs (`vocabulary`).

terminology 2.0.2, core 3.0.1, Acknowledgement 2.0.3; of FHIR R4 the required lists of elements that messages hold.
"""

from __future__ import annotations

from typing import Final

from envelope.fhir.vocabulary import MEDCOM

Codings = dict[str, frozenset[str]]
"""Each code system of a value set, and the codes that it takes from it."""

ENCOUNTER_CLASSES: Final[Codings] = {
    "http://terminology.hl7.org/CodeSystem/v3-ActCode": frozenset(
        {"ACUTE", "AMB", "EMER", "FLD", "HH", "IMP", "NONAC", "PRENC", "SS", "VR"}
    ),
    f"{MEDCOM}terminology/CodeSystem/medcom-core-encounter-act-codes": frozenset({"other"}),
}
"""v3-ActCode: what descends from _ActEncounterCode, without OBSENC."""

ACTIVITIES: Final = frozenset(
    {
        "acknowledgement",
        "admit-emergency",
        "admit-inpatient",
        "cancel-admit-emergency",
        "cancel-admit-inpatient",
        "cancel-discharge-emergency-home",
        "cancel-discharge-inpatient-home",
        "cancel-end-leave-inpatient",
        "cancel-start-leave-inpatient",
        "carboncopy-message",
        "discharge-emergency-home",
        "discharge-inpatient-home",
        "end-leave-inpatient",
        "forward-message",
        "modified-message",
        "new-message",
        "reply-message",
        "retract-message",
        "revise-admit-emergency",
        "revise-admit-inpatient",
        "revise-discharge-emergency-home",
        "revise-discharge-inpatient-home",
        "revise-end-leave-inpatient",
        "revise-start-leave-inpatient",
        "start-leave-inpatient",
    }
)

ISSUE_DETAILS: Final[Codings] = {
    "http://terminology.hl7.org/CodeSystem/operation-outcome": frozenset(
        {
            "MSG_BAD_FORMAT",
            "MSG_BAD_SYNTAX",
            "MSG_DATE_FORMAT",
            "MSG_DUPLICATE_ID",
            "MSG_ID_INVALID",
            "MSG_ID_TOO_LONG",
            "MSG_INVALID_ID",
            "MSG_JSON_OBJECT",
            "MSG_LOCAL_FAIL",
            "MSG_NO_EXIST",
            "MSG_NO_MATCH",
            "MSG_NO_SUMMARY",
            "MSG_PARAM_INVALID",
            "MSG_PARAM_NO_REPEAT",
            "MSG_PARAM_UNKNOWN",
            "MSG_RESOURCE_ID_FAIL",
            "MSG_RESOURCE_ID_MISMATCH",
            "MSG_RESOURCE_ID_MISSING",
            "MSG_RESOURCE_NOT_ALLOWED",
            "MSG_RESOURCE_REQUIRED",
            "MSG_RESOURCE_TYPE_MISMATCH",
            "MSG_TRANSACTION_DUPLICATE_ID",
            "MSG_TRANSACTION_MISSING_ID",
            "MSG_UNKNOWN_TYPE",
            "MSG_VERSION_AWARE",
            "MSG_VERSION_AWARE_CONFLICT",
            "MSG_VERSION_AWARE_URL",
            "MSG_WRONG_NS",
        }
    ),
    f"{MEDCOM}terminology/CodeSystem/medcom-acknowledgement-error-codes": frozenset(
        {
            "MSG_CodeSystem_VALUE_UNKNOWN",
            "MSG_Damaged_durin_transport",
            "MSG_Datatype_Wrong",
            "MSG_Element_To_Long",
            "MSG_Mailbox_Out_Of_Operation",
            "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE",
            "MSG_Receiver_Identifier_MISSING",
            "MSG_Receiver_Identifier_UNKNOWN",
            "MSG_VALUESET_VALUE_UNKNOWN",
        }
    ),
}
"""Spelt as published."""

PRACTITIONER_ROLES: Final[Codings] = {
    f"{MEDCOM}terminology/CodeSystem/medcom-core-PractitionerRolesAutorisationsregistret": frozenset(
        {"ambulancebehandler", "laege", "osteopat"}
    ),
    f"{MEDCOM}terminology/CodeSystem/medcom-core-PractitionerRolesSKSadministrativ": frozenset(
        {
            "afdelingslaege",
            "apoteker",
            "audilogiassistent",
            "audiologopaed",
            "bandagist",
            "beskaeftigelsesvejleder",
            "bioanalytiker",
            "cheflaege",
            "diaetist",
            "diaetistassistent",
            "ergoterapeut",
            "farmaceut",
            "fodterapeut",
            "fysioterapeut",
            "jordemoder",
            "kiropraktor",
            "klinisktandtekniker",
            "laegesekretaer",
            "laerer",
            "ledendelaegesekretaer",
            "ledendesocialraadgiver",
            "neurofysiologassistent",
            "optiker",
            "overlaege",
            "paedagog",
            "plejehjemsassistent",
            "plejer",
            "psykolog",
            "psykoterapeut",
            "pyskolog",
            "radiograf",
            "skomager",
            "socialogsundhedsassistent",
            "socialogsundhedsmedhjaelper",
            "socialogsundhedsmehjaelper",
            "socialraadgiver",
            "speciallaege",
            "speciallaegeipraksis",
            "sundhedsplejerske",
            "sygehjaelper",
            "sygehuslaege",
            "sygeplejerske",
            "sygeplejesekretaer",
            "sygeplejesekretear",
            "tandlaege",
            "tandplejer",
            "zoneterapeut",
        }
    ),
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor": frozenset({"NAVU"}),
}
"""Three are misspelt and deprecated since terminology 2.0.0, and stand in the value set still."""

# FHIR R4.

ADDRESS_TYPES: Final = frozenset({"both", "physical", "postal"})
ADDRESS_USES: Final = frozenset({"billing", "home", "old", "temp", "work"})
CARE_TEAM_STATUSES: Final = frozenset({"active", "entered-in-error", "inactive", "proposed", "suspended"})
CONTACT_SYSTEMS: Final = frozenset({"email", "fax", "other", "pager", "phone", "sms", "url"})
CONTACT_USES: Final = frozenset({"home", "mobile", "old", "temp", "work"})
DAYS: Final = frozenset({"fri", "mon", "sat", "sun", "thu", "tue", "wed"})
ENCOUNTER_STATUSES: Final = frozenset(
    {
        "arrived",
        "cancelled",
        "entered-in-error",
        "finished",
        "in-progress",
        "onleave",
        "planned",
        "triaged",
        "unknown",
    }
)
ENTITY_ROLES: Final = frozenset({"derivation", "quotation", "removal", "revision", "source"})
GENDERS: Final = frozenset({"female", "male", "other", "unknown"})
IDENTIFIER_USES: Final = frozenset({"official", "old", "secondary", "temp", "usual"})
ISSUE_SEVERITIES: Final = frozenset({"error", "fatal", "information", "warning"})
ISSUE_TYPES: Final = frozenset(
    {
        "business-rule",
        "code-invalid",
        "conflict",
        "deleted",
        "duplicate",
        "exception",
        "expired",
        "extension",
        "forbidden",
        "incomplete",
        "informational",
        "invalid",
        "invariant",
        "lock-error",
        "login",
        "multiple-matches",
        "no-store",
        "not-found",
        "not-supported",
        "processing",
        "required",
        "security",
        "structure",
        "suppressed",
        "throttled",
        "timeout",
        "too-costly",
        "too-long",
        "transient",
        "unknown",
        "value",
    }
)
LINK_TYPES: Final = frozenset({"refer", "replaced-by", "replaces", "seealso"})
LOCATION_STATUSES: Final = frozenset({"active", "completed", "planned", "reserved"})
NAME_USES: Final = frozenset({"anonymous", "maiden", "nickname", "official", "old", "temp", "usual"})
NARRATIVE_STATUSES: Final = frozenset({"extensions", "generated"})
"""Of FHIR's four, those that MedCom's governance allows."""
NARRATIVE_ELEMENTS: Final = frozenset(
    {
        "a",
        "abbr",
        "acronym",
        "address",
        "area",
        "b",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "map",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "style",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    }
)
"""HTML 4.0, chapters 7 to 11 without 9.4, and 15; links, images and styles (txt-1)."""
