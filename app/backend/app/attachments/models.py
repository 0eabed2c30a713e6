"""The tables of attachments and of stored files that nothing refers to."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime
from sqlmodel import Field, SQLModel

from app.fields import utcnow

FILENAME_LENGTH = 255


class Attachment(SQLModel, table=True):
    """A file of a task. Its content is in the storage, under `file_path`.

    When a row goes, by whatever cascade, a trigger notes its path among the discarded files.
    """

    __tablename__ = "attachments"
    __table_args__ = (CheckConstraint("file_size >= 0", name="file_size"),)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    task_id: uuid.UUID = Field(foreign_key="tasks.id", ondelete="CASCADE", index=True)
    filename: str = Field(max_length=FILENAME_LENGTH)
    file_path: str = Field(max_length=500, unique=True)
    file_size: int
    mime_type: str = Field(max_length=100)
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True))


class DiscardedFile(SQLModel, table=True):
    """A stored file to be removed after a moment: its row is gone, or its upload may never have ended."""

    __tablename__ = "discarded_files"

    file_path: str = Field(max_length=500, primary_key=True)
    remove_after: datetime = Field(sa_type=DateTime(timezone=True), index=True)
