"""Content-addressed images: what they are built from, and what a store holds of them."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from ansible_collections.todo.platform.plugins.module_utils.components import Component
from docker.utils.build import exclude_paths

TAG_LENGTH = 16


class Store(Protocol):
    """What holds images: canonical name → identity."""

    def get(self, name: str, default: str, /) -> str:
        """The identity of the image under a name, or `default`."""


@dataclass
class Plan:
    """What has to be done for one component."""

    name: str
    repository: str
    tag: str
    reference: str
    action: str
    reason: str
    aliases: list[str]
    id: str = ""
    context: str = ""
    dockerfile: str = ""
    target: str = ""
    build_args: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    deployed: bool = True

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def context_digest(context: Path, dockerfile: Path) -> str:
    """SHA-256 over every file that a build could see: path, mode and content, without what .dockerignore leaves out."""
    if not context.is_dir():
        raise ValueError(f"the build context {context} is not a folder")
    if not dockerfile.is_file():
        raise ValueError(f"there is no Dockerfile at {dockerfile}")
    digest = hashlib.sha256(dockerfile.read_bytes())
    _add(digest, context, exclude_paths(str(context), ignore_patterns(context, dockerfile)))
    return digest.hexdigest()


def ignore_patterns(context: Path, dockerfile: Path) -> list[str]:
    """The patterns of what a build does not see.

    As for BuildKit, a file of that name beside the Dockerfile (`Dockerfile.dockerignore`) goes before the context's.
    """
    ignores = (dockerfile.with_name(f"{dockerfile.name}.dockerignore"), context / ".dockerignore")
    ignore = next((path for path in ignores if path.is_file()), None)
    lines = ignore.read_text().splitlines() if ignore else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def part_digest(context: Path, parts: Sequence[str]) -> str:
    """SHA-256 over some files and folders of a context, 16 hexadecimal digits; ValueError where one is missing."""
    if missing := [part for part in parts if not (context / part).exists()]:
        raise ValueError(f"there is no {', '.join(missing)} in {context}")
    digest = hashlib.sha256()
    found = (path for part in parts for path in [context / part, *(context / part).rglob("*")])
    names = {path.relative_to(context).as_posix() for path in found if "__pycache__" not in path.parts}
    _add(digest, context, names)
    return digest.hexdigest()[:TAG_LENGTH]


def _add(digest: hashlib._Hash, context: Path, names: Iterable[str]) -> None:
    for name in sorted(names):
        path = context / name
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            content = path.read_bytes()
        elif stat.S_ISLNK(mode):
            content = str(path.readlink()).encode()
        else:
            continue
        digest.update(f"{name}\0{stat.S_IFMT(mode) | (mode & 0o111):o}\0".encode())
        digest.update(hashlib.sha256(content).digest())


def canonical(reference: str) -> str:
    """The full name under which a node's store keeps an image."""
    first, _, rest = reference.partition("/")
    if not rest:
        return f"docker.io/library/{reference}"
    is_host = "." in first or ":" in first or first == "localhost"
    return reference if is_host else f"docker.io/{reference}"


