"""Filters and orders of the task list, and changes of many tasks."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from sqlalchemy.dialects import postgresql
from sqlmodel import col, update

from app.tasks.filters import TaskFilter, TaskSort
from app.tasks.models import Task, TaskStatus
from app.tasks.repository import TaskRepository, page_statement, page_values
from app.tasks.schemas import TaskPage, TaskSummary
from tests.conftest import Caller, assert_problem

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC).replace(microsecond=0)


def days(number: int) -> str:
    return (NOW + timedelta(days=number)).isoformat()


async def titles(caller: Caller, **query: Any) -> list[str]:
    found, cursor = [], None
    while True:
        response = await caller.call("GET", "/tasks", params=query | ({"cursor": cursor} if cursor else {}))
        assert response.status_code == 200, response.text
        page = response.json()
        found += [task["title"] for task in page["items"]]
        if not (cursor := page["next_cursor"]):
            return found


@pytest.fixture
async def tasks(ann: Caller, bob: Caller, database: Any) -> dict[str, dict[str, Any]]:
    made = {}
    for task in (
        {"title": "A bill", "priority": "high", "due_date": days(1), "tags": ["home", "money"], "category": "Home"},
        {"title": "B 100% wool", "status": "in_progress", "due_date": days(3), "tags": "home"},
        {"title": "C report", "description": "The BILL of materials", "priority": "low", "category": "Work"},
        {"title": "D done", "status": "completed", "due_date": days(2)},
        {"title": "E late", "due_date": days(5), "recurrence_pattern": "daily"},
    ):
        made[task["title"][0]] = await ann.add_task(**task)
    await bob.add_task("X bill", tags=["home"], category="Home", due_date=days(1))
    await database.execute("UPDATE tasks SET due_date = $1 WHERE title = 'E late'", NOW - timedelta(days=1))
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "EDCBA"),
        ({"status": ["pending", "in_progress"]}, "ECBA"),
        ({"is_completed": True}, "D"),
        ({"completed": False}, "ECBA"),
        ({"is_completed": True, "completed": False}, ""),
        ({"priority": "high"}, "A"),
        ({"priority": ["high", "low"]}, "CA"),
        ({"tag": "home"}, "BA"),
        ({"tag": ["home", "money"]}, "A"),
        ({"tag": "nothing"}, ""),
        ({"search": "bill"}, "CA"),
        ({"search": "100%"}, "B"),
        ({"search": "10_%"}, ""),
        ({"due_from": days(2)}, "DB"),
        ({"due_before": days(2)}, "EA"),
        ({"due_from": days(1), "due_before": days(3)}, "DA"),
        ({"overdue": True}, "E"),
        ({"overdue": False}, "DCBA"),
        ({"recurring": True}, "E"),
        ({"recurring": False}, "DCBA"),
        ({"sort": "created_at"}, "ABCDE"),
        ({"sort": "title"}, "ABCDE"),
        ({"sort": "-title"}, "EDCBA"),
        ({"sort": "due_date"}, "EADBC"),
        ({"sort": "-due_date"}, "CBDAE"),
        ({"sort": "updated_at"}, "ABCDE"),
        ({"sort": "-updated_at"}, "EDCBA"),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_the_list_is_filtered_and_sorted(
    ann: Caller, tasks: Any, query: dict[str, Any], expected: str, limit: int
) -> None:
    assert "".join(title[0] for title in await titles(ann, limit=limit, **query)) == expected


async def test_the_list_is_sorted_by_priority(ann: Caller, tasks: Any) -> None:
    for limit in (1, 2):
        up = "".join(title[0] for title in await titles(ann, limit=limit, sort="priority"))
        assert (up[0], {*up[1:4]}, up[4]) == ("C", {*"BDE"}, "A")
        assert "".join(title[0] for title in await titles(ann, limit=limit, sort="-priority")) == up[::-1]


async def test_tasks_without_a_due_date_are_paged_too(ann: Caller) -> None:
    for number in range(5):
        await ann.add_task(f"{number}", **({"due_date": days(number + 1)} if number < 2 else {}))
    up = await titles(ann, sort="due_date", limit=2)
    assert (up[:2], sorted(up)) == (["0", "1"], ["0", "1", "2", "3", "4"])
    assert await titles(ann, sort="-due_date", limit=2) == up[::-1]


async def test_a_page_is_what_its_schema_says(ann: Caller, tasks: Any) -> None:
    await ann.call("POST", f"/tasks/{tasks['E']['id']}/complete")
    first = await ann.call("GET", "/tasks", params={"limit": 3})
    part = TaskPage.model_validate_json(first.content)
    assert part.model_dump(mode="json") == first.json()
    assert part.next_cursor
    for item in first.json()["items"]:
        assert (await ann.call("GET", f"/tasks/{item['id']}")).json() == item


async def test_the_list_is_filtered_by_category(ann: Caller, bob: Caller, tasks: Any) -> None:
    home = tasks["A"]["category_id"]
    assert await titles(ann, category_id=home) == ["A bill"]
    assert await titles(bob, category_id=home) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "done"}, "status"),
        ({"priority": ["low", "urgent"]}, "priority"),
        ({"colour": "red"}, "colour"),
        ({"search": "x" * 201}, "search"),
        ({"search": "nul\0"}, "search"),
        ({"due_from": "soon"}, "due_from"),
        ({"sort": "colour"}, "sort"),
        ({"tag": "a,b"}, "tag"),
    ],
)
async def test_a_wrong_filter_is_named(ann: Caller, query: dict[str, Any], field: str) -> None:
    problem = assert_problem(await ann.call("GET", "/tasks", params=query), 422, field)
    assert problem["errors"][0]["location"] == "query"


async def bulk(caller: Caller, *tasks: dict[str, Any], **body: Any) -> Any:
    return await caller.call("POST", "/tasks/bulk", json={"ids": [task["id"] for task in tasks]} | body)


async def test_many_tasks_are_changed_at_once(ann: Caller, tasks: dict[str, dict[str, Any]]) -> None:
    both = (tasks["B"], tasks["A"], tasks["B"])
    done = (await bulk(ann, *both, action="complete")).json()
    assert (done["count"], [task["title"] for task in done["items"]]) == (2, ["B 100% wool", "A bill"])
    assert {task["status"] for task in done["items"]} == {"completed"}
    again = (await bulk(ann, *both, action="uncomplete")).json()
    assert {task["status"] for task in again["items"]} == {"pending"}
    changed = (await bulk(ann, *both, action="update", changes={"priority": "low", "tags": "a,b"})).json()
    assert {(task["priority"], task["tags_csv"]) for task in changed["items"]} == {("low", "a,b")}
    assert (await bulk(ann, *both, action="delete")).json() == {"count": 2, "items": []}
    assert await titles(ann) == ["E late", "D done", "C report"]


async def test_of_many_tasks_all_are_changed_or_none(ann: Caller, tasks: dict[str, dict[str, Any]]) -> None:
    for action in ("complete", "delete"):
        problem = await bulk(ann, tasks["A"], {"id": str(uuid.uuid4())}, action=action)
        assert_problem(problem, 422, "ids.1")
    assert (await ann.call("GET", f"/tasks/{tasks['A']['id']}")).json()["status"] == "pending"


async def test_somebody_elses_tasks_are_not_changed_with_mine(
    ann: Caller, bob: Caller, tasks: dict[str, dict[str, Any]]
) -> None:
    mine = await bob.add_task("Mine")
    for action in ("complete", "delete"):
        assert_problem(await bulk(bob, mine, tasks["A"], action=action), 422, "ids.1")
        assert_problem(await bulk(bob, tasks["A"], action=action), 404)
    assert await titles(ann) == ["E late", "D done", "C report", "B 100% wool", "A bill"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "burn"}, "action"),
        ({"action": "update"}, ""),
        ({"action": "delete", "changes": {"title": "x"}}, ""),
        ({"action": "delete", "ids": []}, "ids"),
        ({"action": "delete", "ids": [str(uuid.uuid4())] * 101}, "ids"),
        ({"action": "update", "changes": {"title": " "}}, "changes.title"),
    ],
)
async def test_a_wrong_change_of_many_is_named(ann: Caller, body: dict[str, Any], field: str) -> None:
    assert_problem(await ann.call("POST", "/tasks/bulk", json={"ids": [str(uuid.uuid4())]} | body), 422, field)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (TaskFilter(), "ix_tasks_user_id_created_at_id"),
        (TaskFilter(sort=TaskSort.CREATED_AT), "ix_tasks_user_id_created_at_id"),
        (TaskFilter(status=[TaskStatus.PENDING]), "ix_tasks_user_id_status_created_at_id"),
        (TaskFilter(sort=TaskSort.DUE_DATE), "ix_tasks_user_id_due_date_id"),
        (TaskFilter(sort=TaskSort.LATEST_DUE), "ix_tasks_user_id_due_date_id"),
        (TaskFilter(sort=TaskSort.LATEST_CHANGE), "ix_tasks_user_id_updated_at_id"),
        (TaskFilter(sort=TaskSort.TITLE), "ix_tasks_user_id_title_id"),
        (TaskFilter(sort=TaskSort.MOST_IMPORTANT), "ix_tasks_user_id_priority_rank_id"),
    ],
)
async def test_a_page_is_read_from_an_index_and_not_sorted(database: Any, query: TaskFilter, index: str) -> None:
    statement = page_statement(query).params(page_values(uuid.uuid4(), query, 50)).with_only_columns(Task)
    sql = str(statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))  # type: ignore[no-untyped-call]
    await database.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    plan = "\n".join(row[0] for row in await database.fetch(f"EXPLAIN {sql}"))
    await database.execute("RESET ALL")
    assert index in plan
    assert "Sort" not in plan


async def test_a_summary_counts_by_status_and_by_the_callers_day(ann: Caller, bob: Caller, app: FastAPI) -> None:
    """At 20:00 in UTC it is the next morning in Tokyo."""
    ids = {
        name: (await ann.add_task(name, due_date=days(400), **fields))["id"]
        for name, fields in (
            ("late", {}),
            ("in an hour", {"priority": "high"}),
            ("in five hours", {"status": "in_progress"}),
            ("in six days", {}),
            ("in eight days", {}),
            ("done", {"is_completed": True, "priority": "high"}),
        )
    }
    await bob.add_task("Not Ann's")
    now = datetime(2030, 3, 10, 20, tzinfo=UTC)
    async with app.state.database.session() as session:
        due = {"late": -30, "in an hour": 1, "in five hours": 5, "in six days": 146, "in eight days": 192}
        for name, hours in due.items():
            moved = update(Task).where(col(Task.id) == uuid.UUID(ids[name]))
            await session.exec(moved.values(due_date=now + timedelta(hours=hours)))
        me = uuid.UUID((await ann.call("GET", "/auth/me")).json()["id"])
        tasks = TaskRepository(session, me)
        for zone, today in (("UTC", 1), ("Asia/Tokyo", 2)):
            found = TaskSummary.model_validate(await tasks.summary(now, ZoneInfo(zone)))
            assert (found.total, found.pending, found.in_progress, found.completed) == (6, 4, 1, 1)
            assert (found.overdue, found.due_today, found.due_this_week, found.high_priority) == (1, today, 3, 1)
    assert (await ann.call("GET", "/tasks/summary")).json()["total"] == 6
    assert_problem(await ann.call("GET", "/tasks/summary?time_zone=Nowhere"), 422, "time_zone")
