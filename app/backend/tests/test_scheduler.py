"""Jobs, run by the clock and once."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import text

from app.database import Database
from app.jobs.cleanup import cleanup
from app.logging import configure_logging
from app.scheduler.jobs import Job, JobContext, find_jobs
from app.scheduler.service import Scheduler
from app.settings import ConfigurationError
from tests.conftest import Caller, make_settings
from tests.server import Server, gunicorn

pytestmark = pytest.mark.anyio

HOURLY = IntervalTrigger(hours=1)


@pytest.fixture
async def jobs_table(database: Any) -> AsyncIterator[Any]:
    await database.execute("TRUNCATE scheduled_jobs; CREATE TABLE runs (who text)")
    yield database
    await database.execute("DROP TABLE runs")


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[Callable[..., Scheduler]]:
    """Schedulers with connections of their own, as each process has."""
    databases: list[Database] = []

    def make(*jobs: Job) -> Scheduler:
        settings = make_settings(database_url, scheduler_interval=0.05)
        configure_logging(settings)
        databases.append(Database(settings))
        return Scheduler(databases[-1], settings, jobs)

    yield make
    for each in databases:
        await each.close()


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What was logged since it was last read."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def _note(context: JobContext, who: str = "somebody") -> None:
    connection = await context.session.connection()
    await connection.execute(text("INSERT INTO runs VALUES (:who)"), {"who": who})


async def _runs(database: Any) -> list[str]:
    return [row["who"] for row in await database.fetch("SELECT who FROM runs ORDER BY who")]


async def test_a_new_job_runs_at_once_and_then_when_it_is_due(processes: Any, jobs_table: Any) -> None:
    scheduler = processes(Job("note", HOURLY, _note))
    await scheduler.run_due()
    await scheduler.run_due()
    assert await _runs(jobs_table) == ["somebody"]
    due_at = await jobs_table.fetchval("SELECT due_at FROM scheduled_jobs")
    assert due_at - datetime.now(UTC) > timedelta(minutes=50)
    await jobs_table.execute("UPDATE scheduled_jobs SET due_at = now()")
    await scheduler.run_due()
    assert len(await _runs(jobs_table)) == 2


async def test_however_many_look_one_runs_it(processes: Any, jobs_table: Any) -> None:
    schedulers = [processes(Job("note", HOURLY, _note)) for _ in range(5)]
    await asyncio.gather(*(scheduler.run_due() for scheduler in schedulers))
    await asyncio.gather(*(scheduler.run_due() for scheduler in schedulers))
    assert await _runs(jobs_table) == ["somebody"]


async def test_a_job_that_is_running_is_not_waited_for(processes: Any, jobs_table: Any) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slow(context: JobContext) -> None:
        begun.set()
        await finish.wait()
        await _note(context, "first")

    async def other(context: JobContext) -> None:
        await _note(context, "second")

    async with asyncio.timeout(30):
        running = asyncio.create_task(processes(Job("slow", HOURLY, slow)).run_due())
        await begun.wait()
        await processes(Job("slow", HOURLY, other)).run_due()
        assert await _runs(jobs_table) == []
        finish.set()
        await running
    assert await _runs(jobs_table) == ["first"]


async def test_a_job_that_fails_leaves_nothing_and_keeps_no_other_from_running(
    processes: Any, jobs_table: Any, log: Any
) -> None:
    async def fail(context: JobContext) -> None:
        await _note(context, "failed")
        raise RuntimeError("about ann@example.com")

    scheduler = processes(Job("a-failure", HOURLY, fail), Job("note", HOURLY, _note))
    await scheduler.run_due()
    assert await _runs(jobs_table) == ["somebody"]
    assert await jobs_table.fetchval("SELECT min(due_at) > now() FROM scheduled_jobs")
    lines = log()
    assert {(line["event"], line["job"]) for line in lines} == {("job failed", "a-failure"), ("job done", "note")}
    assert "ann@" not in json.dumps(lines)


async def test_a_job_that_does_not_end_is_cut_off(processes: Any, jobs_table: Any) -> None:
    async def hang(context: JobContext) -> None:
        await _note(context, "hanging")
        await asyncio.Event().wait()

    await processes(Job("hang", HOURLY, hang, timeout=0.2)).run_due()
    assert await _runs(jobs_table) == []
    assert await jobs_table.fetchval("SELECT due_at > now() FROM scheduled_jobs")


async def test_a_job_whose_time_is_past_never_runs_again(processes: Any, jobs_table: Any) -> None:
    scheduler = processes(Job("once", DateTrigger(datetime(2020, 1, 1, tzinfo=UTC)), _note))
    await scheduler.run_due()
    assert await jobs_table.fetchval("SELECT due_at FROM scheduled_jobs WHERE name = 'once'") is None
    await scheduler.run_due()
    assert await _runs(jobs_table) == ["somebody"]


async def test_jobs_of_others_are_left_alone(processes: Any, jobs_table: Any) -> None:
    await jobs_table.execute("INSERT INTO scheduled_jobs VALUES ('of-a-newer-version', now())")
    await processes(Job("note", CronTrigger.from_crontab("0 4 * * *", timezone="Europe/Vienna"), _note)).run_due()
    assert await _runs(jobs_table) == ["somebody"]
    assert await jobs_table.fetchval("SELECT due_at <= now() FROM scheduled_jobs WHERE name = 'of-a-newer-version'")


async def test_it_goes_on_whatever_happens(processes: Any, jobs_table: Any, log: Any) -> None:
    scheduler = processes(Job("note", HOURLY, _note))
    await jobs_table.execute("ALTER TABLE scheduled_jobs RENAME TO hidden")
    running = asyncio.create_task(scheduler.run_forever())
    async with asyncio.timeout(30):
        while not any(line["event"] == "jobs can't be looked up" for line in log()):
            await asyncio.sleep(0.05)
        await jobs_table.execute("ALTER TABLE hidden RENAME TO scheduled_jobs")
        while not await _runs(jobs_table):
            await asyncio.sleep(0.05)
    running.cancel()


async def test_it_waits_for_the_database(log: Any) -> None:
    settings = make_settings("postgresql://nobody@127.0.0.1:1/none", scheduler_interval=0.05)
    configure_logging(settings)
    database = Database(settings)
    running = asyncio.create_task(Scheduler(database, settings, [Job("note", HOURLY, _note)]).run_forever())
    lines: list[dict[str, Any]] = []
    async with asyncio.timeout(30):
        while len(lines) < 2:
            await asyncio.sleep(0.05)
            lines += log()
    running.cancel()
    await database.close()
    assert {(line["event"], line["reason"]) for line in lines} == {("jobs wait for the database", "connection refused")}
    assert "127.0.0.1" not in json.dumps(lines)


async def test_what_has_expired_is_removed(processes: Any, jobs_table: Any, ann: Caller, bob: Caller) -> None:
    past, future = "now() - interval '1 second'", "now() + interval '1 minute'"
    await jobs_table.execute(
        f"UPDATE sessions SET expires_at = {past} FROM users WHERE users.id = user_id AND email = '{ann.email}';"
        f"INSERT INTO rate_limits VALUES ('old', 1, {past}), ('new', 1, {future})"
    )
    await processes(cleanup).run_due()
    assert await jobs_table.fetchval("SELECT count(*) FROM sessions") == 1
    assert [row["key"] for row in await jobs_table.fetch("SELECT key FROM rate_limits")] == ["new"]
    assert (await bob.call("GET", "/auth/me")).status_code == 200


def test_the_applications_own_jobs_are_found() -> None:
    for path in ("jobs", "backend/src/jobs", "./backend/src/jobs", "src/jobs", "app/jobs"):
        folder = make_settings("postgresql://x/y", scheduler_jobs_path=path).jobs_folder
        assert {"cleanup", "reminders"} <= {job.name for job in find_jobs(folder)}


MODULE = """
from apscheduler.triggers.interval import IntervalTrigger
from app.logging import configure_logging
from app.scheduler.jobs import Job

