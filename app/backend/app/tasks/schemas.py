"""What the API takes and gives as a task."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, computed_field, model_validator
from pydantic_core import to_json
from sqlalchemy import Row

from app.categories.schemas import CategoryName
from app.fields import Line, Text, UtcDatetime, utcnow
from app.pagination import MAXIMUM_LIMIT, Page, Slice
from app.tags.schemas import TagNames
from app.tasks.models import DESCRIPTION_LENGTH, RECURRENCE_LENGTH, TITLE_LENGTH, TaskPriority, TaskStatus
from app.tasks.recurrence import time_zones

Title = Annotated[Line, Field(max_length=TITLE_LENGTH)]
Description = Annotated[Text, Field(max_length=DESCRIPTION_LENGTH)]


def _in_future(value: datetime | None) -> datetime | None:
    if value and value <= utcnow():
        raise ValueError("must be in the future")
    return value


def _known_zone(value: str) -> str:
    if value not in time_zones():
        raise ValueError("is not the name of a time zone, such as Europe/Berlin")
    return value


RecurrencePattern = Annotated[
    Line, Field(max_length=RECURRENCE_LENGTH, description="daily, weekly, monthly, yearly, or lines RRULE and EXDATE")
]
TimeZone = Annotated[
    str, Field(max_length=64), AfterValidator(_known_zone), Field(description="Where the wall clock is that it goes by")
]
_FROM_COMPLETION = "Whether it is due again so long after it was done, rather than after it was due"


class _StatusInput(BaseModel):
    """The status, under any of its names: `status`, or whether the task is done."""

    model_config = ConfigDict(extra="forbid")

    status: TaskStatus | None = None
    is_completed: StrictBool | None = Field(None, description="Whether the status is `completed`")
    completed: StrictBool | None = Field(None, description="The same as is_completed")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        done = {self.is_completed, self.completed} - {None}
        if self.status:
            done.add(self.status is TaskStatus.COMPLETED)
        if len(done) > 1:
            raise ValueError("status, is_completed and completed contradict each other")
        return self

    def status_after(self, current: TaskStatus) -> TaskStatus:
        """The status that a task in `current` is to have."""
        if self.status:
            return self.status
        done = self.completed if self.is_completed is None else self.is_completed
        if done is None or done == (current is TaskStatus.COMPLETED):
            return current
        return TaskStatus.COMPLETED if done else TaskStatus.PENDING


class _TaskInput(_StatusInput):
    category_id: uuid.UUID | None = None
    category: CategoryName | None = Field(None, description="A category by its name; it is made if there is none")

    @model_validator(mode="after")
    def _one_category(self) -> Self:
        if self.category_id and self.category:
            raise ValueError("category_id and category are two names of one thing: give one of them")
        return self

    def fields(self) -> dict[str, Any]:
        """The values of a task's own columns but for its status and category."""
        return self.model_dump(exclude={*_TaskInput.model_fields, "tags"})


class TaskReplace(_TaskInput):
    """A whole task: what is left out is set to its default."""

    title: Title
    description: Description | None = None
    priority: TaskPriority = TaskPriority.MEDIUM
    due_date: UtcDatetime | None = None
    tags: TagNames = []
    recurrence_pattern: RecurrencePattern | None = None
    recurrence_timezone: TimeZone = "UTC"
    recurrence_from_completion: StrictBool = Field(False, description=_FROM_COMPLETION)


class TaskCreate(TaskReplace):
    """A new task."""

    due_date: Annotated[UtcDatetime | None, AfterValidator(_in_future)] = Field(None, description="In the future")


class TaskPatch(_TaskInput):
    """Changes to a task: what is left out stays."""

    title: Title = Field(default_factory=str)
    description: Description | None = Field(default_factory=lambda: None)
    priority: TaskPriority = Field(default_factory=lambda: TaskPriority.MEDIUM)
    due_date: UtcDatetime | None = Field(default_factory=lambda: None)
    tags: TagNames = Field(default_factory=list)
    recurrence_pattern: RecurrencePattern | None = Field(default_factory=lambda: None)
    recurrence_timezone: TimeZone = Field(default_factory=str)
    recurrence_from_completion: StrictBool = Field(default_factory=bool, description=_FROM_COMPLETION)

    def fields(self) -> dict[str, Any]:
        """The values of the columns that the request names, but for status and category."""
        return self.model_dump(exclude_unset=True, exclude={*_TaskInput.model_fields, "tags"})


class TaskRead(BaseModel):
    """A task."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    user_id: uuid.UUID
    title: str
    description: str | None
    status: TaskStatus
    priority: TaskPriority
    due_date: datetime | None
    category_id: uuid.UUID | None
    category: str | None = Field(description="The name of its category")
    tags: list[str]
    recurrence_pattern: str | None
    recurrence_timezone: str
    recurrence_from_completion: bool
    next_recurrence_date: datetime | None = Field(description="When it is due again; unknown if from completion")
    previous_task_id: uuid.UUID | None = Field(description="The task whose completion made this one")
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @computed_field(description="Whether the status is `completed`")  # type: ignore[prop-decorator]
    @property
    def is_completed(self) -> bool:
        """The status, as some clients see it."""
        return self.status is TaskStatus.COMPLETED

    @computed_field(description="The same as is_completed")  # type: ignore[prop-decorator]
    @property
    def completed(self) -> bool:
        """The same under its other name."""
        return self.is_completed

    @computed_field(description="The tags with commas between them")  # type: ignore[prop-decorator]
    @property
    def tags_csv(self) -> str:
        """The tags, as some clients see them."""
        return ",".join(self.tags)


class TaskPage(Page[TaskRead]):
    """A part of the list of tasks, in the order that was asked for."""


class TaskSummary(BaseModel):
    """How many tasks there are; all but the first four count what is not completed."""

    model_config = ConfigDict(from_attributes=True)

    total: int
    pending: int
    in_progress: int
    completed: int
    overdue: int = Field(description="Should have been done by now")
    due_today: int
    due_this_week: int = Field(description="Due within the seven days that begin today")
    high_priority: int


def page_as_json(part: Slice[Row[Any]]) -> bytes:
    """A TaskPage of rows; written directly, as checking what the database holds takes longer than reading it."""
    items = []
    names = part.items[0]._fields if part.items else ()
    for row in part.items:
        item = dict(zip(names, row, strict=True))
        for name in ("id", "user_id", "category_id", "previous_task_id"):
            item[name] = item[name] and str(item[name])
        item["is_completed"] = item["completed"] = item["status"] == TaskStatus.COMPLETED
        item["tags_csv"] = ",".join(item["tags"])
        items.append(item)
    return to_json({"items": items, "next_cursor": part.next_cursor})


class BulkAction(StrEnum):
    """What to do with several tasks."""

    COMPLETE = "complete"
    UNCOMPLETE = "uncomplete"
    UPDATE = "update"
    DELETE = "delete"


class BulkRequest(BaseModel):
    """One action on several tasks: on all of them, or on none if one is not found."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=MAXIMUM_LIMIT)]
    action: BulkAction
    changes: TaskPatch | None = Field(None, description="What `update` changes")

    @model_validator(mode="after")
    def _changes_to_update(self) -> Self:
        if (self.action is BulkAction.UPDATE) != (self.changes is not None):
            raise ValueError("changes belong to the action `update`, and only to it")
        return self


class BulkResult(BaseModel):
    """What became of several tasks."""

    count: int = Field(description="How many tasks there were")
    items: list[TaskRead] = Field(description="The tasks as they are now; none if they were deleted")
