"""Runs helm against one cluster, and reads what Helm keeps about its releases."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from ansible_collections.todo.platform.plugins.module_utils import program
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubeObject, annotations_of, labels_of

SECRET_TYPE = "helm.sh/release.v1"
HISTORY_MAX = 10
"""Revisions that Helm keeps of a release, to which one can roll back; each is read at every run."""

QUICK = 60
"""Seconds that a helm call which changes nothing may take."""

_NOISE = re.compile(r"^(WARNING|warning|level=|W\d{4}|I\d{4}|time=|\d{4}/\d\d/\d\d )")
_EXPLAINED = {
    "don't meet the specifications of the schema": "a value has a wrong name or type: see the chart's values.yaml",
    "cannot be imported into the current release": "the object is not Helm's: delete it, or rename the release",
    "is in progress": "another helm is at work on this release",
    "field is immutable": "this field cannot be changed in place: delete the object once, then run again",
    "violates podsecurity": "the pod asks for more than the namespace's Pod Security level allows",
    "exceeded quota": "the namespace's ResourceQuota is used up",
    "chart requires kubeversion": "the chart does not support this version of Kubernetes",
    "missing in charts/": "a library chart is not vendored: run `helm dependency update` on the chart",
}


class HelmError(Exception):
    """helm said no. `str(error)` is Helm's own message; `hint` says what it means where that is known."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        lower = message.lower()
        self.hint = next((hint for sign, hint in _EXPLAINED.items() if sign in lower), "")


@dataclass(frozen=True)
class Revision:
    """One revision of a release, from the labels of the Secret that Helm keeps of it."""

    number: int
    status: str
    """deployed, superseded, failed, pending-install, pending-upgrade, pending-rollback, uninstalling, uninstalled."""


@dataclass(frozen=True)
class Chart:
    """What Helm takes a chart from: a folder, an archive or a reference, with the values for it."""

    reference: str
    version: str = ""
    repo: str = ""
    values_files: Sequence[str] = ()

    def arguments(self) -> list[str]:
        """The arguments after the release's name. The values that are no file are read from standard input."""
        arguments = [self.reference]
        arguments += [f"--version={self.version}"] if self.version else []
        arguments += [f"--repo={self.repo}"] if self.repo else []
        arguments += [f"--values={file}" for file in self.values_files]
        return [*arguments, "--values=-"]


@dataclass(frozen=True)
class Helm:
    """One cluster as helm sees it."""

    binary: str = "helm"
    kubeconfig: str | None = None
    context: str | None = None

    def command(self, args: Iterable[str], namespace: str) -> list[str]:
        """The argument list of one call."""
        command = [self.binary, *args, f"--namespace={namespace}"]
        command += [f"--kubeconfig={self.kubeconfig}"] if self.kubeconfig else []
        command += [f"--kube-context={self.context}"] if self.context else []
        return command

    def environment(self) -> dict[str, str]:
        """The process environment: Secrets as storage, and nothing of the caller's that would switch namespaces."""
        foreign = ("HELM_NAMESPACE", "HELM_KUBECONTEXT", "HELM_DEBUG", "HELM_KUBEAPISERVER", "HELM_KUBETOKEN")
        environment = {key: value for key, value in os.environ.items() if key not in foreign}
        environment["HELM_DRIVER"] = "secret"
        if self.kubeconfig:
            environment["KUBECACHEDIR"] = str(Path(self.kubeconfig).parent / "cache")
        return environment

    def run(self, *args: str, namespace: str = "default", stdin: str | None = None, timeout: float = QUICK) -> str:
        """Runs `helm ARGS` and returns what it printed. Raises HelmError."""
        what = f"helm {' '.join(args[:2])}"
        try:
            done = program.run(
                self.command(args, namespace), self.environment(), what=what, stdin=stdin, timeout=timeout
            )
        except program.ProgramError as error:
            raise HelmError(str(error)) from error
        if done.returncode:
            raise HelmError(clean(done.stderr))
        return done.stdout

    def start(
        self, *args: str, namespace: str, stdin: str | None, stderr: IO[str], keep: Sequence[int] = ()
    ) -> subprocess.Popen[str]:
        """Starts `helm ARGS` and returns at once; `keep` are file descriptors that it inherits."""
        try:
            process = subprocess.Popen(
                self.command(args, namespace),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                text=True,
                env=self.environment(),
                pass_fds=keep,
            )
        except FileNotFoundError as error:
            raise HelmError(self.missing()) from error
        with contextlib.suppress(BrokenPipeError), cast("IO[str]", process.stdin) as pipe:
            pipe.write(stdin or "")
        return process

    def missing(self) -> str:
        """What to say where there is no helm."""
        return program.missing("helm", self.binary)

    def version(self) -> str:
        """The version as far as it can change what a chart renders to: `v3.21`."""
        text = self.run("version", "--short").strip()
        match = re.match(r"v?\d+\.\d+", text)
        return f"v{match.group().removeprefix('v')}" if match else text

    def template(self, name: str, namespace: str, chart: Chart, values: str, upgrade: bool) -> str:
        """The manifest that the chart renders to, hooks left out; needs no cluster. Raises HelmError."""
        extra = ["--is-upgrade"] if upgrade else []
        return self.run("template", name, *chart.arguments(), "--no-hooks", *extra, namespace=namespace, stdin=values)

    def manifest(self, name: str, namespace: str, revision: int) -> str:
        """The manifest of a revision, as Helm keeps it. It can hold Secrets: never print it."""
        return self.run("get", "manifest", name, f"--revision={revision}", namespace=namespace)

    def hooks(self, name: str, namespace: str, revision: int) -> str:
        """The hooks of a revision."""
        return self.run("get", "hooks", name, f"--revision={revision}", namespace=namespace)


def revisions(secrets: Iterable[KubeObject], name: str) -> list[Revision]:
    """The revisions of one release, oldest first, from the Secrets of its namespace."""
    found = []
    for secret in secrets:
        marks = labels_of(secret)
        if secret.get("type") == SECRET_TYPE and marks.get("owner") == "helm" and marks.get("name") == name:
            found.append(Revision(int(marks["version"]), marks["status"]))
    return sorted(found, key=lambda revision: revision.number)


def serving(history: Sequence[Revision]) -> int | None:
    """The newest revision that was deployed whole, to which one can roll back; None if there never was one."""
    for status in ("deployed", "superseded"):
        numbers = [revision.number for revision in history if revision.status == status]
        if numbers:
            return max(numbers)
    return None


def clean(stderr: str) -> str:
    """Helm's message without warnings and log lines."""
    lines = [line.rstrip() for line in stderr.splitlines() if line.strip() and not _NOISE.match(line)]
    text = "\n".join(lines) or stderr.strip() or "helm ended without a message"
    return text.removeprefix("Error: ")


def owner(item: KubeObject) -> str:
    """The release that an object belongs to, or an empty string."""
    return annotations_of(item).get("meta.helm.sh/release-name", "")


def owned(manifest: dict[str, Any], name: str, namespace: str) -> KubeObject:
    """An object of a manifest as Helm applies it: in its namespace and with Helm's marks of ownership."""
    metadata = dict(manifest.get("metadata") or {})
    metadata["labels"] = {**(metadata.get("labels") or {}), "app.kubernetes.io/managed-by": "Helm"}
    metadata["annotations"] = {
        **(metadata.get("annotations") or {}),
        "meta.helm.sh/release-name": name,
        "meta.helm.sh/release-namespace": namespace,
    }
    return {**manifest, "metadata": metadata}
