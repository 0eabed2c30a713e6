"""The ten things that one can do with tasks, each by the API and in words; docs/chat.md names them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from app.chat.assistants import make_assistants
from app.main import create_app
from tests.chats import chat
from tests.conftest import Caller, make_settings, running

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).parents[3] / "docs" / "chat.md"
Tasks = dict[str, dict[str, Any]]


@pytest.fixture
async def client(database_url: str, database: Any) -> AsyncIterator[AsyncClient]:
    """The application with the assistant that needs no provider."""
    async with running(create_app(make_settings(database_url), make_assistants)) as client:
        yield client


async def tasks_of(caller: Caller) -> Tasks:
    """The tasks by their titles, and the ids that stand for them."""
    return {task["title"]: task for task in (await caller.call("GET", "/tasks")).json()["items"]}


async def stock(caller: Caller) -> Tasks:
    """The tasks that there are before."""
    milk = await caller.add_task("Buy milk", tags=["shopping"], due_date="2099-01-01T12:00:00Z")
    plants = await caller.add_task("Water the plants", priority="low")
    gym = await caller.add_task("Go to the gym", is_completed=True)
    report = await caller.add_task("Write the report", priority="high", category="Work")
    await caller.call("POST", f"/tasks/{report['id']}/subtasks", json={"title": "Collect figures"})
    return {task["title"]: task for task in (milk, plants, gym, report)}


async def state(caller: Caller) -> list[dict[str, Any]]:
    """What the tasks are like, without what no two users have in common."""
    found = []
    for title, task in sorted((await tasks_of(caller)).items()):
        subtasks = (await caller.call("GET", f"/tasks/{task['id']}/subtasks")).json()["items"]
        kept = ("description", "status", "priority", "due_date", "category", "tags", "recurrence_pattern")
        steps = [(step["title"], step["is_completed"]) for step in subtasks]
        found.append({"title": title, **{name: task[name] for name in kept}, "steps": steps})
    return found


@dataclass
class Feature:
    """Something that can be done by a request, and by saying so."""

    name: str
    say: list[str]
    request: Callable[[Caller, Tasks], list[tuple[str, str, Any]]]


def path(tasks: Tasks, title: str) -> str:
    return f"/tasks/{tasks[title]['id']}"


CHANGES = [
    Feature(
        "Add a task",
        ["add buy stamps, high priority"],
        lambda _, __: [("POST", "/tasks", {"title": "Buy stamps", "priority": "high"})],
    ),
    Feature(
        "Change a task",
        ["rename buy milk to buy oat milk", "set the priority of buy oat milk to high"],
        lambda _, tasks: [("PATCH", path(tasks, "Buy milk"), {"title": "Buy oat milk", "priority": "high"})],
    ),
    Feature(
        "Complete and reopen",
        ["complete water the plants", "reopen go to the gym"],
        lambda _, tasks: [
            ("POST", f"{path(tasks, 'Water the plants')}/complete", None),
            ("POST", f"{path(tasks, 'Go to the gym')}/uncomplete", None),
        ],
    ),
    Feature("Delete", ["delete buy milk"], lambda _, tasks: [("DELETE", path(tasks, "Buy milk"), None)]),
    Feature(
        "Due dates and recurrence",
        ["set the due date of water the plants to 2099-05-01", "repeat buy milk every week"],
        lambda _, tasks: [
            ("PATCH", path(tasks, "Water the plants"), {"due_date": "2099-05-01T23:59:00Z"}),
            ("PATCH", path(tasks, "Buy milk"), {"recurrence_pattern": "weekly"}),
        ],
    ),
    Feature(
        "Tags and categories",
        ["add the tag garden to water the plants", "move water the plants to category Home"],
        lambda _, tasks: [("PATCH", path(tasks, "Water the plants"), {"tags": ["garden"], "category": "Home"})],
    ),
    Feature(
        "Subtasks",
        ['add subtask "draw the charts" to write the report'],
        lambda _, tasks: [("POST", f"{path(tasks, 'Write the report')}/subtasks", {"title": "Draw the charts"})],
    ),
]


@pytest.mark.parametrize("feature", CHANGES, ids=[feature.name for feature in CHANGES])
async def test_what_is_changed_by_the_api_is_changed_by_chat(ann: Caller, bob: Caller, feature: Feature) -> None:
    hers = await stock(ann)
    before = await state(ann)
    for method, where, body in feature.request(ann, hers):
        response = await ann.call(method, where, json=body)
        assert response.status_code < 300, response.text
    await stock(bob)
    for sentence in feature.say:
        answer = await chat(bob, sentence)
        if answer["confirmations"]:
            assert await state(bob) == before
            yes = {question["id"]: True for question in answer["confirmations"]}
            answer = await chat(bob, confirm=yes, conversation_id=answer["conversation_id"])
        assert answer["status"] == "answered"
        assert not [call for call in answer["tool_calls"] if call["is_error"]]
    assert await state(bob) == await state(ann) != before


READS = {
    "List and filter": ("list high priority tasks", "list_tasks", "/tasks?priority=high&status=pending"),
    "Search": ("search for plants", "search_tasks", "/tasks?search=plants"),
    "Summary": ("summarize my tasks", "summarize_tasks", "/tasks/summary"),
}


@pytest.mark.parametrize("name", READS)
async def test_what_the_api_finds_chat_finds(ann: Caller, name: str) -> None:
    sentence, tool, where = READS[name]
    await stock(ann)
    by_api = (await ann.call("GET", where)).json()
    answer = await chat(ann, sentence)
    result = next(call["result"] for call in answer["tool_calls"] if call["name"] == tool)
    if "items" in by_api:
        assert [item["title"] for item in result["items"]] == [item["title"] for item in by_api["items"]]
        assert all(item["title"] in answer["content"] for item in by_api["items"])
        assert by_api["items"]
    else:
        assert result == by_api
        assert str(by_api["total"] - by_api["completed"]) in answer["content"]


def test_the_page_names_each_of_them() -> None:
    names = [line.split("|")[1].strip() for line in PAGE.read_text().splitlines() if line.startswith("| **")]
    assert sorted(name.strip("*") for name in names) == sorted([*READS, *(feature.name for feature in CHANGES)])
    assert len(names) == 10
