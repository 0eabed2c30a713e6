import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from httpx import AsyncClient
from sqlalchemy import text

from app.dependencies import SessionDep
from app.main import create_app
from app.users.models import User
from app.users.repository import UserRepository
from tests.conftest import Caller, assert_problem, make_settings, running

pytestmark = pytest.mark.anyio


async def test_an_unknown_path_is_a_problem(client: AsyncClient) -> None:
    assert_problem(await client.get("/api/v1/nothing"), 404)
    assert_problem(await client.get("/api/v1/tasks/"), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/tasks", "GET, POST"),
        ("POST", "/api/v1/auth/me", "GET, PATCH, DELETE"),
        ("PUT", "/api/v1/auth/sessions/6a3f8a0e-4f3c-4ac2-8a0b-3d2b0e3d9b11", "DELETE"),
        ("BREW", "/livez", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(client: AsyncClient, method: str, path: str, allowed: str) -> None:
    response = await client.request(method, path)
    assert_problem(response, 405)
    assert response.headers["allow"] == allowed


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"\xff", b'"text"', b"null", b""])
async def test_a_body_that_is_no_object_is_a_problem(client: AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = await client.post("/api/v1/auth/login", content=body, headers=headers)
    assert response.status_code in {400, 422}
    assert_problem(response, response.status_code, *[error["field"] for error in response.json()["errors"]])
    assert {error["location"] for error in response.json()["errors"]} <= {"body"}


async def test_a_body_that_is_too_large_is_a_problem(ann: Caller) -> None:
    assert_problem(await ann.call("POST", "/tasks", json={"title": "x" * 1024 * 1024}), 413)


async def test_what_the_user_typed_is_not_in_the_answer(client: AsyncClient) -> None:
    response = await client.post("/api/v1/auth/signup", json={"email": "a@example.com", "password": "s3cr3t"})
    assert_problem(response, 422, "password")
    assert "s3cr3t" not in response.text


def broken_app(database_url: str, **overrides: Any) -> FastAPI:
    app = create_app(make_settings(database_url, **overrides))

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("about ann@example.com")

    @app.get("/broken-stream")
    async def broken_stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"one"
            raise RuntimeError("no second part")

        return StreamingResponse(parts())

    @app.get("/broken-sql")
    async def broken_sql(session: SessionDep) -> None:
        await session.exec(text("SELECT nonsense"))  # type: ignore[call-overload]

    @app.get("/broken-row")
    async def broken_row(session: SessionDep) -> None:
        await UserRepository(session).save(User(email="UPPER@example.com", password_hash="x"))

    return app


@pytest.mark.parametrize("path", ["/broken", "/broken-sql", "/broken-row"])
async def test_an_error_that_nobody_expected_is_a_problem_without_details(database_url: str, path: str) -> None:
    async with running(broken_app(database_url)) as client:
        response = await client.get(path)
        problem = assert_problem(response, 500)
        assert problem["detail"] == "Something went wrong on our side."


async def test_an_answer_that_breaks_off_stays_so(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with running(broken_app(database_url)) as client:
        with pytest.raises(AssertionError):  # how the transport says that the end is missing
            await client.get("/broken-stream")
    assert '"event": "request failed"' in capsys.readouterr().out


async def test_the_server_starts_and_stops_the_application(database_url: str) -> None:
    asked = iter(["lifespan.startup", "lifespan.shutdown"])
    answered: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": next(asked)}

    async def send(message: MutableMapping[str, Any]) -> None:
        answered.append(message["type"])

    await create_app(make_settings(database_url))({"type": "lifespan"}, receive, send)
    assert answered == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_other_origins_get_an_answer_only_if_they_are_listed(run_app: Any) -> None:
    async with run_app(cors_origins=("https://todo.example.com",)) as client:
        preflight = {
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        listed = await client.options("/api/v1/tasks", headers=preflight | {"Origin": "https://todo.example.com"})
        assert listed.status_code == 200
        assert listed.headers["access-control-allow-origin"] == "https://todo.example.com"
        assert "access-control-allow-credentials" not in listed.headers
        other = await client.options("/api/v1/tasks", headers=preflight | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


async def test_a_request_that_takes_too_long_is_ended(database_url: str) -> None:
    app = create_app(make_settings(database_url, request_timeout=0.3))

    @app.post("/hang")
    async def hang(request: Request) -> None:
        await request.body()
        await asyncio.Event().wait()

    @app.get("/own-timeout")
    async def own_timeout() -> None:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    @app.get("/long-answer")
    async def long_answer() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"one"
            await asyncio.sleep(0.5)
            yield b"two"

        return StreamingResponse(parts())

    async def slow_body() -> AsyncIterator[bytes]:
        for _ in range(4):
            await asyncio.sleep(0.2)
            yield b"x"

    async with running(app) as client:
        response = await client.post("/hang", content=slow_body())
        assert_problem(response, 503)
        assert response.headers["retry-after"]
        assert_problem(await client.get("/own-timeout"), 500)
        assert (await client.get("/long-answer")).text == "onetwo"


async def test_streams_of_events_end_when_the_process_stops(database_url: str) -> None:
    app = create_app(make_settings(database_url))
    begun = asyncio.Event()

    async def parts() -> AsyncIterator[str]:
        begun.set()
        yield "data: first\n\n"
        await asyncio.Event().wait()

    @app.get("/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(parts(), media_type="text/event-stream; charset=utf-8")

    async with running(app) as client, asyncio.timeout(30):
        cancelled = asyncio.create_task(client.get("/events"))
        await begun.wait()
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled

        begun.clear()
        ended = asyncio.create_task(client.get("/events"))
        await begun.wait()
        app.state.lifecycle.end_streams()
        response = await ended
        assert (response.status_code, response.text) == (200, "data: first\n\n")
        # One that comes late does not keep the process either.
        assert (await client.get("/events")).status_code == 200


async def test_the_document_describes_the_api(run_app: Any) -> None:
    async with run_app(api_prefix="/v2", api_title="My tasks", api_version="3.1.4") as client:
        document = (await client.get("/openapi.json")).json()
    assert document["info"]["title"] == "My tasks"
    assert document["info"]["version"] == "3.1.4"
    paths = document["paths"]
    assert {"/health", "/livez", "/readyz", "/startupz"} == {path for path in paths if not path.startswith("/v2/")}
    # What the documents name.
    for path, methods in {
        "/v2/auth/signup": {"post"},
        "/v2/auth/login": {"post"},
        "/v2/auth/logout": {"post"},
        "/v2/auth/me": {"get"},
        "/v2/auth/refresh": {"post"},
        "/v2/tasks": {"get", "post"},
        "/v2/tasks/{task_id}": {"put", "delete"},
    }.items():
        assert methods <= paths[path].keys()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    schemas = document["components"]["schemas"]
    assert {"Problem", "FieldError", "TaskRead", "TokenPair"} <= schemas.keys()
    assert "HTTPValidationError" not in schemas
    problem = document["paths"]["/v2/tasks"]["post"]["responses"]["default"]["content"]
    assert problem == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


async def test_no_page_loads_scripts_from_elsewhere(client: AsyncClient) -> None:
    for path in ("/docs", "/redoc"):
        assert_problem(await client.get(path), 404)
