"""The SQL of conversations: every statement is bound to one owner."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import dropwhile

from sqlalchemy import func
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.conversations.models import Conversation, Message, MessageRole
from app.fields import utcnow
from app.pagination import Order, Slice

_LATEST = Order[Conversation](
    "-updated_at",
    col(Conversation.updated_at),
    col(Conversation.id),
    datetime,
    lambda row: (row.updated_at, row.id),
    descending=True,
)
_NEWEST = Order[Message](
    "-created_at",
    col(Message.created_at),
    col(Message.id),
    datetime,
    lambda row: (row.created_at, row.id),
    descending=True,
)
_NEWEST_FIRST = (col(Message.created_at).desc(), col(Message.id).desc())


class ConversationRepository:
    """The conversations of one user."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._session = session
        self._owner_id = owner_id
        self._own = col(Conversation.user_id) == owner_id

    async def page(self, limit: int, cursor: str | None) -> Slice[Conversation]:
        """A page of the conversations, the one that changed last first."""
        statement = _LATEST.apply(select(Conversation).where(self._own), limit, cursor)
        return _LATEST.cut((await self._session.exec(statement)).all(), limit)

    async def get(self, conversation_id: uuid.UUID, *, locked: bool = False) -> Conversation | None:
        """One conversation, which nobody else changes until the session ends if it is locked."""
        statement = select(Conversation).where(Conversation.id == conversation_id, self._own)
        return (await self._session.exec(statement.with_for_update() if locked else statement)).first()

    async def save(self, conversation: Conversation) -> Conversation:
        """Store a conversation that is new or changed."""
        self._session.add(conversation)
        await self._session.flush()
        return conversation

    async def remove(self, conversation_id: uuid.UUID) -> bool:
        """Delete a conversation and all that was said in it; tells whether there was one."""
        statement = delete(Conversation).where(col(Conversation.id) == conversation_id, self._own)
        return (await self._session.exec(statement)).rowcount > 0

    async def messages(self, conversation_id: uuid.UUID, limit: int, cursor: str | None) -> Slice[Message]:
        """A page of what was said, newest first."""
        own = (col(Message.conversation_id) == conversation_id, col(Message.user_id) == self._owner_id)
        rows: Sequence[Message] = (
            await self._session.exec(_NEWEST.apply(select(Message).where(*own), limit, cursor))
        ).all()
        return _NEWEST.cut(rows, limit)

    async def recent(self, conversation_id: uuid.UUID, limit: int) -> Sequence[Message]:
        """The last of what was said, oldest first; it begins with the person, and with no tool's result in any case."""
        own = (col(Message.conversation_id) == conversation_id, col(Message.user_id) == self._owner_id)
        statement = select(Message).where(*own).order_by(*_NEWEST_FIRST).limit(limit)
        messages = (await self._session.exec(statement)).all()[::-1]
        of_person = list(dropwhile(lambda message: message.role is not MessageRole.USER, messages))
        return of_person or list(dropwhile(lambda message: message.tool_name is not None, messages))

    async def next_moment(self, conversation_id: uuid.UUID) -> datetime:
        """When the next message was said: now, but after those before, whatever another machine's clock said."""
        last = select(func.max(col(Message.created_at))).where(Message.conversation_id == conversation_id)
        latest: datetime | None = (await self._session.exec(last)).one()
        return max(utcnow(), latest + timedelta(microseconds=1)) if latest else utcnow()

    async def message(self, message_id: uuid.UUID) -> Message | None:
        """One message."""
        statement = select(Message).where(Message.id == message_id, Message.user_id == self._owner_id)
        return (await self._session.exec(statement)).first()

    async def add_messages(self, *messages: Message) -> None:
        """Store what was said."""
        self._session.add_all(messages)
        await self._session.flush()
