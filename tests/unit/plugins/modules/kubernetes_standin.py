"""A real HTTP server with the URLs of a Kubernetes API server; its objects, logs and applications are plain data."""

from __future__ import annotations

import dataclasses
import json
import re
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import PATHS, Cluster
from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context
from ansible_collections.todo.platform.plugins.module_utils.http import Endpoint
from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl

NAMESPACE = "todo-test"
PROXY = re.compile(rf"/api/v1/namespaces/{NAMESPACE}/((?:pods|services)/[^/]+)/proxy(/.*)")
LOG = re.compile(rf"/api/v1/namespaces/{NAMESPACE}/pods/([^/]+)/log")
LIST = re.compile(rf"/api(?:s/[^/]+)?/v\d/namespaces/{NAMESPACE}/(\w+)")


@dataclasses.dataclass
class Request:
    """What an application is asked. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclasses.dataclass
class Answer:
    """What an application says; `body` is sent as JSON unless it is text."""

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


Application = Callable[[Request], Answer]


class Server:
    """An application on a free port of the loopback."""

    def __init__(self, application: Application) -> None:
        self.requests: list[Request] = []
        self._application = application

    def answer(self, request: Request) -> Answer:
        """Note the request and let the application answer it."""
        self.requests.append(request)
        return self._application(request)

    @contextmanager
    def running(self) -> Iterator[str]:
        """The server's URL while it runs."""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            """Hands each request to the application."""

            def _handle(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = owner.answer(Request(self.command, self.path, headers, self.rfile.read(length)))
                text = isinstance(answer.body, str)
                body = (answer.body if text else json.dumps(answer.body)).encode()
                content = {"Content-Type": "text/plain" if text else "application/json"}
                self.send_response(answer.status)
                for name, value in {**content, **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815  # the names that http.server calls

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()


class KubernetesStandin(Server):
    """One namespace of a cluster.

    `objects` are lists by kind, `logs` lines by "pod/container" (before its last restart: "pod/container/previous"),
    `applications` what answers behind "services/NAME:PORT" and "pods/NAME:PORT". `forbidden` kinds give 403.
    """

    def __init__(self) -> None:
        super().__init__(self._api)
        self.objects: dict[str, list[dict[str, Any]]] = {kind: [] for kind in PATHS}
        self.logs: dict[str, list[str]] = {}
        self.applications: dict[str, Application] = {}
        self.forbidden: set[str] = set()
        self.namespaces = {NAMESPACE}

    def _api(self, request: Request) -> Answer:
        url = urllib.parse.urlsplit(request.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if match := PROXY.fullmatch(url.path):
            return self._proxy(match[1], f"{match[2]}?{url.query}" if url.query else match[2], request)
        if match := LOG.fullmatch(url.path):
            key = f"{match[1]}/{query['container']}" + ("/previous" if "previous" in query else "")
            lines = self.logs.get(key)
            return status(400) if lines is None else Answer(body="\n".join(lines[-int(query["tailLines"]) :]))
        if (match := LIST.fullmatch(url.path)) and match[1] in self.objects:
            return self._list(match[1], query.get("labelSelector", ""))
        if url.path.startswith("/api/v1/namespaces/"):
            return Answer(body={}) if url.path.rsplit("/", 1)[1] in self.namespaces else status(404)
        return Answer(body={"major": "1"}) if url.path == "/version" else status(404)

    def _proxy(self, name: str, path: str, request: Request) -> Answer:
        application = self.applications.get(name)
        if application is None:
            return status(503, "error trying to reach service: dial tcp 10.1.2.3:80: connect: connection refused")
        # The real one takes this header for its own.
        headers = {name: value for name, value in request.headers.items() if name != "authorization"}
        return application(Request(request.method, path, headers, request.body))

    def _list(self, kind: str, selector: str) -> Answer:
        if kind in self.forbidden:
            return status(403, f"{kind} is forbidden: User cannot list resource")
        parts = [part for part in selector.split(",") if part]
        wanted = dict(part.split("=") for part in parts if "=" in part)
        without = {part[1:] for part in parts if part.startswith("!")}
        labelled = [(one, one["metadata"].get("labels", {})) for one in self.objects[kind]]
        items = [one for one, has in labelled if wanted.items() <= has.items() and without.isdisjoint(has)]
        return Answer(body={"kind": f"{KIND_NAMES.get(kind, kind)}List", "apiVersion": "v1", "items": items})


KIND_NAMES = {
    "pods": "Pod",
    "deployments": "Deployment",
    "replicasets": "ReplicaSet",
    "statefulsets": "StatefulSet",
    "daemonsets": "DaemonSet",
    "events": "Event",
    "secrets": "Secret",
    "services": "Service",
    "jobs": "Job",
    "persistentvolumeclaims": "PersistentVolumeClaim",
}


def status(code: int, message: str = "") -> Answer:
    """An answer of the API server itself."""
    return Answer(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code})


@contextmanager
def context(standin: KubernetesStandin, ingress: str | None = None, **options: Any) -> Iterator[Context]:
    """A context for checks against the stand-in."""
    with standin.running() as url, ThreadPoolExecutor(4) as executor:
        cluster = Cluster(Endpoint.of_url(url), NAMESPACE, options.pop("selector", ""))
        controller = Endpoint.of_url(ingress) if ingress else None
        options.setdefault("started", cluster.time())
        yield Context(cluster, Kubectl("kubectl-that-is-not-there"), executor, ingress=controller, **options)


# ---- objects -------------------------------------------------------------------------------------------------------


def pod(name: str, **changes: Any) -> dict[str, Any]:
    """A healthy pod with one container `app`; `changes` are put into its metadata, spec, status or container."""
    container = {"name": "app", "image": "app:1", "ports": [{"name": "http", "containerPort": 8000}]}
    container |= changes.pop("container", {})
    state = {"name": "app", "ready": True, "restartCount": 0, "state": {"running": {}}, "lastState": {}}
    state |= changes.pop("state", {})
    ready = {"type": "Ready", "status": "True" if state["ready"] else "False"}
    metadata = {
        "name": name,
        "uid": f"uid-{name}",
        "labels": {"app": "app"},
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    return {
        "metadata": metadata | changes.pop("metadata", {}),
        "spec": {"containers": [container]},
        "status": {
            "phase": "Running",
            "conditions": [ready],
            "containerStatuses": [state],
            **changes.pop("status", {}),
        },
        **changes,
    }


def deployment(name: str, replicas: int = 1, ready: int = 1, **status_changes: Any) -> dict[str, Any]:
    """A Deployment whose controller has seen its last change."""
    return {
        "metadata": {"name": name, "uid": f"uid-deployment-{name}", "generation": 2},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"image": f"{name}:1"}]}}},
        "status": {
            "observedGeneration": 2,
            "readyReplicas": ready,
            "updatedReplicas": ready,
            **status_changes,
        },
    }


def service(name: str, port: int = 80, **changes: Any) -> dict[str, Any]:
    """A Service of the pods with label app=app, on their port `http`."""
    definition = {"name": "main", "port": port, "targetPort": "http", **changes.pop("port_changes", {})}
    return {
        "metadata": {"name": name, "uid": f"uid-service-{name}"},
        "spec": {"type": "ClusterIP", "selector": {"app": "app"}, "ports": [definition], **changes.pop("spec", {})},
        "status": {"loadBalancer": {}},
        **changes,
    }


def endpoints(name: str, *ready: bool) -> dict[str, Any]:
    """The EndpointSlice of a Service, with an endpoint for each of `ready`."""
    return {
        "metadata": {"name": f"{name}-1", "labels": {"kubernetes.io/service-name": name}},
        "endpoints": [{"addresses": ["10.1.2.3"], "conditions": {"ready": one}} for one in ready],
    }
