"""Decides what each release needs, from one read of the cluster."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ansible_collections.todo.platform.plugins.module_utils.fingerprint import (
    RECORD_PREFIX,
    Drift,
    Record,
    Reference,
    documents,
    drifted,
    scaled,
)
from ansible_collections.todo.platform.plugins.module_utils.helm import (
    Helm,
    Revision,
    revisions,
    serving,
)
from ansible_collections.todo.platform.plugins.module_utils.kubectl import (
    ClusterUnreachableError,
    Kubectl,
    KubectlError,
    KubeObject,
    labels_of,
)
from ansible_collections.todo.platform.plugins.module_utils.releases import Release, key, parts

KINDS = (
    "namespaces",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "services",
    "configmaps",
    "secrets",
    "serviceaccounts",
    "persistentvolumeclaims",
    "ingresses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
    "horizontalpodautoscalers.v2.autoscaling",
    "poddisruptionbudgets.policy",
    "jobs.batch",
    "cronjobs.batch",
    "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
)
"""What is read in one go. An object of any other kind costs a second read, only where a release has one."""

POD_SECURITY_LABEL = "pod-security.kubernetes.io/enforce"

NONE, INSTALL, UPGRADE, RECOVER, REPAIR, UNINSTALL = "none", "install", "upgrade", "recover", "repair", "uninstall"

ROLLED_BACK = "rolled back to"
"""The part of a record by which a revision that was rolled back to is known; it was made from what nobody noted."""

_MADE_FROM = {"chart": "the chart changed", "values": "the values changed", "helm": "Helm's version changed"}


@dataclass(frozen=True)
class State:
    """What the cluster holds in the namespaces of the releases. `unreachable` says why nothing could be read."""

    objects: Mapping[str, Sequence[KubeObject]] = field(default_factory=dict)
    namespaces: Mapping[str, KubeObject] = field(default_factory=dict)
    unreachable: str = ""

    def index(self, namespace: str) -> dict[tuple[str, str, str, str], KubeObject]:
        """The objects of one namespace by `Reference.key`."""
        return {Reference.of(item, namespace).key: item for item in self.objects.get(namespace, ())}

    def history(self, release: Release) -> list[Revision]:
        """The revisions of a release, oldest first."""
        return revisions(self.objects.get(release.namespace, ()), release.name)

    def record(self, release: Release) -> Record | None:
        """What was recorded of a release, if it can be read."""
        wanted = RECORD_PREFIX + release.name
        for item in self.objects.get(release.namespace, ()):
            if item["kind"] == "ConfigMap" and item["metadata"]["name"] == wanted:
                return Record.read(item)
        return None

    def everything(self) -> list[KubeObject]:
        """The objects of all of the namespaces."""
        return [item for items in self.objects.values() for item in items]


@dataclass(frozen=True)
class Plan:
    """What one release needs and why. `latest` and `serving` are revisions of Helm."""

    release: Release
    action: str
    reasons: tuple[str, ...] = ()
    drift: tuple[Drift, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    latest: Revision | None = None
    serving: int | None = None
    record: Record | None = None

    @property
    def key(self) -> str:
        """The content key of the wanted state."""
        return key(self.parts)

    @property
    def hooks_are_done(self) -> bool:
        """Whether the hooks of the revision that serves did already what those of the wanted one would do."""
        record, latest = self.record, self.latest
        return (
            self.action == UPGRADE
            and "hooks" in self.parts
            and record is not None
            and latest is not None
            and latest.number == self.serving == record.revision
            and all(self.parts[part] == record.parts.get(part) for part in ("hooks", "chart", "helm"))
        )


def read(
    kubectl: Kubectl, namespaces: Iterable[str], beside: Sequence[str] = (), managed_fields: bool = False
) -> State:
    """One look at the namespaces; a cluster that does not answer is a state too.

    `beside` are kinds beside KINDS; `managed_fields` asks for who wrote what and when, too.
    """

    def read_one(namespace: str) -> list[KubeObject]:
        return kubectl.get_json([*KINDS, *beside], namespace=namespace, managed_fields=managed_fields)

    wanted = sorted(set(namespaces))
    try:
        with ThreadPoolExecutor(max_workers=4) as pool:
            everything = dict(zip(wanted, pool.map(read_one, wanted), strict=True))
    except ClusterUnreachableError as error:
        return State(unreachable=str(error))
    spaces: dict[str, KubeObject] = {}
    objects: dict[str, list[KubeObject]] = {}
    for namespace, items in everything.items():
        spaces |= {item["metadata"]["name"]: item for item in items if item["kind"] == "Namespace"}
        objects[namespace] = [item for item in items if item["kind"] != "Namespace"]
    return State(objects, spaces)


def look_up(kubectl: Kubectl, references: Iterable[Reference], namespace: str) -> list[KubeObject]:
    """The live objects of these references, of whatever kind; what is gone is left out."""
    by_namespace: dict[str, list[KubeObject]] = {}
    for reference in references:
        by_namespace.setdefault(reference.namespace or namespace, []).append(reference.stub())
    found: list[KubeObject] = []
    for where, stubs in by_namespace.items():
        document = json.dumps({"apiVersion": "v1", "kind": "List", "items": stubs})
        try:
            found += kubectl.get_from(document, namespace=where)
        except KubectlError as error:
            # A kind that the cluster no longer knows has no objects either.
            if "no matches for kind" not in str(error):
                raise
            found += [item for stub in stubs for item in _look_up_known(kubectl, stub, where)]
    return found


def _look_up_known(kubectl: Kubectl, stub: KubeObject, namespace: str) -> list[KubeObject]:
    try:
        return kubectl.get_from(json.dumps(stub), namespace=namespace)
    except KubectlError as error:
        if "no matches for kind" in str(error):
            return []
        raise


def plan(
    releases: Sequence[Release],
    state: State,
    helm_version: str,
    kubectl: Kubectl,
    helm: Helm,
) -> list[Plan]:
    """What each release needs."""
    return [_plan_one(release, state, helm_version, kubectl, helm) for release in releases]


def _plan_one(release: Release, state: State, helm_version: str, kubectl: Kubectl, helm: Helm) -> Plan:
    made_from = parts(release, helm_version) if release.present else {}
    history = state.history(release)
    record = state.record(release)

    def live_drift(known: Record) -> list[Drift]:
        return drift_since(known, release, state, kubectl, helm)

    return decide(release, made_from, history, record, live_drift=live_drift, unreachable=state.unreachable)


def drift_since(record: Record, release: Release, state: State, kubectl: Kubectl, helm: Helm) -> list[Drift]:
    """What of a release is not as its record says. Raises KubectlError or HelmError."""
    live = state.index(release.namespace)
    others = [entry.reference for entry in record.entries if not _is_read(entry.reference)]
    live |= {Reference.of(item, release.namespace).key: item for item in look_up(kubectl, others, release.namespace)}

    def manifest() -> list[KubeObject]:
        return documents(helm.manifest(release.name, release.namespace, record.revision))

    return drifted(record, live, scaled(state.objects.get(release.namespace, ())), manifest)


_READ_KINDS = frozenset(
    {
        *(("apps", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet")),
        *(("", kind) for kind in ("Service", "ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim")),
        *(("networking.k8s.io", kind) for kind in ("Ingress", "NetworkPolicy")),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("policy", "PodDisruptionBudget"),
        *(("batch", kind) for kind in ("Job", "CronJob")),
        *(("rbac.authorization.k8s.io", kind) for kind in ("Role", "RoleBinding")),
    }
)


def _is_read(reference: Reference) -> bool:
    group, kind, namespace, _name = reference.key
    return not namespace and (group, kind) in _READ_KINDS


def decide(
    release: Release,
    made_from: Mapping[str, str],
    history: Sequence[Revision],
    record: Record | None,
    *,
    live_drift: Callable[[Record], list[Drift]],
    unreachable: str = "",
) -> Plan:
    """The decision for one release.

    A release that Helm shows as pending has no live operation behind it: the caller holds this machine's lock on the
    release, which a running operation holds too (also when only its helm process is left), and waits for it first.
    """
    latest = history[-1] if history else None
    good = serving(history)

    def planned(action: str, *reasons: str, drift: Sequence[Drift] = ()) -> Plan:
        return Plan(release, action, reasons, tuple(drift), made_from, latest, good, record)

    if not release.present:
        return planned(UNINSTALL, "it should be absent") if latest or record else planned(NONE)
    if latest is None:
        return planned(INSTALL, unreachable or "it is not installed")
    if latest.status.startswith(("pending-", "uninstall")):
        return planned(RECOVER, f"revision {latest.number} was left {latest.status} by a run that was cut off")
    if latest.status != "deployed":
        reason = f"revision {latest.number} {latest.status}"
        return planned(UPGRADE, reason) if good else planned(RECOVER, f"{reason}, and none was ever deployed")
    if record is None:
        return planned(UPGRADE, f"there is no record of revision {latest.number}")
    if record.revision != latest.number:
        return planned(UPGRADE, f"revision {latest.number} was made by someone else (ours was {record.revision})")
    if changed := _changed(record, made_from):
        return planned(UPGRADE, *changed)
    if drift := live_drift(record):
        return planned(REPAIR, *(str(one) for one in drift), drift=drift)
    return planned(NONE)


def _changed(record: Record, made_from: Mapping[str, str]) -> list[str]:
    """Why what was recorded is not what is wanted; nothing if it is."""
    if revision := record.parts.get(ROLLED_BACK):
        return [f"it was rolled back to revision {revision}; this brings it to what the sources say again"]
    return [text for part, text in _MADE_FROM.items() if record.parts.get(part) != made_from[part]]


def namespaces_to_make(releases: Iterable[Release], state: State, pod_security: str) -> list[KubeObject]:
    """The Namespaces that are missing or whose Pod Security label differs; a cluster's own are left alone."""
    wanted = sorted({release.namespace for release in releases if release.present})
    found = []
    for name in wanted:
        live = state.namespaces.get(name)
        marks = {POD_SECURITY_LABEL: pod_security} if pod_security and not _builtin(name) else {}
        if live is None or any(labels_of(live).get(mark) != value for mark, value in marks.items()):
            metadata = {"name": name, **({"labels": marks} if marks else {})}
            found.append({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    return found


def _builtin(namespace: str) -> bool:
    return namespace == "default" or namespace.startswith("kube-")
