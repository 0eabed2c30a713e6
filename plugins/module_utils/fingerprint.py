"""What an object of a release is like, apart from what the cluster itself writes into it, and how it differs later.

After a release the normal form of each of its objects is recorded in a ConfigMap. A later run compares the live objects
with it, so that defaults filled in by the API server are no difference and a change by hand is. A Secret's content is
neither recorded nor hashed: it is compared in memory with Helm's own manifest.
"""

from __future__ import annotations

import base64
import copy
import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubeObject

RECORD_PREFIX = "todo-platform-release-"
RECORD_FORMAT = 1
LONGEST_TEXT = 1024
"""Characters of one string that a record keeps; a longer one is kept as its hash."""

SHOWN_TEXT = 80
"""Characters of one value that a message shows."""

_VOLATILE_ANNOTATIONS = frozenset(
    {
        "deployment.kubernetes.io/revision",
        "deprecated.daemonset.template.generation",
        "kubectl.kubernetes.io/last-applied-configuration",
        "kubectl.kubernetes.io/restartedAt",
    }
)
_VOLATILE_PREFIXES = ("pv.kubernetes.io/", "volume.kubernetes.io/", "volume.beta.kubernetes.io/")
_VOLATILE_SPEC = {"PersistentVolumeClaim": ("volumeName",), "Job": ("selector",)}
_VOLATILE_TOP = {"ServiceAccount": ("secrets",), "Secret": ("data", "stringData")}
_SCALABLE = frozenset({"Deployment", "StatefulSet", "ReplicaSet"})


class _ManifestLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as Helm reads it: what looks like a date stays text."""


_ManifestLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _ManifestLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Reference:
    """Which object is meant. `namespace` is empty where the manifest names none."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""

    @classmethod
    def of(cls, item: Mapping[str, Any], namespace: str = "") -> Reference:
        """The reference to an object; `namespace` is what counts as no namespace of its own."""
        metadata = item["metadata"]
        own = metadata.get("namespace") or ""
        return cls(item["apiVersion"], item["kind"], metadata["name"], "" if own == namespace else own)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Identity apart from the version of the API."""
        group = self.api_version.rpartition("/")[0]
        return group, self.kind, self.namespace, self.name

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" + (f" in {self.namespace}" if self.namespace else "")

    def stub(self) -> KubeObject:
        """As much of the object as `kubectl get -f` needs to find it."""
        return {"apiVersion": self.api_version, "kind": self.kind, "metadata": {"name": self.name}}


@dataclass(frozen=True)
class Change:
    """One field that differs; None is "not there". The values of a Secret are never in here."""

    path: str
    recorded: Any
    live: Any

    def __str__(self) -> str:
        if self.recorded is None:
            return f"{self.path} was added ({_short(self.live)})"
        if self.live is None:
            return f"{self.path} was removed ({_short(self.recorded)})"
        return f"{self.path} is {_short(self.live)} instead of {_short(self.recorded)}"


@dataclass(frozen=True)
class Drift:
    """One object that is not as the release left it. No `live` means that it is gone."""

    reference: Reference
    changes: tuple[Change, ...] = ()
    recorded: Mapping[str, Any] = field(default_factory=dict)
    live: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        if self.live is None:
            return f"{self.reference} is gone"
        return f"{self.reference}: {'; '.join(str(change) for change in self.changes)}"


@dataclass(frozen=True)
class Entry:
    """One object in a record: its normal form, and by which its being untouched is known without comparing it."""

    reference: Reference
    uid: str
    resource_version: str
    generation: int | None
    normal: dict[str, Any]

    @classmethod
    def of(cls, item: KubeObject, namespace: str, autoscaled: set[tuple[str, str]]) -> Entry:
        """The entry of a live object; replicas that belong to an autoscaler are not part of it."""
        metadata, form = item["metadata"], normal(item)
        if (item["kind"], metadata["name"]) in autoscaled:
            form["spec"].pop("replicas", None)
        return cls(
            Reference.of(item, namespace),
            metadata.get("uid", ""),
            metadata.get("resourceVersion", ""),
            metadata.get("generation"),
            form,
        )


@dataclass(frozen=True)
class Record:
    """What a successful release left behind: what it was made from (`parts`), and its objects."""

    name: str
    revision: int
    key: str
    parts: dict[str, str]
    entries: tuple[Entry, ...]

    def config_map(self, namespace: str) -> KubeObject:
        """The record as the ConfigMap that keeps it."""
        document = {
            "format": RECORD_FORMAT,
            "revision": self.revision,
            "key": self.key,
            "parts": self.parts,
            "objects": [
                {
                    **vars(entry.reference),
                    "uid": entry.uid,
                    "resource_version": entry.resource_version,
                    "generation": entry.generation,
                    "normal": entry.normal,
                }
                for entry in self.entries
            ],
        }
        packed = gzip.compress(canonical(document).encode(), mtime=0)
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": RECORD_PREFIX + self.name,
                "namespace": namespace,
                "labels": {"app.kubernetes.io/managed-by": "todo.platform", "todo.platform/release": self.name},
            },
            "data": {"revision": str(self.revision), "key": self.key},
            "binaryData": {"record": base64.b64encode(packed).decode()},
        }

    @classmethod
    def read(cls, config_map: KubeObject) -> Record | None:
        """The record in a ConfigMap; None where it is not one that can be read (changed by hand, another format)."""
        try:
            name = config_map["metadata"]["name"].removeprefix(RECORD_PREFIX)
            document = json.loads(gzip.decompress(base64.b64decode(config_map["binaryData"]["record"])))
            if document["format"] != RECORD_FORMAT:
                return None
            entries = tuple(
                Entry(
                    Reference(item["api_version"], item["kind"], item["name"], item["namespace"]),
                    item["uid"],
                    item["resource_version"],
                    item["generation"],
                    item["normal"],
                )
                for item in document["objects"]
            )
            return cls(name, int(document["revision"]), document["key"], dict(document["parts"]), entries)
        except (KeyError, TypeError, ValueError, OSError, EOFError):
            return None


def canonical(value: object) -> str:
    """One text for one value, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest(value: object) -> str:
    """SHA-256 (hex) of the canonical text of a value."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def documents(manifest: str) -> list[KubeObject]:
    """The objects of a YAML manifest, in its order."""
    found: list[KubeObject] = []
    for document in yaml.load_all(manifest, Loader=_ManifestLoader):
        if isinstance(document, dict) and document.get("kind"):
            found += document["items"] if document["kind"] == "List" else [document]
    return found


def scaled(objects: Iterable[KubeObject]) -> set[tuple[str, str]]:
    """The (kind, name) of every workload whose replicas belong to an autoscaler."""
    return {
        (item["spec"]["scaleTargetRef"]["kind"], item["spec"]["scaleTargetRef"]["name"])
        for item in objects
        if item["kind"] == "HorizontalPodAutoscaler"
    }


def normal(item: KubeObject) -> dict[str, Any]:
    """An object without what the cluster writes: status, identity, times, bookkeeping; without a Secret's content."""
    kind = item["kind"]
    dropped = {"apiVersion", "kind", "metadata", "status", *_VOLATILE_TOP.get(kind, ())}
    result = {key: copy.deepcopy(value) for key, value in item.items() if key not in dropped}
    for key in _VOLATILE_SPEC.get(kind, ()):
        result.get("spec", {}).pop(key, None)
    result["metadata"] = _metadata(item.get("metadata") or {})
    template = (result.get("spec") or {}).get("template")
    if isinstance(template, dict) and "metadata" in template:
        template["metadata"] = {} if kind == "Job" else _metadata(template["metadata"] or {})
    return {key: _shorten(value) for key, value in result.items()}


