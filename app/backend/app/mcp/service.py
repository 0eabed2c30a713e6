"""The protocol's server within the application: it is there from the first request on.

Its package takes as long to import as half of everything else, and most processes are never asked for it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.types import Receive, Scope, Send

from app.settings import Settings

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

SCOPE_KEY = "todo.toolset"
"""Where the request's scope holds the caller's tools."""


class McpService:
    """Answers the requests of the Model Context Protocol while `run` is entered."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wanted = asyncio.Event()
        self._manager: asyncio.Future[StreamableHTTPSessionManager] = asyncio.get_running_loop().create_future()

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Start the server when it is first asked for, and end it with the context."""
        # The server's own context has to be left by the task that entered it.
        serving = asyncio.create_task(self._serve())
        try:
            yield
        finally:
            serving.cancel()
            await asyncio.wait([serving])

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._wanted.set()
        manager = await asyncio.shield(self._manager)
        await manager.handle_request(scope, receive, send)

    async def _serve(self) -> None:
        await self._wanted.wait()
        manager = await asyncio.to_thread(_make_manager, self._settings)
        async with manager.run():
            self._manager.set_result(manager)
            await asyncio.Event().wait()


def _make_manager(settings: Settings) -> "StreamableHTTPSessionManager":
    from app.mcp.server import make_session_manager  # noqa: PLC0415

    return make_session_manager(settings)
