"""A Kubernetes API server with nothing behind it: objects are checked and stored, and nothing runs."""

from __future__ import annotations

import base64
import json
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .charts import find_tool

TOOLS = ("etcd", "kube-apiserver", "kubectl")
POLL_SECONDS = 0.1
TRIES = 600


class KubectlError(Exception):
    """The API server refused or warned; the text is what kubectl printed."""


@dataclass(frozen=True)
class ApiServer:
    """A running API server and how to reach it."""

    kubeconfig: Path

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Standard output of kubectl.

        Raises:
            KubectlError: the server refused, or took it with a warning.
        """
        command = [find_tool("kubectl") or "kubectl", "--kubeconfig", str(self.kubeconfig), *arguments]
        run = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        if run.returncode or "Warning:" in run.stderr:
            raise KubectlError(run.stderr)
        return run.stdout


@contextmanager
def api_server(folder: Path) -> Iterator[ApiServer]:
    """Starts etcd and an API server in a folder on free ports of the loopback, and ends them."""
    client, peer, secure = _free_ports(3)
    _make_service_account_key(folder / "service-account.key")
    token = secrets.token_hex(16)
    (folder / "tokens.csv").write_text(f"{token},admin,1,system:masters\n")
    etcd = {
        "data-dir": folder / "etcd",
        "unsafe-no-fsync": "true",
        "listen-client-urls": f"http://127.0.0.1:{client}",
        "advertise-client-urls": f"http://127.0.0.1:{client}",
        "listen-peer-urls": f"http://127.0.0.1:{peer}",
        "initial-advertise-peer-urls": f"http://127.0.0.1:{peer}",
        "initial-cluster": f"default=http://127.0.0.1:{peer}",
    }
    server = {
        "etcd-servers": f"http://127.0.0.1:{client}",
        "cert-dir": folder / "certs",
        "bind-address": "127.0.0.1",
        "secure-port": secure,
        "service-cluster-ip-range": "10.96.0.0/16",
        "authorization-mode": "RBAC",
        "anonymous-auth": "false",
        "token-auth-file": folder / "tokens.csv",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": folder / "service-account.key",
        "service-account-signing-key-file": folder / "service-account.key",
        "disable-admission-plugins": "ServiceAccount",
    }
    certificate = folder / "certs" / "apiserver.crt"
    running = ApiServer(folder / "kubeconfig")
    with ExitStack() as stack:
        stack.enter_context(_process("etcd", etcd, folder))
        alive = stack.enter_context(_process("kube-apiserver", server, folder))
        _wait(certificate.exists, alive)
        _write_kubeconfig(running.kubeconfig, f"https://127.0.0.1:{secure}", certificate.read_bytes(), token)
        _wait(lambda: _is_ready(running), alive)
        yield running


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _make_service_account_key(path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form))


@contextmanager
def _process(name: str, flags: Mapping[str, object], folder: Path) -> Iterator[Callable[[], None]]:
    """Runs a tool; what it gives checks that the tool still runs."""
    log = folder / f"{name}.log"
    command = [find_tool(name) or name, *(f"--{flag}={value}" for flag, value in flags.items())]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:

        def check_alive() -> None:
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended:\n{log.read_text()[-2000:]}")

        try:
            yield check_alive
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(condition: Callable[[], bool], check_alive: Callable[[], None]) -> None:
    for _ in range(TRIES):
        check_alive()
        if condition():
            return
        time.sleep(POLL_SECONDS)
    raise TimeoutError("the API server did not start")


def _is_ready(server: ApiServer) -> bool:
    try:
        server.kubectl("get", "--raw", "/readyz")
    except KubectlError:
        return False
    return True


def _write_kubeconfig(path: Path, url: str, certificate: bytes, token: str) -> None:
    cluster = {"server": url, "certificate-authority-data": base64.b64encode(certificate).decode()}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))
