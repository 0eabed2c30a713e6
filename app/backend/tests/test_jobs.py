"""What the application's own jobs do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.jobs.cleanup import answers, files
from app.jobs.reminders import reminders
from app.scheduler.jobs import Job, JobContext
from tests.conftest import Caller, make_settings

pytestmark = pytest.mark.anyio


async def run(app: Any, job: Job, **settings: Any) -> None:
    async with app.state.database.session() as session:
        context = JobContext(
            session, make_settings("postgresql://nobody@127.0.0.1/none", **settings), datetime.now(UTC)
        )
        await job.run(context)


async def test_answers_are_forgotten_after_a_day(app: Any, ann: Caller, database: Any) -> None:
    for key in ("old", "new"):
        await ann.call("POST", "/tags", json={"name": key}, headers={"Idempotency-Key": key})
    await database.execute("UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'old'")
    await run(app, answers)
    assert [row["key"] for row in await database.fetch("SELECT key FROM idempotency_keys")] == ["new"]


async def test_files_of_no_attachment_are_removed(app: Any, database: Any, tmp_path: Path) -> None:
    for name, age in (("old", "1 minute"), ("new", "-1 minute")):
        (tmp_path / name).write_text("x")
        await database.execute(f"INSERT INTO discarded_files VALUES ('{name}', now() - interval '{age}')")
    await run(app, files)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]
    await run(app, files, attachment_folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert await database.fetchval("SELECT string_agg(file_path, ',') FROM discarded_files") == "new"


async def test_reminders_are_delivered(app: Any, ann: Caller) -> None:
    path = f"/tasks/{(await ann.add_task())['id']}/reminders"
    await ann.call("POST", path, json={"remind_at": str(datetime.now(UTC) - timedelta(hours=1))})
    await run(app, reminders)
    assert (await ann.call("GET", path)).json()["items"][0]["delivered_at"]
