"""How a deployment is, from one read of the cluster: releases, what runs, what drifted, what gets old, addresses."""

from __future__ import annotations

import base64
import datetime
import fcntl
import json
import ssl
import time
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import Cluster, Remembered
from ansible_collections.todo.platform.plugins.module_utils.checks.images import check_images
from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context, shorten
from ansible_collections.todo.platform.plugins.module_utils.checks.overview import urls, workloads
from ansible_collections.todo.platform.plugins.module_utils.checks.pods import shortfall, unready
from ansible_collections.todo.platform.plugins.module_utils.diagnosis import Redactor, Snapshot, diagnose
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import Drift, secret_data
from ansible_collections.todo.platform.plugins.module_utils.helm import SECRET_TYPE, owner
from ansible_collections.todo.platform.plugins.module_utils.http import Endpoint
from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl, KubectlError, KubeObject, labels_of
from ansible_collections.todo.platform.plugins.module_utils.planning import NONE, REPAIR, Plan, State
from cryptography import x509

ABSENT, ACTIVE, UPDATING, FAILED = "Absent", "Active", "Updating", "Failed"
"""States of a release: Active serves as it should, Updating is on its way there, Failed will not get there alone."""

BESIDE = ("pods", "replicasets.apps", "events")
"""Kinds that are read beside those that a plan needs."""

EXPIRES_SOON_DAYS = 30
"""Days before its end from which a certificate is spoken of."""

HANDSHAKE_SECONDS = 3.0
DAY = 86400.0


@dataclass(frozen=True)
class Certificate:
    """A certificate and its last day; `days` are left, less than none when it is over."""

    name: str
    expires: str
    days: int


@dataclass(frozen=True)
class Status:
    """Everything that is told. `problems` keep the deployment from being healthy, `warnings` do not."""

    deployment: str
    namespace: str
    cluster: Mapping[str, Any]
    releases: Sequence[Mapping[str, Any]] = ()
    workloads: Sequence[Mapping[str, Any]] = ()
    drift: Sequence[str] = ()
    secrets: Sequence[Mapping[str, Any]] = ()
    certificates: Sequence[Certificate] = ()
    urls: Sequence[Mapping[str, str]] = ()
    problems: Sequence[str] = ()
    warnings: Sequence[str] = field(default=())

    @property
    def healthy(self) -> bool:
        """Whether all is as it should be."""
        return not self.problems

    def document(self) -> dict[str, Any]:
        """The status as plain data."""
        return {"healthy": self.healthy, **asdict(self)}


def unreachable(deployment: str, namespace: str, cluster: Mapping[str, Any], why: str) -> Status:
    """The status of a deployment whose cluster does not answer."""
    return Status(deployment, namespace, {**cluster, "ready": False}, problems=[f"the cluster does not answer: {why}"])


