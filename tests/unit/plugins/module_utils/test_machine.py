"""The machine as its files tell it: copies of real ones in a folder, and this machine itself."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from ansible_collections.todo.platform.plugins.module_utils.machine import (
    Machine,
    existing_parent,
    is_root_or_sudo,
    overlaps,
    user_name,
)

GIB = 1 << 30
EVERYWHERE = "0.0.0.0"  # noqa: S104 -- what the kernel calls it
V1_MOUNTS = "".join(
    f"cgroup /sys/fs/cgroup/{name} cgroup rw,relatime,{name} 0 0\n" for name in ("cpu", "memory", "pids")
)
V2_MOUNT = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,nsdelegate 0 0\n"


def machine(root: Path, files: dict[str, str]) -> Machine:
    """A machine that has nothing but these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Machine(root)


def meminfo(total: int, available: int) -> str:
    return f"MemTotal: {total // 1024} kB\nMemFree: 1 kB\nMemAvailable: {available // 1024} kB\nHugePages_Total: 0\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, (8 * GIB, 6 * GIB), id="the machine's"),
        pytest.param(
            {"sys/fs/cgroup/memory.max": f"{2 * GIB}\n", "sys/fs/cgroup/memory.current": f"{GIB}\n"},
            (2 * GIB, GIB),
            id="a v2 container's",
        ),
        pytest.param({"sys/fs/cgroup/memory.max": "max\n"}, (8 * GIB, 6 * GIB), id="a v2 container without a limit"),
        pytest.param(
            {
                "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{3 * GIB}\n",
                "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GIB}\n",
            },
            (3 * GIB, 2 * GIB),
            id="a v1 container's",
        ),
        pytest.param(
            {"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"},
            (8 * GIB, 6 * GIB),
            id="v1, no limit",
        ),
    ],
)
def test_memory(tmp_path: Path, files: dict[str, str], expected: tuple[int, int]) -> None:
    assert machine(tmp_path, {"proc/meminfo": meminfo(8 * GIB, 6 * GIB), **files}).memory() == expected


