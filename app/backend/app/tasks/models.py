"""The table of tasks."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, Index, Integer, Text, literal_column, text
from sqlmodel import Field, SQLModel

from app.fields import utcnow, words

TITLE_LENGTH = 255
DESCRIPTION_LENGTH = 5000
RECURRENCE_LENGTH = 2000


class TaskStatus(StrEnum):
    """How far a task is."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class TaskPriority(StrEnum):
    """How much a task matters."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


_PRIORITIES = " ".join(TaskPriority)
_RANK = f"strpos('{_PRIORITIES}', priority)"
PRIORITY_RANK = literal_column(_RANK, Integer)
"""How much a task matters, as a number; written out, as with parameters in it the index would not be found."""


def priority_rank(priority: TaskPriority) -> int:
    """The same of a task that was read."""
    return _PRIORITIES.index(priority) + 1


class Task(SQLModel, table=True):
    """Something that a user wants done."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("btrim(title) <> ''", name="title_not_blank"),
        CheckConstraint(f"char_length(description) <= {DESCRIPTION_LENGTH}", name="description_length"),
        CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="completed_at"),
        CheckConstraint(f"char_length(recurrence_pattern) <= {RECURRENCE_LENGTH}", name="recurrence_length"),
        CheckConstraint("(recurrence_pattern IS NULL) = (recurrence_start IS NULL)", name="recurrence_start"),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "user_id", "status", "created_at", "id"),
        Index(None, "user_id", "due_date", "id"),
        Index(None, "user_id", "updated_at", "id"),
        Index(None, "user_id", "title", "id"),
        Index("ix_tasks_user_id_priority_rank_id", "user_id", text(_RANK), "id"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    title: str = Field(max_length=TITLE_LENGTH)
    description: str | None = Field(default=None, sa_type=Text)
    status: TaskStatus = Field(default=TaskStatus.PENDING, sa_type=words(TaskStatus, "status"))
    priority: TaskPriority = Field(default=TaskPriority.MEDIUM, sa_type=words(TaskPriority, "priority"))
    due_date: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    category_id: uuid.UUID | None = Field(default=None, foreign_key="categories.id", ondelete="SET NULL", index=True)
    recurrence_pattern: str | None = Field(default=None, sa_type=Text)
    recurrence_timezone: str = Field(default="UTC", max_length=64)
    recurrence_from_completion: bool = False
    recurrence_start: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    next_recurrence_date: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    previous_task_id: uuid.UUID | None = Field(default=None, foreign_key="tasks.id", ondelete="SET NULL", unique=True)
    completed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(
        default_factory=utcnow, sa_type=DateTime(timezone=True), sa_column_kwargs={"onupdate": utcnow}
    )

    def move_to(self, status: TaskStatus) -> None:
        """Change the status, and with it when the task was completed."""
        if status is not self.status:
            self.status = status
            self.completed_at = utcnow() if status is TaskStatus.COMPLETED else None
