"""What a machine has and who uses it, read from the kernel: no command is run, and root is not needed."""

from __future__ import annotations

import contextlib
import gzip
import os
import pwd
import re
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- compared with, never bound
_LISTEN = "0A"
# A cgroup v1 limit that is "none" is a huge number instead.
_NO_LIMIT = 1 << 60


@dataclass(frozen=True)
class Listener:
    """A TCP socket that listens: who may hold it is known by `inode` and `uid`."""

    address: str
    port: int
    uid: int
    inode: int


@dataclass(frozen=True)
class Process:
    """A process by its id; `command` is its argument list joined by blanks."""

    pid: int
    parent: int
    name: str
    command: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"


@dataclass(frozen=True)
class Cgroups:
    """The cgroup set-up: `version` is v1, v2 or hybrid; `hidden` are v1 controllers in use but mounted nowhere here."""

    version: str
    controllers: frozenset[str]
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Machine:
    """This machine, or a copy of its files below `root` (tests)."""

    root: Path = Path("/")

    def _read(self, path: str) -> str:
        try:
            return (self.root / path).read_text(errors="replace")
        except OSError:
            return ""

    # --- size --------------------------------------------------------------------------------------------------------
    def memory(self) -> tuple[int, int]:
        """Bytes that this process may use in all and bytes that are free now; a container's limit counts."""
        info = {
            name: int(value.split()[0]) * 1024
            for name, _, value in (line.partition(":") for line in self._read("proc/meminfo").splitlines())
            if value.strip()
        }
        if not info:
            page = os.sysconf("SC_PAGE_SIZE")
            total = page * os.sysconf("SC_PHYS_PAGES")
            return total, total
        total, free = info["MemTotal"], info.get("MemAvailable", info["MemTotal"])
        for limit, used in (
            ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "sys/fs/cgroup/memory/memory.usage_in_bytes"),
        ):
            allowed = self._read(limit).strip()
            if allowed.isdigit() and int(allowed) < min(total, _NO_LIMIT):
                total = int(allowed)
                free = min(free, max(0, total - int(self._read(used).strip() or 0)))
        return total, free

    def cores(self) -> float:
        """Processors that this process may use; a container's quota counts."""
        cores = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
        quota, _, period = self._read("sys/fs/cgroup/cpu.max").strip().partition(" ")
        if not quota:
            quota = self._read("sys/fs/cgroup/cpu/cpu.cfs_quota_us").strip()
            period = self._read("sys/fs/cgroup/cpu/cpu.cfs_period_us").strip()
        if quota.isdigit() and period.isdigit() and int(period):
            cores = min(cores, int(quota) / int(period))
        return cores

    # --- kernel ------------------------------------------------------------------------------------------------------
    def cgroups(self) -> Cgroups:
        """The controllers that can be used, whichever version holds them."""
        v1_mounts: set[str] = set()
        unified = ""
        for line in self._read("proc/self/mounts").splitlines():
            _, target, kind, options = line.split()[:4]
            if kind == "cgroup":
                v1_mounts |= set(options.split(","))
            elif kind == "cgroup2":
                unified = unified or target
        v2 = set(self._read(f"{unified.lstrip('/')}/cgroup.controllers").split()) if unified else set()
        active = {
            name
            for name, hierarchy, *_ in (
                line.split() for line in self._read("proc/cgroups").splitlines() if not line.startswith("#")
            )
            if hierarchy != "0"
        }
        v1 = active & v1_mounts
        version = "v2" if not v1 else "hybrid" if unified else "v1"
        return Cgroups(version, frozenset(v1 | v2), frozenset(active - v1 if v1 else ()))

    def kernel_feature(self, name: str) -> str:
        """Whether the kernel has a module or feature: present, loadable, absent or unknown."""
        option, evidence = KERNEL_FEATURES[name]
        setting = self._kernel_config.get(option)
        modules = f"lib/modules/{self._read('proc/sys/kernel/osrelease').strip()}"
        file = re.compile(rf"/{name}\.ko")
        loadable = self._read(f"{modules}/modules.dep")
        if (
            setting == "y"
            or any((self.root / path).exists() for path in (f"sys/module/{name}", *evidence))
            or re.search(rf"\b{name}$", self._read("proc/filesystems"), re.MULTILINE)
            or file.search(self._read(f"{modules}/modules.builtin"))
        ):
            return "present"
        if file.search(loadable):
            return "loadable"
        # A container sees no modules, so only a kernel that says so itself is known to lack something.
        told = bool(self._kernel_config) and (setting is None or bool(loadable))
        return "absent" if told else "unknown"

    @cached_property
    def _kernel_config(self) -> dict[str, str]:
        release = self._read("proc/sys/kernel/osrelease").strip()
        text = self._read(f"boot/config-{release}")
        packed = self.root / "proc/config.gz"
        if not text and packed.is_file():
            try:
                text = gzip.decompress(packed.read_bytes()).decode()
            except OSError:
                text = ""
        return dict(re.findall(r"^(CONFIG_\w+)=([ym])$", text, re.MULTILINE))

    # --- processes and ports -----------------------------------------------------------------------------------------
    def process(self, pid: int) -> Process | None:
        """A process, or None when it is gone."""
        stat = self._read(f"proc/{pid}/stat")
        if not stat:
            return None
        # The name may hold blanks and brackets: everything after the last bracket is fixed.
        name, _, rest = stat.partition("(")[2].rpartition(")")
        command = self._read(f"proc/{pid}/cmdline").replace("\0", " ").strip()
        return Process(pid, int(rest.split()[1]), name, command)

    def ancestry(self, pid: int) -> Iterator[Process]:
        """A process, its parent, and so on up to the first one."""
        while pid > 0 and (process := self.process(pid)):
            yield process
            pid = process.parent

    def processes(self) -> Iterator[Process]:
        """Every process that can be seen."""
        for entry in (self.root / "proc").glob("[0-9]*"):
            if process := self.process(int(entry.name)):
                yield process

    def started(self, pid: int) -> str:
        """When a process was started, in a form that no other process of the same id has; empty when it is gone."""
        stat = self._read(f"proc/{pid}/stat")
        if stat:
            return f"{self._read('proc/sys/kernel/random/boot_id').strip()}/{stat.rpartition(')')[2].split()[19]}"
        if (self.root / "proc/self").exists():
            return ""
        done = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    def listeners(self) -> list[Listener]:
        """Every TCP socket that listens in this network namespace."""
        found: list[Listener] = []
        for table, family in (("proc/net/tcp", socket.AF_INET), ("proc/net/tcp6", socket.AF_INET6)):
            for line in self._read(table).splitlines()[1:]:
                column = line.split()
                if column[3] != _LISTEN:
                    continue
                address, _, port = column[1].partition(":")
                found.append(Listener(_address(address, family), int(port, 16), int(column[7]), int(column[9])))
        return found

    def holders(self, inodes: Iterable[int]) -> dict[int, Process]:
        """The processes that hold sockets, by inode; another user's are left out unless this is root."""
        wanted = {f"socket:[{inode}]": inode for inode in inodes}
        found: dict[int, Process] = {}
        for entry in (self.root / "proc").glob("[0-9]*"):
            if len(found) == len(wanted):
                break
            for inode in {wanted[link] for link in _links(entry / "fd") if link in wanted} - found.keys():
                if process := self.process(int(entry.name)):
                    found[inode] = process
        return found

    def root_uid(self) -> int:
        """The user id of root as this process sees it; in a user namespace it is another one."""
        try:
            return (self.root / "proc/1").stat().st_uid
        except OSError:
            return 0

    def belongs(self, process: Process, marks: Iterable[str]) -> bool:
        """Whether a process's control group, its command, or that of one that started it names one of the marks."""
        marks = [mark for mark in marks if mark]
        # A container whose supervisor was killed has no telling ancestor left, but it is still in its control group.
        told = [ancestor.command for ancestor in self.ancestry(process.pid)]
        told.append(self._read(f"proc/{process.pid}/cgroup"))
        return any(mark in text for text in told for mark in marks)


