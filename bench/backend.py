"""What is measured of the backend: alone, with a PostgreSQL of its own, on the loopback."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.measures import Measure
from tests.product.platform import ROOT

EXAMPLES = 150
"""Of Schemathesis' own for each operation; with those that the document suggests they are over 20,000."""


def run(module: str, *arguments: str) -> Any:
    """What a module of the backend's writes as JSON at the end of its output; its errors are shown as they come."""
    argv = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(argv, cwd=ROOT / "app/backend", stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def fuzz() -> list[Measure]:
    """Requests of every kind, with a token and without."""
    rounds = run("tests.fuzzing", str(EXAMPLES))
    cases = sum(each["cases"] for each in rounds.values())
    faults = sum(each["faults"] for each in rounds.values())
    operations = min(each["operations"] for each in rounds.values())
    measured = f"{cases:,} to {operations} operations, {faults} faults"
    return [Measure("requests that Schemathesis makes up, all checks", "≥ 20,000, no fault", measured)]


def coverage() -> list[Measure]:
    """Lines and branches of the backend and the agent that the tests of each reach; nothing is left out."""
    reached = there = 0
    for name in ("backend", "agent"):
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            options = ["-q", "-n2", "--cov", f"--cov-report=json:{report}", "--no-cov-on-fail"]
            subprocess.run([sys.executable, "-m", "pytest", *options], cwd=ROOT / "app" / name, check=True)
            totals = json.loads(report.read_text())["totals"]
        reached += totals["covered_lines"] + totals["covered_branches"]
        there += totals["num_statements"] + totals["num_branches"]
    promise = "lines and branches that the tests of the backend and the agent reach"
    return [Measure(promise, "≥ 95 %", f"{100 * reached / there:.1f} % of {there:,}")]


def lists() -> list[Measure]:
    """Lists of 50 of a user's 1,000 tasks, among a million and alone; the worst of all orders and filters counts."""
    found = run("bench.lists")
    name = max(found, key=lambda name: found[name]["ratio"])
    measured = f"{found[name]['ratio']:.2f} ({name}; of {len(found)} lists)"
    promise = "list of 50 from 1,000,000 tasks of 1,000 users ÷ the same from 1,000 tasks"
    return [Measure(promise, "≤ 1.5", measured, [found[name]["among others"], found[name]["alone"]])]


def throughput() -> list[Measure]:
    """Lists of 50 tasks and new tasks a second, with one worker, beside others in the same run."""
    found = run("bench.throughput")
    measures = []
    for peer, action, wanted, name in (
        ("template", "list", 2, "the full-stack FastAPI template's list of items"),
        ("template", "create", 2, "its new items"),
        ("bare", "list", 0.5, "the same statement in bare Starlette and asyncpg"),
    ):
        if peer not in found:
            continue
        own, other = found["ours"][action], found[peer][action]
        ratio, slowest = own["a second"] / other["a second"], own["p99"] / other["p99"]
        limit = f"≥ {wanted}" + (", p99 ≤ 1" if peer == "template" else "")
        measured = f"{ratio:.2f}" + (f", p99 {slowest:.2f}" if peer == "template" else "")
        what = "lists" if action == "list" else "new tasks"
        measures.append(Measure(f"{what} a second ÷ {name}", limit, measured, [own["p99"], other["p99"]]))
    return measures


def restore() -> list[Measure]:
    """A backup of a million tasks: decrypted, checked, restored and compared, beside pg_restore of the same dump."""
    found = run("bench.restore")
    ours, plain = statistics.median(found["ours"]), statistics.median(found["plain"])
    measured = f"{ours / plain:.2f} ({ours:.0f} s for {found['rows']:,} rows)"
    promise = "restore of a backup of 1,000,000 tasks ÷ plain pg_restore"
    return [Measure(promise, "≤ 3", measured, [*found["ours"], *found["plain"]])]


def chat() -> list[Measure]:
    """What chat adds to the answer of a model that does not think, over the same SDK's direct call in the same run."""
    found = run("bench.chat")
    measures = []
    for name, what, wanted in (
        ("whole", "the whole answer", "≤ 30 ms"),
        ("first", "the first piece of text", "≤ 50 ms"),
    ):
        direct, through = found["directly"][name], found["by chat"][name]
        measured = f"{(through - direct) * 1000:.1f} ms ({direct * 1000:.1f} ms directly)"
        measures.append(Measure(f"chat's median over the provider's own, {what}", wanted, measured, [direct, through]))
    return measures


ALL: dict[str, Callable[[], list[Measure]]] = {
    "coverage": coverage,
    "lists": lists,
    "throughput": throughput,
    "restore": restore,
    "chat": chat,
    "fuzz": fuzz,
}
