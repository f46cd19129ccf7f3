"""Errors of the services, the API and the command line: VS-470 to VS-499."""

from __future__ import annotations

from envelope.findings import Fault, Refused, Rule, Severity

CRASHED = Rule(
    "VS-470",
    Fault.NETWORK,
    "The message was given up after {count} tries: {reason}.",
    "Look at the log for the error, mend its cause, and put the message back from the dead letters.",
    "vansim",
)
NO_TYPE = Rule(
    "VS-471",
    Fault.SENDER,
    "The file is no envelope and no letter or bundle that vansim knows.",
    "Give a VANSEnvelope, an OIOXML letter or a FHIR message, in XML or JSON.",
    "vansim",
)
NO_PARTIES = Rule(
    "VS-472",
    Fault.SENDER,
    "A bare letter needs a sender and a receiver: {missing} is missing and the letter does not say.",
    "Give --from and --to, or from= and to=, with their GLNs.",
    "vansim",
)
NO_ORIGINAL = Rule(
    "VS-473",
    Fault.SENDER,
    "To convert a receipt, the message that it answers has to be known.",
    "Give the original with --original.",
    "vansim",
)
NOT_FOUND = Rule(
    "VS-474",
    Fault.SENDER,
    "Nothing here has the identifier {identifier}.",
    "Give an envelope, message, letter or bundle identifier of either end.",
    "vansim",
)
NO_NETWORK = Rule(
    "VS-475",
    Fault.NETWORK,
    "No network answers at {address}: {reason}.",
    "Start one with `vansim up`, or give its address with --url.",
    "vansim",
)
NO_PARTICIPANT = Rule(
    "VS-476",
    Fault.SENDER,
    "{gln} is not a participant of this network.",
    "Give the GLN of a participant in network.yaml.",
    "vansim",
)
NO_LEASE = Rule(
    "VS-477",
    Fault.SENDER,
    "The lease {lease} is not held: it ran out, or was acked or returned before.",
    "Take the envelope again from the inbox.",
    "vansim",
)
UPLOAD_TOO_LARGE = Rule(
    "VS-478",
    Fault.SENDER,
    "The body is larger than this network takes over HTTP ({limit} bytes).",
    "Send a smaller message, or start the network with a larger VANSIM_LARGEST_UPLOAD.",
    "vansim",
)
SETTING = Rule(
    "VS-479",
    Fault.NETWORK,
    "The setting {name} cannot be used: {reason}.",
    "Correct the option, or the environment's variable VANSIM_ and the setting's name.",
    "vansim",
)
WRONG_USE = Rule(
    "VS-480",
    Fault.SENDER,
    "The command cannot be understood: {reason}",
    "See `vansim --help`, or `vansim COMMAND --help`.",
    "vansim",
)
NOT_READY = Rule(
    "VS-481",
    Fault.NETWORK,
    "The network is not ready: {reason}",
    "Look at /health and at the log; the network goes on by itself when what it waits for is back.",
    "vansim",
)
INTERNAL = Rule(
    "VS-482",
    Fault.NETWORK,
    "vansim failed inside ({error}).",
    "This is an error of vansim's own: report it with the log, and with what you did.",
    "vansim",
)
NO_TOKEN = Rule(
    "VS-483",
    Fault.SENDER,
    "This network asks for its bearer token.",
    "Give the token as `Authorization: Bearer TOKEN`, or with --token or VANSIM_TOKEN.",
    "RFC 6750, 2.1",
)
OPEN_TO_ALL = Rule(
    "VS-484",
    Fault.NETWORK,
    "The network would listen on {host}, beyond this machine, and has no token.",
    "Set VANSIM_TOKEN, or let the network listen on 127.0.0.1.",
    "vansim",
)
NO_PORT = Rule(
    "VS-485",
    Fault.NETWORK,
    "The API cannot listen on {host}, port {port}: {reason}.",
    "Stop what listens there, or give another port with --port.",
    "vansim",
)
NO_FILE = Rule(
    "VS-486",
    Fault.NETWORK,
    "{path} cannot be used: {reason}.",
    "Give a file or folder that is there and that you may read and write.",
    "vansim",
)
NO_CALL = Rule(
    "VS-487",
    Fault.SENDER,
    "The API has no {method} {path}.",
    "See /api/openapi.json for the calls that there are.",
    "vansim",
)
PARAMETER = Rule(
    "VS-488",
    Fault.SENDER,
    "The parameter {name} cannot be used: {reason}.",
    "See /api/openapi.json for what the call takes.",
    "vansim",
)
NO_LEDGER = Rule(
    "VS-489",
    Fault.NETWORK,
    "The ledger's database cannot be used: {reason}.",
    "Correct --database or --data, and the rights of its user.",
    "vansim",
)
NO_DEAD_LETTER = Rule(
    "VS-490",
    Fault.SENDER,
    "There is no dead letter {key}.",
    "See /api/dead for the dead letters that there are.",
    "vansim",
)
ALONE = Rule(
    "VS-491",
    Fault.NETWORK,
    "A service by itself shares a RabbitMQ with the others; the embedded broker lives in one process.",
    "Give --broker amqp://..., or run everything in one process with `vansim up`.",
    "vansim",
)
DIRECTORY_ELSEWHERE = Rule(
    "VS-492",
    Fault.SENDER,
    "The directory cannot be changed here: the network's services run elsewhere, and read a file of their own.",
    "Edit the network.yaml that all services of the network read; an edit takes effect while it runs.",
    "vansim",
)
STRANGER = Rule(
    "VS-493",
    Fault.NETWORK,
    "The {party} {gln} is not in the directory; its SOR code is {sor}, as the document itself says.",
    "Give another with --participant {gln}=SOR, or add the participant to network.yaml.",
    "MedCom VANS conversion use cases 3.1.0, R1; vansim",
    Severity.WARNING,
)
STRANGER_TAKES = Rule(
    "VS-494",
    Fault.NETWORK,
    "The receiver {gln} is not in the directory, so that nobody knows what it takes: the CareCommunication is of "
    "version {version}.",
    "Give the version with --fhir-version, or add the participant to network.yaml.",
    "MedCom VANS conversion use cases 3.1.0, R1; vansim",
    Severity.WARNING,
)

RULES = (
    CRASHED,
    NO_TYPE,
    NO_PARTIES,
    NO_ORIGINAL,
    NOT_FOUND,
    NO_NETWORK,
    NO_PARTICIPANT,
    NO_LEASE,
    UPLOAD_TOO_LARGE,
    SETTING,
    WRONG_USE,
    NOT_READY,
    INTERNAL,
    NO_TOKEN,
    OPEN_TO_ALL,
    NO_PORT,
    NO_FILE,
    NO_CALL,
    PARAMETER,
    NO_LEDGER,
    NO_DEAD_LETTER,
    ALONE,
    DIRECTORY_ELSEWHERE,
    STRANGER,
    STRANGER_TAKES,
)


class CouldNotRun(Refused):
    """A command was used wrongly, or what it needs is not there: nothing is said of any message."""
