"""Import and export."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import Response

from app.transfer.formats import read
from app.transfer.schemas import ImportFormat
from tests.conftest import Caller, assert_problem

pytestmark = pytest.mark.anyio

YEAR = datetime.now(UTC).year


async def send(caller: Caller, content: str | bytes, form: str = "json", **arguments: Any) -> Response:
    data = content.encode() if isinstance(content, str) else content
    files = {"file": ("tasks", data)}
    return await caller.call("POST", "/import", params={"format": form}, files=files, **arguments)


async def listed(caller: Caller) -> list[dict[str, Any]]:
    page = (await caller.call("GET", "/tasks", params={"sort": "title", "limit": 100})).json()
    items: list[dict[str, Any]] = page["items"]
    return items


SAME = {"id", "user_id", "category_id", "updated_at", "previous_task_id"}


async def fill(caller: Caller) -> None:
    later = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    task = await caller.add_task(
        '=1+1, “quoted” "x"\nnew line',
        description="'=kept",
        priority="high",
        due_date=later,
        tags="a,b",
        category="Home",
        recurrence_pattern="RRULE:FREQ=WEEKLY;BYDAY=MO",
        recurrence_timezone="Europe/Berlin",
    )
    for title, done in (("second", True), ("first", False)):
        await caller.call("POST", f"/tasks/{task['id']}/subtasks", json={"title": title, "is_completed": done})
    await caller.add_task("Done", status="completed")
    await caller.add_task("-5 degrees", recurrence_pattern="daily", recurrence_from_completion=True)


@pytest.mark.parametrize("form", ["json", "csv"])
async def test_what_goes_out_comes_back_the_same(ann: Caller, bob: Caller, form: str) -> None:
    await fill(ann)
    response = await ann.call("GET", "/export", params={"format": form})
    assert response.headers["content-disposition"] == f'attachment; filename="tasks.{form}"'
    assert response.headers["content-type"].startswith({"json": "application/json", "csv": "text/csv"}[form])
    assert (await send(bob, response.content, form)).json() == {"count": 3, "warnings": []}
    hers, his = await listed(ann), await listed(bob)
    for mine, theirs in zip(hers, his, strict=True):
        assert {name: theirs[name] for name in theirs.keys() - SAME - {"next_recurrence_date"}} == {
            name: mine[name] for name in mine.keys() - SAME - {"next_recurrence_date"}
        }
    copy = next(task for task in his if task["title"].startswith("=1"))
    subtasks = (await bob.call("GET", f"/tasks/{copy['id']}/subtasks")).json()["items"]
    expected = [("second", True), ("first", False)] if form == "json" else []
    assert [(subtask["title"], subtask["is_completed"]) for subtask in subtasks] == expected
    history = (await bob.call("GET", f"/tasks/{copy['id']}/activity")).json()["items"]
    assert [entry["action"] for entry in history] == ["created"]


async def test_a_spreadsheet_finds_no_formula(ann: Caller) -> None:
    await fill(ann)
    text = (await ann.call("GET", "/export", params={"format": "csv"})).text
    assert "'-5 degrees" in text
    assert "\"'=1+1" in text
    assert "''=kept" in text


async def test_all_of_many_tasks_go_out(ann: Caller, bob: Caller) -> None:
    assert (await ann.call("GET", "/export")).json() == {"tasks": []}
    many = {"tasks": [{"title": f"{number:04}"} for number in range(250)]}
    assert (await send(ann, json.dumps(many))).json()["count"] == 250
    exported = (await ann.call("GET", "/export")).json()["tasks"]
    assert sorted(task["title"] for task in exported) == [task["title"] for task in many["tasks"]]
    assert (await bob.call("GET", "/export", params={"format": "csv"})).text.count("\n") == 1


async def test_an_import_may_be_of_the_past(ann: Caller) -> None:
    tasks = [
        {"title": "a", "due_date": "2020-01-01", "created_at": "2019-12-31T10:00:00Z", "unknown": 1},
        {"title": "b", "completed": True, "completed_at": "2020-02-01T00:00:00Z"},
        {"title": "c", "completed_at": "2020-02-01T00:00:00Z"},
    ]
    assert (await send(ann, json.dumps(tasks))).status_code == 200
    a, b, c = await listed(ann)
    assert (a["due_date"], a["created_at"]) == ("2020-01-01T00:00:00Z", "2019-12-31T10:00:00Z")
    assert (b["status"], b["completed_at"]) == ("completed", "2020-02-01T00:00:00Z")
    assert (c["status"], c["completed_at"]) == ("pending", None)


@pytest.mark.parametrize(
    ("content", "form", "detail"),
    [
        ("{", "json", "is not json"),
        ("7", "json", "tasks: "),
        ("{}", "json", "tasks: "),
        ('[{"title": "a"}, {"title": " "}]', "json", "tasks.1.title"),
        ('[{"title": "a", "status": "done"}]', "json", "tasks.0.status"),
        ('[{"title": "a", "recurrence_pattern": "sometimes"}]', "json", "tasks.0.recurrence_pattern"),
        ('[{"title": "a", "status": "pending", "completed": true}]', "json", "contradict"),
        (json.dumps([{"title": "a"}] * 2001), "json", "tasks: "),
        ("[" * 100_000, "json", "is not json"),
        (b"\xff\xfe", "csv", "is not csv"),
        ("title,priority\na,urgent\n", "csv", "tasks.0.priority"),
        ("name\na\n", "csv", "tasks.0.title"),
        ("title\n" + "x" * 200_000, "csv", "is not csv"),
        ("TYPE,CONTENT\ntask,\n", "todoist", "tasks.0.title"),
    ],
)
async def test_of_a_wrong_file_nothing_is_taken(ann: Caller, content: str | bytes, form: str, detail: str) -> None:
    problem = assert_problem(await send(ann, content, form), 422, "file")
    assert detail in problem["detail"]
    assert await listed(ann) == []


async def test_texts_are_as_long_as_the_settings_allow(run_app: Any, ann: Caller) -> None:
    async with run_app(task_title_length=3) as client:
        caller = Caller(client, ann.email, ann.access_token, ann.refresh_token)
        problem = assert_problem(await send(caller, '[{"title": "a"}, {"title": "abcd"}]'), 422, "file")
    assert "tasks.1.title" in problem["detail"]


async def test_an_import_sent_again_is_done_once(ann: Caller) -> None:
    key = {"Idempotency-Key": "k"}
    for _ in range(2):
        assert (await send(ann, '[{"title": "a"}]', headers=key)).json()["count"] == 1
    assert len(await listed(ann)) == 1
    assert_problem(await send(ann, '[{"title": "b"}]', headers=key), 422, "Idempotency-Key")


async def test_a_file_that_is_far_too_long_is_cut_off(ann: Caller) -> None:
    assert_problem(await send(ann, b" " * 11_000_000), 413)


async def test_booleans_of_csv_are_words(ann: Caller) -> None:
    content = '\ufefftitle,Is_Completed,tags\na,TRUE,"x,y"\nb,0,\nc,,\n'
    assert (await send(ann, content, "csv")).json()["count"] == 3
    assert [(task["completed"], task["tags"]) for task in await listed(ann)] == [
        (True, ["x", "y"]),
        (False, []),
        (False, []),
    ]


TODOIST = """\ufeffTYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,DURATION
note,lost
task,Buy milk @shop @home,Two litres,1,1,Ann (1),,2030-03-01,en,Europe/Berlin,
task,Look for oats,,4,2,Ann (1),,,en,Europe/Berlin,
note,The organic one,,,,Ann (1),,,,,
,,,,,,,,,,
section,Garden,,,,,,,,,
task,Water the plants,,2,1,Ann (1),,every! 3 days,en,Europe/Berlin,
task,Mow,,3,1,Ann (1),,every other sat at 10:30,en,Europe/Berlin,
task,Report,,4,1,Ann (1),,every weekday,en,,
task,Pay,,4,1,Ann (1),,every month,en,Nowhere,
task,Ask @bob,,4,1,Ann (1),,next full moon,en,UTC,
task,@label,,,1,Ann (1),,2030-03-01T10:00:00Z,en,UTC,
"""


async def test_what_todoist_exports_is_taken(ann: Caller) -> None:
    result = (await send(ann, TODOIST, "todoist")).json()
    assert result == {"count": 7, "warnings": ["line 12: the date is kept in the description"]}
    tasks = {task["title"]: task for task in await listed(ann)}
    milk = tasks["Buy milk"]
    assert (milk["tags"], milk["priority"], milk["category"]) == (["home", "shop"], "high", None)
    assert milk["description"] == "Two litres\nThe organic one"
    assert milk["due_date"] == "2030-03-01T22:59:00Z"
    subtasks = (await ann.call("GET", f"/tasks/{milk['id']}/subtasks")).json()["items"]
    assert [subtask["title"] for subtask in subtasks] == ["Look for oats"]
    plants = tasks["Water the plants"]
    assert (plants["category"], plants["recurrence_from_completion"]) == ("Garden", True)
    rules = {title: task["recurrence_pattern"] for title, task in tasks.items() if task["recurrence_pattern"]}
    assert rules == {
        "Water the plants": "RRULE:FREQ=DAILY;INTERVAL=3",
        "Mow": "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SA",
        "Report": "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR",
        "Pay": "RRULE:FREQ=MONTHLY;INTERVAL=1",
    }
    assert tasks["Mow"]["recurrence_timezone"] == "Europe/Berlin"
    assert tasks["Pay"]["recurrence_timezone"] == "UTC"
    assert (tasks["Ask"]["description"], tasks["Ask"]["due_date"]) == ("next full moon", None)
    assert (tasks["@label"]["tags"], tasks["@label"]["due_date"]) == (["label"], "2030-03-01T10:00:00Z")


def test_a_subtask_without_a_task_is_left_out() -> None:
    found, warnings = read(b"TYPE,CONTENT,INDENT\ntask,a,2\n", ImportFormat.TODOIST)
    assert (found.tasks, warnings) == ([], [])
