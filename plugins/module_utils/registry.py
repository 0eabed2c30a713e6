"""What an image registry holds: one HEAD request a name, with the log-in that Docker keeps."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils import reach
from docker import auth

TIMEOUT_SECONDS = 10.0
_MANIFESTS = ", ".join(
    [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]
)
_DOCKER_HUB = "docker.io"


class RegistryError(RuntimeError):
    """A registry that gives no answer, with what to do."""


class Registry:
    """Asks registries for digests. Credentials are those of `docker login`; they are in no message."""

    def __init__(self, ca_bundle: str = "") -> None:
        self._trust = reach.trust(ca_bundle)
        self._headers: dict[str, str] = {}

    def get(self, reference: str, default: str, /) -> str:
        """The digest under which a registry holds a canonical reference, or `default` when it does not.

        Raises RegistryError when the registry is away or wants another log-in.
        """
        host, _, rest = reference.partition("/")
        name, _, tag = rest.rpartition(":")
        for scheme in ("https", "http") if _is_loopback(host) else ("https",):
            try:
                return self._digest(scheme, host, name, tag) or default
            except (OSError, HTTPException) as error:
                reason = getattr(error, "reason", error)
                # As Docker does, a registry on this very machine is asked without TLS too.
                if scheme == "https" and _is_loopback(host) and isinstance(reason, ssl.SSLError):
                    continue
                raise RegistryError(
                    f"the registry {host} does not answer ({reason}): start it, or correct images_registry"
                ) from error
        return default

    def _digest(self, scheme: str, host: str, name: str, tag: str) -> str:
        api = "registry-1.docker.io" if host == _DOCKER_HUB else host
        url = f"{scheme}://{api}/v2/{name}/manifests/{tag}"
        response = self._ask(url, host, self._headers.get(f"{host}/{name}", ""))
        if response.code == HTTPStatus.UNAUTHORIZED:
            header = self._log_in(response.headers.get("WWW-Authenticate", ""), host, name)
            response = self._ask(url, host, header)
            self._headers[f"{host}/{name}"] = header
        if response.code == HTTPStatus.NOT_FOUND:
            return ""
        if response.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise RegistryError(f"the registry {host} lets nobody see {name} without a log-in: docker login {host}")
        digest = response.headers.get("Docker-Content-Digest", "")
        if response.code != HTTPStatus.OK or not digest:
            raise RegistryError(f"the registry {host} answers {response.code} when asked for {name}:{tag}: see its log")
        return str(digest)

    def _ask(self, url: str, host: str, authorization: str, *, method: str = "HEAD", data: bytes | None = None) -> Any:
        request = urllib.request.Request(url, data, {"Accept": _MANIFESTS}, method=method)  # noqa: S310
        if authorization:
            # A redirect to another host does not take it along.
            request.add_unredirected_header("Authorization", authorization)
        proxies = [urllib.request.ProxyHandler({})] if _is_loopback(host) else []
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=self._trust), *proxies)
        try:
            return opener.open(request, timeout=TIMEOUT_SECONDS)
        except urllib.error.HTTPError as error:
            return error

    def _log_in(self, challenge: str, host: str, name: str) -> str:
        """The Authorization header that answers a registry's challenge; empty when no log-in is known."""
        known = auth.load_config().resolve_authconfig(host) or {}
        user = known.get("Username") or known.get("username") or ""
        password = known.get("Password") or known.get("password") or ""
        basic = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode() if user else ""
        kind, _, rest = challenge.partition(" ")
        if kind.lower() != "bearer":
            return basic
        details = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        realm = details.get("realm", "")
        if not realm.startswith("https://") and not _is_loopback(urllib.parse.urlsplit(realm).netloc):
            raise RegistryError(f"the registry {host} wants a log-in without TLS at {realm}: it gets none")
        query = urllib.parse.urlencode({"service": details.get("service", ""), "scope": f"repository:{name}:pull"})
        identity = known.get("IdentityToken") or known.get("identitytoken")
        if identity:
            form = urllib.parse.urlencode(
                {"grant_type": "refresh_token", "refresh_token": identity, "client_id": "docker"}
            )
            answer = self._ask(realm, host, "", method="POST", data=f"{query}&{form}".encode())
        else:
            answer = self._ask(f"{realm}?{query}", host, basic, method="GET")
        if answer.code != HTTPStatus.OK:
            return ""
        token = json.loads(answer.read())
        return f"Bearer {token.get('token') or token.get('access_token') or ''}"


def _is_loopback(host: str) -> bool:
    """Whether a registry's host[:port] is this machine."""
    name = urllib.parse.urlsplit(f"//{host}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
