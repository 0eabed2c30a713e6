"""Quantities and budgets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.capacity import (
    Resources,
    Workload,
    demand,
    in_mib,
    quantity,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500m", Decimal("0.5")),
        (2, Decimal(2)),
        ("1.5", Decimal("1.5")),
        (".5", Decimal("0.5")),
        ("256Mi", Decimal(268435456)),
        ("1Ki", Decimal(1024)),
        ("1k", Decimal(1000)),
        ("2Gi", Decimal(2147483648)),
        ("1e3", Decimal(1000)),
        ("100u", Decimal("0.0001")),
        ("1Ei", Decimal(1024) ** 6),
    ],
)
def test_quantity(text: object, expected: Decimal) -> None:
    assert quantity(text) == expected


@pytest.mark.parametrize("text", ["", "Mi", "1KI", "1ki", "4g", "1 Gi", "a", None])
def test_what_is_no_quantity(text: object) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        quantity(text)


@pytest.mark.parametrize(("amount", "text"), [(1 << 20, "1 MiB"), (3 << 29, "1.5 GiB"), (0, "0 MiB")])
def test_in_mib(amount: int, text: str) -> None:
    assert in_mib(amount) == text


def pods(name: str, cpu: str, **numbers: Any) -> Workload:
    return Workload(name, Resources(quantity(cpu), quantity("100Mi")), **numbers)


@pytest.mark.parametrize(
    ("workloads", "at_most", "cpu"),
    [
        pytest.param([], False, "0", id="nothing"),
        pytest.param([pods("a", "100m")], False, "0.2", id="one pod and its successor"),
        pytest.param([pods("a", "100m", surge=0)], False, "0.1", id="a pod that is stopped first"),
        pytest.param(
            [pods("a", "100m"), pods("b", "300m")], False, "0.7", id="only the larger of two updates at a time"
        ),
        pytest.param([pods("a", "100m", replicas=2, max_replicas=5)], False, "0.3", id="an autoscaler at rest"),
        pytest.param([pods("a", "100m", replicas=2, max_replicas=5)], True, "0.6", id="an autoscaler at its most"),
        pytest.param([pods("a", "100m", replicas=4, max_replicas=3)], True, "0.5", id="more replicas than the most"),
    ],
)
def test_demand(workloads: list[Workload], at_most: bool, cpu: str) -> None:
    assert demand(workloads, at_most=at_most).cpu == Decimal(cpu)


def test_workloads_of_one_release_update_together() -> None:
    request = Resources(Decimal(1), Decimal(1))
    together = [Workload("api", request, release="app"), Workload("worker", request, release="app")]
    assert demand(together).cpu == 4


def test_fits() -> None:
    room = Resources(Decimal(2), Decimal(100))
    assert Resources(Decimal(2), Decimal(100)).fits(room)
    assert not Resources(Decimal(2), Decimal(101)).fits(room)
    assert not Resources(Decimal("2.1"), Decimal(1)).fits(room)
    assert str(Resources(Decimal("1.50"), Decimal(1 << 30))) == "1.5 CPU and 1.0 GiB"
