"""What a run will need and whether it is there: each check is a small function that yields findings."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from ansible.module_utils.compat.version import LooseVersion
from ansible_collections.todo.platform.plugins.module_utils import components, reach, runlock
from ansible_collections.todo.platform.plugins.module_utils.capacity import (
    in_mib,
    quantity,
)
from ansible_collections.todo.platform.plugins.module_utils.cluster import PROVIDERS, Choice, choose
from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl, KubectlError
from ansible_collections.todo.platform.plugins.module_utils.machine import (
    Machine,
    Process,
    existing_parent,
    is_root_or_sudo,
    overlaps,
    user_name,
)
from ansible_collections.todo.platform.plugins.module_utils.naming import (
    RULES,
    name_problem,
    suggestion,
)


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be (`fatal`) or should be, and what to do about it."""

    what: str
    advice: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.what}: {self.advice}"


@dataclass
class Situation:
    """What the checks look at: the module's parameters, this machine, and what was found out so far."""

    params: Mapping[str, Any]
    machine: Machine = field(default_factory=Machine)
    check_mode: bool = False
    pid: int = field(default_factory=os.getpid)
    locked_out: bool = False
    node_ports: dict[str, int] = field(default_factory=dict)
    pinned: bool = False
    _fresh: bool = False

    @property
    def state_dir(self) -> Path:
        """The state folder of the checkout."""
        return Path(self.params["state_dir"])

    @property
    def may_write(self) -> bool:
        """Whether this run may leave anything in the state folder."""
        return not self.check_mode and not self.locked_out

    @cached_property
    def choice(self) -> Choice | None:
        """The provider that the run will use; None for one that does not exist."""
        if self.params["provider"] not in ("auto", *PROVIDERS):
            return None
        try:
            remembered = Choice(**json.loads((self.state_dir / "provider.json").read_text()))
        except (OSError, ValueError, TypeError):
            remembered = None
        return choose(self.params["provider"], kubeconfig=self.params["kubeconfig"], remembered=remembered)

    @property
    def provider(self) -> str:
        """The name of the provider, or an empty string."""
        try:
            return self.choice.provider if self.choice else ""
        except ValueError:
            return ""

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a table that apply to the provider."""
        return [row for row in self.params[name] if not row.get("providers") or self.provider in row["providers"]]

    @cached_property
    def reachable(self) -> dict[str, bool]:
        """Which endpoints answer, from memory when that is young enough."""
        kept = reach.remembered(self._reach_file, self._reach_key, age=self.params["endpoint_age"])
        return kept or self.look_around()

    def look_around(self) -> dict[str, bool]:
        """Ask the endpoints, at most once a run, and remember the answers."""
        if not self._fresh:
            timeout, bundle = self.params["endpoint_timeout"], self.params["ca_bundle"]
            ca_bundle = bundle if bundle and os.access(bundle, os.R_OK) else ""
            self.__dict__["reachable"] = reach.probe(self.params["endpoints"], timeout=timeout, ca_bundle=ca_bundle)
            self._fresh = True
            if self.may_write:
                reach.remember(self._reach_file, self._reach_key, self.reachable)
        return self.reachable

    @property
    def _reach_file(self) -> Path:
        return self.state_dir / "reachable.json"

    @property
    def _reach_key(self) -> str:
        return reach.situation(self.params["endpoints"], self.params["ca_bundle"])

    def can_reach(self, names: Iterable[str]) -> bool:
        """Whether one of the endpoints answers; an old "no" is asked again before it stops a run."""
        names = list(names)
        return any(self.reachable.get(name) for name in names) or any(self.look_around().get(name) for name in names)

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig of the cluster, whether it exists or not."""
        return Path(self.params["kubeconfig"] or self.state_dir / "kubeconfig")

    @property
    def kubectl(self) -> str:
        """The kubectl of this checkout, or else one on the PATH."""
        own = self.state_dir / "bin" / "kubectl"
        return str(own) if own.exists() else shutil.which("kubectl") or "kubectl"


Check = Callable[[Situation], Iterator[Finding]]


