"""Brings one release to its wanted state with the helm binary, watching its pods meanwhile.

Helm's own `--atomic` deletes the pods that failed, and their logs with them. Here helm installs or upgrades and
waits, the namespace is read every two seconds, what breaks is diagnosed while it is there to be read, helm is stopped
as soon as waiting on is useless, and only then the release is rolled back.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ansible_collections.todo.platform.plugins.module_utils.diagnosis import (
    KINDS,
    LOG_LINES,
    Finding,
    Redactor,
    Snapshot,
    diagnose,
    distinct,
    ready_pods,
    stale_pods,
)
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import (
    RECORD_PREFIX,
    Entry,
    Record,
    Reference,
    documents,
    replacement,
    scaled,
)
from ansible_collections.todo.platform.plugins.module_utils.helm import (
    HISTORY_MAX,
    Helm,
    HelmError,
    Revision,
    clean,
    owned,
    revisions,
    serving,
)
from ansible_collections.todo.platform.plugins.module_utils.kubectl import (
    Kubectl,
    KubectlError,
    KubeObject,
    annotations_of,
)
from ansible_collections.todo.platform.plugins.module_utils.planning import (
    NONE,
    RECOVER,
    REPAIR,
    ROLLED_BACK,
    UNINSTALL,
    Plan,
    State,
    look_up,
    read,
)
from ansible_collections.todo.platform.plugins.module_utils.progress import ENVIRONMENT_VARIABLE, Progress
from ansible_collections.todo.platform.plugins.module_utils.releases import Release

POLL = 2.0
"""Seconds between two looks at the namespace."""

GRACE = 15
"""Seconds that helm gets to note a release as failed once it is told to stop."""

STALE_PATIENCE = 8.0
"""Seconds that a pod of an older template gets to become ready, so that it is replaced in an orderly way."""

MARGIN = 60
"""Seconds that helm gets beyond its own time-outs."""

BESIDE = ("pods", "replicasets.apps")
"""What is read beside the kinds of releases, so that what is already broken is not blamed on a change."""

_COME_AND_GO = frozenset({"Pod", "ReplicaSet", "Job", "PersistentVolumeClaim"})
_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


class RolloutError(Exception):
    """A release did not reach its wanted state. The text is the whole message for the person who ran it."""

    def __init__(self, message: str, findings: Sequence[Finding] = (), rolled_back_to: int | None = None) -> None:
        super().__init__(message)
        self.findings = tuple(findings)
        self.rolled_back_to = rolled_back_to


@contextlib.contextmanager
def lock(directory: str, release: Release, timeout: float) -> Iterator[int]:
    """Holds this machine's lock on a release and gives its file descriptor, which a helm process inherits.

    So the lock stands as long as either of them lives, and a run that comes after a killed one waits for what that one
    left running. Raises RolloutError when it is not free within `timeout` seconds.
    """
    folder = Path(directory)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / f".release-{release.namespace}-{release.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    waiting = Progress(os.environ.get(ENVIRONMENT_VARIABLE), f"wait for {release.name}")
    try:
        until = time.monotonic() + timeout
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > until:
                raise RolloutError(
                    f"another run has been changing release {release.name} for over {timeout:g} s: wait for its end"
                )
            waiting.update(detail=f"another run is changing {release.name}")
            time.sleep(0.5)
        waiting.close()
        yield descriptor
    finally:
        os.close(descriptor)


@dataclass
class Watch:
    """What is seen of one release while something works on it; `judges` says whether it may call it hopeless."""

    kubectl: Kubectl
    release: Release
    judges: bool = True
    ignored: frozenset[str] = frozenset()
    logs: dict[tuple[str, str, bool, str], tuple[str, ...]] = field(default_factory=dict)
    since: dict[tuple[str, str], float] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    hopeless: Finding | None = None
    ready: tuple[int, int] = (0, 0)
    unbound: tuple[str, ...] = ()
    stale: dict[str, float] = field(default_factory=dict)

    def look(self) -> None:
        """One look at the namespace. A look that fails is skipped: the next one is soon."""
        with contextlib.suppress(KubectlError):
            objects = self.kubectl.get_json(KINDS, namespace=self.release.namespace)
            snapshot = Snapshot(objects, self.release.name, self.ignored)
            self.ready = ready_pods(snapshot)
            self.unbound = tuple(snapshot.new_unbound_claims())
            found = diagnose(snapshot, self._fetch(objects))
            self.findings = found or self.findings
            self._judge(found)
            self._free(stale_pods(snapshot))

    def last_look(self) -> list[Finding]:
        """What is broken at the end; what was there before counts only when nothing else explains it."""
        self.look()
        if not self.findings:
            self.ignored = frozenset()
            self.look()
        return self.findings

    def _free(self, stale: Sequence[str]) -> None:
        """Removes pods that a StatefulSet's controller will not replace by itself."""
        now = time.monotonic()
        self.stale = {pod: self.stale.get(pod, now) for pod in stale}
        for pod, since in self.stale.items():
            if now - since >= STALE_PATIENCE:
                self.kubectl.run("delete", "pod", pod, "--wait=false", namespace=self.release.namespace)

    def _judge(self, found: Sequence[Finding]) -> None:
        now = time.monotonic()
        self.since = {one.identity: self.since.get(one.identity, now) for one in found}
        for one in found:
            if self.judges and one.patience is not None and now - self.since[one.identity] >= one.patience:
                self.hopeless = self.hopeless or one

    def _fetch(self, objects: Sequence[KubeObject]) -> Callable[[str, str, bool], Sequence[str]]:
        """Log lines of containers, kept per restart: they outlive the pod."""
        counts = {
            (pod["metadata"]["name"], status["name"]): f"{pod['metadata']['uid']}/{status.get('restartCount', 0)}"
            for pod in objects
            if pod["kind"] == "Pod"
            for part in ("initContainerStatuses", "containerStatuses")
            for status in pod.get("status", {}).get(part, [])
        }

        def fetch(pod: str, container: str, previous: bool) -> Sequence[str]:
            key = (pod, container, previous, counts.get((pod, container), ""))
            # A running container goes on writing; what a dead one wrote is final.
            if key not in self.logs or not previous:
                args = ["logs", pod, f"--container={container}", f"--tail={5 * LOG_LINES}"]
                with contextlib.suppress(KubectlError):
                    text = self.kubectl.run(
                        *args, *(["--previous"] if previous else []), namespace=self.release.namespace, timeout=20
                    )
                    self.logs[key] = distinct(text.splitlines()) or self.logs.get(key, ())
            return self.logs.get(key, ())

        return fetch

    def detail(self) -> str:
        """What is going on, for the progress line; nothing that an application printed."""
        ready, total = self.ready
        return f"{ready} of {total} pods ready" + (f", not yet {self.findings[0].subject}" if self.findings else "")


