"""A small HTTP client: one request over TCP, TLS or a unix socket, with a bound on time and size."""

from __future__ import annotations

import dataclasses
import http.client
import json
import socket
import ssl
import urllib.parse
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes of a body that are read; the rest is cut off."""


class RequestError(Exception):
    """No answer: refused, timed out, reset, or not HTTP."""


@dataclasses.dataclass(frozen=True)
class Response:
    """An HTTP answer of whatever status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes

    @property
    def succeeded(self) -> bool:
        """Whether the status is 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def refused(self) -> bool:
        """Whether the status is an error, of the client or of the server."""
        return self.status >= HTTPStatus.BAD_REQUEST

    @property
    def broken(self) -> bool:
        """Whether the status is an error of the server."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON.

        :raises ValueError: it is something else.
        """
        return json.loads(self.body)


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """Where requests go: a unix socket, or host and port. `base` goes before every path; `verify` is about TLS."""

    host: str = "localhost"
    port: int = 80
    base: str = ""
    tls: bool = False
    verify: bool = True
    unix_socket: str | None = None

    @classmethod
    def of_url(cls, url: str, verify: bool = True) -> Self:
        """The endpoint of `http://host[:port][/base]`.

        :raises ValueError: it is no such URL.
        """
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an http or https URL")
        tls = parts.scheme == "https"
        return cls(parts.hostname, parts.port or (443 if tls else 80), parts.path.rstrip("/"), tls, verify)

    def under(self, base: str) -> Self:
        """The same endpoint with `base` after its own."""
        return dataclasses.replace(self, base=self.base + base)

    def request(
        self,
        path: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
    ) -> Response:
        """One request on a connection of its own; redirects are not followed.

        :param timeout: seconds for each wait on the network.
        :raises RequestError: there was no answer.
        """
        connection = self._connection(timeout)
        try:
            connection.request(method, self.base + path, body, {"User-Agent": "todo-platform", **(headers or {})})
            answer = connection.getresponse()
            return Response(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                tuple(answer.headers.get_all("Set-Cookie") or ()),
                answer.read(LARGEST_BODY),
            )
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise RequestError(_reason(error, timeout)) from error
        finally:
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        if self.unix_socket is not None:
            return _UnixConnection(self.unix_socket, timeout)
        if not self.tls:
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        context = ssl.create_default_context()
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _reason(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return str(error) or type(error).__name__
