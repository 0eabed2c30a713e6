# SPDX-License-Identifier: Apache-2.0
"""Runs a module of this collection in Ansible's own process; the actions that link here are those of every run."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
from typing import Any

from ansible.module_utils.testing import patch_module_args
from ansible.plugins.action import ActionBase
from ansible_collections.todo.platform.plugins.plugin_utils.environment import variables

_MODULES = "ansible_collections.todo.platform.plugins.modules"


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    """To pack a module and start another Python for it takes half a second, longer than these modules themselves do.

    As somebody else, in the background or on another machine a module runs as ever.
    """

    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module that the task names."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        apart = self._connection.transport != "local" or self._connection.become or self._task.async_val
        found = (
            self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val)
            if apart
            else self._directly(task_vars or {})
        )
        return result | found

    def _directly(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        module = importlib.import_module(f"{_MODULES}.{self._task.action.rpartition('.')[2]}")
        arguments = dict(self._task.args)
        self._update_module_args(self._task.action, arguments, task_vars)
        # A task has a process of its own, a fork, which ends with it.
        os.environ.update(variables(self))
        output = io.StringIO()
        with patch_module_args(arguments), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
            module.main()
        answer: dict[str, Any] = self._parse_returned_data({"stdout": output.getvalue()}, "legacy")
        return answer
