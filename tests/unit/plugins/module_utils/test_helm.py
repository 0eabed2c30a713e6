"""What Helm keeps and says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.helm import (
    Chart,
    Helm,
    HelmError,
    Revision,
    clean,
    owned,
    revisions,
    serving,
)


def _secret(version: int, status: str, name: str = "web", kind: str = "helm.sh/release.v1") -> dict[str, Any]:
    return {
        "kind": "Secret",
        "type": kind,
        "metadata": {"labels": {"owner": "helm", "name": name, "version": str(version), "status": status}},
    }


def test_revisions_are_sorted_by_number_and_only_of_the_release() -> None:
    secrets: list[dict[str, Any]] = [
        _secret(10, "deployed"),
        _secret(9, "superseded"),
        _secret(1, "deployed", "other"),
        {"kind": "Secret", "metadata": {}},
    ]
    assert revisions([*secrets, _secret(11, "failed", kind="Opaque")], "web") == [
        Revision(9, "superseded"),
        Revision(10, "deployed"),
    ]


@pytest.mark.parametrize(
    ("statuses", "number"),
    [
        ([], None),
        (["failed"], None),
        (["pending-install"], None),
        (["superseded", "deployed"], 2),
        (["deployed", "failed", "pending-upgrade"], 1),
        (["superseded", "superseded", "failed"], 2),
    ],
)
def test_serving(statuses: list[str], number: int | None) -> None:
    assert serving([Revision(place + 1, status) for place, status in enumerate(statuses)]) == number


def test_clean_keeps_the_message_alone() -> None:
    said = "WARNING: Kubernetes configuration file is readable.\nlevel=WARN msg=x\nError: UPGRADE FAILED: timed out\n"
    assert clean(said) == "UPGRADE FAILED: timed out"
    assert clean("") == "helm ended without a message"
    assert clean("W1122 06:00:00 x\n") == "W1122 06:00:00 x"


def test_hints() -> None:
    assert "values.yaml" in HelmError("values don't meet the specifications of the schema(s)").hint
    assert HelmError("something else").hint == ""


def test_chart_arguments_end_with_the_values_from_standard_input() -> None:
    chart = Chart("oci://host/web", "1.2.3", "", ["/a.yaml", "/b.yaml"])
    assert chart.arguments() == [
        "oci://host/web",
        "--version=1.2.3",
        "--values=/a.yaml",
        "--values=/b.yaml",
        "--values=-",
    ]


def test_owned_marks_as_helm_does() -> None:
    item = {"kind": "ConfigMap", "metadata": {"name": "a", "labels": {"x": "y"}}}
    metadata = owned(item, "web", "ns")["metadata"]
    assert metadata["labels"] == {"x": "y", "app.kubernetes.io/managed-by": "Helm"}
    assert metadata["annotations"] == {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "ns"}
    assert item["metadata"] == {"name": "a", "labels": {"x": "y"}}


def _tool(folder: Path, script: str) -> Helm:
    path = folder / "helm"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Helm(str(path), str(folder / "kubeconfig"), "ctx")


@pytest.mark.parametrize(("said", "version"), [("v3.21", "v3.21"), ("v3.21.4+gabc", "v3.21"), ("4.0.1", "v4.0")])
def test_version_is_as_exact_as_it_matters(tmp_path: Path, said: str, version: str) -> None:
    assert _tool(tmp_path, f"echo {said}").version() == version


def test_values_never_are_an_argument(tmp_path: Path) -> None:
    helm = _tool(tmp_path, f'echo "$@" "$HELM_DRIVER" > {tmp_path}/asked; cat')
    assert helm.template("web", "ns", Chart("/c"), '{"password":"x1"}', upgrade=True) == '{"password":"x1"}'
    asked = (tmp_path / "asked").read_text()
    assert asked.split() == [
        "template", "web", "/c", "--values=-", "--no-hooks", "--is-upgrade", "--namespace=ns",
        f"--kubeconfig={tmp_path}/kubeconfig", "--kube-context=ctx", "secret",
    ]  # fmt: skip


def test_an_error_is_helms_own_message(tmp_path: Path) -> None:
    with pytest.raises(HelmError, match=r"^chart requires kubeVersion: >=2\.0\.0$"):
        _tool(tmp_path, "echo 'Error: chart requires kubeVersion: >=2.0.0' >&2; exit 1").run("template")
    with pytest.raises(HelmError, match="helm is not at"):
        Helm(str(tmp_path / "none")).version()
