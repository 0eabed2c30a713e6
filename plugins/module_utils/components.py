"""The images of a deployment, as its data describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.naming import suggestion


@dataclass(frozen=True)
class Component:
    """An image: what it is built from, and what it is called."""

    name: str
    context: str = "."
    dockerfile: str = "Dockerfile"
    target: str = ""
    build_args: Mapping[str, str] = field(default_factory=dict)
    # Build argument → the component that it names.
    bases: Mapping[str, str] = field(default_factory=dict)
    # An image that is taken as it is where a registry answers.
    image: str = ""
    # Name → paths in the context: parts of the sources that others want to know by a digest of their own.
    digests: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # The human tag that is put beside the content tag.
    tag: str = "latest"
    # Whether the cluster runs it; Minikube's nodes are spared a base that images are only built from.
    deployed: bool = True


def parse(data: Sequence[Mapping[str, Any]], bases: Iterable[str] = ()) -> list[Component]:
    """Components from data; `bases` are names that need no component of their own.

    Raises ValueError naming an unknown key, a double name or a base that is not there.
    """
    known = Component.__dataclass_fields__
    components = []
    for item in data:
        for key in item.keys() - known.keys():
            raise ValueError(f"image {item.get('name', '?')}: unknown {key}: {suggestion(key, known)}")
        components.append(Component(**item))
    names = [c.name for c in components]
    available = [*bases, *names]
    for component in components:
        if names.count(component.name) > 1:
            raise ValueError(f"image {component.name} is listed twice")
        for base in component.bases.values():
            if base not in available:
                raise ValueError(f"image {component.name}: there is no base {base}: {suggestion(base, available)}")
    return components
