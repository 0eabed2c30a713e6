"""The table of jobs."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

NAME_LENGTH = 100


class ScheduledJob(SQLModel, table=True):
    """When a job is to run next, if ever again. Whoever runs it locks its row, and the lock ends with the process."""

    __tablename__ = "scheduled_jobs"

    name: str = Field(max_length=NAME_LENGTH, primary_key=True)
    due_at: datetime | None = Field(sa_type=DateTime(timezone=True))
