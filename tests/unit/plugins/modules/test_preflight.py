"""Each check against real files, sockets, processes and programs; the role with real ansible-playbook runs."""

from __future__ import annotations

import json
import os
import shlex
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.todo.platform.plugins.module_utils import reach
from ansible_collections.todo.platform.plugins.module_utils.machine import Machine
from ansible_collections.todo.platform.plugins.module_utils.preflight import Situation, examine, facts
from ansible_collections.todo.platform.plugins.modules.preflight import ARGUMENTS

from tests.unit.tiny_deployment import Deployment

Result = Callable[[], Any]
MIB = 1 << 20
EVERYWHERE = "0.0.0.0"  # noqa: S104 -- nothing but the loopback reaches a test


def situation(tmp_path: Path, *, check_mode: bool = False, machine: Machine | None = None, **params: Any) -> Situation:
    """A situation with the module's own defaults, checked as the module checks its parameters."""
    given = {"state_dir": str(tmp_path / "state"), "deployment": "dev", "provider": "kubeadm", **params}
    validated = ArgumentSpecValidator(ARGUMENTS).validate(given)
    assert validated.error_messages == []
    return Situation(validated.validated_parameters, machine or Machine(), check_mode=check_mode)


def told(it: Situation, check: str) -> list[str]:
    """What a check finds; warnings begin with (!)."""
    return [("" if finding.fatal else "(!) ") + str(finding) for finding in examine(it, [check])]


