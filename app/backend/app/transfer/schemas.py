"""What a file of tasks holds."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from app.fields import UtcDatetime
from app.subtasks.schemas import MAXIMUM_SUBTASKS, SubtaskCreate
from app.tasks.schemas import TaskReplace

MAXIMUM_TASKS = 2000


class ExportFormat(StrEnum):
    """The forms that tasks go out in; CSV leaves out the subtasks."""

    JSON = "json"
    CSV = "csv"


class ImportFormat(StrEnum):
    """The forms that tasks come in."""

    JSON = "json"
    CSV = "csv"
    TODOIST = "todoist"


class ImportedSubtask(SubtaskCreate):
    """A subtask of a task that is imported."""

    model_config = ConfigDict(extra="ignore")


class ImportedTask(TaskReplace):
    """A task that is imported: it may have been due in the past, and done or made at a time of its own."""

    model_config = ConfigDict(extra="ignore")

    subtasks: list[ImportedSubtask] = Field(default=[], max_length=MAXIMUM_SUBTASKS)
    completed_at: UtcDatetime | None = None
    created_at: UtcDatetime | None = None


class ImportedTasks(BaseModel):
    """The tasks of a file."""

    tasks: Annotated[list[ImportedTask], Field(max_length=MAXIMUM_TASKS)]


class ImportResult(BaseModel):
    """What an import did."""

    count: int = Field(description="How many tasks were made")
    warnings: list[str] = Field(description="What could not be taken over as it was")


class ExportedSubtask(BaseModel):
    """A subtask of a task that is exported."""

    model_config = ConfigDict(from_attributes=True)

    title: str
    is_completed: StrictBool


class ExportedTask(BaseModel):
    """A task that is exported, in the form that an import takes."""

    model_config = ConfigDict(from_attributes=True)

    title: str
    description: str | None
    status: str
    priority: str
    due_date: datetime | None
    category: str | None
    tags: list[str]
    recurrence_pattern: str | None
    recurrence_timezone: str
    recurrence_from_completion: bool
    completed_at: datetime | None
    created_at: datetime
