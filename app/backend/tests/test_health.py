import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx import AsyncClient

from app.main import create_app
from app.migrate import migrate
from app.migrations import HEAD
from tests.conftest import Caller, assert_problem, log_in, make_settings, running, sign_up
from tests.postgres import PASSWORD, PostgresServer, free_port

pytestmark = pytest.mark.anyio


async def test_health_is_as_the_document_writes_it(client: AsyncClient) -> None:
    response = await client.get("/health")
    assert response.status_code == 200
    body = response.json()
    assert body.keys() == {"status", "timestamp", "database"}
    assert (body["status"], body["database"]) == ("healthy", "connected")
    assert datetime.fromisoformat(body["timestamp"]).tzname() == "UTC"
    assert body["timestamp"].endswith("Z")


@pytest.mark.parametrize("probe", ["/livez", "/readyz", "/startupz"])
async def test_probes_pass(client: AsyncClient, probe: str) -> None:
    response = await client.get(probe)
    assert (response.status_code, response.json()) == (200, {"status": "ok", "detail": None})


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.remove()


async def _until_healthy(client: AsyncClient) -> None:
    async with asyncio.timeout(60):
        while (await client.get("/health")).status_code != 200:
            await asyncio.sleep(0.1)


async def test_a_refused_password_gives_way_to_the_coming_one(own_server: PostgresServer) -> None:
    refused = own_server.url.replace(PASSWORD, "no-longer-the-password")
    async with running(create_app(make_settings(refused, database_url_fallback=own_server.url))) as client:
        assert (await client.get("/health")).json()["database"] == "connected"
    async with running(create_app(make_settings(refused, database_url_fallback=f"{refused}-either"))) as client:
        assert (await client.get("/health")).status_code == 503


async def test_the_database_goes_and_comes_back(own_server: PostgresServer) -> None:
    settings = make_settings(own_server.url)
    await migrate(settings)
    async with running(create_app(settings)) as client:
        caller = await sign_up(client, "ann@example.com")
        await asyncio.to_thread(own_server.stop)

        response = await client.get("/health")
        assert response.status_code == 503
        body = response.json()
        assert (body["status"], body["timestamp"][-1]) == ("unhealthy", "Z")
        assert body["database"].startswith("error: ")
        for failed in (response, await client.get("/readyz"), await client.get("/startupz")):
            assert failed.status_code == 503
            assert not [part for part in (PASSWORD, "127.0.0.1", str(own_server.port)) if part in failed.text]
        assert (await client.get("/readyz")).json()["status"] == "unavailable"
        assert (await client.get("/livez")).status_code == 200
        for failed in (
            await caller.call("GET", "/tasks"),
            await client.post("/api/v1/auth/login", json={"email": caller.email, "password": "whatever"}),
        ):
            assert_problem(failed, 503)
            assert failed.headers["retry-after"]
            assert PASSWORD not in failed.text

        await asyncio.to_thread(own_server.start)
        await _until_healthy(client)
        assert (await client.get("/readyz")).status_code == 200
        assert (await caller.call("GET", "/tasks")).status_code == 200
        await log_in(client, caller.email)


async def test_no_request_outlasts_a_database_that_hangs(own_server: PostgresServer) -> None:
    timeouts = {
        "database_pool_timeout": 1,
        "database_command_timeout": 1,
        "database_connect_timeout": 1,
        "health_timeout": 1,
        "request_timeout": 4,
    }
    settings = make_settings(own_server.url)
    await migrate(settings)
    async with running(create_app(settings)) as patient:
        caller = await sign_up(patient, "hanging@example.com")
    async with running(create_app(make_settings(own_server.url, **timeouts))) as client:
        caller.client = client
        await asyncio.to_thread(own_server.freeze)
        try:
            # More than there are connections: some hold one, some wait for one.
            responses = await asyncio.gather(
                *(caller.call("GET", "/tasks") for _ in range(30)),
                *(client.post("/api/v1/auth/refresh", json={"refresh_token": caller.refresh_token}) for _ in range(3)),
            )
            probe, alive = await client.get("/readyz"), await client.get("/livez")
        finally:
            await asyncio.to_thread(own_server.thaw)
        for response in responses:
            assert_problem(response, 503)
            assert response.headers["retry-after"]
        assert (probe.status_code, alive.status_code) == (503, 200)
        await _until_healthy(client)
        async with asyncio.timeout(60):
            while (await caller.call("GET", "/tasks")).status_code != 200:
                await asyncio.sleep(0.1)


async def test_a_connection_that_is_cut_in_a_request_is_no_fault_of_ours(ann: Caller, database: Any) -> None:
    await database.execute("BEGIN; LOCK TABLE tasks")
    request = asyncio.create_task(ann.call("GET", "/tasks"))
    waiting = "datname = current_database() AND wait_event = 'relation'"
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {waiting}"
    async with asyncio.timeout(30):
        while not await database.fetch(cut):
            await asyncio.sleep(0.01)
    response = await request
    await database.execute("ROLLBACK")
    assert_problem(response, 503)
    assert (await ann.call("GET", "/tasks")).status_code == 200


