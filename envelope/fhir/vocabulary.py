"""The addresses, code systems and codes that MedCom's FHIR messages are written with.

CareCommunication 5.0.2 to 5.0.4, messaging 4.0.2, core 3.0.1, terminology 2.0.2, Acknowledgement 2.0.3.
"""

from __future__ import annotations

import re
from typing import Final

MEDCOM: Final = "http://medcomfhir.dk/ig/"

# Profiles.
CC_HEADER: Final = f"{MEDCOM}carecommunication/StructureDefinition/medcom-careCommunication-messageHeader"
CC_PROVENANCE: Final = f"{MEDCOM}carecommunication/StructureDefinition/medcom-careCommunication-provenance"
ACK_HEADER: Final = f"{MEDCOM}acknowledgement/StructureDefinition/medcom-messaging-acknowledgementHeader"

# Extensions.
DESTINATION_USE: Final = f"{MEDCOM}messaging/StructureDefinition/medcom-messaging-destinationUseExtension"
DATE: Final = f"{MEDCOM}core/StructureDefinition/medcom-core-datetime-extension"
IDENTIFIER: Final = f"{MEDCOM}core/StructureDefinition/medcom-core-identifier-extension"
AUTHOR: Final = f"{MEDCOM}core/StructureDefinition/medcom-core-practitioner-extension"
AUTHOR_CONTACT: Final = f"{MEDCOM}core/StructureDefinition/medcom-core-contact-extension"
SENDER: Final = f"{MEDCOM}core/StructureDefinition/medcom-core-sender-extension"
EARLY_EXTENSION: Final = f"{MEDCOM}carecommunication/StructureDefinition/medcom-carecommunication-"
"""What the extensions of 2.x begin with."""
EARLY_IDENTIFIER: Final = f"{EARLY_EXTENSION}attachment-identifier-extension"

# Identifier systems.
GLN_SYSTEM: Final = "https://www.gs1.org/gln"
GLN_SYSTEMS: Final = (GLN_SYSTEM, "http://www.gs1.org/gln", "urn:oid:1.3.88")
"""dk-core 3.4.0 (of CareCommunication 5.0) writes https, 3.5.0 http, the map of 2022 an OID; all are read."""
SOR_SYSTEM: Final = "urn:oid:1.2.208.176.1.1"
KOMBIT_SYSTEM: Final = "https://kombit.dk/sts/organisation"
CVR_SYSTEM: Final = "urn:oid:2.16.840.1.113883.2.24.1.1"
YDER_SYSTEM: Final = "urn:oid:1.2.208.176.1.4"
DK_CORE: Final = "http://hl7.dk/fhir/core/"
MUNICIPALITY_SYSTEM: Final = f"{DK_CORE}CodeSystem/dk-core-municipality-codes"
REGION_SYSTEM: Final = f"{DK_CORE}CodeSystem/dk-core-regional-subdivision-codes"
LPR3_SYSTEM: Final = "https://www.esundhed.dk/Registre/Landspatientregisteret"
CPR_SYSTEM: Final = "urn:oid:1.2.208.176.1.2"
X_ECPR_SYSTEM: Final = "urn:oid:1.2.208.176.1.6.1.1"
D_ECPR_SYSTEM: Final = "urn:oid:1.2.208.176.1.6.1.3"
"""MedCom's examples put a region's number behind it (`.177`)."""

# Code systems.
EVENT_CODES: Final = f"{MEDCOM}terminology/CodeSystem/medcom-messaging-eventCodes"
ACTIVITY_CODES: Final = f"{MEDCOM}terminology/CodeSystem/medcom-messaging-activityCodes"
CATEGORY_CODES: Final = f"{MEDCOM}terminology/CodeSystem/medcom-careCommunication-categoryCodes"
DESTINATION_USE_CODES: Final = f"{MEDCOM}terminology/CodeSystem/medcom-messaging-destinationUse"

# Codes.
CATEGORIES: Final = frozenset(
    {
        "acute-ambulant",
        "alcohol-and-drug-treatment",
        "assistive-devices",
        "carecoordination",
        "decease",
        "discharge",
        "examination-results",
        "extended-care-responsibility",
        "healthcare",
        "home-care-assessment",
        "medicine",
        "nursing",
        "other",
        "outpatient",
        "psychiatry-social-disability",
        "regarding-referral",
        "telemedicine",
        "training",
    }
)
PRIORITIES: Final = frozenset({"routine", "asap"})
CC_ACTIVITIES: Final = frozenset({"new-message", "reply-message", "forward-message"})
ACKNOWLEDGED: Final = "acknowledgement"
RESPONSE_CODES: Final = frozenset({"ok", "transient-error", "fatal-error"})
MIME_TYPES: Final = frozenset(
    {"application/pdf", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/tiff"},
)

# Forms.
UUID_URN: Final = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""medcom-uuidv4 as published: lower case, any version, not anchored."""
CC_DEFINITION: Final = re.compile(
    r"http://medcomfhir\.dk/ig/messagedefinitions/MessageDefinition/MedComCareCommunicationMessageDefinition"
    r"\|5\.[0-9]{1,2}"
)
"""medcom-carecommunication-definition-url since 5.0.3; before, an unescaped bar let far too much pass."""
TELEPHONE: Final = re.compile(r"[+]?[-0-9]")
"""medcom-core-contact as published: not anchored, so any digit passes."""
ZONED_TIME: Final = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]{1,9})?"
    r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
)
FHIR_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")
BASE64: Final = re.compile(r"[A-Za-z0-9+/\s]*(?:=\s*){0,2}")
