"""What runs in a deployment's namespaces and what leads to it, so that a person can name one and act on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.todo.platform.plugins.module_utils.helm import owner
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubeObject
from ansible_collections.todo.platform.plugins.module_utils.naming import suggestion

KINDS = (
    "deployments.apps",
    "statefulsets.apps",
    "services",
    "ingresses.networking.k8s.io",
    "horizontalpodautoscalers.v2.autoscaling",
)
"""What is read in one go."""


class NoSuchComponentError(Exception):
    """The name is none of what runs; the text says what does."""


@dataclass(frozen=True)
class Workload:
    """A Deployment or StatefulSet. `selector` finds its pods, `autoscaler` sets its replicas if there is one."""

    name: str
    kind: str
    namespace: str
    release: str
    replicas: int
    autoscaler: str
    selector: str
    containers: tuple[str, ...]


@dataclass(frozen=True)
class Entrance:
    """A Service: its first port, and whether people reach it without a tunnel."""

    name: str
    namespace: str
    port: int
    reached: bool


def workloads(objects: Sequence[KubeObject]) -> list[Workload]:
    """What runs, by name."""
    scalers = {
        (item["metadata"]["namespace"], target["kind"], target["name"]): item["metadata"]["name"]
        for item in objects
        if item["kind"] == "HorizontalPodAutoscaler" and (target := item["spec"]["scaleTargetRef"])
    }
    found = []
    for item in objects:
        if item["kind"] not in ("Deployment", "StatefulSet"):
            continue
        metadata, spec = item["metadata"], item["spec"]
        found.append(
            Workload(
                metadata["name"],
                item["kind"],
                metadata["namespace"],
                owner(item),
                spec.get("replicas", 1),
                scalers.get((metadata["namespace"], item["kind"], metadata["name"]), ""),
                ",".join(f"{key}={value}" for key, value in sorted(spec["selector"]["matchLabels"].items())),
                tuple(one["name"] for one in spec["template"]["spec"]["containers"]),
            )
        )
    return sorted(found, key=lambda one: one.name)


def entrances(objects: Sequence[KubeObject]) -> list[Entrance]:
    """The Services that have a port, by name."""
    behind = {
        (item["metadata"]["namespace"], path["backend"]["service"]["name"])
        for item in objects
        if item["kind"] == "Ingress"
        for rule in item["spec"].get("rules") or []
        for path in (rule.get("http") or {}).get("paths") or []
        if "service" in path["backend"]
    }
    found = []
    for item in objects:
        if item["kind"] == "Service" and item["spec"].get("ports"):
            name, namespace, ports = item["metadata"]["name"], item["metadata"]["namespace"], item["spec"]["ports"]
            reached = (namespace, name) in behind or any(port.get("nodePort") for port in ports)
            found.append(Entrance(name, namespace, ports[0]["port"], reached))
    return sorted(found, key=lambda one: one.name)


def named(name: str, known: Iterable[Workload]) -> Workload:
    """The workload of this name. Raises NoSuchComponentError."""
    by_name = {one.name: one for one in known}
    if name not in by_name:
        there = f"there are {', '.join(by_name)}" if by_name else "nothing runs"
        raise NoSuchComponentError(f"no component is called {name!r}: {suggestion(name, by_name) if name else there}")
    return by_name[name]
