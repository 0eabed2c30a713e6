"""Renders the charts with the real Helm and looks into what comes out."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHARTS = Path(__file__).resolve().parents[2] / "app" / "charts"
CACHE = Path.home() / ".cache" / "todo-platform"
COMPONENTS = ("todo-backend", "todo-frontend", "todo-agent")
APPLICATIONS = (*COMPONENTS, "postgres")
# Charts with several components.
SYSTEMS = ("evolved-todo", "todo-app")

Manifest = dict[str, Any]
Values = dict[str, Any]


class HelmError(Exception):
    """Helm refused; the text is what it printed."""


def find_tool(name: str) -> str | None:
    """Path of a tool: from the variable of its name, the PATH, or the cache that the platform fills."""
    explicit = os.environ.get(name.upper().replace("-", "_"))
    # What Go makes of etcd's sources is called `server`.
    names = {name, "server"} if name == "etcd" else {name}
    found = (path for each in names for path in CACHE.glob(f"**/bin/{each}") if os.access(path, os.X_OK))
    newest = max(found, key=lambda path: path.stat().st_mtime, default=None)
    return explicit or shutil.which(name) or (str(newest) if newest else None)


@functools.cache
def helm_path() -> str:
    """Path of Helm; every test of the charts needs it."""
    found = find_tool("helm")
    if found is None:
        raise HelmError("helm is neither in $HELM, nor on the PATH, nor in ~/.cache/todo-platform")
    return found


def helm(*arguments: str, stdin: str | None = None) -> str:
    """Standard output of a Helm command.

    Raises:
        HelmError: Helm failed.
    """
    run = subprocess.run(
        [helm_path(), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise HelmError(run.stderr)
    return run.stdout


@dataclass(frozen=True)
class Release:
    """The objects that a chart renders."""

    manifests: tuple[Manifest, ...]

    def all(self, kind: str) -> list[Manifest]:
        """Objects of a kind, in the order of their names."""
        return sorted((m for m in self.manifests if m["kind"] == kind), key=lambda m: str(m["metadata"]["name"]))

    def one(self, kind: str) -> Manifest:
        """The only object of a kind."""
        (manifest,) = self.all(kind)
        return manifest

    def pods(self) -> Iterator[tuple[str, Manifest]]:
        """Pod templates, each with the kind of what makes the pods."""
        for manifest in self.manifests:
            if manifest["kind"] in ("Deployment", "StatefulSet", "Job"):
                yield manifest["kind"], manifest["spec"]["template"]

    def container(self, kind: str = "Deployment") -> Manifest:
        """The only container of the only object of a kind."""
        (container,) = self.one(kind)["spec"]["template"]["spec"]["containers"]
        assert isinstance(container, dict)
        return container


def render(chart: str, values: Values | None = None, *, release: str | None = None) -> Release:
    """Renders a chart with values over its defaults. The release is named after the chart unless told otherwise.

    Raises:
        HelmError: the values or a template were refused.
    """
    return _render(chart, json.dumps(values or {}), release or chart)


@functools.cache
def _render(chart: str, values: str, release: str) -> Release:
    output = helm("template", release, str(CHARTS / chart), "--namespace", "here", "--values", "-", stdin=values)
    return Release(tuple(manifest for manifest in yaml.safe_load_all(output) if manifest))


def default_values(chart: str) -> Values:
    """The values of a chart as its values.yaml has them."""
    loaded = yaml.safe_load((CHARTS / chart / "values.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def schema(chart: str) -> Values:
    """The schema of a chart's values."""
    loaded = json.loads((CHARTS / chart / "values.schema.json").read_text())
    assert isinstance(loaded, dict)
    return loaded
