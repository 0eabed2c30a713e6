"""An answer outlives the process that makes it, and the connection that it was asked over."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.chats import StreamEvent, chat, messages_of, streaming
from tests.conftest import Caller, NewUser
from tests.server import Server, gunicorn

pytestmark = pytest.mark.anyio

APPLICATION = ["tests.chatting:app"]


@pytest.fixture
async def gate(tmp_path: Path) -> Path:
    """The file that the assistant waits for."""
    return tmp_path / "gate"


@pytest.fixture
async def servers(database_url: str, gate: Path) -> AsyncIterator[list[Server]]:
    """Two servers on one database."""
    environment = {
        "DATABASE_URL": database_url,
        "WEB_CONCURRENCY": "1",
        "CHAT_LEASE_SECONDS": "1.5",
        "SHUTDOWN_DELAY": "0.5",
        "SCRIPT_GATE": str(gate),
    }
    async with AsyncExitStack() as stack:
        started = [await stack.enter_async_context(gunicorn(environment, APPLICATION)) for _ in range(2)]
        await asyncio.gather(*(server.until_alive() for server in started))
        yield started


@pytest.fixture
async def here(new_user: NewUser, servers: list[Server], database: Any) -> Caller:
    caller = await new_user("ann@example.com")
    caller.client = servers[0].client
    return caller


def elsewhere(caller: Caller, servers: list[Server]) -> Caller:
    return Caller(servers[1].client, caller.email, caller.access_token, caller.refresh_token)


BODY = {"message": 'say One two\nuse add_task {"title": "Once"}\nwait\nsay three'}


async def test_a_process_that_is_killed_costs_nothing_that_was_done(here: Caller, servers: list[Server]) -> None:
    there = elsewhere(here, servers)
    seen: list[StreamEvent] = []
    async with streaming(here, "POST", "/chat", json=BODY) as events:
        async for event in events:
            seen.append(event)
            if event.type == "tool_result":
                break
        await servers[0].kill()
    turn, conversation = (seen[0].data[name] for name in ("message_id", "conversation_id"))
    async with streaming(there, "GET", f"/chat/{turn}/events", headers={"Last-Event-ID": seen[-1].id}) as rest:
        found = [event async for event in rest]
    assert [event.type for event in found] == ["error", "done"]
    assert (found[0].data["code"], found[0].data["retryable"]) == ("interrupted", True)
    assert [row["content"] for row in await messages_of(there, conversation)] == [BODY["message"], "One two", ""]
    assert [task["title"] for task in (await there.call("GET", "/tasks")).json()["items"]] == ["Once"]


async def test_a_server_that_stops_finishes_its_answers_and_hands_the_streams_over(
    here: Caller, servers: list[Server], gate: Path
) -> None:
    there = elsewhere(here, servers)
    seen: list[StreamEvent] = []
    async with streaming(here, "POST", "/chat", json=BODY) as events:
        async for event in events:
            seen.append(event)
            if event.type == "tool_result":
                servers[0].process.send_signal(signal.SIGTERM)
    # The stream ended as HTTP wants it, without the answer's end.
    assert seen[-1].type == "tool_result"
    path = f"/chat/{seen[0].data['message_id']}/events"
    async with streaming(there, "GET", path, headers={"Last-Event-ID": seen[-1].id}) as rest:
        gate.touch()
        assert [event.type async for event in rest] == ["text", "done"]
    await servers[0].client.aclose()
    lines = await servers[0].output()
    assert servers[0].process.returncode == 0
    assert not [line for line in lines if line["level"] not in {"info", "warning"}]


async def test_an_answer_that_takes_too_long_for_a_server_that_stops_can_be_asked_for_again(
    here: Caller, servers: list[Server], gate: Path
) -> None:
    there = elsewhere(here, servers)
    async with streaming(here, "POST", "/chat", json=BODY) as events:
        started = await anext(events)
        servers[0].process.send_signal(signal.SIGTERM)
        assert "done" not in [event.type async for event in events]
    turn, conversation = (started.data[name] for name in ("message_id", "conversation_id"))
    async with streaming(there, "GET", f"/chat/{turn}/events") as rest:
        assert [(event.type, event.data.get("code")) async for event in rest][-2:] == [
            ("error", "interrupted"),
            ("done", None),
        ]
    gate.touch()
    answer = await chat(there, retry_of=turn, conversation_id=conversation)
    assert (answer["status"], answer["content"]) == ("answered", "One twothree")
