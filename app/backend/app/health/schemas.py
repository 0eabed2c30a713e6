"""What the probes answer."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The state of the application, for people and monitors."""

    status: Literal["healthy", "unhealthy"]
    timestamp: datetime
    database: str = Field(description='"connected", or "error: " and why not')
    openai: str | None = Field(None, description='With `deep`: "available", or "error: " and why not')
    assistant: str | None = Field(None, description="With `deep`: who answers, and whether they would now")


class Probe(BaseModel):
    """The answer to one of Kubernetes' questions."""

    status: Literal["ok", "unavailable"]
    detail: str | None = Field(None, description="Why not")
