"""The end of a process: readiness drops first, then the server stops."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import structlog

log = structlog.get_logger("app.lifecycle")


class Lifecycle:
    """Whether the process is on its way out."""

    def __init__(self) -> None:
        self.draining = False
        self.stopping = False
        self._streams: set[asyncio.Task[Any]] = set()

    def drain_on_sigterm(self, delay: float) -> None:
        """On SIGTERM keep serving for `delay` seconds with readiness off, then let the server's own handler stop it."""
        stop = signal.getsignal(signal.SIGTERM)
        if not callable(stop) or threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()

        def drain() -> None:
            log.info("draining", seconds=delay)
            loop.call_later(delay, self.end_streams)
            loop.call_later(delay, stop, signal.SIGTERM, None)

        def on_sigterm(_: int, __: FrameType | None) -> None:
            self.draining = True
            loop.call_soon_threadsafe(drain)

        signal.signal(signal.SIGTERM, on_sigterm)

    @contextmanager
    def stream(self, task: asyncio.Task[Any]) -> Iterator[None]:
        """Let a task that answers without end be cancelled when the process stops."""
        self._streams.add(task)
        if self.stopping:
            task.cancel()
        try:
            yield
        finally:
            self._streams.discard(task)

    def end_streams(self) -> None:
        """Cancel what would never end by itself."""
        self.stopping = True
        for task in self._streams:
            task.cancel()
