"""The table of tasks."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, Enum, Index, Text
from sqlmodel import Field, SQLModel

from app.fields import utcnow

TITLE_LENGTH = 255
DESCRIPTION_LENGTH = 5000


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


def _words(enum: type[StrEnum], name: str) -> Enum:
    return Enum(enum, name=name, native_enum=False, length=20, create_constraint=True, values_callable=lambda e: [*e])


class Task(SQLModel, table=True):
    """Something that a user wants done."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("btrim(title) <> ''", name="title_not_blank"),
        CheckConstraint(f"char_length(description) <= {DESCRIPTION_LENGTH}", name="description_length"),
        CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="completed_at"),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "user_id", "status", "created_at", "id"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    title: str = Field(max_length=TITLE_LENGTH)
    description: str | None = Field(default=None, sa_type=Text)
    status: TaskStatus = Field(default=TaskStatus.PENDING, sa_type=_words(TaskStatus, "status"))
    priority: TaskPriority = Field(default=TaskPriority.MEDIUM, sa_type=_words(TaskPriority, "priority"))
    due_date: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    completed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(
        default_factory=utcnow, sa_type=DateTime(timezone=True), sa_column_kwargs={"onupdate": utcnow}
    )

    @property
    def is_completed(self) -> bool:
        """The status, as some clients see it."""
        return self.status is TaskStatus.COMPLETED

    @property
    def completed(self) -> bool:
        """The same under its other name."""
        return self.is_completed

    def move_to(self, status: TaskStatus) -> None:
        """Change the status, and with it when the task was completed."""
        if status is not self.status:
            self.status = status
            self.completed_at = utcnow() if status is TaskStatus.COMPLETED else None
