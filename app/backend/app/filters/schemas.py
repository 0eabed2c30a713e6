"""What the API takes and gives as a saved filter."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.fields import Line
from app.filters.models import NAME_LENGTH
from app.tasks.filters import TaskFilter

MAXIMUM_FILTERS = 100

_Name = Annotated[Line, Field(max_length=NAME_LENGTH)]


class FilterCreate(BaseModel):
    """A new saved filter."""

    model_config = ConfigDict(extra="forbid")

    name: _Name
    filter: TaskFilter


class FilterPatch(BaseModel):
    """Changes to a saved filter: what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: _Name = Field(default_factory=str)
    filter: TaskFilter = Field(default_factory=TaskFilter)


class FilterRead(BaseModel):
    """A saved filter."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str
    filter: TaskFilter
    created_at: datetime
    updated_at: datetime


class FilterList(BaseModel):
    """Every saved filter, by name."""

    items: list[FilterRead]
