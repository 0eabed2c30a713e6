"""A machine that lacks something: told by the first task, all at once, and nothing is started."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.product.platform import ROOT, TINY, Run, play, told

pytestmark = pytest.mark.usefixtures("unharmed")

HOLD = """
import socket, subprocess, sys
held = [socket.create_server(("", port)) for port in (80, 6443)]
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""


class Checkout:
    """A checkout that has started nothing yet, on this machine with its filled caches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.state.mkdir()
        self.variables = {"cluster_provider": "kubeadm", "deployment_state_dir": str(self.state)}

    def run(self, *, inside: Sequence[str] = (), environment: dict[str, str] | None = None, **variables: Any) -> Run:
        """A run from this checkout, which must stop before anything is started."""
        arguments = ("-e", json.dumps({**self.variables, **variables}))
        done = play(*arguments, inventory=TINY, inside=inside, environment=environment)
        assert "todo.platform.cluster : " not in done.output
        assert not {"bin", "kubeconfig"} & {path.name for path in self.state.iterdir()}
        return done


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_no_root_and_no_sudo(checkout: Checkout) -> None:
    failed = checkout.run(inside=["unshare", "--user", "--map-user=1000", "--map-group=1000"])
    told(failed, "cluster_provider kubeadm needs root", "run as root")
    assert len(failed.problems) == 1


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"cluster_provider": "minikube", "cluster_driver": "docker"}, id="runs the node"),
        pytest.param(
            {"cluster_provider": "existing", "cluster_kubeconfig": str(ROOT / ".state/kubeconfig")}, id="builds images"
        ),
    ],
)
def test_docker_does_not_run(checkout: Checkout, variables: dict[str, Any]) -> None:
    failed = checkout.run(environment={"DOCKER_HOST": f"unix://{checkout.folder}/none.sock"}, **variables)
    told(failed, "Docker is not running: " if shutil.which("docker") else "docker is not on the PATH: ")


def test_ports_that_are_taken(checkout: Checkout) -> None:
    """In a network of its own, where somebody else listens on both."""
    failed = checkout.run(inside=["unshare", "--net", sys.executable, "-c", HOLD])
    told(failed, "port 80 (ingress, HTTP) is taken by python", "or set cluster_ingress_http_port")
    told(failed, "port 6443 (Kubernetes API server) is taken by python", "stop it, for instance with kill ")
    assert len(failed.problems) == 2


def test_a_disk_that_is_too_small(checkout: Checkout) -> None:
    small = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs -o size=20992k none "$0" && exec "$@"',
        str(checkout.state),
    ]
    failed = checkout.run(inside=small)
    told(failed, f"20 MiB is free on the disk of {checkout.state}, 100 MiB is needed for state and reports")
    told(failed, "free some space, or set other folders")
    assert len(failed.problems) == 1


def test_a_memory_that_is_too_small(checkout: Checkout) -> None:
    """A container's own /proc/meminfo, as lxcfs gives it."""
    meminfo = checkout.folder / "meminfo"
    meminfo.write_text("MemTotal: 1048576 kB\nMemFree: 524288 kB\nMemAvailable: 524288 kB\n")
    small = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /proc/meminfo && exec "$@"', str(meminfo)]
    failed = checkout.run(inside=small)
    told(failed, "this machine has 1.0 GiB of memory, kubeadm needs 3.4 GiB", "use a larger machine")
    assert len(failed.problems) == 1


def test_no_network_and_empty_caches(checkout: Checkout) -> None:
    """Everything that can't be had is named, with where it was looked for."""
    cache = checkout.folder / "cache"
    failed = checkout.run(inside=["unshare", "--net"], cluster_cache_dir=str(cache))
    told(failed, "Kubernetes (its downloads, or the Go modules that it is compiled from) can't be had: no answer from")
    told(failed, f"nothing is in {cache}/toolchain/", f"nothing is in {cache}/debian/*.complete")
    told(failed, "a base for images can't be had", "or copy a filled cache there")
    assert len(failed.problems) == 2
    assert not cache.exists()
