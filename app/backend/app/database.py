"""The connection to PostgreSQL: one engine a process, one session a request."""

import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from sqlalchemy import Insert, Row, Select, event
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import result_tuple
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import ConflictError, UnavailableError, VanishedError
from app.metrics import CONNECTIONS
from app.settings import Settings

# Classes of SQLSTATE that say "not now": connection, conflict with another, resources, operator.
_TRANSIENT_CLASSES = {"08", "40", "53", "57"}
_FOREIGN_KEY_VIOLATION = "23503"

_RETURNED = "returned"
_PING_AFTER = 5
"""Seconds after which a connection may have ended without a word."""


class DatabaseUnavailableError(UnavailableError):
    """PostgreSQL does not answer; `reason` says why without address or credentials."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("The database does not answer at the moment.")


class Database:
    """The engine and its sessions; made in the process that uses it."""

    def __init__(self, settings: Settings) -> None:
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=_connector(settings, settings.database_command_timeout),
            pool_size=settings.pool_size,
            max_overflow=settings.pool_overflow,
            pool_timeout=settings.database_pool_timeout,
            pool_recycle=settings.database_pool_recycle,
            hide_parameters=True,
        )
        event.listen(self._engine.sync_engine, "checkout", self._check)
        event.listen(self._engine.sync_engine, "checkin", _note_time)
        event.listen(self._engine.sync_engine, "checkout", lambda *_: CONNECTIONS.inc())
        event.listen(self._engine.sync_engine, "checkin", lambda *_: CONNECTIONS.dec())
        self._sessions = async_sessionmaker(self._engine, class_=AsyncSession, expire_on_commit=False)
        self._without_transaction = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def session(self, *, reading: bool = False) -> AsyncIterator[AsyncSession]:
        """A session that is committed at the end, or rolled back on an error; for `reading` there is no transaction."""
        with translate_errors():
            async with self._sessions(bind=self._without_transaction if reading else self._engine) as session:
                yield session
                await session.commit()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction of its own."""
        with translate_errors():
            async with self._engine.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    def _check(self, connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        """Replace connections that have ended; the server is asked only about one that was idle for a while."""
        answers = not connection.driver_connection.is_closed()
        if answers and time.monotonic() - record.info.get(_RETURNED, math.inf) > _PING_AFTER:
            try:
                self._engine.dialect.do_ping(connection)
            except (OSError, self._engine.dialect.loaded_dbapi.Error):
                answers = False
        if not answers:
            raise InvalidatePoolError


class Statement:
    """A statement of the hot paths: compiled once and handed to the driver, past what SQLAlchemy does for each anew.

    It begins no transaction: as the first of its session it stands for itself, and is committed with its end.
    """

    def __init__(self, statement: Select[Any] | Insert) -> None:
        compiled = statement.compile(dialect=PGDialect_asyncpg(), compile_kwargs={"render_postcompile": True})  # type: ignore[no-untyped-call]
        self._sql = str(compiled)
        self._values = dict(compiled.params)
        self._names = list(compiled.positiontup or ())
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        self._row = result_tuple([str(column.key) for column in columns])

    async def fetch(self, session: AsyncSession, values: Mapping[str, Any]) -> list[Row[Any]]:
        """The rows, with these values for the parameters of those names; they are as the driver gives them."""
        driver = await session.run_sync(_driver)
        arguments = (values[name] if name in values else self._values[name] for name in self._names)
        return [self._row(record.values()) for record in await driver.fetch(self._sql, *arguments)]


def _driver(session: Session) -> asyncpg.Connection:
    return session.connection().connection.driver_connection


def _note_time(_: object, record: ConnectionPoolEntry) -> None:
    record.info[_RETURNED] = time.monotonic()


def migration_engine(settings: Settings) -> AsyncEngine:
    """An engine for migrations: nothing is pooled and a statement may take its time."""
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=_connector(settings, None), poolclass=NullPool, hide_parameters=True
    )


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn what a database that is away raises into DatabaseUnavailableError."""
    try:
        yield
    except PoolTimeoutError:
        raise DatabaseUnavailableError("no free connection") from None
    except OSError as error:
        raise DatabaseUnavailableError(_reason(error)) from error
    except asyncpg.PostgresError as error:  # of a Statement
        if error.sqlstate == _FOREIGN_KEY_VIOLATION:
            raise VanishedError("What the request is about was deleted in the meantime.") from None
        if (error.sqlstate or "")[:2] in _TRANSIENT_CLASSES:
            raise DatabaseUnavailableError("connection lost") from error
        raise
    except asyncpg.InterfaceError as error:
        raise DatabaseUnavailableError("connection lost") from error
    except DBAPIError as error:
        if sqlstate(error) == _FOREIGN_KEY_VIOLATION:
            raise VanishedError("What the request is about was deleted in the meantime.") from None
        if error.connection_invalidated or (sqlstate(error) or "")[:2] in _TRANSIENT_CLASSES:
            raise DatabaseUnavailableError("connection lost") from error
        raise


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's code of an error."""
    return getattr(error.orig, "sqlstate", None)


def constraint_name(error: DBAPIError) -> str | None:
    """The constraint that a statement broke."""
    return getattr(error.orig and error.orig.__cause__, "constraint_name", None)


@contextmanager
def taken(fields: Mapping[str, str]) -> Iterator[None]:
    """Turn the breach of a unique constraint into a ConflictError that names its field."""
    try:
        yield
    except IntegrityError as error:
        field = fields.get(constraint_name(error) or "")
        if field is None:
            raise
        raise ConflictError(field, "is already taken") from None


def _connector(settings: Settings, command_timeout: float | None) -> Callable[[], Awaitable[Any]]:
    async def connect() -> Any:
        reason = ""
        for dsn in settings.database_dsns:
            try:
                return await asyncpg.connect(
                    dsn,
                    timeout=settings.database_connect_timeout,
                    command_timeout=command_timeout,
                    server_settings={"application_name": "todo-backend"},
                )
            except asyncpg.InvalidAuthorizationSpecificationError as error:
                reason = _reason(error)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                raise DatabaseUnavailableError(_reason(error)) from None
        raise DatabaseUnavailableError(reason)

    return connect


_REASONS: dict[type[Exception], str] = {
    TimeoutError: "connection timeout",
    ConnectionError: "connection refused",
    OSError: "host not found or not reachable",
    asyncpg.InvalidAuthorizationSpecificationError: "access denied",
    asyncpg.InvalidCatalogNameError: "no such database",
    asyncpg.TooManyConnectionsError: "too many connections",
    asyncpg.CannotConnectNowError: "starting up or shutting down",
    asyncpg.InterfaceError: "wrong connection parameters",
}


def _reason(error: Exception) -> str:
    # The driver's own messages hold names and addresses.
    return next((reason for kind, reason in _REASONS.items() if isinstance(error, kind)), "not available")
