"""A deployment of the drills' own: `dev` under another name, the agent in its own container, and people who use it."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import yaml

from tests.product.platform import ROOT, STATE, Run, kubectl, play

NAME = os.environ.get("DRILL_DEPLOYMENT", "drill")
NAMESPACE = f"todo-{NAME}"
HOST = f"{NAMESPACE}.localhost"
INVENTORY = STATE / f"{NAME}-inventory"
VAULT = INVENTORY / "group_vars" / "vault.yml"
BACKUPS = STATE / "backups" / NAME


def deployment() -> dict[str, Any]:
    """What the inventory says: an edition that is asked for replaces every pod but the database's."""
    text = (ROOT / "inventories/dev/group_vars/all/deployment.yml").read_text()
    renamed = (("todo.localhost", HOST), ("todo-dev", NAMESPACE), ("deployment_name: dev", f"deployment_name: {NAME}"))
    for old, new in renamed:
        text = text.replace(old, new)
    said: dict[str, Any] = yaml.safe_load(text)
    said["application_components"].append("agent")
    _, backend, frontend = said["release_releases"]
    backend["values"]["config"] |= {"AGENT_URL": "http://todo-agent:8000", "MCP_ALLOWED_HOSTS": "todo-backend"}
    agent: dict[str, Any] = {
        "name": "todo-agent",
        "chart": "app/charts/todo-agent",
        "values": {
            "image": "{{ application_agent_image | combine({'pullPolicy': 'IfNotPresent'}) }}",
            "config": {
                "BACKEND_URL": "http://todo-backend:8000",
                "OPENAI_BASE_URL": "{{ drill_provider | default('') }}",
            },
            "resources": {"requests": {"cpu": "25m"}},
        },
    }
    said["release_releases"].append(agent)
    for release in (backend, frontend, agent):
        release["values"]["config"]["EDITION"] = "{{ drill_edition | default('') }}"
    return said


def describe() -> None:
    """Write the inventory."""
    variables = INVENTORY / "group_vars" / "all"
    variables.mkdir(parents=True, exist_ok=True)
    (variables / "deployment.yml").write_text(yaml.safe_dump(deployment()))
    (variables / "application.yml").write_text((ROOT / "app/application.yml").read_text())
    (variables / "root.yml").write_text(f"---\ndeployment_root: {ROOT}\n")
    (INVENTORY / "hosts.yml").write_text((ROOT / "inventories/dev/hosts.yml").read_text())


def run(playbook: str = "site.yml", *arguments: str) -> Run:
    """Run a playbook on it."""
    return play(*arguments, playbook=playbook, inventory=str(INVENTORY))


def sql(statement: str) -> str:
    """What the database answers."""
    psql = ("exec", "postgres-0", "--", "psql", "--username=postgres", "--dbname=todo", "-Atc")
    return kubectl(*psql, statement, namespace=NAMESPACE)


def containers(component: str = "") -> dict[str, str]:
    """The ready containers by id, of one component or of all, each with the uid of its pod."""
    chosen = ["-l", f"app={component}"] if component else []
    pods = json.loads(kubectl("get", "pods", *chosen, "-o", "json", namespace=NAMESPACE))["items"]
    return {
        status["containerID"].rpartition("/")[2]: pod["metadata"]["uid"]
        for pod in pods
        if "deletionTimestamp" not in pod["metadata"]
        for status in pod["status"].get("containerStatuses", [])
        if status["ready"]
    }


class Person:
    """Somebody who is signed in at a frontend, with the cookies of their session.

    They go through a door; that of the Ingress takes any name, wherever the name leads.
    """

    def __init__(self, url: str = f"http://{HOST}", door: str = "http://127.0.0.1") -> None:
        self.url, self.door = url, door
        jar = urllib.request.HTTPCookieProcessor()
        self._open = urllib.request.build_opener(jar, urllib.request.ProxyHandler({})).open
        self.account = {"email": f"drill-{secrets.token_hex(6)}@example.com", "password": secrets.token_urlsafe(18)}
        self.ask("auth/signup", self.account)
        self.log_in()

    def log_in(self) -> None:
        self.ask("auth/login", self.account)

    def ask(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """The answer to a request; one that is refused raises OSError."""
        data = None if body is None else json.dumps(body).encode()
        return self._send(path, data, "application/json", method)

    def attach(self, task: str, content: bytes) -> Any:
        """Upload a file to a task."""
        boundary = secrets.token_hex(16)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        body = f"{head}Content-Type: text/plain\r\n\r\n".encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self._send(f"tasks/{task}/attachments", body, f"multipart/form-data; boundary={boundary}", None)

    def events(self, path: str, body: Any, headers: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
        """An answer's events as they come, each with its id and kind, until it ends or is cut off."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "text/event-stream", "Content-Type": "application/json", **headers}
        with self._request(path, data, headers, None) as answer:
            fields: dict[str, str] = {}
            for line in answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if value:
                    fields[name] = value
                elif "data" in fields:
                    yield fields["id"], fields["event"], json.loads(fields["data"])
                    fields = {}

    def content(self, task: str, attachment: str) -> bytes:
        """The content of an attachment."""
        with self._request(f"tasks/{task}/attachments/{attachment}", None, {}, None) as answer:
            found: bytes = answer.read()
        return found

    def _send(self, path: str, data: bytes | None, kind: str, method: str | None) -> Any:
        with self._request(path, data, {"Content-Type": kind}, method) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def _request(self, path: str, data: bytes | None, headers: dict[str, str], method: str | None) -> Any:
        headers = {**headers, "Origin": self.url, "Host": self.url.partition("//")[2]}
        request = urllib.request.Request(f"{self.door}/bff/{path}", data, headers, method=method)
        return self._open(request, timeout=60)


@contextmanager
def load(people: Sequence[Person]) -> Iterator[Counter[str]]:
    """Every person reads and writes while the block runs, with a breath between; what became of the requests."""
    outcomes: Counter[str] = Counter()
    done = threading.Event()

    def use(person: Person) -> None:
        while not done.is_set():
            try:
                task = person.ask("tasks", {"title": "a task of the load"})
                person.ask("tasks")
                person.ask(f"tasks/{task['id']}", method="DELETE")
                outcomes["answered"] += 3
                time.sleep(0.1)
            except HTTPError as error:
                outcomes[f"{error}: {error.read(500).decode(errors='replace')}"] += 1
            except OSError as error:
                outcomes[str(error)] += 1

    threads = [threading.Thread(target=use, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    try:
        yield outcomes
    finally:
        done.set()
        for thread in threads:
            thread.join()


def newest() -> Path:
    """The newest backup that was fetched."""
    return max(BACKUPS.glob("*.tar.age"))
