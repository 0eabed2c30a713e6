"""The tiny application as these tests use it: with other settings, and seen from outside."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import yaml

from tests.product.platform import ANSWER, ROOT, TINY, Run, kubectl, play, through_ingress

DEPLOYMENT = yaml.safe_load((ROOT / TINY / "group_vars/all/deployment.yml").read_text())


def with_values(*, timeout: str = "60s", **values: object) -> dict[str, Any]:
    """The inventory's release with other values."""
    [release] = DEPLOYMENT["release_releases"]
    return {"release_releases": [{**release, "timeout": timeout, "values": {**release["values"], **values}}]}


def extra(folder: Path, variables: dict[str, Any]) -> list[str]:
    """Arguments that give a run other variables."""
    path = folder / "extra.json"
    path.write_text(json.dumps(variables))
    return ["-e", f"@{path}"]


def run(folder: Path, *arguments: str, **variables: Any) -> Run:
    """Bring the tiny application up with other variables."""
    return play(*extra(folder, variables), *arguments, inventory=TINY)


def ask(verb: str, *arguments: str) -> Run:
    """A verb as make runs it."""
    return play(*arguments, playbook=f"playbooks/{verb}.yml", inventory=TINY, environment=ANSWER)


def serving() -> list[str]:
    """The pods that serve, by uid."""
    pods = json.loads(kubectl("get", "pods", "-l", "app=tiny", "-o", "json", namespace="tiny"))["items"]
    ready = {"type": "Ready", "status": "True"}
    return sorted(
        pod["metadata"]["uid"]
        for pod in pods
        if "deletionTimestamp" not in pod["metadata"]
        and any(ready.items() <= condition.items() for condition in pod["status"].get("conditions", []))
    )


def greeting() -> str:
    """What the application answers."""
    return str(through_ingress("tiny.localhost")["greeting"])


def greets(words: str) -> bool:
    """Whether the application answers so, once the ingress controller has heard which pods came and went."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if greeting() == words:
                return True
        time.sleep(0.2)
    return False
