"""Which hosts answer from here: short requests side by side, remembered for a while."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any

_PROXY_SETTINGS = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
# A filter's page and a proxy that wants to know who asks are not the host itself.
_NOT_THE_HOST = frozenset(
    {HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED}
)

# An endpoint may be a package client: then the registry that this client is set up with is asked.
_CLIENTS = {
    "client:pip": [
        sys.executable,
        "-c",
        "from pip._internal.commands import create_command as c; print(c('download').parse_args(['x'])[0].index_url)",
    ],
    "client:npm": ["npm", "config", "get", "registry"],
    "client:go": ["go", "env", "GOPROXY"],
    "client:apt": ["apt-get", "indextargets", "--format", "$(SITE)"],
}


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: it is not followed to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def trust(ca_bundle: str = "") -> ssl.SSLContext:
    """The machine's own certificates and, beside them, those of a private CA.

    Raises OSError when the bundle can't be read.
    """
    context = ssl.create_default_context()
    if ca_bundle:
        context.load_verify_locations(cafile=ca_bundle)
    return context


def address(endpoint: str, *, timeout: float) -> str:
    """The URL of an endpoint; empty where it is a package client that is not here or names no registry."""
    if endpoint not in _CLIENTS:
        return endpoint
    try:
        told = subprocess.run(_CLIENTS[endpoint], capture_output=True, text=True, timeout=timeout, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    words = told.replace(",", " ").replace("|", " ").split()
    return next((word for word in words if word.startswith(("http://", "https://"))), "")


def answers(url: str, *, context: ssl.SSLContext, timeout: float) -> bool:
    """Whether a host answers a HEAD request; proxies are taken from the environment."""
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _Stay())
    try:
        request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "todo.platform"})  # noqa: S310
        with opener.open(request, timeout=timeout):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return error.code < HTTPStatus.INTERNAL_SERVER_ERROR and error.code not in _NOT_THE_HOST
    except (OSError, HTTPException, ValueError):
        return False


def probe(endpoints: Mapping[str, str], *, timeout: float, ca_bundle: str = "") -> dict[str, bool]:
    """Ask every endpoint at once; what has not answered within the time-out (seconds) does not answer."""
    context = trust(ca_bundle)
    results: queue.Queue[tuple[str, bool]] = queue.Queue()

    def ask(name: str, url: str) -> None:
        found_at = address(url, timeout=timeout)
        results.put((name, bool(found_at) and answers(found_at, context=context, timeout=timeout)))

    # A resolver that hangs can't be interrupted, so nobody waits for these threads at the end.
    for name, url in endpoints.items():
        threading.Thread(target=ask, args=(name, url), daemon=True).start()
    found = dict.fromkeys(endpoints, False)
    # A package client needs its own moment to say where its registry is.
    deadline = time.monotonic() + 2 * timeout
    for _ in endpoints:
        try:
            name, reachable = results.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        found[name] = reachable
    return found


def situation(endpoints: Mapping[str, str], ca_bundle: str) -> str:
    """What an answer depends on, as a hash: the endpoints, the proxies and the certificates."""
    proxies = {name: os.environ.get(name) or os.environ.get(name.upper()) for name in _PROXY_SETTINGS}
    return hashlib.sha256(json.dumps([dict(endpoints), proxies, ca_bundle], sort_keys=True).encode()).hexdigest()


def remembered(path: Path, key: str, *, age: float) -> dict[str, bool]:
    """The answers kept in a file, or nothing when they are older than `age` (seconds) or of another situation."""
    try:
        kept = json.loads(path.read_text())
        if kept["situation"] == key and 0 <= time.time() - kept["time"] <= age:
            return {str(name): bool(value) for name, value in kept["reachable"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return {}


def remember(path: Path, key: str, reachable: Mapping[str, bool]) -> None:
    """Keep answers for later runs."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(json.dumps({"situation": key, "time": time.time(), "reachable": dict(reachable)}))
