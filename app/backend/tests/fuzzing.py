"""Requests of every kind that the OpenAPI document allows, and of many that it does not, by Schemathesis.

`python -m tests.fuzzing EXAMPLES` sends at most so many of its own to each operation in each of two rounds, as an
administrator and as a stranger, beside those that the document itself suggests, and writes what came of it as JSON.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from app.migrate import migrate
from tests.conftest import SECRET, Caller, make_settings, sign_up, temporary_database
from tests.fuzz_hooks import stranger
from tests.postgres import PostgresServer
from tests.server import BACKEND, Server, gunicorn

SETTINGS = {
    "WEB_CONCURRENCY": "1",
    "JWT_EXPIRY": "86400",
    "AUTH_RATE_LIMIT_ADDRESS": "600",
    "AUTH_RATE_LIMIT_EMAIL": "60",
    "LOG_LEVEL": "error",
    "API_LOG_LEVEL": "error",
}


@asynccontextmanager
async def target(database_url: str) -> AsyncIterator[tuple[Server, Caller]]:
    """The application's server with everything turned on, and an administrator."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        environment = {**os.environ, "DATABASE_URL": database_url, "ATTACHMENT_FOLDER": folder, **SETTINGS}
        server = await stack.enter_async_context(gunicorn(environment))
        await server.until_alive()
        admin = await sign_up(server.client, "admin@example.com")
        connection = await asyncpg.connect(database_url)
        await connection.execute("UPDATE users SET is_admin = true WHERE email = 'admin@example.com'")
        await connection.close()
        yield server, admin


async def things(admin: Caller, count: int) -> list[dict[str, str]]:
    """The ids of things that belong together, by the names of their parameters."""
    made = []
    for number in range(count):
        task = await admin.add_task(f"Task {number}", tags=f"tag {number}", category=f"category {number}")
        path = f"/tasks/{task['id']}"
        found = {"task_id": task["id"], "category_id": task["category_id"]}
        for name, where, arguments in (
            ("subtask_id", f"{path}/subtasks", {"json": {"title": "x"}}),
            ("reminder_id", f"{path}/reminders", {"json": {"remind_at": "2099-01-01T00:00:00Z"}}),
            ("attachment_id", f"{path}/attachments", {"files": {"file": ("a.txt", b"x", "text/plain")}}),
            ("filter_id", "/filters", {"json": {"name": f"filter {number}", "filter": {}}}),
            ("conversation_id", "/conversations", {"json": {}}),
            ("tag_id", "/tags", {"json": {"name": f"another tag {number}"}}),
        ):
            response = await admin.call("POST", where, **arguments)
            found[name] = response.raise_for_status().json()["id"]
        headers = {"Authorization": f"Bearer {stranger()}"}
        response = await admin.client.get("/api/v1/auth/me", headers=headers)
        made.append({**found, "user_id": response.raise_for_status().json()["id"]})
    return made


async def fuzz(server: Server, *arguments: str, **environment: str) -> dict[str, Any]:
    """Run Schemathesis with every check and give its report; what it prints is shown if it finds anything."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        process = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).with_name("st")), "run", f"{server.client.base_url.join('/openapi.json')}"),
            *("--checks", "all", "--report-json-path", str(report), *arguments),
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(BACKEND), "SCHEMATHESIS_HOOKS": "tests.fuzz_hooks"}
            | {"JWT_SECRET": SECRET, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if process.returncode:
            sys.stderr.write(output.decode())
        found: dict[str, Any] = json.loads(report.read_text()) if report.exists() else {}
        return {**found, "exit_code": process.returncode}


async def rounds(server: Server, admin: Caller, things_count: int, *arguments: str) -> list[dict[str, Any]]:
    """As an administrator with things to ask for, then without a token."""
    known = json.dumps(await things(admin, things_count))
    return [
        await fuzz(server, *arguments, FUZZ_TOKEN=admin.access_token, FUZZ_THINGS=known),
        await fuzz(server, *arguments),
    ]


def accepted(report: dict[str, Any]) -> Counter[str]:
    """How many requests of each operation were done."""
    done: Counter[str] = Counter()
    for operation, phases in report["valid_rates"].items():
        done[operation] = sum(phase["accepted"] for phase in phases.values())
    return done


async def main(examples: str) -> dict[str, Any]:
    server = PostgresServer()
    try:
        async with temporary_database(server.url, "fuzz") as url:
            await migrate(make_settings(url))
            async with target(url) as (application, admin):
                reports = await rounds(application, admin, 100, "--max-examples", examples)
    finally:
        server.remove()
    return {
        name: {
            "cases": report["test_cases"]["generated"],
            "operations": report["operations"]["tested"],
            "operations_done": len(+accepted(report)),
            "faults": len(report["failures"]) + len(report["errors"]),
            "seed": str(report["seed"]),
        }
        for name, report in zip(("with a token", "without a token"), reports, strict=True)
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1]))))
