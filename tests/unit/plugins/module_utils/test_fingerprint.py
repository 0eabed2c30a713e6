"""Normal forms, what differs from them, and what puts it back. The objects are a real release's, as recorded."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import (
    LONGEST_TEXT,
    Entry,
    Record,
    Reference,
    differences,
    documents,
    drifted,
    normal,
    presentable,
    replacement,
    scaled,
    secret_changes,
)

NAMESPACE = "t-release"
HEALTHY = json.loads((Path(__file__).parent / "snapshots" / "healthy.json").read_text())
OWNED = [
    item for item in HEALTHY["items"] if "meta.helm.sh/release-name" in (item["metadata"].get("annotations") or {})
]
KINDS = [f"{item['kind']}/{item['metadata']['name']}" for item in OWNED]


@pytest.fixture
def live() -> list[dict[str, Any]]:
    """The release's objects as they are now: the same that were recorded, but for what a test changes."""
    return copy.deepcopy(OWNED)


@pytest.fixture
def record() -> Record:
    entries = tuple(Entry.of(item, NAMESPACE, scaled(OWNED)) for item in OWNED)
    return Record("one", 1, "k", {"chart": "c"}, entries)


def item(objects: list[dict[str, Any]], kind: str, name: str = "one") -> dict[str, Any]:
    return next(one for one in objects if one["kind"] == kind and one["metadata"]["name"] == name)


def touch(one: dict[str, Any]) -> dict[str, Any]:
    """What the API server does at every write."""
    one["metadata"]["resourceVersion"] = "999999"
    return one


def edit(one: dict[str, Any]) -> dict[str, Any]:
    """What the API server does when the specification is written."""
    if "generation" in one["metadata"]:
        one["metadata"]["generation"] += 1
    return touch(one)


def manifest() -> list[dict[str, Any]]:
    return documents(HEALTHY["manifest"])


def found(
    record: Record, live: list[dict[str, Any]], asked: Callable[[], list[dict[str, Any]]] = manifest
) -> list[str]:
    index = {Reference.of(one, NAMESPACE).key: one for one in live}
    return [str(drift) for drift in drifted(record, index, scaled(live), asked)]


def test_the_snapshot_has_every_kind() -> None:
    assert {one["kind"] for one in OWNED} == {
        "Deployment", "StatefulSet", "Service", "ConfigMap", "Secret", "ServiceAccount", "Ingress", "NetworkPolicy",
        "HorizontalPodAutoscaler", "PodDisruptionBudget",
    }  # fmt: skip


def test_untouched_is_no_drift_and_asks_for_no_manifest(record: Record, live: list[dict[str, Any]]) -> None:
    def never() -> list[dict[str, Any]]:
        raise AssertionError("no manifest is needed")

    assert found(record, live, never) == []


@pytest.mark.parametrize("name", KINDS)
def test_what_the_cluster_writes_is_no_drift(record: Record, live: list[dict[str, Any]], name: str) -> None:
    kind, _, own = name.partition("/")
    one = edit(item(live, kind, own))
    one["status"] = {"observedGeneration": 9, "conditions": [{"type": "Ready"}]}
    one["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = "7"
    one["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = "{}"
    one["metadata"]["managedFields"] = [{"manager": "kube-controller-manager"}]
    one["metadata"]["finalizers"] = ["x"]
    assert found(record, live) == []


def test_a_restart_is_no_drift(record: Record, live: list[dict[str, Any]]) -> None:
    template = edit(item(live, "Deployment"))["spec"]["template"]["metadata"]
    template.setdefault("annotations", {})["kubectl.kubernetes.io/restartedAt"] = "2026-11-22T06:00:00Z"
    assert found(record, live) == []


def test_replicas_of_an_autoscaler_are_no_drift(record: Record, live: list[dict[str, Any]]) -> None:
    edit(item(live, "Deployment"))["spec"]["replicas"] = 3
    assert found(record, live) == []
    live.remove(item(live, "HorizontalPodAutoscaler"))
    assert found(record, live) == ["HorizontalPodAutoscaler/one is gone"]


def test_replicas_without_an_autoscaler_are_drift(record: Record, live: list[dict[str, Any]]) -> None:
    edit(item(live, "StatefulSet", "one-store"))["spec"]["replicas"] = 3
    assert found(record, live) == ["StatefulSet/one-store: spec.replicas is 3 instead of 1"]


def test_a_newer_api_servers_defaults_are_no_drift(record: Record, live: list[dict[str, Any]]) -> None:
    touch(item(live, "Deployment"))["spec"]["newDefault"] = True
    assert found(record, live) == []


def test_a_label_is_drift_although_the_generation_is_the_same(record: Record, live: list[dict[str, Any]]) -> None:
    touch(item(live, "Deployment"))["metadata"]["labels"]["odd"] = "1"
    assert found(record, live) == ["Deployment/one: metadata.labels.odd was added (1)"]


def test_made_again_by_hand_is_compared_whole(record: Record, live: list[dict[str, Any]]) -> None:
    one = item(live, "Deployment")
    one["metadata"]["uid"] = "another"
    one["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx"
    [text] = found(record, live)
    assert text.startswith("Deployment/one: spec.template.spec.containers[web].image is nginx instead of ")


@pytest.mark.parametrize("name", KINDS)
def test_a_new_field_of_any_kind_is_found_on_that_object_alone(
    record: Record, live: list[dict[str, Any]], name: str
) -> None:
    kind, _, own = name.partition("/")
    edit(item(live, kind, own)).setdefault("spec", {})["byHand"] = "yes"
    [text] = found(record, live)
    assert text.startswith(f"{name}: ") and "byHand" in text


def test_a_secret_is_compared_by_key_and_never_shown(record: Record, live: list[dict[str, Any]]) -> None:
    secret = touch(item(live, "Secret"))
    assert found(record, live) == []
    secret["data"] = {"password": base64.b64encode(b"hunter2-hunter2").decode(), "added": "c2VjcmV0"}
    [text] = found(record, live)
    assert (
        text
        == "Secret/one: data.added was added ((hidden)); data.password is (hidden, another one) instead of (hidden)"
    )
    del secret["data"]
    assert found(record, live) == ["Secret/one: data.password was removed ((hidden))"]


def test_nothing_of_a_secret_is_in_a_record(record: Record) -> None:
    packed = json.dumps(record.config_map(NAMESPACE))
    unpacked = json.dumps([entry.normal for entry in record.entries])
    for value in item(OWNED, "Secret")["data"].values():
        for text in (packed, unpacked):
            assert value not in text and base64.b64decode(value).decode() not in text


def test_a_record_comes_back_whole(record: Record) -> None:
    assert Record.read(json.loads(json.dumps(record.config_map(NAMESPACE)))) == record


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"binaryData": {}},
        {"binaryData": {"record": "x"}},
        {"binaryData": {"record": base64.b64encode(b"{}").decode()}},
    ],
)
def test_a_record_that_was_changed_by_hand_is_none(broken: dict[str, Any]) -> None:
    assert Record.read({"metadata": {"name": "todo-platform-release-one"}, **broken}) is None


