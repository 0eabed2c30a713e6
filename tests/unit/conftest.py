"""Makes the checkout's collections and tests importable, without an installation; and deployments for tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ansible.plugins.loader  # noqa: F401  # its import machinery must exist before ours is asked
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "collections"), str(ROOT)]

from tests.unit.tiny_deployment import Deployment  # noqa: E402


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A deployment with nothing in it."""
    made = Deployment(tmp_path)
    made.describe()
    return made


@pytest.fixture
def result(tmp_path: Path) -> Callable[[], Any]:
    """What a playbook wrote down with `Deployment.keep`."""
    return lambda: json.loads((tmp_path / "result.json").read_text())
