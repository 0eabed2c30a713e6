"""What is said of a deployment, from objects as a cluster gives them."""

from __future__ import annotations

import base64
import datetime
import fcntl
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import Change, Drift, Reference
from ansible_collections.todo.platform.plugins.module_utils.helm import Chart, Revision
from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl
from ansible_collections.todo.platform.plugins.module_utils.planning import NONE, RECOVER, UPGRADE, Plan, State
from ansible_collections.todo.platform.plugins.module_utils.releases import Release
from ansible_collections.todo.platform.plugins.module_utils.secretdata import self_signed
from ansible_collections.todo.platform.plugins.module_utils.status import (
    Reader,
    Status,
    age,
    as_screen,
    at_work,
    certificates_in,
)

SNAPSHOTS = Path(__file__).parent / "snapshots"
NAMESPACE = "t-release"
CLUSTER = {"provider": "kubeadm", "version": "v1.36.3", "nodes": [{"name": "one", "ready": True}], "problems": []}
CANARY = "c4nary-v4lue-of-a-secret"


def items(name: str) -> list[dict[str, Any]]:
    """The objects of a real release, broken on purpose."""
    found: list[dict[str, Any]] = json.loads((SNAPSHOTS / f"{name}.json").read_text())["items"]
    return found


def status_of(
    objects: list[dict[str, Any]], latest: Revision | None = None, *, now: float | None = None, **reader: Any
) -> Status:
    release = Release("one", NAMESPACE, Chart("/charts/one"), {}, 60)
    plan = reader.pop("plan", None) or Plan(release, NONE, latest=latest or Revision(3, "deployed"))
    made = [
        datetime.datetime.fromisoformat(one["metadata"]["creationTimestamp"]) for one in objects if one["kind"] == "Pod"
    ]
    now = now or (max(made).timestamp() + 5 if made else 0.0)
    options: dict[str, Any] = {
        "drift": {},
        "images": {},
        "at_work": frozenset(),
        "kubectl": Kubectl("/nowhere"),
        **reader,
    }
    with ThreadPoolExecutor(1) as pool:
        return Reader([plan], State({NAMESPACE: objects}), executor=pool, now=now, **options).status(
            "dev", NAMESPACE, CLUSTER
        )


@pytest.mark.parametrize(
    ("snapshot", "state"),
    [
        ("healthy", "Active"),
        ("image_missing", "Failed"),
        ("image_never", "Failed"),
        ("crash_loop", "Updating"),
        ("bad_config", "Failed"),
        ("pod_security", "Failed"),
        ("not_ready", "Updating"),
    ],
)
def test_the_state_of_a_release(snapshot: str, state: str) -> None:
    status = status_of(items(snapshot))
    [release] = status.releases
    assert (release["state"], status.healthy) == (state, state == "Active"), release
    assert bool(release["why"]) is (state != "Active")


def test_what_is_not_ready_for_longer_than_a_release_waits_has_failed() -> None:
    status = status_of(items("not_ready"), now=datetime.datetime.now(datetime.UTC).timestamp())
    assert [one["state"] for one in status.releases] == ["Failed"]


@pytest.mark.parametrize(
    ("latest", "at_work", "state"),
    [
        (Revision(4, "pending-upgrade"), frozenset({f"{NAMESPACE}/one"}), "Updating"),
        (Revision(4, "pending-upgrade"), frozenset(), "Failed"),
        (Revision(4, "failed"), frozenset(), "Failed"),
    ],
)
def test_the_state_of_a_revision_that_is_not_deployed(latest: Revision, at_work: frozenset[str], state: str) -> None:
    [release] = status_of(items("healthy"), latest, at_work=at_work).releases
    assert (release["state"], release["revision"]) == (state, 4)


def test_a_release_that_is_not_there() -> None:
    absent = Plan(Release("one", NAMESPACE, Chart("/charts/one"), {}, 60), "install", ("it is not installed",))
    status = status_of([], plan=absent)
    assert status.problems == ["one is Absent: it is not installed"]