async def run(context):
    pass

job = Job({name!r}, IntervalTrigger(hours=1), run)
"""


def test_jobs_of_a_folder_come_by_name(tmp_path: Path) -> None:
    for module, name in (("b.py", "alpha"), ("a.py", "beta"), ("_helper.py", "gamma"), ("notes.txt", "delta")):
        (tmp_path / module).write_text(MODULE.format(name=name))
    assert [job.name for job in find_jobs(tmp_path)] == ["alpha", "beta"]


@pytest.mark.parametrize("names", [("same", "same"), ("fine", ""), ("fine", "x" * 101)])
def test_names_of_jobs_are_told_apart(tmp_path: Path, names: tuple[str, str]) -> None:
    for number, name in enumerate(names):
        (tmp_path / f"job{number}.py").write_text(MODULE.format(name=name))
    with pytest.raises(ConfigurationError, match="SCHEDULER_JOBS_PATH"):
        find_jobs(tmp_path)


async def test_jobs_run_beside_requests_and_end_with_the_process(
    run_app: Any, jobs_table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHO", "the application")
    (tmp_path / "step.py").write_text(STEP.format(folder=str(tmp_path)))
    async with run_app(scheduler_enabled=True, scheduler_jobs_path=str(tmp_path)) as client, asyncio.timeout(60):
        while not (tmp_path / "begun-by-the application").exists():
            await asyncio.sleep(0.05)
        assert (await client.get("/livez")).status_code == 200
    # It was cut off, and so undone; it is still due.
    assert await _runs(jobs_table) == []
    assert await jobs_table.fetchval("SELECT due_at <= now() FROM scheduled_jobs WHERE name = 'step'")


# Says who it is, and goes on when it may; the row in `runs` is there only if it came to its end.
STEP = """
import asyncio
import os
from pathlib import Path