async def test_a_statement_that_does_not_end_is_ended(run_app: Any, database: Any, ann: Caller) -> None:
    async with run_app(database_command_timeout=0.5) as client:
        caller = Caller(client, ann.email, ann.access_token, ann.refresh_token)
        await database.execute("BEGIN; LOCK TABLE tasks")
        response = await caller.call("GET", "/tasks")
        await database.execute("ROLLBACK")
        assert_problem(response, 503)
        assert (await caller.call("GET", "/tasks")).status_code == 200


async def test_requests_beyond_the_pool_wait_and_are_then_refused(run_app: Any, database: Any, ann: Caller) -> None:
    one = {"web_concurrency": 1, "database_pool_size": 1, "database_max_overflow": 0}
    async with run_app(**one, database_pool_timeout=0.2, health_timeout=5) as client:
        caller = Caller(client, ann.email, ann.access_token, ann.refresh_token)
        await database.execute("BEGIN; LOCK TABLE tasks")
        blocked = asyncio.create_task(caller.call("GET", "/tasks"))
        await asyncio.sleep(0.1)
        assert_problem(await caller.call("GET", "/auth/me"), 503)
        health = (await client.get("/health")).json()
        assert health["database"] == "error: no free connection"
        await database.execute("ROLLBACK")
        assert (await blocked).status_code == 200


@asynccontextmanager
async def _silent_server() -> AsyncIterator[int]:
    """Something that takes connections and never says a word."""
    port = free_port()
    open_connections = []
    server = await asyncio.start_server(lambda _, writer: open_connections.append(writer), "127.0.0.1", port)
    yield port
    for writer in open_connections:
        writer.close()
    server.close()


@pytest.mark.parametrize("timeouts", [{"health_timeout": 0.1}, {"database_connect_timeout": 0.1}])
async def test_a_database_that_says_nothing_is_not_waited_for(timeouts: dict[str, float]) -> None:
    async with _silent_server() as port:
        settings = make_settings(f"postgresql://todo:{PASSWORD}@127.0.0.1:{port}/todo?sslmode=disable", **timeouts)
        async with running(create_app(settings)) as client:
            assert (await client.get("/health")).json()["database"] == "error: connection timeout"
            assert (await client.get("/readyz")).status_code == 503
            detail = (await client.get("/startupz")).json()["detail"]
            assert detail == "database: connection timeout"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"path": "/nowhere"}, "no such database"),
        ({"netloc": "todo:wrong@127.0.0.1"}, "access denied"),
        ({"netloc": "todo:x@no-such-host.invalid"}, "host not found or not reachable"),
        ({"query": "sslmode=sometimes"}, "wrong connection parameters"),
        ({"query": "search_path_typo=1"}, "not available"),
    ],
)
async def test_the_reason_is_told_without_names_or_addresses(
    own_server: PostgresServer, change: dict[str, str], reason: str
) -> None:
    parts = urlsplit(own_server.url)
    if "127.0.0.1" in change.get("netloc", ""):
        change = {"netloc": f"{change['netloc']}:{own_server.port}"}
    async with running(create_app(make_settings(parts._replace(**change).geturl()))) as client:
        assert (await client.get("/health")).json()["database"] == f"error: {reason}"


async def test_startup_waits_for_the_schema(empty_database_url: str) -> None:
    settings = make_settings(empty_database_url)
    async with running(create_app(settings)) as client:
        response = await client.get("/startupz")
        assert (response.status_code, response.json()["detail"]) == (503, f"schema is at none, needs {HEAD}")
        assert (await client.get("/readyz")).status_code == 200
        await migrate(settings)
        assert (await client.get("/startupz")).status_code == 200


@pytest.mark.parametrize(("revision", "status"), [("0001", 503), ("9999", 200), ("ab12cd34ef56", 503)])
async def test_startup_takes_its_own_schema_or_a_newer_one(
    client: AsyncClient, database: Any, revision: str, status: int
) -> None:
    await database.execute("UPDATE alembic_version SET version_num = $1", revision)
    response = await client.get("/startupz")
    await database.execute("UPDATE alembic_version SET version_num = $1", HEAD)
    assert response.status_code == status


async def test_readiness_drops_before_the_server_stops(run_app: Any) -> None:
    stopped = asyncio.Event()
    original = signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    try:
        async with run_app(shutdown_delay=0.2) as client:
            assert (await client.get("/readyz")).status_code == 200
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0)
            response = await client.get("/readyz")
            assert (response.status_code, response.json()["detail"]) == (503, "draining")
            assert (await client.get("/health")).status_code == 200
            assert not stopped.is_set()
            async with asyncio.timeout(30):
                await stopped.wait()
    finally:
        signal.signal(signal.SIGTERM, original)
