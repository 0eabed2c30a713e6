"""What is said of broken releases. The snapshots are of real ones, each broken on purpose."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.diagnosis import (
    Finding,
    Redactor,
    Snapshot,
    diagnose,
    distinct,
    ready_pods,
    stale_pods,
)

SNAPSHOTS = Path(__file__).parent / "snapshots"


def load(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SNAPSHOTS / f"{name}.json").read_text())
    return document


def findings(document: dict[str, Any], ignored: frozenset[str] = frozenset(), release: str = "one") -> list[Finding]:
    def logs(pod: str, container: str, previous: bool) -> Sequence[str]:
        return distinct(document["logs"].get(f"{pod} {container} {previous}", []))

    return diagnose(Snapshot(document["items"], release, ignored), logs)


CAUSES: dict[str, tuple[str, list[str]]] = {
    "image_missing": (
        "Pod",
        ["image docker.io/library/python:nope cannot be pulled", "failed to resolve", "--tags images"],
    ),
    "image_never": ("Pod", ["is not in the node, and its policy is never", "pull policy of Never", "--tags images"]),
    "image_invalid": ("Pod", ["'Docker.io//x' is no valid image name", "invalid reference format", "name and tag"]),
    "crash_loop": ("Pod", ["crashes with exit code 3", "| starting", "the last lines"]),
    "not_ready": (
        "Pod",
        ["readiness probe (GET :http/nope) never passes: HTTP probe failed with statuscode: 404", "| ", "GET /nope"],
    ),
    "bad_config": ("Pod", ["couldn't find key nokey in Secret t-release/one", "--tags secrets"]),
    "migration": ("Pod", ["the migration failed with exit code 1: column tasks.due exists", "the last lines"]),
    "pod_security": (
        "Deployment",
        ["the namespace's Pod Security level forbids this pod", "runAsNonRoot", "securityContext"],
    ),
    "unschedulable": ("Pod", ["cannot be scheduled: 0/1 nodes are available", "kubectl describe nodes"]),
    "out_of_memory": ("Pod", ["killed for using more memory than its limit", "raise resources.limits.memory"]),
    "cannot_start": ("Pod", ["cannot be started", "executable file not found in $PATH", "the image's command"]),
    "no_volume": (
        "PersistentVolumeClaim",
        ["no volume was given to it (storage class: nope)", '"nope" not found', "kubectl get storageclass"],
    ),
}


@pytest.mark.parametrize("name", CAUSES)
def test_causes(name: str) -> None:
    kind, said = CAUSES[name]
    [finding] = findings(load(name))
    assert finding.subject.startswith(f"{kind}/")
    text = "\n".join(finding.lines())
    for one in said:
        assert one in text


@pytest.mark.parametrize(
    ("name", "hopeless"),
    [
        ("image_missing", True),
        ("image_never", True),
        ("image_invalid", True),
        ("bad_config", True),
        ("cannot_start", True),
        ("pod_security", True),
        ("not_ready", False),
        ("unschedulable", False),
        ("no_volume", False),
    ],
)
def test_what_is_not_worth_waiting_for(name: str, hopeless: bool) -> None:
    [finding] = findings(load(name))
    assert (finding.patience is not None) is hopeless


def test_a_healthy_release_has_no_findings() -> None:
    assert findings({"logs": {}, **load("healthy")}) == []


def test_what_was_broken_before_is_not_this_changes_fault() -> None:
    document = load("crash_loop")
    pods = frozenset(item["metadata"]["uid"] for item in document["items"] if item["kind"] == "Pod")
    assert findings(document, ignored=pods) == []


def test_another_release_in_the_namespace_is_left_alone() -> None:
    assert findings(load("crash_loop"), release="two") == []
    assert findings(load("migration"), release="two") == []


@pytest.mark.parametrize(("restarts", "hopeless"), [(0, False), (2, False), (3, True), (12, True)])
def test_a_crash_is_hopeless_after_three_restarts(restarts: int, hopeless: bool) -> None:
    document = load("crash_loop")
    for item in document["items"]:
        if item["kind"] == "Pod":
            item["status"]["containerStatuses"][0]["restartCount"] = restarts
    [finding] = findings(document)
    assert (finding.patience == 0) is hopeless
    assert f"({restarts} restart" in finding.cause


def test_sister_pods_with_one_problem_are_one_finding() -> None:
    document = load("crash_loop")
    pod = next(item for item in document["items"] if item["kind"] == "Pod")
    sister = copy.deepcopy(pod)
    sister["metadata"].update(uid="sister", name=pod["metadata"]["name"][:-5] + "abcde")
    document["items"].append(sister)
    document["logs"][f"{sister['metadata']['name']} web False"] = ["starting", "password canary-5b0c is wrong"]
    assert len(findings(document)) == 1


def test_a_hook_job_whose_pod_is_gone_is_still_named() -> None:
    document = load("migration")
    document["items"] = [item for item in document["items"] if item["kind"] != "Pod"]
    [finding] = findings(document)
    assert finding.subject == "Job/one-migrate"
    assert finding.cause.startswith("the migration failed: Job has reached the specified backoff limit")


def test_quota_and_service_account_are_told_apart() -> None:
    document = load("pod_security")
    for said, cause in (
        ('pods "x" is forbidden: exceeded quota: small, requested: pods=1', "the namespace's quota is used up"),
        (
            'pods "x" is forbidden: error looking up service account a/b: serviceaccount "b" not found',
            "service account",
        ),
        ("something else", "its pods cannot be made"),
    ):
        for item in document["items"]:
            if item["kind"] == "Event" and item["reason"] == "FailedCreate":
                item["message"] = said
        [finding] = findings(document)
        assert cause in finding.cause and finding.evidence == (said,)


def test_a_load_balancer_without_an_address_is_named() -> None:
    document = {"logs": {}, **load("healthy")}
    service = next(item for item in document["items"] if item["kind"] == "Service")
    service["spec"]["type"] = "LoadBalancer"
    [finding] = findings(document)
    assert (finding.subject, finding.cause) == ("Service/one", "no load balancer gives it an address")


def test_a_broken_pod_of_an_old_template_is_stale() -> None:
    document = load("no_volume")
    owner = next(item for item in document["items"] if item["kind"] == "StatefulSet")
    snapshot = Snapshot(document["items"], "one")
    assert stale_pods(snapshot) == []
    owner["status"]["updateRevision"] = "one-store-newer"
    assert stale_pods(snapshot) == ["one-store-0"]
    owner["metadata"]["generation"] += 1
    assert stale_pods(snapshot) == []


def test_ready_pods_are_counted() -> None:
    document = load("no_volume")
    ready, total = ready_pods(Snapshot(document["items"], "one"))
    assert total == 2 and ready < total


def test_claims_that_are_new_and_unbound() -> None:
    document = load("no_volume")
    claim = next(item for item in document["items"] if item["kind"] == "PersistentVolumeClaim")
    assert Snapshot(document["items"], "one").new_unbound_claims() == ["data-one-store-0"]
    assert Snapshot(document["items"], "one", frozenset({claim["metadata"]["uid"]})).new_unbound_claims() == []


def test_lines_call_kubectl_as_this_cluster_needs_it() -> None:
    finding = Finding("Pod/a", "broken", ("one\ntwo",), "see kubectl get pods")
    assert finding.lines("kubectl -n ns") == [
        "  Pod/a: broken", "    | one", "    | two", "    try: see kubectl -n ns get pods",
    ]  # fmt: skip


def test_log_lines_that_differ_in_numbers_only_are_one() -> None:
    lines = ["start", "GET /1 404", "GET /2 404", "end", "GET /3 404", "x" * 999]
    assert [line[:20] for line in distinct(lines)] == ["start", "end", "GET /3 404", "x" * 20]
    assert max(len(line) for line in distinct(lines)) == 300


SECRET: dict[str, Any] = {
    "kind": "Secret",
    "metadata": {"name": "todo-secrets"},
    "data": {
        "PASSWORD": base64.b64encode(b"p/ss w:rd!").decode(),
        "DATABASE_URL": base64.b64encode(b"postgresql://todo:u-r%2Fl-secret@db:5432/todo").decode(),
        "KEY": base64.b64encode(b"-----BEGIN-----\nMIIBVgIBADANBgkq\n-----END-----").decode(),
        "USER": base64.b64encode(b"postgres").decode(),
        "SHORT": base64.b64encode(b"todo").decode(),
    },
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("login with p/ss w:rd! failed", "login with *** failed"),
        ("?password=p%2Fss+w%3Ard%21&x", "?password=***&x"),
        ("?password=p%2Fss%20w%3Ard%21&x", "?password=***&x"),
        (f"data: {SECRET['data']['PASSWORD']}", "data: ***"),
        ("postgresql://todo:u-r%2Fl-secret@db:5432/todo refused", "*** refused"),
        ("password u-r/l-secret", "password ***"),
        ("password u-r%2Fl-secret", "password ***"),
        ("line MIIBVgIBADANBgkq of it", "line *** of it"),
        ("the todo list", "the todo list"),
        ("no answer from postgres", "no answer from postgres"),
    ],
)
def test_no_value_of_a_secret_is_shown(text: str, shown: str) -> None:
    redact = Redactor([SECRET, {"kind": "Service", "metadata": {"name": "postgres"}}])
    assert redact(text) == shown
    finding = redact.finding(Finding("Pod/a", text, (text,), "do"))
    assert (finding.cause, finding.evidence) == (shown, (shown,))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            '{"event": "migration failed", "reason": "column \\"a\\" is there", "level": "critical"}',
            'failed: column "a" is there',
        ),
        ('{"msg": "error", "problems": ["A: is wrong", "B: too"], "time": 1}', "error: A: is wrong; B: too"),
        ('{"message": "fatal"}', "fatal"),
        ('{"fatal": "no message"}', '{"fatal": "no message"}'),
        ("[1, 2]", "[1, 2]"),
    ],
)
def test_a_structured_line_is_told_in_words(line: str, said: str) -> None:
    document = load("crash_loop")
    document["logs"] = {name: [line] for name in document["logs"]}
    [finding] = findings(document)
    assert finding.cause.endswith(said)
    assert finding.evidence == (line,)
