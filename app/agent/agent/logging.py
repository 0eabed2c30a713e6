"""Structured logs: a JSON object a line, without what people write."""

import logging
import logging.config

import structlog

from agent.settings import AgentSettings

_QUIET = ("httpx2", "httpcore2", "mcp", "openai", "openai.agents", "anthropic", "uvicorn.access")


def configure_logging(settings: AgentSettings) -> None:
    """Send every record through one formatter. The SDKs' own tell only of what is wrong: the rest holds texts."""
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_message,
    ]
    level = settings.log_level.upper()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.JSONRenderer(),
                    ],
                    "foreign_pre_chain": processors,
                }
            },
            "handlers": {
                "console": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}
            },
            "root": {"level": level, "handlers": ["console"]},
            "loggers": {
                **{name: {"level": "WARNING"} for name in _QUIET},
                **{name: {"level": level, "handlers": [], "propagate": True} for name in ("uvicorn", "uvicorn.error")},
            },
        }
    )
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _without_message(
    _: structlog.typing.WrappedLogger, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """The kind of an exception; its text may hold what a person wrote, or a provider's answer."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = f"{type(error).__module__}.{type(error).__qualname__}"
    return event
