"""What the API takes and gives as a task."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from app.fields import Line, Text, UtcDatetime, utcnow
from app.pagination import Page
from app.tasks.models import DESCRIPTION_LENGTH, TITLE_LENGTH, TaskPriority, TaskStatus

_Title = Annotated[Line, Field(max_length=TITLE_LENGTH)]
_Description = Annotated[Text, Field(max_length=DESCRIPTION_LENGTH)]


def _in_future(value: datetime | None) -> datetime | None:
    if value and value <= utcnow():
        raise ValueError("must be in the future")
    return value


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

    def fields(self) -> dict[str, Any]:
        """The values of a task's other columns."""
        return self.model_dump(exclude={*_StatusInput.model_fields})

    def status_after(self, current: TaskStatus) -> TaskStatus:
        """The status that a task in `current` is to have."""
        if self.status:
            return self.status
        done = self.completed if self.is_completed is None else self.is_completed
        if done is None or done == (current is TaskStatus.COMPLETED):
            return current
        return TaskStatus.COMPLETED if done else TaskStatus.PENDING


class TaskReplace(_StatusInput):
    """A whole task: what is left out is set to its default."""

    title: _Title
    description: _Description | None = None
    priority: TaskPriority = TaskPriority.MEDIUM
    due_date: UtcDatetime | None = None


class TaskCreate(TaskReplace):
    """A new task."""

    due_date: Annotated[UtcDatetime | None, AfterValidator(_in_future)] = Field(None, description="In the future")


class TaskPatch(_StatusInput):
    """Changes to a task: what is left out stays."""

    title: _Title = Field(default_factory=str)
    description: _Description | None = Field(default_factory=lambda: None)
    priority: TaskPriority = Field(default_factory=lambda: TaskPriority.MEDIUM)
    due_date: UtcDatetime | None = Field(default_factory=lambda: None)

    def fields(self) -> dict[str, Any]:
        """The values of the other columns that the request names."""
        return self.model_dump(exclude_unset=True, exclude={*_StatusInput.model_fields})


class TaskRead(BaseModel):
    """A task."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    user_id: uuid.UUID
    title: str
    description: str | None
    status: TaskStatus
    is_completed: bool = Field(description="Whether the status is `completed`")
    completed: bool = Field(description="The same as is_completed")
    priority: TaskPriority
    due_date: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class TaskPage(Page[TaskRead]):
    """A part of the list of tasks, newest first."""
