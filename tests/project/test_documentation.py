"""Every plugin says what it is for in a form that ansible-doc can show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"module": "modules", "filter": "filter", "callback": "callback"}


@pytest.mark.parametrize("kind", KINDS)
def test_ansible_doc_shows_each_plugin(kind: str) -> None:
    names = sorted(f"todo.platform.{path.stem}" for path in (ROOT / "plugins" / KINDS[kind]).glob("[!_]*.py"))
    assert names
    command = [str(Path(sys.executable).with_name("ansible-doc")), "--json", "--type", kind, *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    shown = json.loads(done.stdout)
    assert [name for name in names if not shown.get(name, {}).get("doc", {}).get("short_description")] == [], (
        done.stderr
    )
