"""The table of calendar feeds."""

import uuid
from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

from app.fields import utcnow


class CalendarFeed(SQLModel, table=True):
    """A user's feed. Its address holds a secret, of which only the hash is kept."""

    __tablename__ = "calendar_feeds"

    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    token_hash: bytes = Field(unique=True)
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
