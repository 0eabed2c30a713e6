"""Rate limits that hold for all workers and replicas: their counters are in PostgreSQL."""

import hashlib
import hmac
import math
import time
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from limits import RateLimitItem
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from sqlalchemy import DateTime, Row, case, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, SQLModel, col, delete, select

from app.database import Database
from app.errors import TooManyRequestsError


class RateLimitCounter(SQLModel, table=True):
    """Hits within one window; its key is a keyed hash, so that no address is stored."""

    __tablename__ = "rate_limits"

    key: str = Field(max_length=200, primary_key=True)
    hits: int
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)


class RateLimiter:
    """Counts hits of a subject against a limit."""

    def __init__(self, database: Database, key: str) -> None:
        self._strategy = FixedWindowRateLimiter(PostgresStorage(database))
        self._key = key.encode()

    async def hit(self, item: RateLimitItem, scope: str, subject: str) -> None:
        """Count one hit; raises TooManyRequestsError when the limit is passed."""
        digest = hmac.new(self._key, subject.encode(), hashlib.sha256).hexdigest()
        if not await self._strategy.hit(item, scope, digest):
            window = await self._strategy.get_window_stats(item, scope, digest)
            raise TooManyRequestsError(max(1, math.ceil(window.reset_time - time.time())))


def address_subject(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 network that an IPv6 client may roam in."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address


class PostgresStorage(Storage):
    """The storage that `limits` asks for, in one table."""

    STORAGE_SCHEME = None
    base_exceptions = SQLAlchemyError

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter, or start it anew if its window is over."""
        table = RateLimitCounter
        fresh = insert(table).values(key=key, hits=amount, expires_at=func.now() + timedelta(seconds=expiry))
        over = col(table.expires_at) <= func.now()
        statement = fresh.on_conflict_do_update(
            index_elements=[col(table.key)],
            set_={
                "hits": case((over, amount), else_=col(table.hits) + amount),
                "expires_at": case((over, fresh.excluded.expires_at), else_=col(table.expires_at)),
            },
        ).returning(col(table.hits))
        async with self._database.connection() as connection:
            hits: int = (await connection.execute(statement)).scalar_one()
        return hits

    async def get(self, key: str) -> int:
        """The hits in the present window."""
        counter = await self._read(key)
        return counter[0] if counter else 0

    async def get_expiry(self, key: str) -> float:
        """When the present window ends, in seconds since the epoch."""
        counter = await self._read(key)
        return counter[1].timestamp() if counter else time.time()

    async def _read(self, key: str) -> Row[int, datetime] | None:
        table = RateLimitCounter
        statement = select(table.hits, table.expires_at).where(table.key == key, col(table.expires_at) > func.now())
        async with self._database.connection() as connection:
            return (await connection.execute(statement)).first()

    async def check(self) -> bool:
        """Whether the storage answers; it raises if it does not."""
        await self.get("")
        return True

    async def reset(self) -> int:
        """Forget everything; gives the number of counters."""
        async with self._database.connection() as connection:
            return (await connection.execute(delete(RateLimitCounter))).rowcount

    async def clear(self, key: str) -> None:
        """Forget one counter."""
        async with self._database.connection() as connection:
            await connection.execute(delete(RateLimitCounter).where(col(RateLimitCounter.key) == key))
