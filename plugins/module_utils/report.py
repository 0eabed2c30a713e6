"""The report of a run: as a table for the terminal, as one HTML file, as JSON, and as JUnit XML."""

from __future__ import annotations

import dataclasses
import html
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ansible_collections.todo.platform.plugins.module_utils.progress import format_seconds, write_json, write_text
from ansible_collections.todo.platform.plugins.module_utils.timings import RunTimings

JSON_NAME, HTML_NAME, JUNIT_NAME = "report.json", "report.html", "junit.xml"
FORMAT = 1
"""Number of the layout of report.json; a reader of another layout must not use it."""

READABLE = 0o644
WORDS = {"ok": "ok", "warning": "warning", "failed": "FAILED", "skipped": "not run"}
DETAIL_WIDTH = 88


@dataclasses.dataclass
class Report:
    """All that a report tells. `checks` are results of checks as plain data, `started` and `finished` epoch seconds.

    `restarts` and `written` are for the next run: restarts so far, and what the writing checks have passed on.
    """

    deployment: str
    namespace: str
    started: float
    finished: float
    checks: list[dict[str, Any]]
    run: RunTimings | None = None
    urls: list[dict[str, str]] = dataclasses.field(default_factory=list)
    workloads: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    restarts: dict[str, int] = dataclasses.field(default_factory=dict)
    written: dict[str, Any] = dataclasses.field(default_factory=dict)

    def of_status(self, *statuses: str) -> list[dict[str, Any]]:
        """The checks that ended so."""
        return [check for check in self.checks if check["status"] in statuses]

    @property
    def status(self) -> str:
        """`failed`, `warning` or `ok`."""
        return next((status for status in ("failed", "warning") if self.of_status(status)), "ok")

    @property
    def summary(self) -> str:
        """One line: how many checks passed, and what became of the others."""
        run = len(self.of_status("ok", "warning", "failed"))
        passed = len(self.of_status("ok", "warning"))
        parts = [f"{passed} of {run} checks passed" if run else "nothing was checked"]
        parts += [
            f"{len(found)} {word}"
            for status, word in (("warning", "with a warning"), ("skipped", "not run"))
            if (found := self.of_status(status))
        ]
        return ", ".join(parts)

    def document(self) -> dict[str, Any]:
        """The report as plain data: the layout of report.json."""
        run = self.run
        return {
            "format": FORMAT,
            "deployment": self.deployment,
            "namespace": self.namespace,
            "status": self.status,
            "summary": self.summary,
            "started": iso(self.started),
            "finished": iso(self.finished),
            "playbook": run.playbook if run else None,
            "run_seconds": round(self.finished - run.started, 3) if run else None,
            "stages": [{**dataclasses.asdict(stage), "seconds": round(stage.seconds, 3)} for stage in run.stages]
            if run
            else [],
            "checks": self.checks,
            "urls": self.urls,
            "workloads": self.workloads,
            "restarts": self.restarts,
            "written": self.written,
        }


def write(report: Report, folder: Path) -> dict[str, str]:
    """Write all forms of the report into `folder` and return their paths: {"json": ..., "html": ..., "junit": ...}.

    :raises OSError: the folder cannot be written to.
    """
    write_json(folder / JSON_NAME, report.document(), READABLE)
    write_text(folder / HTML_NAME, as_html(report), READABLE)
    write_text(folder / JUNIT_NAME, as_junit(report), READABLE)
    return {"json": str(folder / JSON_NAME), "html": str(folder / HTML_NAME), "junit": str(folder / JUNIT_NAME)}


