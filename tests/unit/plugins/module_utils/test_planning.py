"""What is decided for a release in each state that it can be in."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import Drift, Record, Reference
from ansible_collections.todo.platform.plugins.module_utils.helm import Chart, Revision
from ansible_collections.todo.platform.plugins.module_utils.planning import (
    POD_SECURITY_LABEL,
    State,
    decide,
    namespaces_to_make,
)
from ansible_collections.todo.platform.plugins.module_utils.releases import Release, key

PARTS = {"chart": "c1", "values": "v1", "helm": "v3.21"}
GONE = Drift(Reference("v1", "Service", "web"))


def release(present: bool = True, namespace: str = "ns") -> Release:
    return Release("web", namespace, Chart("/charts/web"), {}, 60, present=present)


def record(revision: int, **changed: str) -> Record:
    parts = {**PARTS, **changed}
    return Record("web", revision, key(parts), parts, ())


def history(*statuses: str) -> list[Revision]:
    return [Revision(place + 1, status) for place, status in enumerate(statuses)]


@pytest.mark.parametrize(
    ("past", "known", "drift", "action", "reason"),
    [
        ([], None, [], "install", "it is not installed"),
        ([], record(3), [], "install", "it is not installed"),
        (["deployed"], record(1), [], "none", ""),
        (["superseded", "deployed"], record(2), [], "none", ""),
        (["deployed"], record(1), [GONE], "repair", "Service/web is gone"),
        (["deployed"], None, [], "upgrade", "there is no record of revision 1"),
        (["superseded", "deployed"], record(1), [], "upgrade", "revision 2 was made by someone else (ours was 1)"),
        (["deployed"], record(1, chart="c0"), [], "upgrade", "the chart changed"),
        (["deployed"], record(1, values="v0"), [], "upgrade", "the values changed"),
        (["deployed"], record(1, helm="v3.20"), [], "upgrade", "Helm's version changed"),
        (
            ["superseded", "deployed"],
            Record("web", 2, "", {"rolled back to": "1"}, ()),
            [],
            "upgrade",
            "it was rolled back to revision 1; this brings it to what the sources say again",
        ),
        (["deployed"], record(1, chart="c0", values="v0"), [GONE], "upgrade", "the chart changed; the values changed"),
        (["deployed", "failed"], record(1), [], "upgrade", "revision 2 failed"),
        (["superseded", "failed"], record(1), [], "upgrade", "revision 2 failed"),
        (["failed"], None, [], "recover", "revision 1 failed, and none was ever deployed"),
        (["failed", "failed"], None, [], "recover", "revision 2 failed, and none was ever deployed"),
        (["pending-install"], None, [], "recover", "revision 1 was left pending-install by a run that was cut off"),
        (["deployed", "pending-upgrade"], record(1), [], "recover", "revision 2 was left pending-upgrade"),
        (
            ["superseded", "deployed", "pending-rollback"],
            record(2),
            [],
            "recover",
            "revision 3 was left pending-rollback",
        ),
        (["deployed", "uninstalling"], record(1), [], "recover", "revision 2 was left uninstalling"),
        (["uninstalled"], record(1), [], "recover", "revision 1 was left uninstalled"),
    ],
)
def test_what_should_be_there(
    past: list[str], known: Record | None, drift: list[Drift], action: str, reason: str
) -> None:
    planned = decide(release(), PARTS, history(*past), known, live_drift=lambda _record: drift)
    assert planned.action == action
    assert "; ".join(planned.reasons).startswith(reason)
    assert list(planned.drift) == (drift if action == "repair" else [])
    assert planned.latest == (history(*past)[-1] if past else None)


@pytest.mark.parametrize(
    ("past", "known", "wanted", "done"),
    [
        (["deployed"], record(1, hooks="h1"), {"values": "v2", "hooks": "h1"}, True),
        (["deployed"], record(1, hooks="h1"), {"values": "v2", "hooks": "h2"}, False),
        (["deployed"], record(1, hooks="h1"), {"values": "v2", "chart": "c2", "hooks": "h1"}, False),
        (["deployed"], record(1, hooks="h1"), {"values": "v2"}, False),
        (["deployed"], record(1), {"values": "v2", "hooks": "h1"}, False),
        (["deployed"], record(1), {"values": "v2"}, False),
        (["deployed"], None, {"values": "v2", "hooks": "h1"}, False),
        (["deployed", "failed"], record(1, hooks="h1"), {"values": "v2", "hooks": "h1"}, False),
        (["superseded", "deployed"], record(1, hooks="h1"), {"values": "v2", "hooks": "h1"}, False),
        ([], record(1, hooks="h1"), {"hooks": "h1"}, False),
        (["pending-upgrade"], record(1, hooks="h1"), {"values": "v2", "hooks": "h1"}, False),
    ],
    ids=[
        "the same",
        "changed",
        "another chart",
        "no key now",
        "no key then",
        "never a key",
        "no record",
        "after a failure",
        "after somebody else",
        "a first installation",
        "after a killed run",
    ],
)
def test_hooks_are_left_out_only_where_they_did_their_work(
    past: list[str], known: Record | None, wanted: dict[str, str], done: bool
) -> None:
    decided = decide(release(), {**PARTS, **wanted}, history(*past), known, live_drift=lambda _: [])
    assert decided.hooks_are_done is done


@pytest.mark.parametrize(
    ("past", "known", "action"),
    [
        ([], None, "none"),
        ([], record(1), "uninstall"),
        (["deployed"], record(1), "uninstall"),
        (["pending-install"], None, "uninstall"),
        (["failed"], None, "uninstall"),
    ],
)
def test_what_should_be_absent(past: list[str], known: Record | None, action: str) -> None:
    def never(_record: Record) -> list[Drift]:
        raise AssertionError("what is to go need not be compared")

    assert decide(release(False), {}, history(*past), known, live_drift=never).action == action


def test_without_a_cluster_the_reason_says_so() -> None:
    planned = decide(release(), PARTS, [], None, live_drift=lambda _record: [], unreachable="connection refused")
    assert (planned.action, planned.reasons) == ("install", ("connection refused",))


def _namespace(name: str, **marks: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": marks or None}}


@pytest.mark.parametrize(
    ("live", "level", "namespace", "made"),
    [
        ({}, "restricted", "ns", True),
        ({}, "", "ns", True),
        ({"ns": _namespace("ns")}, "restricted", "ns", True),
        ({"ns": _namespace("ns")}, "", "ns", False),
        ({"ns": _namespace("ns", **{POD_SECURITY_LABEL: "baseline"})}, "restricted", "ns", True),
        ({"ns": _namespace("ns", **{POD_SECURITY_LABEL: "restricted"})}, "restricted", "ns", False),
        ({"default": _namespace("default")}, "restricted", "default", False),
        ({"kube-x": _namespace("kube-x")}, "restricted", "kube-x", False),
    ],
)
def test_namespaces(live: dict[str, Any], level: str, namespace: str, made: bool) -> None:
    found = namespaces_to_make([release(namespace=namespace)], State(namespaces=live), level)
    assert [one["metadata"]["name"] for one in found] == ([namespace] if made else [])
    if made and level:
        assert found[0]["metadata"]["labels"] == {POD_SECURITY_LABEL: level}


def test_no_namespace_for_what_should_be_absent() -> None:
    assert namespaces_to_make([release(False)], State(), "restricted") == []
