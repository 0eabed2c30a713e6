"""The callback `progress`, in real runs of ansible-playbook whose output goes through a pipe."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.callback.progress import CallbackModule

ROOT = Path(__file__).resolve().parents[4]
PLAYBOOK = str(Path(sys.executable).parent / "ansible-playbook")
PLAY: dict[str, Any] = {
    "name": "Long work",
    "hosts": "localhost",
    "gather_facts": False,
    "vars": {
        "deployment_name": "dev",
        "deployment_state_dir": "{{ playbook_dir }}/state",
        "secret_value": "c4nary-v4lue",
    },
}


def sleep(seconds: float, name: str = "Wait") -> dict[str, Any]:
    return {"name": name, "ansible.builtin.command": {"argv": ["sleep", str(seconds)]}, "changed_when": False}


class Project:
    """A folder with one playbook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
            "ANSIBLE_CALLBACKS_ENABLED": "todo.platform.progress",
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_ROLES_PATH": str(folder / "roles"),
            "TODO_PLATFORM_PROGRESS_AFTER": "0.3",
            "TODO_PLATFORM_PROGRESS_INTERVAL": "0.3",
        }
        self.environment.pop("TODO_PLATFORM_PROGRESS", None)
        (folder / "ansible.cfg").write_text("[defaults]\nlocalhost_warning = false\n", encoding="utf-8")

    def start(self, tasks: list[dict[str, Any]], *arguments: str, **play: Any) -> subprocess.Popen[str]:
        """ansible-playbook with these tasks, all output in one pipe."""
        document = [{**PLAY, **play, "tasks": tasks}]
        (self.folder / "play.yml").write_text(json.dumps(document), encoding="utf-8")
        command = [PLAYBOOK, "-i", "localhost,", "-c", "local", "play.yml"]
        command += ["-e", f"ansible_python_interpreter={sys.executable}", *arguments]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, tasks: list[dict[str, Any]], *arguments: str, code: int = 0, **play: Any) -> str:
        """What such a run prints."""
        process = self.start(tasks, *arguments, **play)
        output, _ = process.communicate()
        assert process.returncode == code, output
        return output

    def timings(self) -> dict[str, Any]:
        """What the callback noted about the run."""
        document: dict[str, Any] = json.loads((self.state / "dev" / "timings.json").read_text(encoding="utf-8"))
        return document


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def lines(output: str) -> list[str]:
    return [line.strip() for line in output.splitlines() if line.startswith("    ") and "elapsed" in line]


def test_a_long_task_is_not_silent(project: Project) -> None:
    found = lines(project.run([sleep(3)]))
    assert len(found) >= 2
    assert all(re.fullmatch(r"Wait: \d+s elapsed", line) for line in found)


def test_a_module_that_reports_is_shown_instead(project: Project) -> None:
    script = "for n in 1 2 3 4 5 6; do echo $n of 6; sleep 0.5; done"
    module = {
        "argv": ["sh", "-c", script],
        "stage": "count to six",
        "progress": {"pattern": r"(?P<done>\d+) of (?P<total>\d+)", "unit": "numbers"},
    }
    found = lines(project.run([{"name": "Count", "todo.platform.run": module}]))
    pattern = r"count to six: \d of 6 numbers, \d+ %, \d+s elapsed, about \d+s left"
    assert any(re.fullmatch(pattern, line) for line in found), found
    assert json.loads((project.state / "progress.json").read_text(encoding="utf-8")) == {"stages": {}}


def test_the_last_duration_of_a_task_is_its_estimate(project: Project) -> None:
    project.state.mkdir()
    (project.state / "timings.json").write_text(json.dumps({"tasks": {"Wait": 50, "Other": 9}}), encoding="utf-8")
    project.run([sleep(0.1)])
    assert json.loads((project.state / "timings.json").read_text(encoding="utf-8"))["tasks"] == {"Wait": 50, "Other": 9}
    found = lines(project.run([sleep(2)]))
    assert re.fullmatch(r"Wait: \d+ %, \d+s elapsed, about \d+s left", found[0])


def test_what_took_long_is_noted(project: Project) -> None:
    project.run([sleep(5.2)])
    assert json.loads((project.state / "timings.json").read_text(encoding="utf-8"))["tasks"]["Wait"] >= 5


def test_durations_of_stages(project: Project) -> None:
    tasks = project.folder / "roles" / "build" / "tasks"
    tasks.mkdir(parents=True)
    touch = {"name": "Touch", "ansible.builtin.file": {"path": str(project.folder / "touched"), "state": "touch"}}
    (tasks / "main.yml").write_text(json.dumps([touch, sleep(0.1)]), encoding="utf-8")
    (tasks / "more.yml").write_text(json.dumps([sleep(0.1)]), encoding="utf-8")
    include = {"name": "Build", "ansible.builtin.include_role": {"name": "build"}}
    more = {"name": "More", "ansible.builtin.include_role": {"name": "build", "tasks_from": "more"}}
    bad = {"name": "Fail", "ansible.builtin.fail": {"msg": "no"}, "ignore_errors": True}
    output = project.run([sleep(0.1, "Before"), include, bad, more])
    assert "no longer shown" not in output
    timings = project.timings()
    stages = {stage["name"]: stage for stage in timings["stages"]}
    assert timings["playbook"] == "play.yml"
    assert {"Long work", "build"} == stages.keys()
    assert (stages["build"]["tasks"], stages["build"]["changed"]) == (3, 1)
    assert stages["Long work"]["failed"] == 0
    assert len(stages["build"]["segments"]) == 2
    total = sum(length for stage in timings["stages"] for _, length in stage["segments"])
    assert total == pytest.approx(timings["finished"] - timings["started"], abs=0.5)


