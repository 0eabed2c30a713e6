"""The entry point of the PostgreSQL image, run with the machine's own PostgreSQL as a user without rights."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .charts import CHARTS

ENTRYPOINT = CHARTS.parent / "docker" / "postgres" / "docker-entrypoint.sh"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
USER = "nobody" if os.geteuid() == 0 else None
PASSWORD = 'it\'s "quoted" $HOME'

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="needs Debian's postgresql package")


@dataclass
class Server:
    """A folder for one server's data, and what the entry point is told."""

    folder: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the entry point to its end."""
        process = self.popen(*arguments)
        output, _ = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, output)

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        path = f"{PROGRAMS[-1]}:{os.environ['PATH']}"
        environment = {"PATH": path, "LANG": "C.UTF-8", "PGDATA": str(self.data), **self.environment}
        return subprocess.Popen(
            [str(ENTRYPOINT), *arguments],
            env=environment,
            user=USER,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """The server while it takes connections; it is stopped as the image's stop signal says."""
        options = ("-c", f"port={self.port}", "-c", f"unix_socket_directories={self.folder}")
        process = self.popen("postgres", *options, *arguments)
        try:
            self.wait_until_ready(process)
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert PASSWORD not in output

    def wait_until_ready(self, process: subprocess.Popen[str]) -> None:
        for _ in range(600):
            if process.poll() is not None:
                raise AssertionError(f"the server ended: {process.communicate()[0]}")
            if self.client("pg_isready", "--quiet").returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError("the server never took a connection")

    def client(self, program: str, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": password}
        command = [str(PROGRAMS[-1] / program), "--host=127.0.0.1", f"--port={self.port}", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def query(self, sql: str, *, user: str, database: str, password: str = PASSWORD) -> str:
        run = self.client(
            "psql", "--no-psqlrc", "-qAt", f"--username={user}", f"--dbname={database}", "-c", sql, password=password
        )
        return run.stdout.strip() if run.returncode == 0 else run.stderr


@pytest.fixture
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="postgres-image-"))
    if USER:
        shutil.chown(folder, USER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    yield Server(folder, port, {"POSTGRES_PASSWORD": PASSWORD})
    shutil.rmtree(folder)


def test_first_start_makes_user_database_and_password(server: Server) -> None:
    server.environment |= {"POSTGRES_USER": "boss", "POSTGRES_DB": 'to"do'}
    with server.serving():
        answer = server.query("SELECT current_user, current_database()", user="boss", database='to"do')
        assert answer == 'boss|to"do'
        refused = server.query("SELECT 1", user="boss", database='to"do', password="wrong")
        assert "password authentication failed" in refused
        assert server.query("SHOW listen_addresses", user="boss", database='to"do') == "*"
        assert server.query("SHOW password_encryption", user="boss", database='to"do') == "scram-sha-256"


def test_later_starts_keep_the_data_and_need_no_password(server: Server) -> None:
    with server.serving():
        server.query("CREATE TABLE kept AS SELECT 42 AS answer", user="postgres", database="postgres")
    server.environment = {}
    with server.serving("-c", "max_connections=7"):
        assert server.query("SELECT answer FROM kept", user="postgres", database="postgres") == "42"
        assert server.query("SHOW max_connections", user="postgres", database="postgres") == "7"


def test_values_come_from_files_too(server: Server) -> None:
    server.environment = {}
    for name, value in {"PASSWORD": PASSWORD, "USER": "boss", "DB": "todo"}.items():
        path = server.folder / name
        path.write_text(value + "\n")
        path.chmod(0o444)
        server.environment[f"POSTGRES_{name}_FILE"] = str(path)
    with server.serving():
        assert server.query("SELECT current_user", user="boss", database="todo") == "boss"


@pytest.mark.parametrize("left", [".initializing/base", ".initializing/PG_VERSION", "base"])
def test_an_interrupted_start_starts_over(server: Server, left: str) -> None:
    for path in (server.data / ".initializing", server.data / left):
        path.mkdir(parents=True, exist_ok=True)
    if USER:
        for path in (server.data, *server.data.rglob("*")):
            shutil.chown(path, USER)
    with server.serving():
        assert server.query("SELECT 1", user="postgres", database="postgres") == "1"
    assert not (server.data / ".initializing").exists()


def test_foreign_files_are_left_alone(server: Server) -> None:
    server.data.mkdir()
    (server.data / "letters.txt").write_text("mine")
    if USER:
        shutil.chown(server.data, USER)
    run = server.run("postgres")
    assert run.returncode == 1
    assert "holds files but no PostgreSQL data" in run.stdout
    assert [path.name for path in server.data.iterdir()] == ["letters.txt"]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "POSTGRES_PASSWORD is empty"),
        ({"POSTGRES_PASSWORD": "a", "POSTGRES_PASSWORD_FILE": "/dev/null"}, "not both"),
        ({"POSTGRES_PASSWORD_FILE": "/does/not/exist"}, "cannot be read"),
    ],
)
def test_what_is_wrong_is_said(server: Server, environment: dict[str, str], message: str) -> None:
    server.environment = environment
    run = server.run("postgres")
    assert run.returncode == 1
    assert message in run.stdout
    assert not (server.data / "PG_VERSION").exists()


def test_the_server_does_not_see_the_password(server: Server) -> None:
    with server.serving() as process:
        seen = [Path(f"/proc/{process.pid}/{name}").read_text() for name in ("environ", "cmdline")]
    assert f"PGDATA={server.data}" in seen[0]
    assert not any(PASSWORD in text for text in seen)


def test_other_commands_run_as_they_are(server: Server) -> None:
    run = server.run("sh", "-c", "echo $((6 * 7))")
    assert (run.returncode, run.stdout) == (0, "42\n")
    assert not server.data.exists()
