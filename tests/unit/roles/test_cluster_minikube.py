"""What the cluster role asks of Minikube, and what it makes of the answers: real runs of the role beside a stand-in."""

from __future__ import annotations

import hashlib
import json
import platform
import stat
import sys
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.unit.roles import minikube_standin as standin
from tests.unit.standins import serving
from tests.unit.tiny_deployment import Deployment, Run

PROFILE = "tiny-profile"
START = [
    *("start", "--profile", PROFILE, "--kubernetes-version", "v1.36.3", "--nodes", "1", "--cpus", "2"),
    *("--memory", "4g", "--cni", "auto", "--embed-certs", "--interactive=false"),
]
ARCHITECTURE = "amd64" if platform.machine() == "x86_64" else "arm64"
PLATFORM = f"{platform.system().lower()}-{ARCHITECTURE}"


def enable(addon: str) -> list[str]:
    return ["--profile", PROFILE, "addons", "enable", addon]


class Machine:
    """A machine with a stand-in for minikube, and the role."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.home, self.bin = folder, folder / "minikube", folder / "bin"
        self.deployment = Deployment(folder)
        self.home.mkdir()
        self.bin.mkdir()
        for name in ("minikube", "kubectl", "helm"):
            self.install(self.bin / name)
        monkeypatch.setenv("MINIKUBE_HOME", str(self.home))
        self.describe()

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "state" / "kubeconfig"

    def install(self, path: Path) -> None:
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{standin.__file__}" {path.name.split("-")[0]} "$@"\n')
        path.chmod(0o755)

    def describe(self, **variables: Any) -> None:
        settings = {
            "cluster_provider": "minikube",
            "cluster_profile": PROFILE,
            "cluster_cache_dir": f"{self.folder}/cache",
        }
        self.deployment.describe(**settings | variables)

    def run(self, *verbs: str, arguments: tuple[str, ...] = (), code: int = 0) -> Run:
        """Run verbs of the role, one after another."""
        role = "todo.platform.cluster"
        self.deployment.play(
            *({"name": verb, "ansible.builtin.include_role": {"name": role, "tasks_from": verb}} for verb in verbs)
        )
        return self.deployment.run(*arguments, environment={"PATH": f"{self.bin}:/usr/bin:/bin"}, code=code)

    def calls(self) -> list[list[str]]:
        """What minikube was asked since the last look; whatever needs a kubeconfig is given the checkout's."""
        record = self.home / "calls.jsonl"
        lines = record.read_text().splitlines() if record.is_file() else []
        record.unlink(missing_ok=True)
        calls = [json.loads(line) for line in lines]
        kubeconfigs = {call["kubeconfig"] for call in calls if not {"image", "status"} & set(call["argv"])}
        assert kubeconfigs <= {str(self.kubeconfig)}
        return [call["argv"] for call in calls]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


