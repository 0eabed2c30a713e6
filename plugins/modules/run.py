#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Run one long command, and show how far it is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: run
short_description: Run a long command with a log and visible progress
version_added: "0.1.0"
description:
  - Runs one command without a shell, writes all its output to a log, and reports how far it is to the callback
    P(todo.platform.progress#callback), which prints it every few seconds.
  - Standard output and standard error are read as one stream. When the command fails its last lines are in the error.
  - When the run of Ansible is interrupted the command and everything that it started in its process group is ended.
options:
  argv:
    description: The command and its arguments. They are written to the log, so no secret belongs here.
    type: list
    elements: str
    required: true
  chdir:
    description: Folder to run in.
    type: path
  environment:
    description: Variables to add to the command's environment. Never logged.
    type: dict
    default: {}
  marker:
    description:
      - A file that says that the work is done. It is made when the command succeeds, and holds how long it took; when
        it exists already the command is not run.
      - Of several runs with the same marker only one works; the others wait for it, and work only if it failed. So a
        task that was started in the background is waited for by the same task in the foreground.
    type: path
  log:
    description: File that the output is appended to, made with mode 0600. Without it the output is not kept.
    type: path
  stage:
    description: What the command does, in the words a person reads. Defaults to the name of the program.
    type: str
  progress:
    description: How to read the command's progress from its output. Without it only time is shown.
    type: dict
    default: {}
    suboptions:
      lines_total:
        description:
          - How many lines the command will print.
          - With a O(progress.pattern) that has no named groups only the lines that match are counted.
        type: int
      pattern:
        description:
          - Regular expression (Python) that is searched in each line. Named groups are C(done) or C(begun), and
            C(total), or C(percent); C(detail) is what is being worked on. The one that has C(begun) is not done yet.
        type: str
      unit:
        description: What is counted, for example C(packages).
        type: str
        default: ""
  estimate_seconds:
    description: How long the command is expected to take.
    type: float
  tail:
    description: How many of the last lines to show when the command fails.
    type: int
    default: 30
  progress_file:
    description:
      - File through which progress is reported. The callback sets the variable E(TODO_PLATFORM_PROGRESS) for all
        modules of a run, so it need not be given.
    type: path
attributes:
  check_mode:
    support: full
    description: Says that the command would run, unless O(marker) exists.
  diff_mode:
    support: none
    description: A command has no differences to show.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: Compile Kubernetes
  todo.platform.run:
    stage: compile Kubernetes
    argv: [go, build, -v, -o, "{{ bin_dir }}/", tool]
    chdir: "{{ build_dir }}"
    environment: {CGO_ENABLED: "0"}
    marker: "{{ build_dir }}/complete"
    log: "{{ deployment_state_dir }}/compile.log"
    progress: {lines_total: 1893, unit: packages}
    estimate_seconds: 740

- name: Build an image
  todo.platform.run:
    stage: build todo-backend
    argv: [docker, build, --progress=plain, "."]
    progress:
      pattern: '\[(?:\S+ +)?(?P<done>\d+)/(?P<total>\d+)\] (?P<detail>.*)'
      unit: steps
"""

RETURN = r"""
rc:
  description: Exit code of the command. Negative is the signal that ended it.
  returned: when the command ran
  type: int
seconds:
  description: How long it ran.
  returned: when the command ran
  type: float
lines:
  description: How many lines it printed.
  returned: when the command ran
  type: int
log:
  description: Path of the log, if one was asked for.
  returned: always
  type: str
"""

import collections
import contextlib
import dataclasses
import fcntl
import json
import os
import re
import select
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any

from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible_collections.todo.platform.plugins.module_utils.progress import (
    ENVIRONMENT_VARIABLE,
    Progress,
    read_progress,
    write_text,
)

HEARTBEAT_SECONDS = 2.0
GRACE_SECONDS = 10.0
LOCK_PAUSE_SECONDS = 0.3
LONGEST_DETAIL = 80
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclasses.dataclass
class Reading:
    """What one line of output says about progress."""

    done: int | None = None
    total: int | None = None
    percent: float | None = None
    detail: str = ""


class Meter:
    """Reads progress from lines of output: by counting them, or by a pattern with named groups."""

    def __init__(self, lines_total: int | None, pattern: str | None) -> None:
        self._count = 0
        self._lines_total = lines_total
        self._pattern = re.compile(pattern) if pattern else None
        self._groups = frozenset(self._pattern.groupindex) if self._pattern else frozenset()

    def read(self, line: str) -> Reading | None:
        """What `line` says, or None if it says nothing."""
        match = self._pattern.search(line) if self._pattern else None
        if self._pattern and not match:
            return None
        groups = {key: value for key, value in (match.groupdict() if match else {}).items() if value is not None}
        detail = groups.get("detail", "").strip()[:LONGEST_DETAIL]
        if self._groups & {"done", "begun", "total", "percent"}:
            done, begun, total, percent = (_number(groups.get(name)) for name in ("done", "begun", "total", "percent"))
            return Reading(_whole(done if begun is None else begun - 1), _whole(total), percent, detail)
        self._count += 1
        return Reading(self._count, self._lines_total, None, detail)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


class InterruptedRunError(Exception):
    """The run of Ansible is being ended."""


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise InterruptedRunError(f"interrupted by {signal.Signals(number).name}")


class Command:
    """One running command, in a process group of its own, with what it has printed so far."""

    def __init__(
        self, argv: list[str], chdir: str | None, environment: dict[str, str], log: IO[bytes] | None, tail: int
    ) -> None:
        self.lines = 0
        self.tail: collections.deque[str] = collections.deque(maxlen=tail)
        self._log = log
        self._rest = b""
        self._process = subprocess.Popen(
            argv,
            cwd=chdir,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def follow(self, meter: Meter, progress: Progress) -> int:
        """Read the output to its end and return the exit code.

        :raises InterruptedRunError: nobody is waiting for the result any more.
        """
        if self._process.stdout is None:
            raise InterruptedRunError("its output cannot be read")
        output = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(output, select.POLLIN)
        poll.register(1, 0)
        while True:
            events = dict(poll.poll(HEARTBEAT_SECONDS * 1000))
            if events.get(1, 0) & (select.POLLERR | select.POLLHUP):
                raise InterruptedRunError("the run of Ansible is gone")
            chunk = os.read(output, 65536) if output in events else b""
            if output in events and not chunk:
                break
            readings = [reading for line in self._split(chunk) if (reading := meter.read(line))]
            last = readings[-1] if readings else Reading()
            progress.update(last.done, last.detail, total=last.total, percent=last.percent)
            if not chunk and self._process.poll() is not None:
                break  # a daemon it left behind still holds the pipe
        self._split(b"\n" if self._rest else b"")
        return self._process.wait()

    def stop(self) -> None:
        """End the whole process group: politely first, by force after a while."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        for number, patience in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, GRACE_SECONDS)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        self._process.wait()

    def _split(self, chunk: bytes) -> list[str]:
        if self._log:
            self._log.write(chunk)
        *whole, self._rest = re.split(rb"\r\n|\n|\r", self._rest + chunk)
        lines = [line for raw in whole if (line := ESCAPE_SEQUENCE.sub("", raw.decode("utf-8", "replace")).rstrip())]
        self.lines += len(lines)
        self.tail.extend(lines)
        return lines


def _open_log(path: str | None, stage: str, argv: list[str]) -> IO[bytes] | None:
    if not path:
        return None
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    log = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", buffering=0)
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    log.write(f"\n=== {started} {stage}\n=== {shlex.join(argv)}\n".encode())
    return log


def run(module: AnsibleModule, params: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Run the command of `params` to its end and return the module's result and the last lines of output."""
    argv: list[str] = params["argv"]
    stage = params["stage"] or Path(argv[0]).name
    environment = {key: str(value) for key, value in params["environment"].items()}
    try:
        meter = Meter(params["progress"].get("lines_total"), params["progress"].get("pattern"))
    except re.error as error:
        module.fail_json(msg=f"progress.pattern is not a regular expression: {error}")
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        try:
            log = _open_log(params["log"], stage, argv)
            if log:
                stack.enter_context(log)
            command = Command(argv, params["chdir"], environment, log, max(params["tail"], 1))
        except OSError as error:
            module.fail_json(msg=f"{stage} could not be started: {error.strerror}: {error.filename}", log=params["log"])
        progress = stack.enter_context(
            Progress(
                params["progress_file"],
                stage,
                params["progress"].get("lines_total"),
                unit=params["progress"].get("unit") or "",
                estimate_seconds=params["estimate_seconds"],
            )
        )
        try:
            rc = command.follow(meter, progress)
        except BaseException:
            command.stop()
            raise
    seconds = round(time.monotonic() - started, 3)
    return {"rc": rc, "seconds": seconds, "lines": command.lines}, list(command.tail)


@contextlib.contextmanager
def _alone(marker: str | None, stage: str, progress_file: str | None) -> Iterator[None]:
    """Hold the lock of the work that `marker` stands for; wait while another process does it, and say so."""
    if marker is None:
        yield
        return
    Path(marker).parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        lock = stack.enter_context(Path(f"{marker}.lock").open("a", encoding="utf-8"))
        waiting: Progress | None = None
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # A worker of this run shows its own progress.
                if waiting is None and stage not in {one.stage for one in read_progress(progress_file or "")}:
                    waiting = stack.enter_context(Progress(progress_file, f"wait for another run: {stage}"))
                time.sleep(LOCK_PAUSE_SECONDS)
        if waiting:
            waiting.close()
        yield


def _failure(stage: str, result: dict[str, Any], tail: list[str], log: str | None) -> str:
    rc = result["rc"]
    end = f"was ended by {signal.Signals(-rc).name}" if rc < 0 else f"failed with exit code {rc}"
    text = f"{stage} {end} after {result['seconds']:.0f} s."
    if tail:
        text += f" Its last lines:\n{os.linesep.join(tail)}"
    return f"{text}\nThe whole output is in {log}" if log else text


def main() -> None:
    """Entry point of the module."""
    module = AnsibleModule(
        argument_spec={
            "argv": {"type": "list", "elements": "str", "required": True},
            "chdir": {"type": "path"},
            "environment": {"type": "dict", "default": {}},
            "marker": {"type": "path"},
            "log": {"type": "path"},
            "stage": {"type": "str"},
            "progress": {
                "type": "dict",
                "default": {},
                "options": {
                    "lines_total": {"type": "int"},
                    "pattern": {"type": "str"},
                    "unit": {"type": "str", "default": ""},
                },
            },
            "estimate_seconds": {"type": "float"},
            "tail": {"type": "int", "default": 30},
            "progress_file": {"type": "path", "fallback": (env_fallback, [ENVIRONMENT_VARIABLE])},
        },
        supports_check_mode=True,
    )
    params = module.params
    log = params["log"]
    if not params["argv"]:
        module.fail_json(msg="argv is empty: give the program and its arguments.")
    stage = params["stage"] or Path(params["argv"][0]).name
    done = {"changed": False, "msg": f"{params['marker']} is there already.", "log": log}
    if params["marker"] and Path(params["marker"]).exists():
        module.exit_json(**done)
    if module.check_mode:
        module.exit_json(changed=True, msg=f"{stage} would run.", log=log)
    try:
        with _alone(params["marker"], stage, params["progress_file"]):
            if params["marker"] and Path(params["marker"]).exists():
                module.exit_json(**done)
            result, tail = run(module, params)
            if params["marker"] and not result["rc"]:
                write_text(Path(params["marker"]), json.dumps({"seconds": result["seconds"]}) + "\n", 0o644)
    except InterruptedRunError as error:
        module.fail_json(msg=f"{stage} was stopped: {error}.", log=log)
    if result["rc"]:
        module.fail_json(msg=_failure(stage, result, tail, log), log=log, **result)
    module.exit_json(changed=True, msg=f"{stage} took {result['seconds']:.0f} s.", log=log, **result)


if __name__ == "__main__":
    main()
