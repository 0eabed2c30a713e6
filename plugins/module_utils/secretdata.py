"""What a vault and Kubernetes Secrets hold: checked, made and compared. Messages name keys and never show a value."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
import re
import secrets
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from ansible_collections.todo.platform.plugins.module_utils.backups import new_identity
from ansible_collections.todo.platform.plugins.module_utils.naming import duplicates, suggestion
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

CHECKSUM_KEY = "vault_checksum_key"
"""The vault key that checksums are keyed with: without it nobody can find a short value by trying."""

MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGER = "todo.platform"
DEPLOYMENT = "todo.platform/deployment"
CHECKSUM = "todo.platform/checksum"

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 43  # of 62 characters: 256 bits
_CLOCK_SKEW = datetime.timedelta(hours=1)
_CERTIFICATE_LIFE = datetime.timedelta(days=5 * 365)
_SECRET_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


# --- the vault -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class VaultKey:
    """A variable that a vault holds."""

    name: str
    generate: bool = False
    min_length: int = 1
    optional: bool = False
    description: str = ""
    certificate: tuple[str, ...] = ()
    age: bool = False
    next: str = ""
    previous: str = ""

    def make_up(self) -> str:
        """A new value: of a key with names for a certificate, that certificate behind its private key, in PEM."""
        if self.age:
            return new_identity()
        return self_signed(self.certificate) if self.certificate else random_value(self.min_length)

    @property
    def requirement(self) -> str:
        """The key and what it must be, for people."""
        length = f" (at least {self.min_length} characters)" if self.min_length > 1 else ""
        return f"{self.name}{length}" + (f": {self.description}" if self.description else "")


def vault_keys(spec: Iterable[Mapping[str, Any]]) -> list[VaultKey]:
    """The keys that a vault must hold: those of a deployment's data and the one for checksums.

    Raises ValueError for a key that is declared twice.
    """
    keys = []
    for entry in spec:
        given: dict[str, Any] = {name: value for name, value in entry.items() if value is not None}
        keys.append(VaultKey(**given | {"certificate": tuple(given.get("certificate", ()))}))
    if twice := duplicates(key.name for key in keys):
        raise ValueError(f"secrets_vault_spec declares {', '.join(twice)} more than once")
    if CHECKSUM_KEY not in {key.name for key in keys}:
        keys.append(VaultKey(CHECKSUM_KEY, True, 32, False, "keys the checksums that restart pods; used nowhere else"))
    return keys


def unrotatable(names: Iterable[str], keys: Iterable[VaultKey]) -> list[str]:
    """What is wrong with the names of keys that shall get new values."""
    known = {key.name: key for key in keys}
    problems = []
    for name in names:
        if name not in known:
            problems.append(f"the vault has no {name}: {suggestion(name, known)}")
        elif not (known[name].next or known[name].age or known[name].certificate):
            problems.append(f"{name} can't be given a new value from here: others have to know it first")
    return problems


def announced(values: Mapping[str, object], keys: Iterable[VaultKey]) -> dict[str, str]:
    """The coming values, for everybody to learn before they count; one that was announced before stays."""
    return {key.next: key.make_up() for key in keys if key.next and not values.get(key.next)}


def switched(values: Mapping[str, object], keys: Iterable[VaultKey]) -> dict[str, str]:
    """The announced values in place of the old ones, which are kept where there is a name for them.

    What nobody else has to know is new at once; a key of age's stays behind the new one, for what it encrypted.
    """
    fresh: dict[str, str] = {}
    for key in keys:
        old = str(values.get(key.name) or "")
        if not key.next:
            fresh[key.name] = f"{key.make_up()}\n{old}".strip() if key.age else key.make_up()
        elif coming := str(values.get(key.next) or ""):
            fresh |= {key.name: coming, key.next: ""} | ({key.previous: old} if key.previous else {})
    return fresh


def replaced(text: str, fresh: Mapping[str, str]) -> str:
    """YAML with other values, as they stand in YAML; comments, order and all else stay. Unknown keys are left out."""
    root = yaml.compose(text)
    found = [
        (value.start_mark.index, value.end_mark.index, fresh[name.value])
        for name, value in (root.value if isinstance(root, yaml.MappingNode) else [])
        if name.value in fresh
    ]
    for start, end, value in sorted(found, reverse=True):
        # A block's end is the beginning of what follows it.
        blanks = text[start:end][len(text[start:end].rstrip()) :]
        gap = " " if text[start - 1 : start] == ":" else ""
        text = f"{text[:start]}{gap}{value}{blanks}{text[end:]}"
    return text


def random_value(min_length: int = 0) -> str:
    """A random value of letters and digits only, so that it needs no quoting in a URL, a shell or YAML."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(max(_LENGTH, min_length)))


