"""The list of tasks as one would write it for speed alone: Starlette, asyncpg and one statement, for one user."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.tasks.filters import TaskFilter
from app.tasks.repository import page_statement, page_values

OWNER = uuid.UUID(os.environ["BENCH_USER_ID"])
_COMPILED = page_statement(TaskFilter()).compile(dialect=PGDialect_asyncpg())  # type: ignore[no-untyped-call]
"""The statement that the application sends."""


@asynccontextmanager
async def _pool(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10) as pool:
        app.state.pool = pool
        yield


async def list_tasks(request: Request) -> JSONResponse:
    """The newest tasks."""
    values = page_values(OWNER, TaskFilter(), 50)
    arguments = [values[name] for name in _COMPILED.positiontup or ()]
    rows = await request.app.state.pool.fetch(str(_COMPILED), *arguments)
    items = [
        {name: value if isinstance(value, str | bool | list | None) else str(value) for name, value in row.items()}
        for row in rows[:50]
    ]
    return JSONResponse({"items": items, "next_cursor": None})


app = Starlette(routes=[Route("/tasks", list_tasks)], lifespan=_pool)
