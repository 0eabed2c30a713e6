"""The table of reminders."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, Index, text
from sqlmodel import Field, SQLModel

from app.fields import utcnow


class Reminder(SQLModel, table=True):
    """A moment to remind of a task: fixed, or so many minutes before the task is due."""

    __tablename__ = "reminders"
    __table_args__ = (
        CheckConstraint("minutes_before >= 0", name="minutes_before"),
        Index("ix_reminders_pending", "remind_at", postgresql_where=text("delivered_at IS NULL")),
        Index("ix_reminders_unmailed", "remind_at", postgresql_where=text("mailed_at IS NULL")),
        Index(None, "user_id", "remind_at"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    task_id: uuid.UUID = Field(foreign_key="tasks.id", ondelete="CASCADE", index=True)
    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    remind_at: datetime = Field(sa_type=DateTime(timezone=True))
    minutes_before: int | None = None
    delivered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    dismissed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    mailed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
