import logging
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

SECRET = "Ck2mPq7vXz4wRt9yLb3nHs6dGf8jKe5a"

# `app.main` makes an application as soon as it is imported.
os.environ |= {"DATABASE_URL": "postgresql://nobody@127.0.0.1/none", "JWT_SECRET": SECRET}

from app.auth.models import AuthSession  # noqa: E402
from app.auth.repository import SessionRepository  # noqa: E402
from app.auth.tokens import AccessClaims, RefreshToken  # noqa: E402
from app.fields import utcnow  # noqa: E402
from app.logging import configure_logging  # noqa: E402
from app.main import create_app  # noqa: E402
from app.migrate import migrate  # noqa: E402
from app.settings import Settings  # noqa: E402
from app.users.models import User  # noqa: E402
from app.users.repository import UserRepository  # noqa: E402
from tests.postgres import PostgresServer  # noqa: E402
from tests.scripted import make_scripted  # noqa: E402

# The clients of the tests would write into the log of the application.
for name in ("httpx", "httpx2"):
    logging.getLogger(name).setLevel(logging.WARNING)

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(autouse=True)
def _log_to_stdout() -> None:
    # What a test before captured is closed by now.
    configure_logging(make_settings("postgresql://nobody@127.0.0.1/none"))


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A database server on which the tests may create databases."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    server = PostgresServer()
    yield server.url
    server.remove()


@asynccontextmanager
async def temporary_database(server_url: str, name: str) -> AsyncIterator[str]:
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}"')
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


@pytest.fixture(scope="session")
async def database_url(server_url: str, worker_id: str, anyio_backend: object) -> AsyncIterator[str]:
    """A database of this worker's own, at the newest revision."""
    async with temporary_database(server_url, f"todo_test_{worker_id}") as url:
        await migrate(make_settings(url))
        yield url


@pytest.fixture
async def empty_database_url(server_url: str, worker_id: str) -> AsyncIterator[str]:
    """A database without any tables."""
    async with temporary_database(server_url, f"todo_empty_{worker_id}") as url:
        yield url


def make_settings(database_url: str, **overrides: Any) -> Settings:
    values: dict[str, Any] = {"database_url": database_url, "jwt_secret": SECRET, "migration_timeout": 5}
    values["scheduler_enabled"] = False
    return Settings(**values | overrides)


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """The application, started, and a client for it."""
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://todo") as client,
    ):
        yield client


@pytest.fixture(scope="session")
async def app(database_url: str) -> FastAPI:
    return create_app(make_settings(database_url), make_scripted)


@pytest.fixture(scope="session")
async def shared_client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with running(app) as client:
        yield client


@pytest.fixture(scope="session")
async def shared_database(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def database(shared_database: Any) -> Any:
    """A plain connection to the application's database, which is emptied first."""
    if shared_database.is_in_transaction():  # of a test that failed half-way
        await shared_database.execute("ROLLBACK")
    await shared_database.execute("TRUNCATE users, rate_limits, discarded_files CASCADE")
    return shared_database


@pytest.fixture
async def client(shared_client: AsyncClient, database: Any) -> AsyncClient:
    return shared_client


@pytest.fixture
def run_app(database_url: str, database: Any) -> Callable[..., AbstractAsyncContextManager[AsyncClient]]:
    """Starts an application with settings of its own on the same database."""
    return lambda **overrides: running(create_app(make_settings(database_url, **overrides), make_scripted))


@dataclass
class Caller:
    """A user who is logged in."""

    client: AsyncClient
    email: str
    access_token: str
    refresh_token: str

    async def call(self, method: str, path: str, headers: dict[str, str] | None = None, **arguments: Any) -> Response:
        authorization = {"Authorization": f"Bearer {self.access_token}"}
        return await self.client.request(method, f"/api/v1{path}", headers=authorization | (headers or {}), **arguments)

    async def add_task(self, title: str = "Water the plants", **fields: Any) -> dict[str, Any]:
        response = await self.call("POST", "/tasks", json={"title": title, **fields})
        assert response.status_code == 201, response.text
        task: dict[str, Any] = response.json()
        return task


NewUser = Callable[[str], Awaitable[Caller]]


async def log_in(client: AsyncClient, email: str, password: str = PASSWORD) -> Caller:
    response = await client.post("/api/v1/auth/login", json={"email": email, "password": password})
    assert response.status_code == 200, response.text
    tokens = response.json()
    return Caller(client, email, tokens["access_token"], tokens["refresh_token"])


async def sign_up(client: AsyncClient, email: str, password: str = PASSWORD) -> Caller:
    response = await client.post("/api/v1/auth/signup", json={"email": email, "password": password})
    assert response.status_code == 201, response.text
    return await log_in(client, email, password)


@pytest.fixture(scope="session")
async def password_hash(app: FastAPI) -> str:
    stored: str = await app.state.passwords.hash(PASSWORD)
    return stored


@pytest.fixture
def new_user(app: FastAPI, shared_client: AsyncClient, client: AsyncClient, password_hash: str) -> NewUser:
    """Makes users who are logged in, without the slow hashing."""

    async def make(email: str) -> Caller:
        async with app.state.database.session() as session:
            user = await UserRepository(session).save(User(email=email, password_hash=password_hash))
            refresh = RefreshToken.generate(uuid.uuid4())
            await SessionRepository(session).add(
                AuthSession(
                    id=refresh.session_id,
                    user_id=user.id,
                    token_hash=refresh.hash,
                    expires_at=utcnow() + timedelta(days=1),
                )
            )
        access = app.state.tokens.issue(AccessClaims(user_id=user.id, session_id=refresh.session_id))
        return Caller(client, email, access, refresh.value)

    return make


@pytest.fixture
async def ann(new_user: NewUser) -> Caller:
    return await new_user("ann@example.com")


@pytest.fixture
async def bob(new_user: NewUser) -> Caller:
    return await new_user("bob@example.com")


def assert_problem(response: Response, status: int, *fields: str) -> dict[str, Any]:
    """An RFC 9457 problem document with this status, that finds fault with these fields."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == response.headers["x-request-id"]
    assert [error["field"] for error in problem["errors"]] == [*fields]
    return problem