def secret(name: str, **data: bytes) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "creationTimestamp": "2026-11-01T00:00:00Z",
            "managedFields": [
                {"manager": "a", "time": "2026-11-20T00:00:00Z", "fieldsV1": {"f:data": {}}},
                {"manager": "b", "time": "2026-11-21T00:00:00Z", "fieldsV1": {"f:metadata": {}}},
            ],
        },
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }


def test_ages_of_secrets_and_no_value_of_one() -> None:
    now = datetime.datetime.fromisoformat("2026-11-22T00:00:00Z").timestamp()
    drift = Drift(Reference("v1", "ConfigMap", "one"), (Change("data.KEY", "a", CANARY),), {}, {})
    objects = [*items("healthy"), secret("passwords", PASSWORD=CANARY.encode())]
    status = status_of(objects, now=now, drift={"one": [drift]})
    assert {"name": "passwords", "namespace": NAMESPACE, "age_seconds": 2 * 86400} in status.secrets
    assert status.drift == ["one: ConfigMap/one: data.KEY is *** instead of a"]
    assert (status.healthy, status.warnings) == (
        True,
        ["changed by hand: one: ConfigMap/one: data.KEY is *** instead of a"],
    )
    assert CANARY not in json.dumps(status.document()) + as_screen(status)


def test_a_certificate_in_a_secret_and_when_it_ends() -> None:
    objects = [secret("tls", **{"tls.crt": self_signed(["todo.local"]).encode(), "other": b"text"})]
    [certificate] = certificates_in(objects, datetime.datetime.now(datetime.UTC).timestamp())
    assert certificate.name == "tls (tls.crt)"
    assert 365 < certificate.days < 5 * 365 + 1
    later = datetime.datetime.fromisoformat(f"{certificate.expires}T00:00:00Z").timestamp() + 2 * 86400
    status = status_of([*items("healthy"), *objects], now=later)
    assert f"the certificate of tls (tls.crt) ended on {certificate.expires}" in status.problems


def test_what_runs_beside_what_its_sources_give() -> None:
    objects = items("healthy")
    [name] = {
        c["image"] for o in objects if o["kind"] == "Deployment" for c in o["spec"]["template"]["spec"]["containers"]
    }
    repository = name.rpartition(":")[0]

    def states(reference: str) -> set[str]:
        images = {"one": {"repository": repository, "reference": reference, "ids": []}}
        return {one["state"] for workload in status_of(objects, images=images).workloads for one in workload["images"]}

    assert states(name) == {"built"}
    assert states(f"{repository}:other") == {"outdated"}
    assert {one["state"] for workload in status_of(objects).workloads for one in workload["images"]} == {"foreign"}


def test_the_screen_says_what_the_next_run_would_do() -> None:
    release = Release("one", NAMESPACE, Chart("/charts/one"), {}, 60)
    plan = Plan(release, UPGRADE, ("the values changed",), latest=Revision(3, "deployed"))
    screen = as_screen(status_of(items("healthy"), plan=plan))
    assert screen.startswith("dev: healthy\n")
    assert "Releases  one  Active  revision 3" in screen
    assert "site.yml would upgrade it: the values changed" in screen
    stuck = Plan(release, RECOVER, ("it was cut off",), latest=Revision(3, "pending-upgrade"))
    assert "! one is Failed: it was cut off" in as_screen(status_of(items("healthy"), plan=stuck))


def test_who_is_at_work(tmp_path: Path) -> None:
    names = [("a", "one"), ("b", "two"), ("c", "three")]
    for namespace, name in names[:2]:
        (tmp_path / f".release-{namespace}-{name}.lock").touch()
    with (tmp_path / ".release-a-one.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert at_work(str(tmp_path), names) == {"a/one"}
    assert at_work(str(tmp_path), names) == set()


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, ""), (42, "42 s ago"), (300, "5 min ago"), (7200, "2 h ago"), (864000, "10 days ago")]
)
def test_ages(seconds: int | None, said: str) -> None:
    assert age(seconds) == said
