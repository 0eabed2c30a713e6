# SPDX-License-Identifier: Apache-2.0
"""Says how far long work is, and notes how long each stage of a run takes."""

from __future__ import annotations

DOCUMENTATION = r"""
name: todo.platform.progress
type: aggregate
short_description: Progress of long tasks and durations of stages
version_added: "0.1.0"
description:
  - While a task runs for long it prints every few seconds what is done, what is left and for how long, so that a run
    is never silent. Modules that can tell report it in a small file; for others the last duration of the task counts.
  - Notes how long each stage (role) of the run takes, in C(timings.json) of the deployment's state folder, for the
    report of the role C(validate).
  - The state folder is C(deployment_state_dir); in a play without C(deployment_name), and in check mode, nothing is
    written.
  - Prints names of tasks and stages, never values. An error inside it gives one warning and never ends a run.
options:
  after:
    description: Seconds that a task runs before the first line.
    type: float
    default: 5
    ini: [{section: callback_progress, key: after}]
    env: [{name: TODO_PLATFORM_PROGRESS_AFTER}]
  interval:
    description: Seconds between lines.
    type: float
    default: 8
    ini: [{section: callback_progress, key: interval}]
    env: [{name: TODO_PLATFORM_PROGRESS_INTERVAL}]
author: todo.platform contributors
"""

import dataclasses
import functools
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from ansible import context
from ansible.errors import AnsibleError
from ansible.plugins.callback import CallbackBase
from ansible.template import Templar
from ansible_collections.todo.platform.plugins.module_utils.progress import (
    ENVIRONMENT_VARIABLE,
    StageProgress,
    read_progress,
)
from ansible_collections.todo.platform.plugins.module_utils.timings import (
    RUN_VARIABLE,
    WORTH_AN_ESTIMATE_SECONDS,
    RunTimings,
    read_task_seconds,
    write_task_seconds,
)

INDENT = "    "
MOST_LINES = 3
TICK_SECONDS = 0.5

Method = TypeVar("Method", bound=Callable[..., None])


def guarded(method: Method) -> Method:
    """Keep an error of this plugin from ending a run: warn once, then stay quiet."""

    @functools.wraps(method)
    def wrapper(self: CallbackModule, *args: Any, **kwargs: Any) -> None:
        if self.broken:
            return
        try:
            with self.lock:
                method(self, *args, **kwargs)
        except Exception as error:
            self.broken = True
            self._display.warning(f"Progress is no longer shown: {type(error).__name__} in {method.__name__}: {error}")

    return cast(Method, wrapper)


def identity(task: Any) -> str:
    """What tells a task from all others of the run."""
    return str(task._uuid)  # has no other way


