"""Every variable of the reference systems' ConfigMaps and Secrets does what its name says, seen from outside."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
from httpx import AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.main import create_app
from app.settings import ConfigurationError
from tests.conftest import PASSWORD, SECRET, running
from tests.server import serving
from tests.test_settings import ALL_NAMES

pytestmark = pytest.mark.anyio

OTHER_SECRET = SECRET[::-1]
LONG_SECRET = SECRET + OTHER_SECRET
SIGN_UP = {"email": "ann@example.com", "password": PASSWORD}


@dataclass
class Seen:
    """What there is to see of a running application."""

    client: AsyncClient
    database: Any
    log: Callable[[], str]

    async def api(self) -> dict[str, Any]:
        document: dict[str, Any] = (await self.client.get("/openapi.json")).json()
        return document

    async def token(self) -> str:
        await self.client.post("/api/v1/auth/signup", json=SIGN_UP)
        token: str = (await self.client.post("/api/v1/auth/login", json=SIGN_UP)).json()["access_token"]
        return token


async def prefix(seen: Seen) -> str:
    (path,) = [path for path in (await seen.api())["paths"] if path.endswith("/auth/login")]
    return str(path).removesuffix("/auth/login")


async def title(seen: Seen) -> str:
    return str((await seen.api())["info"]["title"])


async def version(seen: Seen) -> str:
    return str((await seen.api())["info"]["version"])


async def algorithm(seen: Seen) -> str:
    return str(jwt.get_unverified_header(await seen.token())["alg"])


async def life(seen: Seen) -> int:
    claims = jwt.decode(await seen.token(), options={"verify_signature": False})
    return int(claims["exp"] - claims["iat"])


async def is_signed_as_ever(seen: Seen) -> bool:
    try:
        jwt.decode(await seen.token(), SECRET, algorithms=["HS256"], options={"verify_aud": False})
    except jwt.InvalidSignatureError:
        return False
    return True


async def hashing(seen: Seen) -> str:
    await seen.token()
    return str(await seen.database.fetchval("SELECT substr(password_hash, 1, 7) FROM users"))


async def origin(seen: Seen) -> str | None:
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    allowed: str | None = (await seen.client.options("/api/v1/tasks", headers=headers)).headers.get(
        "access-control-allow-origin"
    )
    return allowed


async def is_request_logged(seen: Seen) -> bool:
    await seen.client.get("/api/v1/tasks")
    return '"route"' in seen.log()


async def is_server_logged(seen: Seen) -> bool:
    logging.getLogger("uvicorn.error").info("of the server")
    return "of the server" in seen.log()


async def is_log_json(seen: Seen) -> bool:
    await seen.client.get("/api/v1/tasks")
    return seen.log().startswith("{")


async def is_message_shown(seen: Seen) -> bool:
    await seen.client.get("/broken")
    return "what went wrong" in seen.log()


async def is_known_by_its_name(seen: Seen) -> bool:
    headers = {"Authorization": f"Bearer {await seen.token()}", "Accept": "application/json, text/event-stream"}
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    answer = await seen.client.post("/mcp", json=ping, headers={**headers, "Host": "backend-service:8000"})
    return answer.status_code != 421


async def runs_jobs(seen: Seen) -> bool:
    await asyncio.sleep(0.5)
    return bool(await seen.database.fetchval("SELECT count(*) FROM scheduled_jobs"))


VARIABLES: dict[str, tuple[Callable[[Seen], Awaitable[Any]], dict[str, Any]]] = {
    "API_PREFIX": (prefix, {"/api/v1": "/api/v1", "/v2": "/v2"}),
    "API_TITLE": (title, {"Todo API": "Todo API", "Another": "Another"}),
    "API_VERSION": (version, {"0.1.0": "0.1.0", "0.2.0": "0.2.0"}),
    "API_HOST": (is_known_by_its_name, {"backend-service": True, "elsewhere": False}),
    "API_LOG_LEVEL": (is_server_logged, {"info": True, "error": False}),
    "LOG_LEVEL": (is_request_logged, {"debug": True, "info": True, "warning": False}),
    "LOG_FORMAT": (is_log_json, {"json": True, "text": False}),
    "DEBUG": (is_message_shown, {"False": False, "True": True}),
    "CORS_ORIGINS": (
        origin,
        {
            "http://frontend:3000,http://localhost:3000": "http://localhost:3000",
            "http://todo.local": None,
            "*": "*",
        },
    ),
    "JWT_ALGORITHM": (algorithm, {"HS256": "HS256", "HS384": "HS384"}),
    "JWT_EXPIRY": (life, {"86400": 86400, "600": 600}),
    "JWT_EXPIRATION_HOURS": (life, {"24": 86400, "1": 3600}),
    "JWT_EXPIRE_DAYS": (life, {"7": 7 * 86400, "1": 86400}),
    "JWT_SECRET": (is_signed_as_ever, {SECRET: True, OTHER_SECRET: False}),
    "BETTER_AUTH_SECRET": (is_signed_as_ever, {SECRET: True, OTHER_SECRET: False}),
    "SECRET_KEY": (is_signed_as_ever, {SECRET: True, OTHER_SECRET: False}),
    "PASSWORD_HASH_ALGORITHM": (hashing, {"bcrypt": "$2b$10$", "argon2id": "$argon2"}),
    "PASSWORD_HASH_ROUNDS": (hashing, {"10": "$2b$10$", "12": "$2b$12$"}),
    "SCHEDULER_ENABLED": (runs_jobs, {"true": True, "false": False}),
}
CASES = [
    pytest.param((name, value, expected), id=f"{name}={value}")
    for name, (_, values) in VARIABLES.items()
    for value, expected in values.items()
]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> pytest.MonkeyPatch:
    """The variables that the application is started with."""
    for name in ALL_NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "DATABASE_URL": database_url,
        "ENVIRONMENT": "development",
        "PASSWORD_HASH_ALGORITHM": "bcrypt",
        "PASSWORD_HASH_ROUNDS": "10",
        "SCHEDULER_ENABLED": "false",
        "SCHEDULER_INTERVAL": "0.05",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def _fail() -> None:
    raise RuntimeError("what went wrong")


@pytest.mark.parametrize("case", CASES)
async def test_changing_a_variable_changes_what_it_names(
    environment: pytest.MonkeyPatch,
    database: Any,
    capsys: pytest.CaptureFixture[str],
    case: tuple[str, str, object],
) -> None:
    name, value, expected = case
    observe, values = VARIABLES[name]
    assert len(set(map(str, values.values()))) > 1, "a variable that does nothing"
    if observe is not is_signed_as_ever:
        environment.setenv("JWT_SECRET", LONG_SECRET)
    environment.setenv(name, value)
    await database.execute("TRUNCATE scheduled_jobs")
    app = create_app()
    app.get("/broken")(_fail)
    async with running(app) as client:
        capsys.readouterr()
        assert await observe(Seen(client, database, lambda: capsys.readouterr().out)) == expected


async def test_the_databases_address(environment: pytest.MonkeyPatch, database_url: str) -> None:
    environment.setenv("JWT_SECRET", LONG_SECRET)
    for url, status in ((database_url, 200), ("postgresql://todo@127.0.0.1:1/todo", 503)):
        environment.setenv("DATABASE_URL", url)
        async with running(create_app()) as client:
            assert (await client.get("/health")).status_code == status


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"])
async def test_the_providers_key(environment: pytest.MonkeyPatch, name: str) -> None:
    asked = []

    async def refuse(request: Request) -> Response:
        asked.append(request.headers["Authorization"])
        return Response(status_code=401)

    environment.setenv("JWT_SECRET", LONG_SECRET)
    async with serving(Starlette(routes=[Route("/{path:path}", refuse)])) as server:
        environment.setenv(name.replace("API_KEY", "BASE_URL"), str(server.base_url))
        for key in ("first", "second"):
            environment.setenv(name, key)
            async with running(create_app()) as client:
                assert "error" in (await client.get("/health?deep=true")).json()["assistant"]
    assert asked == ["Bearer first", "Bearer second"]


def test_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("JWT_SECRET", LONG_SECRET)
    environment.setenv("CORS_ORIGINS", "*")
    create_app()
    environment.setenv("ENVIRONMENT", "production")
    with pytest.raises(ConfigurationError, match="CORS_ORIGINS"):
        create_app()


async def test_the_jobs_folder(environment: pytest.MonkeyPatch, database: Any, tmp_path: Path) -> None:
    module = "\n".join(
        (
            "from apscheduler.triggers.interval import IntervalTrigger",
            "from app.scheduler.jobs import Job",
            "async def run(context): pass",
            "job = Job('documented', IntervalTrigger(hours=1), run)",
        )
    )
    (tmp_path / "documented.py").write_text(module)
    names = {"JWT_SECRET": LONG_SECRET, "SCHEDULER_ENABLED": "true", "SCHEDULER_JOBS_PATH": str(tmp_path)}
    for name, value in names.items():
        environment.setenv(name, value)
    await database.execute("TRUNCATE scheduled_jobs")
    async with running(create_app()), asyncio.timeout(30):
        while not (found := await database.fetch("SELECT name FROM scheduled_jobs")):
            await asyncio.sleep(0.05)
    assert [row["name"] for row in found] == ["documented"]
    environment.setenv("SCHEDULER_JOBS_PATH", "backend/src/jobs")
    create_app()
    environment.setenv("SCHEDULER_JOBS_PATH", "backend/src/nowhere")
    with pytest.raises(ConfigurationError, match="SCHEDULER_JOBS_PATH"):
        create_app()


CLOUDINARY = {"CLOUDINARY_CLOUD_NAME": "todo", "CLOUDINARY_API_KEY": "4711", "CLOUDINARY_API_SECRET": "s3cr3t"}


async def test_attachments_are_on_with_all_of_cloudinarys(environment: pytest.MonkeyPatch, database: Any) -> None:
    environment.setenv("JWT_SECRET", LONG_SECRET)
    # Nobody is there: what matters is whether anybody is asked.
    environment.setenv("CLOUDINARY_UPLOAD_PREFIX", "http://127.0.0.1:1")
    statuses = []
    for variables in ({}, CLOUDINARY):
        for name, value in variables.items():
            environment.setenv(name, value)
        async with running(create_app()) as client:
            seen = Seen(client, database, str)
            headers = {"Authorization": f"Bearer {await seen.token()}"}
            task = (await client.post("/api/v1/tasks", json={"title": "Water the plants"}, headers=headers)).json()
            files = {"file": ("a.txt", b"x", "text/plain")}
            answer = await client.post(f"/api/v1/tasks/{task['id']}/attachments", files=files, headers=headers)
            statuses.append(answer.status_code)
    assert statuses == [403, 503]


@pytest.mark.parametrize("missing", CLOUDINARY)
def test_each_of_cloudinarys_is_needed(environment: pytest.MonkeyPatch, missing: str) -> None:
    environment.setenv("JWT_SECRET", LONG_SECRET)
    for name, value in CLOUDINARY.items():
        environment.setenv(name, "" if name == missing else value)
    with pytest.raises(ConfigurationError, match=missing):
        create_app()
