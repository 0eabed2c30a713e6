"""An MCP server over people's tasks, as the backend's is: stateless, and the token decides whose they are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from .world import READING, World


class ToolServer:
    """The tools of several people, by their tokens; also a backend's `/health`."""

    def __init__(self, worlds: dict[str, World]) -> None:
        self.worlds = worlds
        self.healthy = True
        self.server = Server("todo", on_list_tools=self._list, on_call_tool=self._call)
        self._manager = StreamableHTTPSessionManager(self.server, json_response=True, stateless=True)
        routes = [Route("/health", self._health), Mount("/mcp", self._mcp)]
        self.app = Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self._manager.run():
            yield

    async def _health(self, _: Any) -> JSONResponse:
        return JSONResponse({"status": "healthy" if self.healthy else "unhealthy"}, 200 if self.healthy else 503)

    async def _mcp(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        token = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        if token not in self.worlds:
            await JSONResponse({"detail": "Who are you?"}, 401)(scope, receive, send)
            return
        scope["todo.world"] = self.worlds[token]
        await self._manager.handle_request(scope, receive, send)

    def _world(self, context: Any) -> World:
        request = context.request
        world = request.scope["todo.world"] if request else next(iter(self.worlds.values()))
        assert isinstance(world, World)
        return world

    async def _list(self, context: Any, _: PaginatedRequestParams | None) -> ListToolsResult:
        tools = [
            Tool(
                name=tool.name,
                description=tool.description,
                input_schema=tool.input_schema,
                annotations=ToolAnnotations(
                    read_only_hint=tool.name in READING, destructive_hint=tool.destructive, open_world_hint=False
                ),
            )
            for tool in await self._world(context).list()
        ]
        return ListToolsResult(tools=tools)

    async def _call(self, context: Any, params: CallToolRequestParams) -> CallToolResult:
        outcome = await self._world(context).call(params.name, params.arguments or {})
        text = outcome.result["error"] if outcome.is_error else to_json(outcome.result).decode()
        return CallToolResult(
            content=[TextContent(text=text)],
            structured_content=None if outcome.is_error else outcome.result,
            is_error=outcome.is_error,
        )