def iso(moment: float) -> str:
    """`2026-11-22T05:40:00Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


# ---- terminal ------------------------------------------------------------------------------------------------------


def as_table(report: Report, paths: dict[str, str]) -> str:
    """The report for a terminal: a row a check, the stages, the addresses. No line ends in a space."""
    widths = [max(map(len, WORDS.values())), max((len(check["name"]) for check in report.checks), default=0)]
    lines = [f"{report.deployment}: {report.summary}", ""]
    for check in report.checks:
        first, *more = _wrap(check["detail"])
        took = "" if check["status"] == "skipped" else f"  ({format_seconds(check['seconds'])})"
        last = len(more) == 0
        lines.append(_row(WORDS[check["status"]], check["name"], first + (took if last else ""), widths))
        lines += [_row("", "", text + (took if text is more[-1] else ""), widths) for text in more]
    if report.run and report.run.stages:
        lines += ["", "Stages: " + ", ".join(f"{one.name} {format_seconds(one.seconds)}" for one in report.run.stages)]
    lines += [f"Open:   {one['url']}  ({one['name']})" for one in report.urls]
    if paths:
        lines.append(f"Report: {paths['html']}")
    return "\n".join(line.rstrip() for line in lines)


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, DETAIL_WIDTH, break_long_words=False, break_on_hyphens=False) or [""]


def _row(word: str, name: str, text: str, widths: Sequence[int]) -> str:
    return f"  {word:<{widths[0]}}  {name:<{widths[1]}}  {text}"


def as_failure(report: Report, paths: dict[str, str]) -> str:
    """What failed, why, and what to do, for an error message."""
    failed = report.of_status("failed")
    lines = [f"{report.deployment} is not healthy: {report.summary}."]
    for check in failed:
        lines.append(f"{check['name']}: {check['detail']}")
        lines += check["evidence"]
        lines += [f"  {check['hint']}"] if check["hint"] else []
    lines += [f"The whole report is in {paths['html']}"] if paths else []
    return "\n".join(line.rstrip() for line in lines)


# ---- JUnit ---------------------------------------------------------------------------------------------------------


def as_junit(report: Report) -> str:
    """The checks as a JUnit test suite, for CI servers. A warning is a passed test with output."""
    suite = ElementTree.Element(
        "testsuite",
        name=f"validate.{report.deployment}",
        tests=str(len(report.checks)),
        failures=str(len(report.of_status("failed"))),
        errors="0",
        skipped=str(len(report.of_status("skipped"))),
        time=f"{report.finished - report.started:.3f}",
        timestamp=iso(report.started).removesuffix("Z"),
    )
    for check in report.checks:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"{report.deployment}.{check['type']}",
            name=check["name"],
            time=f"{check['seconds']:.3f}",
        )
        text = _xml_text("\n".join([check["detail"], *check["evidence"], check["hint"]]).strip())
        if check["status"] == "failed":
            ElementTree.SubElement(case, "failure", message=_xml_text(check["detail"])).text = text
        elif check["status"] == "skipped":
            ElementTree.SubElement(case, "skipped", message=_xml_text(check["detail"]))
        else:
            ElementTree.SubElement(case, "system-out").text = text
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _xml_text(text: str) -> str:
    """`text` without the control characters that XML can't hold."""
    return "".join(character for character in text if character in "\t\n" or character >= " ")


# ---- HTML ----------------------------------------------------------------------------------------------------------

STYLE = """
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1b2430; --quiet: #5b6778; --line: #e3e7ec;
  --accent: #3467d6; --track: #eef1f5; --ok: #17803d; --ok-back: #e4f5ea; --warning: #92590a; --warning-back: #fdf1d8;
  --failed: #b3261e; --failed-back: #fde8e6; --skipped: #5b6778; --skipped-back: #eceff3; }
@media (prefers-color-scheme: dark) { :root { --page: #10151c; --card: #19212b; --text: #e5eaf1; --quiet: #9aa7b8;
  --line: #2a3542; --accent: #7aa5ff; --track: #222c38; --ok: #6fd896; --ok-back: #15341f; --warning: #f0bd62;
  --warning-back: #3a2c10; --failed: #ff9a91; --failed-back: #451b18; --skipped: #9aa7b8; --skipped-back: #26303c; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem 3rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; display: grid; gap: 1.25rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; overflow-wrap: anywhere; }
header p { margin: 0; color: var(--quiet); flex-basis: 100%; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.1rem 1.25rem; }
h2 { margin: 0 0 .75rem; font-size: 1rem; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: 500; color: var(--quiet); font-size: .85rem; padding: 0 .75rem .35rem 0; }
td { padding: .45rem .75rem .45rem 0; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:first-child, .name { white-space: nowrap; overflow-wrap: normal; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; color: var(--quiet);
  padding-right: 0; }
.pill { display: inline-block; padding: .05rem .6rem; border-radius: 1rem; font-size: .85rem; font-weight: 600; }
.ok { color: var(--ok); background: var(--ok-back); }
.warning { color: var(--warning); background: var(--warning-back); }
.failed { color: var(--failed); background: var(--failed-back); }
.skipped { color: var(--skipped); background: var(--skipped-back); }
.hint { color: var(--quiet); }
pre { margin: .5rem 0 0; padding: .6rem .75rem; background: var(--track); border-radius: .5rem; overflow-x: auto;
  font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; white-space: pre-wrap; }
svg { display: block; width: 100%; height: 1rem; } .track { fill: var(--track); } .bar { fill: var(--accent); }
.chart { width: 60%; vertical-align: middle; } .chart svg { margin-top: .25rem; }
ul { margin: 0; padding: 0; list-style: none; display: grid; gap: .3rem; } a { color: var(--accent); }
code { font: 13px ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
tr:first-child td { border-top: 0; }
@media (max-width: 48rem) {
  .chart { width: 50%; } .extra { display: none; }
  .grid tr { display: grid; grid-template-columns: auto 1fr auto; gap: .15rem .6rem; padding: .5rem 0;
    border-top: 1px solid var(--line); }
  .grid tr:first-child { border-top: 0; } .grid td { border: 0; padding: 0; white-space: normal; }
  .grid .wide { grid-column: 1 / -1; grid-row: 2; }
}
"""


