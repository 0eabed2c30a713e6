from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils import minikube

CONFIG: dict[str, Any] = {
    "Memory": 4096,
    "CPUs": 2,
    "Driver": "podman",
    "KubernetesConfig": {"KubernetesVersion": "v1.36.3", "CNI": "bridge"},
    "Nodes": [{"IP": "192.168.49.2"}],
    "Addons": {"ingress": True, "dashboard": False},
}
WANTED = {"driver": "podman", "version": "v1.36.3", "nodes": 1, "cpus": 2, "memory": "4g", "cni": "bridge"}


@pytest.mark.parametrize(
    ("size", "mebibytes"),
    [("4g", 4096), ("4096", 4096), ("4096mb", 4096), ("1.5GiB", 1536), ("1048576k", 1024), ("max", None), ("", None)],
)
def test_sizes_as_minikube_takes_them(size: str, mebibytes: int | None) -> None:
    assert minikube.megabytes(size) == mebibytes


def test_a_profile_that_is_as_wanted_differs_in_nothing() -> None:
    assert minikube.differences(CONFIG, WANTED) == []
    assert minikube.differences(CONFIG, {"driver": "", "cpus": "max", "memory": "no-limit", "cni": "auto"}) == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("driver", "docker", "its driver is podman, not docker"),
        ("version", "v1.37.0", "its Kubernetes version is v1.36.3, not v1.37.0"),
        ("nodes", 3, "its number of nodes is 1, not 3"),
        ("cpus", "4", "its number of CPUs is 2, not 4"),
        ("memory", "6g", "its memory is 4096m, not 6144m"),
        ("cni", "calico", "its CNI is bridge, not calico"),
    ],
)
def test_what_differs_is_named(name: str, value: object, sentence: str) -> None:
    assert minikube.differences(CONFIG, {**WANTED, name: value}) == [sentence]


def test_a_profile_whose_making_was_interrupted_is_compared_with_nothing() -> None:
    unfinished = {**CONFIG, "Nodes": [{"IP": ""}]}
    assert [minikube.state(config) for config in ({}, CONFIG, unfinished)] == ["absent", "made", "unfinished"]
    assert minikube.differences(unfinished, {**WANTED, "nodes": 3}) == []


@pytest.mark.parametrize("home", [".", ".minikube"])
def test_a_profile_is_read_from_minikubes_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    path = tmp_path / ".minikube" / "profiles" / "one" / "config.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(CONFIG))
    monkeypatch.setenv("MINIKUBE_HOME", str(tmp_path / home))
    assert minikube.enabled_addons(minikube.profile("one")) == ["ingress"]
    assert minikube.profile("another") == {}