def containerd_images(ctr: str, address: str) -> dict[str, str]:
    """Name → digest of what containerd holds for Kubernetes."""
    command = [ctr, "--address", address, "--namespace", "k8s.io", "images", "ls"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if answer.returncode:
        raise RuntimeError(f"the node's store does not answer: {answer.stderr.strip()}")
    rows = (line.split() for line in answer.stdout.splitlines()[1:])
    # NAME TYPE DIGEST ...
    return {name: digest for name, _type, digest, *_ in rows}


def containerd_config(ctr: str, address: str, digest: str) -> str:
    """The digest of an image's configuration, by which the node names what runs; empty if the store lacks it."""
    command = [ctr, "--address", address, "--namespace", "k8s.io", "content", "get", digest]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    document = json.loads(answer.stdout) if answer.returncode == 0 else {}
    # Of an index the first entry is the image; attestations follow.
    for entry in document.get("manifests", [])[:1]:
        return containerd_config(ctr, address, entry["digest"])
    return str(document.get("config", {}).get("digest", ""))


class Docker:
    """A Docker engine as a store, asked when the first image is looked for."""

    @cached_property
    def _held(self) -> dict[str, str]:
        command = ["docker", "image", "ls", "--no-trunc", "--format", "{{json .}}"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if answer.returncode:
            raise RuntimeError(f"Docker does not answer: {answer.stderr.strip()}")
        rows = (json.loads(line) for line in answer.stdout.splitlines())
        return {canonical(f"{row['Repository']}:{row['Tag']}"): row["ID"] for row in rows}

    def get(self, name: str, default: str, /) -> str:
        """The ID of the image under a name, or `default`."""
        return self._held.get(name, default)


def minikube_images(minikube: str, profile: str) -> dict[str, str]:
    """Name → image ID of what a Minikube profile's node holds."""
    command = [minikube, "--profile", profile, "image", "ls", "--format", "json"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if answer.returncode:
        raise RuntimeError(f"Minikube does not list its images: {answer.stderr.strip()}")
    images = json.loads(answer.stdout or "[]")
    return {canonical(tag): image["id"] for image in images for tag in image["repoTags"] or []}


def _compare(done: Plan, holder: Store, record: Mapping[str, str]) -> None:
    """Put into a plan what has to be done so that `holder` has the image that was recorded, under both its tags."""
    done.id = holder.get(canonical(done.reference), "")
    if not done.id:
        done.action, done.reason = "build", "not in the store"
    elif done.id != record.get(canonical(done.reference), done.id):
        done.action, done.reason = "build", "the store holds another image under this tag"
    elif any(holder.get(canonical(alias), "") != done.id for alias in done.aliases):
        done.action, done.reason = "tag", f"{', '.join(done.aliases)} names another image"
    else:
        done.action, done.reason = "none", "unchanged"


def plan(
    components: Sequence[Component],
    *,
    root: Path,
    store: Store,
    record: Mapping[str, str],
    closed: bool,
    registry: str = "",
    builder: Store | None = None,
) -> list[Plan]:
    """Decide for every component what has to be done.

    A tag is the hash of the sources, the Dockerfile, the build arguments and the bases, so an image that is there under
    its tag, with the identity that was recorded when it was built, is right. `builder` holds what images are built
    from, where that is not the cluster's store. What is only built from is looked for when something has to be built.
    """
    by_name = {c.name: c for c in components}
    plans: dict[str, Plan] = {}

    def name(component: Component) -> Plan:
        if component.name in plans:
            return plans[component.name]
        if component.image and not closed:
            repository, _, tag = component.image.rpartition(":")
            done = Plan(component.name, repository, tag, component.image, "upstream", "a registry serves it", [])
        else:
            done = _named(component, {arg: name(by_name[base]) for arg, base in component.bases.items()})
        plans[component.name] = done
        return done

    def _named(component: Component, bases: Mapping[str, Plan]) -> Plan:
        context, dockerfile = root / component.context, root / component.dockerfile
        arguments = {**component.build_args, **{arg: base.reference for arg, base in bases.items()}}
        described = [context_digest(context, dockerfile), component.target, sorted(arguments.items())]
        tag = hashlib.sha256(json.dumps(described).encode()).hexdigest()[:TAG_LENGTH]
        repository = f"{registry}/{component.name}" if registry else component.name
        return Plan(
            name=component.name,
            repository=repository,
            tag=tag,
            reference=f"{repository}:{tag}",
            action="none",
            reason="nothing is built from it",
            aliases=[f"{repository}:{component.tag}"],
            context=str(context),
            dockerfile=str(dockerfile),
            target=component.target,
            build_args=arguments,
            digests={part: part_digest(context, paths) for part, paths in component.digests.items()},
            deployed=component.deployed,
        )

    ordered = [name(component) for component in components]
    # What is built from a base comes after it, so that its need is known before it is looked for.
    for done in reversed([one for one in plans.values() if one.action != "upstream"]):
        users = [plans[c.name].action for c in components if done.name in c.bases.values()]
        if done.deployed or "build" in users:
            _compare(done, store if done.deployed or builder is None else builder, record)
    return ordered
