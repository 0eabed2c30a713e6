"""The SQL of the activity log."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.activity.models import ActivityAction, TaskActivity
from app.fields import utcnow
from app.pagination import Order, Slice

Change = tuple[Any, Any]
"""The old and the new value of a field."""

_TABLE: Table = TaskActivity.__table__  # type: ignore[attr-defined]
_NEWEST = Order[TaskActivity](
    "-created_at",
    col(TaskActivity.created_at),
    col(TaskActivity.id),
    datetime,
    lambda row: (row.created_at, row.id),
    descending=True,
)


class ActivityRepository:
    """What one user did."""

    def __init__(self, session: AsyncSession, user_id: uuid.UUID) -> None:
        self._session = session
        self._user_id = user_id

    async def record(
        self, task_id: uuid.UUID, action: ActivityAction | None = None, changes: Mapping[str, Change] | None = None
    ) -> None:
        """Note an action, and each change of a field."""
        entries: list[dict[str, Any]] = (
            [{"action": action, "field": None, "old_value": None, "new_value": None}] if action else []
        )
        for field, (old, new) in (changes or {}).items():
            values = {"old_value": _text(old), "new_value": _text(new)}
            entries.append({"action": ActivityAction.UPDATED, "field": field, **values})
        if entries:
            same = {"task_id": task_id, "user_id": self._user_id, "created_at": utcnow()}
            rows = [{"id": uuid.uuid4(), **same, **entry} for entry in entries]
            # One statement, whatever their number: it is compiled once.
            await (await self._session.connection()).execute(_TABLE.insert(), rows)

    async def page(self, task_id: uuid.UUID, limit: int, cursor: str | None) -> Slice[TaskActivity]:
        """A page of a task's history, newest first."""
        statement = select(TaskActivity).where(TaskActivity.task_id == task_id, TaskActivity.user_id == self._user_id)
        return _NEWEST.cut((await self._session.exec(_NEWEST.apply(statement, limit, cursor))).all(), limit)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    return ", ".join(value) if isinstance(value, list) else str(value)
