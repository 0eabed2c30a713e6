"""What the API takes from and gives to administrators."""

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from app.pagination import Page
from app.users.schemas import UserRead


class UserPage(Page[UserRead]):
    """A part of the list of users, newest first."""


class UserAdminPatch(BaseModel):
    """What an administrator changes of a user: what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    is_active: StrictBool = Field(default_factory=bool, description="Without it nobody logs in, and no session goes on")
    is_user: StrictBool = Field(default_factory=bool, description="Without it the account is read-only")
    is_admin: StrictBool = Field(default_factory=bool)


class Stats(BaseModel):
    """How much there is."""

    users: int
    active_users: int
    tasks: int = Field(description="As the database estimates it")
    open_sessions: int
    attachments: int
    attachment_bytes: int
