"""todo-app without Kubernetes: a real `docker compose up`, with secrets out of the vault, and a person who uses it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import own
from tests.integration.docker_engine import docker
from tests.product.platform import ROOT, play

FOLDER = ROOT / "app/docker"
COMPOSE = ("compose", f"--project-directory={FOLDER}", "--project-name=drill")
SERVICES = ("postgres", "backend", "frontend")
SECOND = 1_000_000_000
NO_CLUSTER = {"node_store": "docker", "bin_dir": "", "profile": "", "ready": False}
# The bases of a machine that no registry answers.
BASES = {"PYTHON_IMAGE": "python:trixie", "NODE_IMAGE": "node:trixie"}


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


@pytest.fixture
def url(engine: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The frontend's address, with everything up behind it."""
    here = {"cluster_facts": NO_CLUSTER, "images_state_dir": str(tmp_path)}
    built = play("-e", json.dumps(here), playbook="playbooks/images.yml", inventory="inventories/todo-app")
    assert built.code == 0, built.output[-6000:]
    written = play(playbook="playbooks/compose.yml", inventory="inventories/todo-app")
    assert written.code == 0, written.output[-4000:]
    ports = {name: free_port() for name in ("FRONTEND_PORT", "BACKEND_PORT", "POSTGRES_PORT")}
    for name, value in {**BASES, **ports}.items():
        monkeypatch.setenv(name, value)
    docker(*COMPOSE, "up", "--detach", "--build")
    yield f"http://localhost:{ports['FRONTEND_PORT']}"
    docker(*COMPOSE, "down", "--volumes")
    assert docker("ps", "--all", "--quiet") == ""


def health(service: str) -> str:
    """What the engine's own check says of a service."""
    container = docker(*COMPOSE, "ps", "--quiet", service).strip()
    return docker("inspect", "--format={{.State.Health.Status}}", container).strip()


def test_a_person_completes_a_task(url: str) -> None:
    end = time.monotonic() + 120
    while set((found := {name: health(name) for name in SERVICES}).values()) != {"healthy"}:
        assert time.monotonic() < end, f"{found}\n{docker(*COMPOSE, 'logs', '--tail=50')}"
        time.sleep(1)
    person = own.Person(url, url)
    task = person.ask("tasks", {"title": "Water the plants"})
    assert person.ask(f"tasks/{task['id']}/complete", method="POST")["status"] == "completed"
    assert "Water the plants" in json.dumps(person.ask("tasks"))
    assert (FOLDER / ".env").stat().st_mode & 0o077 == 0
    for image, starting in (("todo-backend", 10), ("todo-frontend", 5)):
        check = json.loads(docker("image", "inspect", "--format={{json .Config.Healthcheck}}", image))
        del check["Test"]
        assert check == {"Interval": 30 * SECOND, "Timeout": 3 * SECOND, "StartPeriod": starting * SECOND, "Retries": 3}
