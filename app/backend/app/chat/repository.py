"""The SQL of answers and their events."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, delete, insert, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from agent.events import EVENT, Done, Event
from app.chat.models import ChatEvent, ChatTurn, TurnStatus
from app.fields import utcnow

_RUNNING = col(ChatTurn.status) == TurnStatus.RUNNING


class TurnRepository:
    """Answers in the database; whoever asks for one has made sure whose it is."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, turn: ChatTurn, lease: float) -> None:
        """Store a new answer, with a lease by the clock that everybody shares."""
        self._session.add(turn)
        await self._session.flush()
        await self.renew(turn.id, lease)

    async def of_user(self, turn_id: uuid.UUID, user_id: uuid.UUID) -> ChatTurn | None:
        """One answer to a user."""
        statement = select(ChatTurn).where(ChatTurn.id == turn_id, ChatTurn.user_id == user_id)
        return (await self._session.exec(statement)).first()

    async def exists(self, turn_id: uuid.UUID) -> bool:
        """Whether the answer is still there."""
        return (await self._session.exec(select(ChatTurn.id).where(ChatTurn.id == turn_id))).first() is not None

    async def latest(self, conversation_id: uuid.UUID) -> ChatTurn | None:
        """The newest answer of a conversation."""
        statement = select(ChatTurn).where(ChatTurn.conversation_id == conversation_id)
        return (await self._session.exec(statement.order_by(col(ChatTurn.created_at).desc()).limit(1))).first()

    async def tokens_since(self, user_id: uuid.UUID, moment: datetime) -> int:
        """What the assistant took for a user."""
        total = func.coalesce(func.sum(col(ChatTurn.input_tokens) + col(ChatTurn.output_tokens)), 0)
        statement = select(total).where(ChatTurn.user_id == user_id, col(ChatTurn.created_at) > moment)
        return int((await self._session.exec(statement)).one())

    async def append(self, turn_id: uuid.UUID, first: int, events: Sequence[Event]) -> None:
        """Store events; their numbers begin at `first`."""
        rows = [
            {"turn_id": turn_id, "sequence": number, "event": event.model_dump(mode="json")}
            for number, event in enumerate(events, first)
        ]
        await self._session.exec(insert(ChatEvent).values(rows))

    async def events(self, turn_id: uuid.UUID, after: int) -> list[tuple[int, Event]]:
        """The events whose numbers are greater than `after`."""
        statement = select(ChatEvent.sequence, ChatEvent.event).where(
            ChatEvent.turn_id == turn_id, col(ChatEvent.sequence) > after
        )
        rows = await self._session.exec(statement.order_by(col(ChatEvent.sequence)))
        return [(sequence, EVENT.validate_python(event)) for sequence, event in rows.all()]

    async def renew(self, turn_id: uuid.UUID, lease: float) -> bool | None:
        """Show a sign of life; tells whether the answer is to stop, or None if it has ended."""
        statement = (
            update(ChatTurn)
            .where(col(ChatTurn.id) == turn_id, _RUNNING)
            .values(lease_until=func.now() + timedelta(seconds=lease))
            .returning(col(ChatTurn.stop_requested))
        )
        return (await self._session.exec(statement)).scalar_one_or_none()

    async def request_stop(self, turn_id: uuid.UUID) -> None:
        """Have an answer stopped by whoever makes it."""
        await self._session.exec(update(ChatTurn).where(col(ChatTurn.id) == turn_id).values(stop_requested=True))

    async def claim_end(self, turn_id: uuid.UUID, *, expired: bool) -> ChatTurn | None:
        """The answer, if it still runs and, with `expired`, its process is dead; nobody else ends it meanwhile."""
        statement = select(ChatTurn).where(ChatTurn.id == turn_id, _RUNNING)
        if expired:
            statement = statement.where(col(ChatTurn.lease_until) < func.now())
        return (await self._session.exec(statement.with_for_update(skip_locked=expired))).first()

    async def abandoned(self, limit: int) -> Sequence[uuid.UUID]:
        """Answers whose process is dead."""
        statement = select(ChatTurn.id).where(_RUNNING, col(ChatTurn.lease_until) < func.now()).limit(limit)
        return (await self._session.exec(statement)).all()

    async def end(self, turn: ChatTurn, done: Done) -> None:
        """Note how an answer ended."""
        turn.status = TurnStatus(done.reason)
        turn.provider = done.provider[:50]
        turn.input_tokens, turn.output_tokens = done.usage.input_tokens, done.usage.output_tokens
        turn.ended_at = utcnow()
        self._session.add(turn)
        await self._session.flush()

    async def forget_events(self, before: datetime, limit: int) -> None:
        """Delete the events of answers that ended before a moment."""
        old = select(ChatTurn.id).where(col(ChatTurn.ended_at) < before)
        some = select(ChatEvent.turn_id).where(col(ChatEvent.turn_id).in_(old)).distinct().limit(limit)
        await self._session.exec(delete(ChatEvent).where(col(ChatEvent.turn_id).in_(some)))