def program(folder: Path, name: str, script: str) -> Path:
    """A program of the test's own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


# --- the data --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("kubeadm", ""),
        ("auto", ""),
        ("minikub", "cluster_provider is 'minikub', which does not exist: did you mean minikube?"),
        ("gke", "cluster_provider is 'gke', which does not exist: known are auto, existing, kubeadm, minikube"),
        ("existing", "there is no kubeconfig (cluster_kubeconfig is none): name the one of the existing cluster"),
    ],
)
def test_the_provider(tmp_path: Path, provider: str, expected: str) -> None:
    assert told(situation(tmp_path, provider=provider), "choices") == [expected] * bool(expected)


def test_an_existing_cluster(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    it = situation(tmp_path, provider="existing", kubeconfig=str(kubeconfig))
    assert str(kubeconfig) in told(it, "choices")[0]
    kubeconfig.touch()
    assert told(it, "choices") == []


def test_other_words_that_must_be_known(tmp_path: Path) -> None:
    rows = [
        {"what": "component", "value": ["todo-backend", "todo-frontent"], "known": ["todo-backend", "todo-frontend"]}
    ]
    assert told(situation(tmp_path, choices=rows), "choices") == [
        "component is 'todo-frontent', which does not exist: did you mean todo-frontend?"
    ]


def test_auto_keeps_to_what_was_chosen_before(tmp_path: Path) -> None:
    it = situation(tmp_path, provider="auto")
    it.state_dir.mkdir()
    (it.state_dir / "provider.json").write_text(json.dumps({"provider": "minikube", "reason": "it was here"}))
    assert facts(it)["provider"] == "minikube"
    assert facts(it)["reason"] == "it was here"


def test_names(tmp_path: Path) -> None:
    rows = [
        {"name": "todo-dev", "what": "deployment_namespace"},
        {"name": "Todo_Dev", "what": "deployment_namespace"},
        {"name": "my.secret", "what": "Secret", "kind": "subdomain"},
        {"name": "my.service", "what": "Service", "kind": "service"},
    ]
    found = told(situation(tmp_path, names=rows), "names")
    assert [text.partition(" must")[0] for text in found] == [
        "the deployment_namespace 'Todo_Dev'",
        "the Service 'my.service'",
    ]
    assert "rename it; a service is lower-case letters" in found[1]


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        pytest.param(b"$ANSIBLE_VAULT;1.1;AES256\n33\n", "production", "", id="encrypted"),
        pytest.param(b"a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n", "production", "", id="encrypted one by one"),
        pytest.param(b"", "development", "", id="empty"),
        pytest.param(
            b"vault_a: plain\n", "development", "is not encrypted: encrypt it: ansible-vault encrypt", id="plain"
        ),
        pytest.param(None, "development", "", id="missing in development"),
        pytest.param(None, "production", "make it, with vault_a, vault_b: ", id="missing in production"),
    ],
)
def test_the_vault(tmp_path: Path, text: bytes | None, environment: str, expected: str) -> None:
    path = tmp_path / "vault.yml"
    if text is not None:
        path.write_bytes(text)
    keys = ["vault_a", "vault_b"]
    found = told(situation(tmp_path, vault_file=str(path), vault_keys=keys, environment=environment), "vault")
    assert len(found) == bool(expected)
    assert expected in "".join(found)


def test_a_vault_that_cannot_be_read(tmp_path: Path) -> None:
    found = told(situation(tmp_path, vault_file=str(tmp_path)), "vault")
    assert "can't be read (Is a directory)" in found[0]


# --- the machine -----------------------------------------------------------------------------------------------------
def machine(root: Path, files: dict[str, str] | None = None, *, total: int = 8192, available: int = 8192) -> Machine:
    """A machine with so much memory (MiB) and nothing else but its processors."""
    (root / "proc").mkdir(parents=True)
    (root / "proc/meminfo").write_text(f"MemTotal: {total * 1024} kB\nMemAvailable: {available * 1024} kB\n")
    for name, text in (files or {}).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Machine(root)


@pytest.mark.parametrize(
    ("total", "available", "expected"),
    [
        (4096, 4096, ""),
        (2048, 2048, "this machine has 2.0 GiB of memory, kubeadm needs 3.4 GiB: use a larger machine"),
        (8192, 1024, "(!) only 1.0 GiB of memory is free, kubeadm needs 3.4 GiB"),
    ],
)
def test_memory(tmp_path: Path, total: int, available: int, expected: str) -> None:
    here = machine(tmp_path / "root", total=total, available=available)
    found = told(situation(tmp_path, machine=here, memory={"kubeadm": "3500Mi"}), "memory")
    assert len(found) == bool(expected)
    assert "".join(found).startswith(expected)


def test_memory_that_our_own_cluster_uses_is_not_missing(tmp_path: Path) -> None:
    it = situation(tmp_path, machine=machine(tmp_path / "root", available=1), memory={"kubeadm": "3500Mi"})
    it.state_dir.mkdir()
    (it.state_dir / "kubeconfig").touch()
    assert told(it, "memory") == []


def test_a_number_that_is_none(tmp_path: Path) -> None:
    found = told(situation(tmp_path, memory={"kubeadm": "lots"}), "memory")
    assert found == ["the data of the memory check is wrong: 'lots' is not a quantity such as 500m, 2, 256Mi or 1Gi"]


@pytest.mark.parametrize(("need", "count"), [(1, 0), (10_000, 1)])
def test_cores(tmp_path: Path, need: int, count: int) -> None:
    assert len(told(situation(tmp_path, cores={"kubeadm": need, "minikube": 99_999}), "cores")) == count


def test_disk(tmp_path: Path) -> None:
    """Folders of one disk share its free space, so each fits alone and both do not."""
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    half = f"{int(free * 0.7) // MIB}Mi"
    rows = [{"path": str(tmp_path / name / "deep"), "free": half, "purpose": name} for name in ("images", "builds")]
    assert told(situation(tmp_path, disk=rows[:1]), "disk") == []
    (found,) = told(situation(tmp_path, disk=rows), "disk")
    assert f"is free on the disk of {tmp_path}," in found
    assert f"images in {tmp_path}/images/deep ({half}), builds in" in found


@pytest.mark.parametrize(
    ("unless", "providers", "count"), [("", [], 1), ("*.done", [], 0), ("*.not", [], 1), ("", ["minikube"], 0)]
)
def test_disk_that_is_needed_once(tmp_path: Path, unless: str, providers: list[str], count: int) -> None:
    (tmp_path / "it.done").touch()
    row = {"path": str(tmp_path), "free": "9999Ti", "purpose": "x", "unless": unless and f"{tmp_path}/{unless}"}
    assert len(told(situation(tmp_path, disk=[row | {"providers": providers}]), "disk")) == count


def test_cgroups(tmp_path: Path) -> None:
    here = machine(
        tmp_path / "root",
        {
            "proc/self/mounts": "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n",
            "proc/cgroups": "#name\thierarchy\tnum\tenabled\ncpu\t3\t1\t1\nnet_cls\t5\t1\t1\n",
        },
    )
    settings: dict[str, Any] = {"node_providers": ["kubeadm"], "cgroup_controllers": ["cpu", "memory", "pids"]}
    found = told(situation(tmp_path, machine=here, **settings), "cgroups")
    assert found[0].startswith("cgroups (v1) lack memory, pids: boot with")
    assert found[1].startswith("(!) the cgroup v1 controllers net_cls are in use, but mounted elsewhere only")
    assert told(situation(tmp_path, machine=here, **settings | {"provider": "minikube"}), "cgroups") == []


def test_kernel(tmp_path: Path) -> None:
    files = {"proc/sys/kernel/osrelease": "6.1\n", "boot/config-6.1": "CONFIG_BRIDGE=y\n"}
    here = machine(tmp_path / "root", files)
    rows = [
        {"name": "bridge", "why": "x"},
        {"name": "nf_tables", "why": "Services need it"},
        {"name": "nf_conntrack", "why": "answers get lost", "required": False},
        {"name": "veth", "why": "x", "providers": ["minikube"]},
    ]
    missing, warning = told(situation(tmp_path, machine=here, kernel=rows), "kernel")
    advice = "load it (modprobe {0}) or take a kernel that has it"
    assert missing == f"the kernel has no nf_tables: Services need it: {advice.format('nf_tables')}"
    assert warning == f"(!) the kernel has no nf_conntrack: answers get lost: {advice.format('nf_conntrack')}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(("root_providers", "count"), [(["kubeadm"], 1), (["minikube"], 0)])
def test_rights_of_somebody_who_is_not_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root_providers: list[str], count: int
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    it = situation(tmp_path, root_providers=root_providers)
    child = os.fork()
    if child == 0:
        os.setuid(65534)
        found = told(it, "rights")
        os._exit(0 if len(found) == count and all("needs root, and nobody has" in text for text in found) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# --- ports -----------------------------------------------------------------------------------------------------------
@contextmanager
def listening(*marks: str, address: str = "127.0.0.1") -> Iterator[tuple[int, int]]:
    """A process that listens on a free port: its id and the port; its command holds the marks."""
    script = (
        f"import socket; s = socket.create_server(({address!r}, 0)); print(s.getsockname()[1], flush=True); input()"
    )
    command = [sys.executable, "-c", script, *marks]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        yield child.pid, int(child.stdout.readline())
        child.communicate("\n")


def test_a_port_that_somebody_holds(tmp_path: Path) -> None:
    with listening() as (pid, port):
        rows = [{"port": port, "purpose": "ingress", "advice": "set another one"}]
        (found,) = told(situation(tmp_path, ports=rows), "ports")
        assert found.startswith(f"port {port} (ingress) is taken by python")
        assert found.endswith(f"(process {pid}): stop it, for instance with kill {pid}, or set another one")
    assert told(situation(tmp_path, ports=rows), "ports") == []


@pytest.mark.parametrize(
    ("held", "wanted", "clash"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", EVERYWHERE, True),
        (EVERYWHERE, "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
    ],
)
def test_addresses_of_a_port(tmp_path: Path, held: str, wanted: str, clash: bool) -> None:
    with listening(address=held) as (_, port):
        rows = [{"port": port, "address": wanted, "purpose": "x"}]
        assert bool(told(situation(tmp_path, ports=rows), "ports")) is clash


def test_a_port_that_our_own_cluster_holds(tmp_path: Path) -> None:
    """Known by the command of the process that listens, or of one that started it."""
    with listening("--config=/var/lib/mine/kubelet.yaml") as (_, port):
        rows = [{"port": port, "purpose": "kubelet"}]
        assert told(situation(tmp_path, ports=rows, own_paths=["/var/lib/mine"]), "ports") == []
        assert len(told(situation(tmp_path, ports=rows, own_paths=["/var/lib/other", ""]), "ports")) == 1
        me = Machine().process(os.getpid())
        assert me is not None
        assert told(situation(tmp_path, ports=rows, own_paths=[me.command]), "ports") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(("own_paths", "count"), [(["/var/lib/mine"], 0), (["/var/lib/other"], 1)])
def test_a_port_that_root_holds_seen_by_somebody_else(tmp_path: Path, own_paths: list[str], count: int) -> None:
    with listening("/var/lib/mine/it") as (_, port):
        it = situation(tmp_path, ports=[{"port": port, "purpose": "kubelet"}], own_paths=own_paths)
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            found = told(it, "ports")
            os._exit(0 if len(found) == count and all("is taken by a process of root" in text for text in found) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# --- programs --------------------------------------------------------------------------------------------------------
def test_versions(tmp_path: Path) -> None:
    it = situation(
        tmp_path,
        ansible_version="2.18.3",
        ansible_minimum="2.19",
        python_minimum="3.99",
        python_libraries={"PyYAML": "5", "cryptography": "999", "no-such-library": "1"},
    )
    found = told(it, "versions")
    assert [text.partition(",")[0] for text in found][:2] == [
        "the Python library no-such-library is missing: make the environment anew: make up",
        "ansible-core is 2.18.3",
    ]
    assert found[2].startswith("Python is 3.")
    assert found[3].startswith("Python library cryptography is ")
    assert len(found) == 4


@pytest.mark.parametrize(
    ("script", "more", "expected"),
    [
        pytest.param("echo tool version go1.26.4 linux/amd64", {}, "", id="new enough"),
        pytest.param("echo v1.9.1", {}, "is 1.9.1: get it", id="too old"),
        pytest.param("echo hello; exit 3", {}, "is of unknown version: get it", id="no version"),
        pytest.param(None, {}, "tool is not on the PATH: get it", id="missing"),
        pytest.param(None, {"unless": "*.done"}, "", id="not needed any more"),
        pytest.param(None, {"providers": ["minikube"]}, "", id="not for this provider"),
        pytest.param(None, {"unless_reachable": ["here"]}, "", id="can be had"),
        pytest.param(None, {"unless_reachable": ["here", "away"]}, "tool is not on the PATH", id="half can be had"),
        pytest.param(None, {"unless_reachable": ["away"]}, "tool is not on the PATH", id="can't be had"),
    ],
)
def test_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, more: dict[str, Any], expected: str
) -> None:
    (tmp_path / "it.done").touch()
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    if script:
        program(tmp_path / "bin", "tool", script)
    row = {
        "name": "tool",
        "minimum": "1.26",
        "paths": [str(tmp_path / "bin")],
        "purpose": "compiling",
        "advice": "get it",
    }
    if "unless" in more:
        more = {"unless": f"{tmp_path}/{more['unless']}"}
    with socket.create_server(("127.0.0.1", 0)) as away:
        endpoints = {"away": f"http://127.0.0.1:{away.getsockname()[1]}"}
        it = situation(tmp_path, tools=[row | more], endpoints=endpoints, endpoint_timeout=0.2)
        it.__dict__["reachable"] = {"here": True, "away": False}
        found = told(it, "tools")
    assert len(found) == bool(expected)
    assert expected in "".join(found)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param("echo 28.1.1", "", id="runs"),
        pytest.param('[ "$1" = version ] && echo 28.1.1', "Docker has no buildx, which builds images", id="no buildx"),
        pytest.param(
            "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1",
            "Docker is not running: ",
            id="not running",
        ),
        pytest.param(
            "echo 'permission denied while trying to connect' >&2; exit 1",
            "may not use Docker: sudo usermod",
            id="rights",
        ),
        pytest.param(None, "docker is not on the PATH: install Docker", id="missing"),
    ],
)
def test_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, expected: str) -> None:
    if script:
        program(tmp_path / "bin", "docker", script)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    found = told(situation(tmp_path, docker_providers=["kubeadm"]), "docker")
    assert len(found) == bool(expected)
    assert expected in "".join(found)
    assert told(situation(tmp_path, docker_providers=["minikube"]), "docker") == []


# --- the images ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param({}, "", id="right"),
        pytest.param({"bases": {"PYTHON_IMAGE": "python"}}, "", id="a base of the role's own"),
        pytest.param({"bases": {"PYTHON_IMAGE": "pyton"}}, "no base pyton: did you mean python?", id="base"),
        pytest.param({"dockerfle": "x"}, "unknown dockerfle: did you mean dockerfile?", id="key"),
        pytest.param({"context": "ap"}, "ap of image one is not there", id="context"),
        pytest.param({"dockerfile": "app/Dockerfle"}, "app/Dockerfle of image one is not there", id="Dockerfile"),
        pytest.param({"image": "debian:12", "dockerfile": "none"}, "", id="served by a registry"),
    ],
)
def test_images(tmp_path: Path, image: dict[str, Any], expected: str) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/Dockerfile").write_text("FROM scratch\n")
    row = {"name": "one", "context": "app", "dockerfile": "app/Dockerfile", **image}
    found = told(situation(tmp_path, root=str(tmp_path), images=[row], image_bases=["python"]), "images")
    assert len(found) == bool(expected)
    assert expected in "".join(found)


# --- the network -----------------------------------------------------------------------------------------------------
@contextmanager
def silent() -> Iterator[str]:
    """A host that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"cached": ["cache/*"]}, "", id="no network, and the cache is filled"),
        pytest.param(
            {"cached": ["empty/*"]}, "Kubernetes can't be had: no answer from {url} and nothing is in ", id="and empty"
        ),
        pytest.param(
            {"cached": []}, "Kubernetes can't be had: no answer from {url}: connect, set HTTPS_PROXY", id="no cache"
        ),
        pytest.param(
            {"required": False, "advice": "use what is built"}, "(!) Kubernetes can't be had: ", id="a warning"
        ),
        pytest.param({"providers": ["existing"]}, "", id="not for this provider"),
    ],
)
def test_sources(tmp_path: Path, row: dict[str, Any], expected: str) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/it").touch()
    row = {**row, "cached": [str(tmp_path / pattern) for pattern in row.get("cached", [])]}
    with silent() as url:
        rows = [{"purpose": "Kubernetes", "any_of": ["go"], **row}]
        found = told(situation(tmp_path, sources=rows, endpoints={"go": url}, endpoint_timeout=0.2), "network")
    assert len(found) == bool(expected)
    assert "".join(found).startswith(expected.format(url=url))


