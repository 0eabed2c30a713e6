"""Makes `ansible_collections.todo.platform` importable from the checkout, without an installation."""

from __future__ import annotations

import sys
from pathlib import Path

import ansible.plugins.loader  # noqa: F401  # its import machinery must exist before ours is asked

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "collections"), str(ROOT)]
