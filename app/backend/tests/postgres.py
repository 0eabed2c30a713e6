"""A PostgreSQL server of the tests' own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

PASSWORD = "8tq3Zs-never-to-be-shown"


class PostgresServer:
    """A throw-away server that can be stopped and started; it keeps its data and port until it is removed."""

    def __init__(self) -> None:
        self._bin = _find_binaries()
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="todo-pg-"))
        self.port = free_port()
        password_file = self._folder / "password"
        password_file.write_text(PASSWORD)
        if self._user:
            shutil.chown(self._folder, self._user)
            shutil.chown(password_file, self._user)
        self._run("initdb", "-U", "todo", "-A", "scram-sha-256", "--pwfile", str(password_file), "-E", "UTF8", "-N")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://todo:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"
        self._run("pg_ctl", "-w", "-o", options, "-l", str(self._folder / "log"), "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def freeze(self) -> None:
        """Let it say nothing more, as a machine does that hangs; connections stay open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        main = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        for pid in (main, *map(int, children)):
            os.kill(pid, number)

    def remove(self) -> None:
        subprocess.run(self._command("pg_ctl", "-m", "immediate", "stop"), user=self._user, check=False, cwd="/")
        shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: str) -> None:
        # The server inherits no pipe: whoever waits for its end would wait for the server's.
        subprocess.run(
            self._command(program, *arguments), user=self._user, check=True, cwd="/", stdout=subprocess.DEVNULL
        )

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [str(self._bin / program), "-D", str(self._folder / "data"), *arguments]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _find_binaries() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(installed[-1]) if installed else shutil.which("initdb")
    if not found:
        raise RuntimeError("No PostgreSQL server: install postgresql, or set TEST_DATABASE_URL")
    return Path(found).resolve().parent
