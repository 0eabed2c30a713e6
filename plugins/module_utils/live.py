"""Brings changed files into the pods of a component, and hears what becomes of it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import subprocess
import tarfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.todo.platform.plugins.module_utils.changes import Developed, Sources
from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl, KubectlError, failure
from ansible_collections.todo.platform.plugins.module_utils.workloads import named, workloads

LONGEST_SECONDS = 60
"""How long a component has to say that it serves what was sent."""

QUIET_SECONDS = 3
"""How long a component is silent once it has said all of what is wrong."""

SHOWN_LINES = 5
_WRONG = re.compile(r'Error|Exception|Traceback|panic|"level": ?"(error|critical|fatal)"')
_TAR = 'tar -xmf - -C / && rm -rf -- "$@"'
_LIST = 'find "$@" -type f -exec sha256sum {} +'


def is_wrong(line: str) -> bool:
    """Whether a line of a log tells of an error, and is not only by a logger of that name."""
    return bool(_WRONG.search(line))


@dataclass(frozen=True)
class Outcome:
    """What became of files in one pod: how many there were, and what the component says is wrong with them."""

    files: int
    wrong: tuple[str, ...] = ()


class Log:
    """What a pod writes from now on."""

    def __init__(self, kubectl: Kubectl, pod: str) -> None:
        command = kubectl.command(["logs", "--follow", "--tail=0", "--request-timeout=0", pod])
        self._process = subprocess.Popen(
            command,
            env=kubectl.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            # Ctrl+C is not for it.
            start_new_session=True,
        )
        self.lines: deque[str] = deque(maxlen=1000)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.lines.append(line.rstrip())

    @property
    def ended(self) -> bool:
        """Whether nothing more is heard: the container is gone, or the connection."""
        return self._process.poll() is not None

    def close(self) -> None:
        """Stop listening."""
        self._process.terminate()
        self._process.wait()

    def outcome(self, live: str) -> tuple[str, ...]:
        """What is wrong, in its last words; nothing once a line says that it is live."""
        heard: list[str] = []
        until = silent = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < min(until, silent):
            if not self.lines:
                time.sleep(0.02)
                continue
            heard.append(self.lines.popleft())
            if re.search(live, heard[-1]):
                return ()
            if any(is_wrong(line) for line in heard):
                silent = time.monotonic() + QUIET_SECONDS
        return tuple(heard[-SHOWN_LINES:]) or (f"nothing was heard of it within {LONGEST_SECONDS} s",)


@dataclass
class Live:
    """A developed component and its pods; one whose container is not known yet gets all that it lacks."""

    component: Developed
    sources: Sources
    kubectl: Kubectl
    _selector: str = ""
    _logs: dict[str, Log] = field(default_factory=dict)

    def bring(self, changed: Iterable[Path] = ()) -> list[Outcome]:
        """Bring changed files into all pods, and say what became of them. Raises KubectlError or NoSuchComponentError.

        A pod that is told nothing new of is in the list too, with no files; without pods the list is empty.
        """
        files = {self.component.target(path): path for one in changed for path in (one, *one.rglob("*"))}
        pods = self._pods()
        for container in [one for one, log in self._logs.items() if one not in pods or log.ended]:
            self._logs.pop(container).close()
        sent = {}
        for container, pod in pods.items():
            present = {target: path for target, path in files.items() if path.is_file()}
            gone = [target for target, path in files.items() if not path.exists()]
            known = container in self._logs
            if not known:
                self._logs[container] = Log(self.kubectl, pod)
            try:
                if not known:
                    present, gone = self._lacking(pod)
                if present or gone:
                    self._logs[container].lines.clear()
                    self._send(pod, present, gone)
            except KubectlError:
                # What it has is not known any more.
                self._logs.pop(container).close()
                raise
            sent[container] = len(present) + len(gone)
        return [Outcome(count, self._wrong(container) if count else ()) for container, count in sent.items()]

    def _wrong(self, container: str) -> tuple[str, ...]:
        return self._logs[container].outcome(self.component.live) if self.component.live else ()

    def close(self) -> None:
        """Stop listening."""
        for log in self._logs.values():
            log.close()

    def _pods(self) -> dict[str, str]:
        """Container → pod, of those that run; of new ones those that are ready, as they fill their folders first."""
        if not self._selector:
            known = workloads(self.kubectl.get_json(("deployments.apps", "statefulsets.apps")))
            self._selector = named(self.component.name, known).selector
        found = {}
        for pod in self.kubectl.get_json("pods", selector=self._selector):
            [container, *_] = pod["status"].get("containerStatuses") or [{}]
            identity = container.get("containerID", "")
            filled = identity in self._logs or container.get("ready") or container.get("restartCount")
            if filled and "running" in container["state"] and "deletionTimestamp" not in pod["metadata"]:
                found[identity] = pod["metadata"]["name"]
        return found

    def _lacking(self, pod: str) -> tuple[dict[str, Path], list[str]]:
        """What a pod lacks of the sources, and what it has that is none of them any more."""
        wanted = self.sources.files(self.component)
        listing = self._shell(pod, _LIST, *self.component.folders.values())
        there = {name: digest for digest, name in (line.split(maxsplit=1) for line in listing.splitlines())}
        lacking = {target: path for target, path in wanted.items() if there.get(target) != _digest(path)}
        [image] = [image for image in self.sources.images if image.name == self.component.image]
        strange = [name for name in there if name not in wanted]
        return lacking, [name for name in strange if self.sources.sees(image, self.component.source(name))]

    def _send(self, pod: str, present: Mapping[str, Path], gone: Iterable[str]) -> None:
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w", dereference=True) as tar:
            for target, path in present.items():
                # Of one that went meanwhile the next change tells.
                with contextlib.suppress(FileNotFoundError):
                    tar.add(path, target.lstrip("/"))
        script = " && ".join(filter(None, (_TAR, self.component.reload)))
        self._shell(pod, script, *gone, stdin=archive.getvalue())

    def _shell(self, pod: str, script: str, *arguments: str, stdin: bytes = b"") -> str:
        words = ["exec", "--stdin", pod, "--", "sh", "-c", script, "sh", *arguments]
        command = self.kubectl.command(words)
        done = subprocess.run(command, env=self.kubectl.environment(), input=stdin, capture_output=True, check=False)
        if done.returncode:
            raise failure(words, done.stderr.decode(errors="replace"), done.returncode)
        return done.stdout.decode()


def _digest(path: Path) -> str:
    """The SHA-256 of a file; none of one that went meanwhile."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
