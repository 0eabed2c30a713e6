"""Whether what releases consist of has its place in the cluster: names, Services, NodePorts, requests."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.capacity import Resources, Workload, demand, quantity
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import Reference
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubeObject, labels_of
from ansible_collections.todo.platform.plugins.module_utils.naming import duplicates, name_problem

NOTHING = Resources()
_SCALED = ("Deployment", "StatefulSet")
_ADVICE = "lower requests or replicas in the deployment's values, or use a larger machine"


@dataclass(frozen=True)
class Around:
    """What the whole cluster holds: its nodes, and all Services and pods."""

    nodes: Sequence[KubeObject] = ()
    services: Sequence[KubeObject] = ()
    pods: Sequence[KubeObject] = ()

    KINDS = ("nodes", "services", "pods")

    @classmethod
    def of(cls, objects: Iterable[KubeObject]) -> Around:
        """Sort what one read of KINDS in all namespaces gave."""
        kinds: dict[str, list[KubeObject]] = {"Node": [], "Service": [], "Pod": []}
        for item in objects:
            kinds[item["kind"]].append(item)
        return cls(kinds["Node"], kinds["Service"], kinds["Pod"])


@dataclass(frozen=True)
class Contents:
    """The objects that a release is to consist of, and those that it consists of now."""

    release: str
    namespace: str
    wanted: Sequence[KubeObject]
    live: Sequence[KubeObject] = field(default=())


def name_problems(contents: Iterable[Contents]) -> Iterator[str]:
    """Names that Kubernetes would refuse, and objects that two releases would own."""
    owners: list[tuple[str, str]] = []
    for one in contents:
        for item in one.wanted:
            reference = Reference.of(item, one.namespace)
            kind, name = reference.kind, reference.name
            # Names of roles may hold more.
            is_role = reference.key[0] == "rbac.authorization.k8s.io"
            if not is_role and (problem := name_problem(name, "service" if kind == "Service" else "subdomain")):
                yield f"release {one.release}: the {kind} {name!r} {problem}"
            owners.append((f"{kind}/{name}", reference.namespace or one.namespace))
    for what, namespace in duplicates(owners):
        yield f"{what} exists twice in namespace {namespace}: give one of them another name"


def port_problems(contents: Sequence[Contents], around: Around) -> Iterator[str]:
    """NodePorts that two Services want, or that a Service which is none of ours has."""
    wanted = [
        (port, item["metadata"].get("namespace") or one.namespace, item["metadata"]["name"])
        for one in contents
        for item in one.wanted
        if item["kind"] == "Service"
        for port in _node_ports(item)
    ]
    for port in duplicates(port for port, _, _ in wanted):
        names = " and ".join(name for other, _, name in wanted if other == port)
        yield f"NodePort {port} is wanted by {names}: give each its own"
    ours = {(namespace, name) for _, namespace, name in wanted}
    taken = {
        port: f"{item['metadata']['name']} in namespace {item['metadata']['namespace']}"
        for item in around.services
        if (item["metadata"]["namespace"], item["metadata"]["name"]) not in ours
        for port in _node_ports(item)
    }
    for port, _, name in wanted:
        if port in taken:
            yield f"NodePort {port} of {name} belongs to {taken[port]}: take another one"


def room_problems(contents: Sequence[Contents], around: Around) -> tuple[list[str], list[str]]:
    """What cannot be scheduled beside the cluster's other pods: problems, and warnings where only scaling out can't."""
    nodes = [
        Resources(quantity(node["status"]["allocatable"]["cpu"]), quantity(node["status"]["allocatable"]["memory"]))
        for node in around.nodes
        if not node["spec"].get("unschedulable")
    ]
    try:
        workloads = [workload for one in contents for workload in workloads_of(one)]
    except ValueError as error:
        return [str(error)], []
    if not nodes or not workloads:
        return [], []
    problems = []
    largest = Resources(max(node.cpu for node in nodes), max(node.memory for node in nodes))
    for workload in workloads:
        if not workload.request.fits(largest):
            what = f"a pod of {workload.name} requests {workload.request}, no node has more than {largest}"
            problems.append(f"{what}: lower its requests, or use larger nodes")
    others = [pod for pod in around.pods if not _is_over(pod) and not _ours(pod, contents)]
    room = sum(nodes, NOTHING) - sum((_request(pod["spec"]) for pod in others), NOTHING)
    peak, most = demand(workloads), demand(workloads, at_most=True)
    if not peak.fits(room):
        problems.append(f"pods request {peak} during an update, the cluster has room for {room}: {_ADVICE}")
    elif not most.fits(room):
        what = f"with all that the autoscalers may add, pods request {most}, the cluster has room for {room}"
        return problems, [f"{what}: some will stay Pending then; {_ADVICE}"]
    return problems, []


def workloads_of(contents: Contents) -> list[Workload]:
    """What the release's Deployments and StatefulSets request, with the bounds of their autoscalers.

    :raises ValueError: a request is no quantity; it names the workload.
    """
    scalers = {
        (item["spec"]["scaleTargetRef"]["kind"], item["spec"]["scaleTargetRef"]["name"]): item["spec"]
        for item in contents.wanted
        if item["kind"] == "HorizontalPodAutoscaler"
    }
    found = []
    for item in contents.wanted:
        if item["kind"] not in _SCALED:
            continue
        name, spec = item["metadata"]["name"], item["spec"]
        scaler = scalers.get((item["kind"], name))
        replicas = (scaler.get("minReplicas") or 1) if scaler else spec.get("replicas", 1)
        most = scaler["maxReplicas"] if scaler else 0
        try:
            request = _request(spec["template"]["spec"])
        except ValueError as error:
            raise ValueError(f"release {contents.release}: {item['kind']} {name}: {error}") from error
        found.append(Workload(name, request, replicas, most, _surge(item, replicas), contents.release))
    return found


def _request(pod: Mapping[str, Any]) -> Resources:
    """What a pod requests: all of its containers together, or one of those that run before them if that is more."""
    running = sum((_container(one) for one in pod["containers"]), NOTHING)
    first = [_container(one) for one in pod.get("initContainers") or []]
    cpu, memory = [one.cpu for one in first], [one.memory for one in first]
    return Resources(max([running.cpu, *cpu]), max([running.memory, *memory]))


def _container(container: Mapping[str, Any]) -> Resources:
    resources = container.get("resources") or {}
    # A limit without a request is a request.
    requests = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    return Resources(quantity(requests.get("cpu", 0)), quantity(requests.get("memory", 0)))


def _surge(item: KubeObject, replicas: int) -> int:
    """Pods beyond the replicas while an update goes on."""
    strategy = item["spec"].get("strategy") or {}
    if item["kind"] != "Deployment" or strategy.get("type") == "Recreate":
        return 0
    surge = (strategy.get("rollingUpdate") or {}).get("maxSurge", "25%")
    return math.ceil(replicas * int(surge[:-1]) / 100) if str(surge).endswith("%") else int(surge)


def _is_over(pod: KubeObject) -> bool:
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def _ours(pod: KubeObject, contents: Iterable[Contents]) -> bool:
    """Whether a pod belongs to a workload of the releases, as it is or as it is to be."""
    return any(
        pod["metadata"]["namespace"] == one.namespace
        and (marks := item["spec"]["selector"].get("matchLabels"))
        and marks.items() <= labels_of(pod).items()
        for one in contents
        for item in (*one.wanted, *one.live)
        if item["kind"] in _SCALED
    )


def _node_ports(service: KubeObject) -> list[int]:
    return [port["nodePort"] for port in service["spec"].get("ports") or [] if port.get("nodePort")]