@dataclass(frozen=True)
class Reader:
    """What a status is made from: plans and objects of one read, and where the deployment is reached."""

    plans: Sequence[Plan]
    state: State
    drift: Mapping[str, Sequence[Drift]]
    images: Mapping[str, Mapping[str, Any]]
    at_work: frozenset[str]
    kubectl: Kubectl
    executor: Executor
    ingress_url: str = ""
    node_ip: str = ""
    now: float = field(default_factory=time.time)

    def status(self, deployment: str, namespace: str, cluster: Mapping[str, Any]) -> Status:
        """The status of the deployment; everything in it may be shown."""
        objects = self.state.everything()
        redact = Redactor(objects)
        context = self._context(Remembered(namespace, objects))
        releases = [self.release(one, redact) for one in self.plans]
        drift = [redact(f"{name}: {one}") for name, found in self.drift.items() for one in found]
        certificates = [*certificates_in(objects, self.now), *_access(self.kubectl, self.now)]
        images = check_images({}, context)
        problems = [*cluster.get("problems", ())]
        problems += [
            f"{one['name']} is {one['state']}" + (f": {one['why'][0]}" if one["why"] else "")
            for one in releases
            if one["state"] != ACTIVE
        ]
        problems += [images.detail] if images.status == "failed" else []
        problems += [f"the certificate of {one.name} ended on {one.expires}" for one in certificates if one.days < 0]
        warnings = [f"changed by hand: {one}" for one in drift]
        warnings += [
            f"the certificate of {one.name} ends in {one.days} days"
            for one in certificates
            if 0 <= one.days < EXPIRES_SOON_DAYS
        ]
        return Status(
            deployment,
            namespace,
            cluster,
            releases,
            [{**one, "images": [self.image(name) for name in one["images"]]} for one in workloads(context.cluster)],
            drift,
            [*self.secrets(objects)],
            certificates,
            urls(context, self.node_ip),
            problems,
            warnings,
        )

    def release(self, one: Plan, redact: Redactor) -> dict[str, Any]:
        """One release: its revision and since when, its state and why, and what the next run would do."""
        objects = self.state.objects.get(one.release.namespace, ())
        state, why = self._state_of(one, objects)
        pending = one.action if one.action != NONE else ""
        return {
            "name": one.release.name,
            "namespace": one.release.namespace,
            "state": state,
            "why": [shorten(redact(text), 240) for text in why],
            "revision": one.latest.number if one.latest else None,
            "age_seconds": self._age_of(one, objects),
            "next": pending,
            "next_reasons": [shorten(redact(text), 240) for text in one.reasons] if pending else [],
        }

    def _state_of(self, one: Plan, objects: Sequence[KubeObject]) -> tuple[str, list[str]]:
        release, latest = one.release, one.latest
        if latest is None:
            return (ABSENT, ["it is not installed"]) if release.present else (ACTIVE, [])
        if latest.status.startswith(("pending-", "uninstall")):
            working = f"{release.namespace}/{release.name}" in self.at_work
            return (UPDATING, [f"revision {latest.number} is {latest.status}"]) if working else (FAILED, [*one.reasons])
        if latest.status != "deployed":
            return FAILED, [f"revision {latest.number} is {latest.status}"]
        snapshot = Snapshot(objects, release.name)
        lacking = [short for item in objects if owner(item) == release.name and (short := _lacking(item))]
        findings = diagnose(snapshot, lambda *_: ())
        why = [f"{finding.subject}: {finding.cause}" for finding in findings] or lacking
        if not why:
            return ACTIVE, []
        hopeless = [f"{finding.subject}: {finding.cause}" for finding in findings if finding.patience is not None]
        late = [item for item in snapshot.of_kind("Pod") if unready(item) and self._is_late(item, release.timeout)]
        return (FAILED, hopeless or why) if hopeless or late else (UPDATING, why)

    def _is_late(self, pod: KubeObject, timeout: float) -> bool:
        """Whether a pod that is not ready had the time that a release gives its pods."""
        ended = pod["status"].get("phase") == "Succeeded"
        return not ended and self.now - _seconds(pod["metadata"]["creationTimestamp"]) > timeout

    def _age_of(self, one: Plan, objects: Iterable[KubeObject]) -> int | None:
        latest = str(one.latest.number) if one.latest else ""
        for item in objects:
            marks = labels_of(item)
            if item.get("type") == SECRET_TYPE and (marks.get("name"), marks.get("version")) == (
                one.release.name,
                latest,
            ):
                since = marks.get("modifiedAt") or marks.get("createdAt") or ""
                return round(self.now - float(since)) if since else None
        return None

    def image(self, name: str) -> dict[str, Any]:
        """A running image beside what its sources give now: `built`, `outdated`, or `foreign` if none is built here."""
        for one in self.images.values():
            if name == one["reference"]:
                return {"name": name, "state": "built", "wanted": name}
            if name.rpartition(":")[0] == one["repository"]:
                return {"name": name, "state": "outdated", "wanted": one["reference"]}
        return {"name": name, "state": "foreign", "wanted": ""}

    def secrets(self, objects: Iterable[KubeObject]) -> Iterator[dict[str, Any]]:
        """The Secrets that are not Helm's own, and how long ago their content was written."""
        for item in objects:
            if item["kind"] != "Secret" or item.get("type") == SECRET_TYPE:
                continue
            metadata = item["metadata"]
            times = [
                entry["time"]
                for entry in metadata.get("managedFields", [])
                if "f:data" in entry.get("fieldsV1", {}) and "time" in entry
            ]
            age = self.now - _seconds(max(times, default=metadata["creationTimestamp"]))
            yield {"name": metadata["name"], "namespace": metadata["namespace"], "age_seconds": max(round(age), 0)}

    def _context(self, cluster: Cluster) -> Context:
        reference = {one["reference"]: one["ids"] for one in self.images.values()}
        ingress = Endpoint.of_url(self.ingress_url, verify=False) if self.ingress_url else None
        return Context(cluster, self.kubectl, self.executor, self.now, ingress, images=reference)


def _lacking(item: KubeObject) -> str | None:
    return shortfall(item) if item["kind"] in ("Deployment", "StatefulSet", "DaemonSet") else None


def _seconds(moment: str) -> float:
    return datetime.datetime.fromisoformat(moment).timestamp()


