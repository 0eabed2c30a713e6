"""Settings from the environment."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Provider = Literal["openai", "anthropic", "compatible", "rules"]


class AgentSettings(BaseSettings):
    """Everything that can be configured; the environment variable is the field's name in capitals."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    agent_name: str = Field("Todo assistant", min_length=1, max_length=100)
    """What the assistant calls itself."""
    agent_provider: Literal["auto", "openai", "anthropic", "compatible", "rules"] = "auto"
    """Who answers. `auto` takes the first that is configured of compatible, openai and anthropic, and else rules."""

    openai_api_key: SecretStr | None = None
    """Key of OpenAI, or of the server at `OPENAI_BASE_URL` if that wants one."""
    openai_base_url: str | None = Field(None, pattern=r"^https?://\S+$")
    """Address of a server that speaks OpenAI's chat completions, such as Ollama or vLLM, in place of OpenAI."""
    openai_model: str = "gpt-5-mini"
    """Model of OpenAI, or of the server in its place."""
    anthropic_api_key: SecretStr | None = None
    """Key of Anthropic."""
    anthropic_base_url: str | None = Field(None, pattern=r"^https?://\S+$")
    """Address of a server that speaks Anthropic's messages, in place of Anthropic."""
    anthropic_model: str = "claude-haiku-4-5"
    """Model of Anthropic."""

    agent_max_steps: int = Field(10, ge=1, le=100)
    """Answers of the model in one turn, of which each may call tools."""
    agent_max_tokens: int = Field(60_000, ge=1)
    """Tokens that one turn may take, read and written."""
    agent_answer_tokens: int = Field(4_000, ge=1)
    """Tokens that one answer of the model may have."""
    agent_turn_timeout: float = Field(120, gt=0)
    """Seconds that one turn may take."""
    agent_silence_timeout: float = Field(30, gt=0)
    """Seconds that a provider may send nothing, before its first word or between two."""
    agent_connect_timeout: float = Field(5, gt=0)
    """Seconds to connect to a provider or to the tools."""

    @property
    def provider(self) -> Provider:
        """Who answers."""
        if self.agent_provider != "auto":
            return self.agent_provider
        if self.openai_base_url:
            return "compatible"
        if self.openai_api_key:
            return "openai"
        return "anthropic" if self.anthropic_api_key else "rules"
