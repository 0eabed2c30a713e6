"""Is the database there, and is its schema the one this code needs?"""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.database import Database, DatabaseUnavailableError
from app.migrations import HEAD, is_at_least


class HealthService:
    """Checks that give the reason of a failure, or None; no check outlasts `timeout` seconds."""

    def __init__(self, database: Database, timeout: float) -> None:
        self._database = database
        self._timeout = timeout

    async def database_failure(self) -> str | None:
        """Why the database does not answer."""
        try:
            async with asyncio.timeout(self._timeout), self._database.connection() as connection:
                await connection.execute(text("SELECT 1"))
        except DatabaseUnavailableError as error:
            return error.reason
        except TimeoutError:
            return "connection timeout"
        return None

    async def schema_failure(self) -> str | None:
        """Why the schema is not one that this code can work on; a newer one is."""
        try:
            async with asyncio.timeout(self._timeout), self._database.connection() as connection:
                revision = await _revision(connection)
        except DatabaseUnavailableError as error:
            return f"database: {error.reason}"
        except TimeoutError:
            return "database: connection timeout"
        return None if revision and is_at_least(revision) else f"schema is at {revision or 'none'}, needs {HEAD}"


async def _revision(connection: AsyncConnection) -> str | None:
    if not (await connection.execute(text("SELECT to_regclass('alembic_version')"))).scalar():
        return None
    return (await connection.execute(text("SELECT max(version_num) FROM alembic_version"))).scalar()
