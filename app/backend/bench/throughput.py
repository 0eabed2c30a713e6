"""Lists and new tasks a second, beside others that do the same: `python -m bench.throughput`.

One worker each, in the same run, on one PostgreSQL, all started before the first is asked. Rounds go in turn.
"""

import asyncio
import json
import os
import signal
import statistics
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import jwt

from app.database import Database
from app.migrate import migrate
from bench import load, peer
from bench.data import id_of, insert, token
from tests.conftest import SECRET, make_settings, temporary_database
from tests.postgres import PostgresServer, free_port

ROUNDS = 3
SECONDS = 5.0
ITEMS = 50
TASK = json.dumps({"title": "Water the plants", "description": "The ones on the balcony too"})
Loads = dict[str, load.Load]


@asynccontextmanager
async def serving(argv: list[str], environment: dict[str, str], folder: Path, port: int) -> AsyncIterator[None]:
    """A server that is up; what it writes is thrown away."""
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *argv, cwd=folder, env=environment, start_new_session=True, stdout=nowhere, stderr=nowhere
    )
    try:
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.1)
                else:
                    writer.close()
                    break
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        await process.wait()


async def ours(stack: AsyncExitStack, url: str, port: int) -> Loads:
    """The application as its image runs it."""
    settings = make_settings(url)
    await migrate(settings)
    await insert(url, users=1, tasks=ITEMS)
    database = Database(settings)
    authorization = {"Authorization": f"Bearer {await token(database, settings, id_of('user', 1))}"}
    await database.close()
    environment = {**os.environ, "DATABASE_URL": url, "JWT_SECRET": SECRET, "WEB_CONCURRENCY": "1"}
    argv = [sys.executable, "-m", "gunicorn", "app.main:app", "--bind", f"127.0.0.1:{port}"]
    await stack.enter_async_context(serving(argv, environment, Path(), port))
    asked = load.Load(port, "GET", "/api/v1/tasks", authorization)
    return {"list": asked, "create": replace(asked, method="POST", body=TASK, status=201)}


async def bare(stack: AsyncExitStack, url: str, port: int) -> Loads:
    """The same statement on the same rows and nothing else."""
    environment = {**os.environ, "DATABASE_URL": url, "BENCH_USER_ID": str(id_of("user", 1))}
    argv = [sys.executable, "-m", "uvicorn", "bench.bare:app", "--port", str(port), "--no-access-log"]
    await stack.enter_async_context(serving(argv, environment, Path(), port))
    return {"list": load.Load(port, "GET", "/tasks")}


async def template(stack: AsyncExitStack, url: str, port: int) -> Loads:
    """The full-stack FastAPI template's items, as its image runs it but for the number of workers."""
    folder = await asyncio.to_thread(peer.backend)
    program, environment = peer.python(folder).with_name, peer.environment(folder, url)
    await asyncio.to_thread(peer.migrate, folder, url)
    connection, owner = await asyncpg.connect(url), uuid.uuid4()
    await connection.execute(
        'INSERT INTO "user" (id, email, is_active, is_superuser, hashed_password, created_at)'
        " VALUES ($1, 'user1@example.com', true, false, 'none', now())",
        owner,
    )
    await connection.execute(
        "INSERT INTO item (id, title, description, owner_id, created_at)"
        " SELECT gen_random_uuid(), 'Item ' || n, md5(n::text), $1, now() FROM generate_series(1, $2::int) n",
        owner,
        ITEMS,
    )
    await connection.close()
    claims = {"sub": str(owner), "exp": datetime.now(UTC) + timedelta(hours=1)}
    authorization = {"Authorization": f"Bearer {jwt.encode(claims, peer.SECRET, 'HS256')}"}
    argv = [str(program("fastapi")), "run", "app/main.py", "--workers", "1", "--host", "127.0.0.1", "--port", str(port)]
    await stack.enter_async_context(serving(argv, environment, folder, port))
    asked = load.Load(port, "GET", f"{peer.PREFIX}/items/?limit={ITEMS}", authorization)
    created = replace(asked, method="POST", path=f"{peer.PREFIX}/items/", body=TASK)
    return {"list": asked, "create": created}


async def main() -> dict[str, dict[str, dict[str, float]]]:
    """For each server and what it is asked: answers a second, and the 99th percentile of latencies in seconds."""
    database = PostgresServer()
    found: dict[str, dict[str, dict[str, float]]] = {}
    try:
        async with AsyncExitStack() as stack:
            urls = [
                await stack.enter_async_context(temporary_database(database.url, name)) for name in ("own", "other")
            ]
            loads = {"ours": await ours(stack, urls[0], free_port())}
            loads["bare"] = await bare(stack, urls[0], free_port())
            try:
                loads["template"] = await template(stack, urls[1], free_port())
            except peer.NoPeerError as error:
                print(f"without the template: {error}", file=sys.stderr)
            for action in ("list", "create"):
                asked = {name: each[action] for name, each in loads.items() if action in each}
                for each in asked.values():
                    await load.start(replace(each, seconds=1))
                rounds = [{name: await load.start(each) for name, each in asked.items()} for _ in range(ROUNDS)]
                for name in asked:
                    found.setdefault(name, {})[action] = summary([each[name] for each in rounds])
    finally:
        database.remove()
    return found


def summary(rounds: list[list[float]]) -> dict[str, float]:
    """Medians over the rounds."""
    return {
        "a second": statistics.median(len(latencies) / SECONDS for latencies in rounds),
        "p99": statistics.median(statistics.quantiles(latencies, n=100)[98] for latencies in rounds),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main())))
