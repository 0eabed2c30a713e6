"""Runs that are cut off, that meet, or that have no network: nothing is lost, and the next one gets there."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.product.platform import ROOT, TINY, TINY_STATE, command, kubectl, play, told
from tests.product.tiny.killing import edition, killed
from tests.product.tiny.tiny import extra, greeting, greets, run, serving

pytestmark = pytest.mark.usefixtures("tiny")
CLOSED = "http://127.0.0.1:9"
# A task that acts in each stage, as the run says it.
TASKS = [
    "Look whether all is there that the run will need",
    "Read the vault",
    "Build with BuildKit into the node's store",
    "Remember what was built",
    "Write | Secret tiny/tiny",
    "Present | Bring each release to its wanted state",
    "Check the deployment and write the report",
]


def test_killed_at_any_stage_and_run_again(tmp_path: Path) -> None:
    """A new image, a Secret that is gone and another greeting; each run is killed a stage later than the one before."""
    variables = edition(tmp_path, "good day")
    kubectl("delete", "secret", "tiny", namespace="tiny")
    for task in TASKS:
        assert killed(*extra(tmp_path, variables), task=task), task
        assert greeting() in {"hello", "good day"}
    again = run(tmp_path, **variables)
    assert again.code == 0, again.output[-4000:]
    assert greets("good day")
    assert run(tmp_path, **variables).changed == 0


def test_two_runs_at_once_the_second_says_so() -> None:
    argv = command(inventory=TINY)
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as first:
        try:
            deadline = time.monotonic() + 60
            while holder() != first.pid and time.monotonic() < deadline:
                time.sleep(0.05)
            first.send_signal(signal.SIGSTOP)
            second = play(inventory=TINY)
        finally:
            first.send_signal(signal.SIGCONT)
        output, _ = first.communicate()
    assert first.returncode == 0, output[-3000:]
    told(second, "another run is at work", f"process {first.pid}", "wait until it is over")
    assert len(second.problems) == 1


def holder() -> int:
    """The process that holds the checkout's lock."""
    return int(json.loads((TINY_STATE / "run.lock").read_text())["pid"])


def test_no_network_and_filled_caches() -> None:
    """Taken away and brought up again: nothing is fetched for it."""
    before = serving()
    answers = ("-e", "reset_confirmed=true", "-e", "reset_cluster=false")
    gone = play(*answers, playbook="playbooks/reset.yml", inventory=TINY)
    assert gone.code == 0, gone.output[-4000:]
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), CLOSED)
    up = play(inventory=TINY, environment=proxies)
    assert up.code == 0, up.output[-4000:]
    reachable = json.loads((TINY_STATE / "reachable.json").read_text())["reachable"]
    assert (reachable["images"], reachable["pypi"]) == (False, False)
    assert not set(serving()) & set(before)
    assert greets("hello")
    again = play(inventory=TINY)
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]
