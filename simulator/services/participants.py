"""Mock systems: they take what is in their inboxes and answer it (`simulator.services.answers`).

External ones are left alone, also when the network file makes one external while the network runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import structlog

from broker.port import REPEATED, ROUTE, Broker, Delivery, Send, Settlement, inbox
from routing.directory import Directory, Participant
from routing.ledger import dispatches
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.records import Page, instant
from routing.ledger.unit import Unit
from simulator.services.answers import answers_of
from simulator.services.clock import NetworkClock
from simulator.services.outgoing import Outgoing
from simulator.services.traffic import Traffic
from simulator.services.tries import Tries

log = structlog.get_logger("vansim.participants")

PREFETCH = 20
BATCH = 20
JUDGES = 2
"""Threads that judge and answer: most of it holds the interpreter, and each thread compiles schemas of its own."""


class Participants:
    """Answers for every participant that is not external.

    An inbox is opened when the first envelope is put on it: a queue costs a broker something, and most of the network
    is silent most of the time. External ones have theirs from the start: on RabbitMQ their users may make no queue.
    """

    def __init__(
        self,
        broker: Broker,
        ledger: Ledger,
        directory: Callable[[], Directory],
        clock: NetworkClock,
        traffic: Traffic | None = None,
        *,
        tries: Tries | None = None,
    ) -> None:
        self._broker = broker
        self._ledger = ledger
        self._directory = directory
        self._clock = clock
        self._traffic = traffic if traffic is not None else Traffic()
        self._tries = tries if tries is not None else Tries(ledger, clock)
        # Not the threads of everybody: a crowd of letters being judged must not stand before conversions.
        self._judges = ThreadPoolExecutor(JUDGES, "judge")
        self._open: set[str] = set()
        self._wanted: asyncio.Queue[tuple[Callable[[str], Coroutine[Any, Any, None]], str]] = asyncio.Queue()

    def wake(self, gln: str) -> None:
        """Something was put on this participant's inbox."""
        if gln not in self._open and self._is_mock(gln):
            self._open.add(gln)
            self._wanted.put_nowait((self._answer, gln))

    def wake_new(self, before: Directory) -> None:
        """The directory was edited: what is a mock now and was none may have something in its inbox."""
        for participant in self._directory():
            known = before.participant(participant.gln)
            if participant.external:
                self._wanted.put_nowait((self._lay_out, participant.gln))
            elif known is None or known.external:
                self.wake(participant.gln)

    def _is_mock(self, gln: str) -> bool:
        participant = self._directory().participant(gln)
        return participant is not None and not participant.external

    async def run(self, *, everybody: bool = False) -> None:
        """Answer until cancelled.

        Args:
            everybody: open every mock inbox at once, for a process that is not told what others send.
        """
        waiting = await dispatches.waiting_inboxes(self._ledger)
        for gln in waiting:
            self.wake(gln)
        for participant in self._directory():
            if participant.external:
                self._wanted.put_nowait((self._lay_out, participant.gln))
            elif everybody:
                self.wake(participant.gln)
        try:
            async with asyncio.TaskGroup() as inboxes:
                while True:
                    work, gln = await self._wanted.get()
                    inboxes.create_task(work(gln))
        finally:
            self._judges.shutdown(wait=False, cancel_futures=True)

    async def _lay_out(self, gln: str) -> None:
        await self._broker.declare(inbox(gln))

    async def _answer(self, gln: str) -> None:
        consumer = await self._broker.consumer(inbox(gln), PREFETCH)
        try:
            while True:
                for delivery in await consumer.take(BATCH):
                    if self._is_mock(gln):
                        await self._tries.guard_fresh(self._broker, delivery, self._handle)
                    else:
                        await self._broker.give_back(delivery)
                        self._open.discard(gln)
                if gln not in self._open:
                    return
        finally:
            await consumer.close()

    async def _handle(self, delivery: Delivery) -> None:
        await self._clock.follow()
        page = Page(new_key, self._clock(), "participants")
        finish = Page(new_key, page.at, "participants", Unit())
        rows = await dispatches.of_envelope(self._ledger, delivery.queue, delivery.message_id or "")
        # Each time that it was sent it is taken and answered once: the same envelope may have been sent twice.
        row = next((row for row in rows if row.state != "taken"), None)
        sends: list[Send] = []
        system = self._directory().participant(delivery.queue.removeprefix("inbox."))
        if row is not None and row.taken_at is not None:
            # It was taken before a crash, and the answers may not have left: they are the same, made at that time.
            answers = await self._answers(delivery.body, instant(row.taken_at), system)
            for one in answers:
                again = {REPEATED: "true", **(await self._traffic.expecting_again(one.head.identifier))}
                sends.append(Send(ROUTE, one.body, None, one.head.identifier, again))
        elif row is not None or not rows:  # otherwise a crash has put it here twice, and it was answered
            for outgoing in await self._answers(delivery.body, page.at, system):
                log.debug("answered", envelope=delivery.message_id, answer=outgoing.name)
                body = page.body(outgoing.body)
                headers = self._traffic.expecting(outgoing.head.identifier, page)
                sends.append(Send(ROUTE, outgoing.body, body, outgoing.head.identifier, headers))
        if row is not None:
            if row.taken_at is None:
                page.taking(row.key)
                page.event(row.message, "taken", f"taken by {delivery.queue.removeprefix('inbox.')}")
            # Only when the answers have left: until then the inbox is looked into at each start.
            finish.taken(row.key, row.taken_at)
        (result,) = await self._broker.settle([Settlement(delivery, page.unit, sends, finish.unit)])
        if result is not None:
            await self._traffic.given_up(send.message_id for send in sends)
            raise result

    async def _answers(self, body: bytes, now: datetime, system: Participant | None) -> tuple[Outgoing, ...]:
        return await asyncio.get_running_loop().run_in_executor(self._judges, answers_of, body, now, system)
