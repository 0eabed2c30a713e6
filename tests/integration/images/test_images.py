"""Images built by a real Docker engine and by the node's BuildKit, kept by Docker or pushed to a real registry."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.integration.docker_engine import PASSWORD, docker
from tests.integration.images.conftest import Site
from tests.unit.standins import serving


def identities(name: str) -> set[str]:
    return set(docker("image", "ls", "--no-trunc", "--quiet", name).split())


def test_docker_builds_what_is_missing_or_replaced(site: Site) -> None:
    first = site.run()
    assert first.changed > 0
    assert len(identities("drill")) == 1, "the content tag and the human tag are one image"
    assert docker("run", "--rm", "--network=none", "drill:latest", "python", "/main.py") == "one\n"
    assert site.run().changed == 0

    tag = docker("image", "ls", "--format", "{{.Tag}}", "drill").split()
    content = next(one for one in tag if one != "latest")
    docker("tag", "debian:trixie-slim", f"drill:{content}")
    repaired = site.run()
    assert repaired.changed == 1
    assert f"drill:{content} (the store holds another image under this tag)" in repaired.told
    assert len(identities("drill")) == 1
    assert site.run().changed == 0

    (site.source / "main.py").write_text("print('two')\n")
    site.run()
    assert docker("run", "--rm", "--network=none", "drill:latest", "python", "/main.py") == "two\n"


def test_a_build_that_fails_shows_its_last_lines(site: Site) -> None:
    (site.source / "Dockerfile").write_text(
        "ARG PYTHON_IMAGE\nFROM ${PYTHON_IMAGE}\nRUN echo the cause of it all && exit 3\n"
    )
    further = {**site.variables["images_components"][0], "name": "further", "build_args": {"A": "b"}}
    site.variables["images_components"].append(further)
    site.describe()
    run = site.run(code=2)
    assert "the cause of it all" in run.told
    assert "exit code: 3" in run.told
    assert "(item=further:" not in run.told, "nothing is built after it"


def test_docker_pushes_what_a_registry_lacks(site: Site, registry: str, tmp_path: Path) -> None:
    site.describe(images_registry=f"{registry}/team")
    with watched_arguments() as seen:
        assert site.run().changed > 0
    assert not any(PASSWORD in one for one in seen)
    pushes_once(site, registry, tmp_path / "registry.log")


def test_buildkit_pushes_what_a_registry_lacks(site: Site, registry: str, tmp_path: Path) -> None:
    facts = {**site.variables["cluster_facts"], "node_store": "containerd"}
    site.variables["cluster_facts"] = facts
    site.describe(images_registry=f"{registry}/team")
    try:
        assert site.run().changed > 0
        pushes_once(site, registry, tmp_path / "registry.log")
    finally:
        forget(site, registry)


def forget(site: Site, beginning: str) -> None:
    """Take the images whose names begin so out of the node's store."""
    ctr = [f"{site.variables['cluster_facts']['bin_dir']}/ctr", "--address=/run/todo-platform/containerd.sock"]
    ctr += ["--namespace=k8s.io", "images"]
    names = subprocess.run([*ctr, "ls", "--quiet"], check=True, capture_output=True, text=True).stdout.split()
    ours = [name for name in names if name.startswith(beginning)]
    subprocess.run([*ctr, "rm", *ours], check=True, capture_output=True)


@pytest.mark.parametrize("store", ["docker", "containerd"])
def test_builds_go_through_the_proxy_of_the_environment(site: Site, store: str) -> None:
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()

    site.variables["cluster_facts"] |= {"node_store": store}
    site.describe()
    assert site.run().changed > 0, "its base is there from now on"
    fetch = "import urllib.request as r; r.urlopen('http://packages.example.invalid/one')"
    (site.source / "Dockerfile").write_text(f'ARG PYTHON_IMAGE\nFROM ${{PYTHON_IMAGE}}\nRUN python -c "{fetch}"\n')
    try:
        with serving(Proxy) as proxy:
            assert site.run(http_proxy=proxy).changed > 0
        assert asked == ["http://packages.example.invalid/one"]
        assert site.run().changed == 0, "a proxy is no part of what an image is"
    finally:
        if store == "containerd":
            forget(site, "docker.io/library/drill:")


def pushes_once(site: Site, registry: str, log: Path) -> None:
    """A second run asks and sends nothing; without the log-in it says how to log in."""
    pushed = log.read_text()
    assert "PUT /v2/team/drill/manifests/" in pushed
    assert site.run().changed == 0
    again = log.read_text()[len(pushed) :]
    assert "HEAD /v2/team/drill/manifests/" in again
    assert "PUT" not in again
    assert "POST" not in again
    docker("logout", registry)
    assert f"docker login {registry}" in site.run(code=2).told


@contextmanager
def watched_arguments() -> Iterator[set[str]]:
    """The command lines of all processes while the block lasts, as any user of the machine sees them."""
    seen: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(path.read_text(errors="replace"))
                except OSError:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
    assert any("ansible-playbook" in one for one in seen)
