"""Runs that are killed, and something for them to do in every stage."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.product.platform import ROOT, TINY, command
from tests.product.tiny.tiny import DEPLOYMENT, with_values

# A killed task has begun to do what it does.
BEGUN_SECONDS = 0.3


def edition(folder: Path, greeting: str) -> dict[str, Any]:
    """Variables that ask for an image that was never built, and for another greeting."""
    app = folder / "app"
    shutil.copytree(ROOT / "tests/tiny/app", app, dirs_exist_ok=True)
    (app / "NEWS").write_text(f"{greeting} {time.time_ns()}")
    with (app / "Dockerfile").open("a") as file:
        file.write("COPY NEWS /\n")
    [component] = DEPLOYMENT["images_components"]
    sources = {"context": str(app), "dockerfile": str(app / "Dockerfile")}
    return with_values(greeting=greeting) | {"images_components": [component | sources]}


def killed(
    *arguments: str,
    task: str = "",
    skip: int = 0,
    inventory: str = TINY,
    playbook: str = "site.yml",
    root: Path = ROOT,
) -> bool:
    """Start a run, of the tiny application unless told otherwise, and SIGKILL all of its processes in a task.

    It is the first one whose header holds `task`, after `skip` others. Returns whether there was one; without one the
    run came to its end.
    """
    # With skipped tasks shown a task is announced when it begins, not when its first result is there.
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "true"}
    argv = command(*arguments, inventory=inventory, playbook=playbook)
    with subprocess.Popen(argv, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as playing:
        assert playing.stdout
        headers = (line for line in playing.stdout if line.startswith("TASK [") and task in line)
        if not next(itertools.islice(headers, skip, None), ""):
            return False
        time.sleep(BEGUN_SECONDS)
        playing.send_signal(signal.SIGSTOP)
        for pid in list(_family(playing.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    return True


def _family(pid: int) -> Iterator[int]:
    """A process and everything that descends from it."""
    yield pid
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                yield from _family(int(path.parent.name))
