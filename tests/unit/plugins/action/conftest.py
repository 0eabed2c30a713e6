"""Fixtures of the action plugins' tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))
from tests.unit.plugins.action.tiny_deployment import Deployment


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A deployment with nothing in it."""
    made = Deployment(tmp_path)
    made.describe()
    return made


@pytest.fixture
def result(tmp_path: Path) -> Callable[[], Any]:
    """What a playbook wrote down with KEEP."""
    return lambda: json.loads((tmp_path / "result.json").read_text())
