"""Pages by key: each tells where the next begins, and costs the same however far down it is."""

import base64
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    false,
    or_,
    tuple_,
)

from app.errors import InvalidError

MAXIMUM_LIMIT = 100
CURSOR_LENGTH = 600

T = TypeVar("T")
SelectT = TypeVar("SelectT", bound=Select[Any])
Key = datetime | str | int | None

Limit = Annotated[int, Field(ge=1, le=MAXIMUM_LIMIT)]
CursorText = Annotated[
    str | None, Field(max_length=CURSOR_LENGTH, description="`next_cursor` of the page before, in the same order")
]


class Page(BaseModel, Generic[T]):
    """Part of a list."""

    model_config = ConfigDict(from_attributes=True)

    items: list[T]
    next_cursor: str | None = Field(description="Pass it as `cursor` to get the next page; null on the last one")


@dataclass(frozen=True)
class PageQuery:
    """Which page of a list is asked for."""

    limit: int
    cursor: str | None


async def _get_page_query(
    limit: Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)] = 50,
    cursor: Annotated[
        str | None, Query(max_length=CURSOR_LENGTH, description="`next_cursor` of the page before")
    ] = None,
) -> PageQuery:
    return PageQuery(limit, cursor)


PageQueryDep = Annotated[PageQuery, Depends(_get_page_query)]


@dataclass(frozen=True)
class Slice(Generic[T]):
    """The rows of a page."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True)
class Order(Generic[T]):
    """How a list is sorted: by a column, and by id where that is equal; nulls are last when ascending."""

    name: str
    column: SQLColumnExpression[Any]
    id: SQLColumnExpression[uuid.UUID]
    kind: type[datetime] | type[str] | type[int]
    key: Callable[[T], tuple[Key, uuid.UUID]]
    """The column's value and the id of a row."""
    descending: bool = False
    nullable: bool = False

    def apply(self, statement: SelectT, limit: int, cursor: str | None) -> SelectT:
        """The statement for one page and the row after it; raises InvalidError for a cursor of another list."""
        if cursor:
            statement = statement.where(self._after(*self.decode(cursor)))
        columns = (self.column, self.id)
        return statement.order_by(*(c.desc() if self.descending else c.asc() for c in columns)).limit(
            bindparam("rows", limit + 1, Integer)
        )

    def cut(self, rows: Sequence[T], limit: int) -> Slice[T]:
        """The page's rows; the one after them tells whether there is a next page."""
        items = rows[:limit]
        return Slice(items, self._encode(*self.key(items[-1])) if len(rows) > limit else None)

    def _after(self, key: Key, id_: uuid.UUID) -> ColumnElement[bool]:
        after_id: BindParameter[uuid.UUID] = bindparam("after_id", id_)
        if key is None:
            null = self.column.is_(None)
            if self.descending:
                return or_(self.column.is_not(None), and_(null, self.id < after_id))
            return and_(null, self.id > after_id)
        here, there = tuple_(self.column, self.id), tuple_(bindparam("after", key), after_id)
        if self.descending:
            return here < there
        return or_(here > there, self.column.is_(None) if self.nullable else false())

    def _encode(self, key: Key, id_: uuid.UUID) -> str:
        text = json.dumps([self.name, key.isoformat() if isinstance(key, datetime) else key, id_.hex])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def decode(self, cursor: str) -> tuple[Key, uuid.UUID]:
        """The key after which a page begins; raises InvalidError for a cursor of another list."""
        try:
            name, key, id_ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            return self._read_key(name, key), uuid.UUID(hex=id_)
        except (ValueError, TypeError, AttributeError, OverflowError):
            raise InvalidError("cursor", "is not one that this list gave in this order", "query") from None

    def _read_key(self, name: object, key: Any) -> Key:
        if name != self.name:
            raise ValueError
        if key is None and self.nullable:
            return None
        if self.kind is datetime:
            moment = datetime.fromisoformat(key)
            if moment.tzinfo is None:
                raise ValueError
            return moment.astimezone(UTC)
        if type(key) is not self.kind:
            raise ValueError
        if (isinstance(key, str) and "\0" in key.encode().decode()) or (isinstance(key, int) and abs(key) >= 2**31):
            raise ValueError
        return key
