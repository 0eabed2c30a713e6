"""Which tasks of a list are asked for, and in which order."""

import re
import uuid
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    SQLColumnExpression,
    String,
    bindparam,
    func,
    literal_column,
    or_,
)
from sqlalchemy.types import TypeEngine
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

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions that a task must meet, on parameters; the owner's is not among them, but `owner_id` is."""
        found: list[ColumnElement[bool]] = []
        if self.status:
            found.append(col(Task.status).in_([_given("status", n, String) for n in range(len(self.status))]))
        done = col(Task.status) == literal_column(f"'{TaskStatus.COMPLETED}'")
        found += [done if wanted else ~done for wanted in (self.is_completed, self.completed) if wanted is not None]
        if self.priority:
            found.append(col(Task.priority).in_([_given("priority", n, String) for n in range(len(self.priority))]))
        if self.category_id:
            found.append(col(Task.category_id) == bindparam("category_id"))
        found += [_carries(_given("tag", n, String)) for n in range(len(self.tag))]
        if self.search:
            wanted = bindparam("search", type_=String)
            found.append(or_(*(c.ilike(wanted, escape="/") for c in (col(Task.title), col(Task.description)))))
        if self.due_from:
            found.append(col(Task.due_date) >= bindparam("due_from"))
        if self.due_before:
            found.append(col(Task.due_date) < bindparam("due_before"))
        if self.overdue is not None:
            late = func.coalesce(col(Task.due_date) < bindparam("now"), False) & ~done
            found.append(late if self.overdue else ~late)
        if self.recurring is not None:
            pattern = col(Task.recurrence_pattern)
            found.append(pattern.is_not(None) if self.recurring else pattern.is_(None))
        return found

    @property
    def shape(self) -> Hashable:
        """What two filters have in common that differ only in the values of the parameters of their conditions."""
        given = (self.category_id, self.search, self.due_from, self.due_before)
        exact = (self.sort, self.is_completed, self.completed, self.overdue, self.recurring)
        return *exact, len(self.status), len(self.priority), len(self.tag), *map(bool, given)

    def values(self) -> dict[str, Any]:
        """The values of those parameters, by their names."""
        several: dict[str, Sequence[str]] = {"status": self.status, "priority": self.priority, "tag": self.tag}
        escaped = re.sub("[/%_]", r"/\g<0>", self.search or "")
        return {
            **{f"{name}_{n}": value for name, values in several.items() for n, value in enumerate(values)},
            "category_id": self.category_id,
            "search": f"%{escaped}%",
            "due_from": self.due_from,
            "due_before": self.due_before,
            "now": utcnow(),
        }

    @property
    def order(self) -> Order[Row[Any]]:
        """How the list is sorted."""
        return _ORDERS[self.sort]


class TaskQuery(TaskFilter):
    """A page of a list of tasks."""

    limit: Limit = 50
    cursor: CursorText = None


def _given(name: str, number: int, kind: type[TypeEngine[Any]]) -> BindParameter[Any]:
    return bindparam(f"{name}_{number}", type_=kind)


def _carries(name: BindParameter[Any]) -> ColumnElement[bool]:
    tagged = select(col(TaskTag.task_id)).join(Tag, col(Tag.id) == TaskTag.tag_id)
    return col(Task.id).in_(tagged.where(col(Tag.user_id) == bindparam("owner_id"), col(Tag.name) == name))


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
