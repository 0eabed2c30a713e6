"""One command, and what a second one must not do."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.product.platform import NAMESPACE, STATE, Run, get, kubectl, play, proxied, through_ingress

pytestmark = pytest.mark.usefixtures("deployment")
BACKEND = "app=todo-backend"


def test_a_second_run_changes_nothing() -> None:
    run = play()
    assert (run.code, run.changed) == (0, 0), run.output[-4000:]


def test_check_mode_finds_nothing_to_change() -> None:
    run = play("--check", "--diff")
    assert (run.code, run.changed) == (0, 0), run.output[-4000:]


@pytest.mark.parametrize("tag", ["preflight", "cluster", "images", "secrets", "database", "release", "validate"])
def test_every_stage_runs_alone(tag: str) -> None:
    run = play("--tags", tag)
    assert (run.code, run.changed) == (0, 0), run.output[-4000:]


def test_the_collection_s_playbook_is_the_same_as_the_checkout_s() -> None:
    run = play("--check", playbook="todo.platform.site")
    assert (run.code, run.changed) == (0, 0), run.output[-4000:]


def test_another_checkout_takes_over_the_node_that_is_there(tmp_path: Path) -> None:
    """Also one that remembers a node which is no more."""
    stranger = get("configmap", "cluster-info", namespace="kube-public")["data"]["kubeconfig"]
    (tmp_path / "kubeconfig").write_text(stranger)
    run = play("--tags", "cluster", "-e", f"deployment_state_dir={tmp_path}")
    assert run.code == 0, run.output[-4000:]
    assert "Start the control plane" not in run.output
    assert (tmp_path / "kubeconfig").read_text() == (STATE / "kubeconfig").read_text()
    assert play().changed == 0


def test_the_application_answers_through_the_ingress() -> None:
    assert through_ingress("todo.localhost", "/api/health")["service"] == "frontend"


def test_the_report_is_written() -> None:
    report = json.loads((STATE / "dev" / "report.json").read_text())
    assert report["status"] in {"ok", "warning"}
    assert (STATE / "dev" / "report.html").stat().st_size > 2000
    assert "<testsuite" in (STATE / "dev" / "junit.xml").read_text()


def test_a_stateful_set_edited_by_hand_is_told_and_put_right() -> None:
    """What the tiny application does not have; its other kinds are edited there."""
    kubectl("patch", "statefulset", "postgres", "-p", '{"metadata": {"annotations": {"hand": "made"}}}')
    run = play("--tags", "release")
    assert (run.code, run.changed) == (0, 1), run.output[-4000:]
    assert "StatefulSet/postgres: metadata.annotations.hand was added (made)" in " ".join(run.output.split())
    assert "hand" not in get("statefulset", "postgres")["metadata"].get("annotations", {})


def test_health_follows_the_database() -> None:
    def eventually(status: int) -> None:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if get_health()[0] == status:
                return
            time.sleep(1)
        pytest.fail(f"/health never answered {status}: {get_health()}")

    def get_health() -> tuple[int, object]:
        pod = json.loads(kubectl("get", "pods", "-l", BACKEND, "-o", "json"))["items"][0]["metadata"]["name"]
        code = (
            "import urllib.request, urllib.error\n"
            "try: print(urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=20).status)\n"
            "except urllib.error.HTTPError as e: print(e.code)\n"
        )
        return int(kubectl("exec", pod, "--", "python", "-c", code)), pod

    def restarts() -> dict[str, int]:
        pods = json.loads(kubectl("get", "pods", "-l", BACKEND, "-o", "json"))["items"]
        return {p["metadata"]["uid"]: c["restartCount"] for p in pods for c in p["status"]["containerStatuses"]}

    eventually(200)
    before = restarts()
    kubectl("scale", "statefulset/postgres", "--replicas=0")
    try:
        eventually(503)
    finally:
        kubectl("scale", "statefulset/postgres", "--replicas=1")
    kubectl("rollout", "status", "statefulset/postgres", "--timeout=120s")
    eventually(200)
    assert restarts() == before, "a database that is away is no reason to restart the backend"
    assert play().code == 0


def test_pods_hold_the_image_that_was_built() -> None:
    built = json.loads((STATE / "images.json").read_text())
    pods = json.loads(kubectl("get", "pods", "-o", "json"))["items"]
    running = {container["image"].split("/")[-1] for pod in pods for container in pod["spec"]["containers"]}
    wanted = {name.split("/")[-1] for name in built}
    assert running <= wanted


def test_no_token_and_no_privilege_in_any_pod() -> None:
    for pod in json.loads(kubectl("get", "pods", "-o", "json"))["items"]:
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}


def test_the_namespace_enforces_the_restricted_profile() -> None:
    labels = get("namespace", NAMESPACE)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_first_run_ended_green(deployment: Run) -> None:
    assert "failed=0" in deployment.output


def test_health_document_is_as_document_001_writes_it() -> None:
    status, body = proxied("todo-backend:8000", "/health")
    assert status == 200
    assert (body["status"], body["database"]) == ("healthy", "connected")
