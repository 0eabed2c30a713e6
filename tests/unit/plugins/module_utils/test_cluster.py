from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.todo.platform.plugins.module_utils import cluster


def test_a_named_provider_is_taken() -> None:
    assert cluster.choose("kubeadm", kubeconfig="", remembered=None).provider == "kubeadm"


def test_a_kubeconfig_means_an_existing_cluster() -> None:
    assert cluster.choose("auto", kubeconfig="/x", remembered=None).provider == "existing"


def test_auto_keeps_to_what_it_took_before() -> None:
    before = cluster.Choice("minikube", "because")
    assert cluster.choose("auto", kubeconfig="", remembered=before) == before


def test_auto_without_minikube_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    choice = cluster.choose("auto", kubeconfig="", remembered=None)
    assert choice.provider == "kubeadm"
    assert "no minikube" in choice.reason


def test_auto_takes_minikube_with_a_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "minikube").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cluster.choose("auto", kubeconfig="", remembered=None, driver="docker").provider == "minikube"


def test_a_client_without_an_engine_is_no_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nexit 1\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(cluster, "MINIKUBE_DRIVERS", ("docker",))
    assert cluster.usable_driver() == ""
    docker.write_text("#!/bin/sh\nexit 0\n")
    assert cluster.usable_driver() == "docker"


def test_the_key_follows_settings_and_sources(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    keys = {cluster.content_key({"x": 1}, [tmp_path]), cluster.content_key({"x": 2}, [tmp_path])}
    (tmp_path / "a").write_text("2")
    keys.add(cluster.content_key({"x": 1}, [tmp_path]))
    assert len(keys) == 3


def test_no_kubeconfig_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    state = cluster.look("kubectl", str(tmp_path / "none"))
    assert not state.ready
    assert "no kubeconfig" in state.problems[0]
