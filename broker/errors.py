"""What can go wrong with queues: VS-6xx. Ids are permanent."""

from __future__ import annotations

from envelope.findings import Fault, Rule

EMBEDDED_NEEDS_SQLITE = Rule(
    "VS-601",
    Fault.NETWORK,
    "The embedded broker keeps its queues in the ledger's SQLite file, and this ledger is on another database.",
    "Run the network on a SQLite ledger, or give it a RabbitMQ with --broker amqp://... and keep PostgreSQL.",
    "vansim",
)
BODY_TOO_LARGE = Rule(
    "VS-602",
    Fault.SENDER,
    "A message of {size} bytes is larger than the broker takes ({limit} bytes).",
    "Send a smaller message, or raise max_message_size in the broker's configuration (536870912 at the most).",
    "RabbitMQ configuration, max_message_size",
)
QUEUE_DIFFERS = Rule(
    "VS-603",
    Fault.NETWORK,
    "{name} is on the broker already, declared with other properties: {text}",
    "Delete it when it is empty, or give the network a virtual host of its own.",
    "AMQP 0-9-1, queue.declare and exchange.declare",
)
BROKER_REFUSES = Rule(
    "VS-604",
    Fault.NETWORK,
    "The broker does not let the network in: {text}",
    "Correct user, password and virtual host in --broker amqp://user:password@host/vhost, and the user's permissions.",
    "AMQP 0-9-1, connection.start and connection.open",
)
NOT_ANSWERED = Rule(
    "VS-605",
    Fault.NETWORK,
    "RabbitMQ has not {act} the queue {name} since {since} UTC. Nothing is lost: it is tried again until it answers.",
    "Ask `rabbitmq-queues quorum_status` about the queue. One that stays without a leader has to be deleted "
    "(`rabbitmqctl delete_queue`): it is made again, and what waits is published to it.",
    "RabbitMQ documentation, quorum queues and publisher confirms",
)

RULES = (EMBEDDED_NEEDS_SQLITE, BODY_TOO_LARGE, QUEUE_DIFFERS, BROKER_REFUSES, NOT_ANSWERED)

LARGEST_BODY = 536_870_912
"""Bytes: RabbitMQ's own ceiling for `max_message_size`, which the embedded broker keeps to as well."""


class Closed(Exception):  # noqa: N818 (tells of an end that was asked for, not of an error)
    """The consumer or the broker was closed while somebody waited for it, or before."""
