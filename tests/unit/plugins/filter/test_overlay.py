"""Entries with something else over some of them."""

from __future__ import annotations

from typing import Any

from ansible_collections.todo.platform.plugins.filter.overlay import overlay

ENTRIES: list[dict[str, Any]] = [
    {"name": "b", "values": {"image": {"tag": "1", "name": "b"}, "probe": {"port": 1}}},
    {"name": "a"},
]


def test_maps_are_merged_and_the_rest_is_replaced() -> None:
    over = [{"name": "b", "values": {"image": {"tag": "2"}, "probe": None, "command": ["x"]}}]
    merged = {"name": "b", "values": {"image": {"tag": "2", "name": "b"}, "probe": None, "command": ["x"]}}
    assert overlay(ENTRIES, over) == [merged, {"name": "a"}]


def test_the_later_lies_over_the_earlier_and_other_names_are_left_out() -> None:
    over = [{"name": "a", "x": 1, "y": 1}, {"name": "c", "x": 3}, {"name": "a", "x": 2}]
    assert overlay(ENTRIES, over) == [ENTRIES[0], {"name": "a", "x": 2, "y": 1}]


def test_nothing_over_them_leaves_them_as_they_are() -> None:
    assert overlay(ENTRIES, []) == ENTRIES
