# SPDX-License-Identifier: Apache-2.0
"""What a task's `environment` says, which Ansible gives to modules only."""

from __future__ import annotations

from ansible.plugins.action import ActionBase


def variables(action: ActionBase) -> dict[str, str]:
    """The environment of an action's task, name by name; a later part wins."""
    told = action._task.environment or []
    merged: dict[str, str] = {}
    for one in told if isinstance(told, list) else [told]:
        merged |= action._templar.template(one) or {}
    return {name: str(value) for name, value in merged.items()}
