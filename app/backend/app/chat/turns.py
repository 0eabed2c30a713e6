"""The answers that this process makes. They go on when whoever asked is gone, and are streamed as they are stored."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import cast

import structlog

from agent.events import Done, Event, Failure, TextDelta, Usage
from app.chat.ending import INTERRUPTED, close_abandoned, count, end_turn
from app.chat.history import storable
from app.chat.repository import TurnRepository
from app.database import Database, DatabaseUnavailableError
from app.errors import VanishedError
from app.settings import load_agent_settings

_RETRY_SECONDS = 0.5
_POLLS_A_SECOND = 5
_POLL_SECONDS = 1 / _POLLS_A_SECOND
_PING_SECONDS = 15
_ENDING_SECONDS = 3
_SLACK_SECONDS = 10
_STOPPED = Failure(code="stopped", message="You stopped the answer.", retryable=True)
_LATE = Failure(code="timeout", message="The answer took too long.", retryable=True)
_CUT_OFF = Failure(code="cut_off", message="The assistant stopped in the middle of its answer.", retryable=True)
_BROKEN = Failure(code="internal", message="Something went wrong on our side.", retryable=True)

log = structlog.get_logger("app.chat")


class LiveTurn:
    """An answer in the making: its events so far are stored, and only then seen."""

    def __init__(self, database: Database, turn_id: uuid.UUID, lease: float) -> None:
        self.id = turn_id
        self.events: list[Event] = []
        self.ending = self.over = False
        self.failure: Failure | None = None
        self.task: asyncio.Task[None] | None = None
        self._database = database
        self._lease = lease
        self._new: list[Event] = []
        self._wake = asyncio.Event()
        self._changed = asyncio.Event()

    async def put(self, event: Event) -> None:
        """Take the next event; what is no text is stored before the assistant goes on."""
        event = storable(event)
        self._new.append(event)
        self._wake.set()
        while self._new and not isinstance(event, TextDelta):
            await self.change()

    async def change(self, seconds: float | None = None) -> bool:
        """Wait for something to be stored; tells whether it was before the time was up."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def stop(self, failure: Failure) -> None:
        """End it from outside."""
        if self.failure is None and self.task is not None and not self.ending:
            self.failure = failure
            self.task.cancel()

    def finish(self) -> None:
        """Take no more events: those that came are stored, and that is all."""
        self.ending = True
        self._wake.set()

    @property
    def failed(self) -> bool:
        """Whether the assistant said that it failed."""
        return any(isinstance(event, Failure) for event in (*self.events, *self._new))

    async def keep(self) -> None:
        """Store what comes, and renew the lease, until it is finished."""
        try:
            await self._keep()
        except VanishedError:
            self.stop(INTERRUPTED)  # the conversation was deleted
        except Exception as error:
            log.exception("an answer can't be stored", exc_info=error)
            self.stop(_BROKEN)

    async def _keep(self) -> None:
        renewed = time.monotonic()
        while True:
            self._wake.clear()
            try:
                await self._store()
                if time.monotonic() - renewed > self._lease / 3:
                    await self._renew()
                    renewed = time.monotonic()
            except DatabaseUnavailableError:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if not self._new:
                if self.ending:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._lease / 3):
                        await self._wake.wait()

    def see(self, *events: Event) -> None:
        """Show events that are stored to whoever follows."""
        self.events += events
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _store(self) -> None:
        batch = self._new[:]
        if not batch:
            return
        async with self._database.session() as session:
            await TurnRepository(session).append(self.id, len(self.events) + 1, batch)
        del self._new[: len(batch)]
        self.see(*batch)

    async def _renew(self) -> None:
        async with self._database.session() as session:
            stop = await TurnRepository(session).renew(self.id, self._lease)
        if stop is not False:
            self.stop(_STOPPED if stop else INTERRUPTED)


