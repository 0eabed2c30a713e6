import asyncio
import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import Caller, assert_problem

pytestmark = pytest.mark.anyio

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
YESTERDAY = TOMORROW - timedelta(days=2)


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([*values]).encode()).decode()


ID = uuid.UUID(int=7).hex


async def test_a_task_has_defaults(ann: Caller) -> None:
    response = await ann.call("POST", "/tasks", json={"title": "  Water the plants "})
    assert response.status_code == 201
    task = response.json()
    assert response.headers["location"] == f"/api/v1/tasks/{task['id']}"
    assert task["title"] == "Water the plants"
    assert task["user_id"] == (await ann.call("GET", "/auth/me")).json()["id"]
    assert {name: task[name] for name in ("status", "is_completed", "completed", "priority", "description")} == {
        "status": "pending",
        "is_completed": False,
        "completed": False,
        "priority": "medium",
        "description": None,
    }
    assert task["due_date"] is task["completed_at"] is None
    assert task["created_at"] <= task["updated_at"]
    assert task["created_at"].endswith("Z")
    assert (await ann.call("GET", f"/tasks/{task['id']}")).json() == task


async def test_a_task_holds_what_it_was_given(ann: Caller) -> None:
    given = {
        "title": "日" * 255,
        "description": "d" * 5000,
        "status": "in_progress",
        "priority": "high",
        "due_date": TOMORROW.isoformat(),
    }
    task = await ann.add_task(**given)
    assert datetime.fromisoformat(task.pop("due_date")) == TOMORROW
    assert {name: task[name] for name in given if name != "due_date"} == {
        name: value for name, value in given.items() if name != "due_date"
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": " \t\n "}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"title": None}, "title"),
        ({"title": "nul\u0000"}, "title"),
        ({"description": "x" * 5001}, "description"),
        ({"description": "nul\u0000"}, "description"),
        ({"status": "done"}, "status"),
        ({"priority": "urgent"}, "priority"),
        ({"due_date": YESTERDAY.isoformat()}, "due_date"),
        ({"due_date": "soon"}, "due_date"),
        ({"due_date": 4102444800}, "due_date"),
        ({"due_date": "4102444800"}, "due_date"),
        ({"due_date": "2099-02-30T00:00:00Z"}, "due_date"),
        ({"is_completed": 1}, "is_completed"),
        ({"due_date": "0001-01-01T00:00:00+23:00"}, "due_date"),
        ({"due_date": "9999-12-31T23:59:59-01:00"}, "due_date"),
        ({"colour": "red"}, "colour"),
        ({"\ud800": 1}, ""),
    ],
)
async def test_a_wrong_field_is_named(ann: Caller, fields: dict[str, Any], field: str) -> None:
    # Written by hand: httpx would not send a lone surrogate.
    body = json.dumps({"title": "Fine"} | fields)
    response = await ann.call("POST", "/tasks", content=body, headers={"Content-Type": "application/json"})
    assert_problem(response, 422, field)


async def test_every_wrong_field_is_named(ann: Caller) -> None:
    response = await ann.call("POST", "/tasks", json={"title": "", "priority": "urgent"})
    assert_problem(response, 422, "title", "priority")


async def test_a_due_date_without_a_zone_is_utc(ann: Caller) -> None:
    task = await ann.add_task(due_date=TOMORROW.replace(tzinfo=None).isoformat())
    assert datetime.fromisoformat(task["due_date"]) == TOMORROW


@pytest.mark.parametrize("name", ["is_completed", "completed"])
async def test_the_other_names_of_done_are_accepted(ann: Caller, name: str) -> None:
    done: dict[str, Any] = {name: True}
    task = await ann.add_task(**done)
    assert (task["status"], task["is_completed"], task["completed"]) == ("completed", True, True)
    assert task["completed_at"]
    path = f"/tasks/{task['id']}"
    reopened = (await ann.call("PATCH", path, json={name: False})).json()
    assert (reopened["status"], reopened["completed_at"]) == ("pending", None)
    started = (await ann.call("PATCH", path, json={"status": "in_progress"})).json()
    assert (await ann.call("PATCH", path, json={name: False})).json()["status"] == started["status"] == "in_progress"


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "pending", "is_completed": True},
        {"status": "completed", "completed": False},
        {"is_completed": True, "completed": False},
    ],
)
async def test_names_of_done_that_contradict_are_refused(ann: Caller, fields: dict[str, Any]) -> None:
    problem = assert_problem(await ann.call("POST", "/tasks", json={"title": "Fine"} | fields), 422, "")
    assert "contradict" in problem["detail"]


