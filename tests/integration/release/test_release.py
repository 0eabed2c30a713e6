"""Releases on a real cluster: the whole life of one, changes by hand, cut-off runs, and what a bad one says."""

from __future__ import annotations

import json
import multiprocessing
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .conftest import CANARY, NAMESPACE, Lab

GREETING = "from the hands of a person"

EDITS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "Deployment": (
        "deployment",
        "one",
        {"spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "ADDED", "value": "1"}]}]}}}},
        "spec.template.spec.containers[web].env[ADDED] was added",
    ),
    "Deployment's replicas": ("deployment", "one", {"spec": {"replicas": 2}}, "spec.replicas is 2 instead of 1"),
    "Service": ("service", "one", {"spec": {"selector": {"app": "x"}}}, "spec.selector.app was added (x)"),
    "ConfigMap": (
        "configmap",
        "one",
        {"data": {"greeting": GREETING}},
        f"data.greeting is {GREETING} instead of hello",
    ),
    "Secret": (
        "secret",
        "one",
        {"stringData": {"password": "hunter2-hunter2"}},
        "data.password is (hidden, another one)",
    ),
    "Secret's new key": (
        "secret",
        "one",
        {"stringData": {"added": "hunter2-hunter2"}},
        "data.added was added ((hidden))",
    ),
    "Ingress": ("ingress", "one", {"metadata": {"annotations": {"a/b": "c"}}}, "metadata.annotations[a/b] was added"),
    "NetworkPolicy": ("networkpolicy", "one", {"spec": {"ingress": []}}, "spec.ingress"),
    "PodDisruptionBudget": ("pdb", "one", {"spec": {"maxUnavailable": 0}}, "spec.maxUnavailable is 0 instead of 1"),
    "ServiceAccount": (
        "serviceaccount",
        "one",
        {"automountServiceAccountToken": True},
        "automountServiceAccountToken is true instead of false",
    ),
    "label": ("configmap", "one", {"metadata": {"labels": {"odd": "1"}}}, "metadata.labels.odd was added (1)"),
}


def test_life(empty: Lab) -> None:
    """Absent, planned, installed, unchanged, changed, unchanged, uninstalled, gone."""
    lab, spec = empty, empty.spec()
    planned = lab.plan(spec, check=True)
    assert (planned.action, planned.changed) == ("install", True)
    assert any("Deployment/one" in one.get("before_header", "") for one in planned.diff)
    assert lab.release(spec).revision == 1
    assert lab.plan(spec, check=True).data["changed"] is False
    assert lab.release(spec).data["changed"] is False

    pods = lab.pods()
    other = lab.spec(greeting="good day")
    planned = lab.plan(other)
    assert (planned.action, planned.reasons, planned.changed) == ("upgrade", ["the values changed"], False)
    [diff] = [one for one in planned.diff if "ConfigMap" in one.get("before_header", "")]
    assert "greeting: hello" in diff["before"] and "greeting: good day" in diff["after"]
    assert lab.release(other).revision == 2
    assert lab.get("configmap", "one")["data"]["greeting"] == "good day"
    assert not set(pods) & set(lab.pods())
    assert lab.plan(other).action == "none"

    gone = lab.release({"name": "one", "state": "absent"})
    assert (gone.action, gone.changed) == ("uninstall", True)
    left = lab.kubectl.get_json("deployments,services,configmaps,secrets,ingresses,jobs")
    assert [item["metadata"]["name"] for item in left] == ["kube-root-ca.crt"]
    assert lab.release({"name": "one", "state": "absent"}).data["changed"] is False


