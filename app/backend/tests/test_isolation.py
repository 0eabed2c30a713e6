"""Nobody reaches what is somebody else's, by any route: the routes are those of the OpenAPI document."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.main import create_app
from tests.conftest import SECRET, Caller, assert_problem, make_settings, running

pytestmark = pytest.mark.anyio

PREFIX = "/api/v1"


def routes_with_ids(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
        if re.search(r"\{\w*_id\}", path)
    ]


DOCUMENTED = create_app(make_settings("postgresql://nobody@127.0.0.1/none", jwt_secret=SECRET))
ROUTES = routes_with_ids(DOCUMENTED)


def example(schema: dict[str, Any]) -> Any:
    """A value that a schema of the document accepts."""
    if "$ref" in schema:
        schema = DOCUMENTED.openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema["type"] == "object":
        return {name: example(schema["properties"][name]) for name in schema.get("required", [])}
    return {"array": [], "boolean": False, "string": "x"}[schema["type"]]


def body(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return {"files": {"file": ("a.txt", b"x", "text/plain")}}
    if "application/json" in content:
        given = example(content["application/json"]["schema"])
        return {"json": given | ({"minutes_before": 0} if operation["operationId"] == "create_reminder" else {})}
    return {}


async def one_of_each(caller: Caller) -> dict[str, str]:
    """The id of one of everything that has one, by the name of its parameter."""
    task = await caller.add_task(tags="a", category="b", due_date="2099-01-01T00:00:00Z")
    path = f"/tasks/{task['id']}"
    made = {"task_id": task["id"], "category_id": task["category_id"]}
    for name, where, arguments in (
        ("subtask_id", f"{path}/subtasks", {"json": {"title": "x"}}),
        ("reminder_id", f"{path}/reminders", {"json": {"minutes_before": 5}}),
        ("attachment_id", f"{path}/attachments", {"files": {"file": ("a.txt", b"x", "text/plain")}}),
        ("filter_id", "/filters", {"json": {"name": "x", "filter": {}}}),
    ):
        response = await caller.call("POST", where, **arguments)
        assert response.status_code == 201, response.text
        made[name] = response.json()["id"]
    answer = (await caller.call("POST", "/chat", json={"message": "hello"})).json()
    made |= {name: answer[name] for name in ("conversation_id", "message_id")}
    made["tag_id"] = (await caller.call("GET", "/tags")).json()["items"][0]["id"]
    made["user_id"] = (await caller.call("GET", "/auth/me")).json()["id"]
    sessions = await caller.call("GET", "/auth/sessions")
    if sessions.status_code == 200:
        made["session_id"] = sessions.json()["items"][0]["id"]
    return made


async def everything(database: Any) -> dict[str, list[Any]]:
    tables = await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {
        table: sorted(str(row) for row in await database.fetch(f"SELECT * FROM {table}"))
        for (table,) in tables
        if table not in {"rate_limits", "discarded_files"}
    }


@pytest.fixture(scope="module")
async def whole_client(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncClient]:
    """The application with everything turned on."""
    folder = tmp_path_factory.mktemp("files")
    async with running(create_app(make_settings(database_url, attachment_folder=folder))) as client:
        yield client


@pytest.fixture
async def client(whole_client: AsyncClient, database: Any) -> AsyncClient:
    return whole_client


@pytest.mark.parametrize("route", ROUTES, ids=[f"{method} {path}" for method, path, _ in ROUTES])
async def test_what_is_somebody_elses_is_not_found(
    ann: Caller, bob: Caller, database: Any, route: tuple[str, str, dict[str, Any]]
) -> None:
    method, path, operation = route
    path = path.removeprefix(PREFIX)
    hers = await one_of_each(ann)
    his = {"task_id": (await bob.add_task())["id"]}
    before = await everything(database)
    assert_problem(await bob.call(method, path.format(**hers), **body(operation)), 404)
    if path.count("{") > 1:  # nor is it found below something of his own
        assert_problem(await bob.call(method, path.format(**hers | his), **body(operation)), 404)
    assert await everything(database) == before
    if "user_id" not in path:
        # The same request is fine from the one whose it is.
        response = await ann.call(method, path.format(**hers), **fitting(operation, hers))
        assert response.status_code < 300, response.text


def fitting(operation: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    if operation["operationId"] == "reorder_subtasks":
        return {"json": {"ids": [ids["subtask_id"]]}}
    return body(operation)


def test_there_are_routes_with_ids() -> None:
    assert len(ROUTES) >= 25
