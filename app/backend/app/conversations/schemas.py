"""What the API takes and gives as a conversation."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from agent.events import ConfirmationRequest, Failure
from app.chat.models import TurnStatus
from app.conversations.models import CONVERSATION_TITLE_LENGTH, MessageRole
from app.fields import Line
from app.pagination import Page

_Title = Annotated[Line, Field(max_length=CONVERSATION_TITLE_LENGTH)]


class ConversationCreate(BaseModel):
    """A new conversation."""

    model_config = ConfigDict(extra="forbid")

    title: _Title | None = Field(None, description="Without one, the first message gives it")


class ConversationPatch(BaseModel):
    """Another title."""

    model_config = ConfigDict(extra="forbid")

    title: _Title


class ConversationRead(BaseModel):
    """A conversation."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str | None
    created_at: datetime
    updated_at: datetime


class TurnState(BaseModel):
    """How the newest answer stands."""

    id: uuid.UUID = Field(description="Names its stream: chat/{id}/events")
    status: TurnStatus
    error: Failure | None
    confirmations: list[ConfirmationRequest] = Field(description="What waits for a yes or no")


class ConversationDetails(ConversationRead):
    """A conversation, and how its newest answer stands."""

    turn: TurnState | None


class ConversationPage(Page[ConversationRead]):
    """A part of the list of conversations, the one that changed last first."""


class MessageRead(BaseModel):
    """Something said, or a tool that was used."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    turn_id: uuid.UUID | None = Field(description="The answer that it belongs to, or that answers it")
    role: MessageRole
    content: str
    tool_calls: list[dict[str, Any]] | None = Field(description="Tools that were called here: id, name, arguments")
    tool_call_id: str | None = Field(description="The call whose outcome this is")
    tool_name: str | None
    tool_args: dict[str, Any] | None
    tool_result: Any
    is_error: bool | None = Field(description="Whether the tool could not do it")
    created_at: datetime


class MessagePage(Page[MessageRead]):
    """A part of a conversation, newest first."""
