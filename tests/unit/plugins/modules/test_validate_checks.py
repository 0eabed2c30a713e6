"""The checks about pods, Services, probes, autoscalers, policies and logs, against a stand-in of the API server."""

from __future__ import annotations

import datetime
import json
import time
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import FRESH_SECONDS
from ansible_collections.todo.platform.plugins.module_utils.checks.images import check_images
from ansible_collections.todo.platform.plugins.module_utils.checks.logs import check_logs, is_error, split_line
from ansible_collections.todo.platform.plugins.module_utils.checks.model import Outcome
from ansible_collections.todo.platform.plugins.module_utils.checks.pods import check_pods, restarts_of
from ansible_collections.todo.platform.plugins.module_utils.checks.policies import (
    check_network_policy,
    refuses_strangers,
)
from ansible_collections.todo.platform.plugins.module_utils.checks.probes import check_probes
from ansible_collections.todo.platform.plugins.module_utils.checks.scaling import check_hpa
from ansible_collections.todo.platform.plugins.module_utils.checks.services import check_services
from kubernetes_standin import Answer, KubernetesStandin, context, deployment, endpoints, pod, service

PODS = {"max_restarts": 3, "restart_window": 600}
LOGS = {"tail": 100, "since": 600, "allow": []}


def iso(moment: float) -> str:
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def standin() -> KubernetesStandin:
    return KubernetesStandin()


# ---- pods ----------------------------------------------------------------------------------------------------------


def pods(standin: KubernetesStandin, *found: dict[str, Any], **options: Any) -> Outcome:
    standin.objects["pods"] = list(found)
    with context(standin, **options) as given:
        return check_pods(PODS, given)


def test_healthy_pods(standin: KubernetesStandin) -> None:
    standin.objects["deployments"] = [deployment("web", 2, 2)]
    done = pod("migrate", status={"phase": "Succeeded"})
    leaving = pod("old", state={"ready": False}, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    outcome = pods(standin, pod("a"), pod("b"), done, leaving)
    assert (outcome.status, outcome.detail) == ("ok", "2 pods Running and ready, no new restarts")


def test_an_empty_namespace_is_a_failure(standin: KubernetesStandin) -> None:
    outcome = pods(standin)
    assert outcome.status == "failed"
    assert "no pods" in outcome.detail
    assert "release" in outcome.hint


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": {"ready": False}}, "web: not ready: app"),
        (
            {
                "state": {
                    "ready": False,
                    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
                }
            },
            "web: app: CrashLoopBackOff",
        ),
        (
            {"state": {"ready": False}, "status": {"phase": "Pending", "containerStatuses": [], "conditions": []}},
            "web: Pending",
        ),
        (
            {
                "status": {
                    "phase": "Pending",
                    "containerStatuses": [],
                    "conditions": [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes: no memory"}],
                }
            },
            "web: not scheduled: 0/1 nodes: no memory",
        ),
        ({"status": {"conditions": [{"type": "Ready", "status": "False"}]}}, "web: not ready"),
        (
            {
                "status": {
                    "initContainerStatuses": [
                        {
                            "name": "wait",
                            "ready": False,
                            "state": {"waiting": {"reason": "ErrImageNeverPull", "message": "x:1 is not there"}},
                        }
                    ]
                }
            },
            "web: wait: ErrImageNeverPull, x:1 is not there",
        ),
        (
            {
                "metadata": {"ownerReferences": [{"kind": "Job", "name": "migrate"}]},
                "status": {"phase": "Failed", "reason": "DeadlineExceeded"},
            },
            "web: its Job failed (DeadlineExceeded)",
        ),
    ],
)
def test_why_a_pod_is_not_well(standin: KubernetesStandin, changes: dict[str, Any], reason: str) -> None:
    outcome = pods(standin, pod("web", **changes), pod("well"))
    assert (outcome.status, outcome.detail, outcome.explain) == ("failed", reason, True)
    assert "describe pod web" in outcome.hint


def test_a_workload_without_its_pods_is_a_failure(standin: KubernetesStandin) -> None:
    refused = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: small"}
    standin.objects["deployments"] = [deployment("web", 2, 1, conditions=[refused])]
    outcome = pods(standin, pod("web"))
    assert outcome.status == "failed"
    assert outcome.detail == "Deployment web: 1 of 2 replicas ready (exceeded quota: small)"


