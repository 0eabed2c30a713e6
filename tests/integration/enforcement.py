"""Does what a cluster's network engine would: NetworkPolicies of one namespace as iptables rules of this machine.

Pods that come later are not covered. What the node itself sends, its probes among it, passes.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.product.platform import kubectl

CHAINS = {"Egress": "T-EGRESS", "Ingress": "T-INGRESS"}
Labels = Mapping[str, Any]


def items(kind: str, namespace: str, labels: Labels | None = None) -> list[dict[str, Any]]:
    """Objects with these labels."""
    selector = ",".join(f"{key}={value}" for key, value in (labels or {}).items())
    found = kubectl("get", kind, f"--selector={selector}", "--output=json", namespace=namespace)
    listed: list[dict[str, Any]] = json.loads(found)["items"]
    return listed


def addresses(namespace: str, selector: Labels) -> set[str]:
    """The addresses of the pods that a selector means."""
    assert selector.keys() <= {"matchLabels"}
    pods = items("pods", namespace, selector.get("matchLabels"))
    return {pod["status"]["podIP"] for pod in pods if not pod["spec"].get("hostNetwork") and "podIP" in pod["status"]}


def peers(peer: Mapping[str, Any], namespace: str) -> set[str]:
    """The addresses that a peer of a rule stands for."""
    assert peer.keys() <= {"podSelector", "namespaceSelector"}
    names = [namespace]
    if "namespaceSelector" in peer:
        selected = items("namespaces", namespace, peer["namespaceSelector"].get("matchLabels"))
        names = [one["metadata"]["name"] for one in selected]
    return {address for name in names for address in addresses(name, peer.get("podSelector", {}))}


def matches(rule: Mapping[str, Any], option: str, namespace: str) -> Iterator[str]:
    """What a rule lets through, as iptables matches."""
    listed = rule.get("from", rule.get("to"))
    places = {f"{option} {address}" for peer in listed for address in peers(peer, namespace)} if listed else {""}
    ports = [f"-p {one.get('protocol', 'TCP').lower()} --dport {one['port']}" for one in rule.get("ports", ())]
    for place in sorted(places):
        yield from (f"{place} {port}" for port in ports or [""])


def ruleset(namespace: str) -> str:
    """The policies for iptables-restore: a pod that any is over is reached, or reaches, only as one of them says."""
    policies = [one["spec"] for one in items("networkpolicies", namespace)]
    rules = [f":{chain} -" for chain in CHAINS.values()]
    for kind, own, other in (("Egress", "-s", "-d"), ("Ingress", "-d", "-s")):
        chain = CHAINS[kind]
        rules += [f"-I FORWARD -j {chain}", f"-A {chain} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN"]
        over: set[str] = set()
        for spec in policies:
            if kind in spec["policyTypes"]:
                pods = addresses(namespace, spec["podSelector"])
                over |= pods
                found = [match for rule in spec.get(kind.lower(), ()) for match in matches(rule, other, namespace)]
                rules += [f"-A {chain} {own} {pod} {match} -j RETURN" for pod in sorted(pods) for match in found]
        rules += [f"-A {chain} {own} {pod} -j DROP" for pod in sorted(over)]
    return "\n".join(["*filter", *rules, "COMMIT", ""])


@contextmanager
def enforced(namespace: str) -> Iterator[None]:
    """Have the policies of a namespace enforced, over the pods that it has now."""
    subprocess.run(["iptables-restore", "--noflush"], input=ruleset(namespace), text=True, check=True)
    try:
        yield
    finally:
        for chain in CHAINS.values():
            for command in (("--delete", "FORWARD", "--jump", chain), ("--flush", chain), ("--delete-chain", chain)):
                subprocess.run(["iptables", *command], check=True)
