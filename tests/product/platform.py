"""What the product's tests share: running a playbook as a user would, and looking at the cluster from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".state"
TINY_STATE = STATE / "tiny-app"
NAMESPACE = "todo-dev"
TINY = "tests/tiny/inventory"
# As make asks a verb.
ANSWER = {
    "ANSIBLE_STDOUT_CALLBACK": "todo.platform.answer",
    "ANSIBLE_CALLBACKS_ENABLED": "todo.platform.answer",
}


@dataclass(frozen=True)
class Run:
    """A playbook's run: its exit code, its output and its recap."""

    code: int
    output: str

    @property
    def changed(self) -> int:
        found = re.search(r"changed=(\d+)", self.output.rpartition("PLAY RECAP")[2])
        return int(found[1]) if found else -1

    @property
    def problems(self) -> list[str]:
        """The numbered problems that preflight listed."""
        return re.findall(r"^ +\d+\. (.+)$", self.output, re.MULTILINE)


def command(*arguments: str, playbook: str = "site.yml", inventory: str = "inventories/dev") -> list[str]:
    """The command of a run."""
    return [str(ROOT / ".venv/bin/ansible-playbook"), playbook, "-i", inventory, *arguments]


def play(
    *arguments: str,
    playbook: str = "site.yml",
    inventory: str = "inventories/dev",
    environment: dict[str, str] | None = None,
    inside: Sequence[str] = (),
    root: Path = ROOT,
) -> Run:
    """Run a playbook of a checkout, started by the command `inside`, and return its output, whatever its exit code."""
    argv = [*inside, *command(*arguments, playbook=playbook, inventory=inventory)]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", **(environment or {})}
    done = subprocess.run(argv, cwd=root, env=environment, capture_output=True, text=True, check=False)
    return Run(done.returncode, done.stdout + done.stderr)


def told(run: Run, *words: str) -> None:
    """The run failed, and said every one of these words."""
    assert run.code != 0, run.output[-3000:]
    said = " ".join(run.output.split())
    missing = [word for word in words if word not in said]
    assert missing == [], run.output[-4000:]


def kubectl_command(namespace: str = NAMESPACE) -> list[str]:
    """The beginning of a kubectl command in a namespace."""
    return [str(STATE / "bin" / "kubectl"), "--kubeconfig", str(STATE / "kubeconfig"), "-n", namespace]


def kubectl(*arguments: str, stdin: str | None = None, namespace: str = NAMESPACE) -> str:
    """Run kubectl in the deployment's namespace and return what it prints."""
    argv = [*kubectl_command(namespace), *arguments]
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def get(kind: str, name: str, namespace: str = NAMESPACE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kubectl("get", kind, name, "-o", "json", namespace=namespace))
    return found


def proxied(service: str, path: str, namespace: str = NAMESPACE) -> tuple[int, Any]:
    """Status and JSON body of a GET to a Service, through the API server."""
    url = f"/api/v1/namespaces/{namespace}/services/{service}/proxy{path}"
    argv = [*kubectl_command(namespace), "get", "--raw", url]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return 200, json.loads(done.stdout)
    return (503 if "503" in done.stderr or "unable to handle" in done.stderr else 0), done.stderr


def through_ingress(host: str, path: str = "/") -> Any:
    """The JSON body of a GET to a host name, through the ingress controller."""
    request = urllib.request.Request(f"http://127.0.0.1{path}", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
