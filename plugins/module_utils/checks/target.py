"""Where the requests of a check go: a Service, a URL, or a host of the ingress controller."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import forward
from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context, Settings
from ansible_collections.todo.platform.plugins.module_utils.http import Endpoint


class TargetError(Exception):
    """There is no such place."""


@dataclasses.dataclass(frozen=True)
class Target:
    """An endpoint with the headers that every request to it needs, and what a person would call it."""

    endpoint: Endpoint
    name: str
    headers: tuple[tuple[str, str], ...] = ()


@contextlib.contextmanager
def open_target(settings: Settings, context: Context, direct: bool = False) -> Iterator[Target]:
    """The target of a check's `service` (and `port`), `url` or `ingress`.

    :param direct: reach a Service by a port-forward, because the API server would change requests or answers.
    :raises TargetError: what is named does not exist.
    :raises KubectlError: a port-forward fails.
    """
    if settings.get("url"):
        try:
            endpoint = Endpoint.of_url(settings["url"], settings.get("verify", True))
        except ValueError as error:
            raise TargetError(str(error)) from error
        yield Target(endpoint, settings["url"].rstrip("/"))
    elif settings.get("ingress"):
        if context.ingress is None:
            raise TargetError("the address of the ingress controller is not known: set validate_ingress_url")
        host = settings["ingress"]
        yield Target(context.ingress, f"{'https' if context.ingress.tls else 'http'}://{host}", (("Host", host),))
    else:
        service = settings["service"]
        port = settings.get("port") or _first_port(service, context)
        if direct:
            with forward(context.kubectl, service, port) as endpoint:
                yield Target(endpoint, f"{service}:{port}")
        else:
            yield Target(context.cluster.service(service, port), f"{service}:{port}")


def _first_port(service: str, context: Context) -> int:
    for one in context.cluster.objects("services"):
        if one["metadata"]["name"] == service and one["spec"].get("ports"):
            return int(one["spec"]["ports"][0]["port"])
    raise TargetError(f"there is no Service {service} in namespace {context.cluster.namespace}")
