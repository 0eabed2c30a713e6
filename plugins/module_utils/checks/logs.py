"""No container has written an error: those written while the checks ran are failures, older ones are warnings.

A pod that is ending still works with what an upgrade has just replaced, a password say, and others write what comes of
it: while there is one, only the errors of the pods that take its place are failures.
"""

from __future__ import annotations

import datetime
import json
import re
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.model import (
    Context,
    Outcome,
    Settings,
    plural,
    shorten,
)
from ansible_collections.todo.platform.plugins.module_utils.checks.pods import containers_of
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubeObject

LEVEL_KEYS = ("level", "severity", "levelname", "lvl", "loglevel", "log.level", "error_severity")
ERROR_LEVELS = frozenset({"error", "err", "critical", "crit", "fatal", "alert", "emergency", "emerg", "panic"})
ERROR_NUMBER = 50
"""Pino and Bunyan write levels as numbers, 50 and more for errors."""

PLAIN_ERROR = re.compile(
    r"(?:^|[\s\[|<(])(?:ERROR|CRITICAL|FATAL|PANIC)(?=[\s\]|>):,]|$)"
    r"|\blevel=\"?(?:error|critical|fatal|panic)\b"
    r"|^[EF]\d{4} \d\d:"
    r"|^Traceback \(most recent call last\)"
    r"|^\s*(?:Uncaught |Unhandled|\u2a2f )"
)
MOST_SHOWN = 3


def check_logs(settings: Settings, context: Context) -> Outcome:
    """Check the last `tail` lines of each container, not older than `since` seconds.

    Lines that match one of the patterns in `allow` are no errors.
    """
    allow = [re.compile(pattern) for pattern in settings["allow"]]
    context.staying_pods()
    containers = [
        (pod, container["name"])
        for pod in context.cluster.objects("pods")
        for container in containers_of(pod["status"])
        if not container.get("state", {}).get("waiting")
    ]
    if not containers:
        return Outcome("skipped", "no containers")

    def errors_of(item: tuple[KubeObject, str]) -> list[tuple[float, bool, str]]:
        pod, container = item
        name = pod["metadata"]["name"]
        own = not context.leavers or context.follows_a_leaver(pod)
        lines = (split_line(line) for line in context.cluster.log(name, container, settings["tail"]))
        return [
            (written, own and written >= context.started, f"{name}/{container}: {shorten(text, 200)}")
            for written, text in lines
            if is_error(text)
            and written >= context.started - settings["since"]
            and not any(pattern.search(text) for pattern in allow)
        ]

    errors = sorted(error for found in context.each(errors_of, containers) for error in found)
    new = [text for _, failure, text in errors if failure]
    hint = "allow harmless lines by a pattern in the check's `allow`"
    if new:
        return Outcome("failed", f"{plural(len(new), 'new error')} in the logs", hint, new[-MOST_SHOWN:], final=True)
    if errors:
        old = [text for _, _, text in errors]
        while_ending = " but while pods were ending" if errors[-1][0] >= context.started else ""
        detail = f"{plural(len(old), 'earlier error')} in the logs, none since this check began{while_ending}"
        return Outcome("warning", detail, hint, old[-MOST_SHOWN:], final=True)
    return Outcome("ok", f"no errors in the logs of {plural(len(containers), 'container')}", final=True)


def split_line(line: str) -> tuple[float, str]:
    """The time and the text of a log line as the API gives it: `2026-11-22T05:40:00.123456789Z text`."""
    stamp, _, text = line.partition(" ")
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?\d*(Z|[+-]\d\d:\d\d)", stamp)
    if not match:
        return 0.0, line
    zone = "+00:00" if match[3] == "Z" else match[3]
    return datetime.datetime.fromisoformat(f"{match[1]}{(match[2] or '.0').ljust(7, '0')}{zone}").timestamp(), text


def is_error(text: str) -> bool:
    """Whether a log line, JSON or plain, is at the level of an error or above."""
    if text.startswith("{"):
        try:
            return _is_error_record(json.loads(text))
        except ValueError:
            pass
    return PLAIN_ERROR.search(text) is not None


def _is_error_record(record: dict[str, Any]) -> bool:
    level = next((record[key] for key in LEVEL_KEYS if key in record), None)
    if isinstance(level, int | float):
        return level >= ERROR_NUMBER
    return str(level).lower() in ERROR_LEVELS
