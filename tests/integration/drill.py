"""What the drills share: people whose acknowledged writes are counted, and what is kept of a drill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from tests.integration import own
from tests.product.platform import ROOT, kubectl

RECORDS: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
"""What the drills of this session have seen."""
CUT = (OSError, HTTPException)
TEXT = "You have three tasks that are due today, and none of them is late. " * 3
PORT = 18099
MOST_CUTS = 100


class Writer(own.Person):
    """Somebody who goes on adding tasks, and knows which were acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.acknowledged: set[str] = set()
        self.refused: Counter[str] = Counter()
        self.latest = 0.0

    def write(self) -> None:
        """Add a task; the latest one that was acknowledged is known by when it was begun."""
        begun = time.monotonic()
        try:
            self.acknowledged.add(self.ask("tasks", {"title": "a task that must not be lost"})["id"])
            self.latest = begun
        except CUT as error:
            self.refused[str(error)] += 1
        time.sleep(0.3)

    def lost(self) -> set[str]:
        """What was acknowledged and is not there."""
        found: set[str] = set()
        page = {"next_cursor": ""}
        while page["next_cursor"] is not None:
            page = self.ask(f"tasks?limit=100&cursor={page['next_cursor']}")
            found |= {task["id"] for task in page["items"]}
        return self.acknowledged - found


class Talker(own.Person):
    """Somebody who goes on talking with the assistant, and whose browser goes on with answers that were cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: Counter[str] = Counter()

    def talk(self) -> None:
        """Ask, and read the answer to its end."""
        path, headers = "chat", {"Idempotency-Key": os.urandom(8).hex()}
        body: dict[str, str] | None = {"message": "What is due today?"}
        said, cuts = "", 0
        while cuts < MOST_CUTS:
            try:
                for number, kind, event in self.events(path, body, headers):
                    path, body = (f"chat/{event['message_id']}/events", None) if kind == "start" else (path, body)
                    headers = {"Last-Event-ID": number}
                    said += event["text"] if kind == "text" else ""
                    if kind == "done":
                        self.answers["whole" if said == TEXT else f"{event['reason']}: {said[-40:]}"] += 1
                        self.answers["cut and resumed"] += cuts
                        return
            except HTTPError as error:
                self.answers[str(error)] += 1
                return
            except CUT:
                pass
            cuts += 1
            time.sleep(0.2)
        self.answers["cut again and again"] += 1


@contextmanager
def busy(actions: Sequence[Callable[[], None]]) -> Iterator[None]:
    """Each action is done again and again while the block runs."""
    done = threading.Event()

    def repeat(action: Callable[[], None]) -> None:
        while not done.is_set():
            action()

    with ExitStack() as stack:
        for action in actions:
            thread = threading.Thread(target=repeat, args=(action,))
            thread.start()
            stack.callback(thread.join)
        stack.callback(done.set)
        yield


@contextmanager
def provider() -> Iterator[str]:
    """A model that takes its time, at an address that pods reach."""
    host = kubectl("get", "nodes", "-o", "jsonpath={.items[0].status.addresses[0].address}")
    command = [sys.executable, "-m", "tests.standins", str(PORT), TEXT, "--host", host, "--pause", "0.2"]
    with subprocess.Popen(command, cwd=ROOT / "app/agent") as serving:
        try:
            yield f"http://{host}:{PORT}/v1"
        finally:
            serving.terminate()


def kill_container(container: str) -> None:
    """Send SIGKILL to every process of a container of the embedded node."""
    for cgroups in Path("/proc").glob("[0-9]*/cgroup"):
        try:
            if container in cgroups.read_text():
                os.kill(int(cgroups.parent.name), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            continue


def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end, "it did not recover within five minutes"
        time.sleep(0.3)
