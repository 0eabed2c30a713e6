"""What the API takes and gives as a category."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.categories.models import NAME_LENGTH
from app.fields import Line
from app.pagination import Page

CategoryName = Annotated[Line, Field(max_length=NAME_LENGTH)]
_Color = Annotated[str, Field(pattern="^#[0-9A-Fa-f]{6}$", description="Like #ff8800")]
_Icon = Annotated[Line, Field(max_length=50, description="Name of an icon, or an emoji")]


class CategoryCreate(BaseModel):
    """A new category."""

    model_config = ConfigDict(extra="forbid")

    name: CategoryName
    color: _Color | None = None
    icon: _Icon | None = None


class CategoryPatch(BaseModel):
    """Changes to a category: what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: CategoryName = Field(default_factory=str)
    color: _Color | None = Field(default_factory=lambda: None)
    icon: _Icon | None = Field(default_factory=lambda: None)


class CategoryRead(BaseModel):
    """A category."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str
    color: str | None
    icon: str | None
    created_at: datetime


class CategoryPage(Page[CategoryRead]):
    """A part of the list of categories, by name."""
