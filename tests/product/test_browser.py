"""A person with a browser, through the ingress."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.product.platform import ROOT


@pytest.mark.usefixtures("deployment")
def test_a_person_signs_up_and_completes_a_task() -> None:
    frontend = ROOT / "app/frontend"
    if not (frontend / "node_modules/.bin/playwright").exists():
        subprocess.run(["npm", "ci", "--no-fund", "--no-audit"], cwd=frontend, check=True, capture_output=True)
    environment = {**os.environ, "BASE_URL": "http://todo.localhost", "CI": "true"}
    command = ["npx", "playwright", "test"]
    done = subprocess.run(command, cwd=frontend, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
