"""A Docker engine and registries of the drills' own: other sockets, other folders, no rule in the packet filter."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import bcrypt
import yaml

PLUGINS = ("buildx", "compose")
PASSWORD = "canary-d41f55"


@contextmanager
def process(argv: list[str], log: Path, ready: Callable[[], bool], **environment: str) -> Iterator[None]:
    """Run a daemon for as long as the block lasts."""
    with log.open("wb") as output:
        daemon = subprocess.Popen(argv, stdout=output, stderr=output, env={**os.environ, **environment})
        try:
            end = time.monotonic() + 60
            while not ready():
                assert daemon.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.2)
            yield
        finally:
            daemon.terminate()
            daemon.wait()


def docker(*arguments: str) -> str:
    """What a docker command prints."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout


def _works(*arguments: str) -> bool:
    return subprocess.run(["docker", *arguments], capture_output=True, check=False).returncode == 0


@contextmanager
def engine_in(folder: Path) -> Iterator[None]:
    """Docker as the environment names it from here on, with buildx and compose."""
    plugins = folder / "config" / "cli-plugins"
    plugins.mkdir(parents=True)
    here = {"DOCKER_HOST": f"unix://{folder}/socket", "DOCKER_CONFIG": str(folder / "config")}
    before = {name: os.environ.get(name) for name in here}
    os.environ.update(here)
    missing = [f"docker-{name}" for name in PLUGINS if not _works(name, "version")]
    if missing:
        # Debian 12 has none of them; those of the next release run on it.
        extract = [
            "mmdebstrap",
            "--variant=extract",
            f"--include={','.join(missing)}",
            "trixie",
            str(folder / "trixie"),
        ]
        subprocess.run(extract, check=True, capture_output=True)
    for name in missing:
        (plugins / name).symlink_to(folder / "trixie/usr/libexec/docker/cli-plugins" / name)
    # Rules of its own would cut the cluster's pods off; limits as any machine may set them.
    argv = ["dockerd", f"--host={here['DOCKER_HOST']}", f"--data-root={folder}/data", f"--exec-root={folder}/run"]
    argv += [f"--pidfile={folder}/pid", "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"]
    argv += ["--default-ulimit=nofile=20000:20000", "--default-ulimit=nproc=20000:20000"]
    try:
        with process(argv, folder / "log", lambda: _works("version")):
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def registry_in(folder: Path) -> Iterator[str]:
    """A registry that wants a log-in, which Docker has; its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    (folder / "htpasswd").write_text(f"team:{bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5)).decode()}\n")
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
        "http": {"addr": host},
        "auth": {"htpasswd": {"realm": "drill", "path": str(folder / "htpasswd")}},
    }
    (folder / "registry.yml").write_text(yaml.safe_dump(config))

    def listens() -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", int(host.rpartition(":")[2]))) == 0

    with process(["docker-registry", "serve", str(folder / "registry.yml")], folder / "registry.log", listens):
        login = ["docker", "login", "--username=team", "--password-stdin", host]
        subprocess.run(login, input=PASSWORD, check=True, capture_output=True, text=True)
        yield host
        docker("logout", host)
