"""What a Minikube profile is made with, and where that is not what is asked for."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_UNITS = {"": 1, "b": 1 / 1024**2, "k": 1 / 1024, "m": 1, "g": 1024, "t": 1024**2}
_FREE = {"", "auto", "max", "no-limit"}


def profile(name: str) -> dict[str, Any]:
    """The configuration that Minikube keeps of a profile; empty where there is none."""
    home = Path(os.environ.get("MINIKUBE_HOME") or Path.home())
    home = home if home.name == ".minikube" else home / ".minikube"
    try:
        config: dict[str, Any] = json.loads((home / "profiles" / name / "config.json").read_text())
    except (OSError, ValueError):
        return {}
    return config


def state(config: Mapping[str, Any]) -> str:
    """Whether a profile is `absent`, `made`, or `unfinished`: its making ended before its nodes had addresses."""
    if not config:
        return "absent"
    return "made" if config["Nodes"] and all(node["IP"] for node in config["Nodes"]) else "unfinished"


def megabytes(size: str) -> int | None:
    """A size as Minikube takes it (4g, 4096, 4096mb) in MiB; None for one that leaves it to Minikube."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?", size.strip().lower())
    return int(float(match[1]) * _UNITS[match[2]]) if match else None


def differences(config: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Sentences that say where a profile is not as wanted, in what only a new profile can change.

    `wanted` has driver, version, nodes, cpus, memory and cni; an empty one, auto, max and no-limit fit everything.
    """
    if state(config) != "made":
        return []
    kubernetes = config["KubernetesConfig"]
    memory = megabytes(str(wanted.get("memory", "")))
    compared = [
        ("driver", config["Driver"], wanted.get("driver")),
        ("Kubernetes version", kubernetes["KubernetesVersion"], wanted.get("version")),
        ("number of nodes", len(config["Nodes"]), wanted.get("nodes")),
        ("number of CPUs", config["CPUs"], wanted.get("cpus")),
        ("memory", f"{config['Memory']}m", f"{memory}m" if memory else ""),
        ("CNI", kubernetes["CNI"] or "auto", wanted.get("cni")),
    ]
    return [
        f"its {name} is {held}, not {asked}"
        for name, held, asked in compared
        if str(asked or "") not in _FREE | {str(held)}
    ]


def enabled_addons(config: Mapping[str, Any]) -> list[str]:
    """The addons that are enabled in a profile."""
    return sorted(name for name, on in (config.get("Addons") or {}).items() if on)
