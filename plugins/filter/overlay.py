# SPDX-License-Identifier: Apache-2.0
"""Entries of a list with something else over some of them, for a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.releases import merge

DOCUMENTATION = r"""
name: overlay
short_description: Entries of a list, with others of the same name over them
version_added: "1.0.0"
description:
  - Each entry, with what overlays of its C(name) say over it. Maps are merged key by key, all else is replaced.
  - The order stays. An overlay of a name that is not in the list is left out, as it may be meant for another list.
options:
  _input:
    description: The entries; each has a C(name).
    type: list
    elements: dict
    required: true
  overlays:
    description: What lies over them, the later over the earlier; each has a C(name).
    type: list
    elements: dict
    required: true
author: todo.platform contributors
"""

EXAMPLES = r"""
releases: "{{ release_releases | todo.platform.overlay([{'name': 'web', 'values': {'replicas': 3}}]) }}"
"""

RETURN = r"""
_value:
  description: The entries.
  type: list
  elements: dict
"""


def overlay(entries: Iterable[Mapping[str, Any]], overlays: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The entries, each with the overlays of its name over it."""
    over = list(overlays)
    result = []
    for entry in entries:
        for one in over:
            if one["name"] == entry["name"]:
                entry = merge(entry, one)  # noqa: PLW2901  # the later over the earlier
        result.append(entry)
    return result


class FilterModule:
    """Ansible's way to find it."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"overlay": overlay}
