"""What the API takes and gives of the confirmation of an e-mail address."""

from pydantic import BaseModel, ConfigDict, Field


class ConfirmationRead(BaseModel):
    """How it stands with the user's address."""

    enabled: bool = Field(description="Whether e-mail is sent here at all")
    confirmed: bool = Field(description="Whether the address is the user's; reminders are mailed to such ones only")


class ConfirmationToken(BaseModel):
    """What the link in the letter ends with."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=2048)
