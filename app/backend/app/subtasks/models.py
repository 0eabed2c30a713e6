"""The table of subtasks."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, Index
from sqlmodel import Field, SQLModel

from app.fields import utcnow
from app.tasks.models import TITLE_LENGTH


class Subtask(SQLModel, table=True):
    """A step of a task; `order` counts from 0."""

    __tablename__ = "subtasks"
    __table_args__ = (
        CheckConstraint("btrim(title) <> ''", name="title_not_blank"),
        Index(None, "parent_task_id", "order"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    parent_task_id: uuid.UUID = Field(foreign_key="tasks.id", ondelete="CASCADE")
    title: str = Field(max_length=TITLE_LENGTH)
    is_completed: bool = False
    order: int
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(
        default_factory=utcnow, sa_type=DateTime(timezone=True), sa_column_kwargs={"onupdate": utcnow}
    )
