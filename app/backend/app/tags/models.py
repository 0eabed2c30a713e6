"""The tables of tags and of what carries them."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.fields import utcnow

NAME_LENGTH = 100


class Tag(SQLModel, table=True):
    """A word that a user marks tasks with."""

    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("user_id", "name"),
        # A comma parts the tags of a list.
        CheckConstraint("btrim(name) <> '' AND strpos(name, ',') = 0", name="name_form"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    name: str = Field(max_length=NAME_LENGTH)
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))


class TaskTag(SQLModel, table=True):
    """That a task carries a tag."""

    __tablename__ = "task_tags"

    task_id: uuid.UUID = Field(foreign_key="tasks.id", ondelete="CASCADE", primary_key=True)
    tag_id: uuid.UUID = Field(foreign_key="tags.id", ondelete="CASCADE", primary_key=True, index=True)
