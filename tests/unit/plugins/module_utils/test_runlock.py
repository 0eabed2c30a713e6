"""One run at a time, with real processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.todo.platform.plugins.module_utils import runlock
from ansible_collections.todo.platform.plugins.module_utils.machine import Machine

HERE = Machine()


@contextmanager
def process(*names: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits until it is no longer wanted."""
    with subprocess.Popen([sys.executable, "-c", "input()", *names], stdin=subprocess.PIPE) as child:
        yield child
        end(child)


def end(child: subprocess.Popen[bytes]) -> None:
    """Let a process end, and wait until it has."""
    if child.poll() is None:
        child.communicate(b"\n")


def run_of(pid: int, deployment: str = "dev") -> runlock.Holder:
    return runlock.this_run(HERE, deployment, pid)


def test_the_lock_is_held_as_long_as_its_process_lives(tmp_path: Path) -> None:
    path = tmp_path / "state" / "run.lock"
    with process() as first, process() as second:
        mine, theirs = run_of(first.pid), run_of(second.pid, "prod")
        assert runlock.take(path, mine, HERE) is None
        assert runlock.take(path, replace(mine, since=0.0), HERE) is None, "the same run may take it again"
        held = runlock.take(path, theirs, HERE)
        assert held == mine
        assert f"process {first.pid} on {socket.gethostname()}" in str(held)
        assert "deployment dev since 2" in str(held)
        assert runlock.other_run(path, theirs, HERE) == mine
        end(first)
        assert runlock.take(path, theirs, HERE) is None, "a run that is over holds nothing"
        assert runlock.other_run(path, mine, HERE) == theirs


def test_another_process_with_the_same_id_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    me = run_of(os.getpid())
    assert runlock.take(path, replace(me, started="another boot/1"), HERE) is None
    assert runlock.take(path, me, HERE) is None
    assert runlock.other_run(path, me, HERE) is None


def test_a_run_on_another_machine_holds_it_whatever_runs_here(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    me = run_of(os.getpid())
    away = replace(me, host="elsewhere", pid=1, started="")
    assert runlock.take(path, away, HERE) is None
    assert runlock.take(path, me, HERE) == away


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"pid": 1}), "null"])
def test_a_broken_lock_is_taken_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.lock"
    path.write_text(text)
    me = run_of(os.getpid())
    assert runlock.take(path, me, HERE) is None
    assert json.loads(path.read_text())["pid"] == me.pid


def test_a_run_is_the_first_of_its_forks(tmp_path: Path) -> None:
    """As Ansible does it: the run forks a worker with the same command, which starts the module."""
    script = tmp_path / "ansible-playbook"
    script.write_text(
        "import os, subprocess, sys\n"
        "if os.fork() == 0:\n"
        "    subprocess.run([sys.executable, '-c', 'import os; print(os.getpid(), flush=True); input()'])\n"
        "    os._exit(0)\n"
        "os.wait()\n"
    )
    command = [sys.executable, str(script), "site.yml"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        module = int(run.stdout.readline())
        found = runlock.run_process(HERE, module)
        assert found is not None
        assert found.pid == run.pid
        run.communicate("\n")


def test_without_ansible_a_run_is_the_process_itself() -> None:
    with process("site.yml") as child:
        found = runlock.run_process(HERE, child.pid)
        assert found is not None
        assert found.pid == child.pid
    assert runlock.run_process(HERE, child.pid) is None