def test_replicas_of_an_older_template_do_not_count(standin: KubernetesStandin) -> None:
    rolling = deployment("web")
    del rolling["status"]["updatedReplicas"]
    standin.objects["deployments"] = [rolling]
    assert pods(standin, pod("web")).detail == "Deployment web: 0 of 1 replicas ready"


def test_a_change_that_its_controller_has_not_seen_is_not_ready(standin: KubernetesStandin) -> None:
    standin.objects["deployments"] = [deployment("web", observedGeneration=1)]
    assert pods(standin, pod("web")).status == "failed"


def test_a_failed_pod_of_a_job_that_succeeded_later_is_no_failure(standin: KubernetesStandin) -> None:
    owner = {"ownerReferences": [{"kind": "Job", "name": "migrate"}]}
    first = pod("migrate-1", metadata=owner, status={"phase": "Failed"})
    second = pod("migrate-2", metadata=owner, status={"phase": "Succeeded"})
    assert pods(standin, first, second, pod("web")).status == "ok"


def test_an_evicted_pod_is_named(standin: KubernetesStandin) -> None:
    outcome = pods(standin, pod("web"), pod("gone", status={"phase": "Failed", "reason": "Evicted"}))
    assert outcome.status == "warning"
    assert "gone is left over (Evicted)" in outcome.detail


@pytest.mark.parametrize(
    ("count", "known", "seconds_ago", "status"),
    [
        (1, None, 60, "warning"),
        (1, None, 6000, "ok"),
        (3, None, 60, "failed"),
        (9, 9, 60, "ok"),
        (10, 9, 60, "warning"),
        (10, 9, 6000, "warning"),
        (12, 9, 60, "failed"),
        (12, 9, 6000, "warning"),
    ],
)
def test_restarts(standin: KubernetesStandin, count: int, known: int | None, seconds_ago: float, status: str) -> None:
    started = 1_800_000_000.0
    last = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": iso(started - seconds_ago)}}
    restarted = pod("web", state={"restartCount": count, "lastState": last})
    restarts = {} if known is None else {"uid-web/app": known}
    outcome = pods(standin, restarted, started=started, restarts=restarts)
    assert outcome.status == status
    assert ("OOMKilled, exit code 137" in outcome.detail) is (status != "ok")
    assert restarts_of([restarted]) == {"uid-web/app": count}


def test_restarts_that_came_of_the_nodes_end_are_a_warning(standin: KubernetesStandin) -> None:
    started = 1_800_000_000.0
    last = {"terminated": {"reason": "Unknown", "exitCode": 255, "finishedAt": iso(started - 60)}}
    assert pods(standin, pod("web", state={"restartCount": 4, "lastState": last}), started=started).status == "warning"


def test_a_selector_narrows_what_is_looked_at(standin: KubernetesStandin) -> None:
    other = pod("other", state={"ready": False}, metadata={"labels": {"app": "other"}})
    assert pods(standin, pod("web"), other).status == "failed"
    assert pods(standin, pod("web"), other, selector="app=app").status == "ok"


# ---- services ------------------------------------------------------------------------------------------------------


def services(standin: KubernetesStandin) -> Outcome:
    with context(standin) as given:
        return check_services({}, given)


def test_a_service_with_endpoints_answers(standin: KubernetesStandin) -> None:
    standin.objects["services"] = [service("web", port_changes={"name": "http"}), service("db", 5432)]
    standin.objects["endpointslices"] = [endpoints("web", True, False, True), endpoints("db", True)]
    standin.applications["services/web:80"] = lambda _: Answer(404)
    outcome = services(standin)
    assert (outcome.status, outcome.detail) == ("ok", "web (2 endpoints, HTTP 404); db (1 endpoint)")


def test_a_port_that_is_probed_with_http_speaks_it(standin: KubernetesStandin) -> None:
    probe = {"readinessProbe": {"httpGet": {"port": 8000, "path": "/readyz"}}}
    standin.objects["pods"] = [pod("web", container=probe)]
    standin.objects["services"] = [service("web")]
    standin.objects["endpointslices"] = [endpoints("web", True)]
    outcome = services(standin)
    assert outcome.status == "failed"
    assert "connection refused" in outcome.detail


