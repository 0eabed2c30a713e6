"""What a changed file needs to go live, from what a deployment is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from ansible_collections.todo.platform.plugins.module_utils.components import Component
from ansible_collections.todo.platform.plugins.module_utils.images import ignore_patterns
from ansible_collections.todo.platform.plugins.module_utils.naming import suggestion
from docker.utils.build import PatternMatcher
from watchfiles import Change, DefaultFilter

_kept = DefaultFilter()
"""Leaves out what editors and programs write beside sources."""


class Run(IntEnum):
    """How much of the deployment has to be run, the more the greater."""

    NOTHING = 0
    RELEASE = 1
    EVERYTHING = 2


@dataclass(frozen=True)
class Developed:
    """A component that is developed: its Deployment, its image, and which folders of sources go where in its pods.

    `reload` is a shell command that is run in the pod when files have come, `live` what its log says once it serves.
    """

    name: str
    image: str
    folders: Mapping[Path, str]
    reload: str = ""
    live: str = ""

    def target(self, path: Path) -> str:
        """Where a file goes in the pods; empty if it does not."""
        for source, target in self.folders.items():
            if path.is_relative_to(source):
                return f"{target}/{path.relative_to(source).as_posix()}"
        return ""

    def source(self, target: str) -> Path:
        """Where a file in the pods comes from."""
        [(source, folder)] = [(s, folder) for s, folder in self.folders.items() if target.startswith(f"{folder}/")]
        return source / target.removeprefix(f"{folder}/")


@dataclass
class Plan:
    """What changed files need: a run, or to be sent to the pods of a component (by its name)."""

    run: Run = Run.NOTHING
    built: set[Path] = field(default_factory=set)
    sent: dict[str, set[Path]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sources:
    """What a deployment is made of: images, charts and inventories (files and folders)."""

    root: Path
    images: Sequence[Component]
    charts: Sequence[Path]
    inventories: Sequence[Path]
    developed: Sequence[Developed]

    def __post_init__(self) -> None:
        """Raises ValueError where what is developed does not fit what is built."""
        images = {image.name: image for image in self.images}
        for one in self.developed:
            if one.image not in images:
                raise ValueError(f"{one.name}: there is no image {one.image}: {suggestion(one.image, images)}")
            context = (self.root / images[one.image].context).resolve()
            for folder in one.folders:
                if not folder.is_dir() or not folder.is_relative_to(context):
                    raise ValueError(f"{one.name}: {folder} is no folder in the build context {context}")

    def watched(self) -> list[Path]:
        """The folders and files that all of it is in, none of them inside another."""
        built = [self.root / part for image in self.images for part in (image.context, image.dockerfile)]
        found = {path.resolve() for path in built} | {*_places(self.charts), *_places(self.inventories)}
        return sorted(path for path in found if not found.intersection(path.parents))

    def sees(self, image: Component, path: Path) -> bool:
        """Whether the build of an image sees a file."""
        context, dockerfile = (self.root / image.context).resolve(), (self.root / image.dockerfile).resolve()
        if not path.is_relative_to(context) or not _kept(Change.modified, str(path)):
            return False
        return not PatternMatcher(ignore_patterns(context, dockerfile)).matches(str(path.relative_to(context)))

    def files(self, component: Developed) -> dict[str, Path]:
        """What the pods of a component should have: where → which file."""
        [image] = [image for image in self.images if image.name == component.image]
        found = (path for folder in component.folders for path in folder.rglob("*"))
        return {component.target(path): path for path in found if path.is_file() and self.sees(image, path)}

    def plan(self, changed: Iterable[Path]) -> Plan:
        """What these files need."""
        plan = Plan()
        for path in changed:
            if _within(path, self.inventories):
                run = Run.EVERYTHING
            elif _within(path, self.charts) or any(self._builds(image, path, plan) for image in self.images):
                run = Run.RELEASE
            else:
                continue
            plan.run = max(plan.run, run)
            plan.built.add(path)
        return plan

    def _builds(self, image: Component, path: Path, plan: Plan) -> bool:
        """Whether a file needs a build of this image; if it can be sent to pods instead, the plan says so then."""
        dockerfile = (self.root / image.dockerfile).resolve()
        if path in (dockerfile, dockerfile.with_name(f"{dockerfile.name}.dockerignore")):
            return True
        if not self.sees(image, path):
            return False
        context = (self.root / image.context).resolve()
        # Of what others want to know by a digest, they want to know when it changes.
        told = [context / part for parts in image.digests.values() for part in parts]
        users = [one for one in self.developed if one.image == image.name]
        if not users or not all(one.target(path) for one in users) or any(path.is_relative_to(one) for one in told):
            return True
        for one in users:
            plan.sent.setdefault(one.name, set()).add(path)
        return False


def _places(paths: Iterable[Path]) -> Iterator[Path]:
    """Files and folders, and where links in them lead."""
    for path in paths:
        yield path.resolve()
        yield from (link.resolve() for link in path.rglob("*") if link.is_symlink())


def _within(path: Path, paths: Iterable[Path]) -> bool:
    return _kept(Change.modified, str(path)) and any(path.is_relative_to(place) for place in _places(paths))
