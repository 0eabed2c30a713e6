"""Structured logs: a JSON object a line, with the request's id and no personal data."""

import logging
import logging.config
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from app.settings import Settings

_SERVER_LOGGERS = ("gunicorn.error", "uvicorn", "uvicorn.error")
_SILENT_LOGGERS = ("gunicorn.access", "uvicorn.access")


def logging_config(settings: Settings) -> dict[str, Any]:
    """The configuration for logging.config.dictConfig; Gunicorn takes the same."""
    level, server_level = settings.log_level.upper(), settings.api_log_level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _renderer(settings),
                ],
                "foreign_pre_chain": _processors(settings),
            }
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "structured", "stream": "ext://sys.stdout"}
        },
        "root": {"level": level, "handlers": ["console"]},
        "loggers": {
            **{name: {"level": server_level, "handlers": ["console"], "propagate": False} for name in _SERVER_LOGGERS},
            "alembic.runtime.plugins": {"level": "WARNING"},
            "mcp": {"level": "WARNING"},
            # The application writes its own line for each request.
            **{name: {"level": "CRITICAL", "handlers": [], "propagate": False} for name in _SILENT_LOGGERS},
        },
    }


def configure_logging(settings: Settings) -> None:
    """Send structlog's and the standard library's records through one formatter."""
    logging.config.dictConfig(logging_config(settings))
    structlog.configure(
        processors=[*_processors(settings), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def log_fatal(event: str, problems: tuple[str, ...]) -> None:
    """Write the line that explains why the process ends before it has settings."""
    record = {"level": "critical", "event": event, "problems": problems}
    print(structlog.processors.JSONRenderer()(None, "critical", record), flush=True)


def _processors(settings: Settings) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _ExceptionRenderer(with_message=settings.debug),
    ]


def _renderer(settings: Settings) -> Processor:
    if settings.log_format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=False)


class _ExceptionRenderer:
    """Writes where an exception came from; its message may hold a user's data and is for development only."""

    def __init__(self, with_message: bool) -> None:
        self._with_message = with_message

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        error = event.pop("exc_info", None)
        if isinstance(error, tuple):
            error = error[1]
        if isinstance(error, BaseException):
            event["exception"] = self._describe(error)
        return event

    def _describe(self, error: BaseException) -> dict[str, Any]:
        described: dict[str, Any] = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "stack": [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)],
        }
        if self._with_message:
            described["message"] = str(error)
        if error.__cause__:
            described["cause"] = self._describe(error.__cause__)
        return described
