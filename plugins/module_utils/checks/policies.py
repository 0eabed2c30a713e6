"""NetworkPolicies are named; whether anything enforces them is only said when it is known, or was tried."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import STRANGER
from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context, Outcome, Settings, plural
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubectlError, KubeObject

PROBE_SECONDS = 60.0
PAUSE = 0.5


def check_network_policy(settings: Settings, context: Context) -> Outcome:
    """Name the NetworkPolicies, and try what they forbid.

    `enforced` is what is known of the cluster's network: true, false, or None. `probe` has the `command` of a pod that
    tries to connect to $HOST at $PORT and fails if it can't, and the `service` whose pods have the image for it.
    """
    policies = context.cluster.objects("networkpolicies")
    if not policies:
        return Outcome("skipped", "no network policies", final=True)
    names = ", ".join(sorted(one["metadata"]["name"] for one in policies))
    text = f"{plural(len(policies), 'policy', 'policies')} ({names})"
    if settings["enforced"] is False:
        return _not_enforced(text)
    if not settings.get("probe"):
        return Outcome("skipped", f"{text} not verified", final=True)
    pods = context.staying_pods()
    target = next((pod for pod in pods if refuses_strangers(pod, policies)), None)
    if target is None:
        return Outcome("skipped", f"{text} not verified: none keeps a stranger from a pod", final=True)
    selectors = {one["metadata"]["name"]: one["spec"].get("selector") for one in context.cluster.objects("services")}
    selector = selectors.get(settings["probe"]["service"])
    model = next((pod for pod in pods if selector and _selects({"matchLabels": selector}, pod)), None)
    if model is None:
        return Outcome("skipped", f"{text} not verified: no pod is behind the Service {settings['probe']['service']}")
    try:
        reached, other = _try(target, model["spec"], settings["probe"]["command"], context)
    except KubectlError as error:
        return Outcome("skipped", f"{text} not verified: {error}", final=True)
    if reached:
        return _not_enforced(text)
    if not other:
        return Outcome("skipped", f"{text} not verified: the pod that tried reached nothing else either", final=True)
    return Outcome("ok", f"{text} enforced: a stranger does not reach {target['metadata']['name']}", final=True)


def _not_enforced(text: str) -> Outcome:
    hint = "use a network that enforces policies"
    return Outcome("warning", f"{text} not enforced by this cluster", hint, final=True)


def refuses_strangers(pod: KubeObject, policies: list[KubeObject]) -> bool:
    """Whether a pod without labels may not reach this one by any of the policies, and a container of it listens."""
    over = [one["spec"] for one in policies if _selects(one["spec"].get("podSelector") or {}, pod)]
    guarding = [spec for spec in over if "Ingress" in spec["policyTypes"]]
    rules = [rule for spec in guarding for rule in spec.get("ingress") or ()]
    return bool(guarding) and port_of(pod) is not None and all(map(_names_pods, rules))


def _names_pods(rule: Mapping[str, Any]) -> bool:
    """Whether a rule is for pods with certain labels only."""
    peers = rule.get("from") or ()
    labelled = [set(peer) == {"podSelector"} and peer["podSelector"].get("matchLabels") for peer in peers]
    return bool(labelled) and all(labelled)


def _selects(selector: Mapping[str, Any], pod: KubeObject) -> bool:
    labels = pod["metadata"].get("labels") or {}
    # What is more than labels is left to policies whose meaning is plain.
    return "matchExpressions" not in selector and (selector.get("matchLabels") or {}).items() <= labels.items()


def port_of(pod: KubeObject) -> int | None:
    """The first port of a pod's containers."""
    ports = [port["containerPort"] for one in pod["spec"]["containers"] for port in one.get("ports", ())]
    return int(ports[0]) if ports else None


def _try(target: KubeObject, model: Mapping[str, Any], command: list[str], context: Context) -> tuple[bool, bool]:
    """Whether a new pod reaches the target, and whether it reaches the API, which no policy of the target forbids.

    :param model: specification of a pod with the image to use.

    :raises KubectlError: the pod can't be made, or does not end.
    """
    name = f"policy-probe-{secrets.token_hex(4)}"
    places = {
        "target": (target["status"]["podIP"], str(port_of(target))),
        "api": ("$(KUBERNETES_SERVICE_HOST)", "$(KUBERNETES_SERVICE_PORT)"),
    }
    restricted = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {STRANGER: "true"}},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "imagePullSecrets": model.get("imagePullSecrets", []),
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": place,
                    "image": model["containers"][0]["image"],
                    "imagePullPolicy": "IfNotPresent",
                    "command": command,
                    "env": [{"name": "HOST", "value": host}, {"name": "PORT", "value": port}],
                    "resources": {"requests": {"cpu": "1m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
                    "securityContext": restricted,
                }
                for place, (host, port) in places.items()
            ],
        },
    }
    context.kubectl.run("create", "--filename=-", stdin=json.dumps(pod), namespace=context.cluster.namespace)
    try:
        ended = _ends(name, context)
    finally:
        context.kubectl.run("delete", "pod", name, "--wait=false", namespace=context.cluster.namespace)
    return ended["target"] == 0, ended["api"] == 0


def _ends(name: str, context: Context) -> dict[str, int]:
    """The exit codes of a pod's containers, once there are all."""
    deadline = time.monotonic() + PROBE_SECONDS
    while True:
        (pod,) = context.kubectl.get_json("pods", names=[name], namespace=context.cluster.namespace)
        states = {one["name"]: one["state"] for one in pod["status"].get("containerStatuses", ())}
        codes = {place: state["terminated"]["exitCode"] for place, state in states.items() if "terminated" in state}
        if len(codes) == len(pod["spec"]["containers"]):
            return codes
        if time.monotonic() > deadline or context.stopped.wait(PAUSE):
            raise KubectlError(f"pod {name} did not end within {PROBE_SECONDS:.0f} s")
