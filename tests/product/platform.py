"""What the product's tests share: running a playbook as a user would, and looking at the cluster from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".state"
NAMESPACE = "todo-dev"


@dataclass(frozen=True)
class Run:
    """A playbook's run: its exit code, its output and its recap."""

    code: int
    output: str

    @property
    def changed(self) -> int:
        found = re.search(r"changed=(\d+)", self.output.rpartition("PLAY RECAP")[2])
        return int(found[1]) if found else -1


def play(
    *arguments: str,
    playbook: str = "site.yml",
    inventory: str = "inventories/dev",
    environment: dict[str, str] | None = None,
) -> Run:
    """Run a playbook and return its output, whatever its exit code."""
    command = [str(ROOT / ".venv/bin/ansible-playbook"), playbook, "-i", inventory, *arguments]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", **(environment or {})}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return Run(done.returncode, done.stdout + done.stderr)


def kubectl(*arguments: str, stdin: str | None = None, namespace: str = NAMESPACE) -> str:
    """Run kubectl in the deployment's namespace and return what it prints."""
    command = [str(STATE / "bin" / "kubectl"), "--kubeconfig", str(STATE / "kubeconfig"), "-n", namespace, *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def get(kind: str, name: str, namespace: str = NAMESPACE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kubectl("get", kind, name, "-o", "json", namespace=namespace))
    return found


def proxied(service: str, path: str, namespace: str = NAMESPACE) -> tuple[int, Any]:
    """Status and JSON body of a GET to a Service, through the API server."""
    url = f"/api/v1/namespaces/{namespace}/services/{service}/proxy{path}"
    command = [str(STATE / "bin" / "kubectl"), "--kubeconfig", str(STATE / "kubeconfig"), "get", "--raw", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return 200, json.loads(done.stdout)
    return (503 if "503" in done.stderr or "unable to handle" in done.stderr else 0), done.stderr
