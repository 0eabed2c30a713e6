"""Workloads have the replicas they want, pods are Running and ready, and containers do not keep restarting."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import WORKLOADS
from ansible_collections.todo.platform.plugins.module_utils.checks.model import (
    Context,
    Outcome,
    Settings,
    plural,
    shorten,
)
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubeObject

NODE_ENDED = "Unknown"
"""The reason given for a container whose end nobody saw: the node's own processes had died."""


def check_pods(settings: Settings, context: Context) -> Outcome:
    """Check all workloads and pods of the deployment.

    Options: `max_restarts`, `restart_window` (seconds). A container that restarted as often as `max_restarts` since the
    last report, the last time within the window, is a failure; fewer new restarts are a warning, and so are those that
    came of the node's end.
    """
    pods = context.staying_pods()
    workloads = [short for kind in WORKLOADS for short in map(shortfall, context.cluster.objects(kind)) if short]
    if not pods and not workloads:
        return Outcome("failed", f"no pods in namespace {context.cluster.namespace}", "run the release stage")
    finished_jobs = {job_of(pod) for pod in pods if pod["status"].get("phase") == "Succeeded"}
    living = [pod for pod in pods if pod["status"].get("phase") not in ("Succeeded", "Failed")]
    broken = [(pod, reason) for pod in living if (reason := unready(pod))]
    left_over = []
    for pod in pods:
        if pod["status"].get("phase") == "Failed" and job_of(pod) not in finished_jobs:
            reason = pod["status"].get("reason") or "Failed"
            if job_of(pod):
                broken.append((pod, f"its Job failed ({reason})"))
            else:
                left_over.append(f"{pod['metadata']['name']} is left over ({reason})")
    if broken or workloads:
        problems = [f"{pod['metadata']['name']}: {reason}" for pod, reason in broken] or workloads
        hint = _command(broken[0][0] if broken else None, context)
        return Outcome("failed", shorten("; ".join(problems), 300), hint, explain=True)
    return _restarts(living, left_over, settings, context)


def shortfall(workload: KubeObject) -> str | None:
    """What a Deployment, StatefulSet or DaemonSet is missing, or None if it has all it wants."""
    name = f"{workload.get('kind') or 'workload'} {workload['metadata']['name']}"
    status = workload.get("status", {})
    wanted = status.get("desiredNumberScheduled", workload["spec"].get("replicas", 1))
    ready = status.get("numberReady", status.get("readyReplicas", 0))
    updated = status.get("updatedNumberScheduled", status.get("updatedReplicas", 0))
    if workload["spec"].get("updateStrategy", {}).get("type") == "OnDelete":
        updated = ready
    if status.get("observedGeneration", 0) < workload["metadata"].get("generation", 0):
        return f"{name}: its last change has not been seen by its controller"
    refusal = [one["message"] for one in status.get("conditions", []) if one["type"] == "ReplicaFailure"]
    if ready < wanted or updated < wanted:
        return f"{name}: {min(ready, updated)} of {wanted} replicas ready" + (f" ({refusal[0]})" if refusal else "")
    return None


def unready(pod: KubeObject) -> str | None:
    """Why a pod is not Running and ready, in a few words, or None if it is."""
    status = pod["status"]
    for container in containers_of(status):
        waiting = container.get("state", {}).get("waiting", {})
        reason = waiting.get("reason", "")
        if reason and reason not in ("ContainerCreating", "PodInitializing"):
            message = "" if reason == "CrashLoopBackOff" else waiting.get("message", "")
            return f"{container['name']}: {reason}" + (f", {shorten(message, 120)}" if message else "")
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return f"not scheduled: {shorten(condition.get('message', ''), 120)}"
    if status.get("phase") != "Running":
        return str(status.get("phase") or status.get("reason") or "no status yet")
    waiting_for = [one["name"] for one in status.get("containerStatuses", []) if not one.get("ready")]
    if waiting_for:
        return f"not ready: {', '.join(waiting_for)}"
    ready = {one["type"]: one["status"] for one in status.get("conditions", [])}.get("Ready")
    return None if ready == "True" else "not ready"


def containers_of(status: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statuses of all containers of a pod."""
    yield from status.get("initContainerStatuses", [])
    yield from status.get("containerStatuses", [])


def job_of(pod: KubeObject) -> str:
    """The name of the Job that a pod belongs to, or an empty text."""
    owners = pod["metadata"].get("ownerReferences", [])
    return next((str(owner["name"]) for owner in owners if owner["kind"] == "Job"), "")


def restarts_of(pods: list[KubeObject]) -> dict[str, int]:
    """How often each container was restarted: {pod uid/container: number}."""
    return {
        f"{pod['metadata']['uid']}/{container['name']}": int(container.get("restartCount", 0))
        for pod in pods
        for container in containers_of(pod["status"])
    }


def _restarts(pods: list[KubeObject], notes: list[str], settings: Settings, context: Context) -> Outcome:
    grown, looping = [], []
    for pod in pods:
        for container in containers_of(pod["status"]):
            key = f"{pod['metadata']['uid']}/{container['name']}"
            new = int(container.get("restartCount", 0)) - context.restarts.get(key, 0)
            last = container.get("lastState", {}).get("terminated", {})
            recent = context.started - _seconds(last.get("finishedAt")) < settings["restart_window"]
            if new > 0 and (recent or key in context.restarts):
                reason = f"{last.get('reason', 'unknown')}, exit code {last.get('exitCode', '?')}"
                text = f"{pod['metadata']['name']}/{container['name']} restarted {plural(new, 'time')} ({reason})"
                grown.append(text)
                if recent and new >= settings["max_restarts"] and last.get("reason") != NODE_ENDED:
                    looping.append(text)
    total = f"{plural(len(pods), 'pod')} Running and ready"
    if looping:
        return Outcome("failed", "; ".join(looping), _command(pods[0], context), final=True)
    if grown or notes:
        detail = f"{total}, but {'; '.join(grown + notes)}"
        return Outcome("warning", detail, "look at the log before the restart", final=True)
    return Outcome("ok", f"{total}, no new restarts")


def _command(pod: KubeObject | None, context: Context) -> str:
    what = f"describe pod {pod['metadata']['name']}" if pod else "get events"
    return f"try: kubectl -n {context.cluster.namespace} {what}"


def _seconds(time_stamp: str | None) -> float:
    if not time_stamp:
        return 0.0
    return datetime.datetime.fromisoformat(time_stamp).timestamp()
