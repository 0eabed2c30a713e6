"""The tools of a real MCP server, over HTTP and in this process."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from agent.tools import McpTools, ToolOutcome, ToolsUnavailableError

from .serving import serve
from .tool_server import ToolServer
from .world import World

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)


@pytest.fixture
def server() -> ToolServer:
    return ToolServer({"ann": World(NOW), "ben": World(NOW)})


@pytest.fixture(params=["http", "in process"])
async def tools(request: pytest.FixtureRequest, server: ToolServer) -> AsyncIterator[McpTools]:
    if request.param == "in process":
        async with McpTools.connect(server.server) as found:
            yield found
        return
    async with serve(server.app, lifespan=True) as url, McpTools.connect(f"{url}/mcp/", "ann") as found:
        yield found


async def test_every_tool_is_known(tools: McpTools, server: ToolServer) -> None:
    assert list(await tools.list()) == list(await server.worlds["ann"].list())


async def test_calls_and_their_errors(tools: McpTools, server: ToolServer) -> None:
    added = await tools.call("add_task", {"title": "Größe 🧀"})
    assert not added.is_error
    assert added.result["title"] == "Größe 🧀"
    missing = await tools.call("get_task", {"task_id": "nowhere"})
    assert missing == ToolOutcome(result={"error": "There is no such task."}, is_error=True)
    assert len(server.worlds["ann"].tasks) == 1
    assert not server.worlds["ben"].tasks


async def test_the_token_decides_whose_tasks_they_are(server: ToolServer) -> None:
    async with serve(server.app, lifespan=True) as url:
        for name in ("ann", "ben", "ben"):
            async with McpTools.connect(f"{url}/mcp/", name) as tools:
                await tools.call("add_task", {"title": name})
    titles = {name: [task["title"] for task in world.tasks.values()] for name, world in server.worlds.items()}
    assert titles == {"ann": ["ann"], "ben": ["ben", "ben"]}


@pytest.mark.parametrize("token", [None, "carl"])
async def test_a_stranger_is_refused(server: ToolServer, token: str | None) -> None:
    async with serve(server.app, lifespan=True) as url:
        with pytest.raises(ToolsUnavailableError) as caught:
            async with McpTools.connect(f"{url}/mcp/", token):
                pass
    assert caught.value.refused


async def test_nobody_is_there() -> None:
    with pytest.raises(ToolsUnavailableError) as caught:
        async with McpTools.connect("http://127.0.0.1:9/mcp", "ann"):
            pass
    assert not caught.value.refused


async def test_an_error_of_the_caller_stays_the_callers(server: ToolServer) -> None:
    with pytest.raises(ZeroDivisionError):
        async with McpTools.connect(server.server):
            raise ZeroDivisionError
