"""Whether releases have their place in a cluster."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.capacity import Resources, quantity
from ansible_collections.todo.platform.plugins.module_utils.room import (
    Around,
    Contents,
    name_problems,
    port_problems,
    room_problems,
    workloads_of,
)

from tests.charts.charts import render


def item(kind: str, name: str, api: str = "v1", **parts: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **parts}


def pod_of(app: str, cpu: str, memory: str = "0", phase: str = "Running") -> dict[str, Any]:
    container = {"resources": {"requests": {"cpu": cpu, "memory": memory}}}
    metadata = {"name": app, "namespace": "here", "labels": {"app": app, "hash": "1"}}
    return {"kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}, "status": {"phase": phase}}


def deployment(name: str, cpu: str = "200m", memory: str = "128Mi", **spec: Any) -> dict[str, Any]:
    template = {"spec": pod_of(name, cpu, memory)["spec"]}
    strategy = {"rollingUpdate": {"maxSurge": 1}}
    selector = {"matchLabels": {"app": name}}
    return item(
        "Deployment", name, "apps/v1", spec={"selector": selector, "strategy": strategy, "template": template} | spec
    )


def scaler(name: str, most: int) -> dict[str, Any]:
    target = {"kind": "Deployment", "name": name}
    return item("HorizontalPodAutoscaler", name, "autoscaling/v2", spec={"scaleTargetRef": target, "maxReplicas": most})


def service(name: str, *ports: int, namespace: str = "") -> dict[str, Any]:
    made = item("Service", name, spec={"ports": [{"port": 80, "nodePort": port} for port in ports] or [{"port": 80}]})
    return made | {"metadata": {"name": name, **({"namespace": namespace} if namespace else {})}}


def node(cpu: str = "1600m", memory: str = "4Gi", **spec: Any) -> dict[str, Any]:
    return {"kind": "Node", "spec": spec, "status": {"allocatable": {"cpu": cpu, "memory": memory}}}


def release(*wanted: dict[str, Any], name: str = "web") -> Contents:
    return Contents(name, "here", wanted)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param([service("a"), deployment("a")], [], id="one name, two kinds"),
        pytest.param([service("a"), service("a", namespace="there")], [], id="two namespaces"),
        pytest.param([service("a"), service("a", namespace="here")], ["Service/a exists twice in"], id="one namespace"),
        pytest.param([service("1st")], ["release web: the Service '1st' must be"], id="a Service with a digit first"),
        pytest.param([item("Secret", "a.b")], [], id="a Secret with a dot"),
        pytest.param([item("ConfigMap", "A_b")], ["release web: the ConfigMap 'A_b' must be"], id="an underscore"),
        pytest.param([item("Role", "a:b", "rbac.authorization.k8s.io/v1")], [], id="a role"),
    ],
)
def test_names(wanted: list[dict[str, Any]], expected: list[str]) -> None:
    found = list(name_problems([release(*wanted)]))
    assert len(found) == len(expected)
    assert all(text.startswith(beginning) for text, beginning in zip(found, expected, strict=True))


def test_two_releases_with_one_object() -> None:
    (found,) = name_problems([release(service("a")), release(service("a"), name="other")])
    assert found == "Service/a exists twice in namespace here: give one of them another name"


def test_node_ports() -> None:
    contents = [release(service("a", 30001), service("b", 30001), service("c", 30002), service("d", 30003))]
    around = Around(services=[service("d", 30003, namespace="here"), service("x", 30002, namespace="there")])
    assert list(port_problems(contents, around)) == [
        "NodePort 30001 is wanted by a and b: give each its own",
        "NodePort 30002 of c belongs to x in namespace there: take another one",
    ]


@pytest.mark.parametrize(
    ("wanted", "problem", "warning"),
    [
        pytest.param([deployment("a"), deployment("b")], "", "", id="fits"),
        pytest.param([deployment("a", "600m"), deployment("b", "400m")], "", "", id="fits exactly with the surge"),
        pytest.param(
            [deployment("a", "600m"), deployment("b", "401m")],
            "pods request 1.601 CPU and 384 MiB during an update, the cluster has room for 1.6 CPU",
            "",
            id="only the surge does not fit",
        ),
        pytest.param([deployment("a"), scaler("a", 7)], "", "", id="an autoscaler's maximum fits"),
        pytest.param([deployment("a"), scaler("a", 8)], "", "with all that the autoscalers may add", id="and does not"),
        pytest.param([deployment("a", memory="5Gi")], "a pod of a requests 0.2 CPU and 5.0 GiB, no node", "", id="one"),
        pytest.param([deployment("a", "1", strategy={"type": "Recreate"})], "", "", id="one pod after the other"),
        pytest.param([deployment("a", replicas=9)], "pods request 2 CPU", "", id="replicas"),
    ],
)
def test_room(wanted: list[dict[str, Any]], problem: str, warning: str) -> None:
    scalers = [one for one in wanted if one["kind"] == "HorizontalPodAutoscaler"]
    releases = [release(one, *scalers, name=one["metadata"]["name"]) for one in wanted if one not in scalers]
    problems, warnings = room_problems(releases, Around([node(), node("9", unschedulable=True)]))
    assert "".join(problems[:1]).startswith(problem) and bool(problems) is bool(problem)
    assert "".join(warnings).startswith(warning) and bool(warnings) is bool(warning)


def test_other_pods_take_room_and_our_own_do_not() -> None:
    nodes = [node("1"), node("1")]
    contents = [release(deployment("a", "500m", replicas=2))]
    assert (
        room_problems(contents, Around(nodes, pods=[pod_of("a", "900m"), pod_of("x", "9", phase="Succeeded")]))[0] == []
    )
    (found,), _ = room_problems(contents, Around(nodes, pods=[pod_of("x", "501m")]))
    assert "the cluster has room for 1.499 CPU" in found


def test_a_cluster_whose_nodes_nobody_knows() -> None:
    assert room_problems([release(deployment("a", "999"))], Around()) == ([], [])


def test_what_the_charts_request() -> None:
    values = {"autoscaling": {"enabled": True, "minReplicas": 2, "maxReplicas": 5}}
    (found,) = workloads_of(Contents("todo-backend", "here", render("todo-backend", values).manifests))
    assert (found.name, found.replicas, found.max_replicas, found.surge) == ("todo-backend", 2, 5, 1)
    requests = render("todo-backend").container()["resources"]["requests"]
    assert found.request == Resources(quantity(requests["cpu"]), quantity(requests["memory"]))
    (database,) = workloads_of(Contents("postgres", "here", render("postgres").manifests))
    assert (database.replicas, database.surge) == (1, 0)


def test_a_request_that_is_no_quantity_names_its_workload() -> None:
    problems, _ = room_problems([release(deployment("shop", memory="lots"))], Around([node()]))
    assert problems == ["release web: Deployment shop: 'lots' is not a quantity such as 500m, 2, 256Mi or 1Gi"]
