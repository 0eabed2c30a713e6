"""Keeps a conversation as a backend does: from nothing but the events of its answers."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from agent.events import EVENT, ConfirmationRequest, Done, Event, Failure, TextDelta, ToolCall, ToolResult
from agent.turn import CalledTool, Limits, Turn, TurnMessage

CONVERSATION = UUID(int=1)


class Recorder:
    """A conversation: what was said, and the events of the last answer."""

    def __init__(self, now: datetime, time_zone: str = "Europe/Berlin") -> None:
        self.messages: list[TurnMessage] = []
        self.events: list[Event] = []
        self._now = now
        self._time_zone = time_zone

    def turn(self, confirmed: dict[str, bool] | None = None, limits: Limits | None = None) -> Turn:
        """What an assistant is given to go on with."""
        return Turn(
            conversation_id=CONVERSATION,
            messages=self.messages,
            now=self._now,
            time_zone=self._time_zone,
            confirmed=confirmed or {},
            limits=limits or Limits(),
        )

    def say(self, text: str) -> None:
        """Add what the person says."""
        self.messages.append(TurnMessage(role="user", content=text))

    async def record(self, answer: AsyncIterator[Event]) -> None:
        """Keep an answer, as it reads after having been sent; calls and texts become messages in their order."""
        self.events = [EVENT.validate_json(event.model_dump_json()) async for event in answer]
        for event in self.events:
            match event:
                case TextDelta(text=text):
                    self._assistant(new=self.messages[-1].role != "assistant" or bool(self.messages[-1].tool_calls))
                    self.messages[-1].content += text
                case ToolCall():
                    self._assistant(new=self.messages[-1].role != "assistant")
                    call = CalledTool(id=event.id, name=event.name, arguments=event.arguments)
                    self.messages[-1].tool_calls = [*(self.messages[-1].tool_calls or ()), call]
                case ToolResult():
                    self.messages.append(
                        TurnMessage(role="tool", tool_call_id=event.id, tool_name=event.name, tool_result=event.result)
                    )

    def _assistant(self, *, new: bool) -> None:
        if new:
            self.messages.append(TurnMessage(role="assistant"))

    @property
    def text(self) -> str:
        """The text of the last answer."""
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def reason(self) -> str:
        """Why the last answer ended."""
        return self.done.reason

    @property
    def done(self) -> Done:
        """How the last answer ended."""
        done = self.events[-1]
        assert isinstance(done, Done)
        assert sum(isinstance(event, Done) for event in self.events) == 1
        return done

    @property
    def failure(self) -> Failure | None:
        """Why the last answer failed, if it did."""
        failures = [event for event in self.events if isinstance(event, Failure)]
        assert len(failures) <= 1
        assert bool(failures) == (self.done.reason in ("error", "limit"))
        return failures[0] if failures else None

    @property
    def confirmations(self) -> list[ConfirmationRequest]:
        """What the last answer asks the person."""
        return [event for event in self.events if isinstance(event, ConfirmationRequest)]