# --- certificates ----------------------------------------------------------------------------------------------------
def certificates_in(objects: Iterable[KubeObject], now: float) -> list[Certificate]:
    """The certificates that Secrets hold, under whatever key; the first of a chain ends first in all but odd cases."""
    found = []
    for item in objects:
        if item["kind"] == "Secret" and item.get("type") != SECRET_TYPE:
            for key, value in secret_data(item).items():
                name = f"{item['metadata']['name']} ({key})"
                found += [one for one in [_certificate(name, value, now)] if one]
    return found


def _certificate(name: str, pem: bytes, now: float) -> Certificate | None:
    start = pem.find(b"-----BEGIN CERTIFICATE-----")
    if start < 0:
        return None
    try:
        end = min(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(pem[start:]))
    except ValueError:
        return None
    return Certificate(name, f"{end:%Y-%m-%d}", int((end.timestamp() - now) // DAY))


def _access(kubectl: Kubectl, now: float) -> list[Certificate]:
    """The API server's certificate, and the one that the kubeconfig signs in with, where it does so."""
    try:
        config = json.loads(kubectl.run("config", "view", "--minify", "--flatten", "--raw", "--output=json"))
        server = urllib.parse.urlsplit(config["clusters"][0]["cluster"]["server"])
        user = config["users"][0]["user"]
    except (KubectlError, KeyError, IndexError, TypeError):
        return []
    own = base64.b64decode(user.get("client-certificate-data") or "")
    return [
        one
        for one in (
            _certificate("the API server", _presented(server.hostname or "", server.port or 443), now),
            _certificate("the kubeconfig", own, now),
        )
        if one
    ]


def _presented(host: str, port: int) -> bytes:
    """The certificate that a server shows, in PEM; empty where it shows none."""
    try:
        return ssl.get_server_certificate((host, port), timeout=HANDSHAKE_SECONDS).encode()
    except (OSError, ValueError):
        return b""


# --- for a terminal --------------------------------------------------------------------------------------------------
def as_screen(status: Status) -> str:
    """The status for a person, on one screen."""
    cluster = status.cluster
    lines = [f"{status.deployment}: {'healthy' if status.healthy else 'NOT healthy'}"]
    lines += [f"  ! {text}" for text in status.problems]
    lines += [f"  - {text}" for text in status.warnings]
    nodes = ", ".join(f"{one['name']} {'ready' if one['ready'] else 'NOT ready'}" for one in cluster.get("nodes", ()))
    version = f" {cluster['version']}" if cluster.get("version") else ""
    lines += ["", f"Cluster   {cluster.get('provider', 'none')}{version}, {nodes or 'no nodes'}"]
    lines += _columns(
        "Releases",
        [
            [
                one["name"],
                one["state"],
                f"revision {one['revision']}" if one["revision"] else "",
                age(one["age_seconds"]),
                _next(one),
            ]
            for one in status.releases
        ],
    )
    lines += _columns(
        "Runs",
        [
            [f"{one['kind'].lower()}/{one['name']}", f"{one['ready']} of {one['wanted']} ready", _images(one["images"])]
            for one in status.workloads
        ],
    )
    lines += _columns("Secrets", [[one["name"], f"written {age(one['age_seconds'])}"] for one in status.secrets])
    lines += _columns("Certs", [[one.name, f"until {one.expires}, {one.days} days"] for one in status.certificates])
    lines += _columns("Open", [[one["url"], one["name"]] for one in status.urls])
    return "\n".join(line.rstrip() for line in lines)


def _next(release: Mapping[str, Any]) -> str:
    """What the next run would do with a release; what it would repair is told above already."""
    if release["next"] in ("", REPAIR):
        return f"site.yml would {REPAIR} it" if release["next"] else ""
    return f"site.yml would {release['next']} it: {'; '.join(release['next_reasons'])}"


def _images(images: Iterable[Mapping[str, Any]]) -> str:
    words = {"built": " (as built)", "outdated": " (its sources give {wanted})", "foreign": ""}
    return ", ".join(one["name"] + words[one["state"]].format(**one) for one in images)


def _columns(title: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in columns, the first one behind the title."""
    if not rows:
        return []
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    texts = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
    return [f"{'' if place else title:<10}{text}" for place, text in enumerate(texts)]


def age(seconds: int | None) -> str:
    """`42 s ago`, `5 min ago`, `3 h ago`, `12 days ago`; empty if it is not known."""
    if seconds is None:
        return ""
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"


# --- locks -----------------------------------------------------------------------------------------------------------
def at_work(state_dir: str, names: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Those of the releases (namespace, name) that a run on this machine is changing, as "namespace/name"."""
    busy = set()
    for namespace, name in names:
        try:
            with Path(state_dir, f".release-{namespace}-{name}.lock").open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            busy.add(f"{namespace}/{name}")
        except OSError:
            continue
    return frozenset(busy)
