"""The calendar feed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from icalendar import Calendar

from tests.conftest import Caller, assert_problem

pytestmark = pytest.mark.anyio

DUE = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)


async def feed(client: AsyncClient, path: str, **query: str) -> list[Any]:
    response = await client.get(path, params=query)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    return [part for part in Calendar.from_ical(response.content).walk() if part.name in {"VEVENT", "VTODO"}]


async def test_calendars_see_the_tasks_that_are_due(client: AsyncClient, ann: Caller, bob: Caller) -> None:
    open_task = await ann.add_task(
        "Zahnarzt, 2. Stock; links",
        description="line\nline",
        due_date=DUE.isoformat(),
        priority="high",
        recurrence_timezone="Europe/Berlin",
    )
    await ann.add_task("Done", due_date=(DUE + timedelta(hours=1)).isoformat(), status="completed")
    await ann.add_task("Some day")
    await bob.add_task("Not hers", due_date=DUE.isoformat())
    path = (await ann.call("POST", "/calendar/feed")).json()["path"]
    events = await feed(client, path)
    assert [str(event["SUMMARY"]) for event in events] == ["Zahnarzt, 2. Stock; links", "✓ Done"]
    assert events[0].decoded("DTSTART") == DUE
    assert str(events[0].decoded("DTSTART").tzinfo) == "Europe/Berlin"
    assert str(events[0]["DESCRIPTION"]) == "line\nline"
    assert str(events[0]["UID"]) == f"{open_task['id']}@todo"
    assert events[0]["PRIORITY"] == 1
    todos = await feed(client, path, kind="todo")
    assert [(todo.name, str(todo["STATUS"])) for todo in todos] == [("VTODO", "NEEDS-ACTION"), ("VTODO", "COMPLETED")]
    assert todos[0].decoded("DUE") == DUE
    assert "COMPLETED" in todos[1]


async def test_the_address_is_the_secret(client: AsyncClient, ann: Caller, database: Any) -> None:
    old = (await ann.call("POST", "/calendar/feed")).json()["path"]
    path = (await ann.call("POST", "/calendar/feed")).json()["path"]
    token = path.removeprefix("/api/v1/calendar/feed/").removesuffix(".ics")
    assert len(token) >= 43
    assert token.encode() not in await database.fetchval("SELECT token_hash FROM calendar_feeds")
    assert await feed(client, path) == []
    for wrong in (old, path.replace(token, token[:-1]), path.replace(token, "x")):
        assert_problem(await client.get(wrong), 404)
    await database.execute("UPDATE users SET is_active = false")
    assert_problem(await client.get(path), 404)
    await database.execute("UPDATE users SET is_active = true")
    assert (await ann.call("DELETE", "/calendar/feed")).status_code == 204
    assert (await ann.call("DELETE", "/calendar/feed")).status_code == 204
    assert_problem(await client.get(path), 404)
