"""Tells in words how a database's schema differs from the one that the models describe."""

from collections.abc import Iterator
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Table
from sqlmodel import SQLModel

import app.models  # noqa: F401

_CHANGES = {"add": "is missing", "remove": "is unknown"}
_SORTS = {
    "table": "table",
    "column": "column",
    "index": "index",
    "constraint": "unique constraint",
    "fk": "foreign key",
}


def differences(connection: Connection) -> list[str]:
    """Each table, column, index, key or constraint that is missing, unknown or different."""
    found = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    return sorted({text for difference in found for text in _describe(difference)})


def _describe(difference: Any) -> Iterator[str]:
    if isinstance(difference, list):  # all that differs in one column
        for kind, _, table, column, *_ in difference:
            yield f"column {table}.{column} differs in its {kind.removeprefix('modify_')}"
        return
    change, _, sort = difference[0].partition("_")
    yield f"{_SORTS[sort]} {_name(difference)} {_CHANGES[change]}"


def _name(difference: tuple[Any, ...]) -> str:
    item = difference[-1]
    if isinstance(item, Table):
        return item.name
    if isinstance(item, Column):
        return f"{difference[-2]}.{item.name}"
    return f"on {item.table.name} ({', '.join(column.name for column in item.columns)})"
