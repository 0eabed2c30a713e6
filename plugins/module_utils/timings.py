"""How long the stages of a run take: written by the progress callback, read by the report of the same run."""

from __future__ import annotations

import dataclasses
import json
import time
import uuid
from pathlib import Path
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.progress import write_json

RUN_VARIABLE = "TODO_PLATFORM_RUN"
"""Environment variable with the id of the run, so that a report does not take another run's timings for its own."""

FILE_NAME = "timings.json"
WORTH_AN_ESTIMATE_SECONDS = 5.0
"""A task that took less needs no estimate; not noting it keeps a no-op from hiding how long the real work takes."""


@dataclasses.dataclass
class StageTiming:
    """The time of one stage. `segments` are [start, length] in seconds from the start of the run."""

    name: str
    tasks: int = 0
    changed: int = 0
    failed: int = 0
    segments: list[list[float]] = dataclasses.field(default_factory=list)

    @property
    def seconds(self) -> float:
        """The time of all segments together."""
        return sum(length for _, length in self.segments)


@dataclasses.dataclass
class RunTimings:
    """The timings of one run. All time belongs to the stage entered last, so that the stages add up to the run."""

    playbook: str
    id: str = dataclasses.field(default_factory=lambda: uuid.uuid4().hex)
    started: float = dataclasses.field(default_factory=time.time)
    finished: float | None = None
    stages: list[StageTiming] = dataclasses.field(default_factory=list)
    current: str | None = None
    current_since: float = 0.0

    def stage(self, name: str) -> StageTiming:
        """The timing of the stage `name`, made when it is new."""
        for known in self.stages:
            if known.name == name:
                return known
        self.stages.append(StageTiming(name))
        return self.stages[-1]

    def enter(self, name: str, now: float) -> None:
        """The run is in the stage `name` from `now` on."""
        if name != self.current:
            self.leave(now)
            self.stage(name)
            self.current, self.current_since = name, now

    def leave(self, now: float) -> None:
        """Close the current stage."""
        if self.current is not None:
            start, length = self.current_since - self.started, now - self.current_since
            self.stage(self.current).segments.append([round(start, 3), round(length, 3)])
        self.current = None

    def write(self, folder: Path) -> None:
        """Write the run into `folder`.

        :raises OSError: the folder cannot be written to.
        """
        write_json(folder / FILE_NAME, dataclasses.asdict(self))


def read_run(folder: Path, run_id: str | None, now: float) -> RunTimings | None:
    """The run `run_id` as noted in `folder`, its current stage closed at `now`; None if that run noted nothing."""
    try:
        document: Any = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        run = RunTimings(**document)
        run.stages = [StageTiming(**stage) for stage in document["stages"]]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if run.id != run_id:
        return None
    run.leave(run.finished or now)
    return run


def read_task_seconds(folder: Path) -> dict[str, float]:
    """How long tasks took when they last took long: {"stage : task": seconds}."""
    try:
        document: Any = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return {str(name): float(seconds) for name, seconds in document["tasks"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def write_task_seconds(folder: Path, seconds: dict[str, float]) -> None:
    """Note how long tasks took.

    :raises OSError: the folder cannot be written to.
    """
    write_json(folder / FILE_NAME, {"tasks": {name: round(value, 1) for name, value in sorted(seconds.items())}})
