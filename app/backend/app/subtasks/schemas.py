"""What the API takes and gives as a subtask."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from app.fields import Line
from app.tasks.models import TITLE_LENGTH

MAXIMUM_SUBTASKS = 100

_Title = Annotated[Line, Field(max_length=TITLE_LENGTH)]


class SubtaskCreate(BaseModel):
    """A new subtask, which becomes the last one."""

    model_config = ConfigDict(extra="forbid")

    title: _Title
    is_completed: StrictBool = False


class SubtaskPatch(BaseModel):
    """Changes to a subtask: what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    title: _Title = Field(default_factory=str)
    is_completed: StrictBool = Field(default_factory=bool)


class SubtaskOrder(BaseModel):
    """The order of a task's subtasks."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[uuid.UUID], Field(max_length=MAXIMUM_SUBTASKS, description="Each of them once")]


class SubtaskRead(BaseModel):
    """A subtask."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    parent_task_id: uuid.UUID
    title: str
    is_completed: bool
    order: int = Field(description="Counts from 0")
    created_at: datetime
    updated_at: datetime


class SubtaskList(BaseModel):
    """Every subtask of a task, in order."""

    items: list[SubtaskRead]
