"""The table of confirmations."""

import uuid
from datetime import datetime

from sqlalchemy import DateTime, Index, text
from sqlmodel import Field, SQLModel


class EmailConfirmation(SQLModel, table=True):
    """The address of a user that was last to be confirmed; it says nothing of an address that came after it."""

    __tablename__ = "email_confirmations"
    __table_args__ = (
        Index("ix_email_confirmations_waiting", "requested_at", postgresql_where=text("requested_at IS NOT NULL")),
    )

    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    email: str = Field(max_length=255)
    requested_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    confirmed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
