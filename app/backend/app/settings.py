"""Settings from the environment: one canonical name each, and every name the documents use for it."""

import os
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent.settings import AgentSettings
from app.fields import Email

# Bytes that the algorithm's own digest has: a shorter key weakens it.
MINIMUM_SECRET_LENGTHS = {"HS256": 32, "HS384": 48, "HS512": 64}
_MINIMUM_DISTINCT_CHARACTERS = 10
_WEAK_SECRET = re.compile(
    r"change.?(me|this|it)|your[-_ ]|example|placeholder|default|insecure|password|secret|replace", re.IGNORECASE
)

_DEFAULT_PASSWORD = re.compile(r"change.?(me|this|it)|your.*|example|password|postgres|secret|admin", re.IGNORECASE)

_SECRET_NAMES = ("JWT_SECRET", "BETTER_AUTH_SECRET", "SECRET_KEY")
_LIFE_NAMES = {"JWT_EXPIRY": 1, "JWT_EXPIRATION_HOURS": 3600, "JWT_EXPIRE_DAYS": 86400}
_PREVIOUS_NAMES = tuple(f"{name}_PREVIOUS" for name in _SECRET_NAMES)
ALIASES = {"jwt_secret": _SECRET_NAMES, "jwt_secret_previous": _PREVIOUS_NAMES, "jwt_expiry": tuple(_LIFE_NAMES)}
"""The names of settings that have several."""

_ATTACHMENT_TYPES = (
    "image/*",
    "audio/*",
    "video/*",
    "text/plain",
    "text/csv",
    "text/markdown",
    "application/pdf",
    "application/json",
    "application/zip",
    "application/vnd.oasis.opendocument.*",
    "application/vnd.openxmlformats-officedocument.*",
)

# Parameters of libpq's URLs that asyncpg would send to the server as settings.
_LIBPQ_ONLY = {
    "channel_binding",
    "connect_timeout",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "tcp_user_timeout",
}


class ConfigurationError(Exception):
    """The settings can't be used; each problem names a setting and never shows its value."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("; ".join(self.problems))


class Environment(StrEnum):
    """Where the application runs; anything but development is held to production's rules."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


LogLevel = Annotated[Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)]


