"""The table of users."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime
from sqlmodel import Field, SQLModel

from app.fields import utcnow


class User(SQLModel, table=True):
    """An account. E-mail and username are held in lower case, so that they are unique whatever their case."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("username = lower(username)", name="username_lower"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    email: str = Field(max_length=255, unique=True)
    username: str | None = Field(default=None, max_length=50, unique=True)
    password_hash: str = Field(max_length=255)
    is_active: bool = True
    is_admin: bool = False
    is_user: bool = True
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(
        default_factory=utcnow, sa_type=DateTime(timezone=True), sa_column_kwargs={"onupdate": utcnow}
    )
