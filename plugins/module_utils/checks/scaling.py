"""Autoscalers have the metrics that they scale by."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.model import (
    Context,
    Outcome,
    Settings,
    Status,
    shorten,
    worst,
)
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubeObject


def check_hpa(settings: Settings, context: Context) -> Outcome:
    """Check every HorizontalPodAutoscaler.

    One that is younger than `grace` seconds may still wait for its first metrics; that is a warning.
    """
    autoscalers = context.cluster.objects("horizontalpodautoscalers")
    if not autoscalers:
        return Outcome("skipped", "no autoscalers")
    found: list[tuple[Status, str]] = []
    for one in autoscalers:
        problem = missing_metrics(one)
        created = datetime.datetime.fromisoformat(one["metadata"]["creationTimestamp"]).timestamp()
        young = context.started - created < settings["grace"]
        status: Status = "ok" if problem is None else "warning" if young else "failed"
        found.append((status, f"{one['metadata']['name']}: {problem or _metrics(one)}"))
    status = worst(status for status, _ in found)
    detail = shorten("; ".join(text for one, text in found if one == status), 300)
    hint = "try: kubectl top pods; the metrics-server has figures about a minute after a start"
    return Outcome(status, detail, "" if status == "ok" else hint)


def missing_metrics(autoscaler: KubeObject) -> str | None:
    """Why an autoscaler can't scale, or None if it can."""
    status = autoscaler.get("status", {})
    conditions = {one["type"]: one for one in status.get("conditions") or []}
    for kind in ("AbleToScale", "ScalingActive"):
        condition = conditions.get(kind)
        if condition is None:
            return "not looked at by its controller yet"
        if condition["status"] != "True" and condition.get("reason") != "ScalingDisabled":
            return str(condition.get("message") or condition.get("reason") or f"{kind} is {condition['status']}")
    have = [one for one in status.get("currentMetrics") or [] if _current(one)]
    wanted = autoscaler["spec"].get("metrics") or []
    return None if len(have) >= len(wanted) else f"{len(have)} of {len(wanted)} metrics have a value"


def _current(metric: dict[str, Any]) -> dict[str, Any]:
    detail = next((value for key, value in metric.items() if key != "type" and isinstance(value, dict)), {})
    return dict(detail.get("current") or {})


def _metrics(autoscaler: KubeObject) -> str:
    parts = []
    for metric in autoscaler["status"].get("currentMetrics") or []:
        kind = next((key for key in metric if key != "type"), "")
        current = _current(metric)
        name = metric.get(kind, {}).get("name", kind)
        if "averageUtilization" in current:
            parts.append(f"{name} {current['averageUtilization']} %")
        else:
            parts.append(f"{name} {current.get('averageValue', current.get('value', '?'))}")
    return ", ".join(parts)
