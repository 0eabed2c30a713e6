"""Breaks an application while somebody writes into it, and looks whether what was acknowledged is there afterwards."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context, Settings
from ansible_collections.todo.platform.plugins.module_utils.checks.story import Memory, StepError, generated, play
from ansible_collections.todo.platform.plugins.module_utils.checks.target import TargetError, open_target
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubectlError

PAUSE = 0.1
"""Seconds between two writes, and two looks."""

Run = Callable[[Sequence[str]], tuple[int, str]]
"""Runs a command; its exit code, and what it said."""


class DrillError(Exception):
    """A drill could not be done, or nothing recovered from it; the text says which and why."""


@dataclasses.dataclass(frozen=True)
class Row:
    """What came of one drill."""

    drill: str
    acknowledged: int
    refused: int
    lost: int
    seconds: float


class Writer:
    """Somebody who writes again and again, and keeps what each answer taught; `latest` is when the last was begun."""

    def __init__(self, story: Settings, context: Context) -> None:
        self.latest = 0.0
        self.refused = 0
        self.acknowledged: list[Mapping[str, Any]] = []
        self._story = story
        self._context = context
        self._memory = Memory(generated())
        self._number = 0
        self._done = threading.Event()
        self._thread = threading.Thread()

    def play(self, steps: Sequence[Settings]) -> None:
        """Play steps in a row.

        :raises DrillError: one does not go as expected.
        """
        try:
            with open_target(self._story, self._context, direct=True) as target:
                for step in steps:
                    play({"method": "GET", **step}, self._story, target, self._memory)
        except (StepError, KeyError, TargetError, KubectlError) as error:
            raise DrillError(self._memory.mask(str(error))) from error

    def start(self) -> None:
        """Begin to write."""
        self.refused = 0
        self.acknowledged = []
        self._done.clear()
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()

    def stop(self) -> None:
        """Write no more."""
        self._done.set()
        self._thread.join()

    def lost(self, acknowledged: Sequence[Mapping[str, Any]]) -> int:
        """How many writes are not there."""
        count = 0
        for known in acknowledged:
            self._memory.values |= known
            try:
                self.play([self._story["find"]])
            except DrillError:
                count += 1
        return count

    def _go_on(self) -> None:
        while not self._done.is_set():
            begun = time.monotonic()
            self._number += 1
            self._memory.values["number"] = self._number
            try:
                self.play([self._story["write"]])
                self.acknowledged.append(dict(self._memory.values))
                self.latest = begun
            except DrillError:
                self.refused += 1
            self._done.wait(PAUSE)


def practise(
    drills: Sequence[Settings],
    story: Settings,
    context: Context,
    run: Run,
    *,
    timeout: float,
    say: Callable[[str], None],
) -> list[Row]:
    """Do one drill after the other, and look for every acknowledged write at the end.

    :raises DrillError: nobody can write before anything is broken, a command fails, or it does not recover in time.
    """
    writer = Writer(story, context)
    seen = []
    writer.play(story["begin"])
    try:
        for drill in drills:
            say(drill["name"])
            writer.start()
            try:
                seconds = _strike(drill, writer, run, timeout)
            finally:
                writer.stop()
            seen.append((drill["name"], writer.acknowledged, writer.refused, round(seconds, 1)))
        return [
            Row(name, len(acknowledged), refused, writer.lost(acknowledged), seconds)
            for name, acknowledged, refused, seconds in seen
        ]
    finally:
        with contextlib.suppress(DrillError):
            writer.play(story["end"])


def _strike(drill: Settings, writer: Writer, run: Run, timeout: float) -> float:
    """Seconds from the break, or from its mending, until all is as before and the next write is acknowledged."""
    began = time.monotonic()
    _until(lambda: writer.latest > began, timeout, f"{drill['name']}: nothing was broken yet, and no write succeeds")
    _must(run, drill["strike"], drill["name"])
    if drill["mend"]:
        time.sleep(drill["hold"])
        _must(run, drill["mend"], drill["name"])
    broken = time.monotonic()
    failure = f"{drill['name']}: it did not recover within {timeout:g} s"
    if drill["back"]:
        _until(lambda: run(drill["back"])[0] == 0, timeout, failure)
    back = time.monotonic()
    _until(lambda: writer.latest > back, timeout, failure)
    return time.monotonic() - broken


def _must(run: Run, command: Sequence[str], name: str) -> None:
    code, said = run(command)
    if code:
        raise DrillError(f"{name}: {' '.join(command)} failed: {said.strip()}")


def _until(condition: Callable[[], bool], timeout: float, failure: str) -> None:
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise DrillError(failure)
        time.sleep(PAUSE)


def as_table(rows: Sequence[Row]) -> str:
    """The rows for a terminal."""
    head = ("What was broken", "Acknowledged", "Lost", "Refused meanwhile", "Recovered in")
    lines = [
        (row.drill, f"{row.acknowledged}", f"{row.lost}", f"{row.refused}", f"{row.seconds:.1f} s") for row in rows
    ]
    widths = [max(len(line[number]) for line in (head, *lines)) for number in range(len(head))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, *lines)
    )
