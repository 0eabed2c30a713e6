"""One who answers."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from pydantic import BaseModel, Field

from agent.events import Event
from agent.settings import AgentSettings
from agent.tools import Tools
from agent.turn import Turn


class ProviderStatus(BaseModel):
    """Whether the provider would answer now."""

    provider: str
    available: bool
    reason: str | None = Field(None, description="Why not; never a provider's own text")


class Assistant(Protocol):
    """Answers turns, any number at a time."""

    name: str
    provider: str

    def answer(self, turn: Turn, tools: Tools) -> AsyncIterator[Event]:
        """The answer as it comes about. It ends with Done and raises nothing but what ends the task itself."""
        ...

    async def check(self) -> ProviderStatus:
        """Ask the provider whether it is there; costs no tokens."""
        ...

    async def aclose(self) -> None:
        """Close the connections to the provider."""
        ...


def load_assistant(settings: AgentSettings) -> Callable[[AgentSettings], Assistant]:
    """What makes the assistant that the settings ask for, with the SDK that it needs loaded."""
    # The SDKs take seconds to load, and tens of megabytes: each only where it answers.
    match settings.provider:
        case "rules":
            from agent.rules.assistant import RuleAssistant

            return RuleAssistant
        case "anthropic":
            from agent.providers.anthropic import AnthropicAssistant

            return AnthropicAssistant
        case _:
            from agent.providers.openai import OpenAIAssistant

            return OpenAIAssistant


def make_assistant(settings: AgentSettings) -> Assistant:
    """The assistant that the settings ask for."""
    return load_assistant(settings)(settings)
