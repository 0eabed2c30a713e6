"""Every tool, and how one is called for a user."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError

from app.database import Database
from app.errors import ForbiddenError, NotFoundError, ProblemError
from app.metrics import TOOL_CALLS
from app.tasks.service import TaskLimits
from app.tools import labels, tasks
from app.tools.tool import Desk, Effect, Tool

TOOLS: Mapping[str, Tool] = tasks.TOOLS | labels.TOOLS

log = structlog.get_logger("app.tools")


@dataclass(frozen=True)
class Outcome:
    """What came of a call: the tool's result, or `{"error": …}`, which the assistant can read and act upon."""

    result: dict[str, Any]
    is_error: bool = False


@dataclass(frozen=True)
class Toolset:
    """The tools in the hands of one user."""

    database: Database
    limits: TaskLimits
    user_id: uuid.UUID
    may_write: bool

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Outcome:
        """Use a tool, in a transaction of its own: done as a whole, or not at all."""
        try:
            outcome = Outcome(await self._run(name, arguments))
        except ValidationError as error:
            outcome = _failed("; ".join(_describe(detail) for detail in error.errors(include_url=False)))
        except ProblemError as error:
            outcome = _failed(error.detail)
        except Exception as error:  # whoever calls a tool can do nothing about it
            log.exception("tool failed", tool=name, exc_info=error)
            outcome = _failed("Something went wrong on our side.")
        TOOL_CALLS.labels(name if name in TOOLS else "unknown", "error" if outcome.is_error else "ok").inc()
        return outcome

    async def _run(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        tool = TOOLS.get(name)
        if tool is None:
            raise NotFoundError(f"There is no such tool; there are {', '.join(TOOLS)}.")
        if tool.effect is not Effect.READS and not self.may_write:
            raise ForbiddenError("This account is read-only.")
        request = tool.input.model_validate(arguments)
        async with self.database.session(reading=tool.effect is Effect.READS) as session:
            result = await tool.run(Desk(session, self.user_id, self.limits), request)
        dumped: dict[str, Any] = result.model_dump(mode="json")
        return dumped


def _failed(message: str) -> Outcome:
    return Outcome({"error": message}, is_error=True)


def _describe(detail: Any) -> str:
    field = ".".join(str(part) for part in detail["loc"])
    message = detail["msg"].removeprefix("Value error, ")
    return f"{field}: {message}" if field else message
