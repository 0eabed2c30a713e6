"""What an answer consists of, in the order in which it comes about."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class TextDelta(_Event):
    """The next piece of the answer's text."""

    type: Literal["text"] = "text"
    text: str


class ToolCall(_Event):
    """A tool is about to be used."""

    type: Literal["tool_call"] = "tool_call"
    id: str
    name: str
    arguments: dict[str, Any]


class ToolResult(_Event):
    """What came of a tool call."""

    type: Literal["tool_result"] = "tool_result"
    id: str = Field(description="The call's id")
    name: str
    result: Any
    is_error: bool


class ConfirmationRequest(_Event):
    """A call that destroys something waits for the person's word; the turn ends after it."""

    type: Literal["confirmation"] = "confirmation"
    id: str = Field(description="The call's id, to be answered in the next turn's `confirmed`")
    name: str
    arguments: dict[str, Any]
    summary: str = Field(description="What would be done, for a person to read")


class Failure(_Event):
    """The turn could not be finished; the person's message is not lost."""

    type: Literal["error"] = "error"
    code: str
    message: str = Field(description="For a person to read; never a provider's own text")
    retryable: bool = Field(description="Whether the same turn may succeed later")
    retry_after: float | None = Field(None, description="Seconds that the provider asks to wait")


class Usage(_Event):
    """What a turn took."""

    input_tokens: int = 0
    output_tokens: int = 0
    steps: int = Field(0, description="Answers of the model, of which each may call tools")

    def __add__(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            steps=self.steps + other.steps,
        )


Reason = Literal["answered", "confirmation", "limit", "error"]


class Done(_Event):
    """The end of every turn."""

    type: Literal["done"] = "done"
    reason: Reason
    usage: Usage
    provider: str


Event = Annotated[TextDelta | ToolCall | ToolResult | ConfirmationRequest | Failure | Done, Field(discriminator="type")]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads an event from what `model_dump_json` wrote."""


def to_sse(event: Event, id: str | None = None) -> str:  # noqa: A002  # the field's name
    """The event as server-sent events have it."""
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {event.type}\ndata: {event.model_dump_json()}\n\n"
