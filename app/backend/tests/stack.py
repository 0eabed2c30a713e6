"""The backend with a database of its own, as the image runs it, until it is told to end.

`python -m tests.stack PORT [PUBLIC_URL MAILS]`: with a mail server too, whose letters become files in MAILS/new.
SIGUSR1 takes the backend away as a power loss would, and SIGUSR2 brings it back, for tests of what is in front of it.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from tests.mail import plain
from tests.postgres import PostgresServer, free_port

_BACKEND = Path(__file__).parents[1]
_SECRET = "Tn5wQ8zL1vB4xC7kM0jH3gF6dS9aP2yR"
_PATIENCE_SECONDS = 60


class Stack:
    """A PostgreSQL server, perhaps a mail server, and the backend's processes while there are any."""

    def __init__(self, port: int, public_url: str = "", mails: str = "") -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._postgres = PostgresServer()
        self._mails = Controller(Mailbox(Path(mails)), hostname="127.0.0.1", port=free_port(), ready_timeout=60)
        mail = {}
        if mails:
            self._mails.start()
            mail = plain(self._mails.port) | {"public_url": public_url}
        self._folder = tempfile.TemporaryDirectory(prefix="todo-files-")
        self._processes: subprocess.Popen[bytes] | None = None
        self._environment = os.environ | {
            "ENVIRONMENT": "development",
            "DATABASE_URL": self._postgres.url,
            "JWT_SECRET": _SECRET,
            "ATTACHMENT_FOLDER": self._folder.name,
            "WEB_CONCURRENCY": "1",
            "LOG_LEVEL": "warning",
            "API_LOG_LEVEL": "warning",
            "AUTH_RATE_LIMIT_ADDRESS": "600",
            "SHUTDOWN_DELAY": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            **{name.upper(): str(value) for name, value in mail.items()},
        }
        subprocess.run([sys.executable, "-m", "app.migrate"], cwd=_BACKEND, env=self._environment, check=True)

    def start(self) -> None:
        """Start the backend if it isn't there, and wait until it is ready."""
        if self._processes is None:
            self._processes = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "app.main:app", "--bind", self._url.removeprefix("http://")],
                cwd=_BACKEND,
                env=self._environment,
                start_new_session=True,
            )
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while not self._is_ready():
            if time.monotonic() > give_up:
                raise TimeoutError("the backend does not become ready")
            time.sleep(0.1)

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the backend, by default without a warning."""
        if self._processes is not None:
            os.killpg(self._processes.pid, number)
            self._processes.wait()
            self._processes = None

    def remove(self) -> None:
        """End everything, and leave nothing behind."""
        self.stop()
        self._mails.stop(no_assert=True)
        self._postgres.remove()
        self._folder.cleanup()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self._url}/readyz").is_success
        except httpx.HTTPError:
            return False


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    port, *mail = sys.argv[1:]
    stack = Stack(int(port), *mail)

    def react(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGUSR1:
            stack.stop()
        elif number == signal.SIGUSR2:
            stack.start()
        else:
            sys.exit(0)

    try:
        stack.start()
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, react)
        while True:
            signal.pause()
    finally:
        stack.remove()


if __name__ == "__main__":
    main()
