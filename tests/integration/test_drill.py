"""The verb that breaks a deployment on purpose."""

from __future__ import annotations

import json

import pytest

from tests.integration import own
from tests.product.platform import STATE, told

pytestmark = [pytest.mark.usefixtures("drilled"), pytest.mark.alone]
PARTS = ("todo-agent", "todo-backend", "todo-frontend", "postgres")


def test_it_breaks_everything_and_nothing_is_lost() -> None:
    told(own.run("playbooks/drill.yml"), f"Nothing was broken: the answer was not {own.NAME}")
    planned = own.run("playbooks/drill.yml", "--check")
    assert planned.code == 0, planned.output[-4000:]
    assert "would break kubelet" in planned.output

    done = own.run("playbooks/drill.yml", "-e", "drill_confirmed=true")
    assert done.code == 0, done.output[-4000:]
    [kept] = (STATE / own.NAME).glob("drill-*.json")
    rows = json.loads(kept.read_text())["drills"]
    broken = [row["drill"] for row in rows]
    assert [name for name in broken if name.startswith("network of")] == [
        f"network of {name}, for 20 s" for name in sorted(PARTS)
    ]
    assert {"kubelet", "containerd", "disk of todo-backend: /tmp is full", "processes of postgres"} <= set(broken)
    assert len(broken) == 2 * len(PARTS) + 3
    assert [row for row in rows if row["lost"] or not row["acknowledged"]] == []
    assert own.run().changed == 0
