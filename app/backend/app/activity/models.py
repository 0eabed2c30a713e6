"""The table of what happened to tasks."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import DateTime, Index, Text
from sqlmodel import Field, SQLModel

from app.fields import utcnow, words


class ActivityAction(StrEnum):
    """What was done."""

    CREATED = "created"
    UPDATED = "updated"
    COMPLETED = "completed"
    REOPENED = "reopened"


class TaskActivity(SQLModel, table=True):
    """One change of a task: of a field, where there is one, from an old to a new value."""

    __tablename__ = "task_activity"
    __table_args__ = (Index(None, "task_id", "created_at", "id"),)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    task_id: uuid.UUID = Field(foreign_key="tasks.id", ondelete="CASCADE")
    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    action: ActivityAction = Field(sa_type=words(ActivityAction, "action"))
    field: str | None = Field(default=None, max_length=100)
    old_value: str | None = Field(default=None, sa_type=Text)
    new_value: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
