"""kubectl's answers and errors."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.todo.platform.plugins.module_utils.kubectl import (
    ClusterUnreachableError,
    Kubectl,
    KubectlError,
    NotFoundError,
    annotations_of,
    as_objects,
    failure,
    labels_of,
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ('{"kind": "ConfigMap", "metadata": {"name": "a"}}', ["a"]),
        ('{"kind": "List", "items": []}', []),
        ('{"kind": "PodList", "items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}]}', ["a", "b"]),
    ],
)
def test_as_objects(text: str, names: list[str]) -> None:
    assert [item["metadata"]["name"] for item in as_objects(text)] == names


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        (
            "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host?",
            ClusterUnreachableError,
        ),
        ("Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout", ClusterUnreachableError),
        ("Unable to connect to the server: net/http: TLS handshake timeout", ClusterUnreachableError),
        ('Error from server (NotFound): pods "x" not found', NotFoundError),
        ('error: the server doesn\'t have a resource type "foos"', NotFoundError),
        ('Error from server (Forbidden): pods is forbidden: User "x" cannot list resource "pods"', KubectlError),
        ("", KubectlError),
    ],
)
def test_failure(stderr: str, kind: type[KubectlError]) -> None:
    error = failure(["get", "pods"], stderr, 1)
    assert type(error) is kind
    assert str(error).startswith("kubectl get pods: ") and error.returncode == 1


def _tool(folder: Path, script: str) -> str:
    path = folder / "kubectl"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_run_says_where_the_cluster_is(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.touch()
    tool = _tool(tmp_path, 'printf "%s\\n" "$KUBECACHEDIR" "$@"; cat')
    kubectl = Kubectl(tool, str(kubeconfig), "ctx", "ns")
    lines = kubectl.run("apply", "-f-", stdin="{}").splitlines()
    assert lines[0] == str(tmp_path / "cache")
    assert lines[2:] == [f"--kubeconfig={kubeconfig}", "--context=ctx", "--namespace=ns", "apply", "-f-", "{}"]
    assert "--namespace=other" in kubectl.run("get", "pods", namespace="other")


def test_run_without_a_value_reads_no_standard_input(tmp_path: Path) -> None:
    assert Kubectl(_tool(tmp_path, "cat")).run("x") == ""


def test_get_json_narrows(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    tool = _tool(tmp_path, f'echo "$@" > {asked}')
    assert Kubectl(tool).get_json(["pods", "jobs"], selector="a=b", all_namespaces=True) == []
    assert asked.read_text().split()[1:] == [
        "get", "pods,jobs", "--output=json", "--ignore-not-found", "--selector=a=b", "--all-namespaces",
    ]  # fmt: skip


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClusterUnreachableError, match="run the cluster stage first"):
        Kubectl("kubectl", str(tmp_path / "none")).run("version")
    with pytest.raises(KubectlError, match="kubectl is not at"):
        Kubectl(str(tmp_path / "none")).run("version")


def test_a_hanging_kubectl_is_ended(tmp_path: Path) -> None:
    with pytest.raises(KubectlError, match=r"did not end within 0\.2 s"):
        Kubectl(_tool(tmp_path, "exec sleep 30")).run("get", "pods", timeout=0.2)


def test_labels_and_annotations_may_be_missing() -> None:
    bare = {"metadata": {"labels": None}}
    assert labels_of(bare) == annotations_of(bare) == {}
    assert labels_of({"metadata": {"labels": {"a": "b"}}}) == {"a": "b"}
    assert json.dumps(annotations_of({"metadata": {"annotations": {"c": "d"}}})) == '{"c": "d"}'


def test_the_environment_is_passed_on() -> None:
    assert Kubectl().environment() == dict(os.environ)