def self_signed(names: Sequence[str]) -> str:
    """A private key and a certificate for host names that it signed itself, in PEM; good for machines of one's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0][:64])])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _CERTIFICATE_LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (secret + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def missing_generated(values: Mapping[str, object], keys: Iterable[VaultKey]) -> list[VaultKey]:
    """The keys that are absent and may be made up."""
    return [key for key in keys if key.generate and key.name not in values]


def vault_problems(values: Mapping[str, object], keys: Sequence[VaultKey]) -> list[str]:
    """Everything that is wrong with a vault's content, by key."""
    known = {key.name for key in keys}
    problems = [f"{key.name} {problem}" for key in keys if (problem := _value_problem(values, key))]
    unknown = sorted(str(name) for name in values if name not in known)
    return problems + [f"{name} is not in secrets_vault_spec: {suggestion(name, known)}" for name in unknown]


def _value_problem(values: Mapping[str, object], key: VaultKey) -> str:
    value = values.get(key.name, "")
    if value is None or value == "":
        return "" if key.optional else "is empty" if key.name in values else "is missing"
    if not isinstance(value, str):
        return "is not text: put it in quotes, or YAML reads it as something else"
    return f"is shorter than {key.min_length} characters" if len(value) < key.min_length else ""


# --- Secrets ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class WantedSecret:
    """A Secret as a deployment's data has it. `adopt` takes one made by hand as it is, `force` replaces it."""

    name: str
    namespace: str
    data: dict[str, bytes]
    type: str = "Opaque"
    adopt: bool = True
    force: bool = False

    @property
    def label(self) -> str:
        """Namespace and name."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class LiveSecret:
    """A Secret as the cluster has it."""

    data: dict[str, bytes]
    type: str
    labels: dict[str, str]
    annotations: dict[str, str]
    immutable: bool = False

    @property
    def managed(self) -> bool:
        """Whether it was made by this collection."""
        return self.labels.get(MANAGED_BY) == MANAGER or DEPLOYMENT in self.labels

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> LiveSecret:
        """From the API's own form."""
        metadata = item["metadata"]
        return cls(
            {key: base64.b64decode(value) for key, value in (item.get("data") or {}).items()},
            item.get("type", "Opaque"),
            dict(metadata.get("labels") or {}),
            dict(metadata.get("annotations") or {}),
            bool(item.get("immutable")),
        )


@dataclass(frozen=True)
class SecretPlan:
    """What is to be done with a Secret: `action` is none, create, update, adopt or refuse (`problem` says why)."""

    action: str
    checksum: str = ""
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problem: str = ""

    @property
    def differences(self) -> list[str]:
        """The difference in words, by key."""
        kinds = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        return [f"{key} {word}" for word, keys in kinds for key in keys]

    @property
    def summary(self) -> str:
        """What is to be done, in words."""
        if self.action == "adopt":
            return "adopted as it is"
        return ", ".join(self.differences) or ("labels changed" if self.action == "update" else self.action)


def wanted_secrets(items: Iterable[Mapping[str, Any]], default_namespace: str) -> tuple[list[WantedSecret], list[str]]:
    """The Secrets of a deployment's data and what is wrong with that data."""
    wanted: list[WantedSecret] = []
    problems: list[str] = []
    for item in items:
        data: dict[str, bytes] = {}
        namespace = item.get("namespace") or default_namespace
        label = f"Secret {namespace}/{item['name']}"
        for key, value in (item.get("data") or {}).items():
            if not _SECRET_KEY.fullmatch(str(key)):
                problems.append(f"{label}: the key {key} may hold only letters, digits, '-', '_' and '.'")
            if isinstance(value, str):
                data[str(key)] = str(value).encode()
            else:
                problems.append(f"{label}: {key} is not text: put it in quotes")
        wanted.append(
            WantedSecret(
                item["name"],
                namespace,
                data,
                item.get("type") or "Opaque",
                item.get("adopt") is not False,
                bool(item.get("force")),
            )
        )
    problems += [f"Secret {label} is listed twice" for label in duplicates(secret.label for secret in wanted)]
    return wanted, problems


