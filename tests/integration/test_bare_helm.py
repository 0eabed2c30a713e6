"""The values that the documents write, each installed with nothing but `helm install`, alone in a namespace."""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.bare import CHARTS, certificate, database, helm, namespace, secret
from tests.product.platform import ROOT, kubectl, play, proxied, through_ingress

DOCUMENTS = ROOT / "tests/charts/documents"
BACKEND = {"status": "healthy", "database": "connected"}
FRONTEND = {"status": "healthy", "service": "frontend"}


@pytest.fixture(scope="module", autouse=True)
def _images() -> None:
    """A cluster, and in it the images under the names that the documents give them."""
    for stage in ("cluster", "images"):
        run = play(playbook=f"playbooks/{stage}.yml", inventory="inventories/todo-app")
        assert run.code == 0, run.output[-4000:]


def install(chart: str, *files: Path, where: str, **given: Any) -> None:
    """Install a chart under its own name with the values of files, and wait until all its pods are ready."""
    options = [f"--values={path}" for path in files]
    command = ["install", chart, str(CHARTS / chart), "--wait", "--timeout=10m", *options, "--values=-"]
    helm(*command, namespace=where, stdin=json.dumps(given))


def answers(service: str, path: str, expected: dict[str, str], where: str) -> bool:
    """Whether a Service answers that it is healthy."""
    status, body = proxied(f"{service}:http", path, where)
    return status == 200 and expected.items() <= body.items()


def ready(where: str) -> dict[str, int]:
    """How many pods of each Deployment are ready."""
    found = json.loads(kubectl("get", "deployments", "-o", "json", namespace=where))["items"]
    return {one["metadata"]["name"]: one["status"]["readyReplicas"] for one in found}


def eventually(ask: Callable[[], Any]) -> Any:
    """What comes true within a minute: autoscalers and the ingress controller hear of pods later than Helm does."""
    end = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError, ValueError):
            if found := ask():
                return found
        assert time.monotonic() < end
        time.sleep(0.5)


def through_tls(host: str, path: str, certificate: str) -> Any:
    """The JSON body of a GET to a host name whose certificate is this one, through the ingress controller."""
    context = ssl.create_default_context(cadata=certificate)
    with context.wrap_socket(socket.create_connection(("127.0.0.1", 443)), server_hostname=host) as connection:
        client = http.client.HTTPConnection(host)
        client.sock = connection
        client.request("GET", path)
        return json.load(client.getresponse())


@pytest.mark.parametrize(
    ("stage", "replicas"),
    # Of production as many pods, with the requests of a small machine.
    [((), 2), (("dev",), 1), (("prod", "small"), 3)],
    ids=["default", "dev", "prod"],
)
def test_todo_app(stage: tuple[str, ...], replicas: int) -> None:
    with namespace("todo-app") as where:
        address = database(namespace=where, name="todo_db")
        secret("todo-app-secrets", namespace=where, DATABASE_URL=address, JWT_SECRET=secrets.token_urlsafe(32))
        tls = certificate("todo-tls", "todo.example.com", namespace=where)
        folders = {"dev": DOCUMENTS, "prod": DOCUMENTS, "small": CHARTS}
        files = [folders[name] / f"todo-app/values-{name}.yaml" for name in stage]
        install("todo-app", DOCUMENTS / "todo-app/values.yaml", *files, where=where)
        assert answers("backend-service", "/health", BACKEND, where)
        assert answers("frontend", "/api/health", FRONTEND, where)
        assert eventually(lambda: all(number >= replicas for number in ready(where).values()))
        if "prod" in stage:
            body = eventually(lambda: through_tls("todo.example.com", "/api/health", tls))
            assert body.items() >= FRONTEND.items()


def test_evolved_todo() -> None:
    with namespace("t-evolved-todo") as where:
        keys = {"databaseUrl": database(namespace=where), "betterAuthSecret": secrets.token_urlsafe(32)}
        install("evolved-todo", DOCUMENTS / "evolved-todo/values.yaml", where=where, secrets=keys)
        assert answers("evolved-todo-backend", "/health", BACKEND, where)
        assert answers("evolved-todo-frontend", "/api/health", FRONTEND, where)
        assert ready(where)["evolved-todo-backend"] == 3


def test_todo_cloud_native() -> None:
    with namespace("t-todo-cloud-native") as where:
        keys = {"DATABASE_URL": database(namespace=where), "BETTER_AUTH_SECRET": secrets.token_urlsafe(32)}
        secret("todo-secrets", namespace=where, OPENAI_API_KEY="", **keys)
        for chart in ("todo-backend", "todo-frontend"):
            install(chart, DOCUMENTS / f"todo-cloud-native/{chart}.yaml", where=where)
        assert eventually(lambda: through_ingress("todo.local", "/health")).items() >= BACKEND.items()
        assert answers("todo-frontend", "/api/health", FRONTEND, where)
