"""One run at a time: a lock that names the process it belongs to, and so is free when that process is gone."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ansible_collections.todo.platform.plugins.module_utils.machine import Machine, Process, user_name


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: a process (its id and when it was started), where, whose, for what and since when (epoch)."""

    pid: int
    started: str
    host: str
    user: str
    deployment: str
    since: float

    @property
    def identity(self) -> tuple[int, str, str]:
        """What tells one run from another."""
        return self.pid, self.started, self.host

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        return f"{self.user} runs deployment {self.deployment} since {since} (process {self.pid} on {self.host})"


def run_process(machine: Machine, pid: int) -> Process | None:
    """The ansible-playbook process that a module's process descends from, or the process itself where none is.

    Ansible's workers are forks: they have the same command as the process that the run begins and ends with.
    """
    chain = list(machine.ancestry(pid))
    runs = [process for process in chain if any(_is_ansible(word) for word in process.command.split()[:3])]
    # A run that another one started has a command of its own.
    forks = list(itertools.takewhile(lambda process: process.command == runs[0].command, runs))
    if forks:
        return forks[-1]
    return chain[0] if chain else None


def _is_ansible(word: str) -> bool:
    return Path(word).name.startswith("ansible")


def this_run(machine: Machine, deployment: str, pid: int) -> Holder:
    """The holder that this run would be."""
    process = run_process(machine, pid)
    pid = process.pid if process else pid
    return Holder(pid, machine.started(pid), socket.gethostname(), user_name(os.geteuid()), deployment, time.time())


def alive(holder: Holder, machine: Machine) -> bool:
    """Whether a holder still runs; of another host's nobody here can know, so it does."""
    away = holder.host != socket.gethostname()
    return away or (bool(holder.started) and machine.started(holder.pid) == holder.started)


def other_run(path: Path, me: Holder, machine: Machine) -> Holder | None:
    """The run that holds the lock, unless it is this one or is over."""
    holder = _read(path)
    if holder is None or holder.identity == me.identity:
        return None
    return holder if alive(holder, machine) else None


def take(path: Path, me: Holder, machine: Machine) -> Holder | None:
    """Take the lock, also from a run that is over; returns the run that holds it when another one does."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _exclusive(path.with_suffix(".guard")):
        if other := other_run(path, me, machine):
            return other
        current = _read(path)
        if current is None or current.identity != me.identity:
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(asdict(me)))
            fresh.replace(path)
    return None


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Only one process at a time gets past here; the kernel lets go when it dies."""
    with path.open("a") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
