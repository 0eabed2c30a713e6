"""Mutation testing of the modules that decide: `python -m bench.mutate [MODULE ...]`; what survives is kept by line.

Two modules at a time, each in a checkout of its own and against a database server of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE

from bench.__main__ import RESULTS, keep

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = ("planning", "images", "cluster", "releases", "fingerprint", "secretdata")
AUTH = ("test_auth", "test_account", "test_better_auth")
BACKEND = {
    "auth/repository": AUTH,
    "auth/passwords": ("test_passwords", "test_auth"),
    "auth/service": AUTH,
    "auth/tokens": AUTH,
    "auth/better_auth": ("test_better_auth",),
    "auth/schemas": ("test_auth", "test_account"),
    "auth/dependencies": (*AUTH, "test_admin"),
    "auth/router": AUTH,
    "tasks/recurrence": ("test_recurrence",),
}
"""Modules of the backend with the tests that are theirs."""
WORKERS = 2
# It ends with its input, however this program ends.
_SERVER = """
import sys
from tests.postgres import PostgresServer
server = PostgresServer()
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


def mutate_module(module: str) -> dict[str, object]:
    """How many mutants of a module there are, and the line and operator of each that no test noticed."""
    with tempfile.TemporaryDirectory() as name:
        if module in BACKEND:
            folder = copy_backend(Path(name))
            tests = " ".join(f"tests/{test}.py" for test in BACKEND[module])
            with database() as environment:
                found = mutate(folder, f"app/{module}.py", tests, environment)
        else:
            folder = copy_plugins(Path(name))
            source = f"plugins/module_utils/{module}.py"
            found = mutate(folder, source, f"tests/unit/plugins/module_utils/test_{module}.py", {})
    print(f"{module}: {found['survived']} of {found['mutants']} mutants survived", flush=True)
    return found


def mutate(folder: Path, source: str, tests: str, environment: dict[str, str]) -> dict[str, object]:
    """The same of a source file in a folder, by the tests that are its own."""
    settings = {
        "module-path": source,
        "timeout": 120.0,
        "excluded-modules": [],
        "test-command": f"{sys.executable} -B -m pytest -qx -p no:cacheprovider {tests}",
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    # Nobody evaluates `str | None` in a signature.
    left_out = 'exclude-operators = ["core/ReplaceBinaryOperator_BitOr_.*"]'
    lines = ["[cosmic-ray]", *lines, "[cosmic-ray.distributor]", 'name = "local"']
    lines += ["[cosmic-ray.filters.operators-filter]", left_out]
    (folder / "cosmic-ray.toml").write_text("\n".join(lines))

    def run(program: str, *arguments: str) -> str:
        command = [str(Path(sys.executable).with_name(program)), *arguments]
        variables = {**os.environ, **environment}
        return subprocess.run(command, cwd=folder, env=variables, stdout=PIPE, text=True, check=True).stdout

    session = "session.sqlite"
    run("cosmic-ray", "baseline", "cosmic-ray.toml")
    run("cosmic-ray", "init", "cosmic-ray.toml", session)
    run("cr-filter-operators", session, "cosmic-ray.toml")
    run("cosmic-ray", "exec", "cosmic-ray.toml", session)
    rows = [json.loads(line) for line in run("cosmic-ray", "dump", session).splitlines()]
    tried = [(item, result) for item, result in rows if result and result["test_outcome"]]
    survivors = [
        {"line": mutation["start_pos"][0], "operator": mutation["operator_name"].removeprefix("core/")}
        for item, result in tried
        if result["test_outcome"] == "survived"
        for mutation in item["mutations"]
    ]
    return {"module": source, "mutants": len(tried), "survived": len(survivors), "survivors": survivors}


def main() -> int:
    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(mutate_module, sys.argv[1:] or (*BACKEND, *PLUGINS)))
    keep(RESULTS / "mutate", modules=results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
