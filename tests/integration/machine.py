"""A machine of the drills' own, in namespaces: a small Debian, a loopback, and no other network."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMESPACES = ("--mount", "--net", "--pid", "--ipc", "--uts", "--cgroup")
CGROUPS = Path("/sys/fs/cgroup")
# The first process of the machine: it lays its file systems over the tree, and waits for what the others leave behind.
BOOT = """
set -eu
cd "$1"
mount --bind . .
cd "$1"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs tmpfs sys/fs/cgroup
while IFS=: read -r _ controllers _; do
  name=${controllers#name=}
  mkdir -p "sys/fs/cgroup/${name:-unified}"
  case $controllers in
    '') mount -t cgroup2 cgroup2 sys/fs/cgroup/unified ;;
    name=*) mount -t cgroup -o "none,$controllers" cgroup "sys/fs/cgroup/$name" ;;
    *) mount -t cgroup -o "$controllers" cgroup "sys/fs/cgroup/$name" ;;
  esac
done </proc/self/cgroup
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
hostname offline
ip link set lo up
pivot_root . mnt
cd /
umount --lazy /mnt
echo booted
sleep infinity &
while :; do wait; done
"""
# Puts a command into control groups.
JOIN = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"'


class Machine:
    """Runs commands in it."""

    def __init__(self, root: Path, pid: int, groups: list[Path]) -> None:
        self.root = root
        self._enter = [*_within(groups), "nsenter", f"--target={pid}", "--all", "--root", "--wd=/root"]

    def run(self, *argv: str, folder: str = "/root") -> subprocess.CompletedProcess[str]:
        """Run a command in a folder of the machine, with an environment of its own."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
        command = [*self._enter, "env", f"--chdir={folder}", *argv]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@contextmanager
def machine(root: Path) -> Iterator[Machine]:
    """Make one in a folder, start it, and end it with all that runs in it."""
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    packages = "--include=make,python3-venv"
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", packages, suite, str(root)], check=True)
    (root / "etc/hosts").write_text("127.0.0.1 localhost offline\n")
    groups = _groups(f"drill-{os.getpid()}")
    boot = ["unshare", *NAMESPACES, "--fork", "--kill-child", "bash", "-c", BOOT, "boot", str(root)]
    with subprocess.Popen([*_within(groups), *boot], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "booted\n"
        pid = int(Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text())
        try:
            yield Machine(root, pid, groups)
        finally:
            # All its processes end with its first, and before it.
            os.kill(pid, signal.SIGKILL)
    for group in groups:
        for folder in sorted([group, *(path for path in group.rglob("*") if path.is_dir())], reverse=True):
            folder.rmdir()
    shutil.rmtree(root)


def _groups(name: str) -> list[Path]:
    """A control group of the machine's own in every hierarchy."""
    groups = [folder / name for folder in CGROUPS.iterdir() if (folder / "cgroup.procs").is_file()]
    for group in groups:
        group.mkdir()
        for setting in ("cpuset.cpus", "cpuset.mems"):
            if (group / setting).is_file():
                (group / setting).write_text((group.parent / setting).read_text())
    return groups


def _within(groups: list[Path]) -> list[str]:
    return ["sh", "-c", JOIN, "join", *(str(group) for group in groups), "--"]
