"""What the API takes and gives as a reminder."""

import uuid
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.fields import UtcDatetime
from app.pagination import Page

MAXIMUM_REMINDERS = 20
_FOUR_WEEKS = 40320


class ReminderCreate(BaseModel):
    """A new reminder: at a moment, or so long before the task is due."""

    model_config = ConfigDict(extra="forbid")

    remind_at: UtcDatetime | None = None
    minutes_before: Annotated[int, Field(ge=0, le=_FOUR_WEEKS)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.remind_at is None) == (self.minutes_before is None):
            raise ValueError("give either remind_at or minutes_before")
        return self


class ReminderRead(BaseModel):
    """A reminder."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    task_id: uuid.UUID
    remind_at: datetime
    minutes_before: int | None = Field(description="It moves with the task's due date, if it has such a distance")
    delivered_at: datetime | None = Field(description="When it came up; null as long as it is to come")
    dismissed_at: datetime | None = Field(description="When the user had seen enough of it")
    created_at: datetime


class ReminderList(BaseModel):
    """Every reminder of a task, by time."""

    items: list[ReminderRead]


class ReminderPage(Page[ReminderRead]):
    """A part of the reminders that have come up and are not dismissed, by time."""
