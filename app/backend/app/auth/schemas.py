"""What sign-up, log-in and the account take and give."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.auth.models import CLIENT_LENGTH
from app.fields import Email, Line, Text
from app.pagination import Page

_Username = Annotated[
    str, Field(min_length=3, max_length=50, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"), AfterValidator(str.lower)
]
_NewPassword = Annotated[
    Text, Field(min_length=8, max_length=256, description="At least 8 characters, and no common password")
]


class SignupRequest(BaseModel):
    """A new account."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    password: _NewPassword
    username: _Username | None = None


class LoginRequest(BaseModel):
    """Who wants in."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    password: str = Field(min_length=1, max_length=1024)


class AccountPatch(BaseModel):
    """Changes to the account: what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    email: Email = Field(default_factory=str)
    username: _Username | None = Field(default_factory=lambda: None)
    password: _NewPassword = Field(default_factory=str)
    current_password: str = Field("", max_length=1024, description="To change the e-mail address or the password")

    @property
    def needs_password(self) -> bool:
        """Whether it changes what the account can be taken over by."""
        return not {"email", "password"}.isdisjoint(self.model_fields_set)

    def profile(self) -> dict[str, Any]:
        """The values of the columns that the request names, but for the password."""
        return self.model_dump(exclude_unset=True, include={"email", "username"})


class RefreshRequest(BaseModel):
    """The refresh token that is to be exchanged."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: str = Field(max_length=256)


class TokenPair(BaseModel):
    """What a client holds to act for a user."""

    access_token: str = Field(description="For the header `Authorization: Bearer`")
    refresh_token: str = Field(
        description="Good for one exchange at auth/refresh; using it again after a short grace ends the session"
    )
    token_type: Literal["bearer"] = "bearer"
    expires_in: int = Field(description="Life of the access token in seconds")


class TokenRequest(BaseModel):
    """A token for a program that can't log in, such as a client of the MCP server."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Line, Field(max_length=CLIENT_LENGTH, description="What the session is called in the list")]
    days: int = Field(90, ge=1, le=366, description="How long it is good")
    current_password: str = Field(max_length=1024)


class ProgramToken(BaseModel):
    """A token that is shown once; ending its session makes it void."""

    session_id: uuid.UUID
    access_token: str = Field(description="For the header `Authorization: Bearer`")
    expires_at: datetime


class SessionRead(BaseModel):
    """A log-in that is still good."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    client: str | None = Field(description="What the program that logged in calls itself")
    created_at: datetime
    last_used_at: datetime = Field(description="When its tokens were last renewed")
    expires_at: datetime


class SessionPage(Page[SessionRead]):
    """A part of the list of sessions, newest first."""

    current: uuid.UUID = Field(description="The session that asks")
