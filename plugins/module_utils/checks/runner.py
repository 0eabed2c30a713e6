"""Runs a list of checks at the same time, again and again until they pass or their time is over."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import ClusterError
from ansible_collections.todo.platform.plugins.module_utils.checks.images import check_images
from ansible_collections.todo.platform.plugins.module_utils.checks.ingress import check_ingress
from ansible_collections.todo.platform.plugins.module_utils.checks.logs import check_logs
from ansible_collections.todo.platform.plugins.module_utils.checks.model import (
    CheckFunction,
    Context,
    Outcome,
    Settings,
    Status,
    plain,
)
from ansible_collections.todo.platform.plugins.module_utils.checks.pods import check_pods
from ansible_collections.todo.platform.plugins.module_utils.checks.policies import check_network_policy
from ansible_collections.todo.platform.plugins.module_utils.checks.probes import check_probes
from ansible_collections.todo.platform.plugins.module_utils.checks.scaling import check_hpa
from ansible_collections.todo.platform.plugins.module_utils.checks.services import check_services
from ansible_collections.todo.platform.plugins.module_utils.checks.story import check_story
from ansible_collections.todo.platform.plugins.module_utils.checks.web import check_http, check_page

CHECKS: dict[str, CheckFunction] = {
    "pods": check_pods,
    "images": check_images,
    "services": check_services,
    "probes": check_probes,
    "http": check_http,
    "page": check_page,
    "story": check_story,
    "ingress": check_ingress,
    "hpa": check_hpa,
    "network_policy": check_network_policy,
    "logs": check_logs,
}
AFTER_ALL = ("logs",)
"""Types that look at what the other checks have caused."""

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 2.0


@dataclasses.dataclass
class Result:
    """How one check ended, for the report. `seconds` is from its start to its last answer."""

    name: str
    type: str
    status: Status
    detail: str
    seconds: float
    attempts: int
    hint: str = ""
    evidence: list[str] = dataclasses.field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """The result as plain data."""
        return dataclasses.asdict(self)


Finished = Callable[[int, Sequence[str]], None]
"""Called with the number of checks that are done and the names of those that are not."""


def run_checks(
    checks: Sequence[Settings], context: Context, deadline: float, not_writing: str, finished: Finished
) -> list[Result]:
    """Run all checks and return their results in the same order.

    :param deadline: the time (monotonic) at which a check that does not pass has failed.
    :param not_writing: why checks that write are not run; empty if they are.
    """
    results: dict[int, Result] = {}
    explained: set[int] = set()
    with ThreadPoolExecutor(max(len(checks), 1)) as executor:
        for late in (False, True):
            group = {number: one for number, one in enumerate(checks) if (one["type"] in AFTER_ALL) is late}
            futures = {
                executor.submit(_run, one, context, deadline, not_writing): number for number, one in group.items()
            }
            try:
                for future in as_completed(futures):
                    number = futures[future]
                    outcome, results[number] = future.result()
                    explained |= {number} if outcome.explain else set()
                    finished(len(results), [name_of(one) for other, one in enumerate(checks) if other not in results])
            except BaseException:
                context.stopped.set()
                raise
    bad = [result for result in results.values() if result.status in ("failed", "warning")]
    if bad:
        _explain(bad, results[min(explained)] if explained else None, context)
    return [result for _, result in sorted(results.items())]


def name_of(check: Settings) -> str:
    """The name of a check: its own, or its type with its target."""
    if check.get("name"):
        return str(check["name"])
    target = check.get("service") or check.get("ingress") or check.get("url")
    return f"{check['type'].replace('_', ' ')}{f' of {target}' if target else ''}"


def _run(check: Settings, context: Context, deadline: float, not_writing: str) -> tuple[Outcome, Result]:
    started = time.monotonic()
    if check.get("timeout") is not None:
        deadline = min(deadline, started + check["timeout"])
    attempts, pause = 0, FIRST_PAUSE
    while True:
        if check.get("writes") and not_writing:
            outcome = Outcome("skipped", not_writing)
            break
        attempts += 1
        outcome = _try(CHECKS[check["type"]], check, context)
        left = deadline - time.monotonic()
        if outcome.status in ("ok", "skipped") or outcome.final or left <= 0 or context.stopped.wait(min(pause, left)):
            break
        pause = min(pause * 1.6, LONGEST_PAUSE)
    if outcome.status == "failed" and check.get("optional"):
        outcome.status = "warning"
    seconds = round(time.monotonic() - started, 3)
    result = Result(
        name_of(check),
        check["type"],
        outcome.status,
        outcome.detail,
        seconds,
        attempts,
        outcome.hint,
        list(outcome.evidence),
    )
    return outcome, result


def _try(function: CheckFunction, check: Settings, context: Context) -> Outcome:
    try:
        return function(check, context)
    except ClusterError as error:
        hint = f"give this kubeconfig the right to get and list in namespace {context.cluster.namespace}"
        return Outcome("failed", str(error), hint if error.forbidden else "", final=error.forbidden)


def _explain(bad: list[Result], unhealthy: Result | None, context: Context) -> None:
    """Add the diagnosis of pods, then take the values of Secrets out of whatever was quoted.

    Where Secrets can't be read, nothing is quoted.
    """
    from ansible_collections.todo.platform.plugins.module_utils.checks import evidence  # noqa: PLC0415  # costs 40 ms

    if unhealthy:
        unhealthy.evidence += evidence.explain(context)
    redact = evidence.redactor(context.cluster)
    for result in bad:
        if redact:
            result.detail = plain(redact(result.detail))
            result.evidence = [plain(redact(line)) for line in result.evidence]
        elif result.evidence:
            result.evidence = ["(nothing is quoted: without the right to read Secrets their values can't be hidden)"]
