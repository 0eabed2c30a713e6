"""What runs and where to open it, for the report; and whether it is still what the writing checks have passed on."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Sequence
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import WORKLOADS, Cluster
from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context, Settings
from ansible_collections.todo.platform.plugins.module_utils.http import Endpoint


def urls(context: Context, node_ip: str) -> list[dict[str, str]]:
    """The addresses a person can open: [{"name": "todo-frontend", "url": "http://todo.localhost/"}], Ingresses first.

    :raises ClusterError: the cluster can't be read.
    """
    found = []
    for ingress in context.cluster.objects("ingresses") if context.ingress else []:
        secured = {host for one in ingress["spec"].get("tls") or [] for host in one.get("hosts") or []}
        for host in dict.fromkeys(rule.get("host", "") for rule in ingress["spec"].get("rules") or []):
            if host and "*" not in host and context.ingress:
                url = _ingress_url(host, context.ingress, host in secured)
                found.append({"name": ingress["metadata"]["name"] + _where(host, context.ingress), "url": url})
    for service in context.cluster.objects("services") if node_ip else []:
        for port in service["spec"].get("ports", []):
            if port.get("nodePort"):
                url = f"http://{node_ip}:{port['nodePort']}/"
                found.append({"name": service["metadata"]["name"], "url": url})
    return list({one["url"]: one for one in found}.values())


def workloads(cluster: Cluster) -> list[dict[str, Any]]:
    """What runs: [{"kind", "name", "images", "ready", "wanted"}].

    :raises ClusterError: the cluster can't be read.
    """
    return [
        {
            "kind": one["kind"],
            "name": one["metadata"]["name"],
            "images": [container["image"] for container in one["spec"]["template"]["spec"]["containers"]],
            "ready": one.get("status", {}).get("numberReady", one.get("status", {}).get("readyReplicas", 0)),
            "wanted": one.get("status", {}).get("desiredNumberScheduled", one["spec"].get("replicas", 1)),
        }
        for kind in WORKLOADS
        for one in cluster.objects(kind)
    ]


def fingerprint(cluster: Cluster, checks: Sequence[Settings]) -> str:
    """A hash of what runs and of the writing checks: when it is the same, those checks have nothing new to tell.

    Scaling, restarting and moving pods do not change it.

    :raises ClusterError: the cluster can't be read.
    """
    objects = [
        [kind, one["metadata"]["uid"], one["spec"]["template"]] for kind in WORKLOADS for one in cluster.objects(kind)
    ] + [
        [kind, one["metadata"]["uid"], one["spec"]]
        for kind in ("services", "ingresses")
        for one in cluster.objects(kind)
    ]
    writing = [dict(check) for check in checks if check.get("writes")]
    text = json.dumps([sorted(objects, key=lambda one: (one[0], one[1])), writing], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _where(host: str, controller: Endpoint) -> str:
    """What a person has to know of a name that does not lead to the ingress controller."""
    if host == controller.host or controller.host in _addresses(host):
        return ""
    return f"; let the name lead to {controller.host}"


def _addresses(host: str) -> set[str]:
    # Browsers take every name below localhost for this machine, also where the resolver doesn't.
    if host.endswith(".localhost"):
        return {"127.0.0.1", "::1", "localhost"}
    try:
        return {str(one[4][0]) for one in socket.getaddrinfo(host, None)}
    except OSError:
        return set()


def _ingress_url(host: str, controller: Endpoint, tls: bool) -> str:
    standard = controller.port == (443 if controller.tls else 80)
    if tls and standard:
        return f"https://{host}/"
    return f"{'https' if controller.tls else 'http'}://{host}{'' if standard else f':{controller.port}'}/"
