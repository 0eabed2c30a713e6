"""A real PostgreSQL server for the modules for databases, and a kubectl that takes this machine for its pod."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[4]
ENTRYPOINT = REPOSITORY / "app" / "docker" / "postgres" / "docker-entrypoint.sh"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
USABLE = bool(PROGRAMS) and os.geteuid() == 0
WHY_NOT = "needs Debian's postgresql package, and root to act as its user"
ADMINISTRATORS_PASSWORD = "the administrator's own"

# Runs what it is asked to run in the pod here, as the user of the server and with the variables of its container.
KUBECTL = """#!/bin/sh
echo "$@" >> {log}
for argument; do
    shift
    [ "$argument" != -- ] || break
done
exec env -i PATH={path} POSTGRES_PASSWORD={password} POSTGRES_USER=postgres runuser -u postgres -- "$@"
"""


@dataclass(frozen=True)
class DatabaseServer:
    """A running server. `log` is its log, `folder` holds a `kubectl` and its `kubectl.log`."""

    folder: Path
    port: int

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    @property
    def kubectl_log(self) -> str:
        return (self.folder / "kubectl.log").read_text()

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What the administrator is answered."""
        command = ["runuser", "-u", "postgres", "--", "psql", "-XqAt", f"--port={self.port}", f"--dbname={database}"]
        return subprocess.run([*command, "-c", statement], capture_output=True, text=True, check=True).stdout.strip()

    def options(self, mode: str) -> dict[str, Any]:
        """Options of the modules that lead to this server."""
        if mode == "chart":
            return {"mode": "chart", "namespace": "here", "bin_dir": str(self.folder), "port": self.port}
        return {"mode": "host", "host": "127.0.0.1", "port": self.port}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def database_server() -> Iterator[DatabaseServer]:
    """A server with a database `postgres` and nothing else, as the image makes it."""
    folder = Path(tempfile.mkdtemp(prefix="database-"))
    server = DatabaseServer(folder, free_port())
    shutil.chown(folder, "postgres")
    path = f"{PROGRAMS[-1]}:{os.environ['PATH']}"
    kubectl = KUBECTL.format(log=folder / "kubectl.log", path=path, password=f'"{ADMINISTRATORS_PASSWORD}"')
    (folder / "kubectl").write_text(kubectl)
    (folder / "kubectl").chmod(0o755)
    environment = {"PATH": path, "PGDATA": str(folder / "data"), "POSTGRES_PASSWORD": ADMINISTRATORS_PASSWORD}
    sockets = Path("/var/run/postgresql")
    sockets.mkdir(exist_ok=True)
    shutil.chown(sockets, "postgres", "postgres")
    command = [str(ENTRYPOINT), "postgres", "-c", f"port={server.port}", "-c", f"unix_socket_directories={sockets}"]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, user="postgres", cwd=folder, stdout=log, stderr=log)
    try:
        for _ in range(600):
            ready = ["pg_isready", "--quiet", "--host=127.0.0.1", f"--port={server.port}"]
            if subprocess.run(ready, check=False).returncode == 0:
                break
            assert process.poll() is None, server.log
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=60)
        shutil.rmtree(folder)


def run_module(module: str, **arguments: Any) -> dict[str, Any]:
    """The result of a module, started as Ansible starts it; its text is kept under `stdout` to look for secrets."""
    run = subprocess.run(
        [sys.executable, "-m", f"ansible_collections.todo.platform.plugins.modules.{module}"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "collections")},
    )
    assert run.stdout, run.stderr
    result: dict[str, Any] = json.loads(run.stdout)
    return {**result, "stdout": json.dumps({key: value for key, value in result.items() if key != "invocation"})}
