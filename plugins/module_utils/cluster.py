"""Which provider a cluster comes from, and how it is."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROVIDERS = ("minikube", "kubeadm", "existing")
# Drivers that run Minikube's node, in the order in which Minikube itself prefers them.
MINIKUBE_DRIVERS = ("docker", "podman", "kvm2", "qemu2", "virtualbox", "hyperkit", "parallels")
_DRIVER_PROGRAMS = {"kvm2": "virsh", "qemu2": "qemu-system-x86_64", "virtualbox": "VBoxManage", "parallels": "prlctl"}


@dataclass(frozen=True)
class Choice:
    """A provider and the reason why it was taken."""

    provider: str
    reason: str


@dataclass
class ClusterState:
    """What one look at a cluster's API server shows."""

    reachable: bool = False
    version: str = ""
    nodes: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return self.reachable and not self.problems


def usable_driver(which: Any = shutil.which) -> str:
    """The first Minikube driver that works on this machine, or an empty string."""
    for driver in MINIKUBE_DRIVERS:
        program = which(_DRIVER_PROGRAMS.get(driver, driver))
        if not program:
            continue
        if driver not in ("docker", "podman"):
            return driver
        # Both clients are often installed where no engine runs.
        if subprocess.run([program, "info"], capture_output=True, timeout=15, check=False).returncode == 0:
            return driver
    return ""


def choose(wanted: str, *, kubeconfig: str, remembered: Choice | None, driver: str = "") -> Choice:
    """Settle the provider of a deployment.

    Raises ValueError with what to do when nothing fits this machine.
    """
    if wanted != "auto":
        return Choice(wanted, f"cluster_provider is {wanted}")
    if kubeconfig:
        return Choice("existing", "cluster_kubeconfig names a cluster")
    if remembered:
        return remembered
    minikube = shutil.which("minikube")
    found = (driver or usable_driver()) if minikube else ""
    if minikube and found:
        return Choice("minikube", f"minikube and its driver {found} are here")
    missing = "no minikube on the PATH" if not minikube else "minikube is here but none of its drivers works"
    if os.uname().sysname == "Linux":
        return Choice("kubeadm", f"{missing}, and Linux can run a node of its own")
    raise ValueError(
        f"{missing}, and only Linux can run an embedded node. Install minikube and start Docker, "
        "or name a cluster with cluster_provider=existing and cluster_kubeconfig."
    )


def content_key(settings: Mapping[str, Any], sources: Iterable[Path]) -> str:
    """A hash of settings and of every file below the sources, 16 hexadecimal digits."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode())
    for source in sources:
        files = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
        for path in files:
            digest.update(str(path.relative_to(source.parent)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def look(kubectl: str, kubeconfig: str, context: str = "", timeout: float = 5.0) -> ClusterState:
    """Ask an API server for its nodes, once; never raises for a cluster that is away."""
    state = ClusterState()
    if not Path(kubeconfig).is_file():
        state.problems.append(f"there is no kubeconfig at {kubeconfig}")
        return state
    if not shutil.which(kubectl):
        state.problems.append(f"there is no kubectl at {kubectl}")
        return state
    command = [kubectl, "--kubeconfig", kubeconfig, *(["--context", context] if context else [])]
    command += [f"--request-timeout={timeout:g}s", "get", "nodes", "-o", "json"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=timeout + 5, check=False)
    except subprocess.TimeoutExpired:
        state.problems.append(f"the API server did not answer within {timeout:g} s")
        return state
    if answer.returncode:
        lines = answer.stderr.strip().splitlines() or [f"kubectl ended with {answer.returncode}"]
        state.problems.append(lines[-1])
        return state
    state.reachable = True
    for node in json.loads(answer.stdout)["items"]:
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))
        info = node["status"]["nodeInfo"]
        addresses = {a["type"]: a["address"] for a in node["status"].get("addresses", [])}
        state.version = state.version or info["kubeletVersion"]
        state.nodes.append(
            {
                "name": node["metadata"]["name"],
                "ready": ready,
                "version": info["kubeletVersion"],
                "runtime": info.get("containerRuntimeVersion", ""),
                "address": addresses.get("InternalIP", ""),
                "allocatable": node["status"].get("allocatable", {}),
            }
        )
        if not ready:
            state.problems.append(f"node {node['metadata']['name']} is not ready")
    if not state.nodes:
        state.problems.append("the cluster has no nodes")
    return state
