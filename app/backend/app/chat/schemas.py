"""What the API takes and gives of a chat."""

import uuid
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from agent.events import ConfirmationRequest, Failure
from app.chat.models import TurnStatus
from app.fields import Line
from app.tasks.schemas import TimeZone

MAXIMUM_MESSAGE_LENGTH = 8000


class ChatRequest(BaseModel):
    """What the person says: something new, yes or no to what was asked, or that a failed answer be tried again."""

    model_config = ConfigDict(extra="forbid")

    message: Annotated[Line, Field(max_length=MAXIMUM_MESSAGE_LENGTH)] | None = None
    confirm: Annotated[dict[str, StrictBool], Field(min_length=1, max_length=20)] | None = Field(
        None, description="Yes or no to each call that waits, by its id"
    )
    retry_of: uuid.UUID | None = Field(None, description="The `message_id` of a failed answer, the conversation's last")
    conversation_id: uuid.UUID | None = Field(None, description="Without one, a message begins a new conversation")
    time_zone: Annotated[TimeZone, Field(description="Where the person's wall clock is")] = "UTC"

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if [self.message, self.confirm, self.retry_of].count(None) != 2:
            raise ValueError("give one of message, confirm and retry_of")
        if self.message is None and self.conversation_id is None:
            raise ValueError("confirm and retry_of need a conversation_id")
        return self


class ChatStarted(BaseModel):
    """The names of what was begun; the stream's first event."""

    conversation_id: uuid.UUID
    message_id: uuid.UUID = Field(description="Names the answer, and its stream: chat/{message_id}/events")
    user_message_id: uuid.UUID | None


class UsedTool(BaseModel):
    """A tool that the assistant used."""

    id: str
    name: str
    arguments: dict[str, Any]
    result: Any
    is_error: bool


class ChatAnswer(ChatStarted):
    """A whole answer."""

    status: TurnStatus
    content: str
    tool_calls: list[UsedTool]
    confirmations: list[ConfirmationRequest] = Field(description="What waits for a yes or no")
    error: Failure | None = Field(description="Why there is no more of it; what the person said is kept")