@dataclasses.dataclass
class RunningTask:
    """A task that some host is at work on."""

    stage: str
    name: str
    started: float
    hosts: set[str] = dataclasses.field(default_factory=set)


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Prints progress from a thread of its own; every method is called in Ansible's main process."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "todo.platform.progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.broken = False
        self.lock = threading.RLock()
        self._run = RunTimings("")
        self._play_name = ""
        self._tasks: dict[str, RunningTask] = {}
        self._seconds: dict[str, float] = {}
        self._state_dir: Path | None = None
        self._deployment_dir: Path | None = None
        self._noted = False
        self._heard_at = time.time()
        self._own_line = False
        self._ended = threading.Event()
        self._ticker: threading.Thread | None = None

    # ---- what Ansible tells -------------------------------------------------------------------------------------

    @guarded
    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._run.playbook = self._run.playbook or Path(playbook._file_name).name  # has no other way
        os.environ[RUN_VARIABLE] = self._run.id
        if self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
            self._ticker.start()

    @guarded
    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._play_name = play.get_name().strip()
        if self._state_dir is None:
            self._find_state(play)
        self._heard()

    @guarded
    def v2_playbook_on_task_start(self, task: Any, **_: Any) -> None:
        self._start(task)

    @guarded
    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self._start(task)

    @guarded
    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        name = host.get_name()
        for uuid in list(self._tasks):
            self._leave(uuid, name)  # an include ends without an event of its own
        known = self._tasks.setdefault(identity(task), self._running(task))
        known.hosts.add(name)

    @guarded
    def v2_runner_on_ok(self, result: Any) -> None:
        self._end(result)

    @guarded
    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._end(result, failed=not ignore_errors)

    @guarded
    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._end(result, failed=True)

    @guarded
    def v2_runner_on_skipped(self, result: Any) -> None:
        self._end(result)

    @guarded
    def v2_runner_item_on_ok(self, _result: Any) -> None:
        self._heard()

    @guarded
    def v2_runner_item_on_failed(self, _result: Any) -> None:
        self._heard()

    @guarded
    def v2_runner_retry(self, _result: Any) -> None:
        self._heard()

    @guarded
    def v2_runner_on_async_poll(self, _result: Any) -> None:
        self._heard()

    @guarded
    def v2_playbook_on_stats(self, _stats: Any) -> None:
        self._ended.set()
        now = time.time()
        self._run.leave(now)
        self._run.finished = now
        self._write()
        if self._state_dir and self._seconds:
            write_task_seconds(self._state_dir, {**read_task_seconds(self._state_dir), **self._seconds})
        self._heard()

    # ---- what it means ------------------------------------------------------------------------------------------

    def _find_state(self, play: Any) -> None:
        """Find the deployment's state folder in the variables of the play's first host."""
        manager = play.get_variable_manager()
        hosts = manager._inventory.get_hosts(play.hosts)  # has no other way
        if not hosts or context.CLIARGS.get("check"):
            return
        variables = manager.get_vars(play=play, host=hosts[0])
        templar = Templar(loader=play.get_loader(), variables=variables)

        def value(name: str, default: str = "") -> str:
            return str(templar.template(variables[name])) if variables.get(name) else default

        try:
            deployment = value("deployment_name")
            root = value("deployment_root", value("inventory_dir") + "/../..")
            state_dir = value("deployment_state_dir", f"{root}/.state")
        except AnsibleError:
            return  # whoever needs the variable reports it better
        if deployment:
            self._state_dir = Path(state_dir).resolve()
            self._deployment_dir = self._state_dir / deployment
            os.environ.setdefault(ENVIRONMENT_VARIABLE, str(self._state_dir / "progress.json"))

    def _stage(self, task: Any) -> str:
        role = getattr(task, "_role", None)
        # The task that includes a role stands in for the role, and names it differently.
        name = getattr(role, "_role_name", "") or (role.get_name() if role else self._play_name)
        return str(name).rpartition(".")[2]

    def _running(self, task: Any) -> RunningTask:
        return RunningTask(self._stage(task), str(task.name or task.action).strip(), time.time())

    def _start(self, task: Any) -> None:
        now = time.time()
        stage = self._stage(task)
        known = self._tasks.get(identity(task))
        if known is None or not known.hosts:
            self._tasks[identity(task)] = self._running(task)
        if stage != self._run.current:
            self._run.enter(stage, now)
            self._write()
        self._heard()

    def _end(self, result: Any, failed: bool = False) -> None:
        task = self._tasks.get(identity(result.task))
        if task:
            timing = self._run.stage(task.stage)
            timing.tasks += 1
            timing.changed += bool(result.is_changed())
            timing.failed += failed
            self._leave(identity(result.task), result.host.get_name())
            self._write()
        self._heard()

    def _leave(self, uuid: str, host: str) -> None:
        task = self._tasks[uuid]
        if host in task.hosts:
            task.hosts.remove(host)
            if not task.hosts:
                del self._tasks[uuid]
                if (seconds := time.time() - task.started) >= WORTH_AN_ESTIMATE_SECONDS:
                    self._seconds[task.name] = seconds

    def _write(self) -> None:
        # A run that removed its deployment leaves nothing of it behind, not even this.
        if self._noted and self._deployment_dir and not self._deployment_dir.exists():
            self._deployment_dir = None
        try:
            if self._deployment_dir:
                self._run.write(self._deployment_dir)
                self._noted = True
        except OSError as error:
            self._deployment_dir = None
            self._display.warning(f"Durations of stages cannot be noted: {error}")

    def _heard(self, own_line: bool = False) -> None:
        """Something was printed just now: show it at once even in a pipe, and begin the silence anew."""
        sys.stdout.flush()
        self._heard_at, self._own_line = time.time(), own_line

    # ---- what it says -------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        after, interval = self.get_option("after"), self.get_option("interval")
        while not self._ended.wait(min(after, interval, TICK_SECONDS)) and not self.broken:
            self._speak(after, interval)

    @guarded
    def _speak(self, after: float, interval: float) -> None:
        now = time.time()
        running = [task for task in self._tasks.values() if task.hosts]
        if self._ended.is_set() or not running or now - self._heard_at < (interval if self._own_line else after):
            return
        for line in self._lines(running, now)[:MOST_LINES]:
            self._display.display(INDENT + line)
        self._heard(own_line=True)

    def _lines(self, running: list[RunningTask], now: float) -> list[str]:
        reported = read_progress(os.environ.get(ENVIRONMENT_VARIABLE, ""))
        known = read_task_seconds(self._state_dir) if self._state_dir else {}
        if not reported:
            reported = [
                StageProgress(task.name, 0, task.started, now, estimate_seconds=known.get(task.name))
                for task in running
            ]
        return [stage.line(now) for stage in reported]
