"""Runs jobs when they are due: every process looks, and one of them finds the job's row unlocked.

The row is locked in the transaction that the job works in. If the process dies, so does the transaction: what was half
done is undone, the row is free, and the next process that looks does the job. A lock that belongs to a row rather than
to a connection also works through a pooler such as PgBouncer.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Update, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update

from app.database import Database, DatabaseUnavailableError
from app.fields import utcnow
from app.metrics import JOB_RUNS
from app.scheduler.jobs import Job, JobContext
from app.scheduler.models import ScheduledJob
from app.settings import Settings

# A process that is frozen, or on a machine that is gone, keeps its lock no longer than that.
_IDLE_LIMIT = text("SET LOCAL idle_in_transaction_session_timeout = '60s'")

log = structlog.get_logger("app.scheduler")


class Scheduler:
    """Runs jobs of one process."""

    def __init__(self, database: Database, settings: Settings, jobs: Sequence[Job]) -> None:
        self._database = database
        self._settings = settings
        self._jobs = {job.name: job for job in jobs}
        self._known = False

    async def run_forever(self) -> None:
        """Run what is due, look again after SCHEDULER_INTERVAL seconds, and so on until cancelled."""
        while True:
            try:
                await self.run_due()
            except DatabaseUnavailableError as error:
                log.warning("jobs wait for the database", reason=error.reason)
            except Exception as error:  # nothing may end the loop
                log.exception("jobs can't be looked up", exc_info=error)
            await asyncio.sleep(self._settings.scheduler_interval)

    async def run_due(self) -> None:
        """Run each job that is due and that no other process is running; a new job is due at once."""
        if not self._known:
            await self._register()
        table = ScheduledJob
        due = select(table.name).where(col(table.name).in_(self._jobs), col(table.due_at) <= func.now())
        async with self._database.connection() as connection:
            names = (await connection.execute(due)).scalars().all()
        for name in names:
            await self._run(self._jobs[name])

    async def _register(self) -> None:
        async with self._database.connection() as connection:
            for name in self._jobs:
                row = insert(ScheduledJob).values(name=name, due_at=utcnow())
                await connection.execute(row.on_conflict_do_nothing())
        self._known = True

    async def _run(self, job: Job) -> None:
        due_at = None
        try:
            async with asyncio.timeout(job.timeout), self._database.session() as session:
                await (await session.connection()).execute(_IDLE_LIMIT)
                table = ScheduledJob
                mine = select(table.due_at).where(table.name == job.name, col(table.due_at) <= func.now())
                due_at = (await session.exec(mine.with_for_update(skip_locked=True))).first()
                if due_at is None:
                    return
                await job.run(JobContext(session, self._settings, due_at))
                await session.exec(_postpone(job, due_at))
        except DatabaseUnavailableError:
            raise
        except Exception as error:  # a job that fails must not keep others from running
            log.exception("job failed", job=job.name, exc_info=error)
            JOB_RUNS.labels(job.name, "failed").inc()
            if due_at:
                async with self._database.connection() as connection:
                    await connection.execute(_postpone(job, due_at))
        else:
            log.info("job done", job=job.name)
            JOB_RUNS.labels(job.name, "done").inc()


def _postpone(job: Job, due_at: datetime) -> Update:
    table = ScheduledJob
    now = utcnow()
    # Times that were missed are not made up for; a trigger whose times are all past gives the last one.
    following = job.trigger.get_next_fire_time(None, now)
    this_time = col(table.name) == job.name, col(table.due_at) == due_at
    return update(table).where(*this_time).values(due_at=following if following and following > now else None)
