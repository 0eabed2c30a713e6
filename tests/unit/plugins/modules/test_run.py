"""The module `run`, started as Ansible starts it: a process with its arguments on standard input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.progress import read_progress
from ansible_collections.todo.platform.plugins.modules.run import Meter, Reading

COLLECTIONS = Path(__file__).resolve().parents[4] / "collections"
MODULE = "ansible_collections.todo.platform.plugins.modules.run"


def start(**arguments: Any) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
    process.stdin.close()
    process.stdin = None
    return process


def run(**arguments: Any) -> dict[str, Any]:
    output, errors = start(**arguments).communicate()
    assert output, errors
    result: dict[str, Any] = json.loads(output)
    return result


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited 30 s in vain"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_output_goes_to_a_private_log_under_a_header(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "run.log"
    result = run(argv=["sh", "-c", "echo one; echo two >&2"], stage="say two things", log=str(log))
    assert (result["changed"], result["rc"], result["lines"], result["log"]) == (True, 0, 2, str(log))
    run(argv=["echo", "a b"], log=str(log))
    text = log.read_text(encoding="utf-8")
    assert text.index("say two things") < text.index("one\ntwo\n") < text.index("=== echo 'a b'\na b\n")
    assert log.stat().st_mode & 0o777 == 0o600


def test_folder_and_environment(tmp_path: Path) -> None:
    log = tmp_path / "log"
    run(
        argv=["sh", "-c", 'pwd; echo "$CANARY" | wc -c'],
        chdir=str(tmp_path),
        environment={"CANARY": "xyz"},
        log=str(log),
    )
    assert f"{tmp_path}\n4\n" in log.read_text(encoding="utf-8")
    assert "xyz" not in log.read_text(encoding="utf-8")


def test_a_failure_shows_the_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = "for n in 1 2 3 4 5; do echo line $n; done; printf 'no end of line'; exit 7"
    result = run(argv=["sh", "-c", script], stage="count", tail=3, log=str(log))
    assert result["failed"] is True
    assert result["rc"] == 7
    assert "count failed with exit code 7" in result["msg"]
    assert "line 4\nline 5\nno end of line\n" in result["msg"]
    assert "line 3" not in result["msg"]
    assert str(log) in result["msg"]


def test_a_command_ended_by_a_signal_says_so() -> None:
    assert "was ended by SIGKILL" in run(argv=["sh", "-c", "kill -9 $$"])["msg"]


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing")
    result = run(argv=[missing])
    assert result["failed"] is True
    assert missing in result["msg"]


def test_a_bad_pattern_is_named() -> None:
    assert "regular expression" in run(argv=["true"], progress={"pattern": "("})["msg"]


def test_what_is_marked_as_done_is_not_done_again(tmp_path: Path) -> None:
    target, marker = tmp_path / "target", tmp_path / "made/here/done"
    arguments: dict[str, Any] = {"argv": ["touch", str(target)], "marker": str(marker)}
    assert run(**arguments, _ansible_check_mode=True)["changed"] is True
    assert not target.exists()
    assert run(**arguments)["changed"] is True
    assert target.exists()
    assert json.loads(marker.read_text(encoding="utf-8"))["seconds"] > 0
    for check in (True, False):
        assert run(**arguments, _ansible_check_mode=check)["changed"] is False


def test_what_fails_is_not_marked_as_done(tmp_path: Path) -> None:
    marker = tmp_path / "done"
    for _ in range(2):
        assert run(argv=["false"], marker=str(marker))["rc"] == 1
    assert not marker.exists()


@pytest.mark.parametrize("worker_succeeds", [True, False])
def test_the_same_work_is_waited_for_and_done_only_if_it_failed(tmp_path: Path, worker_succeeds: bool) -> None:
    marker, gate, runs, file = tmp_path / "done", tmp_path / "gate", tmp_path / "runs", tmp_path / "progress.json"
    script = f"echo x >>{runs}; until [ -e {gate} ]; do sleep 0.05; done; "
    first = start(argv=["sh", "-c", f"{script} {str(worker_succeeds).lower()}"], marker=str(marker))
    wait_for(runs.exists)
    second = start(argv=["sh", "-c", script], stage="compile", marker=str(marker), progress_file=str(file))
    wait_for(lambda: [entry.stage for entry in read_progress(file)] == ["wait for another run: compile"])
    assert runs.read_text(encoding="utf-8") == "x\n"
    gate.touch()
    first.communicate()
    assert json.loads(second.communicate()[0])["changed"] is not worker_succeeds
    assert len(runs.read_text(encoding="utf-8").split()) == (1 if worker_succeeds else 2)
    assert marker.exists()


def test_a_waiting_run_leaves_the_line_of_its_own_worker_alone(tmp_path: Path) -> None:
    marker, gate, file = tmp_path / "done", tmp_path / "gate", tmp_path / "progress.json"
    arguments: dict[str, Any] = {
        "argv": ["sh", "-c", f"until [ -e {gate} ]; do sleep 0.05; done"],
        "stage": "compile",
        "marker": str(marker),
        "progress_file": str(file),
    }
    first = start(**arguments)
    wait_for(lambda: read_progress(file))
    second = start(**arguments)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(1)
    assert [entry.pid for entry in read_progress(file)] == [first.pid]
    gate.touch()
    first.communicate()
    second.communicate()


def test_progress_is_reported_while_the_command_runs(tmp_path: Path) -> None:
    file, gate = tmp_path / "progress.json", tmp_path / "gate"
    script = f"echo '#7 [2/5] COPY app'; while [ ! -e {gate} ]; do sleep 0.05; done"
    pattern = r"\[(?P<done>\d+)/(?P<total>\d+)\] (?P<detail>.*)"
    process = start(
        argv=["sh", "-c", script],
        stage="build",
        progress={"pattern": pattern, "unit": "steps"},
        progress_file=str(file),
        estimate_seconds=100,
    )
    wait_for(lambda: any(entry.done == 2 for entry in read_progress(file)))
    (entry,) = read_progress(file)
    assert (entry.stage, entry.total, entry.unit, entry.detail) == ("build", 5, "steps", "COPY app")
    assert entry.estimate_seconds == 100
    gate.touch()
    assert process.wait() == 0
    assert read_progress(file) == []


def test_a_silent_command_still_has_a_heartbeat(tmp_path: Path) -> None:
    file, gate = tmp_path / "progress.json", tmp_path / "gate"
    process = start(argv=["sh", "-c", f"while [ ! -e {gate} ]; do sleep 0.05; done"], progress_file=str(file))
    wait_for(lambda: read_progress(file))
    first = read_progress(file)[0].updated
    wait_for(lambda: read_progress(file)[0].updated > first)
    gate.touch()
    assert process.wait() == 0


def _family(tmp_path: Path) -> tuple[subprocess.Popen[str], int]:
    """A module whose command has a child that ignores SIGTERM; returns the module and that child's process id."""
    file = tmp_path / "pid"
    script = f"(trap '' TERM; echo $BASHPID > {file}.new; mv {file}.new {file}; while :; do sleep 0.1; done) & wait"
    process = start(argv=["bash", "-c", script], stage="long work")
    wait_for(file.exists)
    return process, int(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_interruption_ends_the_whole_process_group(tmp_path: Path, number: signal.Signals) -> None:
    process, child = _family(tmp_path)
    process.send_signal(number)
    output, _ = process.communicate()
    assert number.name in json.loads(output)["msg"]
    wait_for(lambda: not alive(child))


def test_the_work_ends_when_nobody_waits_for_its_result(tmp_path: Path) -> None:
    process, child = _family(tmp_path)
    assert process.stdout is not None
    process.stdout.close()
    wait_for(lambda: not alive(child))
    process.wait()


def test_a_daemon_that_stays_does_not_hold_the_module(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    result = run(argv=["sh", "-c", f"sleep 600 & echo $! > {file}; echo started"])
    assert (result["rc"], result["lines"]) == (0, 1)
    os.kill(int(file.read_text(encoding="utf-8")), signal.SIGKILL)


def test_lines_are_counted() -> None:
    meter = Meter(3, None)
    assert [meter.read("a"), meter.read("b")] == [Reading(1, 3), Reading(2, 3)]


def test_only_matching_lines_are_counted() -> None:
    meter = Meter(3, "^k8s")
    assert [meter.read("go: downloading"), meter.read("k8s.io/api")] == [None, Reading(1, 3)]


def test_what_has_begun_is_not_done() -> None:
    meter = Meter(None, r"\[(?P<begun>\d+)/(?P<total>\d+)\]")
    assert [meter.read("[1/2] RUN"), meter.read("[2/2] RUN")] == [Reading(0, 2), Reading(1, 2)]


def test_percentages_are_read() -> None:
    meter = Meter(None, r"(?P<percent>[\d.]+)%")
    assert meter.read("now 12.5% done") == Reading(percent=12.5)
    assert meter.read("nothing") is None


def test_escape_sequences_and_carriage_returns_are_not_part_of_a_line() -> None:
    result = run(argv=["printf", r"10%%\r\033[1m20%%\033[0m\rend of it\n"], tail=2)
    assert result["lines"] == 3
    failed = run(argv=["sh", "-c", r"printf '10%%\r\033[1m20%%\033[0m\n'; exit 1"], tail=2)
    assert "\n10%\n20%" in failed["msg"]
