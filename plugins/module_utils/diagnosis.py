"""Why a release is not ready: reads its objects, names the likely cause, and says what to do. Pure but for the logs.

`diagnose` takes a snapshot (every object of `KINDS` in the namespace) and a function that fetches log lines, and
returns findings, the root causes first. What is shown of them goes through `Redactor`, so that no Secret's value is.
"""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.fingerprint import secret_data
from ansible_collections.todo.platform.plugins.module_utils.helm import SECRET_TYPE
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubeObject, annotations_of, labels_of

KINDS = (
    "pods",
    "replicasets.apps",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "services",
    "persistentvolumeclaims",
    "events",
)
"""What a snapshot holds."""

LOG_LINES = 12
"""Log lines that a finding quotes."""

LONGEST_LINE = 300
"""Characters of a log line that a finding quotes."""

SHORTEST_SECRET = 6
"""A value of a Secret with fewer characters is not searched for in texts: it would hide ordinary words."""

HOPELESS_RESTARTS = 3
"""Restarts, which take half a minute, after which a crash is no late dependency any more."""

RELEASE_ANNOTATION = "meta.helm.sh/release-name"
HOOK_ANNOTATION = "helm.sh/hook"
INSTANCE_LABEL = "app.kubernetes.io/instance"

Logs = Callable[[str, str, bool], Sequence[str]]
"""(pod, container, previous instance) to its last log lines; empty where they cannot be had."""

