"""What a conversion can refuse or warn of: VS-5xx."""

from __future__ import annotations

from envelope.findings import Fault, Rule, Severity

DIRECTION = Rule(
    "VS-501",
    Fault.NETWORK,
    "{source} cannot be converted to {to}.",
    "Ask for what MedCom's service knows: XDIS91 and CareCommunication, XCTL and Acknowledgement.",
    "MedCom conversion service use cases 3.1.0, 1",
)
ATTACHMENT = Rule(
    "VS-502",
    Fault.NETWORK,
    "The letter refers to an attachment ({kind}); letters with attachments are not converted yet.",
    "Send the letter without its attachment, or to a receiver that takes its format.",
    "MedCom conversion service use cases 3.1.0, S1.A1; vansim",
)
SOR_UNKNOWN = Rule(
    "VS-503",
    Fault.NETWORK,
    "The {party} {gln} has no SOR code in the directory, and a CareCommunication names both parties by theirs.",
    "Give the participant its SOR code in network.yaml.",
    "MedCom mapping XDIS91 to CareCommunication 5.0, Sender SOR and Receiver SOR",
)
MADE_INVALID = Rule(
    "VS-504",
    Fault.NETWORK,
    "The {type} made by the conversion is invalid ({count} findings, first {first}).",
    "Report this as an error in vansim; the message was not sent.",
    "MedCom conversion service use cases 3.1.0, S1 and S3",
)
TIME_UNREADABLE = Rule(
    "VS-505",
    Fault.SENDER,
    "The time {value!r} cannot be read.",
    "Write a time that exists, in the form of its standard.",
    "OIOXML DateTimeType; FHIR R4 dateTime and instant",
)
CORRECTED_LETTER = Rule(
    "VS-506",
    Fault.SENDER,
    "The letter is marked as corrected (rettetbrev), which a CareCommunication cannot say; it goes on as new.",
    "Nothing; tell the receiver in the text which letter is corrected.",
    "MedCom mapping XDIS91 to CareCommunication 5.0, Message status",
    Severity.WARNING,
)
REPLACEMENT_NUMBER = Rule(
    "VS-507",
    Fault.SENDER,
    "The replacement CPR number does not have the form that FHIR asks for in {system}.",
    "Use the number that the national or the regional register has given out.",
    "HL7 Denmark dk-core 3.4.0, x-ecpr and d-ecpr",
    Severity.WARNING,
)
NO_TEXT = Rule(
    "VS-508",
    Fault.SENDER,
    "The letter has no text, and a CareCommunication must have one; {text!r} stands in its place.",
    "Write the text in ClinicalInformation/Text01.",
    "MedCom mapping XDIS91 to CareCommunication 5.0, Text",
    Severity.WARNING,
)
SOURCES = Rule(
    "VS-509",
    Fault.NETWORK,
    "{count} documents were given where one is converted.",
    "Convert them one by one.",
    "vansim",
)

RULES: tuple[Rule, ...] = (
    DIRECTION,
    ATTACHMENT,
    SOR_UNKNOWN,
    MADE_INVALID,
    TIME_UNREADABLE,
    CORRECTED_LETTER,
    REPLACEMENT_NUMBER,
    NO_TEXT,
    SOURCES,
)
