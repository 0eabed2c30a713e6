"""A Docker engine and registries of the drill's own: other sockets, other folders, no rule in the packet filter."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import yaml

from tests.unit.tiny_deployment import ROOT, Deployment, Run

PLUGIN = "usr/libexec/docker/cli-plugins/docker-buildx"
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


def _answers() -> bool:
    return subprocess.run(["docker", "version"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Docker as the environment names it from here on, with buildx."""
    folder = tmp_path_factory.mktemp("docker")
    plugins = folder / "config" / "cli-plugins"
    plugins.mkdir(parents=True)
    here = {"DOCKER_HOST": f"unix://{folder}/socket", "DOCKER_CONFIG": str(folder / "config")}
    if subprocess.run(["docker", "buildx", "version"], capture_output=True, check=False).returncode:
        # Debian 12 has no buildx; that of the next release runs on it.
        extract = ["mmdebstrap", "--variant=extract", "--include=docker-buildx", "trixie", str(folder / "trixie")]
        subprocess.run(extract, check=True, capture_output=True)
        (plugins / "docker-buildx").symlink_to(folder / "trixie" / PLUGIN)
    before = {name: os.environ.get(name) for name in here}
    os.environ.update(here)
    # Rules of its own would cut the cluster's pods off; limits as any machine may set them.
    argv = ["dockerd", f"--host={here['DOCKER_HOST']}", f"--data-root={folder}/data", f"--exec-root={folder}/run"]
    argv += [f"--pidfile={folder}/pid", "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"]
    argv += ["--default-ulimit=nofile=20000:20000", "--default-ulimit=nproc=20000:20000"]
    try:
        with process(argv, folder / "log", _answers):
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def registry(engine: None, tmp_path: Path) -> Iterator[str]:
    """A registry that wants a log-in, which Docker has; yields its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    (tmp_path / "htpasswd").write_text(f"team:{bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5)).decode()}\n")
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(tmp_path / "registry")}},
        "http": {"addr": host},
        "auth": {"htpasswd": {"realm": "drill", "path": str(tmp_path / "htpasswd")}},
    }
    (tmp_path / "registry.yml").write_text(yaml.safe_dump(config))

    def listens() -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", int(host.rpartition(":")[2]))) == 0

    with process(["docker-registry", "serve", str(tmp_path / "registry.yml")], tmp_path / "registry.log", listens):
        login = ["docker", "login", "--username=team", "--password-stdin", host]
        subprocess.run(login, input=PASSWORD, check=True, capture_output=True, text=True)
        yield host
        docker("logout", host)


@dataclass
class Site:
    """A deployment of one small image on Debian's Python, and a machine that reaches no image registry."""

    deployment: Deployment
    source: Path
    variables: dict[str, Any]

    def describe(self, **more: Any) -> None:
        self.deployment.describe(**self.variables, **more)

    def run(self, *arguments: str, code: int = 0, **environment: str) -> Run:
        """Run the role."""
        run = self.deployment.run(*arguments, environment={"NO_PROXY": "127.0.0.1", **environment}, code=code)
        assert PASSWORD not in run.output
        return run


@pytest.fixture
def site(engine: None, tmp_path: Path) -> Site:
    source = tmp_path / "app"
    source.mkdir()
    (source / "Dockerfile").write_text(
        "ARG PYTHON_IMAGE\nFROM ${PYTHON_IMAGE}\n"
        "RUN --mount=type=secret,id=ca_bundle test -s /run/secrets/ca_bundle\nCOPY main.py /\n"
    )
    (source / "main.py").write_text("print('one')\n")
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")).read_text())
    one = {"context": str(source), "dockerfile": str(source / "Dockerfile"), "bases": {"PYTHON_IMAGE": "python"}}
    made = Site(
        Deployment(tmp_path, canaries={PASSWORD}),
        source,
        {
            "images_components": [{"name": "drill", **one}],
            "images_root": str(tmp_path),
            "images_ca_bundle": str(bundle),
            "images_reachable": False,
            "cluster_facts": {
                "node_store": "docker",
                "bin_dir": str(ROOT / ".state/bin"),
                "profile": "",
                "ready": False,
            },
        },
    )
    made.describe()
    made.deployment.play(
        {"name": "Images", "ansible.builtin.include_role": {"name": "todo.platform.images"}},
    )
    return made
