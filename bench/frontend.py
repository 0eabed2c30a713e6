"""What is measured of the frontend: the built server, with a backend and a database of its own, on the loopback."""

from __future__ import annotations

import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.measures import RUNS, Measure, command
from tests.product.platform import ROOT

FRONTEND = ROOT / "app/frontend"
LIGHTHOUSE = "lighthouse@13.5.0"
CHROMIUM = os.environ.get("CHROMIUM_PATH", "/usr/bin/chromium")
BROWSER_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
CATEGORIES = {"performance": 95, "accessibility": 100, "best-practices": 100}
TASKS = 30
LONG_LIST = 10_000
IMPORTED_AT_ONCE = 1_000


def lighthouse() -> list[Measure]:
    """Lighthouse on the task list of someone who is signed in, as a phone sees it and as a desktop does."""
    command(["npm", "--prefix", str(FRONTEND), "run", "build"])
    measures = []
    with served() as url, tempfile.TemporaryDirectory() as folder:
        headers = Path(folder) / "headers.json"
        headers.write_text(json.dumps({"Cookie": session(url)}))
        for device, options in {"phone": [], "desktop": ["--preset=desktop"]}.items():
            reports = [audit(url, headers, options) for _ in range(RUNS)]
            for category, wanted in CATEGORIES.items():
                score = statistics.median(report["categories"][category]["score"] * 100 for report in reports)
                promise = f"Lighthouse, {category}, {device} (median of {RUNS})"
                measures.append(Measure(promise, f"≥ {wanted}", f"{score:.0f}"))
        environment = {"URL": url, "COOKIE": session(url), "CHROMIUM_PATH": CHROMIUM}
        scripts = int(command(["node", str(FRONTEND / "scripts/measure-weight.mjs")], **environment))
    measures.append(Measure("JavaScript of the first page, compressed", "≤ 150 kB", f"{scripts / 1000:.0f} kB"))
    return measures


def long_list() -> list[Measure]:
    """What holds the page up while someone goes through a long list, ticks its last task and renames it."""
    command(["npm", "--prefix", str(FRONTEND), "run", "build"])
    with served() as url:
        environment = {
            "URL": url,
            "COOKIE": session(url, LONG_LIST),
            "TASKS": str(LONG_LIST),
            "CHROMIUM_PATH": CHROMIUM,
        }
        found: list[int] = json.loads(command(["node", str(FRONTEND / "scripts/measure-list.mjs")], **environment))
    promise = f"longest task of the page while a list of {LONG_LIST} is scrolled and changed"
    return [Measure(promise, "≤ 50 ms", f"{max(found)} ms" if found else "≤ 50 ms", [ms / 1000 for ms in found])]


def start() -> list[Measure]:
    """From the start of the server to its first answer, beside a Node.js that serves one page."""
    command(["npm", "--prefix", str(FRONTEND), "run", "build"])
    script = FRONTEND / "scripts/measure-start.mjs"
    done = subprocess.run(["node", script], cwd=FRONTEND, stdout=subprocess.PIPE, text=True, check=True)
    times = {name: statistics.median(found) for name, found in json.loads(done.stdout).items()}
    measured = f"{times['app'] / times['page']:.1f}"
    promise = "cold start of the frontend to its first answer ÷ `node -e` that serves one page"
    return [Measure(promise, "≤ 2", measured, [times["app"], times["page"]])]


@contextmanager
def served() -> Iterator[str]:
    """The app on the loopback, until it is left."""
    backend, frontend = "18000", "13000"
    url = f"http://localhost:{frontend}"
    environment = os.environ | {
        "HOSTNAME": "127.0.0.1",
        "PORT": frontend,
        "BACKEND_INTERNAL_URL": f"http://127.0.0.1:{backend}",
        "NEXT_PUBLIC_LOG_LEVEL": "error",
    }
    processes = [
        subprocess.Popen([sys.executable, "-m", "tests.stack", backend], cwd=ROOT / "app/backend"),
        subprocess.Popen(["node", ".next/standalone/server.js"], cwd=FRONTEND, env=environment),
    ]
    try:
        while not is_ready(f"{url}/bff/status"):
            if any(process.poll() is not None for process in processes):
                raise SystemExit("the app could not be started")
            time.sleep(0.1)
        yield url
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def is_ready(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.HTTPError:
        return False


def session(url: str, tasks: int = TASKS) -> str:
    """The cookies of a new user with some tasks, the last one newest."""
    account = {"email": f"{uuid.uuid4()}@example.com", "password": "quiet-lantern-over-water"}
    with httpx.Client(base_url=f"{url}/bff", headers={"Origin": url}, timeout=60) as browser:
        for path in ("/auth/signup", "/auth/login"):
            browser.post(path, json=account).raise_for_status()
        for first in range(0, tasks, IMPORTED_AT_ONCE):
            numbers = range(first + 1, min(first + IMPORTED_AT_ONCE, tasks) + 1)
            content = {"tasks": [{"title": f"Task number {n}", "created_at": created(n)} for n in numbers]}
            file = ("tasks.json", json.dumps(content), "application/json")
            browser.post("/import", params={"format": "json"}, files={"file": file}).raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def created(number: int) -> str:
    return (datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=number)).isoformat()


def audit(url: str, headers: Path, options: list[str]) -> Any:
    argv = ["npm", "exec", "--yes", "--package", LIGHTHOUSE, "--", "lighthouse", url, "--quiet", "--output=json"]
    argv += [f"--extra-headers={headers}", f"--only-categories={','.join(CATEGORIES)}", *options]
    argv.append(f"--chrome-flags={BROWSER_FLAGS}")
    for _ in range(RUNS):
        done = subprocess.run(
            argv, capture_output=True, text=True, env={**os.environ, "CHROME_PATH": CHROMIUM}, check=False
        )
        if done.returncode == 0:
            return json.loads(done.stdout)
        # It asks to be run again where the browser's trace lacks the beginning of the page.
        if "NO_NAVSTART" not in done.stderr:
            break
    raise SystemExit(f"Lighthouse failed:\n{done.stderr[-3000:]}")


ALL: dict[str, Callable[[], list[Measure]]] = {
    "lighthouse": lighthouse,
    "long_list": long_list,
    "frontend_start": start,
}