class Settings(BaseSettings):
    """Everything that can be configured; the environment variable is the field's name in capitals."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    environment: Annotated[Environment, BeforeValidator(_lower)] = Environment.PRODUCTION
    """`development` allows weak secrets, `CORS_ORIGINS=*` and `DEBUG`."""
    debug: bool = False
    """Show the messages of unexpected errors in the log; development only."""
    log_level: LogLevel = "info"
    """The application's level."""
    api_log_level: LogLevel = "info"
    """The server's own level (Gunicorn, Uvicorn)."""
    log_format: Annotated[Literal["json", "text"], BeforeValidator(_lower)] = "json"
    """A JSON object a line, or text for people."""

    api_prefix: str = Field("/api/v1", pattern=r"^(/[A-Za-z0-9._~-]+)*$")
    """What the paths of the API begin with."""
    api_title: str = "Todo API"
    """Title of the OpenAPI document."""
    api_version: str = "1.0.0"
    """Version in the OpenAPI document."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose pages may call the API, separated by commas; `*` in development only. Never with credentials."""

    database_url: SecretStr
    """`postgresql://user:password@host:port/database`."""
    database_url_fallback: SecretStr | None = None
    """The same with the coming password, while it is being changed: taken when the other one is refused."""
    database_pool_size: int = Field(10, ge=1)
    """Connections that a pod keeps, shared out among its worker processes."""
    database_max_overflow: int = Field(5, ge=0)
    """Connections that a pod may open on top of them."""
    database_total_connections: int | None = Field(None, ge=1)
    """Connections that all pods may hold together; it bounds the two above by each pod's share."""
    max_replicas: int = Field(1, ge=1)
    """Pods that there may be at once: the autoscaler's maximum, and one more for a rollout."""
    database_pool_timeout: float = Field(30, gt=0)
    """Seconds that a request waits for a connection."""
    database_pool_recycle: int = Field(3600, ge=1)
    """Seconds after which a connection is replaced."""
    database_connect_timeout: float = Field(5, gt=0)
    """Seconds to connect."""
    database_command_timeout: float = Field(10, gt=0)
    """Seconds that a statement may take."""
    health_timeout: float = Field(2, gt=0)
    """Seconds that a probe waits for the database."""
    migration_timeout: float = Field(60, gt=0)
    """Seconds that a migration waits for the database, and for locks."""

    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = "HS256"
    """How access tokens are signed; no other algorithm is accepted."""
    jwt_secret: SecretStr
    """Key that signs access tokens: at least as many bytes as the algorithm's digest, and random."""
    jwt_secret_previous: SecretStr | None = None
    """Further keys whose tokens are accepted, one a line: the one before and, during a change, the coming one."""
    jwt_expiry: int = Field(900, ge=60)
    """Life of an access token in seconds; the other names count in hours and days."""
    refresh_token_days: int = Field(30, ge=1)
    """Days after which one has to log in again."""
    refresh_token_grace: float = Field(10, ge=0, le=60)
    """Seconds for which a refresh token that was just exchanged gives the same new one again."""
    better_auth_url: str | None = Field(None, pattern=r"^https?://\S+$")
    """Address of the Better Auth server whose tokens are accepted; unset, any that has the key."""
    password_hash_algorithm: Annotated[Literal["argon2id", "argon2", "bcrypt"], BeforeValidator(_lower)] = "argon2id"
    """How new passwords are hashed; others are hashed anew at log-in."""
    password_hash_rounds: int = Field(12, ge=10, le=16)
    """Cost of bcrypt, as a power of two."""
    password_hash_concurrency: int = Field(2, ge=1)
    """Passwords that a pod hashes at a time; each takes 64 MiB with Argon2."""
    auth_rate_limit_address: int = Field(60, ge=1, le=600)
    """Requests a minute that one client may send to each of sign-up, log-in and refresh."""
    auth_rate_limit_email: int = Field(10, ge=1, le=60)
    """Requests a minute about one account."""

    mcp_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ("localhost", "127.0.0.1", "todo-backend")
    """Names that clients of the MCP server may call it by, whatever the port, separated by commas; others get 421."""
    api_host: str | None = None
    """Name that others in the cluster reach the backend by; clients of the MCP server may use it too."""
    mcp_rate_limit: int = Field(600, ge=1)
    """Requests a minute that one user may send to the MCP server."""

    agent_url: str | None = Field(None, pattern=r"^https?://[^/?#\s]+$")
    """Address of the agent's container; unset, the assistant runs here."""
    chat_rate_limit: int = Field(20, ge=1)
    """Messages a minute that one user may send to the assistant."""
    chat_tokens_per_day: int = Field(500_000, ge=1)
    """Tokens that the assistant may take for one user within 24 hours."""
    chat_message_length: int = Field(8000, ge=1, le=8000)
    """Characters that a message to the assistant may have."""
    chat_history_messages: int = Field(40, ge=2, le=400)
    """Messages of a conversation that the assistant is given."""
    chat_lease_seconds: float = Field(15, gt=0)
    """Seconds after which an answer counts as cut off when its process shows no sign of life."""

    scheduler_enabled: bool = True
    """Run jobs here."""
    scheduler_jobs_path: str = "jobs"
    """Folder of the modules that define jobs; a relative path begins at the backend's source."""
    scheduler_interval: float = Field(5, gt=0, le=60)
    """Seconds between two looks for jobs that are due."""

    smtp_host: str | None = None
    """Mail server, which network policies must let through; unset, no e-mail is sent, neither reminders nor links."""
    smtp_port: int = Field(587, ge=1, le=65535)
    """Port of the mail server."""
    smtp_security: Annotated[Literal["starttls", "tls", "none"], BeforeValidator(_lower)] = "starttls"
    """How the connection to the mail server is encrypted; `none` only without an account, or in development."""
    smtp_username: str | None = None
    """Account at the mail server; unset, it asks for none."""
    smtp_password: SecretStr | None = None
    """Password of that account."""
    smtp_from: Email | None = None
    """Address that e-mail comes from."""
    public_url: str | None = Field(None, pattern=r"^https?://[^?#\s]+$")
    """Address that people open the application at: where links in e-mail lead."""

    otel_exporter_otlp_endpoint: str | None = Field(None, pattern=r"^https?://[^/?#\s]+(/[^?#\s]*[^/?#\s])?$")
    """Where traces go (OTLP over HTTP); unset, there are none. Other `OTEL_` variables count too."""
    otel_service_name: str = "todo-backend"
    """What the traces say they come from."""

    task_title_length: int = Field(255, ge=1, le=255)
    """Characters that a task's title may have."""
    task_description_length: int = Field(5000, ge=1, le=5000)
    """Characters that a task's description may have."""

    attachment_max_bytes: int = Field(10 * 1024 * 1024, ge=1, le=100 * 1024 * 1024)
    """Size that an attachment may have."""
    attachment_types: Annotated[tuple[str, ...], NoDecode] = _ATTACHMENT_TYPES
    """Media types of attachments, separated by commas; `*` stands for anything."""
    attachment_folder: Path | None = None
    """Folder for attachments that every pod has, such as a volume; without a storage there are no attachments."""
    s3_bucket: str | None = None
    """Bucket for attachments, in place of a folder."""
    s3_endpoint: str | None = None
    """Address of an S3 server other than Amazon's."""
    s3_region: str = "us-east-1"
    """Region of the bucket."""
    s3_access_key_id: str | None = None
    """Account of the bucket; unset, it is the one that the pod runs under."""
    s3_secret_access_key: SecretStr | None = None
    """Key of that account."""
    cloudinary_cloud_name: str | None = None
    """Cloudinary's name of the place for attachments, in place of a folder; it needs the key and secret too."""
    cloudinary_api_key: str | None = None
    """Account at Cloudinary."""
    cloudinary_api_secret: SecretStr | None = None
    """Key of that account."""
    cloudinary_upload_prefix: str = "https://api.cloudinary.com"
    """Address of Cloudinary."""

    web_concurrency: int = Field(2, ge=1)
    """Worker processes in a pod."""
    request_timeout: float = Field(50, gt=0)
    """Seconds after which a request without an answer gets 503."""
    shutdown_delay: float = Field(5, ge=0, le=60)
    """Seconds between SIGTERM, when readiness drops, and the end of serving: longer than clients keep idle ones."""

    @field_validator("cors_origins", "attachment_types", "mcp_allowed_hosts", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if "*" in value and not _in_development(info):
            raise ValueError('"*" is only allowed with ENVIRONMENT=development; list the origins instead')
        if not all(origin == "*" or re.fullmatch(r"https?://[^/?#\s]+", origin) for origin in value):
            raise ValueError("each origin must be http(s)://host[:port], without a path")
        return value

    @field_validator("debug")
    @classmethod
    def _check_debug(cls, value: bool, info: ValidationInfo) -> bool:
        if value and not _in_development(info):
            raise ValueError("is only allowed with ENVIRONMENT=development")
        return value

    @field_validator("database_url", "database_url_fallback")
    @classmethod
    def _check_database_url(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        password = urlsplit(_to_dsn(value.get_secret_value())).password or ""
        if _DEFAULT_PASSWORD.fullmatch(password) and not _in_development(info):
            raise ValueError("the password is a default one; use a random one")
        return value

    @field_validator("jwt_secret", "jwt_secret_previous")
    @classmethod
    def _check_secret(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        for key in _lines(value) if not _in_development(info) else ():
            _refuse_weak_secret(key, info.data.get("jwt_algorithm", "HS256"))
        return value

    @field_validator("scheduler_jobs_path")
    @classmethod
    def _check_jobs_path(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("scheduler_enabled") and not _folder_in_source(value).is_dir():
            raise ValueError("is not a folder; a relative path begins at the backend's source")
        return value

    @model_validator(mode="after")
    def _check_lives(self) -> Self:
        if self.jwt_expiry > self.refresh_token_days * 86400:
            raise ValueError("REFRESH_TOKEN_DAYS: a session must last at least as long as its access token")
        return self

    @model_validator(mode="after")
    def _check_pool(self) -> Self:
        if self._connections_per_pod[0] < self.web_concurrency:
            raise ValueError(
                "DATABASE_POOL_SIZE or DATABASE_TOTAL_CONNECTIONS / MAX_REPLICAS: each of the WEB_CONCURRENCY worker"
                " processes needs a connection"
            )
        return self

    @property
    def _connections_per_pod(self) -> tuple[int, int]:
        size, overflow = self.database_pool_size, self.database_max_overflow
        if self.database_total_connections is None:
            return size, overflow
        share = self.database_total_connections // self.max_replicas
        return min(size, share), max(0, min(overflow, share - size))

    @property
    def pool_size(self) -> int:
        """Connections that one worker process keeps."""
        return self.per_process(self._connections_per_pod[0])

    @property
    def pool_overflow(self) -> int:
        """Connections that one worker process opens on top of them when it needs to."""
        return self.per_process(self._connections_per_pod[1])

    @model_validator(mode="after")
    def _check_mail(self) -> Self:
        needed = {"SMTP_FROM": self.smtp_from, "PUBLIC_URL": self.public_url}
        if self.smtp_host and not all(needed.values()):
            raise ValueError(f"{', '.join(name for name, value in needed.items() if not value)}: missing")
        if (self.smtp_username is None) != (self.smtp_password is None):
            raise ValueError("SMTP_USERNAME and SMTP_PASSWORD need each other")
        if self.smtp_username and self.smtp_security == "none" and not self.in_development:
            raise ValueError("SMTP_SECURITY: a password must not be sent without encryption")
        return self

    @model_validator(mode="after")
    def _check_storage(self) -> Self:
        account = {
            "CLOUDINARY_CLOUD_NAME": self.cloudinary_cloud_name,
            "CLOUDINARY_API_KEY": self.cloudinary_api_key,
            "CLOUDINARY_API_SECRET": self.cloudinary_api_secret,
        }
        if any(account.values()) and not all(account.values()):
            raise ValueError(f"{', '.join(name for name, value in account.items() if not value)}: missing")
        storages = {
            "ATTACHMENT_FOLDER": self.attachment_folder,
            "S3_BUCKET": self.s3_bucket,
            "CLOUDINARY_CLOUD_NAME": self.cloudinary_cloud_name,
        }
        if len(chosen := [name for name, value in storages.items() if value]) > 1:
            raise ValueError(f"{' and '.join(chosen)}: attachments have one storage; set one of them")
        return self

    @property
    def in_development(self) -> bool:
        """Whether the rules of development apply."""
        return self.environment is Environment.DEVELOPMENT

    @property
    def database_dsns(self) -> tuple[str, ...]:
        """The database's addresses in the form that the driver takes, in the order in which they are tried."""
        urls = (self.database_url, self.database_url_fallback)
        return tuple(_to_dsn(url.get_secret_value()) for url in urls if url)

    @property
    def jwt_keys(self) -> tuple[str, ...]:
        """The keys whose tokens are accepted; the first signs."""
        return (self.jwt_secret.get_secret_value(), *_lines(self.jwt_secret_previous))

    @property
    def jobs_folder(self) -> Path:
        """Where jobs are found."""
        return _folder_in_source(self.scheduler_jobs_path)

    def per_process(self, amount_per_pod: int) -> int:
        """The share that one worker process has of what is set for the pod."""
        return amount_per_pod // self.web_concurrency


def load_settings() -> Settings:
    """Read the settings from the environment; raises ConfigurationError that lists everything wrong with them."""
    problems: list[str] = []
    given: dict[str, Mapping[str, str | int]] = {
        "jwt_secret": _given(_SECRET_NAMES),
        "jwt_secret_previous": _given(_PREVIOUS_NAMES),
        "jwt_expiry": _lives(problems),
    }
    canonical: dict[str, Any] = {"jwt_expiry": Settings.model_fields["jwt_expiry"].default}
    for field, values in given.items():
        if len(set(values.values())) > 1:
            problems.append(f"{' and '.join(values)} are names of one setting and must not differ")
        if values:
            canonical[field] = next(iter(values.values()))
    try:
        load_agent_settings()
    except ConfigurationError as error:
        problems += error.problems
    try:
        settings = Settings(**canonical)
    except ValidationError as error:
        names = {field: " or ".join(values or ALIASES[field]) for field, values in given.items()}
        raise ConfigurationError(problems + _describe(error, names)) from None
    if problems:
        raise ConfigurationError(problems)
    return settings


def load_agent_settings() -> AgentSettings:
    """Read the assistant's settings from the environment; raises ConfigurationError."""
    try:
        return AgentSettings()
    except ValidationError as error:
        raise ConfigurationError(_describe(error, {})) from None


def _given(names: Iterable[str]) -> dict[str, str]:
    return {name: value for name in names if (value := os.environ.get(name))}


def _lines(value: SecretStr | None) -> tuple[str, ...]:
    return tuple(value.get_secret_value().splitlines()) if value else ()


def _lives(problems: list[str]) -> dict[str, int]:
    lives = {}
    for name, seconds in _LIFE_NAMES.items():
        value = os.environ.get(name, "").strip()
        if value.isascii() and value.isdigit():
            lives[name] = int(value) * seconds
        elif value:
            problems.append(f"{name}: must be a whole number")
    return lives


def _describe(error: ValidationError, names: Mapping[str, str]) -> list[str]:
    problems = []
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        fields = [names.get(str(part), str(part).upper()) for part in detail["loc"][:1]]
        problems.append(": ".join([*fields, detail["msg"].removeprefix("Value error, ")]))
    return problems


def _in_development(info: ValidationInfo) -> bool:
    return info.data.get("environment") is Environment.DEVELOPMENT


def _refuse_weak_secret(secret: str, algorithm: str) -> None:
    minimum = MINIMUM_SECRET_LENGTHS[algorithm]
    if len(secret.encode()) < minimum:
        raise ValueError(f"must have at least {minimum} characters for {algorithm}")
    if _WEAK_SECRET.search(secret) or len(set(secret)) < _MINIMUM_DISTINCT_CHARACTERS:
        raise ValueError("is a well-known or guessable value; use a random one")


def _folder_in_source(path: str) -> Path:
    # The documents' repositories keep the source in backend/src; here it is this package's folder.
    return Path(__file__).parent / re.sub(r"^(\./)?(backend/)?((src|app)/)?", "", path)


def _to_dsn(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        query = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        _refuse_database_url()
    if parts.scheme.partition("+")[0] not in {"postgres", "postgresql"} or len(parts.path) < 2:
        _refuse_database_url()
    kept = urlencode({name: value for name, value in query.items() if name not in _LIBPQ_ONLY})
    return parts._replace(scheme="postgresql", query=kept).geturl()


def _refuse_database_url() -> NoReturn:
    raise ValueError("must be postgresql://user:password@host:port/database") from None
