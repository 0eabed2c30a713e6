"""Helm releases as data: what may be said of one, and the key of what it is made from."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import canonical, digest
from ansible_collections.todo.platform.plugins.module_utils.helm import Chart

RELEASE_OPTIONS: dict[str, dict[str, Any]] = {
    "chart": {"type": "str"},
    "version": {"type": "str"},
    "repo": {"type": "str"},
    "namespace": {"type": "str"},
    "values": {"type": "dict"},
    "values_files": {"type": "list", "elements": "str"},
    "timeout": {"type": "str"},
    "atomic": {"type": "bool"},
    "wait": {"type": "bool"},
    "hooks_key": {"type": "str", "no_log": False},
    "state": {"type": "str", "choices": ["present", "absent"]},
}
"""What a release may say, in Ansible's terms. A default is no default here, so that "not said" can be told apart."""

CONNECTION_OPTIONS: dict[str, dict[str, Any]] = {
    "defaults": {"type": "dict", "options": RELEASE_OPTIONS},
    "namespace": {"type": "str", "required": True},
    "root": {"type": "path", "default": "."},
    "kubeconfig": {"type": "path"},
    "context": {"type": "str"},
    "bin_dir": {"type": "path"},
    "state_dir": {"type": "path"},
}
"""What the modules that work on releases share."""

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_REFERENCE = re.compile(r"(oci|https?)://.+|[\w.-]+/[\w.-]+")
_IGNORED = re.compile(r"\..*|.*~|.*\.(swp|bak|tmp|orig)|__pycache__")


class ReleaseError(Exception):
    """The data of a release is wrong; the text says where and what to do."""


@dataclass(frozen=True)
class Release:
    """One Helm release as it should be. `chart` and `values_files` are absolute, unless the chart is a reference."""

    name: str
    namespace: str
    chart: Chart
    values: Mapping[str, Any]
    timeout: int
    atomic: bool = True
    wait: bool = True
    hooks_key: str = ""
    present: bool = True

    @property
    def values_text(self) -> str:
        """The values as Helm reads them from standard input."""
        return canonical(self.values)


def parse(
    items: Iterable[Mapping[str, Any]], defaults: Mapping[str, Any], namespace: str, root: str | os.PathLike[str]
) -> list[Release]:
    """The releases that the data describes; `defaults` lie under each, and values are merged key by key.

    Raises ReleaseError with all problems at once.
    """
    problems: list[str] = []
    releases: list[Release] = []
    for item in items:
        try:
            releases.append(_release(item, defaults, namespace, Path(root)))
        except ReleaseError as error:
            problems.append(f"release {item['name']}: {error}")
    names = [release.name for release in releases]
    problems += [f"release {name} is listed more than once" for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise ReleaseError("\n".join(problems))
    return releases


def _release(item: Mapping[str, Any], defaults: Mapping[str, Any], namespace: str, root: Path) -> Release:
    said = {key: value for key, value in item.items() if value is not None}
    merged = {**{key: value for key, value in defaults.items() if value is not None}, **said}
    present = merged.get("state", "present") == "present"
    where = merged.get("namespace", namespace)
    for label, value, longest in (("name", item["name"], 53), ("namespace", where, 63)):
        if not _NAME.fullmatch(value) or len(value) > longest:
            raise ReleaseError(f"{label} {value!r} is no DNS-1123 label of at most {longest} characters (a-z, 0-9, -)")
    files = [str(root / file) for file in [*(defaults.get("values_files") or []), *(item.get("values_files") or [])]]
    if present and (missing := [file for file in files if not Path(file).is_file()]):
        raise ReleaseError(f"values_files: there is no file {', '.join(missing)}")
    return Release(
        name=item["name"],
        namespace=where,
        chart=_chart(merged, files, root) if present else Chart(""),
        values=merge(defaults.get("values") or {}, item.get("values") or {}),
        timeout=seconds(merged.get("timeout", "5m")),
        atomic=merged.get("atomic", True),
        wait=merged.get("wait", True),
        hooks_key=merged.get("hooks_key", ""),
        present=present,
    )


def _chart(merged: Mapping[str, Any], files: list[str], root: Path) -> Chart:
    reference = merged.get("chart") or ""
    if not reference:
        raise ReleaseError("chart is missing: a path below the deployment's root, or a chart reference")
    version, repo = merged.get("version") or "", merged.get("repo") or ""
    local = root / reference
    if local.exists() and not repo:
        return Chart(str(local), values_files=files)
    if not repo and not _REFERENCE.fullmatch(reference):
        raise ReleaseError(f"there is no chart at {local}")
    if not version:
        raise ReleaseError(f"chart {reference} is not a path below {root}, and as a reference it needs a version")
    return Chart(reference, version, repo, files)


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Two values documents as Helm merges them: maps key by key, everything else (lists and null too) replaced."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def seconds(duration: str) -> int:
    """Seconds of a duration such as `90s`, `5m`, `1h30m` or `300`. Raises ReleaseError."""
    match = _DURATION.fullmatch(duration)
    if duration.isdecimal():
        total = int(duration)
    else:
        parts = match.groups() if match else (None, None, None)
        total = sum(int(part or 0) * unit for part, unit in zip(parts, (3600, 60, 1), strict=True))
    if total <= 0:
        raise ReleaseError(f"timeout {duration!r} is no duration: write 90s, 5m or 1h30m")
    return total


def parts(release: Release, helm_version: str) -> dict[str, str]:
    """What the release is made from, each as a hash (Helm as its version). The content key is the hash of all."""
    files = [_load(file) for file in release.chart.values_files]
    return {
        "chart": chart_digest(release.chart),
        "values": digest([*files, release.values]),
        "helm": helm_version,
        **({"hooks": digest(release.hooks_key)} if release.hooks_key else {}),
    }


def key(made_from: Mapping[str, str]) -> str:
    """The content key (SHA-256, hex) of a release."""
    return digest(made_from)


def chart_digest(chart: Chart) -> str:
    """The hash of a chart: of its files with those of its vendored charts, or of a reference with its version."""
    path = Path(chart.reference)
    if chart.version or not path.exists():
        return digest([chart.reference, chart.version, chart.repo])
    total = hashlib.sha256()
    for name, file in _files(path) if path.is_dir() else [(path.name, path)]:
        total.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a chart by their path in it, links followed as Helm follows them."""
    seen: set[str] = set()
    for base, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(base)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not _IGNORED.fullmatch(name))
        for name in sorted(name for name in names if not _IGNORED.fullmatch(name)):
            file = Path(base, name)
            yield file.relative_to(folder).as_posix(), file


def _load(file: str) -> Any:
    try:
        return yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{file} is no YAML: {' '.join(str(error).split())}") from error