def test_a_service_without_ready_endpoints_is_a_failure(standin: KubernetesStandin) -> None:
    standin.objects["services"] = [service("web")]
    standin.objects["endpointslices"] = [endpoints("web", False), endpoints("other", True)]
    outcome = services(standin)
    assert (outcome.status, outcome.detail) == ("failed", "web has no ready endpoint")
    assert "-l app=app" in outcome.hint


def test_a_load_balancer_without_an_address_is_a_warning(standin: KubernetesStandin) -> None:
    changes = {"type": "LoadBalancer"}
    standin.objects["services"] = [service("web", spec=changes, port_changes={"nodePort": 30080})]
    standin.objects["endpointslices"] = [endpoints("web", True)]
    standin.applications["services/web:80"] = lambda _: Answer()
    outcome = services(standin)
    assert outcome.status == "warning"
    assert "NodePort" in outcome.detail


def test_no_services(standin: KubernetesStandin) -> None:
    assert services(standin).status == "skipped"


# ---- probes --------------------------------------------------------------------------------------------------------


def probes(standin: KubernetesStandin) -> Outcome:
    with context(standin) as given:
        return check_probes({}, given)


def http_probe(path: str, port: int | str = "http", **more: Any) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": port}, **more}


def test_each_probe_is_asked_once_as_the_pod_has_it(standin: KubernetesStandin) -> None:
    asked = []
    headers = [{"name": "X-Probe", "value": "yes"}]
    container = {
        "livenessProbe": http_probe("/livez"),
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8000, "httpHeaders": headers}},
        "startupProbe": http_probe("/livez", 8000),
    }

    def application(request: Any) -> Answer:
        asked.append((request.path, request.headers.get("x-probe")))
        return Answer(302 if request.path == "/livez" else 200)

    standin.objects["pods"] = [pod("web", container=container), pod("done", status={"phase": "Succeeded"})]
    standin.applications["pods/web:8000"] = application
    outcome = probes(standin)
    assert (outcome.status, outcome.detail) == ("ok", "1 liveness, 1 readiness, 1 startup in 1 pod pass")
    assert sorted(asked) == [("/livez", None), ("/readyz", "yes")]


def test_a_probe_that_does_not_pass_shows_the_answer(standin: KubernetesStandin) -> None:
    standin.objects["pods"] = [pod("web", container={"readinessProbe": http_probe("/readyz")})]
    standin.applications["pods/web:8000"] = lambda _: Answer(503, {"database": "error: no route"})
    outcome = probes(standin)
    assert outcome.status == "failed"
    assert outcome.detail == 'readiness web/app GET :8000/readyz: HTTP 503, {"database": "error: no route"}'
    assert outcome.explain


@pytest.mark.parametrize("action", ["tcpSocket", "grpc"])
def test_a_port_passes_when_something_listens(standin: KubernetesStandin, action: str) -> None:
    standin.objects["pods"] = [pod("db", container={"livenessProbe": {action: {"port": 5432}}})]
    assert "connection refused" in probes(standin).detail
    standin.applications["pods/db:5432"] = lambda _: Answer(
        502, {"kind": "Status", "apiVersion": "v1", "message": "malformed HTTP response"}
    )
    assert probes(standin).status == "ok"


def test_a_command_that_cannot_be_run_is_a_failure(standin: KubernetesStandin) -> None:
    standin.objects["pods"] = [pod("db", container={"livenessProbe": {"exec": {"command": ["pg_isready", "-q"]}}})]
    outcome = probes(standin)
    assert outcome.status == "failed"
    assert outcome.detail.startswith("liveness db/app exec pg_isready -q: ")


def test_a_probe_of_another_host_is_left_out(standin: KubernetesStandin) -> None:
    probe = {"httpGet": {"port": 1, "host": "127.0.0.1"}}
    standin.objects["pods"] = [pod("web", container={"livenessProbe": probe})]
    assert probes(standin).status == "skipped"


# ---- autoscalers and policies --------------------------------------------------------------------------------------


def autoscaler(age: float, started: float, active: str = "True", metrics: Any = None) -> dict[str, Any]:
    resource = {"type": "Resource", "resource": {"name": "cpu"}}
    return {
        "metadata": {"name": "web", "creationTimestamp": iso(started - age)},
        "spec": {"metrics": [resource]},
        "status": {
            "conditions": [
                {"type": "AbleToScale", "status": "True"},
                {"type": "ScalingActive", "status": active, "message": "no metrics returned"},
            ],
            "currentMetrics": metrics,
        },
    }


