"""The way back of a release: to which revision, and whether its migrations allow it."""

from __future__ import annotations

import contextlib
import copy
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.todo.platform.plugins.module_utils.diagnosis import HOOK_ANNOTATION
from ansible_collections.todo.platform.plugins.module_utils.helm import Revision
from ansible_collections.todo.platform.plugins.module_utils.kubectl import (
    Kubectl,
    KubectlError,
    KubeObject,
    annotations_of,
)

GOES_BACK = "todo.platform/goes-back"
"""Annotation of a migration's hook whose command takes --needs and --back-to."""

POLL = 1.0
PATIENCE = 120.0
"""Seconds that a question to a migration may take, unless its Job says otherwise."""

LONGEST_NAME = 63


class GoBackError(Exception):
    """The release cannot go back; the text says why and what to do."""


def target(history: Sequence[Revision], wanted: int | None, differs: Callable[[int], bool]) -> tuple[int, int]:
    """The revision to go back to, and the one that serves now.

    Without a wanted one it is the newest of those before that was deployed whole and `differs` from what serves.
    Raises GoBackError.
    """
    latest = history[-1] if history else None
    if latest is None:
        raise GoBackError("it is not installed")
    if latest.status != "deployed":
        raise GoBackError(f"revision {latest.number} is {latest.status}: run site.yml, which recovers it")
    good = [revision.number for revision in history[:-1] if revision.status == "superseded"]
    known = f"it can go back to {', '.join(map(str, good))}" if good else "none before it was deployed whole"
    if wanted is None:
        found = next((number for number in reversed(good) if differs(number)), None)
        if found is None:
            raise GoBackError(f"no revision before {latest.number} differs from it: {known}")
        return found, latest.number
    if wanted == latest.number:
        raise GoBackError(f"revision {wanted} is the one that serves: {known}")
    if wanted not in good:
        raise GoBackError(f"revision {wanted} is none that was deployed whole: {known}")
    return wanted, latest.number


def migrations(hooks: Iterable[KubeObject]) -> list[KubeObject]:
    """The Jobs that run before an upgrade."""
    return [
        hook
        for hook in hooks
        if hook["kind"] == "Job" and "pre-upgrade" in annotations_of(hook).get(HOOK_ANNOTATION, "").split(",")
    ]


@dataclass(frozen=True)
class Question:
    """What has to be asked before going back: the migration that serves, and that of the older revision."""

    serving: KubeObject
    older: KubeObject


def questions(serving: Sequence[KubeObject], older: Sequence[KubeObject], unchecked: bool) -> list[Question]:
    """What to ask; nothing where the migrations are the same, or where the person answers for it (`unchecked`).

    Raises GoBackError where a migration ran in between that can't be asked.
    """
    before = {hook["metadata"]["name"]: hook for hook in older}
    asked = []
    for hook in serving:
        name = hook["metadata"]["name"]
        if unchecked or (name in before and hook["spec"] == before[name]["spec"]):
            continue
        if not all(annotations_of(one).get(GOES_BACK) == "true" for one in (hook, before.get(name, {}))):
            raise GoBackError(
                f"{name} may have migrated the database since, and can't be asked whether older code can work with it "
                f"(annotation {GOES_BACK}). If you know that it can: -e rollback_unchecked=true"
            )
        asked.append(Question(hook, before[name]))
    return asked


@dataclass(frozen=True)
class Migration:
    """Asks migrations by running their Jobs with other arguments, in the release's namespace."""

    kubectl: Kubectl
    namespace: str
    redact: Callable[[str], str]

    def settle(self, question: Question) -> str:
        """Lets the older code work with the database, and returns the schema that it needs. Raises GoBackError."""
        ended, said = self._run(question.older, "--needs")
        needs = said[-1].strip() if said else ""
        if not ended or not needs or " " in needs:
            raise GoBackError(f"the older code does not say which schema it needs: {self._last(said)}")
        ended, said = self._run(question.serving, "--back-to", needs)
        if not ended:
            raise GoBackError(f"its migrations forbid it: {self._last(said)}")
        return needs

    def _last(self, said: Sequence[str]) -> str:
        """The reason in the last line, which may be a record of a structured log."""
        line = said[-1] if said else "it printed nothing"
        with contextlib.suppress(ValueError, KeyError, TypeError):
            line = str(json.loads(line)["reason"])
        return self.redact(line)

    def _run(self, hook: KubeObject, *arguments: str) -> tuple[bool, list[str]]:
        """Whether the Job succeeded, and the lines that it printed."""
        job = asking(hook, arguments)
        name = job["metadata"]["name"]
        self._remove(name)
        try:
            self.kubectl.run("create", "--filename=-", stdin=json.dumps(job), namespace=self.namespace)
            succeeded = self._wait(name, job["spec"].get("activeDeadlineSeconds", PATIENCE))
            printed = self.kubectl.run("logs", f"job/{name}", "--tail=20", namespace=self.namespace)
            return succeeded, [line for line in printed.splitlines() if line.strip()]
        except KubectlError as error:
            raise GoBackError(f"{name} could not be asked: {self.redact(str(error))}") from error
        finally:
            self._remove(name)

    def _remove(self, name: str) -> None:
        self.kubectl.run("delete", "job", name, "--ignore-not-found", "--cascade=foreground", namespace=self.namespace)

    def _wait(self, name: str, patience: float) -> bool:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            [job] = self.kubectl.get_json("jobs.batch", names=[name], namespace=self.namespace)
            for condition in job.get("status", {}).get("conditions", []):
                if condition["status"] == "True" and condition["type"] in ("Complete", "Failed"):
                    return bool(condition["type"] == "Complete")
            time.sleep(POLL)
        raise GoBackError(f"{name} did not answer within {patience:g} s")


def asking(hook: KubeObject, arguments: Sequence[str]) -> KubeObject:
    """The Job of a hook as one of its own, which is tried once and gets further arguments."""
    metadata = hook["metadata"]
    spec = copy.deepcopy(hook["spec"])
    spec["backoffLimit"] = 0
    container = spec["template"]["spec"]["containers"][0]
    container["command"] = [*container["command"], *arguments]
    return {
        "apiVersion": hook["apiVersion"],
        "kind": "Job",
        "metadata": {
            "name": f"{metadata['name'][: LONGEST_NAME - 4]}-ask",
            "labels": dict(metadata.get("labels") or {}),
        },
        "spec": spec,
    }