async def test_put_sets_every_field(ann: Caller) -> None:
    task = await ann.add_task(description="d", priority="high", due_date=TOMORROW.isoformat(), status="completed")
    changed = (await ann.call("PUT", f"/tasks/{task['id']}", json={"title": "New"})).json()
    assert changed["title"] == "New"
    assert changed["description"] is changed["due_date"] is changed["completed_at"] is None
    assert (changed["priority"], changed["status"]) == ("medium", "pending")
    assert changed["created_at"] == task["created_at"]
    assert changed["updated_at"] > task["updated_at"]
    assert_problem(await ann.call("PUT", f"/tasks/{task['id']}", json={"priority": "low"}), 422, "title")


async def test_patch_sets_the_fields_it_names(ann: Caller) -> None:
    task = await ann.add_task(description="d", priority="high", due_date=TOMORROW.isoformat())
    path = f"/tasks/{task['id']}"
    changed = (await ann.call("PATCH", path, json={"title": "New", "due_date": YESTERDAY.isoformat()})).json()
    assert datetime.fromisoformat(changed["due_date"]) == YESTERDAY
    assert (changed["title"], changed["description"], changed["priority"]) == ("New", "d", "high")
    cleared = (await ann.call("PATCH", path, json={"description": None, "due_date": None})).json()
    assert cleared["description"] is cleared["due_date"] is None
    assert_problem(await ann.call("PATCH", path, json={"title": None}), 422, "title")
    assert_problem(await ann.call("PATCH", path, json={"priority": None}), 422, "priority")


async def test_a_patch_that_changes_nothing_is_no_change(ann: Caller) -> None:
    task = await ann.add_task()
    for body in ({}, {"title": task["title"]}, {"status": None}):
        assert (await ann.call("PATCH", f"/tasks/{task['id']}", json=body)).json() == task


async def test_changes_at_once_are_all_kept(ann: Caller) -> None:
    path = f"/tasks/{(await ann.add_task())['id']}"
    bodies: list[dict[str, str]] = [{"title": "New"}, {"description": "new"}, {"priority": "low"}]
    await asyncio.gather(*(ann.call("PATCH", path, json=body) for body in bodies))
    task = (await ann.call("GET", path)).json()
    assert (task["title"], task["description"], task["priority"]) == ("New", "new", "low")


async def test_complete_and_uncomplete(ann: Caller) -> None:
    path = f"/tasks/{(await ann.add_task(status='in_progress'))['id']}"
    assert (await ann.call("POST", f"{path}/uncomplete")).json()["status"] == "in_progress"
    done = (await ann.call("POST", f"{path}/complete")).json()
    assert (done["status"], done["is_completed"]) == ("completed", True)
    assert done["completed_at"]
    assert (await ann.call("POST", f"{path}/complete")).json() == done
    reopened = (await ann.call("POST", f"{path}/uncomplete")).json()
    assert (reopened["status"], reopened["completed_at"]) == ("pending", None)


async def test_delete(ann: Caller) -> None:
    path = f"/tasks/{(await ann.add_task())['id']}"
    response = await ann.call("DELETE", path)
    assert (response.status_code, response.content) == (204, b"")
    assert_problem(await ann.call("GET", path), 404)
    assert_problem(await ann.call("DELETE", path), 404)


ONE_TASK = [
    ("GET", "", None),
    ("PUT", "", {"title": "Mine now"}),
    ("PATCH", "", {"title": "Mine now"}),
    ("DELETE", "", None),
    ("POST", "/complete", None),
    ("POST", "/uncomplete", None),
]


@pytest.mark.parametrize(("method", "action", "body"), ONE_TASK)
async def test_somebody_elses_task_is_not_found(
    ann: Caller, bob: Caller, method: str, action: str, body: dict[str, str] | None
) -> None:
    task = await ann.add_task()
    theirs = assert_problem(await bob.call(method, f"/tasks/{task['id']}{action}", json=body), 404)
    nobodys = assert_problem(await bob.call(method, f"/tasks/{uuid.uuid4()}{action}", json=body), 404)
    assert theirs["detail"] == nobodys["detail"]
    assert (await ann.call("GET", f"/tasks/{task['id']}")).json() == task
    assert (await bob.call("GET", "/tasks")).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(("method", "action", "body"), [*ONE_TASK, ("LIST", "", None)])
async def test_tasks_need_a_token(client: AsyncClient, method: str, action: str, body: Any) -> None:
    path, verb = ("/api/v1/tasks", "GET") if method == "LIST" else (f"/api/v1/tasks/{uuid.uuid4()}{action}", method)
    assert_problem(await client.request(verb, path, json=body), 401)


async def test_an_id_that_is_none_is_named(ann: Caller) -> None:
    problem = assert_problem(await ann.call("GET", "/tasks/seven/activity"), 422, "task_id")
    assert problem["errors"][0]["location"] == "path"


async def test_what_is_no_id_is_told_from_its_neighbours(ann: Caller) -> None:
    assert_problem(await ann.call("GET", "/tasks/seven"), 404)
    for method, path, allowed in (
        ("PUT", "/tasks/bulk", "POST"),
        ("DELETE", f"/tasks/{uuid.uuid4()}/subtasks/order", "PUT"),
    ):
        response = await ann.call(method, path)
        assert_problem(response, 405)
        assert response.headers["allow"] == allowed


