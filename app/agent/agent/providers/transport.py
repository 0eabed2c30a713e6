"""Connections to providers."""

from collections.abc import AsyncIterator

import httpx2

from agent.settings import AgentSettings

_DONE = b"data: [DONE]"
KEEPALIVE_SECONDS = 3
"""Many servers close what is idle for five seconds, and a request that is sent at that very moment is lost."""


def timeouts(settings: AgentSettings) -> httpx2.Timeout:
    """How long a provider may take to connect, and to send the next byte."""
    return httpx2.Timeout(settings.agent_silence_timeout, connect=settings.agent_connect_timeout)


class CompleteStreams(httpx2.AsyncHTTPTransport):
    """Takes a stream of chat completions that ends without its last line for what it is: cut off."""

    def __init__(self) -> None:
        super().__init__(limits=httpx2.Limits(keepalive_expiry=KEEPALIVE_SECONDS))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request."""
        response = await super().handle_async_request(request)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101  # an asynchronous client's are
            response.stream = _Checked(response.stream)
        return response


class _Checked(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        last = b""
        async for chunk in self._stream:
            last = (last + chunk)[-len(_DONE) - 16 :]
            yield chunk
        if _DONE not in last:
            raise httpx2.RemoteProtocolError("the stream ended before it was done")

    async def aclose(self) -> None:
        await self._stream.aclose()
