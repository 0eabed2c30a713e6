"""Every probe of every container is asked directly, as its pod's specification has it."""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Iterator
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import proxy_message
from ansible_collections.todo.platform.plugins.module_utils.checks.model import (
    Context,
    Outcome,
    Settings,
    plural,
    shorten,
)
from ansible_collections.todo.platform.plugins.module_utils.http import RequestError
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubectlError, KubeObject

KINDS = ("livenessProbe", "readinessProbe", "startupProbe")
KINDS_SHORT = tuple(kind.removesuffix("Probe") for kind in KINDS)
EXEC_START_SECONDS = 10
"""What starting a command through the API may take on top of the probe's own time-out."""


@dataclasses.dataclass(frozen=True)
class Probe:
    """One question to one container. Probes that ask the same thing are equal, whatever they decide about."""

    pod: str
    container: str
    action: str
    question: str
    timeout: float

    @property
    def name(self) -> str:
        """How a person would call it."""
        details = json.loads(self.question)
        if self.action == "httpGet":
            return f"{self.pod}/{self.container} GET :{details['port']}{details.get('path', '/')}"
        if self.action == "exec":
            return f"{self.pod}/{self.container} exec {shorten(shlex.join(details['command']), 60)}"
        return f"{self.pod}/{self.container} {self.action} :{details['port']}"


def check_probes(_settings: Settings, context: Context) -> Outcome:
    """Check the liveness, readiness and startup probes of all running pods."""
    pods = {pod["metadata"]["name"]: pod for pod in context.staying_pods() if pod["status"].get("phase") == "Running"}
    found = [(kind, probe) for pod in pods.values() for kind, probe in probes_of(pod)]
    if not found:
        return Outcome("skipped", "no probes")
    kinds: dict[Probe, list[str]] = {}
    for kind, probe in found:
        kinds.setdefault(probe, []).append(kind.removesuffix("Probe"))
    answers = dict(zip(kinds, context.each(lambda probe: ask(probe, context), kinds), strict=True))
    failed = {probe: answer for probe, answer in answers.items() if answer}
    if failed:
        problems = [f"{'/'.join(kinds[probe])} {probe.name}: {answer}" for probe, answer in failed.items()]
        first = next(iter(failed))
        return Outcome(
            "failed",
            shorten("; ".join(problems), 400),
            f"try: kubectl -n {context.cluster.namespace} logs {first.pod} -c {first.container}",
            explain=True,
        )
    counts = [f"{count} {kind}" for kind in KINDS_SHORT if (count := sum(kind in asked for asked in kinds.values()))]
    return Outcome("ok", f"{', '.join(counts)} in {plural(len(pods), 'pod')} pass")


def probes_of(pod: KubeObject) -> Iterator[tuple[str, Probe]]:
    """The probes of a pod's containers, with ports as numbers: ("livenessProbe", Probe).

    Probes of another host than the pod are left out.
    """
    sidecars = [one for one in pod["spec"].get("initContainers", []) if one.get("restartPolicy") == "Always"]
    for container in [*pod["spec"]["containers"], *sidecars]:
        ports = {port.get("name"): port["containerPort"] for port in container.get("ports", [])}
        for kind in KINDS:
            definition = container.get(kind)
            action = next((one for one in ("httpGet", "exec", "tcpSocket", "grpc") if one in (definition or {})), None)
            if definition is None or action is None:
                continue
            details: dict[str, Any] = dict(definition[action])
            if details.get("host"):
                continue  # that is not the pod's own address, and the kubelet's node may be the only one to reach it
            if "port" in details:
                details["port"] = ports.get(details["port"], details["port"])
            timeout = float(definition.get("timeoutSeconds", 1))
            question = json.dumps(details, sort_keys=True)
            yield kind, Probe(pod["metadata"]["name"], container["name"], action, question, timeout)


def ask(probe: Probe, context: Context) -> str | None:
    """Put the question of a probe; None if it passes, otherwise what came instead."""
    details = json.loads(probe.question)
    if probe.action == "exec":
        return _ask_command(probe, details["command"], context)
    tls = details.get("scheme") == "HTTPS"
    headers = {one["name"]: one["value"] for one in details.get("httpHeaders", []) if one["name"].lower() != "host"}
    path = f"/{(details.get('path') or '').lstrip('/')}"
    try:
        endpoint = context.cluster.pod(probe.pod, details["port"], tls)
        response = endpoint.request(path, headers=headers, timeout=probe.timeout)
    except RequestError as error:
        return str(error)
    message = proxy_message(response)
    if probe.action != "httpGet":
        # The API server reaches the port with HTTP; only a failed dial says that nothing listens there.
        return shorten(message, 120) if message and ("dial tcp" in message or "no endpoints" in message) else None
    if not response.refused:
        return None
    return f"HTTP {response.status}, {shorten(message or response.text, 120)}"


def _ask_command(probe: Probe, command: list[str], context: Context) -> str | None:
    arguments = ("exec", probe.pod, f"--container={probe.container}", "--", *command)
    try:
        context.kubectl.run(*arguments, timeout=probe.timeout + EXEC_START_SECONDS)
    except KubectlError as error:
        return shorten(str(error), 160)
    return None
