"""From events to messages that are kept, and from those to what the assistant is given."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from agent.events import EVENT, ConfirmationRequest, Event, TextDelta, ToolCall, ToolResult
from agent.turn import CalledTool, TurnMessage
from app.chat.models import ChatTurn
from app.conversations.models import Message, MessageRole

_NAME_LENGTH = 100


def storable(event: Event) -> Event:
    """The event as PostgreSQL can hold it: without NUL and halves of characters."""
    return EVENT.validate_python(_clean(event.model_dump()))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode().replace("\0", "")
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


class Transcript:
    """Turns the events of an answer into messages: one for each time the assistant speaks, one for each tool used."""

    def __init__(self, earlier_calls: Iterable[CalledTool] = ()) -> None:
        self._calls = {call.id: call for call in earlier_calls}
        self._text = ""
        self._made: list[CalledTool] = []
        self._rows: list[dict[str, Any]] = []
        self.answered: set[str] = set()

    def add(self, event: Event) -> None:
        """Take the next event into account."""
        if isinstance(event, TextDelta):
            if self._made:
                self._speak()
            self._text += event.text
        elif isinstance(event, ToolCall):
            call = CalledTool(id=event.id, name=event.name, arguments=event.arguments)
            if event.id not in self._calls:
                self._made.append(call)
            self._calls[event.id] = call
        elif isinstance(event, ToolResult):
            self._speak()
            self._use(event.id, event.name, event.result, is_error=event.is_error)

    def refuse(self, call_id: str) -> None:
        """Note that the person said no to a call, unless the assistant did."""
        if call_id not in self.answered and (call := self._calls.get(call_id)):
            self._speak()
            self._use(call_id, call.name, {"error": "The person said no."}, is_error=True)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields of the messages so far."""
        self._speak()
        return self._rows

    def messages(self, turn: ChatTurn, now: datetime) -> list[Message]:
        """The messages, one after the other."""
        return [
            Message(
                **row,
                turn_id=turn.id,
                conversation_id=turn.conversation_id,
                user_id=turn.user_id,
                role=MessageRole.ASSISTANT,
                created_at=now + timedelta(microseconds=number),
            )
            for number, row in enumerate(self.rows)
        ]

    def _speak(self) -> None:
        if self._text or self._made:
            calls = [call.model_dump(mode="json") for call in self._made] or None
            self._rows.append({"content": self._text, "tool_calls": calls})
        self._text, self._made = "", []

    def _use(self, call_id: str, name: str, result: Any, *, is_error: bool) -> None:
        call = self._calls.get(call_id)
        self.answered.add(call_id)
        self._rows.append(
            {
                "content": "",
                "tool_call_id": call_id[:_NAME_LENGTH],
                "tool_name": name[:_NAME_LENGTH],
                "tool_args": call.arguments if call else {},
                "tool_result": result,
                "is_error": is_error,
            }
        )


def turn_messages(messages: Sequence[Message]) -> list[TurnMessage]:
    """What the assistant is given of a conversation, oldest first."""
    return [_turn_message(message) for message in messages]


def _turn_message(message: Message) -> TurnMessage:
    if message.tool_name:
        return TurnMessage(
            role="tool",
            tool_call_id=message.tool_call_id,
            tool_name=message.tool_name,
            tool_result=message.tool_result,
        )
    calls = [CalledTool.model_validate(call) for call in message.tool_calls or ()]
    return TurnMessage(role=message.role.value, content=message.content, tool_calls=calls or None)


def pending_calls(messages: Sequence[Message]) -> list[CalledTool]:
    """Calls of a conversation that have no outcome: they wait for the person's word."""
    answered = {message.tool_call_id for message in messages}
    made = [CalledTool.model_validate(call) for message in messages for call in message.tool_calls or ()]
    return [call for call in made if call.id not in answered]


def waiting(events: Iterable[Event]) -> list[ConfirmationRequest]:
    """The questions that an answer ended with."""
    return [event for event in events if isinstance(event, ConfirmationRequest)]