def test_a_finished_job_may_be_gone(record: Record) -> None:
    job = Reference("batch/v1", "Job", "once")
    kept = Record(
        "one", 1, "k", {}, (Entry(job, "u", "1", 1, {"spec": {"ttlSecondsAfterFinished": 9}, "metadata": {}}),)
    )
    assert drifted(kept, {}, set(), manifest) == []
    kept = Record("one", 1, "k", {}, (Entry(job, "u", "1", 1, {"spec": {}, "metadata": {}}),))
    assert [str(drift) for drift in drifted(kept, {}, set(), manifest)] == ["Job/once is gone"]


def test_long_texts_are_recorded_as_hashes() -> None:
    one: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"big": "x" * (LONGEST_TEXT + 1)},
    }
    first = normal(one)["data"]["big"]
    one["data"]["big"] += "y"
    assert first.startswith("sha256:") and normal(one)["data"]["big"] != first


@pytest.mark.parametrize(
    ("recorded", "live_value", "paths"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["a.b"]),
        ({"a.b/c": 1}, {}, ["[a.b/c]"]),
        ([{"name": "x", "v": 1}], [{"name": "y"}, {"name": "x", "v": 1}], ["[y]"]),
        ([{"name": "x"}, {"name": "y"}], [{"name": "y"}, {"name": "x"}], [""]),
        ([1, 2], [1, 3, 4], ["[1]", "[2]"]),
        ({"a": True}, {"a": "true"}, ["a"]),
    ],
)
def test_differences(recorded: Any, live_value: Any, paths: list[str]) -> None:
    assert [change.path for change in differences(recorded, live_value)] == paths


def test_replacement_keeps_what_the_cluster_assigned(live: list[dict[str, Any]]) -> None:
    service = item(live, "Service")
    wanted = replacement(item(manifest(), "Service"), service, set())
    assert wanted["spec"]["clusterIP"] == service["spec"]["clusterIP"]
    assert wanted["spec"]["ports"][0]["nodePort"] == service["spec"]["ports"][0]["nodePort"]
    deployment = item(live, "Deployment")
    deployment["spec"]["replicas"] = 3
    assert replacement(item(manifest(), "Deployment"), deployment, scaled(live))["spec"]["replicas"] == 3
    store = item(live, "StatefulSet", "one-store")
    store["spec"]["replicas"] = 3
    with_replicas = item(manifest(), "StatefulSet", "one-store")
    with_replicas["spec"]["replicas"] = 1
    assert replacement(with_replicas, store, scaled(live))["spec"]["replicas"] == 1
    assert replacement(item(manifest(), "Service"), None, set()) == item(manifest(), "Service")


def test_replacement_gives_a_manifests_port_precedence(live: list[dict[str, Any]]) -> None:
    wanted = item(manifest(), "Service")
    wanted["spec"]["ports"][0]["nodePort"] = 31000
    assert replacement(wanted, item(live, "Service"), set())["spec"]["ports"][0]["nodePort"] == 31000


def test_manifests_are_read_as_helm_reads_them() -> None:
    listed = "kind: List\nitems: [{kind: A}, {kind: B}]\n"
    text = f"kind: ConfigMap\ndata: {{day: 2026-11-22}}\n---\n# nothing\n---\n{listed}"
    assert [one["kind"] for one in documents(text)] == ["ConfigMap", "A", "B"]
    assert documents(text)[0]["data"]["day"] == "2026-11-22"


def test_presentable_hides_values_of_secrets() -> None:
    secret = {"kind": "Secret", "data": {"a": "eA=="}, "stringData": {"b": "y"}}
    assert presentable(secret) == {"kind": "Secret", "data": {"a": "(hidden)"}, "stringData": {"b": "(hidden)"}}
    assert secret["data"] == {"a": "eA=="}


def test_string_data_is_data() -> None:
    wanted = {"stringData": {"a": "x"}, "data": {"b": base64.b64encode(b"y").decode()}}
    same = {"data": {key: base64.b64encode(value).decode() for key, value in (("a", b"x"), ("b", b"y"))}}
    assert secret_changes(wanted, same) == []