def test_the_durations_so_far_are_there_while_the_run_goes_on(project: Project) -> None:
    here = "{{ playbook_dir }}"
    copy = {
        "name": "Look",
        "ansible.builtin.command": {"argv": ["cp", f"{here}/state/dev/timings.json", f"{here}/seen"]},
    }
    content = "{{ lookup('env', 'TODO_PLATFORM_RUN') }}"
    environment = {"name": "See the run", "ansible.builtin.copy": {"dest": f"{here}/id", "content": content}}
    project.run([sleep(0.1), copy, environment])
    seen = json.loads((project.folder / "seen").read_text(encoding="utf-8"))
    assert seen["stages"][0]["tasks"] == 1
    assert seen["current"] == "Long work"
    assert seen["id"] == (project.folder / "id").read_text(encoding="utf-8")


def test_failures_are_counted(project: Project) -> None:
    project.run([{"name": "Fail", "ansible.builtin.fail": {"msg": "no"}}], code=2)
    assert project.timings()["stages"][0]["failed"] == 1


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_many_hosts_and_strategies(project: Project, strategy: str) -> None:
    output = project.run([sleep(1.5), sleep(0.1, "Again")], "-i", "a,b,c,", "-v", hosts="all", strategy=strategy)
    assert lines(output)
    assert "no longer shown" not in output
    assert project.timings()["stages"][0]["tasks"] == 8


def test_loops_includes_and_handlers(project: Project) -> None:
    (project.folder / "included.yml").write_text(json.dumps([sleep(0.1, "Included")]), encoding="utf-8")
    loop = {**sleep(0.1, "Loop"), "loop": [1, 2], "changed_when": True, "notify": "Handle"}
    include = {"name": "Include", "ansible.builtin.include_tasks": "included.yml"}
    skipped = {**sleep(0.1, "Skip"), "when": False}
    output = project.run([loop, include, skipped], handlers=[sleep(1.5, "Handle")])
    assert "no longer shown" not in output
    assert [line.split(":")[0] for line in lines(output)][-1:] == ["Handle"]


def test_check_mode_writes_nothing(project: Project) -> None:
    output = project.run([sleep(0.1)], "--check")
    assert "no longer shown" not in output
    assert not project.state.exists()


def test_a_play_of_no_deployment_writes_nothing(project: Project) -> None:
    for variables in ({}, {"deployment_name": "{{ nothing }}"}):
        output = project.run([sleep(1)], vars=variables)
        assert lines(output)
        assert "no longer shown" not in output
    assert {path.name for path in project.folder.iterdir()} == {"ansible.cfg", "play.yml"}


def test_values_are_not_printed(project: Project) -> None:
    task = {**sleep(1), "no_log": True, "environment": {"SECRET": "{{ secret_value }}"}}
    assert "c4nary-v4lue" not in project.run([task], "-v")
    everything = "".join(path.read_text(encoding="utf-8") for path in project.state.rglob("*.json"))
    assert "c4nary-v4lue" not in everything


def test_a_state_folder_that_cannot_be_written_is_one_warning(project: Project) -> None:
    project.state.write_text("", encoding="utf-8")
    output = project.run([sleep(1), sleep(0.1, "Again")])
    assert output.count("cannot be noted") == 1
    assert lines(output)


def test_an_error_inside_is_one_warning(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    callback = CallbackModule()

    def fail() -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(callback, "_heard", fail)
    for _ in range(3):
        callback.v2_runner_item_on_ok(None)
    printed = "".join(capsys.readouterr())
    assert " ".join(printed.split()).count("Progress is no longer shown: RuntimeError") == 1


def test_output_in_a_pipe_comes_at_once(project: Project) -> None:
    gate = project.folder / "gate"
    wait = {"name": "Gate", "ansible.builtin.wait_for": {"path": str(gate), "sleep": 1, "timeout": 60}}
    process = project.start([sleep(0.1, "Said before"), wait])
    assert process.stdout is not None
    seen = ""
    while "Said before" not in seen or "elapsed" not in seen:
        line = process.stdout.readline()
        assert line, seen
        seen += line
    gate.touch()
    process.communicate()
    assert process.returncode == 0


def test_an_interruption_ends_the_run(project: Project) -> None:
    process = project.start([sleep(600)])
    assert process.stdout is not None
    while "elapsed" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + 30
    while process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.stdout.close()
