"""The ledger's tables: what was taken in, what was made from it, what happened to it, and what has to go out.

Keys are made in Python (`routing.ledger.keys`), times are microseconds since 1970 in UTC.

No foreign key is declared. Group commit writes all rows of many units table by table, so a parent may be written after
its child within one transaction; the rows of one unit are consistent because one unit is committed whole; and a check
per row costs an index probe on the one path where speed counts. What refers to what is said in the comments here.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

METADATA = MetaData()

UNFINISHED = ("taken", "ordered")
"""The states of a message that something is left to be done for: its settlement, its conversion."""

FORWARD = {
    ("messages", ("state",)): "state NOT IN ('converted', 'refused', 'dead')",
    ("sends", ("state", "sent_at")): "state = 'due'",
}
"""Which changes of a row hold only while it has not gone further: table and columns changed, and the condition.

What is published may be taken, carried out and said to be so, before who published it says that it was published.
"""


def _key() -> Column[int]:
    return Column("key", BigInteger, primary_key=True, autoincrement=False)


BODIES = Table(
    "bodies",
    METADATA,
    _key(),
    Column("digest", Text),  # SHA-256 in hexadecimal digits
    Column("size", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

MESSAGES = Table(
    "messages",
    METADATA,
    _key(),
    Column("way", Text, nullable=False),  # 'in': taken from a participant; 'made': by the network
    Column("layer", Text, nullable=False),  # 'message' or 'receipt'
    Column("envelope_id", Text),
    Column("message_id", Text),
    Column("sender", Text),
    Column("receiver", Text),
    Column("type", Text),
    Column("version", Text),
    Column("name", Text),
    Column("size", BigInteger, nullable=False),
    Column("letter_id", Text),
    Column("letter_envelope_id", Text),
    Column("state", Text, nullable=False),
    Column("rule", Text),
    Column("reason", Text),
    Column("duplicate", Boolean, nullable=False),
    Column("body", BigInteger),  # bodies.key
    Column("parent", BigInteger),  # messages.key: what it was made from, or what it answers
    Column("relation", Text),  # 'converted', 'answers-envelope', 'answers-letter', 'refusal'
    Column("thread", BigInteger, nullable=False),  # messages.key of the root
    Column("accepted_at", BigInteger, nullable=False),
    Column("findings", Text),  # JSON
    Column("indexed", Boolean, nullable=False),
)
Index("messages_envelope_id", MESSAGES.c.envelope_id)
Index("messages_message_id", MESSAGES.c.message_id)
Index("messages_letter_id", MESSAGES.c.letter_id)
Index("messages_letter_envelope_id", MESSAGES.c.letter_envelope_id)
Index("messages_thread", MESSAGES.c.thread)
_UNFINISHED = MESSAGES.c.state.in_(UNFINISHED)
Index("messages_unfinished", MESSAGES.c.state, sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED)
# Two routers may take in the same envelope at once: the database says who was first, and the loser looks again.
_FIRST = (MESSAGES.c.way == "in") & MESSAGES.c.duplicate.is_(False)
Index(
    "messages_first",
    MESSAGES.c.sender,
    MESSAGES.c.envelope_id,
    unique=True,
    sqlite_where=_FIRST,
    postgresql_where=_FIRST,
)

IDENTIFIERS = Table(
    "identifiers",
    METADATA,
    _key(),
    Column("value", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("message", BigInteger, nullable=False),  # messages.key
)
Index("identifiers_value", IDENTIFIERS.c.value)
Index("identifiers_message", IDENTIFIERS.c.message)

EVENTS = Table(
    "events",
    METADATA,
    _key(),
    Column("message", BigInteger, nullable=False),  # messages.key
    Column("at", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("rule", Text),
    Column("text", Text, nullable=False),
)
Index("events_message", EVENTS.c.message)

SENDS = Table(
    "sends",
    METADATA,
    _key(),
    Column("message", BigInteger, nullable=False),  # messages.key of what travels
    Column("queue", Text, nullable=False),
    Column("receiver", Text),  # GLN
    Column("envelope_id", Text),
    Column("body", BigInteger, nullable=False),  # bodies.key
    Column("state", Text, nullable=False),  # 'due', 'sent', 'taken'
    Column("sent_at", BigInteger),
    Column("taken_at", BigInteger),
)
Index("sends_queue_state", SENDS.c.queue, SENDS.c.state)
Index("sends_envelope_id", SENDS.c.envelope_id)
Index("sends_message", SENDS.c.message)

ORDERS = Table(
    "orders",
    METADATA,
    _key(),
    Column("sources", Text, nullable=False),  # JSON list of messages.key
    Column("target", Text, nullable=False),
    Column("facts", Text, nullable=False),  # JSON
    Column("state", Text, nullable=False),
    Column("made_at", BigInteger),
)

CONVERSIONS = Table(
    "conversions",
    METADATA,
    _key(),
    Column("remembered", Text, nullable=False),  # JSON: what converting a receipt back needs
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)

# The letters with attachments, and the attachment letters, that come for a receiver which takes them as one message.
HALVES = Table(
    "halves",
    METADATA,
    _key(),
    Column("message", BigInteger, nullable=False),  # messages.key
    Column("role", Text, nullable=False),  # 'refers' or 'carries'
    Column("object", Text, nullable=False),  # lower case, without hyphens
    Column("sender", Text, nullable=False),
    Column("receiver", Text, nullable=False),
)
Index("halves_object", HALVES.c.object)
Index("halves_message", HALVES.c.message)

# What may happen once only, whoever is first: the database says who that is, and the loser looks again.
CLAIMS = Table("claims", METADATA, _key(), Column("name", Text, nullable=False, unique=True))

# When something has to be done of itself, by network time.
DUE = Table(
    "due",
    METADATA,
    _key(),
    Column("kind", Text, nullable=False),  # what is to be done
    Column("message", BigInteger, nullable=False),  # messages.key
    Column("at", BigInteger, nullable=False),
    Column("content", Text),  # JSON: what doing it needs beside the message
)
Index("due_at", DUE.c.at)
Index("due_message", DUE.c.message)

# What services of one network have put before its router, and the router has not settled.
EXPECTED = Table(
    "expected",
    METADATA,
    _key(),
    Column("name", Text, nullable=False),  # what its publisher calls it
    Column("place", Text, nullable=False),  # who published it
)

# What the network keeps about itself: its clock, its participants' behaviour.
KEPT = Table(
    "kept",
    METADATA,
    _key(),
    Column("name", Text, nullable=False, unique=True),
    Column("value", Text, nullable=False),  # JSON
)

TRIES = Table(
    "tries",
    METADATA,
    _key(),
    Column("digest", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("reason", Text),
    UniqueConstraint("digest", "queue", name="tries_digest_queue"),
)

DEAD = Table(
    "dead",
    METADATA,
    _key(),
    Column("message", BigInteger),  # messages.key
    Column("body", BigInteger, nullable=False),  # bodies.key
    Column("queue", Text, nullable=False),
    Column("rule", Text),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
