"""`make dev`, as a person sees it."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from typing import Self

from tests.product.platform import ANSWER, ROOT, command

LONGEST_SECONDS = 180


class Loop:
    """A loop at work; leaving the block presses Ctrl+C."""

    def __init__(self, *arguments: str, inventory: str = "inventories/dev") -> None:
        self._process = subprocess.Popen(
            command(*arguments, playbook="playbooks/dev.yml", inventory=inventory),
            cwd=ROOT,
            env={**os.environ, **ANSWER, "ANSIBLE_NOCOLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # As in a terminal, Ctrl+C is for it and what it started.
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def says(self, words: str) -> str:
        """What it says until it has said these words."""
        said = ""
        while words not in said:
            try:
                said += self._lines.get(timeout=LONGEST_SECONDS)
            except queue.Empty:
                raise AssertionError(f"never heard {words!r} in:\n{said}") from None
        return said

    def end(self) -> int:
        """Press Ctrl+C and wait for its exit code."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(LONGEST_SECONDS)