def as_html(report: Report) -> str:
    """The report as one HTML document that needs nothing else, in light and dark."""
    sections = [_urls(report), _stages(report), _checks(report), _workloads(report)]
    took = f" · the whole run took {format_seconds(report.finished - report.run.started)}" if report.run else ""
    title = html.escape(report.deployment)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}: {report.status}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<header>
<h1>{title}</h1>
{_pill(report.status, {"ok": "healthy", "warning": "healthy, with warnings", "failed": "not healthy"}[report.status])}
<p>{html.escape(report.summary)} · namespace {html.escape(report.namespace)} · {iso(report.finished)}{took}</p>
</header>
{"".join(sections)}</main>
</body>
</html>
"""


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{title}</h2>\n{body}\n</section>\n"


def _pill(status: str, text: str) -> str:
    return f'<span class="pill {status}">{html.escape(text)}</span>'


def _urls(report: Report) -> str:
    if not report.urls:
        return ""
    items = "\n".join(
        f'<li><a href="{html.escape(one["url"])}">{html.escape(one["url"])}</a> <span class="hint">'
        f"{html.escape(one['name'])}</span></li>"
        for one in report.urls
    )
    return _section("Open", f"<ul>\n{items}\n</ul>")


def _stages(report: Report) -> str:
    if not report.run or not report.run.stages:
        return ""
    whole = max((start + length for stage in report.run.stages for start, length in stage.segments), default=0) or 1
    rows = []
    for stage in report.run.stages:
        bars = "".join(
            f'<rect class="bar" x="{100 * start / whole:.2f}%" width="{max(100 * length / whole, 0.3):.2f}%"'
            ' height="16" rx="3"/>'
            for start, length in stage.segments
        )
        tasks = f"{stage.tasks} task{'' if stage.tasks == 1 else 's'}, {stage.changed} changed"
        rows.append(
            f'<tr><td>{html.escape(stage.name)}</td><td class="chart"><svg role="img" aria-label="'
            f'{format_seconds(stage.seconds)}"><rect class="track" width="100%" height="16" rx="3"/>{bars}</svg></td>'
            f'<td class="number extra">{tasks}</td><td class="number">{format_seconds(stage.seconds)}</td></tr>'
        )
    return _section("Stages", "<table>\n" + "\n".join(rows) + "\n</table>")


def _checks(report: Report) -> str:
    rows = []
    for check in report.checks:
        more = f'<div class="hint">{html.escape(check["hint"])}</div>' if check["hint"] else ""
        if check["evidence"]:
            more += f"<pre>{html.escape(textwrap.dedent(chr(10).join(check['evidence'])))}</pre>"
        took = "" if check["status"] == "skipped" else format_seconds(check["seconds"])
        rows.append(
            f"<tr><td>{_pill(check['status'], WORDS[check['status']].lower())}</td>"
            f'<td class="name">{html.escape(check["name"])}</td>'
            f'<td class="wide">{html.escape(check["detail"])}{more}</td><td class="number">{took}</td></tr>'
        )
    return _section("Checks", '<table class="grid">\n' + "\n".join(rows) + "\n</table>")


def _workloads(report: Report) -> str:
    if not report.workloads:
        return ""
    rows = [
        f"<tr><td>{html.escape(one['name'])}</td><td>{html.escape(one['kind'])}</td>"
        f'<td class="wide"><code>{html.escape(", ".join(one["images"]))}</code></td>'
        f'<td class="number">{one["ready"]} of {one["wanted"]} ready</td></tr>'
        for one in report.workloads
    ]
    return _section("What runs", '<table class="grid">\n' + "\n".join(rows) + "\n</table>")