# What the kernel's configuration calls a feature, and files that prove it.
KERNEL_FEATURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "overlay": ("CONFIG_OVERLAY_FS", ()),
    "nf_tables": ("CONFIG_NF_TABLES", ()),
    "nf_conntrack": ("CONFIG_NF_CONNTRACK", ("proc/sys/net/netfilter/nf_conntrack_max",)),
    "bridge": ("CONFIG_BRIDGE", ()),
    "veth": ("CONFIG_VETH", ()),
}


def overlaps(one: str, other: str) -> bool:
    """Whether two addresses can't both be listened on at one port."""
    return one == other or bool({one, other} & WILDCARDS)


def user_name(uid: int) -> str:
    """The name of a user id, or the id itself where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _links(folder: Path) -> Iterator[str]:
    """Where the links in a folder lead; those that nobody may see, or that are gone by now, are left out."""
    with contextlib.suppress(OSError):
        for link in folder.iterdir():
            with contextlib.suppress(OSError):
                yield str(link.readlink())


def existing_parent(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def is_root_or_sudo() -> bool:
    """Whether this process is root or may become it without being asked for a password."""
    if os.geteuid() == 0:
        return True
    try:
        done = subprocess.run(["sudo", "-n", "true"], capture_output=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _address(text: str, family: socket.AddressFamily) -> str:
    """An address as /proc/net/tcp writes it (32-bit words in the machine's own byte order)."""
    words = [int(text[i : i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(text), 8)]
    address = socket.inet_ntop(family, b"".join(words))
    return address.removeprefix("::ffff:")
