"""Saved filters."""

import uuid
from typing import Any

import pytest

from tests.conftest import Caller, assert_problem

pytestmark = pytest.mark.anyio

HIGH = {"priority": ["high"], "sort": "title"}


async def save(caller: Caller, name: str = "Important", **task_filter: Any) -> dict[str, Any]:
    response = await caller.call("POST", "/filters", json={"name": name, "filter": task_filter or HIGH})
    assert response.status_code == 201, response.text
    saved: dict[str, Any] = response.json()
    return saved


async def test_a_saved_filter_finds_tasks(ann: Caller) -> None:
    for title, priority in (("c", "high"), ("a", "high"), ("b", "low"), ("d", "high")):
        await ann.add_task(title, priority=priority)
    saved = await save(ann)
    assert {name: saved["filter"][name] for name in HIGH} == HIGH
    path = f"/filters/{saved['id']}/tasks"
    first = (await ann.call("GET", path, params={"limit": 2})).json()
    second = (await ann.call("GET", path, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [task["title"] for task in first["items"] + second["items"]] == ["a", "c", "d"]


async def test_filters_are_listed_changed_and_removed(ann: Caller) -> None:
    saved = [await save(ann, name) for name in ("b", "a")]
    assert (await ann.call("GET", "/filters")).json()["items"] == saved[::-1]
    path = f"/filters/{saved[0]['id']}"
    assert (await ann.call("GET", path)).json() == saved[0]
    assert_problem(await ann.call("POST", "/filters", json={"name": "a", "filter": {}}), 409, "name")
    assert_problem(await ann.call("PATCH", path, json={"name": "a"}), 409, "name")
    renamed = (await ann.call("PATCH", path, json={"name": "c"})).json()
    assert (renamed["name"], renamed["filter"]) == ("c", saved[0]["filter"])
    changed = (await ann.call("PATCH", path, json={"filter": {"overdue": True}})).json()
    assert (changed["name"], changed["filter"]["overdue"], changed["filter"]["priority"]) == ("c", True, [])
    assert (await ann.call("DELETE", path)).status_code == 204
    assert_problem(await ann.call("GET", path), 404)
    assert_problem(await ann.call("DELETE", path), 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "filter"),
        ({"name": " ", "filter": {}}, "name"),
        ({"name": "x", "filter": {"sort": "colour"}}, "filter.sort"),
        ({"name": "x", "filter": {"limit": 3}}, "filter.limit"),
    ],
)
async def test_a_wrong_filter_is_named(ann: Caller, body: dict[str, Any], field: str) -> None:
    assert_problem(await ann.call("POST", "/filters", json=body), 422, field)


async def test_there_is_an_end_to_filters(ann: Caller, database: Any) -> None:
    await database.execute(
        "INSERT INTO saved_filters SELECT gen_random_uuid(), id, n::text, '{}', now(), now()"
        " FROM users, generate_series(1, 100) n"
    )
    assert_problem(await ann.call("POST", "/filters", json={"name": "x", "filter": {}}), 422, "name")
    assert_problem(await ann.call("GET", f"/filters/{uuid.uuid4()}/tasks"), 404)