def test_memory_where_the_kernel_has_no_files(tmp_path: Path) -> None:
    total, free = Machine(tmp_path).memory()
    assert total == free > 0


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"sys/fs/cgroup/cpu.max": "50000 100000\n"}, 0.5),
        ({"sys/fs/cgroup/cpu.max": "max 100000\n"}, None),
        ({"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "25000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, 0.25),
        ({"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({}, None),
    ],
)
def test_cores(tmp_path: Path, files: dict[str, str], quota: float | None) -> None:
    assert machine(tmp_path, files).cores() == (quota or len(os.sched_getaffinity(0)))


@pytest.mark.parametrize(
    ("files", "version", "controllers", "hidden"),
    [
        pytest.param(
            {
                "proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n",
                "proc/cgroups": "#subsys_name\thierarchy\tnum\tenabled\ncpu\t0\t1\t1\nmemory\t0\t1\t1\n",
                "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids\n",
            },
            "v2",
            {"cpuset", "cpu", "io", "memory", "pids"},
            set(),
            id="v2",
        ),
        pytest.param(
            {
                "proc/self/mounts": V1_MOUNTS,
                "proc/cgroups": "#subsys_name\thierarchy\tnum\tenabled\ncpu\t3\t1\t1\nmemory\t4\t1\t1\npids\t5\t1\t1\n",
            },
            "v1",
            {"cpu", "memory", "pids"},
            set(),
            id="v1",
        ),
        pytest.param(
            {
                "proc/self/mounts": V1_MOUNTS + V2_MOUNT,
                "proc/cgroups": "#s\th\tn\te\ncpu\t3\t1\t1\nmemory\t4\t1\t1\npids\t0\t1\t1\nnet_cls\t9\t1\t1\n",
                "sys/fs/cgroup/unified/cgroup.controllers": "hugetlb\n",
            },
            "hybrid",
            {"cpu", "memory", "hugetlb"},
            {"net_cls"},
            id="hybrid, with a hierarchy mounted elsewhere",
        ),
    ],
)
def test_cgroups(tmp_path: Path, files: dict[str, str], version: str, controllers: set[str], hidden: set[str]) -> None:
    found = machine(tmp_path, files).cgroups()
    assert (found.version, set(found.controllers), set(found.hidden)) == (version, controllers, hidden)


RELEASE = {"proc/sys/kernel/osrelease": "6.1.0\n"}


@pytest.mark.parametrize(
    ("feature", "files", "expected"),
    [
        ("overlay", {"proc/filesystems": "nodev\toverlay\n\text4\n"}, "present"),
        ("overlay", {"proc/filesystems": "nodev\toverlayfs\n"}, "unknown"),
        ("nf_tables", {"sys/module/nf_tables/refcnt": "1\n"}, "present"),
        ("nf_tables", {"boot/config-6.1.0": "CONFIG_NF_TABLES=y\n"}, "present"),
        ("nf_tables", {"lib/modules/6.1.0/modules.dep": "kernel/net/netfilter/nf_tables.ko.xz:\n"}, "loadable"),
        ("nf_tables", {"lib/modules/6.1.0/modules.builtin": "kernel/net/netfilter/nf_tables.ko\n"}, "present"),
        ("nf_tables", {"boot/config-6.1.0": "CONFIG_BRIDGE=y\n# CONFIG_NF_TABLES is not set\n"}, "absent"),
        ("nf_tables", {"boot/config-6.1.0": "CONFIG_NF_TABLES=m\n"}, "unknown"),
        (
            "nf_tables",
            {"boot/config-6.1.0": "CONFIG_NF_TABLES=m\n", "lib/modules/6.1.0/modules.dep": "kernel/other.ko:\n"},
            "absent",
        ),
        ("nf_conntrack", {"proc/sys/net/netfilter/nf_conntrack_max": "1\n"}, "present"),
        ("veth", {}, "unknown"),
    ],
)
def test_kernel_feature(tmp_path: Path, feature: str, files: dict[str, str], expected: str) -> None:
    assert machine(tmp_path, RELEASE | files).kernel_feature(feature) == expected


def test_kernel_feature_from_a_packed_configuration(tmp_path: Path) -> None:
    here = machine(tmp_path, RELEASE)
    (tmp_path / "proc/config.gz").write_bytes(gzip.compress(b"CONFIG_VETH=y\n"))
    assert (here.kernel_feature("veth"), here.kernel_feature("bridge")) == ("present", "absent")


def test_a_listening_socket_and_who_holds_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        here = Machine()
        (listener,) = [found for found in here.listeners() if found.port == port]
        process = here.holders([listener.inode])[listener.inode]
    assert (listener.address, listener.uid, process.pid) == ("127.0.0.1", os.geteuid(), os.getpid())
    assert here.belongs(process, ["pytest"])
    assert not here.belongs(process, ["/a/path/that/nobody/names", ""])


def test_a_socket_on_every_address_of_version_6() -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        assert "::" in {found.address for found in Machine().listeners() if found.port == port}


def test_the_ancestry_of_a_child_process() -> None:
    program = [sys.executable, "-c", "print(flush=True); input()", "a mark"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as child:
        # A process that has only just begun may not show its arguments yet.
        assert child.stdout is not None
        child.stdout.readline()
        chain = list(Machine().ancestry(child.pid))
        assert [process.pid for process in chain[:2]] == [child.pid, os.getpid()]
        assert chain[0].command.endswith("a mark")
        started = Machine().started(child.pid)
        assert started == Machine().started(child.pid) != Machine().started(os.getpid())
        child.communicate("\n")
    assert Machine().started(child.pid) == ""
    assert Machine().process(child.pid) is None


def test_a_name_with_brackets(tmp_path: Path) -> None:
    here = machine(tmp_path, {"proc/7/stat": "7 (a) (b) S 3 7 7 0\n", "proc/7/cmdline": "a\0--flag\0"})
    process = here.process(7)
    assert process is not None
    assert (process.name, process.parent, process.command) == ("a) (b", 3, "a --flag")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        (EVERYWHERE, "127.0.0.1", True),
        ("10.0.0.1", "::", True),
        ("10.0.0.1", "127.0.0.1", False),
    ],
)
def test_overlaps(one: str, other: str, expected: bool) -> None:
    assert overlaps(one, other) is expected


def test_existing_parent(tmp_path: Path) -> None:
    assert existing_parent(tmp_path / "no" / "such") == tmp_path
    assert existing_parent(tmp_path) == tmp_path


def test_user_name() -> None:
    assert user_name(0) == "root"
    assert user_name(4_000_000_000) == "4000000000"


@pytest.mark.parametrize(("answer", "expected"), [("exit 0", True), ("exit 1", False), (None, False)])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_sudo_of_somebody_who_is_not_root(answer: str | None, expected: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        if answer:
            sudo = Path(folder) / "sudo"
            sudo.write_text(f"#!/bin/sh\n[ \"$*\" = '-n true' ] || exit 2\n{answer}\n")
            sudo.chmod(0o755)
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            os.environ["PATH"] = folder
            os._exit(0 if is_root_or_sudo() else 1)
        _, status = os.waitpid(child, 0)
    assert (os.waitstatus_to_exitcode(status) == 0) is expected
