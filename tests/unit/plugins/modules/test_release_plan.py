"""The module `release_plan` before a real API server that has a node and no controllers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from database_server import run_module

from tests.charts.api_server import ApiServer
from tests.charts.charts import find_tool

ROOT = Path(__file__).resolve().parents[4]
IMAGE = {"repository": "tiny", "tag": "1"}
FOREIGN = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "foreign", "namespace": "default"},
    "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 31999}]},
}


@pytest.fixture(scope="module")
def cluster(control_plane: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Options that lead to a cluster with one node of a processor, and a Service with a NodePort."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "small"}}
    control_plane.kubectl(
        "apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": [node, FOREIGN]})
    )
    patch = json.dumps({"status": {"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "9"}}})
    control_plane.kubectl("patch", "node", "small", "--subresource=status", "-p", patch)
    bin_dir = tmp_path_factory.mktemp("bin")
    for name in ("helm", "kubectl"):
        (bin_dir / name).symlink_to(find_tool(name) or "")
    return {
        "kubeconfig": str(control_plane.kubeconfig),
        "bin_dir": str(bin_dir),
        "root": str(ROOT),
        "namespace": "plan",
    }


def backend(name: str = "todo-backend", **values: Any) -> dict[str, Any]:
    return {"name": name, "chart": "app/charts/todo-backend", "values": {"image": IMAGE, **values}}


def test_what_has_its_place(cluster: dict[str, Any]) -> None:
    tiny = {"name": "tiny", "chart": "tests/tiny/chart", "values": {"image": IMAGE}}
    found = run_module("release_plan", **cluster, releases=[tiny, backend(replicaCount=1)])
    assert [one["action"] for one in found["actions"]] == ["install", "install"]
    assert "warnings" not in found


def test_what_has_no_place_is_told_at_once(cluster: dict[str, Any]) -> None:
    releases = [
        backend(replicaCount=20, service={"type": "NodePort", "nodePort": 31999}),
        {"name": "other", "chart": "tests/tiny/chart", "values": {"image": IMAGE}},
        {"name": "tiny", "chart": "tests/tiny/chart", "values": {"image": IMAGE}},
    ]
    found = run_module("release_plan", **cluster, releases=releases)
    assert found["failed"]
    for expected in (
        "Service/tiny exists twice in namespace plan: give one of them another name",
        "NodePort 31999 of todo-backend belongs to foreign in namespace default",
        "during an update, the cluster has room for 1 CPU and 1.0 GiB: lower requests or replicas",
    ):
        assert expected in found["msg"]


def test_what_only_autoscalers_have_no_room_for_is_a_warning(cluster: dict[str, Any]) -> None:
    scaling = {"enabled": True, "minReplicas": 1, "maxReplicas": 50}
    found = run_module("release_plan", **cluster, releases=[backend(autoscaling=scaling)])
    assert [one["action"] for one in found["actions"]] == ["install"]
    assert "with all that the autoscalers may add, pods request" in json.dumps(found["warnings"])
