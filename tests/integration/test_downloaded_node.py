"""A node from downloaded binaries, of a server that has them as their publishers do; the store keeps the images."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import tarfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest
import yaml

from tests.product.platform import ROOT, STATE, Run, get, kubectl, play
from tests.unit.standins import serving

DEFAULTS = yaml.safe_load((ROOT / "roles/cluster/defaults/main.yml").read_text())
KUBERNETES, HELM, BUNDLE = (
    DEFAULTS[f"cluster_{name}"] for name in ("kubernetes_version", "helm_version", "containerd_bundle")
)
PLATFORM = "linux/" + {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
IN_BUNDLE = ("containerd", "containerd-shim-runc-v2", "ctr", "buildkitd", "buildctl")
NODE = Path("/var/lib/todo-platform")
CTR = [str(NODE / "bin/ctr"), "--address=/run/todo-platform/containerd.sock", "--namespace=k8s.io", "images"]
ALL = ("kubernetes", "helm", "github", "images", "kubernetes_images")


def publish(folder: Path) -> None:
    """The binaries of the node that is there, under the paths and with the checksums of those who publish them."""
    binaries = (NODE / "bin").resolve()
    release = folder / f"release/{KUBERNETES}/bin/{PLATFORM}"
    release.mkdir(parents=True)
    for name in ("kubelet", "kubeadm", "kubectl"):
        content = (binaries / name).read_bytes()
        (release / name).write_bytes(content)
        (release / f"{name}.sha256").write_text(hashlib.sha256(content).hexdigest())
    dashed = PLATFORM.replace("/", "-")
    helm = folder / f"helm-{HELM}-{dashed}.tar.gz"
    bundle = folder / f"v{BUNDLE}/nerdctl-full-{BUNDLE}-{dashed}.tar.gz"
    bundle.parent.mkdir()
    for archive, inside in ((helm, {f"{dashed}/helm": "helm"}), (bundle, {f"bin/{name}": name for name in IN_BUNDLE})):
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
            for name, binary in inside.items():
                tar.add(binaries / binary, name)
    (folder / f"{helm.name}.sha256sum").write_text(f"{_digest(helm)}  {helm.name}\n")
    (bundle.parent / "SHA256SUMS").write_text(f"{_digest(bundle)}  {bundle.name}\n")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def name_as_kubeadm_does() -> None:
    """Give the images in the store the tags of kubeadm's own defaults, which it would pull otherwise."""
    listed = subprocess.run([*CTR, "ls", "--quiet"], check=True, capture_output=True, text=True).stdout.split()
    asked = [str(NODE / "bin/kubeadm"), "config", "images", "list", f"--kubernetes-version={KUBERNETES}"]
    for wanted in subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split():
        name = wanted.rpartition(":")[0]
        there = next(one for one in listed if one.rpartition(":")[0] == name)
        if wanted not in listed:
            subprocess.run([*CTR, "tag", there, wanted], check=True, capture_output=True)


def without_cluster() -> Run:
    return play("-e", "reset_confirmed=true", "-e", "reset_cluster=true", playbook="playbooks/reset.yml")


@pytest.fixture
def made_anew() -> Iterator[None]:
    """The developer's node as it was, at the end."""
    yield
    assert without_cluster().code == 0
    assert play().code == 0


@pytest.mark.usefixtures("made_anew")
def test_a_node_from_downloads(tmp_path: Path) -> None:
    assert play().code == 0
    published = tmp_path / "published"
    publish(published)
    name_as_kubeadm_does()
    assert without_cluster().code == 0
    with serving(partial(SimpleHTTPRequestHandler, directory=str(published))) as url:  # type: ignore[arg-type]
        variables: dict[str, object] = {f"cluster_{name}_url": url for name in ("kubernetes", "helm", "containerd")}
        variables |= {"cluster_cache_dir": str(tmp_path / "cache"), "cluster_reachable": dict.fromkeys(ALL, True)}
        arguments = ("--tags", "cluster", "-e", json.dumps(variables))
        up = play(*arguments, environment={**os.environ, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"})
    assert up.code == 0, up.output[-6000:]
    assert "compile" not in up.output
    assert (STATE / "bin/kubectl").resolve().is_relative_to(tmp_path / "cache")
    [node] = json.loads(kubectl("get", "nodes", "-o", "json"))["items"]
    assert node["status"]["nodeInfo"]["kubeletVersion"] == KUBERNETES
    assert get("deployment", "coredns", namespace="kube-system")["status"]["readyReplicas"] == 1
    again = play(*arguments)
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]
