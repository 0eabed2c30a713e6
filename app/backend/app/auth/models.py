"""The table of sessions."""

import uuid
from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

from app.fields import utcnow

CLIENT_LENGTH = 255


class AuthSession(SQLModel, table=True):
    """A log-in. Its refresh token changes at every use; only the hash of the current one is held.

    `client` is what the program that logged in calls itself, so that a user can tell their sessions apart.
    """

    __tablename__ = "sessions"

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    token_hash: bytes
    client: str | None = Field(default=None, max_length=CLIENT_LENGTH)
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
    last_used_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
