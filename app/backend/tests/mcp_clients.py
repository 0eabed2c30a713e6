"""Programs that speak the Model Context Protocol with the application, by the SDK's own client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult


@asynccontextmanager
async def mcp_client(address: str, token: str, mode: str = "auto", **arguments: Any) -> AsyncIterator[Client]:
    """A client of a server; `arguments` are for its HTTP client."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60, **arguments) as http,
        Client(streamable_http_client(f"{address}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert content.type == "text"
    return content.text


async def use(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool gives; it must not fail."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """Why a tool refuses to do something."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return text_of(result)
