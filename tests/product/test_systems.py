"""A reference system beside `dev`: up, unchanged by a second run, and gone again without a trace of it."""

from __future__ import annotations

import json

import pytest

from tests.product.platform import STATE, get, kubectl, play

TASKFLOW = "inventories/taskflow"
pytestmark = pytest.mark.usefixtures("deployment")


def dev_pods() -> set[str]:
    return set(kubectl("get", "pods", "-o", "name").split())


def test_taskflow_comes_goes_and_leaves_dev_alone() -> None:
    before = dev_pods()
    run = play(inventory=TASKFLOW)
    assert run.code == 0, run.output[-6000:]
    [port] = json.loads((STATE / "taskflow/node-ports.json").read_text()).values()
    service = get("service", "taskflow-frontend-service", "default")["spec"]
    assert (service["type"], service["ports"][0]["nodePort"]) == ("NodePort", port)

    again = play(inventory=TASKFLOW)
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]

    reset = play("-e", "reset_confirmed=true", inventory=TASKFLOW, playbook="playbooks/reset.yml")
    assert reset.code == 0, reset.output[-4000:]
    kinds = "deployments,services,secrets,configmaps,serviceaccounts"
    assert "taskflow" not in kubectl("get", kinds, "-o", "name", namespace="default")
    assert not (STATE / "taskflow").exists()
    assert dev_pods() == before