class Turns:
    """Every answer that this process makes."""

    def __init__(self, database: Database, lease: float) -> None:
        self._database = database
        self._lease = lease
        self._timeout = load_agent_settings().agent_turn_timeout + _SLACK_SECONDS
        self._live: dict[uuid.UUID, LiveTurn] = {}

    def start(self, turn_id: uuid.UUID, answer: AsyncIterator[Event]) -> None:
        """Make an answer, whether or not anybody follows it."""
        live = LiveTurn(self._database, turn_id, self._lease)
        self._live[turn_id] = live
        live.task = asyncio.create_task(self._run(live, answer))

    def stop(self, turn_id: uuid.UUID) -> None:
        """End an answer if it is made here."""
        if live := self._live.get(turn_id):
            live.stop(_STOPPED)

    async def drain(self, seconds: float) -> None:
        """Let the answers come to their end, and then end those that did not, so that they can be asked for again."""
        tasks = [live.task for live in self._live.values() if live.task]
        if tasks:
            log.info("answers come to their end", count=len(tasks))
            _, unfinished = await asyncio.wait(tasks, timeout=seconds)
            for live in list(self._live.values()):
                live.stop(INTERRUPTED)
            if unfinished:
                await asyncio.wait(unfinished, timeout=_ENDING_SECONDS)

    async def follow(self, turn_id: uuid.UUID, after: int) -> AsyncIterator[tuple[int, Event] | None]:
        """The events whose numbers are greater than `after`, to the last one; None every now and then in a silence."""
        for events in (self._made_here, self._stored):
            async for item in events(turn_id, after):
                yield item
                if item and isinstance(item[1], Done):
                    return
                after = item[0] if item else after

    async def _made_here(self, turn_id: uuid.UUID, after: int) -> AsyncIterator[tuple[int, Event] | None]:
        live = self._live.get(turn_id)
        while live and not (live.over and after >= len(live.events)):
            if after < len(live.events):
                after += 1
                yield after, live.events[after - 1]
            elif not await live.change(_PING_SECONDS):
                yield None

    async def _stored(self, turn_id: uuid.UUID, after: int) -> AsyncIterator[tuple[int, Event] | None]:
        """What another process makes, or ended in place of this one."""
        silence = 0
        while True:
            async with self._database.session() as session:
                found = await TurnRepository(session).events(turn_id, after)
            for item in found:
                after, silence = item[0], 0
                yield item
            await asyncio.sleep(_POLL_SECONDS)
            silence += 1
            if silence % _POLLS_A_SECOND == 0 and not await self._still_there(turn_id):
                return
            if silence % (_PING_SECONDS * _POLLS_A_SECOND) == 0:
                yield None

    async def _still_there(self, turn_id: uuid.UUID) -> bool:
        async with self._database.session() as session:
            await close_abandoned(session, turn_id)
            return await TurnRepository(session).exists(turn_id)

    async def _run(self, live: LiveTurn, answer: AsyncIterator[Event]) -> None:
        started = time.monotonic()
        keeper = asyncio.create_task(live.keep())
        try:
            done, failure = await self._answer(live, answer)
            live.finish()
            await asyncio.wait([keeper], timeout=4 * self._lease)
            done = done or Done(reason="error", usage=Usage(), provider="none")
            await self._end(live, failure, done)
            count(done, time.monotonic() - started)
        except Exception as error:  # nobody awaits the task
            log.exception("an answer can't be ended", exc_info=error)
        finally:
            keeper.cancel()
            live.over = True
            live.see()
            del self._live[live.id]

    async def _answer(self, live: LiveTurn, answer: AsyncIterator[Event]) -> tuple[Done | None, Failure | None]:
        try:
            async with asyncio.timeout(self._timeout), aclosing(cast("AsyncGenerator[Event]", answer)) as events:
                async for event in events:
                    if isinstance(event, Done):
                        return event, None
                    await live.put(event)
        except TimeoutError:
            return None, _LATE
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if live.failure is None or task is None:
                raise
            task.uncancel()
            return None, live.failure
        except Exception as error:  # an assistant is to raise nothing
            log.exception("answer failed", exc_info=error)
            return None, _BROKEN
        return None, None if live.failed else _CUT_OFF

    async def _end(self, live: LiveTurn, failure: Failure | None, done: Done) -> None:
        give_up = time.monotonic() + 4 * self._lease
        while True:
            try:
                async with self._database.session() as session:
                    turn = await TurnRepository(session).claim_end(live.id, expired=False)
                    last = await end_turn(session, turn, live.events, failure, done) if turn else []
            except DatabaseUnavailableError:
                if time.monotonic() > give_up:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                live.see(*last)
                return
