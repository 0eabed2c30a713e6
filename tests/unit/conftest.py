"""Makes `ansible_collections.todo.platform` importable from the checkout, without an installation."""

from __future__ import annotations

import sys
from pathlib import Path

import ansible.plugins.loader  # noqa: F401  # its import machinery must exist before ours is asked

COLLECTIONS = Path(__file__).resolve().parents[2] / "collections"
sys.path.insert(0, str(COLLECTIONS))