@pytest.mark.parametrize(
    ("age", "active", "current", "found"),
    [
        (999, "True", {"averageUtilization": 7}, ("ok", "web: cpu 7 %")),
        (999, "True", {"averageValue": "20Mi"}, ("ok", "web: cpu 20Mi")),
        (999, "False", None, ("failed", "web: no metrics returned")),
        (999, "True", {}, ("failed", "web: 0 of 1 metrics have a value")),
        (10, "False", None, ("warning", "web: no metrics returned")),
    ],
)
def test_autoscalers(standin: KubernetesStandin, age: float, active: str, current: Any, found: tuple[str, str]) -> None:
    metrics = None if current is None else [{"type": "Resource", "resource": {"name": "cpu", "current": current}}]
    started = 1_800_000_000.0
    standin.objects["horizontalpodautoscalers"] = [autoscaler(age, started, active, metrics)]
    with context(standin, started=started) as given:
        outcome = check_hpa({"grace": 180}, given)
    assert (outcome.status, outcome.detail) == found


def test_an_autoscaler_that_nobody_looks_at(standin: KubernetesStandin) -> None:
    started = 1_800_000_000.0
    standin.objects["horizontalpodautoscalers"] = [autoscaler(999, started) | {"status": {}}]
    with context(standin, started=started) as given:
        assert check_hpa({"grace": 0}, given).status == "failed"


@pytest.mark.parametrize(
    ("enforced", "status", "text"), [(None, "skipped", "not verified"), (False, "warning", "not enforced")]
)
def test_policies_are_never_called_ok(
    standin: KubernetesStandin, enforced: bool | None, status: str, text: str
) -> None:
    standin.objects["networkpolicies"] = [{"metadata": {"name": "allow"}}]
    with context(standin) as given:
        outcome = check_network_policy({"enforced": enforced}, given)
    assert outcome.status == status
    assert text in outcome.detail
    assert "allow" in outcome.detail


FRONTENDS = {"from": [{"podSelector": {"matchLabels": {"app": "frontend"}}}], "ports": [{"port": 8000}]}


