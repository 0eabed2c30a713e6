"""Answers as server-sent events, and as a whole."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Response
from fastapi.responses import StreamingResponse

from agent.events import Done, Event, Failure, TextDelta, ToolCall, ToolResult, to_sse
from app.chat.history import waiting
from app.chat.models import TurnStatus
from app.chat.schemas import ChatAnswer, ChatStarted, UsedTool
from app.chat.turns import Turns
from app.errors import InvalidError

_KEEP_ALIVE = ": still there\n\n"
BEGINNING = -1
"""The number of the event before the first one, which is `start`."""


def event_stream(turns: Turns, started: ChatStarted, after: int = BEGINNING) -> Response:
    """The events of an answer whose numbers are greater than `after`."""
    # A proxy that collects the answer first would show it all at once.
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(turns, started, after), media_type="text/event-stream", headers=headers)


async def whole(turns: Turns, started: ChatStarted, waited: dict[str, dict[str, Any]]) -> ChatAnswer:
    """An answer when it is complete; `waited` has the arguments of calls that waited for the person's word."""
    events = [item[1] async for item in turns.follow(started.message_id, 0) if item]
    arguments = waited | {event.id: event.arguments for event in events if isinstance(event, ToolCall)}
    used = [
        UsedTool(**event.model_dump(exclude={"type"}), arguments=arguments.get(event.id, {}))
        for event in events
        if isinstance(event, ToolResult)
    ]
    failures = [event for event in events if isinstance(event, Failure)]
    reasons = [event.reason for event in events if isinstance(event, Done)]
    return ChatAnswer(
        **started.model_dump(),
        status=TurnStatus(reasons[-1]) if reasons else TurnStatus.ERROR,
        content="".join(event.text for event in events if isinstance(event, TextDelta)),
        tool_calls=used,
        confirmations=waiting(events),
        error=failures[-1] if failures else None,
    )


def position(turn_id: uuid.UUID, last_event_id: str | None, after: int | None) -> int:
    """Where a stream goes on, by what the client saw last; raises InvalidError."""
    if last_event_id is None:
        return BEGINNING if after is None else after
    name, _, number = last_event_id.partition(":")
    if name != str(turn_id) or not number.isdecimal() or not number.isascii():
        raise InvalidError("Last-Event-ID", "is not the id of an event of this answer", "header")
    return int(number)


async def _lines(turns: Turns, started: ChatStarted, after: int) -> AsyncIterator[str]:
    if after < 0:
        yield f"id: {started.message_id}:0\nevent: start\ndata: {started.model_dump_json()}\n\n"
    async for item in turns.follow(started.message_id, max(after, 0)):
        yield _line(started.message_id, *item) if item else _KEEP_ALIVE


def _line(turn_id: uuid.UUID, number: int, event: Event) -> str:
    return to_sse(event, f"{turn_id}:{number}")
