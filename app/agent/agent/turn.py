"""What the assistant is given: a conversation whose last message waits for an answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not the name of a time zone, such as Europe/Berlin") from None
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class CalledTool(BaseModel):
    """A tool call that an earlier answer made."""

    id: str
    name: str
    arguments: dict[str, Any]


class TurnMessage(BaseModel):
    """One message of the conversation; a tool's message holds what came of one call."""

    role: Literal["user", "assistant", "system", "tool"]
    content: str = ""
    tool_calls: list[CalledTool] | None = None
    tool_call_id: str | None = None
    tool_name: str | None = None
    tool_result: Any = None


class Limits(BaseModel):
    """Bounds of one turn, below those of the settings; what is left out is the settings'."""

    steps: int | None = Field(None, ge=1)
    tokens: int | None = Field(None, ge=1)
    seconds: float | None = Field(None, gt=0)


class Turn(BaseModel):
    """A conversation that ends with the person's message, or with calls that wait for their word."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: UUID
    messages: list[TurnMessage] = Field(min_length=1)
    now: AwareDatetime
    time_zone: TimeZone = Field("UTC", description="Where the person's wall clock is, such as Europe/Berlin")
    confirmed: dict[str, bool] = Field(default={}, description="Yes or no to each call that waited, by its id")
    limits: Limits = Limits()

    @property
    def local_now(self) -> datetime:
        """The person's wall clock."""
        return self.now.astimezone(ZoneInfo(self.time_zone))

    @property
    def pending(self) -> list[CalledTool]:
        """Calls without a result, which wait for the person's word."""
        answered = {message.tool_call_id for message in self.messages}
        made = [call for message in self.messages for call in message.tool_calls or ()]
        return [call for call in made if call.id not in answered]
