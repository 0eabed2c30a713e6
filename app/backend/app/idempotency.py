"""A POST that is repeated under the same key is done once, and answered alike."""

import uuid
from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

from app.fields import utcnow

KEY_LENGTH = 255


class IdempotencyKey(SQLModel, table=True):
    """A request that was done, and its answer; both are written in one transaction."""

    __tablename__ = "idempotency_keys"

    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    key: str = Field(max_length=KEY_LENGTH, primary_key=True)
    request_hash: bytes
    status: int | None = None
    location: str | None = Field(default=None, max_length=500)
    body: bytes | None = None
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True), index=True)
