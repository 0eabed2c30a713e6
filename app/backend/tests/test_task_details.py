"""What belongs to a task: tags, category, subtasks, reminders, history."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.reminders.repository import deliver_due
from tests.conftest import Caller, assert_problem

pytestmark = pytest.mark.anyio

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        (["work", "home", "work"], ["home", "work"]),
        (" work, home ,,", ["home", "work"]),
        ("", []),
        (None, []),
        ([], []),
    ],
)
async def test_tags_are_a_list_or_parted_by_commas(ann: Caller, given: Any, tags: list[str]) -> None:
    task = await ann.add_task(tags=given)
    assert (task["tags"], task["tags_csv"]) == (tags, ",".join(tags))
    assert (await ann.call("GET", f"/tasks/{task['id']}")).json() == task
    assert (await ann.call("GET", "/tasks")).json()["items"] == [task]


@pytest.mark.parametrize("tags", [["a,b"], [" "], ["x" * 101], ["nul\0"], 7, [str(n) for n in range(51)]])
async def test_wrong_tags_are_named(ann: Caller, tags: Any) -> None:
    problem = assert_problem_named(await ann.call("POST", "/tasks", json={"title": "x", "tags": tags}), "tags")
    assert problem["status"] == 422


def assert_problem_named(response: Any, field: str) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert {error["field"].split(".")[0] for error in problem["errors"]} == {field}
    return problem


async def test_tags_are_changed_with_the_task(ann: Caller) -> None:
    task = await ann.add_task(tags="a,b")
    path = f"/tasks/{task['id']}"
    assert (await ann.call("PATCH", path, json={"title": "New"})).json()["tags"] == ["a", "b"]
    changed = (await ann.call("PATCH", path, json={"tags": ["c", "b"]})).json()
    assert changed["tags"] == ["b", "c"]
    assert changed["updated_at"] > task["updated_at"]
    assert (await ann.call("PUT", path, json={"title": "New"})).json()["tags"] == []


async def test_tags_made_at_once_are_made_once(ann: Caller) -> None:
    await asyncio.gather(*(ann.add_task(tags=["a", "b", "c"][::step]) for step in (1, -1) * 4))
    page = (await ann.call("GET", "/tags")).json()
    assert [tag["name"] for tag in page["items"]] == ["a", "b", "c"]


@pytest.mark.parametrize("kind", ["tags", "categories"])
async def test_names_are_added_renamed_and_removed(ann: Caller, bob: Caller, kind: str) -> None:
    responses = [await ann.call("POST", f"/{kind}", json={"name": f" {name} "}) for name in "bac"]
    assert {response.status_code for response in responses} == {201}
    made = responses[-1].json()
    assert responses[-1].headers["location"] == f"/api/v1/{kind}/{made['id']}"
    assert (await bob.call("POST", f"/{kind}", json={"name": "a"})).status_code == 201
    first = (await ann.call("GET", f"/{kind}", params={"limit": 2})).json()
    second = (await ann.call("GET", f"/{kind}", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["name"] for item in first["items"] + second["items"]] == ["a", "b", "c"]
    path = f"/{kind}/{made['id']}"
    assert (await ann.call("GET", path)).json() == made
    assert_problem(await ann.call("POST", f"/{kind}", json={"name": "a"}), 409, "name")
    assert_problem(await ann.call("PATCH", path, json={"name": "a"}), 409, "name")
    assert_problem(await ann.call("PATCH", path, json={"name": " "}), 422, "name")
    assert (await ann.call("PATCH", path, json={"name": "d"})).json()["name"] == "d"
    assert (await ann.call("DELETE", path)).status_code == 204
    for method in ("GET", "DELETE"):
        assert_problem(await ann.call(method, path), 404)
    assert_problem(await ann.call("PATCH", path, json={"name": "e"}), 404)


async def test_a_tag_that_is_renamed_or_removed_is_so_on_its_tasks(ann: Caller) -> None:
    task = await ann.add_task(tags="old,gone")
    tags = {tag["name"]: tag["id"] for tag in (await ann.call("GET", "/tags")).json()["items"]}
    await ann.call("PATCH", f"/tags/{tags['old']}", json={"name": "new"})
    await ann.call("DELETE", f"/tags/{tags['gone']}")
    assert (await ann.call("GET", f"/tasks/{task['id']}")).json()["tags"] == ["new"]


async def test_a_category_has_a_colour_and_an_icon(ann: Caller) -> None:
    body = {"name": "Home", "color": "#FF8800", "icon": "🏠"}
    category = (await ann.call("POST", "/categories", json=body)).json()
    assert {name: category[name] for name in body} == body
    path = f"/categories/{category['id']}"
    changed = (await ann.call("PATCH", path, json={"color": None})).json()
    assert (changed["color"], changed["icon"], changed["name"]) == (None, "🏠", "Home")
    for field, value in (("color", "red"), ("color", "#12345"), ("icon", " "), ("name", None)):
        assert_problem(await ann.call("PATCH", path, json={field: value}), 422, field)


async def test_a_task_has_a_category_by_id_or_by_name(ann: Caller, bob: Caller) -> None:
    work = (await ann.call("POST", "/categories", json={"name": "Work"})).json()
    by_id = await ann.add_task(category_id=work["id"])
    by_name = await ann.add_task(category="Work")
    assert {(task["category_id"], task["category"]) for task in (by_id, by_name)} == {(work["id"], "Work")}
    path = f"/tasks/{by_id['id']}"
    moved = (await ann.call("PATCH", path, json={"category": "Home"})).json()
    assert moved["category"] == "Home"
    assert (await ann.call("PATCH", path, json={"title": "New"})).json()["category"] == "Home"
    cleared = (await ann.call("PATCH", path, json={"category_id": None})).json()
    assert cleared["category"] is cleared["category_id"] is None
    assert_problem(await ann.call("PATCH", path, json={"category_id": work["id"], "category": "Home"}), 422, "")
    assert_problem(await bob.call("POST", "/tasks", json={"title": "x", "category_id": work["id"]}), 422, "category_id")
    await ann.call("DELETE", f"/categories/{work['id']}")
    assert (await ann.call("GET", f"/tasks/{by_name['id']}")).json()["category"] is None


async def test_texts_are_as_long_as_the_settings_allow(run_app: Any, ann: Caller) -> None:
    async with run_app(task_title_length=10, task_description_length=20) as client:
        short = Caller(client, ann.email, ann.access_token, ann.refresh_token)
        for field, length in (("title", 10), ("description", 20)):
            task = await short.add_task(**{"title": "x"} | {field: "x" * length})
            for method, path in (
                ("POST", "/tasks"),
                ("PATCH", f"/tasks/{task['id']}"),
                ("PUT", f"/tasks/{task['id']}"),
            ):
                body = {"title": "x"} | {field: "x" * (length + 1)}
                assert_problem(await short.call(method, path, json=body), 422, field)


async def test_subtasks_have_an_order(ann: Caller) -> None:
    path = f"/tasks/{(await ann.add_task())['id']}/subtasks"
    made = [(await ann.call("POST", path, json={"title": title})).json() for title in "abc"]
    assert [(subtask["title"], subtask["order"], subtask["is_completed"]) for subtask in made] == [
        ("a", 0, False),
        ("b", 1, False),
        ("c", 2, False),
    ]
    ids = [subtask["id"] for subtask in made]
    order = [ids[2], ids[0], ids[1]]
    moved = (await ann.call("PUT", f"{path}/order", json={"ids": order})).json()["items"]
    assert [(subtask["id"], subtask["order"]) for subtask in moved] == [*zip(order, range(3), strict=True)]
    assert (await ann.call("GET", path)).json()["items"] == moved
    for wrong in ([], ids[:2], [*ids, ids[0]], [*ids[:2], str(uuid.uuid4())]):
        assert_problem(await ann.call("PUT", f"{path}/order", json={"ids": wrong}), 422, "ids")
    assert (await ann.call("DELETE", f"{path}/{ids[0]}")).status_code == 204
    last = (await ann.call("POST", path, json={"title": "d", "is_completed": True})).json()
    assert (last["order"], last["is_completed"]) == (3, True)


async def test_a_subtask_is_changed_and_removed(ann: Caller) -> None:
    path = f"/tasks/{(await ann.add_task())['id']}/subtasks"
    subtask = (await ann.call("POST", path, json={"title": "a"})).json()
    own = f"{path}/{subtask['id']}"
    done = (await ann.call("PATCH", own, json={"is_completed": True})).json()
    assert (done["title"], done["is_completed"]) == ("a", True)
    assert (await ann.call("PATCH", own, json={"title": "b"})).json()["is_completed"] is True
    assert_problem(await ann.call("PATCH", own, json={"title": " "}), 422, "title")
    other = f"/tasks/{(await ann.add_task())['id']}/subtasks/{subtask['id']}"
    assert_problem(await ann.call("PATCH", other, json={"title": "c"}), 404)
    assert_problem(await ann.call("DELETE", other), 404)


async def test_subtasks_added_at_once_have_places_of_their_own(ann: Caller) -> None:
    path = f"/tasks/{(await ann.add_task())['id']}/subtasks"
    await asyncio.gather(*(ann.call("POST", path, json={"title": "x"}) for _ in range(8)))
    assert [item["order"] for item in (await ann.call("GET", path)).json()["items"]] == [*range(8)]


async def test_there_is_an_end_to_subtasks_and_reminders(ann: Caller, database: Any) -> None:
    task = await ann.add_task()
    await database.execute(
        "INSERT INTO subtasks SELECT gen_random_uuid(), tasks.id, 'x', false, n, now(), now()"
        " FROM tasks, generate_series(0, 99) n"
    )
    await database.execute(
        "INSERT INTO reminders SELECT gen_random_uuid(), tasks.id, user_id, now(), NULL, NULL, NULL, now()"
        " FROM tasks, generate_series(1, 20)"
    )
    path = f"/tasks/{task['id']}"
    assert_problem(await ann.call("POST", f"{path}/subtasks", json={"title": "x"}), 422, "title")
    reminder = {"remind_at": TOMORROW.isoformat()}
    assert_problem(await ann.call("POST", f"{path}/reminders", json=reminder), 422, "remind_at")


async def history(caller: Caller, task: dict[str, Any]) -> list[tuple[str, str | None, str | None, str | None]]:
    page = (await caller.call("GET", f"/tasks/{task['id']}/activity")).json()
    entries = page["items"][::-1]
    assert {entry["task_id"] for entry in entries} == {task["id"]}
    return [(entry["action"], entry["field"], entry["old_value"], entry["new_value"]) for entry in entries]


async def test_what_happens_to_a_task_is_kept(ann: Caller) -> None:
    task = await ann.add_task("Old")
    path = f"/tasks/{task['id']}"
    await ann.call("PATCH", path, json={"title": "New"})
    await ann.call("PATCH", path, json={"title": "New", "due_date": TOMORROW.isoformat()})
    await ann.call("PATCH", path, json={"tags": "b,a"})
    await ann.call("PATCH", path, json={"tags": "a,b"})
    await ann.call("PATCH", path, json={"status": "in_progress"})
    await ann.call("POST", f"{path}/complete")
    await ann.call("POST", f"{path}/complete")
    await ann.call("POST", f"{path}/uncomplete")
    assert await history(ann, task) == [
        ("created", None, None, None),
        ("updated", "title", "Old", "New"),
        ("updated", "due_date", None, TOMORROW.isoformat()),
        ("updated", "tags", "", "a, b"),
        ("updated", "status", "pending", "in_progress"),
        ("completed", None, None, None),
        ("reopened", None, None, None),
    ]
    first = (await ann.call("GET", f"{path}/activity", params={"limit": 4})).json()
    second = (await ann.call("GET", f"{path}/activity", params={"limit": 4, "cursor": first["next_cursor"]})).json()
    assert [len(first["items"]), len(second["items"])] == [4, 3]


async def test_a_reminder_moves_with_the_due_date(ann: Caller) -> None:
    task = await ann.add_task(due_date=TOMORROW.isoformat())
    path = f"/tasks/{task['id']}"
    fixed = (await ann.call("POST", f"{path}/reminders", json={"remind_at": TOMORROW.isoformat()})).json()
    relative = (await ann.call("POST", f"{path}/reminders", json={"minutes_before": 30})).json()
    assert datetime.fromisoformat(relative["remind_at"]) == TOMORROW - timedelta(minutes=30)
    later = TOMORROW + timedelta(days=1)
    await ann.call("PATCH", path, json={"due_date": later.isoformat()})
    found = {item["id"]: item for item in (await ann.call("GET", f"{path}/reminders")).json()["items"]}
    assert datetime.fromisoformat(found[relative["id"]]["remind_at"]) == later - timedelta(minutes=30)
    assert found[fixed["id"]] == fixed
    await ann.call("PATCH", path, json={"due_date": None})
    assert [item["id"] for item in (await ann.call("GET", f"{path}/reminders")).json()["items"]] == [fixed["id"]]
    assert_problem(await ann.call("POST", f"{path}/reminders", json={"minutes_before": 30}), 422, "minutes_before")
    assert (await ann.call("DELETE", f"/reminders/{fixed['id']}")).status_code == 204
    assert_problem(await ann.call("DELETE", f"/reminders/{fixed['id']}"), 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, ""), ({"minutes_before": -1}, "minutes_before"), ({"minutes_before": 1, "remind_at": str(TOMORROW)}, "")],
)
async def test_a_wrong_reminder_is_named(ann: Caller, body: dict[str, Any], field: str) -> None:
    path = f"/tasks/{(await ann.add_task())['id']}/reminders"
    assert_problem(await ann.call("POST", path, json=body), 422, field)


async def test_reminders_come_up_once(ann: Caller, bob: Caller, app: Any) -> None:
    now = datetime.now(UTC)
    path = f"/tasks/{(await ann.add_task())['id']}"
    times = [now - timedelta(hours=2), now - timedelta(hours=1), now + timedelta(hours=1)]
    made = [(await ann.call("POST", f"{path}/reminders", json={"remind_at": str(time)})).json() for time in times]
    for expected in (2, 0):
        async with app.state.database.session() as session:
            assert await deliver_due(session) == expected
    due = (await ann.call("GET", "/reminders")).json()["items"]
    assert [item["id"] for item in due] == [item["id"] for item in made[:2]]
    assert all(item["delivered_at"] for item in due)
    seen = await ann.call("POST", f"/reminders/{made[0]['id']}/dismiss")
    assert seen.json()["dismissed_at"]
    assert (await ann.call("POST", f"/reminders/{made[0]['id']}/dismiss")).json() == seen.json()
    assert_problem(await ann.call("POST", f"/reminders/{uuid.uuid4()}/dismiss"), 404)
    assert [item["id"] for item in (await ann.call("GET", "/reminders")).json()["items"]] == [made[1]["id"]]
    assert (await bob.call("GET", "/reminders")).json()["items"] == []
    await ann.call("POST", f"{path}/complete")
    assert (await ann.call("GET", "/reminders")).json()["items"] == []