def test_an_old_no_is_asked_again_and_an_old_yes_is_not(tmp_path: Path) -> None:
    sources = [{"purpose": "Kubernetes", "any_of": ["go"]}]
    with silent() as url:
        it = situation(tmp_path, sources=sources, endpoints={"go": url}, endpoint_timeout=0.2)
        key = reach.situation({"go": url}, "")
        path = it.state_dir / "reachable.json"
        reach.remember(path, key, {"go": True})
        assert told(it, "network") == []
        reach.remember(path, key, {"go": False})
        before = path.read_text()
        it = situation(tmp_path, sources=sources, endpoints={"go": url}, endpoint_timeout=0.2)
        assert len(told(it, "network")) == 1
        assert path.read_text() != before


def test_a_certificate_bundle_that_is_not_there(tmp_path: Path) -> None:
    it = situation(tmp_path, ca_bundle=str(tmp_path / "no.pem"))
    assert "no.pem can't be read: correct preflight_ca_bundle" in told(it, "network")[0]
    assert facts(it)["reachable"] == {}


# --- NodePorts -------------------------------------------------------------------------------------------------------
def picked(it: Situation) -> dict[str, int]:
    assert told(it, "node_ports") == []
    return it.node_ports


def test_node_ports_are_picked_once_and_kept(tmp_path: Path) -> None:
    check = situation(tmp_path, check_mode=True, node_ports=["web", "api"])
    expected = picked(check)
    assert len(set(expected.values())) == 2
    assert all(30000 <= port <= 32767 for port in expected.values())
    assert not (tmp_path / "state").exists()
    first = situation(tmp_path, node_ports=["web", "api"])
    assert picked(first) == expected
    assert first.pinned
    second = situation(tmp_path, node_ports=["api", "web", "more"])
    assert {name: picked(second)[name] for name in expected} == expected
    third = situation(tmp_path, node_ports=["api"])
    assert picked(third) == {"api": expected["api"]}
    assert not third.pinned


