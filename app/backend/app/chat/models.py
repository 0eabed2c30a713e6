"""The tables of answers and of the events that they consist of."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.fields import utcnow, words


class TurnStatus(StrEnum):
    """How an answer stands, or why it ended."""

    RUNNING = "running"
    ANSWERED = "answered"
    CONFIRMATION = "confirmation"
    LIMIT = "limit"
    ERROR = "error"


class ChatTurn(SQLModel, table=True):
    """One answer of the assistant. While it runs, its process renews the lease; a process that died does not."""

    __tablename__ = "chat_turns"
    __table_args__ = (
        Index(None, "conversation_id", "created_at", "id"),
        Index(None, "user_id", "created_at"),
        Index("ix_chat_turns_running", "lease_until", postgresql_where=text("status = 'running'")),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    conversation_id: uuid.UUID = Field(foreign_key="conversations.id", ondelete="CASCADE")
    user_message_id: uuid.UUID | None = Field(default=None, foreign_key="messages.id", ondelete="CASCADE", index=True)
    status: TurnStatus = Field(default=TurnStatus.RUNNING, sa_type=words(TurnStatus, "status"))
    confirmed: dict[str, bool] = Field(default={}, sa_type=JSONB)
    confirmations: list[dict[str, Any]] = Field(default=[], sa_type=JSONB)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    provider: str | None = Field(default=None, max_length=50)
    input_tokens: int = 0
    output_tokens: int = 0
    lease_until: datetime = Field(sa_type=DateTime(timezone=True))
    stop_requested: bool = False
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True), index=True)


class ChatEvent(SQLModel, table=True):
    """A part of an answer, as it is streamed; `sequence` counts from 1."""

    __tablename__ = "chat_events"

    turn_id: uuid.UUID = Field(foreign_key="chat_turns.id", ondelete="CASCADE", primary_key=True)
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    event: dict[str, Any] = Field(sa_type=JSONB)