def _metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    annotations = {
        key: value
        for key, value in (metadata.get("annotations") or {}).items()
        if key not in _VOLATILE_ANNOTATIONS and not key.startswith(_VOLATILE_PREFIXES)
    }
    return {"labels": dict(metadata.get("labels") or {}), "annotations": annotations}


def _shorten(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shorten(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shorten(one) for one in value]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
    return value


def differences(recorded: Any, live: Any, path: str = "") -> Iterator[Change]:
    """The fields in which two normal forms differ. Items of a list are matched by `name`, otherwise by place."""
    if isinstance(recorded, dict) and isinstance(live, dict):
        for key in sorted({*recorded, *live}, key=str):
            yield from differences(recorded.get(key), live.get(key), _join(path, key))
    elif isinstance(recorded, list) and isinstance(live, list):
        yield from _list_differences(recorded, live, path)
    elif recorded != live:
        yield Change(path, recorded, live)


def _list_differences(recorded: list[Any], live: list[Any], path: str) -> Iterator[Change]:
    named = [one for one in [*recorded, *live] if isinstance(one, dict) and "name" in one]
    if len(named) == len(recorded) + len(live):
        before = {one["name"]: one for one in recorded}
        after = {one["name"]: one for one in live}
        if list(before) != list(after) and set(before) == set(after):
            yield Change(path, list(before), list(after))
        for name in [*before, *(name for name in after if name not in before)]:
            yield from differences(before.get(name), after.get(name), f"{path}[{name}]")
        return
    for place in range(max(len(recorded), len(live))):
        before_one = recorded[place] if place < len(recorded) else None
        after_one = live[place] if place < len(live) else None
        yield from differences(before_one, after_one, f"{path}[{place}]")


def _join(path: str, key: object) -> str:
    text = str(key)
    if "." in text or "/" in text:
        return f"{path}[{text}]"
    return f"{path}.{text}" if path else text


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= SHOWN_TEXT else f"{text[: SHOWN_TEXT - 3]}..."


def secret_changes(manifest: KubeObject, live: KubeObject) -> list[Change]:
    """The keys of a Secret whose value is not the manifest's; only their names, never a value."""
    wanted = secret_data(manifest)
    found = secret_data(live)
    changes = []
    for key in sorted({*wanted, *found}):
        if wanted.get(key) != found.get(key):
            recorded = "(hidden)" if key in wanted else None
            live_value = "(hidden, another one)" if key in wanted and key in found else "(hidden)"
            changes.append(Change(_join("data", key), recorded, live_value if key in found else None))
    return changes


def secret_data(secret: Mapping[str, Any]) -> dict[str, bytes]:
    """The decoded content of a Secret."""
    data = {key: _decode(value) for key, value in (secret.get("data") or {}).items()}
    return {**data, **{key: str(value).encode() for key, value in (secret.get("stringData") or {}).items()}}


def _decode(value: object) -> bytes:
    try:
        return base64.b64decode(str(value or ""), validate=False)
    except ValueError:
        return str(value).encode()


def drifted(
    record: Record,
    live: Mapping[tuple[str, str, str, str], KubeObject],
    autoscaled: set[tuple[str, str]],
    manifest: Callable[[], list[KubeObject]],
) -> list[Drift]:
    """The objects of a release that are gone or not as its record says.

    `live` has the objects by `Reference.key`; `manifest` is asked only where a Secret was touched.
    """
    found = []
    for entry in record.entries:
        item = live.get(entry.reference.key)
        if item is None:
            if not _vanishes(entry):
                found.append(Drift(entry.reference, recorded=entry.normal))
        elif changes := _entry_changes(entry, item, autoscaled, manifest):
            found.append(Drift(entry.reference, tuple(changes), entry.normal, normal(item)))
    return found


def _vanishes(entry: Entry) -> bool:
    """Whether the cluster itself removes the object when it is done."""
    return entry.reference.kind == "Job" and "ttlSecondsAfterFinished" in (entry.normal.get("spec") or {})


def _entry_changes(
    entry: Entry,
    item: KubeObject,
    autoscaled: set[tuple[str, str]],
    manifest: Callable[[], list[KubeObject]],
) -> list[Change]:
    metadata = item["metadata"]
    same = metadata.get("uid") == entry.uid
    if same and metadata.get("resourceVersion") == entry.resource_version:
        return []
    recorded, now = copy.deepcopy(entry.normal), normal(item)
    # The same generation is the same spec, whatever defaults a newer API server reads into it.
    if same and entry.generation is not None and metadata.get("generation") == entry.generation:
        recorded, now = {"metadata": recorded["metadata"]}, {"metadata": now["metadata"]}
    kind, name = entry.reference.kind, entry.reference.name
    if kind in _SCALABLE and ((kind, name) in autoscaled or "replicas" not in recorded.get("spec", {})):
        recorded.get("spec", {}).pop("replicas", None)
        now.get("spec", {}).pop("replicas", None)
    changes = list(differences(recorded, now))
    if kind == "Secret":
        wanted = {Reference.of(one, metadata.get("namespace", "")).key: one for one in manifest()}
        if one := wanted.get(entry.reference.key):
            changes += secret_changes(one, item)
    return changes


_KEPT = {
    "Service": ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"),
    "PersistentVolumeClaim": ("volumeName", "storageClassName", "volumeMode"),
    "Job": ("selector",),
}


def replacement(manifest: KubeObject, live: KubeObject | None, autoscaled: set[tuple[str, str]]) -> KubeObject:
    """The manifest's object in a form that can replace the live one: what the cluster assigned is carried over."""
    wanted = copy.deepcopy(manifest)
    kind, name = wanted["kind"], wanted["metadata"]["name"]
    if live is None:
        return wanted
    spec, live_spec = wanted.get("spec") or {}, live.get("spec") or {}
    for key in _KEPT.get(kind, ()):
        if key in live_spec:
            spec.setdefault(key, live_spec[key])
    if kind == "Service" and spec.get("type") in ("NodePort", "LoadBalancer"):
        ports = {(port.get("protocol", "TCP"), port["port"]): port for port in live_spec.get("ports", [])}
        for port in spec.get("ports", []):
            same = ports.get((port.get("protocol", "TCP"), port["port"]), {})
            if "nodePort" in same:
                port.setdefault("nodePort", same["nodePort"])
    if kind in _SCALABLE and ((kind, name) in autoscaled or "replicas" not in spec) and "replicas" in live_spec:
        spec["replicas"] = live_spec["replicas"]
    if kind == "Job":
        labels = live_spec.get("template", {}).get("metadata", {}).get("labels")
        spec.setdefault("template", {}).setdefault("metadata", {})["labels"] = labels
    return wanted


def presentable(item: Mapping[str, Any]) -> dict[str, Any]:
    """An object that may be shown: a Secret's values are hidden."""
    shown = dict(item)
    if shown.get("kind") == "Secret":
        for part in ("data", "stringData"):
            if shown.get(part):
                shown[part] = dict.fromkeys(shown[part], "(hidden)")
    return shown


def as_yaml(value: object) -> str:
    """A value as YAML for a person to read."""
    return str(yaml.safe_dump(value, sort_keys=True, default_flow_style=False, allow_unicode=True, width=120))
