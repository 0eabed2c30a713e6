"""Users with tasks, as many as one likes, in a database of their own."""

import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg

from app.auth.models import AuthSession
from app.auth.repository import SessionRepository
from app.auth.tokens import AccessClaims, AccessTokens
from app.database import Database
from app.fields import utcnow
from app.migrate import migrate
from app.settings import Settings
from tests.conftest import make_settings, temporary_database

# The tasks of all users lie mixed, as they would if all of them wrote at once. A fifth is
# tagged `home`, a tenth has to do with a passport, four have with a zeppelin.
_FILL = [
    """
    INSERT INTO users (id, email, password_hash, is_active, is_admin, is_user, created_at, updated_at)
    SELECT md5('user' || u)::uuid, 'user' || u || '@example.com', 'none', true, false, true, now(), now()
    FROM generate_series(1, $1::int) u
    """,
    """
    INSERT INTO categories (id, user_id, name, created_at)
    SELECT md5('category' || u || c)::uuid, md5('user' || u)::uuid, 'category ' || c, now()
    FROM generate_series(1, $1::int) u, generate_series(0, 9) c
    """,
    """
    INSERT INTO tags (id, user_id, name, created_at)
    SELECT md5('tag' || u || t)::uuid, md5('user' || u)::uuid, CASE t WHEN 0 THEN 'home' ELSE 'tag ' || t END, now()
    FROM generate_series(1, $1::int) u, generate_series(0, 9) t
    """,
    """
    INSERT INTO tasks (
      id, user_id, title, description, status, priority, due_date, category_id, recurrence_timezone,
      recurrence_from_completion, completed_at, created_at, updated_at
    )
    SELECT
      md5('task' || u || '.' || n)::uuid, md5('user' || u)::uuid,
      (ARRAY['Call', 'Write to', 'Visit', 'Ask', 'Thank'])[1 + n % 5] || ' number ' || (n * 7919) % 1000
        || CASE WHEN n % 10 = 3 THEN ' about the passport' ELSE '' END,
      CASE n % 3 WHEN 0 THEN NULL ELSE
        repeat(md5(n::text) || ' ', 1 + n % 9) || CASE WHEN n % 333 = 1 THEN 'zeppelin' ELSE '' END END,
      (ARRAY['pending', 'in_progress', 'completed', 'pending'])[1 + n % 4],
      (ARRAY['low', 'medium', 'high', 'medium', 'low'])[1 + n % 5],
      CASE n % 2 WHEN 0 THEN timestamptz '2030-01-01' + (n * 7919) % 1000 * interval '1 hour' END,
      CASE n % 4 WHEN 0 THEN md5('category' || u || n % 10)::uuid END, 'UTC', false,
      CASE n % 4 WHEN 2 THEN now() END,
      timestamptz '2026-01-01' + n * interval '1 minute',
      timestamptz '2026-02-01' + (n * 7919) % 1000 * interval '1 minute'
    FROM generate_series(1, $2::int) n, generate_series(1, $1::int) u
    """,
    """
    INSERT INTO task_tags (task_id, tag_id)
    SELECT md5('task' || u || '.' || n)::uuid, md5('tag' || u || t)::uuid
    FROM generate_series(1, $2::int) n, generate_series(1, $1::int) u,
      LATERAL (VALUES (n % 10), ((n + 5) / 10 % 10)) _ (t)
    ON CONFLICT DO NOTHING
    """,
]


@asynccontextmanager
async def filled(server_url: str, users: int) -> AsyncIterator[Settings]:
    """The settings of an application whose database holds so many users."""
    async with temporary_database(server_url, f"users_{users}") as url:
        settings = make_settings(url, database_command_timeout=600)
        await migrate(settings)
        await insert(url, users, tasks=1000)
        yield settings


async def insert(url: str, users: int, tasks: int) -> None:
    """Make so many users with so many tasks each."""
    connection = await asyncpg.connect(url)
    for statement in _FILL:
        await connection.execute(statement.replace("$1", str(users)).replace("$2", str(tasks)))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def id_of(kind: str, *numbers: int) -> uuid.UUID:
    """The id of a user, by their number from 1 on, or of what is theirs."""
    text = kind + "".join(str(number) for number in numbers)
    return uuid.UUID(bytes=hashlib.md5(text.encode(), usedforsecurity=False).digest())


async def token(database: Database, settings: Settings, user: uuid.UUID) -> str:
    """An access token of a session that is open."""
    auth_session = AuthSession(id=uuid.uuid4(), user_id=user, token_hash=b"", expires_at=utcnow() + timedelta(days=1))
    async with database.session() as session:
        await SessionRepository(session).add(auth_session)
    return AccessTokens(settings).issue(AccessClaims(user_id=user, session_id=auth_session.id))
