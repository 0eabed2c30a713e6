"""The HTTP client, against real servers."""

from __future__ import annotations

import http.server
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.todo.platform.plugins.module_utils import http as client
from ansible_collections.todo.platform.plugins.module_utils.http import Endpoint, RequestError


class Echo(http.server.BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(201)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.end_headers()
        self.wfile.write(f"{self.path} {self.headers['Host']} {self.headers['X-Name']} ".encode() + body)

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"x" * 1000)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(server: http.server.HTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def url() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Echo)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}"


def test_a_request_and_its_answer(url: str) -> None:
    endpoint = Endpoint.of_url(f"{url}/base/").under("/more")
    response = endpoint.request("/path?x=1", "POST", {"X-Name": "me", "Host": "todo.localhost"}, b"body")
    assert response.text == "/base/more/path?x=1 todo.localhost me body"
    assert (response.status, response.cookies) == (201, ("a=1", "b=2"))
    assert (response.succeeded, response.refused, response.broken) == (True, False, False)


def test_redirects_are_not_followed(url: str) -> None:
    response = Endpoint.of_url(url).request("/")
    assert (response.status, response.headers["location"]) == (302, "/elsewhere")


def test_a_large_body_is_cut_off(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST_BODY", 10)
    assert len(Endpoint.of_url(url).request("/").body) == 10


def test_a_unix_socket(tmp_path: Path) -> None:
    class UnixServer(http.server.HTTPServer):
        address_family = socket.AF_UNIX

        def server_bind(self) -> None:
            self.socket.bind(self.server_address)
            self.server_name, self.server_port = "localhost", 0

    path = str(tmp_path / "socket")
    with serving(UnixServer(path, Echo)):  # type: ignore[arg-type]  # a path is the address of this family
        assert Endpoint(unix_socket=path).request("/x", "POST").text.startswith("/x localhost ")
    with pytest.raises(RequestError, match=r"No such file|refused"):
        Endpoint(unix_socket=str(tmp_path / "nothing")).request("/")


def test_tls_is_verified_unless_told_otherwise(tmp_path: Path) -> None:
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", key, "-out", certificate]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *files]
    subprocess.run([*command, *subject], check=True, capture_output=True)
    server = http.server.HTTPServer(("127.0.0.1", 0), Echo)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server):
        address = f"https://127.0.0.1:{server.server_port}"
        assert Endpoint.of_url(address, verify=False).request("/").status == 302
        with pytest.raises(RequestError, match="certificate"):
            Endpoint.of_url(address).request("/")


def test_silence_is_bounded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(RequestError, match=r"no answer within 0\.1 s"):
            Endpoint("127.0.0.1", silent.getsockname()[1]).request("/", timeout=0.1)
        port = silent.getsockname()[1]
    with pytest.raises(RequestError, match="connection refused"):
        Endpoint("127.0.0.1", port).request("/")


def test_what_is_not_http_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            connection.sendall(b"-ERR what?\r\n")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(RequestError):
            Endpoint("127.0.0.1", server.getsockname()[1]).request("/")
        thread.join()


@pytest.mark.parametrize("text", ["", "todo.localhost", "ftp://x", "http://"])
def test_what_is_no_url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an http"):
        Endpoint.of_url(text)


def test_ports_of_urls() -> None:
    assert (Endpoint.of_url("http://a").port, Endpoint.of_url("https://a").port) == (80, 443)
    assert Endpoint.of_url("https://a:8443/x/").base == "/x"
