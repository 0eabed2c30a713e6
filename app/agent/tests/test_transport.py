"""Connections to providers, seen from their side."""

import asyncio
import contextlib

import pytest

from agent.assistant import make_assistant

from .test_providers import settings

pytestmark = pytest.mark.anyio

MODEL = b'{"id": "a", "object": "model", "created": 0, "owned_by": "a", "type": "model", "display_name": "A"}'


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_a_connection_is_not_used_again_when_the_server_may_be_closing_it(provider: str) -> None:
    """Servers of Uvicorn's kind close what is idle for five seconds."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(MODEL)}\r\n\r\n"
                writer.write(head.encode() + MODEL)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    assistant = make_assistant(settings(provider, f"http://{host}:{port}"))
    for pause, expected in ((0, 1), (0, 1), (4, 2)):
        await asyncio.sleep(pause)
        assert (await assistant.check()).available
        assert connections == expected
    await assistant.aclose()
    server.close()