@pytest.mark.parametrize("edit", EDITS)
def test_change_by_hand(lab: Lab, edit: str) -> None:
    """Exactly the object that was changed is named and put back; Helm's revision stays."""
    kind, name, patch, said = EDITS[edit]
    spec = lab.spec()
    before, revision = lab.get(kind, name), lab.revision
    lab.kubectl.run("patch", kind, name, "--type=strategic", f"--patch={json.dumps(patch)}")
    planned = lab.plan(spec)
    assert planned.action == "repair"
    [reason] = planned.reasons
    assert reason.startswith(f"{before['kind']}/{name}: ") and said in reason
    assert "hunter2" not in planned.text
    done = lab.release(spec)
    assert (done.action, done.revision, done.repaired) == ("repair", revision, [f"{before['kind']}/{name}"])
    after = lab.get(kind, name)
    for part in ("spec", "data", "automountServiceAccountToken"):
        assert after.get(part) == before.get(part)
    assert after["metadata"].get("annotations", {}).get("a/b") is None
    assert after["metadata"]["labels"] == before["metadata"]["labels"]
    assert lab.plan(spec).action == "none"


@pytest.mark.parametrize("kind", ["deployment", "service", "configmap", "secret", "ingress", "networkpolicy", "pdb"])
def test_deleted_by_hand(lab: Lab, kind: str) -> None:
    """An object that is gone is made again, and nothing else is touched."""
    spec = lab.spec()
    before = lab.get(kind, "one")
    lab.kubectl.run("delete", kind, "one")
    assert lab.plan(spec).reasons == [f"{before['kind']}/one is gone"]
    assert lab.release(spec).repaired == [f"{before['kind']}/one"]
    assert lab.get(kind, "one")["metadata"]["uid"] != before["metadata"]["uid"]
    assert lab.plan(spec).action == "none"


def test_autoscaler_owns_the_replicas(empty: Lab) -> None:
    """What an autoscaler does is no change by hand, and a repair leaves it; a change of the autoscaler is one."""
    lab, spec = empty, empty.spec(autoscaling=True)
    lab.release(spec)
    lab.kubectl.run("scale", "deployment", "one", "--replicas=2")
    assert lab.plan(spec).action == "none"
    lab.kubectl.run("set", "env", "deployment/one", "ADDED=1")
    assert lab.release(spec).repaired == ["Deployment/one"]
    assert lab.get("deployment", "one")["spec"]["replicas"] == 2
    lab.kubectl.run("patch", "hpa", "one", "--patch", '{"spec": {"maxReplicas": 9}}')
    assert lab.plan(spec).reasons == ["HorizontalPodAutoscaler/one: spec.maxReplicas is 9 instead of 3"]
    assert lab.release(spec).repaired == ["HorizontalPodAutoscaler/one"]
    lab.kubectl.run("delete", "hpa", "one")
    assert lab.plan(spec).reasons == ["HorizontalPodAutoscaler/one is gone"]


def test_restart_is_no_change(lab: Lab) -> None:
    """`kubectl rollout restart` asks for new pods, not for another state."""
    lab.kubectl.run("rollout", "restart", "deployment/one")
    lab.kubectl.run("rollout", "status", "deployment/one", "--timeout=60s", timeout=70)
    assert lab.plan(lab.spec()).action == "none"


def test_someone_elses_revision(lab: Lab) -> None:
    """A revision that helm made by other hands is replaced by the wanted one."""
    revision = lab.revision
    command = [lab.helm, f"--kubeconfig={lab.kubectl.kubeconfig}", f"--namespace={NAMESPACE}", "upgrade", "one"]
    command += ["charts/sample", "--reuse-values", "--set=greeting=other"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, check=True)
    assert b"STATUS: deployed" in done.stdout
    planned = lab.plan(lab.spec())
    assert (planned.action, planned.reasons) == (
        "upgrade",
        [f"revision {revision + 1} was made by someone else (ours was {revision})"],
    )
    assert lab.release(lab.spec()).revision == revision + 2
    assert lab.get("configmap", "one")["data"]["greeting"] == "hello"


FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "image missing": ({"image": "localhost:1/nope:1"}, ["image localhost:1/nope:1 cannot be pulled", "--tags images"]),
    "image never pulled": ({"image": "nope:1", "pullPolicy": "Never"}, ["image nope:1 is not in the node"]),
    "image name": ({"image": "Docker.io//x"}, ["is no valid image name"]),
    "crash loop": (
        {"program": f"import sys; print('starting'); print('not {CANARY}'); sys.exit(3)"},
        ["crashes with exit code 3 (3 restarts): not ***", "| starting"],
    ),
    "out of memory": ({"program": "x = bytearray(200 << 20); print(len(x))"}, ["more memory than its limit"]),
    "readiness never passes": (
        {"readinessPath": "/nope", "timeout": "10s"},
        ["its readiness probe (GET :http/nope) never passes: HTTP probe failed with statuscode: 404"],
    ),
    "key of a Secret": (
        {"secretEnv": {"X": {"name": "one", "key": "nokey"}}},
        ["its configuration is wrong: couldn't find key nokey in Secret", "--tags secrets"],
    ),
    "migration": (
        {"migration": f"raise SystemExit('column due exists in {CANARY}')"},
        ["the migration failed with exit code 1: column due exists in ***", "pre-upgrade hooks failed"],
    ),
    "Pod Security": ({"runAsNonRoot": False}, ["Deployment/one: the namespace's Pod Security level forbids this pod"]),
    "unschedulable": (
        {"nodeSelector": {"disk": "ssd"}, "timeout": "10s"},
        ["cannot be scheduled: 0/", "affinity/selector"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_upgrade(lab: Lab, fault: str) -> None:
    """It is rolled back, the old pods go on serving, and the message names the cause; no secret is in it."""
    values, said = FAULTS[fault]
    pods, revision = lab.pods(), lab.revision
    failed = lab.release(lab.spec(**values))
    assert failed.failed is True
    for text in said:
        assert text in failed.msg
    assert failed.rolled_back_to == revision and f"rolled back: revision {revision} serves again" in failed.msg
    assert lab.pods() == pods
    assert lab.kubectl.get_json("jobs") == []
    assert lab.plan(lab.spec()).action == "none"
    assert lab.plan(lab.spec(**values)).action == "upgrade"


def test_quota(lab: Lab) -> None:
    """A quota that is used up is named."""
    lab.kubectl.run("create", "quota", "small", "--hard=pods=1")
    try:
        failed = lab.release(lab.spec(greeting="x"))
        assert "Deployment/one: the namespace's quota is used up" in failed.msg
        assert lab.plan(lab.spec()).action == "none"
    finally:
        lab.kubectl.run("delete", "quota", "small")


def test_bad_first_installation(empty: Lab) -> None:
    """It is removed whole, and the next try with a good one works."""
    lab = empty
    failed = lab.release(lab.spec(image="nope:1", pullPolicy="Never"))
    assert "it was a first installation and was removed again" in failed.msg
    assert lab.plan(lab.spec()).action == "install"
    assert lab.release(lab.spec()).revision == 1


def test_left_as_it_is(empty: Lab) -> None:
    """Without atomic the broken pods stay for a look, and the next good one recovers from it."""
    lab = empty
    failed = lab.release(lab.spec(image="nope:1", pullPolicy="Never", atomic=False))
    assert "left as it is" in failed.msg and lab.pods()
    assert lab.plan(lab.spec()).action == "recover"
    assert lab.release(lab.spec()).action == "recover"
    assert lab.plan(lab.spec()).action == "none"


def test_stateful_set_gets_out_of_a_bad_upgrade(empty: Lab) -> None:
    """The controller waits forever for a broken pod of the bad revision; the way back replaces it."""
    lab = empty
    lab.release(lab.spec(stateful=True))
    failed = lab.release(lab.spec(stateful=True, image="nope:1", pullPolicy="Never"))
    assert "rolled back: revision 1 serves again" in failed.msg
    assert lab.get("statefulset", "one-store")["status"]["readyReplicas"] == 1
    assert lab.plan(lab.spec(stateful=True)).action == "none"
    lab.release({"name": "one", "state": "absent"})
    lab.kubectl.run("delete", "pvc", "data-one-store-0", timeout=120)


def test_wrong_value_before_anything_changes(lab: Lab) -> None:
    """A typo in a value is an error of the plan."""
    failed = lab.plan(lab.spec(greting="x"))
    assert failed.failed is True
    assert "release one: values don't meet the specifications of the schema" in failed.msg
    assert "'greting' not allowed" in failed.msg
    assert "nothing was changed" in lab.release(lab.spec(greting="x")).msg
    assert lab.plan(lab.spec()).action == "none"


def _cut_off(lab: Lab, *arguments: str) -> None:
    """Starts helm, and kills it once its revision is pending."""
    command = [lab.helm, f"--kubeconfig={lab.kubectl.kubeconfig}", f"--namespace={NAMESPACE}", *arguments]
    process = subprocess.Popen(command, cwd=Path(__file__).parent, stdout=subprocess.DEVNULL)
    try:
        lab.until(lambda: _statuses(lab)[-1].startswith("pending-"))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _statuses(lab: Lab) -> list[str]:
    secrets = lab.kubectl.get_json("secrets", selector="owner=helm,name=one")
    ordered = sorted(secrets, key=lambda secret: int(secret["metadata"]["labels"]["version"]))
    return [secret["metadata"]["labels"]["status"] for secret in ordered] or [""]


def test_pending_install(empty: Lab) -> None:
    """An installation that was cut off is removed and done again."""
    lab = empty
    values = [f"--set=image={lab.image}", "--set=readinessPath=/nope"]
    _cut_off(lab, "install", "one", "charts/sample", "--wait", *values)
    planned = lab.plan(lab.spec())
    assert (planned.action, planned.serving) == ("recover", None)
    assert planned.reasons == ["revision 1 was left pending-install by a run that was cut off"]
    assert lab.release(lab.spec()).revision == 1
    assert lab.plan(lab.spec()).action == "none"


def test_pending_upgrade(lab: Lab) -> None:
    """An upgrade that was cut off is rolled back and done again; the pods that serve are not touched for it."""
    pods, revision = lab.pods(), lab.revision
    _cut_off(lab, "upgrade", "one", "charts/sample", "--wait", "--reuse-values", "--set=readinessPath=/nope")
    planned = lab.plan(lab.spec())
    assert (planned.action, planned.serving) == ("recover", revision)
    assert lab.release(lab.spec()).revision == revision + 3
    assert _statuses(lab)[-1] == "deployed"
    assert lab.pods() == pods
    assert lab.plan(lab.spec()).action == "none"


def test_run_that_was_killed_while_helm_goes_on(lab: Lab) -> None:
    """Helm outlives the module that started it; the next run waits for it instead of disturbing it."""
    revision = lab.revision
    run = multiprocessing.get_context("fork").Process(
        target=lab.release, args=(lab.spec(readinessPath="/nope", timeout="15s", greeting="x"),)
    )
    run.start()
    lab.until(lambda: _statuses(lab)[-1] == "pending-upgrade")
    run.kill()
    run.join()
    done = lab.release(lab.spec())
    assert done.reasons == [f"revision {revision + 1} failed"]
    assert (done.action, _statuses(lab)[-1]) == ("upgrade", "deployed")
    assert lab.plan(lab.spec()).action == "none"


def test_killed_between_release_and_record(lab: Lab) -> None:
    """Without its record a revision is done again, which changes no pod."""
    pods, revision = lab.pods(), lab.revision
    lab.kubectl.run("delete", "configmap", "todo-platform-release-one")
    assert lab.plan(lab.spec()).reasons == [f"there is no record of revision {revision}"]
    assert lab.release(lab.spec()).revision == revision + 1
    assert lab.pods() == pods
    assert lab.plan(lab.spec()).action == "none"


def test_no_cluster(lab: Lab) -> None:
    """Without a cluster check mode plans an installation of everything, and a real run says what is missing."""
    kubeconfig = lab.kubectl.kubeconfig
    lab.kubectl = type(lab.kubectl)(lab.kubectl.binary, "/nowhere/kubeconfig", namespace=NAMESPACE)
    try:
        planned = lab.plan(lab.spec(), check=True)
        assert (planned.action, planned.reachable) == ("install", False)
        assert planned.namespaces[0]["metadata"]["labels"] == {"pod-security.kubernetes.io/enforce": "restricted"}
        assert "run the cluster stage first" in lab.plan(lab.spec()).msg
    finally:
        lab.kubectl = type(lab.kubectl)(lab.kubectl.binary, kubeconfig, namespace=NAMESPACE)
