"""The assistant in a service of its own: turns go there, and its tools come back over the Model Context Protocol."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from httpx import AsyncClient

from agent.main import create_app as create_agent
from agent.settings import AgentSettings
from app.chat.assistants import make_assistants
from app.main import create_app
from tests.chats import chat, messages_of, streamed
from tests.conftest import Caller, make_settings, running
from tests.postgres import free_port
from tests.server import serving

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(database_url: str, database: Any) -> AsyncIterator[AsyncClient]:
    """The backend, that has the agent as its assistant."""
    port, agent_port = free_port(), free_port()
    settings = make_settings(database_url, agent_url=f"http://127.0.0.1:{agent_port}")
    agent = create_agent(AgentSettings(backend_url=f"http://127.0.0.1:{port}", agent_provider="rules"))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(agent, agent_port))
        yield await stack.enter_async_context(serving(create_app(settings, make_assistants), port))


async def test_the_agent_works_on_the_callers_tasks(ann: Caller, bob: Caller) -> None:
    await bob.add_task("Not Ann's")
    events = await streamed(ann, message="add buy milk")
    assert [event.type for event in events][:3] == ["start", "tool_call", "tool_result"]
    assert events[-1].data["provider"] == "rules"
    assert [task["title"] for task in (await ann.call("GET", "/tasks")).json()["items"]] == ["Buy milk"]
    rows = await messages_of(ann, events[0].data["conversation_id"])
    assert rows[2]["tool_result"]["title"] == "Buy milk"
    listed = await chat(ann, "list my tasks", conversation_id=events[0].data["conversation_id"])
    assert "Buy milk" in listed["content"]
    assert "Not Ann" not in listed["content"]
    asked = await chat(ann, "delete buy milk")
    yes = {question["id"]: True for question in asked["confirmations"]}
    await chat(ann, confirm=yes, conversation_id=asked["conversation_id"])
    assert (await ann.call("GET", "/tasks")).json()["items"] == []
    assert len((await bob.call("GET", "/tasks")).json()["items"]) == 1


async def test_the_deep_check_asks_the_agent(client: AsyncClient) -> None:
    found = (await client.get("/health?deep=true")).json()
    assert (found["assistant"], found["openai"]) == ("rules: available", "error: not configured")


async def test_an_agent_that_is_away_can_be_asked_again(database_url: str, database: Any, ann: Caller) -> None:
    settings = make_settings(database_url, agent_url=f"http://127.0.0.1:{free_port()}")
    async with running(create_app(settings, make_assistants)) as ann.client:
        answer = await chat(ann, "add buy milk")
        assert (answer["status"], answer["error"]["code"], answer["error"]["retryable"]) == (
            "error",
            "unavailable",
            True,
        )
        found = (await ann.client.get("/health?deep=true")).json()
        assert found["assistant"] == "agent: error: can't be reached"
