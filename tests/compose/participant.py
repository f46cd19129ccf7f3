"""A vendor's system, seen by RabbitMQ as the user that it is: `python -m tests.compose.participant send|take`.

`VANSIM_BROKER` says where and who it is. It runs as a process of its own, in whichever network the published ports are.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import ChannelAccessRefused, ChannelPreconditionFailed
from yarl import URL

from broker.port import ROUTE, SUBMIT, inbox
from envelope.catalogue import check
from envelope.reading import Reading, read
from tests.simulator.post import OWN_FHIR, TOWN, wrapped, xdis91

SECONDS = 60


async def send(address: str) -> None:
    """Send a letter that is converted, and take what comes back until its receipts of both layers are there."""
    gln = _gln(address)
    async with await aio_pika.connect(address) as connection:
        sent = wrapped(xdis91(7), gln, TOWN)
        message = aio_pika.Message(
            sent.body,
            message_id=sent.head.identifier,
            user_id=gln,
            content_type="application/xml",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        channel = await connection.channel()
        await (await channel.get_exchange(SUBMIT, ensure=False)).publish(message, "")
        print(f"{gln} published an XDIS91 to {SUBMIT}")  # noqa: T201 (what it is for)
        awaited = {"PositiveMessage", "XCTL03"}
        async with asyncio.timeout(SECONDS):
            async for name in _taken(connection, gln):
                awaited.discard(name)
                if not awaited:
                    break
        for words, what in _FORBIDDEN.items():
            print(f"{gln} may not {words}: {await _refusal(connection, what)}")  # noqa: T201


async def take(address: str) -> None:
    """Take the next envelope."""
    async with asyncio.timeout(SECONDS), await aio_pika.connect(address) as connection:
        async for _ in _taken(connection, _gln(address)):
            break


def _gln(address: str) -> str:
    return URL(address).user or ""


async def _taken(connection: AbstractConnection, gln: str) -> AsyncIterator[str]:
    """Consume the inbox: what each envelope holds, acked."""
    channel = await connection.channel()
    await channel.set_qos(1)
    queue = await channel.get_queue(inbox(gln), ensure=False)
    async with queue.iterator() as messages:
        async for message in messages:
            reading = read(message.body)
            name = _name(reading)
            print(f"{gln} took {name} from {queue.name}")  # noqa: T201
            await message.ack()
            yield name


def _name(reading: Reading) -> str:
    if reading.head.receipt is not None:
        return reading.head.receipt.kind.value
    type_, _ = check(reading)
    return type_.name.removeprefix("MCM:") if type_ is not None else "what is not known"


async def _refusal(connection: AbstractConnection, what: Callable[[AbstractChannel], Awaitable[object]]) -> str:
    channel = await connection.channel()
    try:
        await what(channel)
    except (ChannelAccessRefused, ChannelPreconditionFailed) as refused:
        return str(refused.args[0] if refused.args else refused)
    raise SystemExit("and yet it could")


async def _read_another(channel: AbstractChannel) -> None:
    await (await channel.get_queue(inbox(OWN_FHIR), ensure=False)).get(fail=False)


async def _declare(channel: AbstractChannel) -> None:
    await channel.declare_queue("a queue of mine")


async def _go_past_the_door(channel: AbstractChannel) -> None:
    await channel.default_exchange.publish(aio_pika.Message(b"letter"), ROUTE)


async def _be_another(channel: AbstractChannel) -> None:
    exchange = await channel.get_exchange(SUBMIT, ensure=False)
    await exchange.publish(aio_pika.Message(b"letter", user_id=OWN_FHIR), "")


_FORBIDDEN = {
    "read another's inbox": _read_another,
    "declare a queue": _declare,
    "publish to another exchange": _go_past_the_door,
    "publish under another's name": _be_another,
}

if __name__ == "__main__":
    asyncio.run({"send": send, "take": take}[sys.argv[1]](os.environ["VANSIM_BROKER"]))
