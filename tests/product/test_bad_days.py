"""Bad input and bad days: a clear error that says what to do, nothing lost, an exit code that is not 0."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from tests.product.platform import ROOT, STATE, Run, kubectl, play

pytestmark = pytest.mark.usefixtures("deployment")
TINY = "tests/tiny/inventory"


def told(run: Run, *words: str) -> None:
    """The run failed and its output has every one of the words."""
    assert run.code != 0, run.output[-3000:]
    missing = [word for word in words if word not in run.output]
    assert missing == [], run.output[-4000:]


def tiny(tmp_path: Path, **variables: object) -> Run:
    """Run the tiny application with other variables."""
    extra = tmp_path / "extra.json"
    extra.write_text(json.dumps(variables))
    return play("-e", f"@{extra}", inventory=TINY)


def release(**values: object) -> dict[str, object]:
    return {"name": "odd", "chart": "app/charts/todo-frontend", "timeout": "60s", "values": values}


def test_an_unknown_inventory() -> None:
    told(play(inventory="inventories/nowhere"), "inventories/nowhere")


def test_an_unknown_provider_names_the_one_that_was_meant() -> None:
    told(play("-e", "cluster_provider=minikub"), "cluster_provider", "minikub", "did you mean minikube")


def test_an_image_that_does_not_build_shows_the_build_s_own_last_lines(tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("ARG PYTHON_IMAGE\nFROM ${PYTHON_IMAGE}\nRUN echo the compiler ran out of luck && exit 7\n")
    component: dict[str, object] = {"name": "odd", "context": str(tmp_path), "dockerfile": str(dockerfile)}
    component["bases"] = {"PYTHON_IMAGE": "python"}
    told(tiny(tmp_path, images_components=[component]), "the compiler ran out of luck", "exit code: 7")


def test_a_base_that_is_not_there_is_named(tmp_path: Path) -> None:
    component = {"name": "odd", "context": "tests/tiny/app", "bases": {"PYTHON_IMAGE": "pyton"}}
    told(tiny(tmp_path, images_components=[component]), "odd", "pyton", "python")


def test_a_typo_in_a_chart_s_values_is_named(tmp_path: Path) -> None:
    run = tiny(tmp_path, images_components=[], secrets_items=[], release_releases=[release(replicaCoun=2)])
    told(run, "replicaCoun")


def test_an_image_that_is_nowhere_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    values = {"image": {"repository": "nowhere", "tag": "none"}, "ingress": {"enabled": False}}
    run = tiny(tmp_path, images_components=[], secrets_items=[], release_releases=[release(**values)])
    told(run, "nowhere:none")
    assert kubectl("get", "deployments", "-l", "app.kubernetes.io/instance=odd", "-o", "name", namespace="tiny") == ""


def test_two_runs_at_once_the_second_says_so() -> None:
    command = [str(ROOT / ".venv/bin/ansible-playbook"), "site.yml", "-i", "inventories/dev"]
    first = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        deadline = time.monotonic() + 30
        while not (STATE / "run.lock").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.5)
        second = play()
    finally:
        output, _ = first.communicate(timeout=300)
    assert first.returncode == 0, output[-3000:]
    told(second, str(first.pid))


def test_after_all_that_everything_is_as_it_was() -> None:
    run = play()
    assert (run.code, run.changed) == (0, 0), run.output[-4000:]
    answers = ("-e", "reset_confirmed=true", "-e", "reset_cluster=false")
    assert play(*answers, playbook="playbooks/reset.yml", inventory=TINY).code == 0
