"""Runs kubectl against one cluster: typed, with a bound on every wait, and with errors that say what to do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils import program

KubeObject = dict[str, Any]
"""One Kubernetes object as the API gives it: apiVersion, kind, metadata, ..."""

REQUEST_TIMEOUT = 15
"""Seconds that one request to the API may take."""

PROCESS_TIMEOUT = 60
"""Seconds that one kubectl process may take, unless the caller says otherwise."""

CLIENT_OPTIONS: dict[str, dict[str, Any]] = {
    "kubectl": {"type": "str", "default": "kubectl"},
    "kubeconfig": {"type": "path"},
    "context": {"type": "str"},
}
"""What the modules share which call kubectl themselves, in Ansible's terms."""

_UNREACHABLE = (
    "connection refused",
    "connection reset",
    "no route to host",
    "network is unreachable",
    "no such host",
    "i/o timeout",
    "tls handshake timeout",
    "unable to connect to the server",
    "client.timeout exceeded",
    "context deadline exceeded",
    "apiserver not ready",
    "server is currently unable to handle the request",
    "connection to the server",
)


class KubectlError(Exception):
    """kubectl said no. `str(error)` is one readable text; `returncode` is None when kubectl never ended."""

    def __init__(self, message: str, returncode: int | None = None) -> None:
        super().__init__(message)
        self.returncode = returncode


class ClusterUnreachableError(KubectlError):
    """No API answers at the address in the kubeconfig, or there is no kubeconfig yet."""


class NotFoundError(KubectlError):
    """The named object, kind or namespace does not exist."""


@dataclass(frozen=True)
class Kubectl:
    """One cluster as kubectl sees it.

    `namespace` is the default of every call that gives none; None leaves it to the kubeconfig. `variables` are set in
    kubectl's environment beside those of this process.
    """

    binary: str = "kubectl"
    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)

    def command(self, args: Iterable[str], namespace: str | None = None) -> list[str]:
        """The argument list of one call."""
        command = [self.binary, f"--request-timeout={REQUEST_TIMEOUT}s"]
        if self.kubeconfig:
            command.append(f"--kubeconfig={self.kubeconfig}")
        if self.context:
            command.append(f"--context={self.context}")
        if namespace := namespace or self.namespace:
            command.append(f"--namespace={namespace}")
        return [*command, *args]

    def environment(self) -> dict[str, str]:
        """The process environment: the API discovery cache is kept beside the kubeconfig that it belongs to."""
        environment = {**os.environ, **self.variables}
        if self.kubeconfig:
            environment["KUBECACHEDIR"] = str(Path(self.kubeconfig).parent / "cache")
        return environment

    def run(
        self,
        *args: str,
        stdin: str | None = None,
        namespace: str | None = None,
        timeout: float = PROCESS_TIMEOUT,
    ) -> str:
        """Runs `kubectl ARGS` and returns what it printed.

        A value that must stay secret goes through `stdin`, never through an argument.
        Raises ClusterUnreachableError, NotFoundError or KubectlError.
        """
        if self.kubeconfig and not Path(self.kubeconfig).is_file():
            raise ClusterUnreachableError(f"there is no kubeconfig at {self.kubeconfig}: run the cluster stage first")
        what = f"kubectl {' '.join(args[:3])}"
        try:
            done = program.run(
                self.command(args, namespace), self.environment(), what=what, stdin=stdin, timeout=timeout
            )
        except program.ProgramError as error:
            raise KubectlError(str(error)) from error
        if done.returncode == 0:
            return done.stdout
        raise failure(args, done.stderr, done.returncode)

    def get_json(
        self,
        kinds: str | Iterable[str],
        selector: str | None = None,
        names: Iterable[str] = (),
        namespace: str | None = None,
        *,
        all_namespaces: bool = False,
        managed_fields: bool = False,
    ) -> list[KubeObject]:
        """The objects of `kinds` ("pods", or several), narrowed by label or by name; missing ones are left out."""
        wanted = kinds if isinstance(kinds, str) else ",".join(kinds)
        args = ["get", wanted, *names, "--output=json", "--ignore-not-found"]
        if selector:
            args.append(f"--selector={selector}")
        if all_namespaces:
            args.append("--all-namespaces")
        if managed_fields:
            args.append("--show-managed-fields")
        return as_objects(self.run(*args, namespace=namespace))

    def get_from(self, manifest: str, namespace: str | None = None) -> list[KubeObject]:
        """The live objects that a manifest names, of whatever kinds; missing ones are left out."""
        return as_objects(
            self.run("get", "--filename=-", "--output=json", "--ignore-not-found", stdin=manifest, namespace=namespace)
        )

    def raw(self, path: str, timeout: float = PROCESS_TIMEOUT) -> str:
        """The body of a GET of an API path such as `/readyz?verbose`."""
        return self.run("get", f"--raw={path}", timeout=timeout)


def as_objects(text: str) -> list[KubeObject]:
    """The objects in kubectl's JSON: a List is opened, one object is a list of one, nothing is an empty list."""
    if not text.strip():
        return []
    document = json.loads(text)
    return list(document["items"]) if document.get("kind", "").endswith("List") and "items" in document else [document]


def failure(args: Iterable[str], stderr: str, returncode: int | None) -> KubectlError:
    """The error that fits what kubectl printed."""
    text = " ".join(stderr.split()) or "no message"
    message = f"kubectl {' '.join(list(args)[:3])}: {text.removeprefix('error: ').removeprefix('Error from server ')}"
    lower = text.lower()
    if any(sign in lower for sign in _UNREACHABLE):
        return ClusterUnreachableError(f"{message}: is the cluster running?", returncode)
    if "notfound" in lower or "doesn't have a resource type" in lower:
        return NotFoundError(message, returncode)
    return KubectlError(message, returncode)


def labels_of(item: Mapping[str, Any]) -> dict[str, str]:
    """The labels of an object; none is an empty dict."""
    return dict(item.get("metadata", {}).get("labels") or {})


def annotations_of(item: Mapping[str, Any]) -> dict[str, str]:
    """The annotations of an object; none is an empty dict."""
    return dict(item.get("metadata", {}).get("annotations") or {})
