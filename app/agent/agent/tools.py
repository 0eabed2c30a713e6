"""The tools that an assistant may use; whose tasks they see is decided by who made them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    import mcp
    from mcp.server.mcpserver import MCPServer


class ToolsUnavailableError(Exception):
    """The tools did not answer, or not with what a tool server says; it may be better later."""


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
        cls, server: "str | MCPServer", token: str | None = None, *, timeout: float = 30
    ) -> AsyncIterator["McpTools"]:
        """A session with the server at an address, to which the bearer token goes, or with one of this process.

        Raises:
            ToolsUnavailableError: there is no server, or it does not take the token.
        """
        raise NotImplementedError
        yield

    async def list(self) -> Sequence[ToolDescription]:
        """Every tool of the server; asked for once."""
        raise NotImplementedError

    async def call(self, name: str, arguments: dict[str, Any]) -> ToolOutcome:
        """Use a tool."""
        raise NotImplementedError
