"""What a person can name in a deployment."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.workloads import (
    NoSuchComponentError,
    entrances,
    named,
    workloads,
)


def item(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    annotations = {"meta.helm.sh/release-name": "todo"}
    return {"kind": kind, "metadata": {"name": name, "namespace": "ns", "annotations": annotations}, "spec": spec}


def workload(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "main"}]}}
    return item(kind, name, selector={"matchLabels": {"b": "2", "app": name}}, template=template, **spec)


OBJECTS = [
    workload("StatefulSet", "postgres"),
    workload("Deployment", "backend", replicas=2),
    item("HorizontalPodAutoscaler", "grows", scaleTargetRef={"kind": "Deployment", "name": "backend"}),
    item("Service", "backend", ports=[{"port": 8000}]),
    item("Service", "frontend", ports=[{"port": 3000}]),
    item("Service", "outside", ports=[{"port": 80, "nodePort": 30080}]),
    item("Ingress", "door", rules=[{"http": {"paths": [{"backend": {"service": {"name": "frontend"}}}]}}]),
]


def test_what_runs() -> None:
    backend, postgres = workloads(OBJECTS)
    assert (backend.name, backend.kind, backend.release, backend.replicas) == ("backend", "Deployment", "todo", 2)
    assert (backend.autoscaler, backend.selector, backend.containers) == ("grows", "app=backend,b=2", ("main",))
    assert (postgres.name, postgres.replicas, postgres.autoscaler) == ("postgres", 1, "")


def test_what_is_reached_without_a_tunnel() -> None:
    assert [(one.name, one.port, one.reached) for one in entrances(OBJECTS)] == [
        ("backend", 8000, False),
        ("frontend", 3000, True),
        ("outside", 80, True),
    ]


@pytest.mark.parametrize(
    ("name", "said"), [("backnd", "did you mean backend"), ("", "there are backend, postgres"), ("x", "known are")]
)
def test_a_name_that_is_not_there(name: str, said: str) -> None:
    known = workloads(OBJECTS)
    assert named("backend", known) is known[0]
    with pytest.raises(NoSuchComponentError, match=said):
        named(name, known)
