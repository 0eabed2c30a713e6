import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, HTTPError

from app.server import Worker
from tests.conftest import SECRET, sign_up
from tests.postgres import free_port

pytestmark = pytest.mark.anyio

BACKEND = Path(__file__).parents[1]
AS_DOCUMENTED = ["app.main:app", "-w", "2", "-k", "uvicorn.workers.UvicornWorker", "--timeout", "120"]


class Server:
    """Gunicorn, as the image runs it."""

    def __init__(self, process: asyncio.subprocess.Process, client: AsyncClient) -> None:
        self.process = process
        self.client = client

    async def output(self) -> list[dict[str, Any]]:
        out, _ = await self.process.communicate()
        return [json.loads(line) for line in out.decode().splitlines()]


@asynccontextmanager
async def _gunicorn(arguments: list[str], environment: dict[str, str]) -> AsyncIterator[Server]:
    address = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gunicorn", *arguments, "--bind", address),
        cwd=BACKEND,
        env={"JWT_SECRET": SECRET, "SHUTDOWN_DELAY": "1"} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with AsyncClient(base_url=f"http://{address}", timeout=30) as client:
            yield Server(process, client)
    finally:
        # Its workers outlive a master that is killed.
        if process.returncode is None:
            process.terminate()
            await process.communicate()


async def _until_alive(client: AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await client.get("/livez")
            except HTTPError:
                await asyncio.sleep(0.1)
            else:
                return


@pytest.mark.parametrize("arguments", [["app.main:app"], AS_DOCUMENTED])
async def test_it_serves_and_drains(database_url: str, database: Any, arguments: list[str]) -> None:
    async with _gunicorn(arguments, {"DATABASE_URL": database_url}) as server:
        await _until_alive(server.client)
        caller = await sign_up(server.client, "ann@example.com")
        await caller.add_task()
        assert (await server.client.get("/readyz")).status_code == 200

        server.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            while (await server.client.get("/readyz")).status_code != 503:
                await asyncio.sleep(0.02)
        # It still serves those who have not heard of it yet.
        assert (await caller.call("GET", "/tasks")).status_code == 200
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
        async with _gunicorn(["app.main:app"], environment | {"FORWARDED_ALLOW_IPS": proxies}) as server:
            await _until_alive(server.client)
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
    async with _gunicorn(["app.main:app"], environment) as server:
        [line] = await server.output()
        assert server.process.returncode == 1
    assert line["level"] == "critical"
    assert [problem.partition(":")[0] for problem in line["problems"]] == ["CORS_ORIGINS", "JWT_SECRET"]
    assert "4711" not in json.dumps(line)


def test_open_streams_are_ended_within_the_grace() -> None:
    assert Worker.CONFIG_KWARGS["timeout_graceful_shutdown"] < 20
