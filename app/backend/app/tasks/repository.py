"""The SQL of tasks: every statement is bound to one owner."""

import uuid
from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, String, Table, bindparam, func, insert
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.activity.models import ActivityAction, TaskActivity
from app.categories.models import Category
from app.database import Statement
from app.pagination import Slice
from app.tags.models import Tag, TaskTag
from app.tasks.filters import TaskFilter
from app.tasks.models import Task, TaskPriority, TaskStatus
from app.tasks.schemas import TaskRead

_TABLE: Table = Task.__table__  # type: ignore[attr-defined]
_TAGS = func.array(
    select(col(Tag.name))
    .join(TaskTag, col(TaskTag.tag_id) == Tag.id)
    .where(TaskTag.task_id == Task.id)
    .order_by(col(Tag.name))
    .correlate(_TABLE)
    .scalar_subquery(),
    type_=ARRAY(String),
)
_CATEGORY = select(col(Category.name)).where(Category.id == Task.category_id).correlate(_TABLE).scalar_subquery()
_READ: Select[Any] = Select(
    *(column for column in _TABLE.c if column.name in TaskRead.model_fields),
    _TAGS.label("tags"),
    _CATEGORY.label("category"),
)
_ADD = Statement(
    insert(TaskActivity)
    .values(
        id=bindparam("activity_id"),
        task_id=bindparam("id"),
        user_id=bindparam("user_id"),
        action=bindparam("action", type_=String),
        created_at=bindparam("created_at"),
    )
    .add_cte(insert(Task).values({name: bindparam(name) for name in Task.model_fields}).cte("task"))
)

_PAGES: dict[Hashable, Statement] = {}
_FORMS_KEPT = 500


def page_statement(query: TaskFilter, cursor: str | None = None) -> Select[Any]:
    """What reads a page of the tasks that a filter finds, and the one after them; `page_values` has its parameters."""
    statement = _READ.where(col(Task.user_id) == bindparam("owner_id"), *query.conditions())
    return query.order.apply(statement, 0, cursor)


def page_values(owner_id: uuid.UUID, query: TaskFilter, limit: int, cursor: str | None = None) -> dict[str, Any]:
    """The values of its parameters by their names; raises InvalidError for a cursor of another list."""
    after, after_id = query.order.decode(cursor) if cursor else (None, None)
    return {**query.values(), "owner_id": owner_id, "rows": limit + 1, "after": after, "after_id": after_id}


class TaskRepository:
    """The tasks of one user."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._session = session
        self._owner_id = owner_id

    @property
    def _own(self) -> ColumnElement[bool]:
        return col(Task.user_id) == self._owner_id

    async def page(self, query: TaskFilter, limit: int, cursor: str | None) -> Slice[Row[Any]]:
        """A page of the tasks that a filter finds."""
        values = page_values(self._owner_id, query, limit, cursor)
        form = (query.shape, bool(cursor), values["after"] is None)
        statement = _PAGES.get(form)
        if statement is None:
            if len(_PAGES) == _FORMS_KEPT:
                _PAGES.clear()
            statement = _PAGES[form] = Statement(page_statement(query, cursor))
        return query.order.cut(await statement.fetch(self._session, values), limit)

    async def read(self, *ids: uuid.UUID) -> Sequence[Row[Any]]:
        """Tasks as the API gives them, in the order of their ids."""
        rows = await self._rows(_READ.where(self._own, col(Task.id).in_(ids)))
        return sorted(rows, key=lambda row: ids.index(row.id))

    async def summary(self, now: datetime, zone: ZoneInfo) -> Row[Any]:
        """The numbers of tasks by status, and of open ones by when they are due."""
        today = now.astimezone(zone).date()
        midnights = (datetime.combine(today + timedelta(days=n), time.min, zone).astimezone(UTC) for n in (0, 1, 7))
        begin, tomorrow, next_week = midnights
        status, due = col(Task.status), col(Task.due_date)
        is_open = status != TaskStatus.COMPLETED
        conditions = {
            **{value.value: status == value for value in TaskStatus},
            "overdue": is_open & (due < now),
            "due_today": is_open & (due >= begin) & (due < tomorrow),
            "due_this_week": is_open & (due >= begin) & (due < next_week),
            "high_priority": is_open & (col(Task.priority) == TaskPriority.HIGH),
        }
        counts = [func.count().filter(condition).label(name) for name, condition in conditions.items()]
        statement: Select[Any] = Select(func.count().label("total"), *counts)
        [row] = await self._rows(statement.where(self._own))
        return row

    async def exists(self, task_id: uuid.UUID) -> bool:
        """Whether there is such a task."""
        return (await self._session.exec(select(Task.id).where(Task.id == task_id, self._own))).first() is not None

    async def lock(self, ids: Iterable[uuid.UUID]) -> Sequence[Task]:
        """Tasks that nobody else changes until the session ends."""
        # Always in the same order, so that requests at once don't wait for each other in a circle.
        statement = select(Task).where(col(Task.id).in_(ids), self._own).order_by(col(Task.id)).with_for_update()
        return (await self._session.exec(statement)).all()

    async def has_next(self, task_id: uuid.UUID) -> bool:
        """Whether a task's completion has made the next one."""
        return (await self._session.exec(select(Task.id).where(Task.previous_task_id == task_id))).first() is not None

    async def add(self, task: Task) -> None:
        """Store a new task that the session need not know, and the beginning of its history."""
        values = {**task.model_dump(), "activity_id": uuid.uuid4(), "action": ActivityAction.CREATED}
        await _ADD.fetch(self._session, values)

    async def save(self, task: Task) -> None:
        """Store a task that is new or changed."""
        self._session.add(task)
        await self._session.flush()

    async def remove(self, ids: Sequence[uuid.UUID]) -> int:
        """Delete tasks; tells how many there were."""
        return (await self._session.exec(delete(Task).where(col(Task.id).in_(ids), self._own))).rowcount

    async def tags(self, task_id: uuid.UUID) -> list[str]:
        """The tags of a task, sorted."""
        statement = select(Tag.name).join(TaskTag, col(TaskTag.tag_id) == Tag.id).where(TaskTag.task_id == task_id)
        return sorted((await self._session.exec(statement)).all())

    async def _rows(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        rows: Sequence[Row[Any]] = (await self._session.exec(statement)).all()  # type: ignore[call-overload]
        return rows
