"""The callback `answer`, in real runs of ansible-playbook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
PLAYBOOK = str(Path(sys.executable).parent / "ansible-playbook")
TERMINAL = {"ansible.builtin.set_stats": {"data": {"terminal": ["sh", "-c", "echo ended in it; exit 7"]}}}


def play(folder: Path, *tasks: dict[str, Any], arguments: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    play = {"name": "Ask", "hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}
    (folder / "play.yml").write_text(json.dumps([play]))
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
        "ANSIBLE_STDOUT_CALLBACK": "todo.platform.answer",
        "ANSIBLE_CALLBACKS_ENABLED": "todo.platform.answer",
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    command = [PLAYBOOK, "-i", "localhost,", "-c", "local", "play.yml", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_answer_and_nothing_else(tmp_path: Path) -> None:
    done = play(tmp_path, {"ansible.builtin.set_fact": {"a": 1}}, {"ansible.builtin.debug": {"msg": {"healthy": True}}})
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, {"healthy": True}, "")


def test_a_failure_is_told_on_standard_error(tmp_path: Path) -> None:
    done = play(tmp_path, {"ansible.builtin.fail": {"msg": "not healthy"}}, TERMINAL)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "not healthy\n")


def test_the_terminal_goes_to_the_command_in_which_the_play_ended(tmp_path: Path) -> None:
    done = play(tmp_path, {"ansible.builtin.debug": {"msg": "first"}}, TERMINAL)
    assert (done.returncode, done.stdout, done.stderr) == (7, "first\nended in it\n", "")
    assert play(tmp_path, TERMINAL, arguments=("--check",)).stdout == ""


def test_that_command_learns_the_options_of_the_run(tmp_path: Path) -> None:
    terminal = {"ansible.builtin.set_stats": {"data": {"terminal": ["sh", "-c", "echo $TODO_PLATFORM_OPTIONS"]}}}
    done = play(tmp_path, terminal, arguments=("-e", "a=b c"))
    assert json.loads(done.stdout) == ["-i", "localhost,", "-c", "local", "-e", "a=b c"]