async def _pages(caller: Caller, **query: Any) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        params = query | ({"cursor": cursor} if cursor else {})
        page = (await caller.call("GET", "/tasks", params=params)).json()
        pages.append([task["title"] for task in page["items"]])
        if not (cursor := page["next_cursor"]):
            return pages


async def test_pages_go_from_new_to_old_without_gap_or_repeat(ann: Caller, bob: Caller, database: Any) -> None:
    for number in range(5):
        await ann.add_task(f"Task {number}")
    await bob.add_task("Not hers")
    assert await _pages(ann, limit=2) == [["Task 4", "Task 3"], ["Task 2", "Task 1"], ["Task 0"]]
    assert await _pages(ann, limit=5) == [["Task 4", "Task 3", "Task 2", "Task 1", "Task 0"]]
    # Tasks of the same moment are told apart by their id.
    await database.execute("UPDATE tasks SET created_at = now()")
    titles = [title for page in await _pages(ann, limit=2) for title in page]
    assert sorted(titles) == [f"Task {number}" for number in range(5)]


async def test_a_page_is_not_moved_by_what_is_added_meanwhile(ann: Caller) -> None:
    for number in range(3):
        await ann.add_task(f"Task {number}")
    first = (await ann.call("GET", "/tasks", params={"limit": 2})).json()
    await ann.add_task("Newer")
    second = (await ann.call("GET", "/tasks", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [task["title"] for task in second["items"]] == ["Task 0"]


async def test_the_list_is_filtered_by_status(ann: Caller) -> None:
    for status in ("pending", "in_progress", "completed", "completed"):
        await ann.add_task(status, status=status)
    assert await _pages(ann, status="completed", limit=1) == [["completed"], ["completed"]]
    assert await _pages(ann, status="in_progress") == [["in_progress"]]
    assert_problem(await ann.call("GET", "/tasks", params={"status": "done"}), 422, "status")


async def test_fifty_tasks_are_a_page_and_a_hundred_the_most(ann: Caller, database: Any) -> None:
    await database.execute(
        "INSERT INTO tasks (id, user_id, title, status, priority, created_at, updated_at)"
        " SELECT gen_random_uuid(), users.id, 'Task', 'pending', 'low', now(), now()"
        " FROM users, generate_series(1, 120)"
    )
    assert [len(page) for page in await _pages(ann)] == [50, 50, 20]
    assert [len(page) for page in await _pages(ann, limit=100)] == [100, 20]
    for limit in (0, 101):
        assert_problem(await ann.call("GET", "/tasks", params={"limit": limit}), 422, "limit")


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        ("-created_at", "rubbish"),
        ("-created_at", "!!!"),
        ("-created_at", cursor()),
        ("-created_at", cursor("-created_at", "2026-01-01T00:00:00", ID)),
        ("-created_at", cursor("-created_at", "0001-01-01T00:00:00+23:00", ID)),
        ("-created_at", cursor("created_at", "2026-01-01T00:00:00Z", ID)),
        ("-created_at", cursor("-created_at", None, ID)),
        ("-created_at", cursor("-created_at", "2026-01-01T00:00:00Z", 7)),
        ("-priority", cursor("-priority", 2**31, ID)),
        ("-priority", cursor("-priority", True, ID)),
        ("title", cursor("title", "nul\0", ID)),
        ("title", cursor("title", "\ud800", ID)),
        ("-created_at", "x" * 601),
    ],
)
async def test_a_cursor_that_is_none_is_named(ann: Caller, sort: str, cursor: str) -> None:
    problem = assert_problem(await ann.call("GET", "/tasks", params={"sort": sort, "cursor": cursor}), 422, "cursor")
    assert problem["errors"][0]["location"] == "query"


async def test_the_list_uses_its_index(database: Any) -> None:
    await database.execute("SET enable_seqscan = off; SET enable_sort = off")
    plan = await database.fetch(
        "EXPLAIN SELECT * FROM tasks WHERE user_id = $1 AND (created_at, id) < (now(), $1)"
        " ORDER BY created_at DESC, id DESC LIMIT 50",
        uuid.uuid4(),
    )
    await database.execute("RESET ALL")
    assert "ix_tasks_user_id_created_at_id" in "\n".join(row[0] for row in plan)


async def test_nothing_waits_for_a_thread(ann: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a dependency is no coroutine")

    monkeypatch.setattr("anyio.to_thread.run_sync", refuse)
    task = await ann.add_task()
    assert (await ann.call("GET", "/tasks")).json()["items"] == [task]
    assert (await ann.call("PATCH", f"/tasks/{task['id']}", json={"tags": "a"})).status_code == 200