# --- one run at a time -----------------------------------------------------------------------------------------------
def check_lock(it: Situation) -> Iterator[Finding]:
    """Take the checkout's lock for as long as the ansible-playbook that this belongs to lives."""
    path = it.state_dir / "run.lock"
    me = runlock.this_run(it.machine, it.params["deployment"], it.pid)
    other = runlock.other_run(path, me, it.machine) if it.check_mode else runlock.take(path, me, it.machine)
    if other:
        it.locked_out = True
        elsewhere = "" if other.host == me.host else f", or remove {path} if that machine is gone"
        yield Finding(f"another run is at work, {other}", f"wait until it is over{elsewhere}", not it.check_mode)


# --- the data --------------------------------------------------------------------------------------------------------
def check_choices(it: Situation) -> Iterator[Finding]:
    """Words that must be among those that are known."""
    provider = {"what": "cluster_provider", "value": [it.params["provider"]], "known": ["auto", *PROVIDERS]}
    for row in [provider, *it.params["choices"]]:
        for value in row["value"]:
            if value not in row["known"]:
                yield Finding(f"{row['what']} is {value!r}, which does not exist", suggestion(value, row["known"]))
    try:
        foreign = it.choice is not None and it.choice.provider == "existing"
    except ValueError as error:
        yield Finding("no provider fits this machine", str(error))
        return
    if foreign and not Path(it.params["kubeconfig"] or "/nonexistent").is_file():
        named = it.params["kubeconfig"] or "none"
        yield Finding(f"there is no kubeconfig (cluster_kubeconfig is {named})", "name the one of the existing cluster")


def check_names(it: Situation) -> Iterator[Finding]:
    """Names that Kubernetes would refuse."""
    for row in it.params["names"]:
        if problem := name_problem(row["name"], row["kind"]):
            yield Finding(f"the {row['what']} {row['name']!r} {problem}", f"rename it; a {row['kind']} is {_rule(row)}")


def _rule(row: Mapping[str, str]) -> str:
    rule = RULES[row["kind"]]
    return f"{rule.words}, at most {rule.length} characters"


def check_images(it: Situation) -> Iterator[Finding]:
    """Images whose data is wrong, or whose sources are not there."""
    root = Path(it.params["root"])
    for component in components.parse(it.params["images"], it.params["image_bases"]):
        # One that a registry serves needs no sources.
        for what, path, there in (
            ("build context", root / component.context, Path.is_dir),
            ("Dockerfile", root / component.dockerfile, Path.is_file),
        ):
            if not component.image and not there(path):
                yield Finding(f"the {what} {path} of image {component.name} is not there", "correct images_components")


def check_node_ports(it: Situation) -> Iterator[Finding]:
    """Pick a free NodePort for each name that wants one, and keep what was picked."""
    wanted: list[str] = it.params["node_ports"]
    path = it.state_dir / it.params["deployment"] / "node-ports.json"
    pins = _pins(path)
    if not wanted:
        return
    it.node_ports = {name: pins[name] for name in wanted if name in pins}
    missing = [name for name in wanted if name not in pins]
    if not missing:
        return
    low, high = it.params["node_port_range"]
    taken = set(pins.values()) | {port for _, _, port in _pins_of_others(it)}
    taken |= {listener.port for listener in it.machine.listeners()} | _cluster_node_ports(it)
    for name in missing:
        # Where the search begins depends on the name alone, so that check mode finds what a run will find.
        start = zlib.crc32(f"{it.params['deployment']}/{name}".encode()) % (high - low + 1)
        ring = (low + (start + step) % (high - low + 1) for step in range(high - low + 1))
        port = next((candidate for candidate in ring if candidate not in taken), 0)
        if not port:
            yield Finding(
                f"no NodePort is free for {name}", f"free one of {low}-{high}, or widen preflight_node_port_range"
            )
            return
        taken.add(port)
        it.node_ports[name] = port
    it.pinned = True
    if it.may_write:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(json.dumps(pins | it.node_ports, indent=2, sort_keys=True) + "\n")


