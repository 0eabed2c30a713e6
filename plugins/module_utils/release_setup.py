"""What the modules that work on releases begin with: the tools, and texts that may be shown."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.fingerprint import (
    Drift,
    Reference,
    as_yaml,
    documents,
    presentable,
    secret_data,
)
from ansible_collections.todo.platform.plugins.module_utils.helm import Helm
from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl, KubeObject


def tools(params: Mapping[str, Any]) -> tuple[Kubectl, Helm]:
    """kubectl and helm of `bin_dir`, or of the PATH where it has none."""
    where: dict[str, Any] = {"kubeconfig": params["kubeconfig"] or None, "context": params["context"] or None}
    return Kubectl(_tool("kubectl", params["bin_dir"]), **where), Helm(_tool("helm", params["bin_dir"]), **where)


def _tool(name: str, bin_dir: str | None) -> str:
    if bin_dir and (path := Path(bin_dir, name)).exists():
        return str(path)
    return shutil.which(name) or (str(Path(bin_dir, name)) if bin_dir else name)


def state_dir(params: Mapping[str, Any]) -> str:
    """Where the locks are."""
    return params["state_dir"] or str(Path(tempfile.gettempdir()) / f"todo-platform-{Path.home().name}")


Diff = dict[str, str]
"""One entry of Ansible's diff: before, after and their headers."""


def manifest_diff(release: str, before: str, after: str, redact: Callable[[str], str]) -> list[Diff]:
    """The objects in which two manifests of a release differ; the values of Secrets are hidden."""
    old = {Reference.of(item).key: item for item in documents(before)}
    new = {Reference.of(item).key: item for item in documents(after)}
    keys = [*new, *(key for key in old if key not in new)]
    return [_entry(release, old.get(key), new.get(key), redact) for key in keys if old.get(key) != new.get(key)]


def _entry(release: str, old: KubeObject | None, new: KubeObject | None, redact: Callable[[str], str]) -> Diff:
    title = f"{release}: {Reference.of(old or new or {})}"
    shown_old, shown_new = presentable(old or {}), presentable(new or {})
    if old and new and old["kind"] == "Secret":
        was, will = secret_data(old), secret_data(new)
        for part in ("data", "stringData"):
            shown_new[part] = {
                key: "(hidden, another value)" if key in was and was[key] != will.get(key) else value
                for key, value in (shown_new.get(part) or {}).items()
            }
    return {
        "before_header": title,
        "after_header": title,
        "before": redact(as_yaml(shown_old)) if old else "",
        "after": redact(as_yaml(shown_new)) if new else "",
    }


def drift_diff(release: str, drift: Sequence[Drift], redact: Callable[[str], str]) -> list[Diff]:
    """What a repair undoes: the live object against the recorded one."""
    return [
        {
            "before_header": f"{release}: {one.reference} (live)",
            "after_header": f"{release}: {one.reference} (released)",
            "before": redact(as_yaml(_with_hidden(one, one.live, "live"))) if one.live is not None else "",
            "after": redact(as_yaml(_with_hidden(one, one.recorded, "recorded"))),
        }
        for one in drift
    ]


def _with_hidden(drift: Drift, form: Mapping[str, Any], side: str) -> dict[str, Any]:
    """The normal form, which has no content of a Secret, with the names of the keys that differ."""
    if drift.reference.kind != "Secret":
        return dict(form)
    changed = {change.path: getattr(change, side) for change in drift.changes if change.path.startswith("data")}
    return {**form, **{path: value for path, value in changed.items() if value is not None}}
