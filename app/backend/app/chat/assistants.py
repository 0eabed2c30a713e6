"""Who answers: the assistant in this process, or the one in a container of its own."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

import httpx2
import structlog
from structlog.contextvars import get_contextvars

from agent.assistant import Assistant, ProviderStatus, make_assistant
from agent.events import EVENT, Event, Failure
from agent.turn import Turn
from app.chat.tools import LocalTools
from app.settings import Settings, load_agent_settings
from app.tools.toolset import Toolset

_UNREACHABLE = Failure(code="unavailable", message="The assistant can't be reached at the moment.", retryable=True)

log = structlog.get_logger("app.chat")


class Answering(Protocol):
    """Answers turns for a person, who is known by their tools here and by their token elsewhere."""

    def answer(self, turn: Turn, toolset: Toolset, token: str) -> AsyncIterator[Event]:
        """The answer as it comes about."""
        ...

    async def check(self) -> ProviderStatus:
        """Whether it would answer now."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


class LocalAssistant:
    """The assistant in this process."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def answer(self, turn: Turn, toolset: Toolset, token: str) -> AsyncIterator[Event]:  # noqa: ARG002
        """The answer as it comes about."""
        confirmed = [call for call in turn.pending if turn.confirmed.get(call.id)]
        return self._assistant.answer(turn, LocalTools(toolset, confirmed))

    async def check(self) -> ProviderStatus:
        """Ask the provider whether it is there."""
        return await self._assistant.check()

    async def aclose(self) -> None:
        """Close the connections to the provider."""
        await self._assistant.aclose()


class RemoteAssistant:
    """Hands turns over to the agent's container, with the person's token for their tasks and nothing else."""

    def __init__(self, address: str, silence: float) -> None:
        timeout = httpx2.Timeout(5, read=silence)
        # The agent closes what is idle for five seconds, and a request that is sent at that very moment is lost.
        limits = httpx2.Limits(keepalive_expiry=3)
        self._http = httpx2.AsyncClient(base_url=address, timeout=timeout, limits=limits, trust_env=False)

    async def answer(self, turn: Turn, toolset: Toolset, token: str) -> AsyncGenerator[Event]:  # noqa: ARG002
        """The answer as it comes about."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if request_id := get_contextvars().get("request_id"):
            headers["X-Request-ID"] = request_id
        request = self._http.stream("POST", "/v1/turns", content=turn.model_dump_json(), headers=headers)
        try:
            async with request as response:
                if response.status_code != httpx2.codes.OK:
                    log.warning("the agent refused a turn", status=response.status_code)
                    yield _UNREACHABLE
                    return
                async for line in response.aiter_lines():
                    if line.startswith("data:"):
                        yield EVENT.validate_json(line.removeprefix("data:"))
        except (httpx2.HTTPError, ValueError) as error:
            # Its message can hold what the answer held.
            log.warning("the agent failed", error=type(error).__name__)
            yield _UNREACHABLE

    async def check(self) -> ProviderStatus:
        """Ask the agent whether its provider is there."""
        try:
            health = (await self._http.get("/health", params={"deep": "true"})).json()
            provider: str = health["provider"]
            state: str = health[provider]
        except (httpx2.HTTPError, ValueError, LookupError, TypeError):
            return ProviderStatus(provider="agent", available=False, reason="can't be reached")
        available = state == "available"
        return ProviderStatus(provider=provider, available=available, reason=state.removeprefix("error: "))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def make_assistants(settings: Settings) -> Answering:
    """Who answers, by the settings."""
    agent_settings = load_agent_settings()
    if settings.agent_url:
        return RemoteAssistant(settings.agent_url, agent_settings.agent_turn_timeout)
    return LocalAssistant(make_assistant(agent_settings))
