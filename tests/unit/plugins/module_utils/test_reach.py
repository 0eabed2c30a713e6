"""Which hosts answer, asked of real servers on the loopback."""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from ansible_collections.todo.platform.plugins.module_utils import reach
from ansible_collections.todo.platform.plugins.module_utils.reach import address

from tests.unit.standins import certificate, serving, tls


class Handler(BaseHTTPRequestHandler):
    """Answers with the status that is the path, and counts who asked for what."""

    asked: list[str]

    def do_HEAD(self) -> None:
        self.asked.append(self.path)
        self.send_response(int(self.path.rsplit("/", 1)[-1]))
        if "/30" in self.path:
            self.send_header("Location", "http://192.0.2.1/never/asked/200")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve(context: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    with serving(type("Counting", (Handler,), {"asked": asked}), context) as url:
        yield url, asked


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, True),
        (302, True),
        (401, True),
        (404, True),
        (405, True),
        (403, False),
        (407, False),
        (500, False),
        (503, False),
    ],
)
def test_what_counts_as_an_answer(status: int, expected: bool) -> None:
    with serve() as (url, asked):
        assert reach.probe({"it": f"{url}/{status}"}, timeout=5) == {"it": expected}
    assert asked == [f"/{status}"]


def test_endpoints_that_are_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, serve() as (url, _):
        endpoints = {
            "answers": f"{url}/200",
            "silent": f"http://127.0.0.1:{silent.getsockname()[1]}/",
            "unknown": "http://no-such-host.invalid/",
            "nonsense": "no address",
        }
        found = reach.probe(endpoints, timeout=2)
    assert found == {"answers": True, "silent": False, "unknown": False, "nonsense": False}


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as (proxy, asked):
        monkeypatch.setenv("http_proxy", proxy)
        assert reach.probe({"far": "http://far.invalid/200"}, timeout=5) == {"far": True}
    assert asked == ["http://far.invalid/200"]


def test_a_private_certificate_authority(tmp_path: Path) -> None:
    bundle = certificate(tmp_path)
    context = tls(bundle)
    with serve(context) as (url, _):
        assert reach.probe({"it": f"{url}/200"}, timeout=5) == {"it": False}
        assert reach.probe({"it": f"{url}/200"}, timeout=5, ca_bundle=str(bundle)) == {"it": True}


def test_answers_are_remembered_for_a_while(tmp_path: Path) -> None:
    path = tmp_path / "state" / "reachable.json"
    reach.remember(path, "here", {"pypi": True, "images": False})
    assert reach.remembered(path, "here", age=3600) == {"pypi": True, "images": False}
    assert reach.remembered(path, "elsewhere", age=3600) == {}
    assert reach.remembered(path, "here", age=-1) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"situation": "here", "time": 9e99, "reachable": {"a": true}}'])
def test_a_memory_that_is_of_no_use(tmp_path: Path, text: str) -> None:
    path = tmp_path / "reachable.json"
    path.write_text(text)
    assert reach.remembered(path, "here", age=3600) == {}


def test_the_situation_changes_with_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoints = {"pypi": "https://packages.example"}
    before = reach.situation(endpoints, "")
    assert before == reach.situation(dict(endpoints), "")
    assert before != reach.situation(endpoints, "/a/bundle")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:word@proxy.example.com")
    after = reach.situation(endpoints, "")
    assert after != before
    assert "word" not in after


@pytest.mark.parametrize("client", ["pip", "npm", "go", "apt"])
def test_a_package_client_says_where_its_registry_is(client: str) -> None:
    if client != "pip" and not shutil.which({"apt": "apt-get"}.get(client, client)):
        assert address(f"client:{client}", timeout=10) == ""
    else:
        assert address(f"client:{client}", timeout=10).startswith("http")


def test_pip_s_own_settings_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert address("client:pip", timeout=10) == "https://mirror.example/simple"


def test_a_client_that_is_not_here_leads_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert address("client:npm", timeout=1) == ""