@dataclass(frozen=True)
class Outcome:
    """What a rollout came to."""

    revision: int | None
    repaired: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rollout:
    """Acts on one release, of which `state`, with the kinds BESIDE, is known. Each helm inherits `lock_descriptor`."""

    helm: Helm
    kubectl: Kubectl
    release: Release
    lock_descriptor: int
    state: State

    def act(self, plan: Plan) -> Outcome:
        """Does what the plan says, and records what it left behind. Raises RolloutError, HelmError or KubectlError."""
        if plan.action == NONE:
            return Outcome(plan.latest.number if plan.latest else None)
        if plan.action == UNINSTALL:
            self._uninstall()
            return Outcome(None)
        if plan.action == REPAIR:
            return self._repair(plan, cast("Record", plan.record))
        if plan.action == RECOVER:
            self._recover(plan)
            state = read(self.kubectl, [self.release.namespace], BESIDE)
            return dataclasses.replace(self, state=state)._install_or_upgrade(plan)
        return self._install_or_upgrade(plan)

    def back(self, target: int, serving: int) -> int:
        """Goes back from the revision `serving` to `target`, and returns Helm's number of what serves then.

        Where that does not become ready, `serving` serves again. Raises RolloutError, HelmError or KubectlError.
        """
        watch = Watch(self.kubectl, self.release, ignored=self._there())
        stage = f"roll {self.release.name} back to revision {target}"
        if error := self._watched(self._rollback_command(target), watch, stage, None):
            findings = watch.last_look()
            self._roll_back(serving)
            raise self._failure(stage, error, findings, f"revision {serving} serves again", serving)
        return self._record_latest("", {ROLLED_BACK: str(target)})

    # Installing, upgrading, and the way back

    def _install_or_upgrade(self, plan: Plan) -> Outcome:
        release = self.release
        before = self.state.history(release)
        good = serving(before)
        verb = ["upgrade", release.name] if before else ["install", release.name]
        args = [
            *verb,
            *release.chart.arguments(),
            f"--timeout={release.timeout}s",
            *([f"--history-max={HISTORY_MAX}"] if before else []),
            *(["--wait"] if release.wait else []),
            *(["--no-hooks"] if plan.hooks_are_done else []),
        ]
        watch = Watch(self.kubectl, release, ignored=self._there())
        stage = f"{'upgrade' if before else 'install'} {release.name}"
        error = self._watched(args, watch, stage, release.values_text)
        if error is None:
            return Outcome(self._record_latest(plan.key, plan.parts))
        findings = watch.last_look()
        latest = (self._history() or [Revision(0, "")])[-1].number
        begun = latest if latest > (before[-1].number if before else 0) else None
        after, back = self._after_failure(plan, good, begun, watch)
        raise self._failure(stage, error, findings, after, back)

    def _watched(self, args: Sequence[str], watch: Watch, stage: str, stdin: str | None) -> str | None:
        """Runs helm to its end while watching; None when it did what it should, else its message."""
        started = time.monotonic()
        # Helm's time-out bounds each of its waits (hooks before, pods, hooks after), not all of them together.
        until = started + 3 * self.release.timeout + MARGIN
        namespace, looked = self.release.namespace, started
        with tempfile.TemporaryFile("w+") as stderr, Progress(os.environ.get(ENVIRONMENT_VARIABLE), stage) as progress:
            process = self.helm.start(
                *args, namespace=namespace, stdin=stdin, stderr=stderr, keep=[self.lock_descriptor]
            )
            try:
                while not _ended(process):
                    if time.monotonic() - looked >= POLL:
                        watch.look()
                        looked = time.monotonic()
                        progress.update(detail=watch.detail())
                    if watch.hopeless or time.monotonic() > until:
                        _stop(process)
                        return _given_up(watch, time.monotonic() - started)
            finally:
                _stop(process)
            stderr.seek(0)
            return None if process.returncode == 0 else f"Helm said: {clean(stderr.read())}"

    def _after_failure(self, plan: Plan, good: int | None, begun: int | None, watch: Watch) -> tuple[str, int | None]:
        """Undoes a failed change, with the revision it began: what to say of it, and the revision that serves again."""
        release = self.release
        if begun is None:
            return ("nothing was changed", good)
        if not release.atomic:
            return ("it was left as it is, because atomic is false for it", None)
        try:
            if good is None:
                self._uninstall()
                # Helm leaves the claims of a StatefulSet, and one that never got a volume would block the next try.
                for claim in watch.unbound:
                    self.kubectl.run("delete", "pvc", claim, "--ignore-not-found", namespace=release.namespace)
                return ("it was a first installation and was removed again", None)
            self._roll_back(good)
            # A hook that failed stays, and would be taken for a fault of what serves.
            self._delete(hook for hook in self._hooks(begun) if hook.kind == "Job")
        except (HelmError, KubectlError, RolloutError) as error:
            return (f"and the way back failed as well: {error}", None)
        if plan.record is not None and plan.record.revision == plan.serving:
            # If the hooks were left out, that may have been the fault: the next try runs them.
            parts = {part: value for part, value in plan.record.parts.items() if part != "hooks"}
            self._record_latest(plan.record.key, parts)
        return (f"rolled back: revision {good} serves again", good)

    def _rollback_command(self, revision: int) -> list[str]:
        release = self.release
        return [
            "rollback",
            release.name,
            str(revision),
            f"--timeout={release.timeout}s",
            f"--history-max={HISTORY_MAX}",
            *(["--wait"] if release.wait else []),
        ]

    def _roll_back(self, revision: int) -> None:
        watch = Watch(self.kubectl, self.release, judges=False)
        if error := self._watched(self._rollback_command(revision), watch, f"roll back {self.release.name}", None):
            raise HelmError(error)

    def _failure(
        self, stage: str, error: str, findings: Sequence[Finding], after: str, back: int | None
    ) -> RolloutError:
        redact = self._redactor()
        shown = [redact.finding(finding) for finding in findings]
        kubectl = " ".join(self.kubectl.command([], self.release.namespace))
        kubectl = re.sub(r" --request-timeout=\S+", "", kubectl)
        lines = [f"{stage} failed; {redact(after)}."]
        for finding in shown[:6]:
            lines += finding.lines(kubectl)
        if shown and self.release.atomic:
            lines.append(
                f"To keep the broken pods for a look, set `atomic: false` on {self.release.name} and run again."
            )
        lines.append(redact(error))
        if hint := HelmError(error).hint:
            lines.append(f"  {hint}")
        return RolloutError("\n".join(lines), shown, back)

    def _redactor(self) -> Redactor:
        """What hides the values of the namespace's Secrets; raises KubectlError, as nothing may be shown unhidden."""
        kinds = ("secrets", "services", "deployments.apps", "statefulsets.apps")
        return Redactor(self.kubectl.get_json(kinds, namespace=self.release.namespace))

    # Recovering and removing

    def _recover(self, plan: Plan) -> None:
        """Frees a release that a killed run left behind."""
        release, good = self.release, plan.serving
        pending = plan.latest.status if plan.latest else ""
        if good is None or pending in ("pending-install", "uninstalling", "uninstalled"):
            self._uninstall()
            return
        # The upgrade that follows runs the hooks and waits.
        self.helm.run(
            "rollback",
            release.name,
            str(good),
            "--no-hooks",
            f"--history-max={HISTORY_MAX}",
            namespace=release.namespace,
            timeout=release.timeout,
        )

    def _uninstall(self) -> None:
        """Removes the release, the hooks that Helm leaves behind, and its record."""
        release = self.release
        leftovers: set[Reference] = set()
        if history := self._history():
            leftovers.update(*(self._hooks(revision.number) for revision in history))
            # Helm waits for what it removes itself; its pods end before that only in this order.
            wait = ["--wait", "--cascade=foreground"] if release.wait else []
            args = ["uninstall", release.name, f"--timeout={release.timeout}s", *wait]
            watch = Watch(self.kubectl, release, judges=False)
            if error := self._watched(args, watch, f"uninstall {release.name}", None):
                raise HelmError(error)
        record = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": RECORD_PREFIX + release.name}}
        self._delete({*leftovers, Reference.of(record, release.namespace)})

    def _delete(self, references: Iterable[Reference]) -> None:
        """Deletes what there is of these objects in the release's namespace, with all that belongs to them."""
        stubs = [reference.stub() for reference in references if not reference.namespace]
        if stubs:
            self.kubectl.run(
                "delete",
                "--filename=-",
                "--ignore-not-found",
                "--cascade=foreground",
                stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": stubs}),
                namespace=self.release.namespace,
            )

    def _hooks(self, revision: int) -> set[Reference]:
        """The hooks of a revision; those that say that they are to be kept are left out."""
        with contextlib.suppress(HelmError):
            hooks = documents(self.helm.hooks(self.release.name, self.release.namespace, revision))
            return {
                Reference.of(hook, self.release.namespace)
                for hook in hooks
                if annotations_of(hook).get("helm.sh/resource-policy") != "keep"
            }
        return set()

    # Repairing

    def _repair(self, plan: Plan, record: Record) -> Outcome:
        """Puts back each object that drifted, and nothing else; Helm's revision stays."""
        release, wanted = self.release, {drift.reference.key for drift in plan.drift}
        manifest = documents(self.helm.manifest(release.name, release.namespace, record.revision))
        objects = [item for item in manifest if Reference.of(item, release.namespace).key in wanted]
        live = {Reference.of(item, release.namespace).key: item for item in self._live(manifest)}
        autoscaled = scaled(manifest)
        watch = Watch(self.kubectl, release, ignored=self._there())
        for item in objects:
            reference = Reference.of(item, release.namespace)
            current = live.get(reference.key)
            marked = owned(item, release.name, release.namespace)
            self.kubectl.run(
                "create" if current is None else "replace",
                "--filename=-",
                "--field-manager=helm",
                stdin=json.dumps(replacement(marked, current, autoscaled)),
                namespace=reference.namespace or release.namespace,
            )
        if release.wait:
            self._wait_for([item for item in objects if _rolls(item)], watch)
        self._write_record(record.revision, record.key, record.parts, manifest)
        return Outcome(record.revision, tuple(str(drift.reference) for drift in plan.drift))

    def _wait_for(self, workloads: Sequence[KubeObject], watch: Watch) -> None:
        for item in workloads:
            name = f"{item['kind'].lower()}/{item['metadata']['name']}"
            stage = f"repair {name} of {self.release.name}"
            until = time.monotonic() + self.release.timeout
            with Progress(os.environ.get(ENVIRONMENT_VARIABLE), stage) as progress:
                while True:
                    try:
                        self.kubectl.run("rollout", "status", name, "--timeout=3s", namespace=self.release.namespace)
                        break
                    except KubectlError as error:
                        watch.look()
                        progress.update(detail=watch.detail())
                        if watch.hopeless or time.monotonic() > until:
                            after = "its manifest was put back, but it is not ready"
                            raise self._failure(stage, str(error), watch.last_look(), after, None) from error

    # Recording

    def _record_latest(self, key: str, parts: Mapping[str, str]) -> int:
        revision = self._history()[-1].number
        manifest = documents(self.helm.manifest(self.release.name, self.release.namespace, revision))
        self._write_record(revision, key, parts, manifest)
        return revision

    def _write_record(self, revision: int, key: str, parts: Mapping[str, str], manifest: Sequence[KubeObject]) -> None:
        namespace, autoscaled = self.release.namespace, scaled(manifest)
        entries = tuple(Entry.of(item, namespace, autoscaled) for item in self._live(manifest))
        record = Record(self.release.name, revision, key, dict(parts), entries)
        self.kubectl.run(
            "apply",
            "--server-side",
            "--force-conflicts",
            "--field-manager=todo.platform",
            "--filename=-",
            stdin=json.dumps(record.config_map(namespace)),
            namespace=namespace,
        )

    def _there(self) -> frozenset[str]:
        objects = self.state.objects.get(self.release.namespace, ())
        return frozenset(item["metadata"]["uid"] for item in objects if item["kind"] in _COME_AND_GO)

    def _live(self, manifest: Sequence[KubeObject]) -> list[KubeObject]:
        references = [Reference.of(item, self.release.namespace) for item in manifest]
        return look_up(self.kubectl, references, self.release.namespace)

    def _history(self) -> list[Revision]:
        selector = f"owner=helm,name={self.release.name}"
        secrets = self.kubectl.get_json("secrets", selector=selector, namespace=self.release.namespace)
        return revisions(secrets, self.release.name)


def _rolls(item: KubeObject) -> bool:
    """Whether the object is a workload that replaces its pods by itself."""
    return item["kind"] in _WORKLOADS and item["spec"].get("updateStrategy", {}).get("type") != "OnDelete"


def _ended(process: subprocess.Popen[Any]) -> bool:
    try:
        process.wait(timeout=0.2)
    except subprocess.TimeoutExpired:
        return False
    return True


def _stop(process: subprocess.Popen[Any]) -> None:
    """Ends helm, if it still runs, in a way that lets it note the release as failed."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _given_up(watch: Watch, after: float) -> str:
    if watch.hopeless:
        return f"Waiting for {watch.hopeless.subject} was given up after {after:.0f} s, it would not have become ready."
    return f"Helm did not end within {after:.0f} s and was stopped."