@pytest.mark.parametrize(
    ("selector", "ingress", "refused"),
    [
        ({"matchLabels": {"app": "web"}}, [FRONTENDS], True),
        ({}, [], True),
        ({"matchLabels": {"app": "other"}}, [FRONTENDS], False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, [FRONTENDS], False),
        ({}, [{"ports": [{"port": 8000}]}], False),
        ({}, [{"from": [{"podSelector": {}}]}], False),
        ({}, [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}], False),
        ({}, [FRONTENDS, {"from": [{"namespaceSelector": {}}]}], False),
    ],
)
def test_a_stranger_is_known_to_be_refused(selector: Any, ingress: Any, refused: bool) -> None:
    web = {
        "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "ports": [{"containerPort": 8000}]}]},
    }
    policy = {"spec": {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": ingress}}
    assert refuses_strangers(web, [policy]) is refused
    # A second policy that lets a stranger in is enough.
    assert not refuses_strangers(web, [policy, {"spec": {**policy["spec"], "ingress": [{}], "podSelector": {}}}])


# ---- images --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("running", "status", "text"),
    [
        ("sha256:config", "ok", "1 container runs what was built"),
        ("registry.test/app@sha256:manifest", "ok", "1 container runs what was built"),
        ("sha256:other", "failed", "web/app runs another image than what was built as app:1"),
        ("", "skipped", "no image of these pods was built here"),
    ],
)
def test_a_container_runs_the_image_that_was_built(
    standin: KubernetesStandin, running: str, status: str, text: str
) -> None:
    standin.objects["pods"] = [pod("web", state={"imageID": running})]
    with context(standin, images={"app:1": ["sha256:manifest", "sha256:config"]}) as given:
        outcome = check_images({}, given)
    assert (outcome.status, outcome.detail) == (status, text)
    assert ("delete pod web" in outcome.hint) == (status == "failed")


# ---- logs ----------------------------------------------------------------------------------------------------------


def logs(standin: KubernetesStandin, started: float = 1_800_000_000.0, **settings: Any) -> Outcome:
    standin.objects["pods"] = [pod("web")]
    with context(standin, started=started) as given:
        return check_logs({**LOGS, **settings}, given)


def line(moment: float, text: str) -> str:
    return f"{iso(moment).removesuffix('Z')}.123456789Z {text}"


def test_errors_now_fail_and_earlier_ones_warn(standin: KubernetesStandin) -> None:
    started = 1_800_000_000.0
    standin.logs["web/app"] = [line(started - 60, "all is well")]
    assert logs(standin, started).status == "ok"
    standin.logs["web/app"] += [line(started - 700, "ERROR too long ago")]
    assert logs(standin, started).status == "ok"
    standin.logs["web/app"] += [line(started - 60, "ERROR while starting")]
    earlier = logs(standin, started)
    assert earlier.status == "warning"
    assert earlier.evidence == ["web/app: ERROR while starting"]
    standin.logs["web/app"] += [line(started + 1, json.dumps({"level": "error", "message": "boom"}))]
    now = logs(standin, started)
    assert now.status == "failed"
    assert now.evidence == ['web/app: {"level": "error", "message": "boom"}']
    assert logs(standin, started, allow=["boom", "while starting$"]).status == "ok"


def test_while_a_pod_is_ending_only_its_successors_errors_fail(standin: KubernetesStandin) -> None:
    started = 1_800_000_000.0

    def of(workload: str, seconds: float, **metadata: str) -> dict[str, Any]:
        created = iso(started - seconds)
        return {"creationTimestamp": created, "ownerReferences": [{"kind": "x", "name": workload}], **metadata}

    old = of("web-1234", 900, deletionTimestamp=iso(started + 5)) | {"labels": {"pod-template-hash": "1234"}}
    leaving = pod("old", metadata=old)
    successor = pod("new", metadata=of("web-5678", 9) | {"labels": {"pod-template-hash": "5678"}})
    # Younger than the pod that leaves, and the one that its errors are written by.
    database = pod("database", metadata=of("database", 600))
    standin.logs["database/app"] = [line(started + 1, "FATAL: password authentication failed")]
    standin.objects["pods"] = [database, leaving, successor]
    with context(standin, started=started) as given:
        check_pods(PODS, given)
        standin.objects["pods"] = [database, successor]
        time.sleep(FRESH_SECONDS)
        excused = check_logs(LOGS, given)
        assert excused.status == "warning"
        assert excused.detail.endswith("while pods were ending")
        standin.logs["new/app"] = [line(started + 2, "ERROR of mine")]
        failed = check_logs(LOGS, given)
    assert failed.status == "failed"
    assert failed.evidence == ["new/app: ERROR of mine"]


@pytest.mark.parametrize(
    "text",
    [
        '{"level":"error","event":"x"}',
        '{"severity": "CRITICAL"}',
        '{"level": 50, "msg": "pino"}',
        '{"levelname": "Fatal"}',
        "2026-11-22 05:40:00 UTC [12] ERROR:  relation does not exist",
        "2026-11-22 05:40:00 UTC [12] FATAL:  password authentication failed",
        "[error_log] [ERROR] broken",
        'time="2026" level=error msg="x"',
        "E1122 05:40:00.000000       1 reflector.go:1] x",
        "Traceback (most recent call last):",
        " \u2a2f Error: Cannot find module",
        "Uncaught TypeError: x",
    ],
)
def test_lines_that_are_errors(text: str) -> None:
    assert is_error(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"level":"info","message":"ERROR rate is 0"}',
        '{"level": 30, "msg": "pino"}',
        '{"message": "no level: ERROR"}',
        'GET /errors/ERRORS 200 "-"',
        "0 errors, 0 warnings",
        "LOG:  database system is ready to accept connections",
        "I1122 05:40:00.000000       1 leader.go:1] x",
        "",
    ],
)
def test_lines_that_are_none(text: str) -> None:
    assert not is_error(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-15T08:00:00Z x", 1_800_000_000.0),
        ("2027-01-15T08:00:00.5Z x", 1_800_000_000.5),
        ("2027-01-15T08:00:00.123456789Z x", 1_800_000_000.123456),
        ("2027-01-15T10:00:00.250000000+02:00 x", 1_800_000_000.25),
    ],
)
def test_time_stamps(text: str, moment: float) -> None:
    written, rest = split_line(text)
    assert written == pytest.approx(moment, abs=1e-5)
    assert rest == "x"


def test_a_line_without_a_time_stamp_is_kept() -> None:
    assert split_line("no time") == (0.0, "no time")
