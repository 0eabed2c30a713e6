"""A module that runs in Ansible's own process answers as it does in one of its own; with real ansible-playbook runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.tiny_deployment import Deployment

IN_ITS_OWN = {"async": 60, "poll": 1}


@pytest.fixture
def look(deployment: Deployment, tmp_path: Path, result: Callable[[], Any]) -> Callable[..., Any]:
    """Look for a program that only the task's environment leads to, with more for the task; the answer."""
    program = tmp_path / "bin" / "wanderer"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 1.2\n")
    program.chmod(0o755)

    def ask(minimum: str, **more: object) -> Any:
        tool = {"name": "wanderer", "minimum": minimum, "purpose": "wander", "advice": "get another"}
        arguments = {"state_dir": str(tmp_path / "state"), "deployment": "tiny", "checks": ["tools"], "tools": [tool]}
        task = {
            "name": "Look",
            "todo.platform.preflight": arguments | {"provider": "kubeadm"},
            "environment": [{"PATH": "/nowhere"}, {"PATH": "{{ playbook_dir }}/bin:{{ lookup('env', 'PATH') }}"}],
            "register": "found",
            "failed_when": False,
        }
        deployment.play(task | more, deployment.keep("{{ found }}"))
        deployment.run()
        return result()

    return ask


@pytest.mark.parametrize("minimum", ["1.2", "1.3"])
def test_it_answers_as_a_process_of_its_own_does(look: Callable[..., Any], minimum: str) -> None:
    directly, apart = look(minimum), look(minimum, **IN_ITS_OWN)
    assert directly.keys() - {"exception"} <= apart.keys()
    assert {name: directly[name] for name in ("changed", "msg", "warnings") if name in directly} == {
        name: apart[name] for name in ("changed", "msg", "warnings") if name in apart
    }
    assert ("1.2" in directly.get("msg", "")) == (minimum == "1.3"), directly
