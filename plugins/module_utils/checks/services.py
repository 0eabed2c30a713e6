"""Services have ready endpoints, and those that speak HTTP answer."""

from __future__ import annotations

from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import proxy_message
from ansible_collections.todo.platform.plugins.module_utils.checks.model import (
    Context,
    Outcome,
    Settings,
    plural,
    shorten,
    worst,
)
from ansible_collections.todo.platform.plugins.module_utils.http import RequestError
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubeObject

SERVICE_LABEL = "kubernetes.io/service-name"


def check_services(_settings: Settings, context: Context) -> Outcome:
    """Check every Service of the deployment. A Service that speaks no HTTP is as good as its endpoints' probes."""
    services = [one for one in context.cluster.objects("services") if one["spec"].get("type") != "ExternalName"]
    if not services:
        return Outcome("skipped", "no Services")
    outcomes = context.each(lambda service: _check_service(service, context), services)
    status = worst(outcome.status for outcome in outcomes)
    bad = [outcome for outcome in outcomes if outcome.status == status and status != "ok"]
    detail = "; ".join(outcome.detail for outcome in bad or outcomes)
    hint = next((outcome.hint for outcome in bad if outcome.hint), "")
    # A LoadBalancer gets its address within seconds or, on a laptop, never: not worth waiting for.
    return Outcome(status, shorten(detail, 300), hint, final=status == "warning")


def ready_endpoints(service: str, slices: list[KubeObject]) -> int:
    """How many endpoints of a Service are ready."""
    return sum(
        endpoint.get("conditions", {}).get("ready") is not False
        for one in slices
        if one["metadata"].get("labels", {}).get(SERVICE_LABEL) == service
        for endpoint in one.get("endpoints") or []
    )


def http_port(service: KubeObject, pods: list[KubeObject]) -> dict[str, Any] | None:
    """The first port of a Service that is known to speak HTTP: by its protocol, its name, or a probe of its pods."""
    selector = service["spec"].get("selector") or {}
    behind = [pod for pod in pods if selector and selector.items() <= pod["metadata"].get("labels", {}).items()]
    for port in service["spec"].get("ports", []):
        said = str(port.get("appProtocol") or port.get("name") or "").lower().rsplit("/", 1)[-1]
        if said.startswith(("http", "web")) or any(_probes_http(pod, port.get("targetPort")) for pod in behind):
            return dict(port)
    return None


def _probes_http(pod: KubeObject, target: int | str | None) -> bool:
    for container in pod["spec"]["containers"]:
        names = {port.get("name"): port["containerPort"] for port in container.get("ports", [])}
        for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
            port = container.get(kind, {}).get("httpGet", {}).get("port")
            if port is not None and names.get(port, port) == names.get(target, target):
                return True
    return False


def _check_service(service: KubeObject, context: Context) -> Outcome:
    name = service["metadata"]["name"]
    ready = ready_endpoints(name, context.cluster.objects("endpointslices"))
    if not ready:
        selector = service["spec"].get("selector") or {}
        labels = ",".join(f"{key}={value}" for key, value in selector.items())
        return Outcome(
            "failed",
            f"{name} has no ready endpoint",
            f"try: kubectl -n {context.cluster.namespace} get pods -l {labels}" if labels else "",
        )
    notes = [plural(ready, "endpoint")]
    port = http_port(service, context.cluster.objects("pods"))
    if port:
        tls = str(port.get("appProtocol") or port.get("name") or "").lower().startswith("https")
        try:
            response = context.cluster.service(name, port["port"], tls).request("/")
        except RequestError as error:
            return Outcome("failed", f"{name}:{port['port']} does not answer: {error}")
        message = proxy_message(response)
        if message is not None and response.broken:
            return Outcome("failed", f"{name}:{port['port']} does not answer: {message}")
        notes.append(f"HTTP {response.status}")
    if service["spec"].get("type") == "LoadBalancer" and not service.get("status", {}).get("loadBalancer"):
        ports = ", ".join(str(one["nodePort"]) for one in service["spec"]["ports"] if "nodePort" in one)
        return Outcome(
            "warning",
            f"{name}: nothing gives LoadBalancers an address here; use NodePort {ports}",
            "install a load balancer, or set the Service's type to NodePort",
        )
    return Outcome("ok", f"{name} ({', '.join(notes)})")
