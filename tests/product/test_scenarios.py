"""Molecule's scenarios: every role, and the whole product, on an application that is no todo list."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.product.platform import ROOT

SCENARIOS = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str) -> None:
    """Check mode, converge, converge again without a change, verify, clean up."""
    binaries = ROOT / ".venv/bin"
    environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}", "NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1"}
    command = [str(binaries / "molecule"), "test", "--scenario-name", scenario]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
