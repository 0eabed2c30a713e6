"""Reads the cluster over one connection: `kubectl proxy` on a private unix socket, then plain HTTP through it."""

from __future__ import annotations

import contextlib
import dataclasses
import email.utils
import re
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

from ansible_collections.todo.platform.plugins.module_utils.http import Endpoint, RequestError, Response
from ansible_collections.todo.platform.plugins.module_utils.kubectl import (
    ClusterUnreachableError,
    Kubectl,
    KubectlError,
    KubeObject,
    failure,
)

PATHS = {
    "pods": "/api/v1",
    "services": "/api/v1",
    "events": "/api/v1",
    "endpointslices": "/apis/discovery.k8s.io/v1",
    "deployments": "/apis/apps/v1",
    "statefulsets": "/apis/apps/v1",
    "daemonsets": "/apis/apps/v1",
    "replicasets": "/apis/apps/v1",
    "jobs": "/apis/batch/v1",
    "persistentvolumeclaims": "/api/v1",
    "secrets": "/api/v1",
    "ingresses": "/apis/networking.k8s.io/v1",
    "networkpolicies": "/apis/networking.k8s.io/v1",
    "horizontalpodautoscalers": "/apis/autoscaling/v2",
}
WORKLOADS = ("deployments", "statefulsets", "daemonsets")
WHOLE = ("events", "secrets")
"""Kinds that a selector does not narrow."""

STRANGER = "todo.platform/stranger"
"""The label of pods that only try something; they are no part of the deployment."""

FRESH_SECONDS = 0.2
"""Checks that run at the same time share what was read within this time."""

START_SECONDS = 15.0
API_TIMEOUT = 15.0


class ClusterError(Exception):
    """The API server gave no usable answer. `forbidden` means that the kubeconfig may not read this."""

    def __init__(self, message: str, forbidden: bool = False) -> None:
        super().__init__(message)
        self.forbidden = forbidden


@dataclasses.dataclass
class _Cached:
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    read_at: float = float("-inf")
    objects: list[KubeObject] = dataclasses.field(default_factory=list)


class Cluster:
    """One namespace of a cluster, seen through an API `endpoint` that needs no further log-in. Safe for threads.

    :param selector: label selector that narrows every list, for namespaces that several deployments share.
    """

    def __init__(self, endpoint: Endpoint, namespace: str, selector: str = "") -> None:
        self.endpoint = endpoint
        self.namespace = namespace
        self._selector = selector
        self._cache = {kind: _Cached() for kind in PATHS}

    def objects(self, kind: str) -> list[KubeObject]:
        """The objects of `kind` (a key of PATHS) of the deployment, read now or a moment ago.

        :raises ClusterError: they can't be read.
        """
        cached = self._cache[kind]
        with cached.lock:
            if time.monotonic() - cached.read_at > FRESH_SECONDS:
                selector = ",".join(self._selectors(kind))
                query = {"labelSelector": selector} if selector else {}
                listed = self._get(self._path(kind), query).json()
                # The items of a list do not say what they are.
                name = listed["kind"].removesuffix("List")
                cached.objects = [{"kind": name, **item} for item in listed["items"]]
                cached.read_at = time.monotonic()
            return cached.objects

    def log(self, pod: str, container: str, tail: int, previous: bool = False) -> list[str]:
        """The last lines of a container's log, each after its RFC 3339 time stamp; none if it has not started.

        :raises ClusterError: it can't be read.
        """
        query = {"container": container, "tailLines": str(tail), "timestamps": "true"}
        if previous:
            query["previous"] = "true"
        response = self._ask(f"{self._path('pods')}/{pod}/log", query)
        if response.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
            return []
        return self._settled(response, "the log").text.splitlines()

    def pod(self, name: str, port: int, tls: bool = False) -> Endpoint:
        """A port of a pod, through the API server."""
        return self.endpoint.under(f"{self._path('pods')}/{'https:' if tls else ''}{name}:{port}/proxy")

    def service(self, name: str, port: int | str, tls: bool = False) -> Endpoint:
        """A port of a Service, through the API server. It takes away the Authorization header of a request."""
        return self.endpoint.under(f"{self._path('services')}/{'https:' if tls else ''}{name}:{port}/proxy")

    def time(self) -> float:
        """The API server's clock, in seconds since the epoch.

        :raises ClusterError: the API server does not answer.
        """
        date = self._get("/version").headers.get("date", "")
        try:
            return email.utils.parsedate_to_datetime(date).timestamp()
        except ValueError:
            return time.time()

    def namespace_exists(self) -> bool:
        """Whether the namespace is there; a kubeconfig that may not know it counts as yes.

        :raises ClusterError: the API server does not answer.
        """
        return self._ask(f"/api/v1/namespaces/{self.namespace}").status != HTTPStatus.NOT_FOUND

    def _selectors(self, kind: str) -> list[str]:
        own = [self._selector] if self._selector and kind not in WHOLE else []
        return [*own, f"!{STRANGER}"] if kind == "pods" else own

    def _path(self, kind: str) -> str:
        return f"{PATHS[kind]}/namespaces/{self.namespace}/{kind}"

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> Response:
        return self._settled(self._ask(path, query), path.rsplit("/", 1)[-1])

    def _ask(self, path: str, query: Mapping[str, str] | None = None) -> Response:
        try:
            return self.endpoint.request(
                f"{path}?{urllib.parse.urlencode(query)}" if query else path, timeout=API_TIMEOUT
            )
        except RequestError as error:
            raise ClusterError(f"the Kubernetes API does not answer: {error}") from error

    def _settled(self, response: Response, what: str) -> Response:
        if response.succeeded:
            return response
        message = f"the Kubernetes API gives no {what}: {proxy_message(response) or response.status}"
        raise ClusterError(message, forbidden=response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN))


