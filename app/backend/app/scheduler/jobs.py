"""What a job is, and where jobs are found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from apscheduler.triggers.base import BaseTrigger
from sqlmodel.ext.asyncio.session import AsyncSession

from app.scheduler.models import NAME_LENGTH
from app.settings import ConfigurationError, Settings


@dataclass(frozen=True)
class JobContext:
    """What a job works with. What it does in the session happens once, together with the note that it was done."""

    session: AsyncSession
    settings: Settings
    due_at: datetime


@dataclass(frozen=True)
class Job:
    """Work that is due when an APScheduler trigger says so; it is cut off after `timeout` seconds."""

    name: str
    trigger: BaseTrigger
    run: Callable[[JobContext], Awaitable[None]]
    timeout: float = 60


def find_jobs(folder: Path) -> list[Job]:
    """Every Job in the modules of a folder, by name; raises ConfigurationError."""
    jobs: dict[str, Job] = {}
    for path in sorted(folder.glob("[!_]*.py")):
        for job in _load(path):
            if job.name in jobs or not 0 < len(job.name) <= NAME_LENGTH:
                raise ConfigurationError([f"SCHEDULER_JOBS_PATH: the name of a job in {path.name} is not usable"])
            jobs[job.name] = job
    return [jobs[name] for name in sorted(jobs)]


def _load(path: Path) -> list[Job]:
    spec = spec_from_file_location(f"scheduler_jobs.{path.stem}", path)
    assert spec is not None  # noqa: S101  # it ends in .py
    assert spec.loader is not None  # noqa: S101
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return [value for value in vars(module).values() if isinstance(value, Job)]
