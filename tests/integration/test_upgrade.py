"""A later patch version of Kubernetes on a node that is in use."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import own
from tests.product.platform import ROOT, STATE, Run, kubectl, play, told
from tests.product.tiny.killing import killed

DEFAULTS = Path("roles/cluster/defaults/main.yml")
TOOLCHAIN = Path("roles/cluster/files/toolchain/kubernetes/go.mod")


class Checkout:
    """A later checkout on the state of this one; its Kubernetes is this one's, called by a later version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in listed.split("\0")[:-1]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
        collections = folder / "collections/ansible_collections"
        (collections / "todo").mkdir(parents=True)
        (collections / "todo/platform").symlink_to(folder)
        for installed in (ROOT / "collections/ansible_collections").iterdir():
            if installed.name != "todo":
                (collections / installed.name).symlink_to(installed)
        line = next(x for x in (folder / DEFAULTS).read_text().splitlines() if "cluster_kubernetes_version:" in x)
        self.before = line.split()[1]
        minor, _, patch = self.before.rpartition(".")
        self.after = f"{minor}.{int(patch) + 1}"
        self.replace(DEFAULTS, self.before, self.after)
        self.replace(Path("roles/cluster/meta/argument_specs.yml"), self.before, self.after)
        module = f"k8s.io/kubernetes {self.before}"
        self.replace(TOOLCHAIN, module, f"k8s.io/kubernetes {self.after}")
        with (folder / TOOLCHAIN).open("a") as file:
            file.write(f"\nreplace k8s.io/kubernetes => {module}\n")

    def replace(self, path: Path, old: str, new: str) -> None:
        text = (self.folder / path).read_text()
        assert old in text
        (self.folder / path).write_text(text.replace(old, new))

    def arguments(self) -> tuple[str, ...]:
        return "-e", f"deployment_state_dir={STATE}"

    def run(self) -> Run:
        return play(*self.arguments(), inventory=str(own.INVENTORY), root=self.folder)


@pytest.fixture
def made_anew(drilled: None) -> Iterator[None]:
    """The node of this checkout's version, at the end."""
    yield
    down = own.run("playbooks/reset.yml", "-e", "reset_confirmed=true", "-e", "reset_cluster=true")
    assert down.code == 0, down.output[-4000:]
    assert own.run().code == 0


def versions() -> set[str]:
    """Of the API server and of the kubelet."""
    server = json.loads(kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"]
    nodes = json.loads(kubectl("get", "nodes", "-o", "json"))["items"]
    return {server, *(node["status"]["nodeInfo"]["kubeletVersion"] for node in nodes)}


def pods() -> set[str]:
    found = json.loads(kubectl("get", "pods", "-o", "json", namespace=own.NAMESPACE))["items"]
    return {one["metadata"]["uid"] for one in found}


@pytest.mark.usefixtures("made_anew")
def test_kubernetes_is_upgraded_under_load(tmp_path: Path) -> None:
    """Killed in the midst of it, and run again: nobody who uses the application sees anything of it."""
    later = Checkout(tmp_path)
    before = pods()
    with own.load([own.Person(), own.Person()]) as outcomes:
        for task in ("Upgrade | Upgrade the control plane", "Upgrade | Let the kubelet of the new version take over"):
            assert killed(*later.arguments(), task=task, inventory=str(own.INVENTORY), root=later.folder)
        up = later.run()
    assert up.code == 0, up.output[-6000:]
    assert f"Kubernetes goes from {later.before} to {later.after}" in up.output
    assert versions() == {later.after}
    assert set(outcomes) == {"answered"}
    assert pods() == before, "the application's pods go on"
    again = later.run()
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]
    told(own.run(), f"The embedded node has Kubernetes {later.after}", f"not to {later.before}", "make backup")
