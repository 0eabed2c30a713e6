"""Chats of a user."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response

from tests.conftest import Caller


@dataclass
class StreamEvent:
    """An event as it came."""

    id: str
    type: str
    data: dict[str, Any]


async def events_of(response: Response) -> AsyncIterator[StreamEvent]:
    """The events of a stream, up to where it ends or breaks."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            event = StreamEvent(fields["id"], fields["event"], json.loads(fields["data"]))
            assert event.data.get("type", "start") == event.type
            yield event
            fields = {}


@asynccontextmanager
async def streaming(
    caller: Caller, method: str, path: str, client: AsyncClient | None = None, **arguments: Any
) -> AsyncIterator[AsyncIterator[StreamEvent]]:
    """The events of an answer."""
    headers = {"Authorization": f"Bearer {caller.access_token}", "Accept": "text/event-stream"}
    headers |= arguments.pop("headers", {})
    url = f"/api/v1{path}"
    async with (client or caller.client).stream(method, url, headers=headers, **arguments) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield events_of(response)


async def streamed(caller: Caller, **body: Any) -> list[StreamEvent]:
    """Every event of an answer."""
    async with streaming(caller, "POST", "/chat", json=body) as events:
        return [event async for event in events]


async def chat(caller: Caller, message: str | None = None, **body: Any) -> dict[str, Any]:
    """A whole answer."""
    given = body | ({"message": message} if message else {})
    response = await caller.call("POST", "/chat", json=given)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def messages_of(caller: Caller, conversation_id: str) -> list[dict[str, Any]]:
    """What was said, oldest first."""
    response = await caller.call("GET", f"/conversations/{conversation_id}/messages?limit=100")
    assert response.status_code == 200, response.text
    return list(reversed(response.json()["items"]))
