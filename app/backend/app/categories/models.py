"""The table of categories."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.fields import utcnow

NAME_LENGTH = 100


class Category(SQLModel, table=True):
    """One of the drawers that a user sorts tasks into."""

    __tablename__ = "categories"
    __table_args__ = (UniqueConstraint("user_id", "name"), CheckConstraint("btrim(name) <> ''", name="name_not_blank"))

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    name: str = Field(max_length=NAME_LENGTH)
    color: str | None = Field(default=None, max_length=7)
    icon: str | None = Field(default=None, max_length=50)
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
