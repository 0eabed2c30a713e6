"""The verbs of every day, on the tiny application."""

from __future__ import annotations

import json
from typing import Any

from tests.product.platform import TINY, Run, kubectl, play

ANSWER = {
    "ANSIBLE_STDOUT_CALLBACK": "todo.platform.answer",
    "ANSIBLE_CALLBACKS_ENABLED": "todo.platform.answer",
}


def ask(verb: str, *arguments: str) -> Run:
    """A verb as make runs it."""
    return play(*arguments, playbook=f"playbooks/{verb}.yml", inventory=TINY, environment=ANSWER)


def status() -> tuple[int, dict[str, Any]]:
    """The exit code of `status`, and what it says to programs."""
    run = ask("status", "-e", "status_format=json")
    found, _ = json.JSONDecoder().raw_decode(run.output)
    return run.code, found


def test_status_says_healthy_what_was_changed_by_hand_and_what_failed(tiny: Run) -> None:
    code, found = status()
    assert (code, found["problems"], found["drift"]) == (0, [], []), found
    [release] = found["releases"]
    assert (release["name"], release["state"], release["next"]) == ("tiny", "Active", "")
    assert [one["state"] for workload in found["workloads"] for one in workload["images"]] == ["built"]

    kubectl("set", "image", "deployment/tiny", "tiny=nowhere:none", namespace="tiny")
    code, found = status()
    [drift] = found["drift"]
    assert "image is nowhere:none instead of tiny:" in drift
    assert code != 0
    assert found["releases"][0]["state"] in {"Updating", "Failed"}
    assert found["releases"][0]["next"] == "repair"
    assert play("--tags", "release", inventory=TINY).code == 0
    assert status()[0] == 0
