"""Is the database there, and is its schema the one this code needs?"""

import asyncio
import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.assistant import ProviderStatus
from app.chat.assistants import Answering
from app.database import Database, DatabaseUnavailableError
from app.migrations import HEAD, is_at_least

_PROVIDER_TIMEOUT = 5
_PROVIDER_SECONDS = 30


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


class ProviderCheck:
    """Whether the assistant would answer. Anybody may ask, so that the provider is asked only now and then."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._found: ProviderStatus | None = None
        self._asked_at = 0.0

    async def states(self, assistant: Answering) -> dict[str, str]:
        """As a whole, and under the provider's name in document 001."""
        async with self._lock:
            if self._found is None or time.monotonic() > self._asked_at + _PROVIDER_SECONDS:
                self._found = await self._ask(assistant)
                self._asked_at = time.monotonic()
        found = self._found
        state = "available" if found.available else f"error: {found.reason}"
        is_openai = found.provider in {"openai", "compatible", "agent"}
        return {"assistant": f"{found.provider}: {state}", "openai": state if is_openai else "error: not configured"}

    def forget(self) -> None:
        """Ask again the next time."""
        self._found = None

    async def _ask(self, assistant: Answering) -> ProviderStatus:
        try:
            async with asyncio.timeout(_PROVIDER_TIMEOUT):
                return await assistant.check()
        except TimeoutError:
            return ProviderStatus(provider="assistant", available=False, reason="connection timeout")


async def _revision(connection: AsyncConnection) -> str | None:
    if not (await connection.execute(text("SELECT to_regclass('alembic_version')"))).scalar():
        return None
    return (await connection.execute(text("SELECT max(version_num) FROM alembic_version"))).scalar()