def _pins(path: Path) -> dict[str, int]:
    try:
        return {str(name): int(port) for name, port in json.loads(path.read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _pins_of_others(it: Situation) -> list[tuple[str, str, int]]:
    """The NodePorts pinned by this checkout's other deployments: deployment, name, port."""
    return [
        (path.parent.name, name, port)
        for path in it.state_dir.glob("*/node-ports.json")
        if path.parent.name != it.params["deployment"]
        for name, port in _pins(path).items()
    ]


def _cluster_node_ports(it: Situation) -> set[int]:
    """The NodePorts in use in the cluster, as far as it can be asked."""
    if not it.kubeconfig.is_file():
        return set()
    try:
        found = Kubectl(it.kubectl, str(it.kubeconfig)).get_json("services", all_namespaces=True)
    except KubectlError:
        return set()
    return {port["nodePort"] for item in found for port in item["spec"].get("ports", []) if "nodePort" in port}


def check_vault(it: Situation) -> Iterator[Finding]:
    """A vault that is there where it must be, readable and encrypted; it is not decrypted here."""
    if not it.params["vault_file"]:
        return
    path = Path(it.params["vault_file"])
    if not path.exists():
        if it.params["environment"] != "development":
            keys = ", ".join(it.params["vault_keys"])
            yield Finding(f"there is no vault {path}", f"make it, with {keys}: ansible-vault create {path}")
        return
    try:
        with path.open("rb") as file:
            beginning = file.read(1 << 16)
    except OSError as error:
        yield Finding(f"the vault {path} can't be read ({error.strerror})", f"let {user_name(os.geteuid())} read it")
        return
    if beginning.strip() and not beginning.startswith(b"$ANSIBLE_VAULT") and b"!vault" not in beginning:
        yield Finding(f"the vault {path} is not encrypted", f"encrypt it: ansible-vault encrypt {path}")


# --- the machine -----------------------------------------------------------------------------------------------------
def check_memory(it: Situation) -> Iterator[Finding]:
    """Enough memory."""
    if not (wanted := it.params["memory"].get(it.provider)):
        return
    need = quantity(wanted)
    total, free = it.machine.memory()
    if total < need:
        advice = "use a larger machine, or cluster_provider=existing with a cluster elsewhere"
        yield Finding(f"this machine has {in_mib(total)} of memory, {it.provider} needs {in_mib(need)}", advice)
    elif free < need and not it.kubeconfig.is_file():
        advice = "pods may stay Pending or be killed; stop what else uses it"
        yield Finding(f"only {in_mib(free)} of memory is free, {it.provider} needs {in_mib(need)}", advice, False)


def check_cores(it: Situation) -> Iterator[Finding]:
    """Enough processors."""
    need, cores = float(it.params["cores"].get(it.provider) or 0), it.machine.cores()
    if cores < need:
        advice = "use a larger machine, or raise the limit of this container"
        yield Finding(f"this machine has {cores:g} processors, {it.provider} needs {need:g}", advice)


def check_disk(it: Situation) -> Iterator[Finding]:
    """Enough free space; folders of one file system share what it has."""
    need: defaultdict[int, Decimal] = defaultdict(Decimal)
    rows: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in it.rows("disk"):
        if _exists(row["unless"]):
            continue
        device = existing_parent(Path(row["path"])).stat().st_dev
        need[device] += quantity(row["free"])
        rows[device].append(row)
    for device, wanted in need.items():
        folder = existing_parent(Path(rows[device][0]["path"]))
        free = shutil.disk_usage(folder).free
        if free < wanted:
            purposes = ", ".join(f"{row['purpose']} in {row['path']} ({row['free']})" for row in rows[device])
            what = f"{in_mib(free)} is free on the disk of {folder}, {in_mib(wanted)} is needed for {purposes}"
            yield Finding(what, "free some space, or set other folders")


def _exists(pattern: str) -> bool:
    """Whether a pattern of files matches one; an empty pattern does not."""
    path = Path(pattern)
    return bool(pattern) and any(Path(path.anchor).glob(str(path.relative_to(path.anchor))))


def check_cgroups(it: Situation) -> Iterator[Finding]:
    """The controllers that the kubelet needs, whichever version of cgroups the machine has."""
    if it.provider not in it.params["node_providers"] or platform.system() != "Linux":
        return
    cgroups = it.machine.cgroups()
    if missing := sorted(set(it.params["cgroup_controllers"]) - cgroups.controllers):
        advice = "boot with cgroup_enable=memory and systemd.unified_cgroup_hierarchy=1, or let this container see them"
        yield Finding(f"cgroups ({cgroups.version}) lack {', '.join(missing)}", advice)
    if cgroups.hidden:
        yield Finding(
            f"the cgroup v1 controllers {', '.join(sorted(cgroups.hidden))} are in use, but mounted elsewhere only "
            "(a privileged container with systemd does that), so that new pods may have no CPU figures",
            "autoscaling then shows <unknown>; reboot the machine to be rid of it",
            False,
        )


def check_kernel(it: Situation) -> Iterator[Finding]:
    """Features of the kernel; what it does not tell is not held against it."""
    if platform.system() != "Linux":
        return
    for row in it.rows("kernel"):
        if it.machine.kernel_feature(row["name"]) == "absent":
            advice = f"load it (modprobe {row['name']}) or take a kernel that has it"
            yield Finding(f"the kernel has no {row['name']}: {row['why']}", advice, row["required"])


def check_rights(it: Situation) -> Iterator[Finding]:
    """Root where the provider starts daemons."""
    if it.provider in it.params["root_providers"] and not is_root_or_sudo():
        me = user_name(os.geteuid())
        advice = f"run as root, let {me} use sudo without a password for the time of the run, or take another provider"
        yield Finding(f"cluster_provider {it.provider} needs root, and {me} has neither that nor sudo", advice)


def check_ports(it: Situation) -> Iterator[Finding]:
    """Ports that are free, or held by our own cluster."""
    rows = it.rows("ports")
    listeners = it.machine.listeners() if rows else []
    clashes = [
        (row, listener)
        for row in rows
        for listener in listeners
        if listener.port == row["port"] and overlaps(listener.address, row["address"])
    ]
    holders = it.machine.holders({listener.inode for _, listener in clashes}) if clashes else {}
    ours_runs = None
    told: set[int] = set()
    for row, listener in clashes:
        process = holders.get(listener.inode)
        if row["port"] in told or (process and it.machine.belongs(process, it.params["own_paths"])):
            continue
        if process is None:
            # Another user's sockets are closed to us, but not what processes there are.
            ours_runs = _ours_runs(it) if ours_runs is None else ours_runs
            if ours_runs and listener.uid == it.machine.root_uid():
                continue
        told.add(row["port"])
        who = str(process) if process else f"a process of {user_name(listener.uid)}"
        advice = _how_to_stop(process) + (f", or {row['advice']}" if row["advice"] else "")
        yield Finding(f"port {row['port']} ({row['purpose']}) is taken by {who}", advice)


def _ours_runs(it: Situation) -> bool:
    marks = [mark for mark in it.params["own_paths"] if mark]
    return any(mark in process.command for process in it.machine.processes() for mark in marks)


def _how_to_stop(process: Process | None) -> str:
    return f"stop it, for instance with kill {process.pid}" if process else "stop it (ss -ltnp as root shows it)"


# --- programs --------------------------------------------------------------------------------------------------------
def check_versions(it: Situation) -> Iterator[Finding]:
    """Ansible, Python and its libraries."""
    versions = {
        "ansible-core": (it.params["ansible_version"], it.params["ansible_minimum"]),
        "Python": (platform.python_version(), it.params["python_minimum"]),
    }
    for name, minimum in it.params["python_libraries"].items():
        try:
            versions[f"Python library {name}"] = (importlib.metadata.version(name), minimum)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(f"the Python library {name} is missing", "make the environment anew: make up")
    for name, (found, minimum) in versions.items():
        if found and LooseVersion(found) < LooseVersion(minimum):
            yield Finding(f"{name} is {found}, at least {minimum} is needed", "make the environment anew: make up")


def check_tools(it: Situation) -> Iterator[Finding]:
    """Programs that this run will start, in versions that will do."""
    for row in it.rows("tools"):
        if _exists(row["unless"]):
            continue
        path = shutil.which(row["name"], path=os.pathsep.join([os.environ.get("PATH", ""), *row["paths"]]))
        version = _version_of(path, row["arguments"]) if path else ""
        if path and version and LooseVersion(version) >= LooseVersion(row["minimum"]):
            continue
        if row["unless_reachable"] and all(it.can_reach([name]) for name in row["unless_reachable"]):
            continue
        found = f"{path} is {version or 'of unknown version'}" if path else f"{row['name']} is not on the PATH"
        yield Finding(f"{row['purpose']} needs {row['name']} {row['minimum']} or later, but {found}", row["advice"])


def _version_of(path: str, arguments: Iterable[str]) -> str:
    try:
        done = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.search(r"\d+(\.\d+)+", done.stdout or done.stderr)
    return match[0] if match else ""


def check_docker(it: Situation) -> Iterator[Finding]:
    """Docker that answers, where it is used."""
    if it.provider not in it.params["docker_providers"]:
        return
    if not shutil.which("docker"):
        yield Finding("docker is not on the PATH", "install Docker, or take a provider that does not need it")
        return
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=15, check=False)
    except subprocess.TimeoutExpired:
        yield Finding("Docker does not answer", "restart it")
        return
    if done.returncode == 0:
        if not _version_of("docker", ["buildx", "version"]):
            advice = "install it: the package is docker-buildx-plugin (Docker's) or docker-buildx (Debian's)"
            yield Finding("Docker has no buildx, which builds images", advice)
        return
    if "permission denied" in done.stderr.lower():
        me = user_name(os.geteuid())
        yield Finding(f"{me} may not use Docker", f"sudo usermod -aG docker {me}, then log in again")
    else:
        start = (
            "start Docker Desktop"
            if platform.system() == "Darwin"
            else "sudo systemctl start docker (or: service docker start)"
        )
        yield Finding("Docker is not running", start)


# --- the network -----------------------------------------------------------------------------------------------------
def check_network(it: Situation) -> Iterator[Finding]:
    """What is not in a cache can be fetched."""
    if it.params["ca_bundle"] and not os.access(it.params["ca_bundle"], os.R_OK):
        yield Finding(f"the certificate bundle {it.params['ca_bundle']} can't be read", "correct preflight_ca_bundle")
    for row in it.rows("sources"):
        if any(_exists(pattern) for pattern in row["cached"]) or it.can_reach(row["any_of"]):
            continue
        hosts = ", ".join(it.params["endpoints"].get(name, name) for name in row["any_of"])
        caches = f" and nothing is in {' or '.join(row['cached'])}" if row["cached"] else ""
        advice = row["advice"] or "connect, set HTTPS_PROXY or preflight_ca_bundle, or copy a filled cache there"
        yield Finding(f"{row['purpose']} can't be had: no answer from {hosts}{caches}", advice, row["required"])


CHECKS: dict[str, Check] = {
    "lock": check_lock,
    "choices": check_choices,
    "names": check_names,
    "images": check_images,
    "vault": check_vault,
    "versions": check_versions,
    "memory": check_memory,
    "cores": check_cores,
    "disk": check_disk,
    "cgroups": check_cgroups,
    "kernel": check_kernel,
    "rights": check_rights,
    "ports": check_ports,
    "tools": check_tools,
    "docker": check_docker,
    "network": check_network,
    "node_ports": check_node_ports,
}
"""The checks in the order of their run: the lock comes first, for without it nothing is written."""


def examine(it: Situation, names: Iterable[str] = ()) -> list[Finding]:
    """Run checks (all by default) and collect everything that they find."""
    wanted = list(names) or list(CHECKS)
    findings: list[Finding] = []
    for name, check in CHECKS.items():
        if name not in wanted:
            continue
        try:
            findings += check(it)
        except ValueError as error:
            findings.append(Finding(f"the data of the {name} check is wrong", str(error)))
    return findings


def facts(it: Situation) -> dict[str, Any]:
    """What later stages want to know."""
    return {
        "provider": it.provider,
        "reason": it.choice.reason if it.provider and it.choice else "",
        "reachable": it.reachable,
        "node_ports": it.node_ports,
        "cores": it.machine.cores(),
        "memory_mib": it.machine.memory()[0] >> 20,
        "cgroups": it.machine.cgroups().version,
        "is_root": os.geteuid() == 0,
    }
