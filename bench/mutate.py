"""Mutation testing of the modules that decide: `python -m bench.mutate [MODULE ...]`; what survives is kept by line.

Two modules at a time, each in a checkout of its own and against a database server of its own. A mutant meets the tests
that reach its line first, and survives only if all tests of its module pass.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import use_db
from coverage import CoverageData

from bench.__main__ import RESULTS, keep
from bench.measures import Measure

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = ("planning", "images", "cluster", "releases", "fingerprint", "secretdata")
AUTH = ("test_sessions", "test_auth", "test_account", "test_better_auth", "test_confirmation")
BACKEND = {
    "auth/repository": AUTH,
    "auth/passwords": ("test_passwords", "test_auth"),
    "auth/service": AUTH,
    "auth/tokens": AUTH,
    "auth/better_auth": ("test_better_auth",),
    "auth/schemas": ("test_auth", "test_account"),
    "auth/dependencies": (*AUTH, "test_admin", "test_ratelimit"),
    "auth/router": AUTH,
    "tasks/recurrence": ("test_recurrence",),
}
"""Modules of the backend with the tests that are theirs."""
WORKERS = 2
OPTIONS = ("-q", "-p", "no:cacheprovider")
LEFT_OUT = "core/ReplaceBinaryOperator_BitOr_"
"""Operators whose mutants are as good as the original: nobody evaluates `str | None` in a signature."""
# It ends with its input, however this program ends.
_SERVER = """
import asyncio, sys
from tests.conftest import make_settings
from tests.postgres import PostgresServer
from app.migrate import migrate
server = PostgresServer()
# New databases are copies of it.
asyncio.run(migrate(make_settings(server.url.replace("/postgres", "/template1"))))
print(server.url, flush=True)
sys.stdin.read()
server.remove()
"""


def copy_plugins(folder: Path) -> Path:
    """A checkout of its own to break: the sources in place of the collection, everything installed linked."""
    platform = folder / "collections/ansible_collections/todo/platform"
    platform.mkdir(parents=True)
    for name in ("plugins", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        (platform / name).symlink_to(folder / name)
    for name in ("app", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def copy_backend(folder: Path) -> Path:
    """The backend to break."""
    return shutil.copytree(ROOT / "app/backend", folder / "backend", ignore=shutil.ignore_patterns("__pycache__", ".*"))


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """A server of its own for the backend's tests, as they are told of it."""
    argv = [sys.executable, "-c", _SERVER]
    with subprocess.Popen(argv, cwd=ROOT / "app/backend", stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True) as server:
        url = next(line for line in server.stdout or () if line.startswith("postgresql:")).strip()
        yield {"TEST_DATABASE_URL": url}


def mutate_module(module: str) -> dict[str, Any]:
    """How many mutants of a module there are, and the line and operator of each that no test noticed."""
    with tempfile.TemporaryDirectory() as name:
        if module in BACKEND:
            folder = copy_backend(Path(name))
            tests = [f"tests/{test}.py" for test in BACKEND[module]]
            with database() as environment:
                found = mutate(folder, f"app/{module}.py", tests, environment)
        else:
            folder = copy_plugins(Path(name))
            source = f"plugins/module_utils/{module}.py"
            found = mutate(folder, source, [f"tests/unit/plugins/module_utils/test_{module}.py"], {})
    print(f"{module}: {found['survived']} of {found['mutants']} mutants survived", flush=True)
    return found


def mutate(folder: Path, source: str, tests: list[str], environment: dict[str, str]) -> dict[str, Any]:
    """The same of a source file in a folder, by the tests that are its own."""
    os.chdir(folder)
    os.environ |= environment
    order, seconds = kill_order(source, tests)
    original, tried, timeouts = Path(source).read_text(), 0, 0
    survivors: list[dict[str, Any]] = []
    with use_db("mutants.sqlite") as session, forks(round(max(60, 5 * seconds))) as run:
        init([Path(source)], session, {})
        for item in session.work_items:
            [mutation] = item.mutations
            if re.match(LEFT_OUT, mutation.operator_name):
                continue
            line, operator = mutation.start_pos[0], get_operator(mutation.operator_name)(**mutation.operator_args)
            try:
                mutant = mutate_code(original, operator, mutation.occurrence)
            except AttributeError:  # the operator for exceptions does not know names with a dot
                continue
            Path(source).write_text(mutant)
            status = run([*OPTIONS, "-x", *order(line)])
            tried += 1
            timeouts += status == signal.SIGALRM
            if status == 0:
                survivors.append({"line": line, "operator": mutation.operator_name.removeprefix("core/")})
    survivors.sort(key=str)
    return {
        "module": source,
        "mutants": tried,
        "survived": len(survivors),
        "timeouts": timeouts,
        "survivors": survivors,
    }


@contextmanager
def forks(seconds: int) -> Iterator[Callable[[list[str]], int]]:
    """What runs pytest and gives the status of its process, as quickly as can be."""
    argv = [sys.executable, "-B", str(Path(__file__).with_name("forks.py")), str(seconds)]
    with subprocess.Popen(argv, stdin=PIPE, stdout=PIPE, text=True) as server:

        def run(arguments: list[str]) -> int:
            print(json.dumps(arguments), file=server.stdin, flush=True)
            return int(server.stdout.readline()) if server.stdout else 0

        yield run


def kill_order(source: str, tests: list[str]) -> tuple[Callable[[int], list[str]], float]:
    """For a line all tests, those first that reach it, the quickest of them before others; and how long all take."""
    start = time.monotonic()
    options = ["--cov", "--cov-context=test", "--cov-report=", "--cov-fail-under=0", "--durations=0", "-vv"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, *options, *tests], stdout=PIPE, text=True, check=True
    )
    seconds = time.monotonic() - start
    lasted: dict[str, float] = defaultdict(float)
    for took, test in re.findall(r"^([\d.]+)s (?:setup|call) +([^\[\n]+)", done.stdout, re.MULTILINE):
        lasted[test] += float(took)
    data = CoverageData()
    data.read()
    reached = {
        line: {context.partition("|")[0].partition("[")[0] for context in contexts}
        for line, contexts in data.contexts_by_lineno(str(Path(source).resolve())).items()
    }
    return lambda line: sorted(lasted, key=lambda test: (test not in reached.get(line, ()), lasted[test])), seconds


def shares(results: list[dict[str, Any]]) -> Iterator[Measure]:
    """How many mutants are killed of what was tried as a whole."""
    for name in ("auth", "recurrence"):
        own = [each for each in results if f"/{name}" in each["module"]]
        if len(own) == sum(f"/{name}" in f"/{module}" for module in BACKEND):
            mutants, survived = (sum(each[key] for each in own) for key in ("mutants", "survived"))
            share = f"{100 * (mutants - survived) / mutants:.0f} % of {mutants}"
            yield Measure(f"mutants of {name} that the tests kill", "≥ 90 %", share)


def main() -> int:
    with ProcessPoolExecutor(WORKERS, max_tasks_per_child=1) as pool:
        results = list(pool.map(mutate_module, sys.argv[1:] or (*BACKEND, *PLUGINS)))
    keep(RESULTS / "mutate", modules=results)
    if measures := [asdict(measure) for measure in shares(results)]:
        keep(RESULTS, measures=measures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
