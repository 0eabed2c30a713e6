import asyncio
import json
import signal
from typing import Any

import pytest

from tests.conftest import sign_up
from tests.server import gunicorn

pytestmark = pytest.mark.anyio

AS_DOCUMENTED = ["app.main:app", "-w", "2", "-k", "uvicorn.workers.UvicornWorker", "--timeout", "120"]


@pytest.mark.parametrize("arguments", [["app.main:app"], AS_DOCUMENTED])
async def test_it_serves_and_drains(database_url: str, database: Any, arguments: list[str]) -> None:
    async with gunicorn({"DATABASE_URL": database_url}, arguments) as server:
        await server.until_alive()
        caller = await sign_up(server.client, "ann@example.com")
        await caller.add_task()
        assert (await server.client.get("/readyz")).status_code == 200

        server.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            while (await server.client.get("/readyz")).status_code != 503:
                await asyncio.sleep(0.02)
        # It still serves those who have not heard of it yet.
        last = await caller.call("GET", "/tasks")
        assert (last.status_code, last.headers["connection"]) == (200, "close")
        await server.client.aclose()
        lines = await server.output()
        assert server.process.returncode == 0
    assert {line["level"] for line in lines} <= {"info", "warning", "error"}
    assert any(line["event"] == "draining" for line in lines)
    assert "ann@" not in json.dumps(lines)
    assert database_url not in json.dumps(lines)


async def test_the_clients_address_comes_from_trusted_proxies_only(database_url: str, database: Any) -> None:
    environment = {"DATABASE_URL": database_url, "AUTH_RATE_LIMIT_ADDRESS": "1", "WEB_CONCURRENCY": "1"}
    statuses = {}
    for proxies in ("127.0.0.0/8", "192.0.2.0/24"):
        await database.execute("TRUNCATE rate_limits")
        async with gunicorn(environment | {"FORWARDED_ALLOW_IPS": proxies}) as server:
            await server.until_alive()
            statuses[proxies] = [
                (
                    await server.client.post(
                        "/api/v1/auth/refresh",
                        json={"refresh_token": "rubbish"},
                        headers={"X-Forwarded-For": f"198.51.100.{number}"},
                    )
                ).status_code
                for number in range(2)
            ]
    assert statuses == {"127.0.0.0/8": [401, 401], "192.0.2.0/24": [401, 429]}


async def test_wrong_settings_stop_it_with_one_clear_line(database_url: str) -> None:
    environment = {"DATABASE_URL": database_url, "JWT_SECRET": "short-4711", "CORS_ORIGINS": "*"}
    async with gunicorn(environment) as server:
        [line] = await server.output()
        assert server.process.returncode == 1
    assert line["level"] == "critical"
    assert [problem.partition(":")[0] for problem in line["problems"]] == ["CORS_ORIGINS", "JWT_SECRET"]
    assert "4711" not in json.dumps(line)


@pytest.mark.parametrize(
    ("path", "last"), [("/events", "data: more\n\n"), ("/export", "the end"), ("/export?length=7", "the end")]
)
async def test_streams_end_with_the_server(database_url: str, path: str, last: str) -> None:
    """Streams of events end as soon as it stops, where Uvicorn would wait; anything else gets to its end."""
    environment = {"DATABASE_URL": database_url, "WEB_CONCURRENCY": "1", "SHUTDOWN_DELAY": "0.5"}
    async with gunicorn(environment, ["tests.streaming:app"]) as server:
        await server.until_alive()
        async with server.client.stream("GET", path) as response:
            parts = response.aiter_text()
            assert await anext(parts)
            server.process.send_signal(signal.SIGTERM)
            # The body ends as HTTP wants it, or the client would raise.
            assert [part async for part in parts][-1] == last
        await server.client.aclose()
        lines = await server.output()
        assert server.process.returncode == 0
    assert [line["status"] for line in lines if line.get("route") == path.partition("?")[0]] == [200]
    assert not [line for line in lines if "Cancel" in line["event"]]
