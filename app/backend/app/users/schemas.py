"""What the API says of a user."""

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict


class UserRead(BaseModel):
    """A user, as the user sees it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str
    username: str | None
    is_active: bool
    is_admin: bool
    is_user: bool
    created_at: datetime
    updated_at: datetime
