"""Settings from the environment."""

from typing import Annotated, Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_ADDRESS = r"^https?://\S+$"
_PORT = 8000

Provider = Literal["openai", "anthropic", "compatible", "rules"]


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class AgentSettings(BaseSettings):
    """Everything that can be configured; the environment variable is the field's name in capitals."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    agent_name: str = Field("Todo assistant", min_length=1, max_length=100)
    """What the assistant calls itself."""
    agent_provider: Literal["auto", "openai", "anthropic", "compatible", "rules"] = "auto"
    """Who answers. `auto` takes the first that is configured of compatible, openai and anthropic, and else rules."""

    backend_url: str | None = Field(None, pattern=_ADDRESS)
    """Address of the backend."""
    mcp_server_host: str | None = Field(None, pattern=r"^\S+$")
    """Where the tools are: a host, `host:port` or a URL; unset, they are the backend's `/mcp`."""

    openai_api_key: SecretStr | None = None
    """Key of OpenAI, or of the server at `OPENAI_BASE_URL` if that wants one."""
    openai_base_url: str | None = Field(None, pattern=_ADDRESS)
    """Address of a server that speaks OpenAI's chat completions, such as Ollama or vLLM, in place of OpenAI."""
    openai_model: str = "gpt-5-mini"
    """Model of OpenAI, or of the server in its place."""
    anthropic_api_key: SecretStr | None = None
    """Key of Anthropic."""
    anthropic_base_url: str | None = Field(None, pattern=_ADDRESS)
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
    """Seconds to connect to a provider."""
    agent_tools_timeout: float = Field(30, gt=0)
    """Seconds that a tool may take."""
    log_level: Annotated[Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)] = "info"
    """The level of the service's own log."""

    @property
    def mcp_url(self) -> str | None:
        """Where the tools are; None if nothing says so."""
        host = self.mcp_server_host or self.backend_url
        if host is None:
            return None
        if "://" not in host:
            host = f"http://{host}" if ":" in host else f"http://{host}:{_PORT}"
        parts = urlsplit(host)
        return (
            host
            if parts.path.strip("/") and self.mcp_server_host
            else urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/mcp"))
        )

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