class Remembered(Cluster):
    """What was read of a cluster before, for checks that only look at objects."""

    def __init__(self, namespace: str, objects: Sequence[KubeObject]) -> None:
        super().__init__(Endpoint(), namespace)
        self._objects: dict[str, list[KubeObject]] = {}
        for item in objects:
            name = item["kind"].lower()
            plural = re.sub("y$", "ie", name) + ("es" if name.endswith("s") else "s")
            self._objects.setdefault(plural, []).append(item)

    def objects(self, kind: str) -> list[KubeObject]:
        """The objects of `kind`; none where it was not read."""
        return self._objects.get(kind, [])


def proxy_message(response: Response) -> str | None:
    """What the API server itself says in `response`, or None when the answer comes from the application behind it."""
    if not response.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        document: Any = response.json()
    except ValueError:
        return None
    if not isinstance(document, dict) or document.get("kind") != "Status" or document.get("apiVersion") != "v1":
        return None
    return str(document.get("message", ""))


@contextlib.contextmanager
def connect(kubectl: Kubectl) -> Iterator[Endpoint]:
    """The API of the cluster that `kubectl` is set up for, on a unix socket that only this user can open.

    :raises ClusterUnreachableError: there is no kubeconfig, or the API server does not answer.
    :raises KubectlError: kubectl can't do it.
    """
    if kubectl.kubeconfig and not Path(kubectl.kubeconfig).is_file():
        raise ClusterUnreachableError(f"there is no kubeconfig at {kubectl.kubeconfig}: run the cluster stage first")
    with (
        tempfile.TemporaryDirectory(prefix="todo-platform-") as folder,
        _Helper(kubectl, "proxy", f"--unix-socket={folder}/api") as helper,
    ):
        endpoint = Endpoint(unix_socket=f"{folder}/api")
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                response = endpoint.request("/version", timeout=API_TIMEOUT)
                break
            except RequestError as error:
                if helper.ended():
                    raise helper.failure() from error
                if time.monotonic() > deadline:
                    raise ClusterUnreachableError(f"kubectl proxy does not answer: {error}") from error
                time.sleep(0.01)
        if response.broken:
            raise ClusterUnreachableError(f"the Kubernetes API does not answer: {response.text.strip()}")
        yield endpoint


@contextlib.contextmanager
def forward(kubectl: Kubectl, service: str, port: int | str) -> Iterator[Endpoint]:
    """A Service's port on a free port of the loopback, for requests that the API server's proxy would alter.

    :raises KubectlError: kubectl can't do it.
    """
    with _Helper(kubectl, "port-forward", "--address=127.0.0.1", f"service/{service}", f":{port}") as helper:
        line = helper.first_line()
        if not line.startswith("Forwarding from"):
            raise helper.failure()
        yield Endpoint("127.0.0.1", int(line.split(" -> ")[0].rsplit(":", 1)[1]))


class _Helper:
    """A kubectl that runs beside us until we leave the context."""

    def __init__(self, kubectl: Kubectl, *arguments: str) -> None:
        self._arguments = arguments
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  # lives as long as the process
        # The time-out of a request would also end a proxy.
        command = [part for part in kubectl.command(arguments) if not part.startswith("--request-timeout")]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                env=kubectl.environment(),
            )
        except OSError as error:
            self._errors.close()
            raise failure(arguments, f"{kubectl.binary} can't be run: {error.strerror}", None) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def ended(self) -> bool:
        return self._process.poll() is not None

    def first_line(self) -> str:
        return self._process.stdout.readline() if self._process.stdout else ""

    def failure(self) -> KubectlError:
        """What it said before it ended."""
        self._process.kill()
        self._process.communicate()
        self._errors.seek(0)
        return failure(self._arguments, self._errors.read(), self._process.returncode)
