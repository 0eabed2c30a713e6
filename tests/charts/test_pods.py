"""Every pod of every chart runs restricted, whatever made it."""

from __future__ import annotations

import pytest

from .charts import APPLICATIONS, Manifest, Release, Values, render

SETTINGS: dict[str, Values] = {
    "defaults": {},
    "own user": {"runAsUser": 4242},
    "private registry": {"image": {"pullSecrets": ["registry"], "digest": "sha256:" + "0" * 64}},
}
CASES = [
    pytest.param(chart, values, kind, id=f"{chart}-{kind}-{name}")
    for chart in APPLICATIONS
    for name, values in SETTINGS.items()
    for kind, _ in render(chart, values).pods()
]


def pod_of(release: Release, kind: str) -> Manifest:
    (template,) = [template for found, template in release.pods() if found == kind]
    assert isinstance(template["spec"], dict)
    return template["spec"]


def test_every_kind_of_pod_is_looked_at() -> None:
    assert {(case.values[0], case.values[2]) for case in CASES} == {
        ("todo-backend", "Deployment"),
        ("todo-backend", "Job"),
        ("todo-frontend", "Deployment"),
        ("todo-agent", "Deployment"),
        ("postgres", "StatefulSet"),
    }


@pytest.mark.parametrize(("chart", "values", "kind"), CASES)
def test_pod_is_restricted(chart: str, values: Values, kind: str) -> None:
    pod = pod_of(render(chart, values), kind)
    user = values.get("runAsUser", 999 if chart == "postgres" else 1001)
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys() & container["resources"]["limits"].keys()


@pytest.mark.parametrize(("chart", "values", "kind"), CASES)
def test_scratch_space_is_all_that_can_be_written(chart: str, values: Values, kind: str) -> None:
    pod = pod_of(render(chart, values), kind)
    assert all(volume.keys() - {"name"} == {"emptyDir"} for volume in pod["volumes"])
    (container,) = pod["containers"]
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert "/tmp" in mounted.values()
    claimed = {"data"} if kind == "StatefulSet" else set()
    assert mounted.keys() == {volume["name"] for volume in pod["volumes"]} | claimed


@pytest.mark.parametrize("chart", APPLICATIONS)
def test_image_is_by_digest_where_there_is_one(chart: str) -> None:
    digest = "sha256:" + "a" * 64
    release = render(chart, {"image": {"repository": "registry.example:5000/x", "tag": "1", "digest": digest}})
    for _, template in release.pods():
        assert template["spec"]["containers"][0]["image"] == f"registry.example:5000/x@{digest}"


@pytest.mark.parametrize("chart", APPLICATIONS)
def test_placement_reaches_every_pod(chart: str) -> None:
    placement: Values = {
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    }
    for _, template in render(chart, placement).pods():
        assert {key: template["spec"][key] for key in placement} == placement
    for _, template in render(chart, {"image": {"pullSecrets": ["registry"]}}).pods():
        assert template["spec"]["imagePullSecrets"] == [{"name": "registry"}]
