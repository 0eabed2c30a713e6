"""Progress of long work, shared between the modules that do it and the callback that prints it.

A module opens a `Progress` on a small JSON file; the callback reads the same file from another process. Several modules
may report at once (asynchronous tasks), so the file holds one entry per stage. Writing progress is a courtesy: an
unwritable file never fails the work.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ENVIRONMENT_VARIABLE = "TODO_PLATFORM_PROGRESS"
WRITE_INTERVAL_SECONDS = 0.5
SHORT_SECONDS = 10
"""Shorter durations are written with a decimal."""


@dataclasses.dataclass
class StageProgress:
    """How far one stage is. Times are seconds since the epoch; `percent` is 0..100 and beats `done` of `total`."""

    stage: str
    pid: int
    started: float
    updated: float
    done: int | None = None
    total: int | None = None
    percent: float | None = None
    unit: str = ""
    detail: str = ""
    estimate_seconds: float | None = None

    def fraction(self) -> float | None:
        """The finished share of the work (0..1) as the stage itself counts it, or None if it does not count."""
        if self.percent is not None:
            return min(max(self.percent / 100, 0.0), 1.0)
        if self.done is not None and self.total:
            return min(max(self.done / self.total, 0.0), 1.0)
        return None

    def remaining(self, now: float) -> float | None:
        """Seconds that are probably left, or None if nothing is known.

        An estimate made before the start counts most at the beginning and the measured pace counts most at the end.
        """
        elapsed = max(now - self.started, 0.0)
        fraction = self.fraction()
        if fraction:
            paced = elapsed / fraction
            expected = paced if self.estimate_seconds is None else self.estimate_seconds
            return max(fraction * paced + (1 - fraction) * expected - elapsed, 0.0)
        if self.estimate_seconds is not None:
            return max(self.estimate_seconds - elapsed, 0.0)
        return None

    def line(self, now: float) -> str:
        """One line for a person, such as `compile: 412 of 1893 packages, 22 %, 4m10s elapsed, about 9m left`."""
        elapsed = max(now - self.started, 0.0)
        parts = []
        if self.done is not None and self.total:
            parts.append(f"{self.done} of {self.total} {self.unit}".rstrip())
        elif self.done:
            parts.append(f"{self.done} {self.unit}".rstrip())
        fraction = self.fraction()
        if fraction is None and self.estimate_seconds:
            fraction = min(elapsed / self.estimate_seconds, 0.99)
        if fraction is not None:
            parts.append(f"{int(fraction * 100)} %")
        parts.append(f"{_clock(elapsed)} elapsed")
        parts.extend(_left(self.remaining(now), self.estimate_seconds, elapsed))
        text = f"{self.stage}: {', '.join(parts)}"
        return f"{text} ({self.detail})" if self.detail else text


def _left(remaining: float | None, estimate: float | None, elapsed: float) -> list[str]:
    if remaining is None:
        return []
    if estimate is not None and elapsed > estimate and remaining < 1:
        return [f"longer than the usual {_clock(estimate)}"]
    return [f"about {_clock(max(remaining, 1.0))} left"]


def format_seconds(seconds: float) -> str:
    """A duration as people write it: `850ms`, `4.2s`, `42s`, `4m10s`, `1h05m`."""
    if round(seconds, 3) < 1:
        return f"{round(seconds * 1000)}ms"
    if round(seconds, 1) < SHORT_SECONDS:
        return f"{seconds:.1f}s"
    return _clock(seconds)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_rest = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes_rest:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


class Progress:
    """Reports how far one stage is, in the file at `path`; does nothing when `path` is None or empty.

    Use it as a context manager: leaving it takes the stage out of the file.

    :param stage: what is being done, in the words a person reads ("compile Kubernetes").
    :param total: how many units there are, if known.
    :param unit: what is counted ("packages").
    :param estimate_seconds: how long the whole stage is expected to take, if known.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None,
        stage: str,
        total: int | None = None,
        *,
        unit: str = "",
        estimate_seconds: float | None = None,
    ) -> None:
        now = time.time()
        self._path = Path(path) if path else None
        self._written = 0.0
        self._state = StageProgress(
            stage, os.getpid(), now, now, total=total, unit=unit, estimate_seconds=estimate_seconds
        )

    def update(
        self, done: int | None = None, detail: str = "", *, total: int | None = None, percent: float | None = None
    ) -> None:
        """Note how far the stage is. Cheap: the file is written at most twice a second."""
        state = self._state
        state.done = state.done if done is None else done
        state.total = state.total if total is None else total
        state.percent = state.percent if percent is None else percent
        state.detail = detail or state.detail
        state.updated = time.time()
        if time.monotonic() - self._written >= WRITE_INTERVAL_SECONDS:
            self._write(self._state)

    def close(self) -> None:
        """Take the stage out of the file."""
        self._write(None)

    def __enter__(self) -> Self:
        self._write(self._state)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, state: StageProgress | None) -> None:
        if self._path is None:
            return
        self._written = time.monotonic()
        with contextlib.suppress(OSError), _locked(self._path):
            stages = {one.stage: dataclasses.asdict(one) for one in read_progress(self._path)}
            stages.pop(self._state.stage, None)
            if state is not None:
                stages[state.stage] = dataclasses.asdict(state)
            write_json(self._path, {"stages": stages})


def read_progress(path: str | os.PathLike[str]) -> list[StageProgress]:
    """The stages at work now, the longest-running first. Entries of processes that are gone are left out."""
    try:
        document: Any = json.loads(Path(path).read_text(encoding="utf-8"))
        stages = [StageProgress(**entry) for entry in document["stages"].values()]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return []
    return sorted((stage for stage in stages if _alive(stage.pid)), key=lambda stage: stage.started)


def write_json(path: Path, document: object, mode: int = 0o600) -> None:
    """Replace the file at `path` by `document` as JSON in one step, so that no reader sees half of it.

    :raises OSError: the folder cannot be made or written to.
    """
    write_text(path, json.dumps(document, indent=1) + "\n", mode)


def write_text(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace the file at `path` by `text` in one step.

    :raises OSError: the folder cannot be made or written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
