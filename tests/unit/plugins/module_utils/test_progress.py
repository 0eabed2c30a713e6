"""Progress files: what a module writes is what the callback reads, whoever else writes at the same time."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.todo.platform.plugins.module_utils.progress import (
    Progress,
    StageProgress,
    format_seconds,
    read_progress,
    write_json,
)


def stage(**values: object) -> StageProgress:
    return StageProgress(**{"stage": "compile", "pid": os.getpid(), "started": 1000.0, "updated": 1000.0, **values})  # type: ignore[arg-type]


def test_what_is_written_is_read_and_gone_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "state" / "progress.json"
    with Progress(path, "compile", 1893, unit="packages", estimate_seconds=700) as progress:
        progress._written = float("-inf")
        progress.update(412, "k8s.io/api")
        (entry,) = read_progress(path)
        assert (entry.stage, entry.done, entry.total, entry.unit) == ("compile", 412, 1893, "packages")
        assert (entry.detail, entry.estimate_seconds, entry.pid) == ("k8s.io/api", 700, os.getpid())
        assert path.stat().st_mode & 0o777 == 0o600
    assert read_progress(path) == []


def test_updates_in_quick_succession_are_written_once(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    with Progress(path, "compile", 10) as progress:
        inode = path.stat().st_ino
        progress._written = float("inf")
        for done in range(10):
            progress.update(done)
        assert path.stat().st_ino == inode


def test_stages_of_other_processes_stay(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    with Progress(path, "one"), Progress(path, "two"):
        assert {entry.stage for entry in read_progress(path)} == {"one", "two"}


def _work(path: Path, name: str) -> None:
    with Progress(path, name, 20) as progress:
        for done in range(20):
            progress._written = float("-inf")
            progress.update(done)


def test_many_writers_never_leave_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    workers = [multiprocessing.Process(target=_work, args=(path, f"stage {number}")) for number in range(4)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        if path.exists():
            json.loads(path.read_text(encoding="utf-8"))
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert read_progress(path) == []
    assert json.loads(path.read_text(encoding="utf-8")) == {"stages": {}}


def test_an_entry_of_a_dead_process_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    entry = {"stage": "dead", "pid": gone.pid, "started": 1, "updated": 1}
    write_json(path, {"stages": {"dead": entry}})
    assert read_progress(path) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stages": {"x": {"strange": 1}}}', '{"stages": 3}'])
def test_a_broken_file_reads_as_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(text, encoding="utf-8")
    assert read_progress(path) == []


def test_a_file_that_cannot_be_written_does_not_stop_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with Progress(tmp_path / "file" / "progress.json", "compile") as progress:
        progress.update(1)
    with Progress(None, "compile") as progress:
        progress.update(1)


@pytest.mark.parametrize(
    ("values", "now", "line"),
    [
        (
            {"done": 50, "total": 200, "unit": "packages"},
            1060,
            "50 of 200 packages, 25 %, 1m00s elapsed, about 3m00s left",
        ),
        ({"percent": 50.0}, 1060, "50 %, 1m00s elapsed, about 1m00s left"),
        ({"estimate_seconds": 120.0}, 1030, "25 %, 30s elapsed, about 1m30s left"),
        ({"estimate_seconds": 120.0}, 1180, "99 %, 3m00s elapsed, longer than the usual 2m00s"),
        ({"done": 7, "unit": "lines"}, 1030, "7 lines, 30s elapsed"),
        ({"detail": "etcd"}, 1004, "4s elapsed (etcd)"),
        (
            {"done": 50, "total": 100, "estimate_seconds": 240.0},
            1060,
            "50 of 100, 50 %, 1m00s elapsed, about 2m00s left",
        ),
        ({"done": 300, "total": 200}, 1060, "300 of 200, 100 %, 1m00s elapsed, about 1s left"),
    ],
)
def test_the_line_for_a_person(values: dict[str, object], now: float, line: str) -> None:
    assert stage(**values).line(now) == f"compile: {line}"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0ms"),
        (0.85, "850ms"),
        (0.9996, "1.0s"),
        (4.24, "4.2s"),
        (9.96, "10s"),
        (59.6, "1m00s"),
        (250, "4m10s"),
        (3599.7, "1h00m"),
        (3900, "1h05m"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text
