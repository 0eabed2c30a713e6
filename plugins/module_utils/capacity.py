"""Kubernetes quantities, and whether what pods request fits into what there is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_SUFFIXES = {"n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1)} | {
    suffix + binary: Decimal(1024 if binary else 1000) ** power
    for power, suffix in enumerate(("k", "M", "G", "T", "P", "E"), start=1)
    for binary in ("", "i")
}
# Kubernetes writes the binary kilo as Ki.
_SUFFIXES["Ki"] = _SUFFIXES.pop("ki")
MIB, GIB = 1 << 20, 1 << 30


def quantity(value: object) -> Decimal:
    """A quantity such as 500m, 1.5, 256Mi or 1e3 as a number.

    Raises ValueError for what Kubernetes would not take either.
    """
    text = str(value).strip()
    match = re.fullmatch(r"([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?)([a-zA-Z]*)", text)
    if not match or match[2] not in _SUFFIXES:
        raise ValueError(f"{text!r} is not a quantity such as 500m, 2, 256Mi or 1Gi")
    return Decimal(match[1]) * _SUFFIXES[match[2]]


def in_mib(amount: Decimal | float) -> str:
    """Bytes as people read them."""
    return f"{float(amount) / GIB:.1f} GiB" if amount >= GIB else f"{int(amount) // MIB} MiB"


@dataclass(frozen=True)
class Resources:
    """Processors (cores) and memory (bytes)."""

    cpu: Decimal = Decimal(0)
    memory: Decimal = Decimal(0)

    def __add__(self, other: Resources) -> Resources:
        return Resources(self.cpu + other.cpu, self.memory + other.memory)

    def __sub__(self, other: Resources) -> Resources:
        return Resources(self.cpu - other.cpu, self.memory - other.memory)

    def __mul__(self, times: int) -> Resources:
        return Resources(self.cpu * times, self.memory * times)

    def __str__(self) -> str:
        return f"{self.cpu.normalize():f} CPU and {in_mib(self.memory)}"

    def fits(self, room: Resources) -> bool:
        """Whether there is room for this."""
        return self.cpu <= room.cpu and self.memory <= room.memory


@dataclass(frozen=True)
class Workload:
    """Pods of one kind: `request` is what one pod asks for, `surge` how many more run during an update."""

    name: str
    request: Resources
    replicas: int = 1
    max_replicas: int = 0
    surge: int = 1
    release: str = ""


def demand(workloads: Iterable[Workload], *, at_most: bool = False) -> Resources:
    """What workloads request at their peak: all replicas, and the surge of the one release that updates at a time.

    `at_most` counts the replicas that autoscalers may reach.
    """
    total = Resources()
    surges: defaultdict[str, Resources] = defaultdict(Resources)
    for workload in workloads:
        replicas = max(workload.replicas, workload.max_replicas) if at_most else workload.replicas
        total += workload.request * replicas
        surges[workload.release or workload.name] += workload.request * workload.surge
    cpu = max((surge.cpu for surge in surges.values()), default=Decimal(0))
    memory = max((surge.memory for surge in surges.values()), default=Decimal(0))
    return total + Resources(cpu, memory)
