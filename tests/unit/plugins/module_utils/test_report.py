"""The report's forms, and the timings that it shows."""

from __future__ import annotations

import html.parser
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.todo.platform.plugins.module_utils.report import (
    Report,
    as_failure,
    as_html,
    as_junit,
    as_table,
    write,
)
from ansible_collections.todo.platform.plugins.module_utils.timings import (
    RunTimings,
    read_run,
    read_task_seconds,
    write_task_seconds,
)

START = 1_800_000_000.0
HOSTILE = "</pre><script>alert('x')</script> & \x1b[31mred"


def check(name: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": "pods",
        "status": status,
        "detail": f"{name} is {status}",
        "seconds": 0.25,
        "attempts": 1,
        "hint": "",
        "evidence": [],
        **more,
    }


@pytest.fixture
def report() -> Report:
    run = RunTimings("site.yml", started=START)
    run.enter("cluster", START)
    run.enter("images", START + 60)
    run.enter("cluster", START + 90)
    run.leave(START + 100)
    run.stage("images").changed = 2
    return Report(
        deployment="dev",
        namespace="todo-dev",
        started=START + 99,
        finished=START + 100,
        checks=[
            check("pods", "ok"),
            check("logs", "warning"),
            check("page", "failed", hint="try: look", evidence=["event: Unhealthy", HOSTILE], detail="a " * 80 + "z"),
            check("story", "skipped"),
        ],
        run=run,
        urls=[{"name": "web", "url": "http://todo.localhost/"}],
        workloads=[{"kind": "Deployment", "name": "web", "images": ["web:1"], "ready": 1, "wanted": 2}],
    )


def test_the_table_is_aligned_and_has_no_trailing_space(report: Report) -> None:
    lines = as_table(report, {"html": "/state/report.html"}).splitlines()
    assert lines[0] == "dev: 2 of 3 checks passed, 1 with a warning, 1 not run"
    assert "  ok       pods   pods is ok  (250ms)" in lines
    assert "  not run  story  story is skipped" in lines
    first = next(number for number, line in enumerate(lines) if "FAILED" in line)
    assert lines[first + 1].index("a a") == lines[first].index("a a")
    assert "Stages: cluster 1m10s, images 30s" in lines
    assert "Open:   http://todo.localhost/  (web)" in lines
    assert lines[-1] == "Report: /state/report.html"
    assert all(line == line.rstrip() for line in lines)


def test_the_failure_says_what_and_why_and_what_to_do(report: Report) -> None:
    text = as_failure(report, {"html": "/state/report.html"})
    assert text.startswith("dev is not healthy: ")
    for part in ("page: a a", "event: Unhealthy", "try: look", "/state/report.html"):
        assert part in text
    assert "logs is warning" not in text


def test_junit_has_a_case_for_each_check(report: Report) -> None:
    suite = ElementTree.fromstring(as_junit(report))  # noqa: S314  # made right here
    assert {key: suite.get(key) for key in ("tests", "failures", "skipped")} == {
        "tests": "4",
        "failures": "1",
        "skipped": "1",
    }
    cases = {case.get("name"): case for case in suite}
    assert [case.tag for case in cases["page"]] == ["failure"]
    assert "alert('x')" in (cases["page"][0].text or "")
    assert [case.tag for case in cases["story"]] == ["skipped"]
    assert [case.tag for case in cases["logs"]] == ["system-out"]


class Page(html.parser.HTMLParser):
    """Collects tags, addresses and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "rect"):
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_startendtag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_whole_and_needs_nothing_else(report: Report) -> None:
    page = Page(as_html(report))
    assert page.open == []
    assert page.addresses == ["http://todo.localhost/"]
    assert "script" not in page.tags
    assert "alert('x')" in page.text
    assert "url(" not in page.text
    assert "@import" not in page.text
    assert page.tags.count("rect") == 2 + 3  # a track for each stage, a bar for each of its parts
    for part in ("not healthy", "2 of 3 checks passed", "1m40s", "web:1", "1 of 2 ready", "0 tasks, 2 changed"):
        assert part in page.text


def test_the_page_of_an_empty_report_is_whole() -> None:
    page = Page(as_html(Report("dev", "todo-dev", START, START, [])))
    assert page.open == []
    assert "healthy" in page.text


@pytest.mark.parametrize(
    ("found", "status"), [(["ok", "skipped"], "ok"), (["ok", "warning"], "warning"), (["warning", "failed"], "failed")]
)
def test_the_worst_check_decides(found: list[str], status: str) -> None:
    assert Report("dev", "ns", START, START, [check(one, one) for one in found]).status == status


def test_all_forms_are_written_and_readable(report: Report, tmp_path: Path) -> None:
    paths = write(report, tmp_path / "state" / "dev")
    document = json.loads(Path(paths["json"]).read_text(encoding="utf-8"))
    assert document["stages"][0] == {
        "name": "cluster",
        "tasks": 0,
        "changed": 0,
        "failed": 0,
        "segments": [[0.0, 60.0], [90.0, 10.0]],
        "seconds": 70.0,
    }
    assert (document["finished"], document["run_seconds"]) == ("2027-01-15T08:01:40Z", 100.0)
    for path in paths.values():
        assert Path(path).stat().st_mode & 0o777 == 0o644


def test_timings_of_this_run_only(tmp_path: Path) -> None:
    run = RunTimings("site.yml", started=START)
    run.enter("cluster", START)
    run.write(tmp_path)
    assert read_run(tmp_path, "another", START + 5) is None
    assert read_run(tmp_path, None, START + 5) is None
    found = read_run(tmp_path, run.id, START + 5)
    assert found is not None
    assert found.stages[0].segments == [[0.0, 5.0]]
    run.leave(START + 7)
    run.finished = START + 7
    run.write(tmp_path)
    found = read_run(tmp_path, run.id, START + 500)
    assert found is not None
    assert found.stages[0].seconds == 7.0


@pytest.mark.parametrize("text", ["", "[]", '{"stages": 1}', '{"tasks": 1}', '{"tasks": {"a": "b"}}'])
def test_broken_timings_are_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "timings.json").write_text(text, encoding="utf-8")
    assert read_run(tmp_path, "x", START) is None
    assert read_task_seconds(tmp_path) == {}


def test_task_durations_are_kept(tmp_path: Path) -> None:
    write_task_seconds(tmp_path, {"compile": 740.26})
    assert read_task_seconds(tmp_path) == {"compile": 740.3}
