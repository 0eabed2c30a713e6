"""The differences that are shown, with nothing secret in them."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from ansible_collections.todo.platform.plugins.module_utils.diagnosis import Redactor
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import Change, Drift, Reference
from ansible_collections.todo.platform.plugins.module_utils.release_setup import drift_diff, manifest_diff, tools

OLD = """
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {greeting: hello, kept: "1"}
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {password: old-password, same: same-value}
---
apiVersion: v1
kind: Service
metadata: {name: web}
"""
NEW = """
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {password: new-password, same: same-value, added: added-value}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {greeting: good day of hunter2-hunter2, kept: "1"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
"""
SECRET = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"x": base64.b64encode(b"hunter2-hunter2").decode()}}
KNOWN = Redactor([SECRET])


def test_only_objects_that_differ_are_shown() -> None:
    entries = {one["before_header"]: one for one in manifest_diff("web", OLD, NEW, KNOWN)}
    assert list(entries) == ["web: Secret/web", "web: ConfigMap/web", "web: Deployment/web", "web: Service/web"]
    assert entries["web: Deployment/web"]["before"] == entries["web: Service/web"]["after"] == ""
    assert manifest_diff("web", OLD, OLD, KNOWN) == []


def test_values_of_secrets_are_not_in_a_diff() -> None:
    text = json.dumps(manifest_diff("web", OLD, NEW, KNOWN))
    for value in ("old-password", "new-password", "same-value", "added-value", "hunter2"):
        assert value not in text
    [secret] = [one for one in manifest_diff("web", OLD, NEW, KNOWN) if "Secret" in one["before_header"]]
    assert "password: (hidden, another value)" in secret["after"]
    assert "same: (hidden)" in secret["after"] and "added: (hidden)" in secret["after"]


def test_drift_is_shown_as_what_the_repair_undoes() -> None:
    changed = Drift(
        Reference("v1", "ConfigMap", "web"),
        (Change("data.greeting", "hello", "x"),),
        {"data": {"greeting": "hello"}},
        {"data": {"greeting": "x"}},
    )
    gone = Drift(Reference("v1", "Service", "web"), recorded={"spec": {"type": "ClusterIP"}})
    first, second = drift_diff("web", [changed, gone], KNOWN)
    assert (first["before"], first["after"]) == ("data:\n  greeting: x\n", "data:\n  greeting: hello\n")
    assert (second["before"], second["after"]) == ("", "spec:\n  type: ClusterIP\n")


def test_a_secrets_drift_shows_names_of_keys_alone() -> None:
    changes = (Change("data.password", "(hidden)", "(hidden, another one)"), Change("data.added", None, "(hidden)"))
    [entry] = drift_diff(
        "web", [Drift(Reference("v1", "Secret", "web"), changes, {"type": "Opaque"}, {"type": "Opaque"})], KNOWN
    )
    assert entry["before"] == "data.added: (hidden)\ndata.password: (hidden, another one)\ntype: Opaque\n"
    assert entry["after"] == "data.password: (hidden)\ntype: Opaque\n"


def test_tools_come_from_the_folder_or_else_from_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, path = tmp_path / "bin", tmp_path / "path"
    for place, name in ((folder, "kubectl"), (path, "kubectl"), (path, "helm")):
        place.mkdir(exist_ok=True)
        (place / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(path))
    kubectl, helm = tools({"kubeconfig": "/k", "context": "", "bin_dir": str(folder)})
    assert (kubectl.binary, helm.binary) == (str(folder / "kubectl"), str(path / "helm"))
    assert (kubectl.kubeconfig, kubectl.context) == ("/k", None)
    (path / "helm").unlink()
    assert tools({"kubeconfig": None, "context": None, "bin_dir": str(folder)})[1].binary == str(folder / "helm")
