from typing import Any

import pytest

from tests.conftest import Caller, assert_problem

pytestmark = pytest.mark.anyio


async def begin(caller: Caller, title: str | None = None) -> dict[str, Any]:
    response = await caller.call("POST", "/conversations", json={"title": title} if title else {})
    assert response.status_code == 201, response.text
    conversation: dict[str, Any] = response.json()
    return conversation


async def test_a_conversation_is_begun_renamed_and_removed(ann: Caller) -> None:
    conversation = await begin(ann)
    assert conversation["title"] is None
    path = f"/conversations/{conversation['id']}"
    renamed = (await ann.call("PATCH", path, json={"title": " Garden "})).json()
    assert renamed["title"] == "Garden"
    assert renamed["updated_at"] > conversation["updated_at"]
    assert (await ann.call("GET", path)).json() == {**renamed, "turn": None}
    assert (await ann.call("GET", f"{path}/messages")).json() == {"items": [], "next_cursor": None}
    assert (await ann.call("DELETE", path)).status_code == 204
    assert_problem(await ann.call("GET", path), 404)
    assert_problem(await ann.call("GET", f"{path}/messages"), 404)


async def test_they_are_listed_by_their_last_change(ann: Caller) -> None:
    made = [await begin(ann, f"Number {number}") for number in range(3)]
    await ann.call("PATCH", f"/conversations/{made[0]['id']}", json={"title": "Changed last"})
    titles, cursor = [], ""
    while cursor is not None:
        page = (await ann.call("GET", f"/conversations?limit=1{cursor and '&cursor='}{cursor}")).json()
        titles += [item["title"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert titles == ["Changed last", "Number 2", "Number 1"]


async def test_a_conversation_is_begun_once_under_one_key(ann: Caller) -> None:
    key = {"Idempotency-Key": "a-key-of-the-client"}
    first, second = [await ann.call("POST", "/conversations", json={}, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert len((await ann.call("GET", "/conversations")).json()["items"]) == 1


@pytest.mark.parametrize("title", ["", " ", "x" * 256, 7])
async def test_a_title_that_is_none_is_named(ann: Caller, title: Any) -> None:
    assert_problem(await ann.call("POST", "/conversations", json={"title": title}), 422, "title")
