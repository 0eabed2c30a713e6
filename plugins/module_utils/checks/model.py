"""What every check takes and gives."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Literal, TypeVar

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import Cluster
from ansible_collections.todo.platform.plugins.module_utils.http import Endpoint
from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl, KubeObject

Status = Literal["ok", "warning", "failed", "skipped"]
Settings = Mapping[str, Any]
"""The options of one check, as the module's argument specification has settled them."""

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")

T = TypeVar("T")
R = TypeVar("R")


@dataclasses.dataclass
class Outcome:
    """What a check found.

    `detail` is one line; `hint` says what to do; `evidence` is what a person would look at next: events, log lines.
    `explain` asks for a diagnosis of the pods beside it. `final` means that looking again would not change the outcome.
    """

    status: Status
    detail: str
    hint: str = ""
    evidence: list[str] = dataclasses.field(default_factory=list)
    explain: bool = False
    final: bool = False


@dataclasses.dataclass
class Context:
    """What checks share: the cluster, ways to reach the application, and what the last report noted.

    `restarts` is {pod uid/container: restarts} of the last report; `started` the cluster's time when checking began;
    `images` is {image as pods name it: digests that a node may report of it}; `leavers` is {uid: pod} of those
    that were ending meanwhile; `stopped` tells the checks to end at once.
    """

    cluster: Cluster
    kubectl: Kubectl
    executor: Executor
    started: float
    ingress: Endpoint | None = None
    restarts: Mapping[str, int] = dataclasses.field(default_factory=dict)
    images: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    leavers: dict[str, KubeObject] = dataclasses.field(default_factory=dict)
    stopped: threading.Event = dataclasses.field(default_factory=threading.Event)

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """`function` of every item, at the same time."""
        return list(self.executor.map(function, items))

    def staying_pods(self) -> list[KubeObject]:
        """The deployment's pods but those that are ending, which are noted.

        :raises ClusterError: they can't be read.
        """
        pods = self.cluster.objects("pods")
        self.leavers |= {pod["metadata"]["uid"]: pod for pod in pods if pod["metadata"].get("deletionTimestamp")}
        return [pod for pod in pods if pod["metadata"]["uid"] not in self.leavers]

    def follows_a_leaver(self, pod: KubeObject) -> bool:
        """Whether a pod takes the place of one that was ending: of the same workload, and younger."""
        return any(
            workload_of(left) == workload_of(pod)
            and left["metadata"]["creationTimestamp"] < pod["metadata"]["creationTimestamp"]
            for left in self.leavers.values()
        )


CheckFunction = Callable[[Settings, Context], Outcome]


def workload_of(pod: KubeObject) -> str:
    """The name of what a pod belongs to, without the hash of a Deployment's edition; empty for a pod of its own."""
    owner = next((str(one["name"]) for one in pod["metadata"].get("ownerReferences", [])), "")
    return owner.removesuffix(f"-{pod['metadata'].get('labels', {}).get('pod-template-hash', '')}")


def plural(number: int, thing: str, things: str = "") -> str:
    """`1 pod`, `2 pods`."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"


def shorten(text: str, length: int = 160) -> str:
    """`text` on one line, cut to `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def plain(text: str) -> str:
    """`text` without the colours and control characters that a log may hold."""
    return CONTROL.sub("", text)


def worst(outcomes: Iterable[Status]) -> Status:
    """The status of several things together."""
    order: tuple[Status, ...] = ("failed", "warning", "ok", "skipped")
    found = set(outcomes)
    return next((status for status in order if status in found), "skipped")
