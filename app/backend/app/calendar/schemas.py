"""What the API gives of a calendar feed."""

from pydantic import BaseModel, Field


class FeedRead(BaseModel):
    """A feed, as it is told once."""

    path: str = Field(description="Where calendars find it; whoever knows it sees the tasks")
