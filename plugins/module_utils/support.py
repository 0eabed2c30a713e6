"""What a maintainer needs to see of a deployment, as texts in which no secret is left."""

from __future__ import annotations

import io
import json
import platform
import re
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.pods import containers_of
from ansible_collections.todo.platform.plugins.module_utils.diagnosis import Redactor
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import (
    RECORD_PREFIX,
    as_yaml,
    documents,
    presentable,
)
from ansible_collections.todo.platform.plugins.module_utils.helm import SECRET_TYPE, Helm, HelmError
from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl, KubectlError, KubeObject
from ansible_collections.todo.platform.plugins.module_utils.planning import KINDS

Texts = Iterator[tuple[str, str]]
"""Names of files in the archive, and what they hold."""

LOG_LINES = 2000
OBJECTS = (*KINDS, "pods", "replicasets.apps", "resourcequotas", "limitranges")
STATE_FILES = ("images.json", "provider.json", "reachable.json", "build-*.log", "load-*.log")
REPORT_FILES = ("report.json", "report.html", "junit.xml", "timings.json")

# What looks like a secret, wherever it came from.
_LOOKS_SECRET = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), "***"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), "***"),
    (re.compile(r"(://[^\s/:@\"']*:)[^\s/@\"']+@"), r"\1***@"),
    (re.compile(r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b|(?<=--certificate-key )\S+"), "***"),
    (re.compile(r"(?i)\b(bearer|basic) [\w.~+/=-]{8,}"), r"\1 ***"),
)


@dataclass(frozen=True)
class Cleaner:
    """Takes secrets out of texts: values that are known, and what looks like one. `further` are values of no Secret."""

    redact: Redactor
    further: tuple[str, ...] = ()

    def text(self, text: str) -> str:
        """The text with `***` for every secret."""
        for value in self.further:
            text = text.replace(value, "***")
        text = self.redact(text)
        for pattern, shown in _LOOKS_SECRET:
            text = pattern.sub(shown, text)
        return text

    def data(self, value: Any) -> Any:
        """Plain data, cleaned text by text, before a line of YAML ends in the middle of a value."""
        if isinstance(value, Mapping):
            return {key: self.data(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(one) for one in value]
        return self.text(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Collector:
    """Reads everything; what can't be read is told in its place."""

    kubectl: Kubectl
    helm: Helm
    cleaner: Cleaner
    namespaces: tuple[str, ...]
    releases: tuple[tuple[str, str], ...]

    def texts(self) -> Texts:
        """What the cluster gives."""
        yield "cluster/nodes.yaml", self._objects("nodes", None)
        yield "cluster/version.json", self._said("version", "--output=json")
        yield "cluster/storage.txt", self._said("get", "storageclasses,persistentvolumes", "--output=wide")
        for namespace in self.namespaces:
            yield f"{namespace}/objects.yaml", self._objects(",".join(OBJECTS), namespace)
            events = ("get", "events", "--sort-by=.metadata.creationTimestamp", "--output=wide")
            yield f"{namespace}/events.txt", self._said(*events, namespace=namespace)
            yield f"{namespace}/pods.txt", self._said("describe", "pods", namespace=namespace)
            yield from self._logs(namespace)
        for namespace, name in self.releases:
            yield from self._release(namespace, name)

    def _release(self, namespace: str, name: str) -> Texts:
        folder = f"{namespace}/releases/{name}"
        try:
            history = self.helm.run("history", name, "--output=json", namespace=namespace)
            yield f"{folder}/history.json", history
            for revision in [one["revision"] for one in json.loads(history)][-2:]:
                manifest = documents(self.helm.manifest(name, namespace, revision))
                yield f"{folder}/manifest-{revision}.yaml", self._yaml(manifest)
        except HelmError as error:
            yield f"{folder}/history.json", str(error)

    def _logs(self, namespace: str) -> Texts:
        try:
            pods = self.kubectl.get_json("pods", namespace=namespace)
        except KubectlError as error:
            yield f"{namespace}/logs.txt", str(error)
            return
        wanted = []
        for pod in pods:
            for container in containers_of(pod["status"]):
                names = (pod["metadata"]["name"], container["name"])
                wanted.append((*names, False))
                if container.get("restartCount"):
                    wanted.append((*names, True))

        def read(one: tuple[str, str, bool]) -> tuple[str, str]:
            pod, container, previous = one
            args = ["logs", pod, f"--container={container}", f"--tail={LOG_LINES}", "--timestamps"]
            file = f"{namespace}/logs/{pod}/{container}{'.previous' if previous else ''}.log"
            return file, self._said(*args, *(["--previous"] if previous else []), namespace=namespace)

        with ThreadPoolExecutor(max_workers=4) as pool:
            yield from pool.map(read, wanted)

    def _objects(self, kinds: str, namespace: str | None) -> str:
        try:
            return self._yaml(self.kubectl.get_json(kinds, namespace=namespace))
        except KubectlError as error:
            return str(error)

    def _yaml(self, objects: Iterable[KubeObject]) -> str:
        return as_yaml(
            [self.cleaner.data(without_content(item)) for item in objects if item.get("type") != SECRET_TYPE]
        )

    def _said(self, *args: str, namespace: str | None = None) -> str:
        try:
            return self.kubectl.run(*args, namespace=namespace)
        except KubectlError as error:
            return str(error)


def without_content(item: KubeObject) -> KubeObject:
    """An object without a Secret's values, which a client may have noted in an annotation too, and without bulk."""
    shown = presentable(item)
    metadata = {key: value for key, value in item["metadata"].items() if key != "managedFields"}
    if item["kind"] == "Secret" and metadata.get("annotations"):
        metadata["annotations"] = {
            key: value for key, value in metadata["annotations"].items() if "last-applied" not in key
        }
    if item["kind"] == "ConfigMap" and metadata["name"].startswith(RECORD_PREFIX):
        shown.pop("binaryData", None)
    return {**shown, "metadata": metadata}


def of_files(folder: Path, patterns: Iterable[str], name: str) -> Texts:
    """The files of a folder that match, under `name`, the last lines of those that are long."""
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            yield f"{name}/{path.name}", "\n".join(lines[-LOG_LINES:])


def versions(commands: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """This machine, and what each command says of its version."""
    found = {"python": platform.python_version(), "kernel": platform.release(), "machine": platform.machine()}
    try:
        found["system"] = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        found["system"] = platform.system()
    for name, command in commands.items():
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
            found[name] = (done.stdout or done.stderr).strip()
        except (OSError, subprocess.TimeoutExpired) as error:
            found[name] = f"unknown: {error}"
    return found


def write_archive(path: Path, texts: Texts, clean: Callable[[str], str]) -> list[str]:
    """Writes cleaned texts into a compressed archive that only its owner reads; returns their names."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder, names = path.name.removesuffix(".tar.gz"), []
    unfinished = path.with_suffix(".part")
    unfinished.touch(mode=0o600)
    with tarfile.open(unfinished, "w:gz") as archive:
        for name, text in texts:
            content = clean(text).encode()
            entry = tarfile.TarInfo(f"{folder}/{clean(name)}")
            entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
            archive.addfile(entry, io.BytesIO(content))
            names.append(name)
    unfinished.replace(path)
    return names
