"""The full-stack FastAPI template's backend, in an environment of its own.

Nothing of it is kept here: it is fetched below the user's cache, and what it needs is installed beside it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from urllib.parse import urlsplit

SOURCE = "https://github.com/fastapi/full-stack-fastapi-template"
# The last one for Pythons before 3.14; its items are those of the newest.
COMMIT = "a727535488542228dc19b13f217a104ad317c122"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "todo-platform" / "bench"
PREFIX = "/api/v1"
SECRET = "a-key-of-the-peer-for-an-hour-on-the-loopback"


class NoPeerError(Exception):
    """It can't be had or can't be run here; the message says why."""


def backend() -> Path:
    """The template's backend, with all that it needs beside it; raises NoPeerError."""
    folder = _CACHE / f"template-{hashlib.sha256(f'{COMMIT} {sys.version}'.encode()).hexdigest()[:16]}"
    found = folder / "backend"
    if (folder / "ready").exists():
        return found
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    source = os.environ.get("BENCH_TEMPLATE", SOURCE)
    for command in (["fetch", "--quiet", "--depth=1", source, COMMIT], ["checkout", "--quiet", COMMIT, "backend"]):
        if subprocess.run(["git", *command], cwd=folder, check=False).returncode:
            raise NoPeerError(f"{source} does not give {COMMIT}; BENCH_TEMPLATE may name a clone that does")
    venv.create(folder / "venv", with_pip=True)
    needed = tomllib.loads((found / "pyproject.toml").read_text())["project"]["dependencies"]
    install = [python(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *needed]
    if subprocess.run(install, check=False).returncode:
        raise NoPeerError("what the template needs can't be installed here")
    (folder / "ready").touch()
    return found


def python(folder: Path) -> Path:
    """The interpreter of its environment."""
    return folder.parent / "venv/bin/python"


def environment(folder: Path, database_url: str) -> dict[str, str]:
    """Its settings."""
    parts = urlsplit(database_url)
    return {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PROJECT_NAME": "Peer",
        "POSTGRES_SERVER": str(parts.hostname),
        "POSTGRES_PORT": str(parts.port),
        "POSTGRES_USER": str(parts.username),
        "POSTGRES_PASSWORD": str(parts.password),
        "POSTGRES_DB": parts.path[1:],
        "SECRET_KEY": SECRET,
        "FIRST_SUPERUSER": "admin@example.com",
        "FIRST_SUPERUSER_PASSWORD": "nobody-logs-in",
    }


def migrate(folder: Path, database_url: str) -> None:
    """Make its tables."""
    alembic = python(folder).with_name("alembic")
    subprocess.run([alembic, "upgrade", "head"], cwd=folder, env=environment(folder, database_url), check=True)
