"""The application's server as a process of its own, as the image runs it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from httpx import AsyncClient, HTTPError
from starlette.applications import Starlette

from tests.conftest import SECRET
from tests.postgres import free_port

BACKEND = Path(__file__).parents[1]


class Server:
    """Gunicorn and its workers, in a process group of their own."""

    def __init__(self, process: asyncio.subprocess.Process, client: AsyncClient) -> None:
        self.process = process
        self.client = client

    async def output(self) -> list[dict[str, Any]]:
        """The lines of the log, once it has ended."""
        out, _ = await self.process.communicate()
        return [json.loads(line) for line in out.decode().splitlines()]

    async def until_alive(self) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    await self.client.get("/livez")
                except HTTPError:
                    await asyncio.sleep(0.1)
                else:
                    return

    async def kill(self) -> None:
        """End it and its workers without a warning."""
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.communicate()


@asynccontextmanager
async def serving(app: Starlette, port: int | None = None) -> AsyncIterator[AsyncClient]:
    """An application behind a server in this process, and a client for it."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not task.done(), "the application does not start"
            await asyncio.sleep(0.01)
        async with AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def gunicorn(environment: dict[str, str], arguments: list[str] | None = None) -> AsyncIterator[Server]:
    address = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gunicorn", *(arguments or ["app.main:app"]), "--bind", address),
        cwd=BACKEND,
        env={"JWT_SECRET": SECRET, "SHUTDOWN_DELAY": "1", "SCHEDULER_ENABLED": "false"} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with AsyncClient(base_url=f"http://{address}", timeout=30) as client:
            yield Server(process, client)
    finally:
        # Its workers outlive a master that is killed.
        if process.returncode is None:
            process.terminate()
            await process.communicate()
