"""What a registry holds, asked of one on the loopback: open, with a log-in of each kind, away, and broken."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.todo.platform.plugins.module_utils.registry import Registry, RegistryError

from tests.unit.standins import certificate, serving, tls

DIGEST = "sha256:" + "1" * 64
CANARY = "canary-77c0"
BASIC = "Basic " + base64.b64encode(f"team:{CANARY}".encode()).decode()


class Handler(BaseHTTPRequestHandler):
    """The part of the distribution API that tells digests; `scheme` is how it wants to know who asks."""

    scheme = ""
    asked: list[str]

    def do_HEAD(self) -> None:
        self.asked.append(self.path)
        wanted = {"": None, "Basic": BASIC, "Bearer": "Bearer one-token"}[self.scheme]
        if wanted and self.headers["Authorization"] != wanted:
            realm = f'Bearer realm="http://{self.headers["Host"]}/token",service="here"'
            return self.answer(HTTPStatus.UNAUTHORIZED, challenge='Basic realm="x"' if wanted == BASIC else realm)
        if self.path == "/v2/broken/app/manifests/1":
            return self.answer(HTTPStatus.SERVICE_UNAVAILABLE)
        known = self.path == "/v2/team/app/manifests/1"
        return self.answer(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND, digest=DIGEST if known else "")

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        assert asked == {"service": ["here"], "scope": ["repository:team/app:pull"]}
        right = self.headers["Authorization"] == BASIC
        self.answer(HTTPStatus.OK if right else HTTPStatus.UNAUTHORIZED, body=json.dumps({"token": "one-token"}))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        right = form["grant_type"] == ["refresh_token"] and form["refresh_token"] == [CANARY]
        self.answer(HTTPStatus.OK if right else HTTPStatus.UNAUTHORIZED, body=json.dumps({"access_token": "one-token"}))

    def answer(self, status: HTTPStatus, *, challenge: str = "", digest: str = "", body: str = "") -> None:
        self.send_response(status)
        for name, value in (("WWW-Authenticate", challenge), ("Docker-Content-Digest", digest)):
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.1:9" if "all" not in name.lower() else "")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    (tmp_path / "docker").mkdir()
    return tmp_path / "docker" / "config.json"


@pytest.fixture(params=["", "Basic", "Bearer"], ids=["open", "basic", "bearer"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def host(scheme: str) -> Iterator[str]:
    with serving(type("Registry", (Handler,), {"scheme": scheme, "asked": []})) as url:
        yield urlsplit(url).netloc


def log_in(config: Path, host: str, **how: str) -> None:
    config.write_text(json.dumps({"auths": {host: how}}))


def test_what_it_holds_and_what_not(host: str, docker_config: Path) -> None:
    log_in(docker_config, host, auth=BASIC.partition(" ")[2])
    registry = Registry()
    assert registry.get(f"{host}/team/app:1", "") == DIGEST
    assert registry.get(f"{host}/team/app:2", "none") == "none"


@pytest.mark.parametrize("scheme", ["Bearer"])
def test_an_identity_token_of_a_log_in_through_a_browser(host: str, docker_config: Path) -> None:
    log_in(docker_config, host, auth="", identitytoken=CANARY)
    assert Registry().get(f"{host}/team/app:1", "") == DIGEST


@pytest.mark.parametrize("scheme", ["Basic", "Bearer"])
@pytest.mark.parametrize("password", ["", f"{CANARY}-wrong"], ids=["none", "wrong"])
def test_without_the_right_log_in_it_says_how(host: str, docker_config: Path, password: str) -> None:
    if password:
        log_in(docker_config, host, auth=base64.b64encode(f"team:{password}".encode()).decode())
    with pytest.raises(RegistryError, match=f"team/app without a log-in: docker login {host}") as told:
        Registry().get(f"{host}/team/app:1", "")
    assert CANARY not in str(told.value)


@pytest.mark.parametrize("scheme", [""])
def test_a_registry_that_is_broken(host: str) -> None:
    with pytest.raises(RegistryError, match=r"answers 503 when asked for broken/app:1"):
        Registry().get(f"{host}/broken/app:1", "")


def test_a_registry_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(RegistryError, match=rf"the registry 127.0.0.1:{port} does not answer \(.*refused\): start it"):
        Registry().get(f"127.0.0.1:{port}/team/app:1", "")


def test_a_private_certificate_authority(tmp_path: Path) -> None:
    bundle = certificate(tmp_path)
    with serving(type("Registry", (Handler,), {"asked": []}), tls(bundle)) as url:
        host = urlsplit(url).netloc
        assert Registry(str(bundle)).get(f"{host}/team/app:1", "") == DIGEST


def test_elsewhere_nothing_goes_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with serving(type("Registry", (Handler,), {"asked": asked})) as url:
        # A name that is this machine and does not say so: what would answer without TLS is not asked.
        elsewhere = f"{socket.gethostname()}:{urlsplit(url).port}"
        monkeypatch.setenv("https_proxy", "")
        with pytest.raises(RegistryError, match="does not answer"):
            Registry().get(f"{elsewhere}/team/app:1", "")
    assert asked == []
