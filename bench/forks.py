"""Runs pytest again and again without importing again what is not the project's.

Takes the arguments of a run as a line of JSON, and answers with a line: the status of the process that it was.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

OWN = {"__main__", "agent", "ansible_collections", "app", "tests"}
_LIST = "import sys, tests.conftest; print(*sys.modules)"


def warm_up() -> None:
    """Import what the tests need, but for the project's own modules, which are about to change."""
    listed = subprocess.run([sys.executable, "-c", _LIST], stdout=subprocess.PIPE, text=True, check=False).stdout
    for name in listed.split():
        if name.partition(".")[0] not in OWN:
            with suppress(Exception):
                importlib.import_module(name)


def main(seconds: int) -> None:
    """Answer until there are no more lines; a run that lasts longer than so many seconds ends by SIGALRM."""
    warm_up()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            signal.alarm(seconds)
            for descriptor in range(3):
                os.dup2(nowhere, descriptor)
            # What is imported already can't be rewritten.
            sys.exit(pytest.main(["--assert=plain", "-W", "ignore", *json.loads(line)]))
        print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
