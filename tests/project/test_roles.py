"""Every role keeps the house's rules, and what is generated is current."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())
PLAYBOOKS = [ROOT / "site.yml", *sorted((ROOT / "playbooks").glob("*.yml"))]
INVENTORIES = sorted(path for path in (ROOT / "inventories").iterdir() if path.is_dir())


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text()) or {}
    return loaded


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_defaults_and_argument_specs_name_the_same_variables(role: Path) -> None:
    specs = load(role / "meta/argument_specs.yml")["argument_specs"]
    options = {name for spec in specs.values() for name in spec.get("options", {})}
    assert options == set(load(role / "defaults/main.yml"))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_a_default_in_the_specs_is_the_default(role: Path) -> None:
    defaults = load(role / "defaults/main.yml")
    options = load(role / "meta/argument_specs.yml")["argument_specs"]["main"].get("options", {})
    told = {name: spec["default"] for name, spec in options.items() if "default" in spec}
    assert told == {name: defaults[name] for name in told}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_names_carry_their_role(role: Path) -> None:
    assert [name for name in load(role / "defaults/main.yml") if not name.startswith(f"{role.name}_")] == []
    internal = load(role / "vars/main.yml") if (role / "vars/main.yml").is_file() else {}
    assert [name for name in internal if not name.startswith(f"__{role.name}_")] == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_tasks_file_for_others_is_an_entry_point_with_a_spec(role: Path) -> None:
    verbs = {"main", "facts", "absent", "check", "stop", "start"}
    files = {path.stem for path in (role / "tasks").glob("*.yml")} & verbs
    assert files <= set(load(role / "meta/argument_specs.yml")["argument_specs"])


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_role_has_a_scenario(role: Path) -> None:
    assert (ROOT / "molecule" / role.name / "molecule.yml").is_file()


def test_what_is_generated_is_current() -> None:
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_playbooks_are_well_formed_without_any_password() -> None:
    playbooks = [str(path.relative_to(ROOT)) for path in PLAYBOOKS]
    command = [str(ROOT / ".venv/bin/ansible-playbook"), "--syntax-check", "-i", "inventories/dev", *playbooks]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.removeprefix("playbook: ") for line in done.stdout.split("\n") if line] == playbooks


def test_the_checkout_builds_as_a_collection(tmp_path: Path) -> None:
    command = [str(ROOT / ".venv/bin/ansible-galaxy"), "collection", "build", "--output-path", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    archive = next(tmp_path.glob("todo-platform-*.tar.gz"))
    with tarfile.open(archive) as tar:
        listing = tar.getnames()
    assert "roles/cluster/tasks/main.yml" in listing
    assert [name for name in listing if name.startswith((".venv", ".state", "collections/ansible"))] == []
