"""What the role `cluster` downloads, from a server on the loopback with a certificate authority of its own."""

from __future__ import annotations

import hashlib
import io
import platform
import select
import shutil
import socket
import tarfile
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.unit.standins import certificate, serving, tls
from tests.unit.tiny_deployment import Deployment

KUBERNETES, HELM, BUNDLE = "v1.36.3", "v3.21.4", "2.3.5"
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
BINARIES = f"/release/{KUBERNETES}/bin/linux/{ARCHITECTURE}"
HELM_ARCHIVE = f"/helm-{HELM}-linux-{ARCHITECTURE}.tar.gz"
BUNDLE_ARCHIVE = f"/v{BUNDLE}/nerdctl-full-{BUNDLE}-linux-{ARCHITECTURE}.tar.gz"
IN_BUNDLE = ["containerd", "containerd-shim-runc-v2", "ctr", "buildkitd", "buildctl"]


def program(name: str) -> bytes:
    return f"#!/bin/sh\necho {name}\n".encode()


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(program(Path(name).name)), 0o755
            tar.addfile(entry, io.BytesIO(program(Path(name).name)))
    return file.getvalue()


class Upstream:
    """The files of the hosts that publish Kubernetes, Helm and containerd, laid out as they do it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.cut: set[str] = set()
        self.files = {f"{BINARIES}/{name}": program(name) for name in ("kubectl", "kubelet", "kubeadm")}
        self.files[HELM_ARCHIVE] = archive(f"linux-{ARCHITECTURE}/helm", f"linux-{ARCHITECTURE}/README.md")
        self.files[BUNDLE_ARCHIVE] = archive(*(f"bin/{name}" for name in [*IN_BUNDLE, "nerdctl"]), "share/doc/README")
        sums = {path: hashlib.sha256(content).hexdigest() for path, content in self.files.items()}
        for path, checksum in sums.items():
            if path.startswith(BINARIES):
                self.files[f"{path}.sha256"] = checksum.encode()
        self.files[f"{HELM_ARCHIVE}.sha256sum"] = f"{sums[HELM_ARCHIVE]}  {HELM_ARCHIVE[1:]}\n".encode()
        other = f"{'0' * 64}  nerdctl-{BUNDLE}-linux-{ARCHITECTURE}.tar.gz\n"
        self.files[f"/v{BUNDLE}/SHA256SUMS"] = (
            other + f"{sums[BUNDLE_ARCHIVE]}  {BUNDLE_ARCHIVE.rpartition('/')[2]}\n"
        ).encode()

    @property
    def handler(self) -> type[BaseHTTPRequestHandler]:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                upstream.asked.append(self.path)
                content = upstream.files.get(self.path)
                self.send_response(HTTPStatus.OK if content is not None else HTTPStatus.NOT_FOUND)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                half = len(content or b"") // 2
                self.wfile.write((content or b"")[: half if self.path in upstream.cut else None])

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


class Proxy(BaseHTTPRequestHandler):
    """Passes TLS on as it comes, to the one server that there is, and notes for whom."""

    asked: list[str]
    server_port: int

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        with socket.create_connection(("127.0.0.1", self.server_port)) as other:
            self.send_response(HTTPStatus.OK)
            self.end_headers()
            ends = {self.connection: other, other: self.connection}
            while True:
                for end in select.select(list(ends), [], [], 10)[0]:
                    if not (chunk := end.recv(65536)):
                        return
                    ends[end].sendall(chunk)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
def site(tmp_path: Path, upstream: Upstream) -> Iterator[Site]:
    bundle = certificate(tmp_path)
    with serving(upstream.handler, tls(bundle)) as url:
        yield Site(tmp_path, url, bundle)


class Site:
    """A deployment that has to fetch its tools."""

    def __init__(self, folder: Path, url: str, bundle: Path) -> None:
        self.deployment = Deployment(folder)
        self.cache, self.bin = folder / "cache", folder / "state" / "bin"
        self.tools = self.cache / "tools" / f"{KUBERNETES}-helm-{HELM}"
        self.url = url
        self.variables: dict[str, Any] = {
            "cluster_cache_dir": str(self.cache),
            "cluster_facts": {"bin_dir": str(self.bin)},
            "cluster_reachable": {"kubernetes": True, "helm": True},
            "cluster_ca_bundle": str(bundle),
            **{f"cluster_{name}_url": url for name in ("kubernetes", "helm", "containerd")},
        }

    def run(self, *, tasks_from: str = "tools", code: int = 0, changed: int | None = None, **more: Any) -> str:
        """Run one tasks file of the role and return what it said."""
        self.deployment.describe(**self.variables | more)
        self.deployment.play(
            {
                "name": "Provide tools",
                "ansible.builtin.include_role": {"name": "todo.platform.cluster", "tasks_from": tasks_from},
            }
        )
        proxies = dict.fromkeys(["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"], more.pop("proxy", ""))
        run = self.deployment.run(environment={"NO_PROXY": "", "no_proxy": "", **proxies}, code=code)
        if changed is not None:
            assert run.changed == changed, run.output
        return run.told


def test_tools_are_downloaded_once(site: Site, upstream: Upstream) -> None:
    site.run()
    assert (site.bin / "kubectl").read_bytes() == program("kubectl")
    assert (site.bin / "helm").read_bytes() == program("helm")
    assert (site.bin / "kubectl").resolve().stat().st_mode & 0o777 == 0o755
    upstream.asked.clear()
    site.run(changed=0)
    assert upstream.asked == []


@pytest.mark.parametrize("name", [f"{BINARIES}/kubectl", HELM_ARCHIVE], ids=["kubectl", "helm"])
def test_what_does_not_match_its_checksum_is_not_kept(site: Site, upstream: Upstream, name: str) -> None:
    right, upstream.files[name] = upstream.files[name], b"not what was published"
    told = site.run(code=2)
    assert "The checksum for" in told
    kept = [path.name for path in site.cache.rglob("*") if path.is_file()]
    assert Path(name).name not in kept
    upstream.files[name] = right
    site.run()
    assert (site.bin / "helm").read_bytes() == program("helm")


def test_a_file_that_is_not_there_is_told_with_its_address(site: Site, upstream: Upstream) -> None:
    del upstream.files[f"{BINARIES}/kubectl"]
    told = site.run(code=2)
    assert f"{site.url}{BINARIES}/kubectl" in told
    assert "404" in told
    assert not (site.tools / "kubectl").exists()


def test_a_server_that_goes_in_the_middle_leaves_nothing(site: Site, upstream: Upstream) -> None:
    upstream.cut.add(f"{BINARIES}/kubectl")
    site.run(code=2)
    assert not (site.tools / "kubectl").exists()
    upstream.cut.clear()
    site.run()
    assert (site.bin / "kubectl").read_bytes() == program("kubectl")


def test_a_certificate_that_nobody_knows_is_refused(site: Site) -> None:
    assert "CERTIFICATE_VERIFY_FAILED" in site.run(code=2, cluster_ca_bundle="")
    assert not (site.tools / "kubectl").exists()


def test_a_proxy_of_the_environment_is_used(site: Site) -> None:
    asked: list[str] = []
    port = int(site.url.rpartition(":")[2])
    with serving(type("Passing", (Proxy,), {"asked": asked, "server_port": port})) as proxy:
        site.run(proxy=proxy)
    assert len(asked) == 4
    assert (site.bin / "kubectl").read_bytes() == program("kubectl")


def test_where_nothing_can_be_downloaded_the_path_will_do(
    site: Site, upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for name in ("kubectl", "helm"):
        (own / name).write_bytes(program("own"))
        (own / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{own}:/usr/bin:/bin")
    site.run(cluster_reachable={})
    assert (site.bin / "kubectl").resolve() == own / "kubectl"
    assert upstream.asked == []


def test_the_nodes_binaries_are_downloaded(site: Site, upstream: Upstream) -> None:
    everything = dict.fromkeys(["kubernetes", "helm", "github", "images", "kubernetes_images"], True)
    site.run(tasks_from="kubeadm/fetch", cluster_reachable=everything)
    toolchain = site.cache / "toolchain" / f"{KUBERNETES}-{BUNDLE}-{HELM}"
    assert sorted(path.name for path in (toolchain / "bin").iterdir()) == sorted(
        ["kubelet", "kubeadm", "kubectl", "helm", *IN_BUNDLE]
    )
    upstream.files[BUNDLE_ARCHIVE] = b"not what was published"
    shutil.rmtree(toolchain)
    assert "The checksum for" in site.run(tasks_from="kubeadm/fetch", cluster_reachable=everything, code=2)
    assert not (toolchain / Path(BUNDLE_ARCHIVE).name).exists()