from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import text

from app.logging import configure_logging
from app.scheduler.jobs import Job

FOLDER = Path({folder!r})

async def run(context):
    connection = await context.session.connection()
    await connection.execute(text("INSERT INTO runs VALUES (:who)"), {{"who": os.environ["WHO"]}})
    (FOLDER / ("begun-by-" + os.environ["WHO"])).touch()
    while not (FOLDER / "may-end").exists():
        await asyncio.sleep(0.02)

job = Job("step", IntervalTrigger(hours=1), run)
"""


async def test_a_job_outlives_the_process_that_ran_it(database_url: str, jobs_table: Any, tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text(STEP.format(folder=str(tmp_path)))
    environment = {
        "DATABASE_URL": database_url,
        "WEB_CONCURRENCY": "2",
        "SCHEDULER_ENABLED": "true",
        "SCHEDULER_INTERVAL": "0.2",
        "SCHEDULER_JOBS_PATH": str(tmp_path),
    }
    async with (
        asyncio.timeout(120),
        gunicorn(environment | {"WHO": "first"}) as first,
        gunicorn(environment | {"WHO": "second"}) as second,
    ):
        servers: dict[str, Server] = {"first": first, "second": second}
        while not (begun := [*tmp_path.glob("begun-by-*")]):
            await asyncio.sleep(0.05)
        [leader] = [path.name.removeprefix("begun-by-") for path in begun]
        [heir] = servers.keys() - {leader}
        # The other one is there and has looked; there is nothing for it to do.
        await servers[heir].until_alive()
        assert [path.name for path in tmp_path.glob("begun-by-*")] == [f"begun-by-{leader}"]

        await servers[leader].kill()
        while not (tmp_path / f"begun-by-{heir}").exists():
            await asyncio.sleep(0.05)
        assert await _runs(jobs_table) == []
        (tmp_path / "may-end").touch()
        while not await _runs(jobs_table):
            await asyncio.sleep(0.05)
        assert await _runs(jobs_table) == [heir]
        assert await jobs_table.fetchval("SELECT due_at > now() FROM scheduled_jobs WHERE name = 'step'")
