"""Writes a value into a file without starting a module for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    """`keep: {path: FILE, value: VALUE}`; check mode keeps it too."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write the value as JSON, readable by nobody else."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        path = Path(self._task.args["path"])
        path.touch(mode=0o600)
        path.write_text(json.dumps(self._task.args["value"]))
        return result | {"changed": False}
