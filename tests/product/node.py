"""The embedded node's processes, and what a power loss does to them."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

NODE = "/var/lib/todo-platform/"
DAEMONS = frozenset({"containerd", "containerd-shim-runc-v2", "buildkitd", "kubelet"})


def kill() -> int:
    """Send SIGKILL to every process of the node, its supervisor first; returns how many there were."""
    count = 0
    # What died is not there in the next look; what was being started at that moment is.
    while found := processes():
        count += len(found)
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    return count


def processes() -> list[int]:
    """The node's supervisor, its daemons and the containers' shims, and everything that descends from them."""
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    found = {process for process in parents if _is_own(process)}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found)


def daemon(name: str) -> set[int]:
    """The processes of one of the node's daemons."""
    found = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    return {process for process in found if _daemon(process) == name}


def _parent(entry: Path) -> int:
    with contextlib.suppress(OSError):
        state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        return int(parent) if state != "Z" else 0
    return 0


def _is_own(process: int) -> bool:
    with contextlib.suppress(OSError):
        arguments = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
        return _daemon(process) in DAEMONS or any(word.startswith(NODE) for word in arguments[:2])
    return False


def _daemon(process: int) -> str:
    """The name of the node's program that a process runs; empty if it runs another one."""
    with contextlib.suppress(OSError):
        program = Path(f"/proc/{process}/exe").readlink()
        return program.name if "/todo-platform/toolchain/" in str(program) else ""
    return ""
