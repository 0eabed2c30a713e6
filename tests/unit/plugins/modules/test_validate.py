"""The module `validate`, started as Ansible starts it, with the real kubectl before a stand-in of the API server."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.todo.platform.plugins.module_utils.checks.runner import run_checks
from kubernetes_standin import NAMESPACE, Answer, KubernetesStandin, Server, context, deployment, pod

COLLECTIONS = Path(__file__).resolve().parents[4] / "collections"
MODULE = "ansible_collections.todo.platform.plugins.modules.validate"
KUBECTL = shutil.which("kubectl") or "kubectl"


class Deployment:
    """A stand-in cluster with one healthy deployment, and the module set up for it."""

    def __init__(self, folder: Path, url: str, standin: KubernetesStandin) -> None:
        self.standin = standin
        self.reports = folder / "state" / "dev"
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "test",
                    "clusters": [{"name": "test", "cluster": {"server": url}}],
                    "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
                    "users": [{"name": "test", "user": {}}],
                }
            ),
            encoding="utf-8",
        )
        self.arguments: dict[str, Any] = {
            "deployment": "dev",
            "namespace": NAMESPACE,
            "kubectl": KUBECTL,
            "kubeconfig": str(kubeconfig),
            "report_dir": str(self.reports),
            "timeout": 0,
            "checks": [{"type": "pods"}],
        }

    def start(self, **changes: Any) -> subprocess.Popen[str]:
        """The module as a process."""
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": {**self.arguments, **changes}}))
        process.stdin.close()
        process.stdin = None
        return process

    def run(self, **changes: Any) -> dict[str, Any]:
        """What the module returns."""
        output, errors = self.start(**changes).communicate()
        assert output, errors
        result: dict[str, Any] = json.loads(output)
        return result


@pytest.fixture
def healthy(tmp_path: Path) -> Iterator[Deployment]:
    standin = KubernetesStandin()
    standin.objects["pods"] = [pod("web")]
    standin.objects["deployments"] = [deployment("web")]
    with standin.running() as url:
        yield Deployment(tmp_path, url, standin)


def statuses(result: dict[str, Any]) -> list[str]:
    return [check["status"] for check in result["checks"]]


def junit_failures(deployed: Deployment) -> str | None:
    return ElementTree.parse(deployed.reports / "junit.xml").getroot().get("failures")  # noqa: S314  # our own file


def test_a_healthy_deployment(healthy: Deployment) -> None:
    result = healthy.run()
    assert (result["changed"], result["status"], statuses(result)) == (False, "ok", ["ok"])
    assert "1 pod Running and ready" in result["table"]
    document = json.loads((healthy.reports / "report.json").read_text(encoding="utf-8"))
    assert document["status"] == "ok"
    assert document["restarts"] == {"uid-web/app": 0}
    assert document["workloads"] == [
        {"kind": "Deployment", "name": "web", "images": ["web:1"], "ready": 1, "wanted": 1}
    ]
    assert "web:1" in (healthy.reports / "report.html").read_text(encoding="utf-8")
    assert junit_failures(healthy) == "0"


def test_a_failure_is_a_result_with_a_reason(healthy: Deployment) -> None:
    healthy.standin.objects["pods"] = [pod("web", state={"ready": False})]
    result = healthy.run()
    assert (result["status"], statuses(result)) == ("failed", ["failed"])
    assert not result.get("failed")
    assert "dev is not healthy" in result["failure"]
    assert "not ready: app" in result["failure"]
    assert junit_failures(healthy) == "1"


def test_the_broken_release_is_diagnosed_without_secrets(healthy: Deployment) -> None:
    canary = "canary-" + "7f3a" * 6
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    dead = {"terminated": {"exitCode": 3, "reason": "Error", "finishedAt": "2026-11-22T05:40:00Z"}}
    state = {"ready": False, "restartCount": 4, "state": waiting, "lastState": dead}
    marks = {"annotations": {"meta.helm.sh/release-name": "web"}}
    healthy.standin.objects["pods"] = [pod("web", state=state, metadata=marks)]
    value = base64.b64encode(canary.encode()).decode()
    healthy.standin.objects["secrets"] = [
        {"metadata": {"name": "s", "uid": "s"}, "type": "Opaque", "data": {"KEY": value}}
    ]
    for key in ("web/app", "web/app/previous"):
        healthy.standin.logs[key] = [f"2026-11-22T05:40:00Z \x1b[31mcannot log in\x1b[0m with {canary}"]
    result = healthy.run()
    assert "exit code 3" in result["failure"]
    assert "cannot log in with ***" in result["failure"]
    everything = json.dumps(result) + "".join(
        path.read_text(encoding="utf-8") for path in healthy.reports.iterdir() if path.is_file()
    )
    assert canary not in everything
    healthy.standin.forbidden = {"secrets"}
    assert "cannot log in" not in json.dumps(healthy.run())


def test_restarts_are_held_against_the_last_report(healthy: Deployment) -> None:
    old = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2020-01-01T00:00:00Z"}}
    healthy.standin.objects["pods"] = [pod("web", state={"restartCount": 5, "lastState": old})]
    assert statuses(healthy.run()) == ["ok"]
    healthy.standin.objects["pods"] = [pod("web", state={"restartCount": 6, "lastState": old})]
    warned = healthy.run()
    assert statuses(warned) == ["warning"]
    assert warned["checks"][0]["attempts"] == 1, "a restart that was does not go away by waiting"
    assert statuses(healthy.run()) == ["ok"]


@pytest.fixture
def notes() -> Iterator[tuple[Server, dict[str, Any]]]:
    server = Server(lambda _: Answer(200, {"id": 1}))
    with server.running() as url:
        yield server, {"type": "story", "writes": True, "url": url, "steps": [{"name": "note", "path": "/notes"}]}


def test_what_writes_runs_only_after_a_change(healthy: Deployment, notes: tuple[Server, dict[str, Any]]) -> None:
    server, check = notes
    assert statuses(healthy.run(checks=[check])) == ["ok"]
    assert len(server.requests) == 1
    again = healthy.run(checks=[check])
    assert statuses(again) == ["skipped"]
    assert "nothing changed since it passed at 20" in again["table"]
    assert statuses(healthy.run(checks=[check], writing="always")) == ["ok"]
    scaled = deployment("web", 1)
    scaled["metadata"]["generation"] = scaled["status"]["observedGeneration"] = 9
    healthy.standin.objects["deployments"] = [scaled]
    assert statuses(healthy.run(checks=[check])) == ["skipped"]
    changed = deployment("web")
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
    healthy.standin.objects["deployments"] = [changed]
    assert statuses(healthy.run(checks=[check], writing="never")) == ["skipped"]
    assert statuses(healthy.run(checks=[check])) == ["ok"]
    assert statuses(healthy.run(checks=[check])) == ["skipped"]
    assert statuses(healthy.run(checks=[{**check, "name": "another"}])) == ["ok"]


def test_what_has_failed_runs_again(healthy: Deployment, notes: tuple[Server, dict[str, Any]]) -> None:
    _, check = notes
    failing = {**check, "steps": [{"name": "note", "path": "/notes", "expect": {"json": {"id": 2}}}]}
    for _ in range(2):
        assert statuses(healthy.run(checks=[failing])) == ["failed"]


def test_check_mode_only_reads(healthy: Deployment, notes: tuple[Server, dict[str, Any]]) -> None:
    server, check = notes
    result = healthy.run(checks=[{"type": "pods"}, check], _ansible_check_mode=True)
    assert statuses(result) == ["ok", "skipped"]
    assert not healthy.reports.exists()
    assert server.requests == []


def test_check_mode_before_there_is_a_cluster(healthy: Deployment, tmp_path: Path) -> None:
    for changes in ({"kubeconfig": str(tmp_path / "nothing")}, {"namespace": "nothing"}):
        result = healthy.run(**changes, _ansible_check_mode=True)
        assert result["status"] == "skipped"
        assert statuses(healthy.run(**changes)) == ["failed"]


def test_no_cluster_is_reported(healthy: Deployment, tmp_path: Path) -> None:
    healthy.run()
    gone = Path(healthy.arguments["kubeconfig"]).read_text(encoding="utf-8").replace("127.0.0.1", "127.0.0.2")
    (tmp_path / "gone").write_text(gone, encoding="utf-8")
    result = healthy.run(kubeconfig=str(tmp_path / "gone"))
    assert result["status"] == "failed"
    assert "Kubernetes API does not answer" in result["failure"]
    assert "Traceback" not in json.dumps(result)
    document = json.loads((healthy.reports / "report.json").read_text(encoding="utf-8"))
    assert document["restarts"] == {"uid-web/app": 0}


def test_rights_that_are_missing_are_named(healthy: Deployment) -> None:
    healthy.standin.forbidden = {"networkpolicies", "services", "deployments"}
    result = healthy.run(checks=[{"type": "network_policy"}], timeout=60)
    assert statuses(result) == ["failed"]
    assert "networkpolicies is forbidden" in result["failure"]
    assert "right to get and list" in result["failure"]


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"type": "pots"}, "value of type must be one of"),
        ({"type": "http", "service": "a", "pth": "/"}, "Unsupported parameters"),
        ({"type": "http"}, "service, url, ingress"),
        ({"type": "http", "service": "a", "url": "http://b"}, "mutually exclusive"),
        ({"type": "story", "service": "a"}, "steps"),
    ],
)
def test_a_checklist_with_a_mistake_is_refused(healthy: Deployment, check: dict[str, Any], message: str) -> None:
    result = healthy.run(checks=[check])
    assert result["failed"] is True
    assert message in result["msg"]


def test_a_report_that_cannot_be_written_is_a_warning(healthy: Deployment, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = healthy.run(report_dir=str(tmp_path / "file" / "dev"))
    assert result["status"] == "ok"
    assert "cannot be written" in json.dumps(result["warnings"])


def test_an_optional_check_only_warns(healthy: Deployment) -> None:
    healthy.standin.objects["pods"] = []
    assert statuses(healthy.run(checks=[{"type": "pods", "optional": True}])) == ["warning"]


def test_an_interruption_leaves_no_process_and_no_folder(healthy: Deployment) -> None:
    healthy.standin.objects["pods"] = [pod("web", state={"ready": False})]
    before = set(Path("/tmp").glob("todo-platform-*"))
    process = healthy.start(timeout=600)
    deadline = time.monotonic() + 30
    while not (children := _children(process.pid)) or not healthy.standin.requests:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    assert set(Path("/tmp").glob("todo-platform-*")) <= before


def _children(pid: int) -> list[str]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return text.split()


def test_a_check_is_repeated_until_it_passes() -> None:
    standin = KubernetesStandin()
    answers = iter([Answer(503), Answer(503), Answer(200)])
    standin.applications["services/web:80"] = lambda _: next(answers)
    done: list[int] = []
    check = {"type": "http", "service": "web", "port": "80", "path": "/", "request_timeout": 5}
    with context(standin) as given:
        (result,) = run_checks([check], given, time.monotonic() + 60, "", lambda number, _: done.append(number))
    assert (result.status, result.attempts, result.name) == ("ok", 3, "http of web")
    assert done == [1]


def test_the_logs_are_read_when_the_other_checks_are_done() -> None:
    standin = KubernetesStandin()
    standin.objects["pods"] = [pod("web")]
    standin.logs["web/app"] = []

    def application(_: Any) -> Answer:
        standin.logs["web/app"] = ["2100-01-01T00:00:00Z ERROR asked"]
        return Answer()

    standin.applications["services/web:80"] = application
    checks = [
        {"type": "logs", "tail": 10, "since": 600, "allow": []},
        {"type": "http", "service": "web", "port": "80", "path": "/", "request_timeout": 5},
    ]
    with context(standin) as given:
        results = run_checks(checks, given, time.monotonic() + 60, "", lambda *_: None)
    assert [(result.type, result.status) for result in results] == [("logs", "failed"), ("http", "ok")]
