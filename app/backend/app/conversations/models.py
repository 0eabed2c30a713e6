"""The tables of conversations and their messages."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.fields import utcnow, words

CONVERSATION_TITLE_LENGTH = 255


class MessageRole(StrEnum):
    """Who speaks."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class Conversation(SQLModel, table=True):
    """A thread of messages."""

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "user_id", "updated_at", "id"),)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    title: str | None = Field(default=None, max_length=CONVERSATION_TITLE_LENGTH)
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(
        default_factory=utcnow, sa_type=DateTime(timezone=True), sa_column_kwargs={"onupdate": utcnow}
    )


class Message(SQLModel, table=True):
    """Something said, with the tools that were called; or a tool that was used and what came of it.

    `turn_id` is the answer that it belongs to, or that answers it.
    """

    __tablename__ = "messages"
    __table_args__ = (Index(None, "conversation_id", "created_at", "id"),)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    conversation_id: uuid.UUID = Field(foreign_key="conversations.id", ondelete="CASCADE")
    turn_id: uuid.UUID | None = None
    role: MessageRole = Field(sa_type=words(MessageRole, "role"))
    content: str = Field(sa_type=Text)
    tool_call_id: str | None = Field(default=None, max_length=100)
    tool_name: str | None = Field(default=None, max_length=100)
    tool_args: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    tool_result: Any = Field(default=None, nullable=True, sa_type=JSONB(none_as_null=True))
    is_error: bool | None = None
    tool_calls: list[dict[str, Any]] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
