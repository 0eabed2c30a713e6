"""What the API gives as an attachment."""

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

MAXIMUM_ATTACHMENTS = 20


class AttachmentRead(BaseModel):
    """A file of a task."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    task_id: uuid.UUID
    filename: str
    file_size: int = Field(description="In bytes")
    mime_type: str
    created_at: datetime


class AttachmentList(BaseModel):
    """Every attachment of a task, oldest first."""

    items: list[AttachmentRead]
    enabled: bool = Field(description="Whether files can be attached: only if there is a storage")
