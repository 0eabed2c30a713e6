"""The tools that an assistant may use; whose tasks they see is decided by who made them."""

import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    import mcp
    from mcp.server import Server
    from mcp.server.mcpserver import MCPServer

log = logging.getLogger("agent.tools")

_REFUSED = (401, 403)
# Errors of JSON-RPC that are about what was asked, not about whether anybody answers: no such tool, wrong arguments.
_THE_CALLS_OWN = (-32601, -32602)


class ToolsUnavailableError(Exception):
    """The tools did not answer, or not with what a tool server says; it may be better later, unless they `refused`."""

    def __init__(self, *, refused: bool = False) -> None:
        super().__init__()
        self.refused = refused


class ToolDescription(BaseModel):
    """A tool as a model is told of it."""

    name: str
    description: str
    input_schema: dict[str, Any]
    destructive: bool = Field(description="Whether a call asks the person first")


class ToolOutcome(BaseModel):
    """What came of a call; an error is the tool's own, such as a task that is not there."""

    result: Any
    is_error: bool = False


class Tools(Protocol):
    """Tools on one person's tasks."""

    async def list(self) -> Sequence[ToolDescription]:
        """Every tool.

        Raises:
            ToolsUnavailableError: nobody answered.

        """
        ...

    async def call(self, name: str, arguments: dict[str, Any]) -> ToolOutcome:
        """Use a tool.

        Raises:
            ToolsUnavailableError: nobody answered.

        """
        ...


class McpTools:
    """The tools of an MCP server, over a session that `connect` opens."""

    def __init__(self, client: "mcp.Client") -> None:
        self._client = client
        self._tools: Sequence[ToolDescription] | None = None

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        server: "str | Server[Any] | MCPServer",
        token: str | None = None,
        *,
        timeout: float = 30,  # noqa: ASYNC109
    ) -> AsyncIterator["McpTools"]:
        """A session with the server at an address, to which the bearer token goes, or with one of this process.

        Raises:
            ToolsUnavailableError: there is no server, or it does not take the token.

        """
        import httpx2
        import mcp
        from mcp.client.streamable_http import streamable_http_client

        refusals: list[int] = []

        async def notice(response: httpx2.Response) -> None:
            if response.status_code in _REFUSED:
                refusals.append(response.status_code)

        error: Exception | None = None
        finished = False
        try:
            async with AsyncExitStack() as stack:
                with _unavailable(refusals):
                    if isinstance(server, str):
                        headers = {"Authorization": f"Bearer {token}"} if token else {}
                        hooks = {"response": [notice]}
                        # The token is for the tools and for no proxy on the way to the world.
                        http = await stack.enter_async_context(
                            httpx2.AsyncClient(headers=headers, timeout=timeout, event_hooks=hooks, trust_env=False)
                        )
                        transport = streamable_http_client(server, http_client=http)
                        client = mcp.Client(transport, read_timeout_seconds=timeout)
                    else:
                        client = mcp.Client(server, read_timeout_seconds=timeout)
                    tools = cls(await stack.enter_async_context(client))
                try:
                    yield tools
                except Exception as raised:  # noqa: BLE001  # the session would make a group of it
                    error = raised
                finished = True
        except Exception as closing:
            if not finished:
                raise
            log.warning("the session did not close well: %s", type(closing).__qualname__)
        if error:
            raise error

    async def list(self) -> Sequence[ToolDescription]:
        """Every tool of the server; asked for once."""
        if self._tools is None:
            self._tools = [_describe(tool) async for tool in self._pages()]
        return self._tools

    async def call(self, name: str, arguments: dict[str, Any]) -> ToolOutcome:
        """Use a tool."""
        from mcp import MCPError

        with _unavailable():
            try:
                result = await self._client.call_tool(name, arguments)
            except MCPError as error:
                if error.code in _THE_CALLS_OWN:
                    return ToolOutcome(result={"error": error.message}, is_error=True)
                raise
        text = "\n".join(block.text for block in result.content if block.type == "text")
        if result.is_error:
            return ToolOutcome(result={"error": text}, is_error=True)
        return ToolOutcome(result=text if result.structured_content is None else result.structured_content)

    async def _pages(self) -> AsyncIterator["mcp.types.Tool"]:
        cursor = None
        while True:
            with _unavailable():
                page = await self._client.list_tools(cursor=cursor)
            for tool in page.tools:
                yield tool
            if not (cursor := page.next_cursor):
                return


@contextmanager
def _unavailable(refusals: Sequence[int] = ()) -> Iterator[None]:
    """Whatever goes wrong between here and the server: what it was is no matter of the person's."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # the transport's come in groups
        log.warning("the tools can't be used: %s", type(error).__qualname__)
        raise ToolsUnavailableError(refused=bool(refusals)) from None


def _describe(tool: "mcp.types.Tool") -> ToolDescription:
    hints = tool.annotations
    # What the protocol says of tools that say nothing: they may destroy.
    harmless = hints is not None and (hints.read_only_hint or hints.destructive_hint is False)
    return ToolDescription(
        name=tool.name,
        description=tool.description or "",
        input_schema=tool.input_schema,
        destructive=not harmless,
    )
