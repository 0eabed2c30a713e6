"""What the API gives of a task's history."""

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from app.activity.models import ActivityAction
from app.pagination import Page


class ActivityRead(BaseModel):
    """One change of a task; creation and completion have no field."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    task_id: uuid.UUID
    user_id: uuid.UUID
    action: ActivityAction
    field: str | None
    old_value: str | None
    new_value: str | None
    created_at: datetime


class ActivityPage(Page[ActivityRead]):
    """A part of a task's history, newest first."""
