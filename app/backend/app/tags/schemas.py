"""What the API takes and gives as a tag."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.pagination import Page
from app.tags.models import NAME_LENGTH

MAXIMUM_TAGS = 50
_CSV = Annotated[
    str, StringConstraints(pattern=rf"^[^\x00,]{{0,{NAME_LENGTH}}}(,[^\x00,]{{0,{NAME_LENGTH}}}){{0,49}}$")
]

TagName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=NAME_LENGTH, pattern=r"^[^\x00,]*[^\s\x00,][^\x00,]*$"
    ),
]
"""A tag's name: not blank, and without commas, which part the tags of a list."""


def _split(value: object) -> object:
    if value is None:
        return []
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


TagNames = Annotated[
    list[TagName],
    Field(max_length=MAXIMUM_TAGS),
    AfterValidator(lambda names: sorted(set(names))),
    BeforeValidator(_split, json_schema_input_type=list[TagName] | _CSV | None),
]
"""Tags, as a list or with commas between them; each counts once."""


class TagCreate(BaseModel):
    """A new tag."""

    model_config = ConfigDict(extra="forbid")

    name: TagName


class TagPatch(TagCreate):
    """A tag's new name, which every task that carries it shows."""


class TagRead(BaseModel):
    """A tag."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str
    created_at: datetime


class TagPage(Page[TagRead]):
    """A part of the list of tags, by name."""