def checksum(data: Mapping[str, bytes], key: str) -> str:
    """HMAC-SHA256 of a Secret's data: equal for equal data wherever the vault is shared, and of no use for guessing."""
    canonical = {name: base64.b64encode(value).decode() for name, value in data.items()}
    return hmac.new(key.encode(), json.dumps(canonical, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def managed_metadata(deployment: str, digest: str) -> dict[str, dict[str, str]]:
    """The labels and annotations of a Secret that is ours."""
    return {"labels": {MANAGED_BY: MANAGER, DEPLOYMENT: deployment}, "annotations": {CHECKSUM: digest}}


def plan(wanted: WantedSecret, live: LiveSecret | None, *, key: str, deployment: str) -> SecretPlan:
    """Compare one Secret with the cluster."""
    digest = checksum(wanted.data, key)
    if live is None:
        return SecretPlan("create", digest, added=tuple(sorted(wanted.data)))
    if not live.managed and not wanted.force:
        return _plan_by_hand(wanted, live, key)
    update = SecretPlan(
        "update",
        digest,
        tuple(sorted(wanted.data.keys() - live.data.keys())),
        tuple(sorted(name for name, value in wanted.data.items() if live.data.get(name, value) != value)),
        tuple(sorted(live.data.keys() - wanted.data.keys())),
    )
    if wanted.type != live.type:
        return _refuse(wanted, f"is of type {live.type}, not {wanted.type}, and a type can't be changed:")
    if live.immutable and update.differences:
        return _refuse(wanted, "is immutable and differs:")
    metadata = managed_metadata(deployment, digest)
    described = metadata["labels"].items() <= live.labels.items()
    described &= metadata["annotations"].items() <= live.annotations.items()
    return SecretPlan("none", digest) if described and not update.differences else update


def _plan_by_hand(wanted: WantedSecret, live: LiveSecret, key: str) -> SecretPlan:
    """A Secret that somebody made: its values are kept, and only a note of their checksum is put on it."""
    overwrite = ", or set force: true on it to have it replaced"
    if not wanted.adopt:
        return _refuse(wanted, "was made by hand, and adopt: false forbids to use it:", overwrite)
    if lacking := sorted(wanted.data.keys() - live.data.keys()):
        return _refuse(wanted, f"was made by hand and lacks {', '.join(lacking)}: add that, or", overwrite)
    digest = checksum(live.data, key)
    return SecretPlan("none" if live.annotations.get(CHECKSUM) == digest else "adopt", digest)


def _refuse(wanted: WantedSecret, why: str, otherwise: str = "") -> SecretPlan:
    advice = f"delete it (kubectl -n {wanted.namespace} delete secret {wanted.name}) and run again{otherwise}"
    return SecretPlan("refuse", problem=f"Secret {wanted.label} {why} {advice}")


def equality_problems(
    groups: Iterable[Sequence[Mapping[str, str]]], data: Mapping[str, Mapping[str, bytes]], default_namespace: str
) -> list[str]:
    """Values that must be equal and are not. `data` is what each Secret (namespace/name) will hold."""
    problems: list[str] = []
    for group in groups:
        found: dict[str, bytes | None] = {}
        for place in group:
            secret = f"{place.get('namespace') or default_namespace}/{place['secret']}"
            found[f"{place['key']} of {secret}"] = data.get(secret, {}).get(place["key"])
        absent = [place for place, value in found.items() if value is None]
        if absent:
            problems.append(f"secrets_equal names what no Secret holds: {', '.join(absent)}")
        elif len(set(found.values())) > 1:
            problems.append(f"{' and '.join(found)} must be equal and are not")
    return problems