@pytest.fixture
def downloads(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server on the loopback and the folder that it serves."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with serving(Handler) as url:
        yield url, folder


def test_from_a_failed_start_to_nothing_to_do(machine: Machine) -> None:
    checked = machine.run("main", arguments=("--check",))
    assert f"would be brought up: there is no kubeconfig at {machine.kubeconfig}" in checked.told
    assert machine.calls() == []

    broken = machine.home / "broken"
    broken.write_text("X Exiting due to GUEST_PROVISION: Failed to start host: no space left on device")
    failed = machine.run("main", code=2)
    assert "start Minikube failed with exit code 80" in failed.told
    assert "Failed to start host: no space left on device" in failed.told
    assert machine.calls() == [START]

    broken.unlink()
    machine.run("main")
    assert machine.calls() == [["delete", "--profile", PROFILE], START, enable("ingress"), enable("metrics-server")]
    assert stat.S_IMODE(machine.kubeconfig.stat().st_mode) == 0o600
    assert (machine.folder / "state" / "bin" / "minikube").resolve() == machine.bin / "minikube"

    assert machine.run("main").changed == 0
    assert machine.calls() == []

    machine.describe(cluster_addons=["ingress", "metrics-server", "dashboard"])
    assert "addon dashboard is not enabled" in machine.run("main").told
    assert machine.calls() == [START, enable("dashboard")]


def test_what_differs_in_a_profile_is_named_and_left_alone(machine: Machine) -> None:
    standin.keep(standin.config(PROFILE, driver="podman"))
    machine.describe(cluster_driver="docker", cluster_nodes=2, cluster_memory="6g", cluster_cni="calico")
    failed = machine.run("main", arguments=("--check",), code=2)
    assert (
        f"The Minikube profile {PROFILE} is there, but its driver is podman, not docker, its number of nodes is 1, "
        "not 2, its memory is 4096m, not 6144m, its CNI is auto, not calico. Make the variables say so, or remove "
        f"it with `minikube delete --profile {PROFILE}`." in failed.told
    )
    assert machine.calls() == []


def test_stop_start_and_away_each_once(machine: Machine) -> None:
    machine.describe(cluster_addons=[])
    machine.run("main", "stop", "stop", "start", "start", "absent", "absent")
    status = ["status", "--profile", PROFILE, "--format", "{{.Host}}"]
    stop, delete = ["stop", "--profile", PROFILE, "--keep-context-active"], ["delete", "--profile", PROFILE]
    assert machine.calls() == [START, status, stop, status, START, delete]
    assert not machine.kubeconfig.exists()
    assert f"there is no kubeconfig at {machine.kubeconfig}" in machine.run("check", code=2).told


def test_a_missing_minikube_is_downloaded_with_its_checksum(machine: Machine, downloads: tuple[str, Path]) -> None:
    url, folder = downloads
    (machine.bin / "minikube").unlink()
    machine.describe(cluster_minikube_url=url, cluster_minikube_version="v1.38.1", cluster_addons=[])
    served = folder / "v1.38.1" / f"minikube-{PLATFORM}"
    served.parent.mkdir()
    machine.install(served)
    checksum = served.with_name(f"{served.name}.sha256")
    kept = machine.folder / "cache" / "tools" / "minikube-v1.38.1" / "minikube"

    checksum.write_text(hashlib.sha256(b"another").hexdigest())
    assert "did not match" in machine.run("main", code=2).told
    assert not kept.exists()

    checksum.write_text(hashlib.sha256(served.read_bytes()).hexdigest())
    machine.run("main")
    assert machine.calls() == [START]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o755


def test_an_air_gap_gives_its_own_arguments_to_what_was_downloaded_before(machine: Machine) -> None:
    kept = machine.folder / "cache" / "tools" / "minikube-v1.38.1" / "minikube"
    kept.parent.mkdir(parents=True)
    (machine.bin / "minikube").rename(kept)
    machine.describe(
        cluster_driver="podman",
        cluster_minikube_args=["--force", "--preload=false", "--base-image=localhost/node:1"],
        cluster_minikube_images=["/media/addons.tar"],
        cluster_addons=["metrics-server"],
        cluster_addon_args={"metrics-server": ["--images=MetricsServer=metrics-server:v0.9.0"]},
    )
    machine.run("main")
    assert machine.calls() == [
        [*START, "--driver", "podman", "--force", "--preload=false", "--base-image=localhost/node:1"],
        ["--profile", PROFILE, "image", "load", "/media/addons.tar"],
        [*enable("metrics-server"), "--images=MetricsServer=metrics-server:v0.9.0"],
    ]


def test_auto_says_what_it_takes_and_why(machine: Machine) -> None:
    docker = machine.bin / "docker"
    docker.write_text("#!/bin/sh\nexit 0\n")
    docker.chmod(0o755)
    machine.describe(cluster_provider="auto", cluster_node_dir=f"{machine.folder}/node")
    checked = machine.run("main", arguments=("--check",))
    assert "minikube: minikube and its driver docker are here" in checked.told

    (machine.bin / "minikube").unlink()
    checked = machine.run("main", arguments=("--check",))
    assert "kubeadm: no minikube on the PATH, and Linux can run a node of its own" in checked.told


def test_a_profile_that_fits_is_adopted_and_somebody_elses_cluster_never_touched(machine: Machine) -> None:
    held = standin.config(PROFILE)
    standin.keep(held | {"Addons": held["Addons"] | {"ingress": True}})
    standin.running().touch()
    machine.run("main")
    assert machine.calls() == [START, enable("metrics-server")]

    theirs = machine.folder / "theirs"
    machine.kubeconfig.rename(theirs)
    existing = {"cluster_provider": "existing", "cluster_kubeconfig": str(theirs)}
    machine.describe(**existing, cluster_context=PROFILE)
    told = machine.run("main", "check", "stop", "start", "absent").told
    assert told.count("The cluster is not ours, so it stays as it is.") >= 3  # one for each verb
    assert theirs.is_file()

    machine.describe(**existing, cluster_context="other")
    failed = machine.run("main", code=2)
    assert f'{theirs} does not lead to a ready cluster: error: context "other" does not exist.' in failed.told
    assert machine.calls() == []
