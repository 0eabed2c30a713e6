"""What sign-up and log-in take and give."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.fields import Email, Text

_Username = Annotated[
    str, Field(min_length=3, max_length=50, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"), AfterValidator(str.lower)
]


class SignupRequest(BaseModel):
    """A new account."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    password: Text = Field(min_length=8, max_length=256, description="At least 8 characters, and no common password")
    username: _Username | None = None


class LoginRequest(BaseModel):
    """Who wants in."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    password: str = Field(min_length=1, max_length=1024)


class RefreshRequest(BaseModel):
    """The refresh token that is to be exchanged."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: str = Field(max_length=256)


class TokenPair(BaseModel):
    """What a client holds to act for a user."""

    access_token: str = Field(description="For the header `Authorization: Bearer`")
    refresh_token: str = Field(description="Good for one exchange at auth/refresh; using it twice ends the session")
    token_type: Literal["bearer"] = "bearer"
    expires_in: int = Field(description="Life of the access token in seconds")