_IMAGE_REASONS = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError"}
)
_START_REASONS = frozenset({"CreateContainerError", "RunContainerError", "StartError", "ContainerCannotRun"})
_CREATION = (
    ("exceeded quota", "the namespace's quota is used up", "kubectl describe resourcequota"),
    ("violates podsecurity", "the namespace's Pod Security level forbids this pod", "correct the securityContext"),
    ("serviceaccount", "its service account does not exist", "kubectl get serviceaccounts"),
    ("admission webhook", "an admission webhook refuses the pod", "see the message"),
)
_MOUNT_EVENTS = frozenset({"FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox"})
_CIRCUMSTANCES = frozenset({"level", "levelname", "logger", "name", "time", "timestamp", "ts"})
_ERROR = re.compile(r"error|exception|fatal|panic|fail|denied|refused|invalid|missing|not found|no such", re.IGNORECASE)
_PROBE = re.compile(r"(Liveness|Readiness|Startup) probe (failed|errored)(?: and resulted in error)?: ?(.*)", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """One broken object: what it is, the likely cause, what shows it, and what to do.

    `patience` is for how many seconds the same finding must stand before waiting on is useless; None means that only
    the time-out of the release says so.
    """

    subject: str
    cause: str
    evidence: tuple[str, ...] = ()
    advice: str = ""
    patience: float | None = None

    @property
    def identity(self) -> tuple[str, str]:
        """The same problem seen again has the same identity."""
        return self.subject, re.sub(r"\d+", "#", self.cause)

    def lines(self, kubectl: str = "kubectl") -> list[str]:
        """The finding as a person reads it; `kubectl` is how the command is called for this cluster and namespace."""
        quoted = [f"    | {line}" for text in self.evidence for line in text.splitlines()]
        advice = self.advice.replace("kubectl", kubectl)
        return [f"  {self.subject}: {self.cause}", *quoted, *([f"    try: {advice}"] if advice else [])]


class Redactor:
    """Hides the values of Secrets in texts: as they are, line by line, in base64, and as they stand in a URL.

    A value that is also the name of one of the `objects` (a user `postgres`) is no secret.
    """

    def __init__(self, objects: Iterable[KubeObject]) -> None:
        hidden: set[str] = set()
        public: set[str] = set()
        for item in objects:
            public.add(item["metadata"]["name"])
            if item["kind"] == "Secret" and item.get("type") != SECRET_TYPE:
                for value in secret_data(item).values():
                    hidden |= _forms(value)
        self._values = sorted(hidden - public, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text with `***` for every value."""
        for value in self._values:
            text = text.replace(value, "***")
        return text

    def finding(self, finding: Finding) -> Finding:
        """The finding with nothing secret in it."""
        return replace(finding, cause=self(finding.cause), evidence=tuple(self(line) for line in finding.evidence))


def _forms(value: bytes) -> set[str]:
    text = value.decode("utf-8", "replace").strip()
    forms = {text, *(line.strip() for line in text.splitlines()), base64.b64encode(value).decode()}
    forms.add(json.dumps(text)[1:-1])
    forms |= {urllib.parse.quote(text, safe=""), urllib.parse.quote_plus(text)}
    if "://" in text:
        parsed = urllib.parse.urlsplit(text)
        forms |= {parsed.password or "", urllib.parse.unquote(parsed.password or "")}
    return {form for form in forms if len(form) >= SHORTEST_SECRET}


class Snapshot:
    """The objects of one namespace at one moment, and which of them belong to one release.

    An object belongs to the release when Helm marked it, when it is a hook that is not in `ignored`, or when its owner
    belongs. `ignored` are the uids of what was there before the release began to change: what is broken
    since earlier is not this change's fault.
    """

    def __init__(self, objects: Iterable[KubeObject], release: str, ignored: frozenset[str] = frozenset()) -> None:
        self._by_uid = {item["metadata"]["uid"]: item for item in objects if "uid" in item["metadata"]}
        self._release = release
        self._ignored = ignored
        self._events: dict[str, list[KubeObject]] = {}
        for item in self._by_uid.values():
            if item["kind"] == "Event":
                self._events.setdefault(item["involvedObject"].get("uid", ""), []).append(item)

    def of_kind(self, *kinds: str, before: bool = False) -> list[KubeObject]:
        """The release's objects of these kinds that are not being deleted; with `before` also those to be ignored."""
        return [
            item
            for item in self._by_uid.values()
            if item["kind"] in kinds
            and (before or item["metadata"]["uid"] not in self._ignored)
            and "deletionTimestamp" not in item["metadata"]
            and self.belongs(item)
        ]

    def claims(self) -> list[KubeObject]:
        """The volume claims that the release's pods use."""
        volumes = (volume for pod in self.of_kind("Pod") for volume in pod["spec"].get("volumes", []))
        names = {one["persistentVolumeClaim"]["claimName"] for one in volumes if "persistentVolumeClaim" in one}
        return [
            item
            for item in self._by_uid.values()
            if item["kind"] == "PersistentVolumeClaim" and (item["metadata"]["name"] in names or self.belongs(item))
        ]

    def new_unbound_claims(self) -> list[str]:
        """The names of volume claims that were not there before and have no volume, and so no data."""
        return [
            claim["metadata"]["name"]
            for claim in self.claims()
            if claim["metadata"]["uid"] not in self._ignored and claim.get("status", {}).get("phase") == "Pending"
        ]

    def belongs(self, item: KubeObject) -> bool:
        """Whether the object is this release's."""
        owners = item["metadata"].get("ownerReferences") or []
        if owners:
            return any(self.belongs(self._by_uid[one["uid"]]) for one in owners if one["uid"] in self._by_uid)
        marks = annotations_of(item)
        if HOOK_ANNOTATION in marks:
            fresh = item["metadata"]["uid"] not in self._ignored
            return fresh and labels_of(item).get(INSTANCE_LABEL, self._release) == self._release
        return marks.get(RELEASE_ANNOTATION) == self._release

    def events(self, item: KubeObject, *reasons: str) -> list[str]:
        """The messages of an object's warnings with these reasons (any, when none is given), the newest last."""
        events = [
            event
            for event in self._events.get(item["metadata"]["uid"], [])
            if (event.get("reason") in reasons if reasons else event.get("type") == "Warning")
        ]
        return [event.get("message", "") for event in sorted(events, key=_event_time)]

    def top(self, item: KubeObject) -> KubeObject:
        """The outermost owner of an object that is in the snapshot; the object itself where it has none."""
        for owner in item["metadata"].get("ownerReferences") or []:
            if owner["uid"] in self._by_uid:
                return self.top(self._by_uid[owner["uid"]])
        return item


def _event_time(event: KubeObject) -> str:
    series = event.get("series") or {}
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return max((str(time) for time in times if time), default="")


def diagnose(snapshot: Snapshot, logs: Logs) -> list[Finding]:
    """What is broken in the release, root causes first; equal problems of sister pods are one finding."""
    claims = _claims(snapshot)
    findings = [finding for pod in snapshot.of_kind("Pod") for finding in _pod(snapshot, pod, logs)]
    if claims:
        findings = [finding for finding in findings if "PersistentVolumeClaim" not in finding.cause]
    for owner in snapshot.of_kind("ReplicaSet", "StatefulSet", "DaemonSet", "Job"):
        findings += _creation(snapshot, owner)
    findings += _jobs(snapshot)
    findings += claims
    findings += _services(snapshot)
    seen: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        owner_and_cause = (finding.subject.partition(" ")[0].rpartition("-")[0], finding.identity[1])
        seen.setdefault(owner_and_cause, finding)
    return list(seen.values())


def _pod(snapshot: Snapshot, pod: KubeObject, logs: Logs) -> list[Finding]:
    status, name = pod.get("status", {}), pod["metadata"]["name"]
    subject = f"Pod/{name}"
    if status.get("phase") == "Succeeded":
        return []
    if status.get("phase") == "Failed" and status.get("reason"):
        text = status.get("message", "no message")
        return [Finding(subject, f"{status['reason'].lower()} by the node: {text}", advice="kubectl describe nodes")]
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            message = condition.get("message", "no message")
            advice = "lower the pod's requests, or make room: kubectl describe nodes"
            return [Finding(subject, f"cannot be scheduled: {message}", advice=advice)]
    containers = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    found = [finding for one in containers if (finding := _container(snapshot, pod, one, logs))]
    if not found and status.get("phase") == "Pending" and (mounts := snapshot.events(pod, *_MOUNT_EVENTS)):
        cause = "its volumes or network cannot be set up"
        return [Finding(subject, cause, (mounts[-1],), _see_secret(mounts[-1]), 60)]
    return found


def _container(snapshot: Snapshot, pod: KubeObject, status: Mapping[str, Any], logs: Logs) -> Finding | None:
    subject = _subject(pod, status)
    waiting = status.get("state", {}).get("waiting") or {}
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    if reason in _IMAGE_REASONS:
        return _image(snapshot, pod, status, subject)
    if reason == "CreateContainerConfigError":
        patience = None if "timed out" in message else 10
        return Finding(subject, f"its configuration is wrong: {message}", (), _see_secret(message), patience)
    dead = _dead(status)
    if reason in _START_REASONS or (dead and dead.get("reason") in _START_REASONS):
        text = (dead or {}).get("message", "") or message or reason
        return Finding(subject, "cannot be started", (text,), "check the image's command and the container's user", 10)
    if dead and (dead.get("exitCode") or reason == "CrashLoopBackOff"):
        return _crash(snapshot, pod, status, dead, logs)
    if "running" in status.get("state", {}) and not status.get("ready"):
        return _unready(snapshot, pod, status, subject, logs)
    return None


def _subject(pod: KubeObject, status: Mapping[str, Any]) -> str:
    return f"Pod/{pod['metadata']['name']} (container {status['name']})"


def _image(snapshot: Snapshot, pod: KubeObject, status: Mapping[str, Any], subject: str) -> Finding:
    waiting = status["state"]["waiting"]
    reason, message = waiting["reason"], waiting.get("message", "")
    pulled = [text for text in snapshot.events(pod, "Failed", "InspectFailed") if "image" in text.lower()]
    detail = pulled[-1] if pulled and reason == "ImagePullBackOff" else message
    if reason == "InvalidImageName":
        cause = f"{status['image']!r} is no valid image name"
    elif reason == "ErrImageNeverPull":
        cause = f"image {status['image']} is not in the node, and its policy is never to pull it"
    else:
        cause = f"image {status['image']} cannot be pulled"
    advice = "ansible-playbook site.yml --tags images, or check the image's name and tag in the values"
    # A registry may come back; a node does not change its mind.
    patience = 8 if reason in ("ErrImagePull", "ImagePullBackOff") else 0
    return Finding(subject, cause, (detail,) if detail else (), advice, patience)


def _dead(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """How the container ended: now, or before its last restart if it is not ready again."""
    now = status.get("state", {}).get("terminated")
    before = status.get("lastState", {}).get("terminated")
    ended = now or (before if not status.get("ready") else None)
    return ended if isinstance(ended, Mapping) else None


def _crash(
    snapshot: Snapshot, pod: KubeObject, status: Mapping[str, Any], dead: Mapping[str, Any], logs: Logs
) -> Finding:
    subject = _subject(pod, status)
    restarts = status.get("restartCount", 0)
    running = "running" in status.get("state", {})
    last = tuple(logs(pod["metadata"]["name"], status["name"], running))
    code = dead.get("exitCode")
    probe = _probe_output(snapshot, pod, "Liveness", "Startup")
    times = f"{restarts} restart{'' if restarts == 1 else 's'}"
    if dead.get("reason") == "OOMKilled":
        cause, advice = f"killed for using more memory than its limit ({times})", "raise resources.limits.memory"
    elif probe and code in (0, 137, 143):
        kind, output = probe
        cause = f"restarted because its {kind.lower()} probe fails ({times}): {output}"
        advice = "see why the application does not answer in time, or give the probe a longer period"
    elif annotations_of(snapshot.top(pod)).get(HOOK_ANNOTATION):
        cause = f"{_hook_name(snapshot.top(pod))} failed with exit code {code}: {_last(last)}"
        advice = "correct what the last lines say, then run again"
    else:
        cause = f"crashes with exit code {code} ({times}): {_last(last)}"
        advice = "correct what the last lines say, then run again"
    return Finding(subject, cause, last, advice, 0 if restarts >= HOPELESS_RESTARTS else None)


def _unready(
    snapshot: Snapshot, pod: KubeObject, status: Mapping[str, Any], subject: str, logs: Logs
) -> Finding | None:
    last = tuple(logs(pod["metadata"]["name"], status["name"], False))
    advice = "see what the probe depends on, or give the release a longer timeout if it is only slow"
    if probe := _probe_output(snapshot, pod, "Readiness", "Startup"):
        kind, output = probe
        asked = _probe_target(pod, status["name"], f"{kind.lower()}Probe")
        return Finding(subject, f"its {kind.lower()} probe{asked} never passes: {output}", last, advice)
    if status.get("started") is False:
        asked = _probe_target(pod, status["name"], "startupProbe")
        return Finding(subject, f"its startup probe{asked} has not passed yet", last, advice)
    return Finding(subject, "runs but is not ready", last, advice)


def _probe_target(pod: KubeObject, container: str, probe: str) -> str:
    """What a probe asks, such as ` (GET :8000/readyz)`; empty where it is no HTTP probe."""
    for one in pod["spec"]["containers"]:
        if one["name"] == container and (get := one.get(probe, {}).get("httpGet")):
            return f" (GET :{get['port']}{get.get('path', '/')})"
    return ""


def _probe_output(snapshot: Snapshot, pod: KubeObject, *kinds: str) -> tuple[str, str] | None:
    for message in reversed(snapshot.events(pod, "Unhealthy")):
        match = _PROBE.match(message)
        if match and match[1] in kinds:
            return match[1], " ".join(match[3].split()) or "no output"
    return None


def _creation(snapshot: Snapshot, owner: KubeObject) -> list[Finding]:
    """Why pods of an owner cannot even be made: quota, Pod Security, no service account, an admission webhook."""
    status = owner.get("status", {})
    made = status.get("active", 0) if owner["kind"] == "Job" else status.get("replicas", 0)
    wanted = 1 if owner["kind"] == "Job" else owner["spec"].get("replicas", 1)
    failed = snapshot.events(owner, "FailedCreate")
    if not failed or made >= wanted or status.get("succeeded"):
        return []
    message = failed[-1]
    other = ("", "its pods cannot be made", "see the message")
    _, cause, advice = next((one for one in _CREATION if one[0] in message.lower()), other)
    top = snapshot.top(owner)
    return [Finding(f"{top['kind']}/{top['metadata']['name']}", cause, (message,), advice, 10)]


def _jobs(snapshot: Snapshot) -> list[Finding]:
    """Hooks and jobs that ended badly; their pods, where they are still there, say more."""
    findings = []
    explained = {snapshot.top(pod)["metadata"]["uid"] for pod in snapshot.of_kind("Pod")}
    for job in snapshot.of_kind("Job"):
        for condition in job.get("status", {}).get("conditions", []):
            if condition["type"] == "Failed" and condition["status"] == "True":
                late = condition.get("reason") == "DeadlineExceeded"
                if job["metadata"]["uid"] in explained and not late:
                    continue
                cause = f"{_hook_name(job)} {'took too long' if late else 'failed'}: {condition.get('message', '')}"
                findings.append(Finding(f"Job/{job['metadata']['name']}", cause, patience=0))
    return findings


def _hook_name(item: KubeObject) -> str:
    hook = annotations_of(item).get(HOOK_ANNOTATION, "")
    migrates = "migrat" in item["metadata"]["name"]
    return "the migration" if migrates else f"the {hook} hook" if hook else "the job"


def _claims(snapshot: Snapshot) -> list[Finding]:
    findings = []
    for claim in snapshot.claims():
        if claim.get("status", {}).get("phase") != "Pending":
            continue
        said = snapshot.events(claim, "ProvisioningFailed", "FailedBinding", "WaitForFirstConsumer")
        storage_class = claim["spec"].get("storageClassName") or "the default one, if there is any"
        cause = f"no volume was given to it (storage class: {storage_class})"
        advice = "kubectl get storageclass,pv"
        findings.append(Finding(f"PersistentVolumeClaim/{claim['metadata']['name']}", cause, tuple(said[-1:]), advice))
    return findings


def _services(snapshot: Snapshot) -> list[Finding]:
    findings = []
    for service in snapshot.of_kind("Service"):
        given = service.get("status", {}).get("loadBalancer", {}).get("ingress")
        if service["spec"].get("type") == "LoadBalancer" and not given:
            cause = "no load balancer gives it an address"
            advice = "use type NodePort or ClusterIP, or install a load balancer"
            findings.append(Finding(f"Service/{service['metadata']['name']}", cause, (), advice))
    return findings


def _see_secret(message: str) -> str:
    lower = message.lower()
    if "secret" in lower:
        return "kubectl get secrets; run ansible-playbook site.yml --tags secrets, or correct the name or key"
    if "configmap" in lower:
        return "kubectl get configmaps, and correct the name or key in the values"
    return "see the message"


def _last(lines: Sequence[str]) -> str:
    """The last line that speaks of an error, or else the last one."""
    said = [line.strip() for line in lines if line.strip()]
    chosen = next((line for line in reversed(said) if _ERROR.search(line)), said[-1] if said else "it printed nothing")
    return _in_words(chosen)


def _in_words(line: str) -> str:
    """What a line of a structured log says: its message, and what is told beside it."""
    try:
        fields = json.loads(line)
        message = next(fields.pop(name) for name in ("event", "message", "msg") if name in fields)
    except (ValueError, TypeError, AttributeError, StopIteration):
        return line
    beside = [value for name, value in fields.items() if name not in _CIRCUMSTANCES]
    texts = [text for value in beside for text in (value if isinstance(value, list) else [value])]
    return ": ".join([str(message), "; ".join(map(str, texts))]) if texts else str(message)


def distinct(lines: Iterable[str]) -> tuple[str, ...]:
    """Log lines cut to a bearable length; of those that differ only in numbers the last one stands for all."""
    kept: dict[str, str] = {}
    for line in lines:
        shape = re.sub(r"\d+", "#", line)
        kept.pop(shape, None)
        kept[shape] = line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 3]}..."
    return tuple(list(kept.values())[-LOG_LINES:])


def stale_pods(snapshot: Snapshot) -> list[str]:
    """Pods of a StatefulSet that are not ready and of an older template: the controller waits for them forever."""
    found = []
    for pod in snapshot.of_kind("Pod", before=True):
        owner = snapshot.top(pod)
        if owner["kind"] != "StatefulSet":
            continue
        status = owner.get("status", {})
        current = status.get("observedGeneration") == owner["metadata"].get("generation")
        stale = labels_of(pod).get("controller-revision-hash") != status.get("updateRevision")
        if current and stale and not _ready(pod):
            found.append(pod["metadata"]["name"])
    return found


def _ready(pod: KubeObject) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def ready_pods(snapshot: Snapshot) -> tuple[int, int]:
    """How many pods of the release are ready, and how many there are, finished ones left out."""
    pods = [pod for pod in snapshot.of_kind("Pod") if pod.get("status", {}).get("phase") != "Succeeded"]
    return sum(map(_ready, pods)), len(pods)