def test_node_ports_avoid_what_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        around = [port, port + 2]
        it = situation(tmp_path, node_ports=["web"], node_port_range=around)
        others = it.state_dir / "prod" / "node-ports.json"
        others.parent.mkdir(parents=True)
        others.write_text(json.dumps({"web": port + 1}))
        assert picked(it) == {"web": port + 2}
        (found,) = told(situation(tmp_path, node_ports=["web", "api"], node_port_range=around), "node_ports")
    assert found.startswith("no NodePort is free for api: free one of")


def test_node_ports_avoid_those_of_the_cluster(tmp_path: Path) -> None:
    it = situation(tmp_path, node_ports=["web"], node_port_range=[30000, 30001])
    answer = {"kind": "List", "items": [{"spec": {"ports": [{"nodePort": 30000}, {"port": 1}]}}, {"spec": {}}]}
    program(it.state_dir / "bin", "kubectl", f"echo {shlex.quote(json.dumps(answer))}")
    (it.state_dir / "kubeconfig").touch()
    assert picked(it) == {"web": 30001}


# --- the lock --------------------------------------------------------------------------------------------------------
def test_a_second_run_is_told_who_runs(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        first = situation(tmp_path, deployment="prod")
        first.pid = other.pid
        assert told(first, "lock") == []
        (found,) = told(situation(tmp_path, node_ports=["web"]), "lock")
        assert "another run is at work, " in found
        assert f"runs deployment prod since {time.strftime('%Y-')}" in found
        assert found.endswith("wait until it is over")
        (found,) = told(situation(tmp_path, check_mode=True), "lock")
        assert found.startswith("(!) another run is at work")
        second = situation(tmp_path, node_ports=["web"])
        assert [finding.fatal for finding in examine(second, ["lock", "node_ports"])] == [True]
        assert not (second.state_dir / "dev").exists(), "who has no lock leaves nothing"
        other.communicate(b"\n")
    assert told(situation(tmp_path), "lock") == []


def test_check_mode_leaves_nothing(tmp_path: Path) -> None:
    it = situation(tmp_path, check_mode=True, node_ports=["web"], endpoints={"x": "http://127.0.0.1:1/"})
    examine(it)
    facts(it)
    assert not (tmp_path / "state").exists()


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    it = situation(
        tmp_path,
        provider="kubadm",
        names=[{"name": "X", "what": "namespace"}],
        python_libraries={"no-such-library": "1"},
        disk=[{"path": "/", "free": "9999Ti", "purpose": "x"}],
    )
    assert len([finding for finding in examine(it) if finding.fatal]) == 4


# --- the role --------------------------------------------------------------------------------------------------------
# By default nothing but a folder is needed.
NOTHING: dict[str, Any] = {
    "deployment_environment": "development",
    "preflight_endpoints": {},
    "preflight_sources": [],
    "preflight_ports": [],
    "preflight_memory": {},
    "preflight_cores": {},
    "preflight_disk": [],
    "preflight_tools": [],
    "cluster_provider": "kubeadm",
    # Names of the vault that nobody knows yet must not be in the way.
    "secrets_items": [{"name": "tiny-secrets", "data": {"A": "{{ vault_a }}"}}],
}


def preflight(deployment: Deployment, entry: str = "main", *further: dict[str, Any], **variables: Any) -> Deployment:
    """The deployment with a playbook that runs an entry of the role and writes down what it learned."""
    include = {"name": "todo.platform.preflight", "tasks_from": entry}
    role = {"name": "Preflight", "ansible.builtin.include_role": include}
    deployment.describe(**{**NOTHING, **variables})
    deployment.play(role, deployment.keep("{{ preflight_facts }}"), *further)
    return deployment


def test_the_role_on_a_machine_that_will_do(deployment: Deployment, result: Result) -> None:
    preflight(deployment, preflight_node_ports=["web"])
    assert deployment.run("--check").changed == 1
    assert not (deployment.folder / "state").exists()
    port = result()["node_ports"]["web"]
    assert deployment.run().changed == 1
    assert deployment.run().changed == 0
    found = result()
    assert found["node_ports"] == {"web": port}
    assert found["provider"] == "kubeadm"
    assert found["is_root"] is (os.geteuid() == 0)
    assert found["cores"] >= 1
    assert found["memory_mib"] > 0
    lock = deployment.folder / "state/run.lock"
    assert stat.S_IMODE(lock.parent.stat().st_mode) == 0o700


def test_the_role_tells_every_problem_in_one_list(deployment: Deployment) -> None:
    preflight(
        deployment,
        deployment_namespace="Tiny_One",
        deployment_environment="production",
        cluster_provider="minikub",
        secrets_items=[{"name": "Not_This", "data": {"A": "{{ vault_a }}"}}],
        release_releases=["{{ database_release }}", {"name": "Nor_This", "values": {"tag": "{{ images_facts.x }}"}}],
        database_release={"name": "db", "values": {"tag": "{{ images_facts.y }}"}},
        database_mode="hots",
    )
    told = deployment.run(code=2).told
    for expected in (
        "This must be put right before anything is done: ",
        "cluster_provider is 'minikub', which does not exist: did you mean minikube?",
        "the deployment_namespace 'Tiny_One' must be lower-case letters",
        "the Secret 'Not_This' must be",
        "the release 'Nor_This' must be",
        "database_mode is 'hots', which does not exist: did you mean host?",
        "make it, with vault_checksum_key: ansible-vault create",
    ):
        assert expected in told


def test_the_lock_is_held_until_the_run_ends(deployment: Deployment) -> None:
    fifo = deployment.folder / "go-on"
    os.mkfifo(fifo)
    wait = {"name": "Work", "ansible.builtin.command": {"argv": ["cat", str(fifo)]}, "changed_when": False}
    with preflight(deployment, "main", wait).start() as first:
        while not (deployment.folder / "result.json").exists():
            assert first.poll() is None, first.communicate()[0]
            time.sleep(0.05)
        holder = json.loads((deployment.folder / "state/run.lock").read_text())
        assert holder["pid"] == first.pid
        for entry in ("main", "facts"):
            told = preflight(deployment, entry).run(code=2).told
            assert "another run is at work, " in told
            assert f"(process {first.pid} on {socket.gethostname()})" in told
        assert "[WARNING]: another run is at work" in deployment.run("--check").told
        fifo.write_text("")
        assert "failed=0" in first.communicate()[0]
    deployment.run()


def test_facts_alone_look_at_nothing_else(deployment: Deployment, result: Result) -> None:
    lacking: dict[str, Any] = {"preflight_memory": {"kubeadm": "9999Ti"}, "preflight_node_ports": ["web"]}
    preflight(deployment, **lacking).run(code=2)
    preflight(deployment, "facts", **lacking).run()
    assert result()["node_ports"].keys() == {"web"}
    assert result()["reachable"] == {}


def test_the_defaults_fit_the_module(deployment: Deployment) -> None:
    """The role with its own tables: whatever this machine lacks is told in words, not by a traceback."""
    kept = {name: value for name, value in NOTHING.items() if not name.startswith("preflight_")}
    nowhere = dict.fromkeys(("images", "kubernetes", "github", "go", "debian"), "http://127.0.0.1:1/")
    preflight(deployment).describe(**kept, preflight_endpoints=nowhere)
    with deployment.start() as run:
        output = run.communicate()[0]
    assert run.returncode == 0 or "This must be put right before anything is done" in output, output
    assert "Traceback" not in output
