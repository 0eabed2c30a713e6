"""A person with a browser, through the ingress."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest

from tests.product.platform import ROOT, kubectl_command


@pytest.mark.usefixtures("deployment")
def test_a_person_signs_up_and_completes_a_task() -> None:
    frontend = ROOT / "app/frontend"
    kubectl = shlex.join(kubectl_command())
    scale = f"{kubectl} scale deployment/todo-backend --replicas"
    environment = {
        **os.environ,
        "BASE_URL": "http://todo.localhost",
        "CI": "true",
        "E2E_BACKEND_STOP": f"{scale}=0 && {kubectl} wait --for=delete pod -l app.kubernetes.io/instance=todo-backend",
        "E2E_BACKEND_START": f"{scale}=1",
    }
    # The drill tells them on a phone too, ten times.
    command = ["npx", "playwright", "test", "--project=outage on a desktop"]
    done = subprocess.run(command, cwd=frontend, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
