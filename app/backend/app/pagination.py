"""Pages by key: each tells where the next begins, and costs the same however far down it is."""

import base64
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from app.errors import InvalidError

MAXIMUM_LIMIT = 100

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Part of a list, newest first."""

    model_config = ConfigDict(from_attributes=True)

    items: list[T]
    next_cursor: str | None = Field(description="Pass it as `cursor` to get the next page; null on the last one")


@dataclass(frozen=True)
class Cursor:
    """The last row of a page."""

    created_at: datetime
    id: uuid.UUID

    def encode(self) -> str:
        """As text for a URL."""
        text = json.dumps([self.created_at.isoformat(), self.id.hex])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """From text for a URL; raises InvalidError."""
        try:
            created_at, id_ = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            cursor = cls(datetime.fromisoformat(created_at), uuid.UUID(hex=id_))
        except (ValueError, TypeError, AttributeError):
            raise InvalidError("cursor", "is not one that this list gave", "query") from None
        if cursor.created_at.tzinfo is None:
            raise InvalidError("cursor", "is not one that this list gave", "query")
        return cursor


@dataclass(frozen=True)
class PageQuery:
    """Which page of a list is asked for."""

    limit: Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)] = 50
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")] = None

    @property
    def after(self) -> Cursor | None:
        """The row that the page begins after."""
        return Cursor.decode(self.cursor) if self.cursor else None


@dataclass(frozen=True)
class Slice(Generic[T]):
    """The rows of a page."""

    items: Sequence[T]
    next_cursor: str | None

    @classmethod
    def cut(cls, rows: Sequence[T], limit: int, key: Callable[[T], Cursor]) -> "Slice[T]":
        """The first `limit` of rows that were read with one more, which tells whether there is a next page."""
        items = rows[:limit]
        return cls(items, key(items[-1]).encode() if len(rows) > limit else None)
