import json
import logging
from typing import Any

import pytest
from httpx import AsyncClient

from app.logging import configure_logging
from app.main import create_app
from tests.conftest import PASSWORD, assert_problem, make_settings, running, sign_up
from tests.test_errors import broken_app

pytestmark = pytest.mark.anyio

Lines = list[dict[str, Any]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Any:
    def read() -> Lines:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return read


@pytest.mark.parametrize("written", [str, lambda text: text.upper(), lambda text: text.replace("-", "")])
async def test_the_route_is_told_without_ids_however_they_are_written(run_app: Any, lines: Any, written: Any) -> None:
    async with run_app() as client:
        caller = await sign_up(client, "ann@example.com")
        task = await caller.add_task()
        lines()
        for method, path in (("GET", ""), ("GET", "/activity")):
            assert (await caller.call(method, f"/tasks/{written(task['id'])}{path}")).status_code == 200
            [line] = lines()
            assert line["route"] == f"/api/v1/tasks/{{task_id}}{path}"


async def test_a_request_is_one_line_with_its_id(run_app: Any, lines: Any) -> None:
    async with run_app() as client:
        caller = await sign_up(client, "ann@example.com")
        task = await caller.add_task("Buy a present for Bob")
        lines()
        response = await caller.call("GET", f"/tasks/{task['id']}", headers={"X-Request-ID": "from-the-proxy-1"})
        assert response.headers["x-request-id"] == "from-the-proxy-1"
        [line] = lines()
        assert line["request_id"] == "from-the-proxy-1"
        assert line["level"] == "info"
        assert line["timestamp"].endswith("Z")
        assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/tasks/{task_id}", 200)


@pytest.mark.parametrize("given", ["short", "x" * 129, "with space in it", "semi;colon;;"])
async def test_an_id_that_could_forge_a_log_is_replaced(client: AsyncClient, given: str) -> None:
    response = await client.get("/livez", headers={"X-Request-ID": given})
    assert len(response.headers["x-request-id"]) == 36


async def test_no_personal_data_is_logged(run_app: Any, capsys: pytest.CaptureFixture[str]) -> None:
    async with run_app(log_level="debug") as client:
        caller = await sign_up(client, "ann@example.com")
        await caller.add_task("Buy a present for Bob")
        await client.post("/api/v1/auth/signup", json={"email": "ann@example.com", "password": PASSWORD})
        await client.post("/api/v1/auth/login", json={"email": "ann@example.com", "password": "wrong"})
        await client.get("/api/v1/unknown/ann@example.com?email=ann@example.com")
    out = capsys.readouterr().out
    assert out.count('"route"') == 6
    for secret in ("ann@", "example.com", "present", PASSWORD, caller.access_token, caller.refresh_token, "127.0.0.1"):
        assert secret not in out


async def test_probes_are_quiet_unless_they_fail(run_app: Any, lines: Any) -> None:
    async with run_app() as client:
        for path in ("/health", "/livez", "/readyz", "/startupz"):
            await client.get(path)
        assert lines() == []
    async with running(create_app(make_settings("postgresql://nobody@127.0.0.1:1/none"))) as client:
        await client.get("/readyz")
        assert [(line["route"], line["status"]) for line in lines()] == [("/readyz", 503)]


@pytest.mark.parametrize("path", ["/broken", "/broken-row"])
async def test_an_unexpected_error_is_logged_without_its_message(database_url: str, lines: Any, path: str) -> None:
    async with running(broken_app(database_url)) as client:
        problem = assert_problem(await client.get(path), 500)
    failure, request = lines()
    assert failure["level"] == "error"
    assert failure["request_id"] == request["request_id"] == problem["request_id"]
    assert any("test_errors.py" in frame for frame in failure["exception"]["stack"])
    assert "example.com" not in json.dumps(failure)
    if path == "/broken-row":
        assert failure["exception"]["cause"]["type"].startswith("sqlalchemy.")


async def test_development_shows_the_message(database_url: str, lines: Any) -> None:
    async with running(broken_app(database_url, environment="development", debug=True)) as client:
        await client.get("/broken")
    assert lines()[0]["exception"]["message"] == "about ann@example.com"


def test_other_libraries_speak_the_same_format(lines: Any) -> None:
    configure_logging(make_settings("postgresql://x/y", api_log_level="warning"))
    logging.getLogger("some.library").warning("attention %s", "please")
    logging.getLogger("some.library").debug("not this")
    logging.getLogger("uvicorn.error").info("nor this")
    logging.getLogger("uvicorn.error").warning("but this")
    try:
        raise ValueError("with data")
    except ValueError:
        logging.getLogger("some.library").exception("failed")
    first, second, third = lines()
    assert (first["event"], first["logger"], first["level"]) == ("attention please", "some.library", "warning")
    assert second["event"] == "but this"
    assert third["exception"]["type"] == "builtins.ValueError"
    assert "with data" not in json.dumps(third)


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(make_settings("postgresql://x/y", log_format="text"))
    logging.getLogger("some.library").warning("attention")
    out = capsys.readouterr().out
    assert "attention" in out
    assert not out.startswith("{")
