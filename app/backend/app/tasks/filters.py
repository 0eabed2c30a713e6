"""Which tasks of a list are asked for, and in which order."""

import uuid
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Row, SQLColumnExpression, func, or_
from sqlmodel import col, select

from app.fields import Text, UtcDatetime, utcnow
from app.pagination import CursorText, Limit, Order
from app.tags.models import Tag, TaskTag
from app.tags.schemas import TagName
from app.tasks.models import PRIORITY_RANK, Task, TaskPriority, TaskStatus, priority_rank


class TaskSort(StrEnum):
    """What a list is sorted by; a minus turns it round. Tasks without a due date are last by `due_date`."""

    CREATED_AT = "created_at"
    NEWEST = "-created_at"
    UPDATED_AT = "updated_at"
    LATEST_CHANGE = "-updated_at"
    DUE_DATE = "due_date"
    LATEST_DUE = "-due_date"
    PRIORITY = "priority"
    MOST_IMPORTANT = "-priority"
    TITLE = "title"
    TITLE_BACKWARDS = "-title"


class TaskFilter(BaseModel):
    """What the tasks of a list have in common; the values of one field are alternatives, but for tags."""

    model_config = ConfigDict(extra="forbid")

    status: list[TaskStatus] = Field(default=[], max_length=3)
    is_completed: bool | None = Field(None, description="Whether the status is `completed`")
    completed: bool | None = Field(None, description="The same as is_completed")
    priority: list[TaskPriority] = Field(default=[], max_length=3)
    category_id: uuid.UUID | None = None
    tag: list[TagName] = Field(default=[], max_length=10, description="Every one of these tags")
    search: Annotated[Text, Field(max_length=200)] | None = Field(None, description="In the title or description")
    due_from: UtcDatetime | None = Field(None, description="Due then or later")
    due_before: UtcDatetime | None = Field(None, description="Due earlier than that")
    overdue: bool | None = Field(None, description="Whether it should have been done by now")
    recurring: bool | None = None
    sort: TaskSort = TaskSort.NEWEST

    def conditions(self, owner_id: uuid.UUID) -> list[ColumnElement[bool]]:
        """The conditions that a task must meet; the owner's is not among them."""
        found: list[ColumnElement[bool]] = []
        if self.status:
            found.append(col(Task.status).in_(self.status))
        done = col(Task.status) == TaskStatus.COMPLETED
        found += [done if wanted else ~done for wanted in (self.is_completed, self.completed) if wanted is not None]
        if self.priority:
            found.append(col(Task.priority).in_(self.priority))
        if self.category_id:
            found.append(col(Task.category_id) == self.category_id)
        found += [_carries(name, owner_id) for name in self.tag]
        if self.search:
            found.append(
                or_(*(c.icontains(self.search, autoescape=True) for c in (col(Task.title), col(Task.description))))
            )
        if self.due_from:
            found.append(col(Task.due_date) >= self.due_from)
        if self.due_before:
            found.append(col(Task.due_date) < self.due_before)
        if self.overdue is not None:
            late = func.coalesce(col(Task.due_date) < utcnow(), False) & ~done
            found.append(late if self.overdue else ~late)
        if self.recurring is not None:
            pattern = col(Task.recurrence_pattern)
            found.append(pattern.is_not(None) if self.recurring else pattern.is_(None))
        return found

    @property
    def order(self) -> Order[Row[Any]]:
        """How the list is sorted."""
        return _ORDERS[self.sort]


class TaskQuery(TaskFilter):
    """A page of a list of tasks."""

    limit: Limit = 50
    cursor: CursorText = None


def _carries(name: str, owner_id: uuid.UUID) -> ColumnElement[bool]:
    tagged = select(col(TaskTag.task_id)).join(Tag, col(Tag.id) == TaskTag.tag_id)
    return col(Task.id).in_(tagged.where(Tag.user_id == owner_id, Tag.name == name))


_COLUMNS: dict[str, tuple[SQLColumnExpression[Any], type[str] | type[int], Callable[[Row[Any]], Any]]] = {
    "priority": (PRIORITY_RANK, int, lambda row: priority_rank(row.priority)),
    "title": (col(Task.title), str, lambda row: row.title),
}


def _order(sort: TaskSort) -> Order[Row[Any]]:
    name = sort.removeprefix("-")
    column, kind, key = _COLUMNS.get(name) or (col(getattr(Task, name)), datetime, lambda row: getattr(row, name))
    return Order(
        name=sort.value,
        column=column,
        id=col(Task.id),
        kind=kind,
        key=lambda row: (key(row), row.id),
        descending=sort.startswith("-"),
        nullable=name == "due_date",
    )


_ORDERS = {sort: _order(sort) for sort in TaskSort}
