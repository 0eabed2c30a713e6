"""When tasks come again."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from app.tasks.recurrence import Recurrence, Series
from tests.conftest import Caller, assert_problem

pytestmark = pytest.mark.anyio


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(pattern: str, start: str, count: int, zone: str = "UTC") -> list[str]:
    """The start, and what comes after it."""
    recurrence = Recurrence.parse(pattern, utc(start), zone)
    found, moment = [], utc(start)
    for _ in range(count):
        following = recurrence.after(moment)
        if following is None:
            found.append("end")
            break
        moment = following
        found.append(f"{moment:%Y-%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("pattern", "start", "expected"),
    [
        ("daily", "2026-12-31 09:00", ["2027-01-01 09:00", "2027-01-02 09:00"]),
        (" Weekly ", "2026-12-31 09:00", ["2027-01-07 09:00", "2027-01-14 09:00"]),
        ("monthly", "2027-01-15 09:00", ["2027-02-15 09:00", "2027-03-15 09:00"]),
        ("monthly", "2027-01-31 09:00", ["2027-02-28 09:00", "2027-03-31 09:00", "2027-04-30 09:00"]),
        ("monthly", "2027-01-28 09:00", ["2027-02-28 09:00", "2027-03-28 09:00"]),
        ("monthly", "2028-01-30 09:00", ["2028-02-29 09:00", "2028-03-30 09:00"]),
        (
            "yearly",
            "2028-02-29 09:00",
            ["2029-02-28 09:00", "2030-02-28 09:00", "2031-02-28 09:00", "2032-02-29 09:00"],
        ),
        ("yearly", "2027-02-28 09:00", ["2028-02-28 09:00"]),
        ("daily", "2028-02-29 09:00", ["2028-03-01 09:00"]),
        ("weekly", "2028-02-29 09:00", ["2028-03-07 09:00"]),
        ("RRULE:FREQ=MONTHLY", "2027-01-31 09:00", ["2027-03-31 09:00", "2027-05-31 09:00"]),
        ("monthly", "2027-01-29 09:00", ["2027-02-28 09:00", "2027-03-29 09:00"]),
        ("yearly", "2028-03-29 09:00", ["2029-03-29 09:00"]),
        ("yearly", "2027-02-27 09:00", ["2028-02-27 09:00"]),
        ("FREQ=DAILY;INTERVAL=1000", "2027-01-01 09:00", ["2029-09-27 09:00"]),
        ("FREQ=DAILY;COUNT=1", "2027-01-01 09:00", ["end"]),
        ("daily", "2000-01-01 09:00", ["2000-01-02 09:00"]),
        ("daily", "9600-12-31 09:00", ["9601-01-01 09:00"]),
        ("freq=daily;interval=3;", "2027-01-01 09:00", ["2027-01-04 09:00", "2027-01-07 09:00"]),
        ("FREQ=DAILY;COUNT=3", "2027-01-01 09:00", ["2027-01-02 09:00", "2027-01-03 09:00", "end"]),
        ("FREQ=DAILY;UNTIL=20270103T090000Z", "2027-01-01 09:00", ["2027-01-02 09:00", "2027-01-03 09:00", "end"]),
        ("FREQ=DAILY;UNTIL=20270102", "2027-01-01 09:00", ["2027-01-02 09:00", "end"]),
        ("FREQ=DAILY;UNTIL=20270102T085959", "2027-01-01 09:00", ["end"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE", "2027-01-04 09:00", ["2027-01-06 09:00", "2027-01-11 09:00"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2027-01-29 09:00", ["2027-02-26 09:00", "2027-03-26 09:00"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2027-01-29 09:00", ["2027-02-26 09:00", "2027-03-31 09:00"]),
        ("FREQ=MONTHLY;BYDAY=5MO", "2027-03-29 09:00", ["2027-05-31 09:00", "2027-08-30 09:00"]),
        ("FREQ=YEARLY;BYDAY=53MO", "2029-12-31 09:00", ["2035-12-31 09:00"]),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=5MO", "2027-03-29 09:00", ["2031-03-31 09:00"]),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2026-11-26 09:00", ["2027-11-25 09:00"]),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO;WKST=MO", "2027-01-04 09:00", ["2028-01-03 09:00"]),
        ("RRULE:FREQ=DAILY\nEXDATE:20270102T090000Z,20270103", "2027-01-01 09:00", ["2027-01-04 09:00"]),
        ("EXDATE;VALUE=DATE:20270102\nRRULE:FREQ=DAILY", "2027-01-01 09:00", ["2027-01-03 09:00"]),
    ],
)
def test_times_follow_the_rule(pattern: str, start: str, expected: list[str]) -> None:
    assert times(pattern, start, len(expected)) == expected


BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("pattern", "zone", "start", "expected"),
    [
        # 09:00 in Berlin, over the change to summer time on 28 March and back on 31 October 2027.
        ("daily", BERLIN, "2027-03-27 08:00", ["2027-03-28 07:00", "2027-03-29 07:00"]),
        ("weekly", BERLIN, "2027-10-27 07:00", ["2027-11-03 08:00"]),
        # 02:30 does not exist on 28 March: it is taken with the offset before, and is 03:30 on the clock.
        ("daily", BERLIN, "2027-03-27 01:30", ["2027-03-28 01:30", "2027-03-29 00:30"]),
        # 02:30 comes twice on 31 October: the first one counts, once.
        ("daily", BERLIN, "2027-10-30 00:30", ["2027-10-31 00:30", "2027-11-01 01:30"]),
        ("daily", "America/New_York", "2027-03-13 14:00", ["2027-03-14 13:00"]),
        (
            "monthly",
            "Pacific/Auckland",
            "2027-01-30 12:00",
            ["2027-02-27 12:00", "2027-03-30 12:00", "2027-04-29 13:00"],
        ),
        ("FREQ=WEEKLY;BYDAY=MO", "Asia/Tokyo", "2027-01-03 22:00", ["2027-01-10 22:00"]),
        ("FREQ=DAILY;UNTIL=20270329T070000Z", BERLIN, "2027-03-28 07:00", ["2027-03-29 07:00", "end"]),
        ("FREQ=DAILY\nEXDATE;TZID=Asia/Tokyo:20270102T180000", BERLIN, "2027-01-01 09:00", ["2027-01-03 09:00"]),
        ("FREQ=DAILY\nEXDATE:20270102T100000", BERLIN, "2027-01-01 09:00", ["2027-01-03 09:00"]),
    ],
)
def test_times_are_on_the_clock_of_the_zone(pattern: str, zone: str, start: str, expected: list[str]) -> None:
    assert times(pattern, start, len(expected), zone) == expected


@pytest.mark.parametrize("zone", ["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
@pytest.mark.parametrize("clock", ["00:15", "01:45", "02:15", "12:00"])
def test_a_year_of_days_has_as_many_times(zone: str, clock: str) -> None:
    start = utc(f"2027-01-01 {clock}")
    recurrence = Recurrence.parse("daily", start, zone)
    moments = [start]
    while moments[-1] < start + timedelta(days=365):
        following = recurrence.after(moments[-1])
        assert following is not None
        moments.append(following)
    steps = [later - earlier for earlier, later in pairwise(moments)]
    assert len(moments) == 366
    assert {*steps} <= {timedelta(hours=hours) for hours in (23, 23.5, 24, 24.5, 25)}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("sometimes", "needs one FREQ"),
        ("FREQ=HOURLY", "needs one FREQ"),
        ("FREQ=DAILY;FREQ=WEEKLY", "at most once"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR"),
        (f"FREQ=DAILY;{'X' * 30}=1", f"be used: {'X' * 20}$"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=1001", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=x", "INTERVAL"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;UNTIL=soon", "RFC 5545"),
        ("FREQ=WEEKLY;BYDAY=XX", "RFC 5545"),
        ("FREQ=MONTHLY;BYMONTHDAY=x", "RFC 5545"),
        ("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "one RRULE"),
        ("EXDATE:20270101", "one RRULE"),
        ("DTSTART:20270101T090000Z\nRRULE:FREQ=DAILY", "the due date is the start"),
        ("FREQ=DAILY\nEXDATE:soon", "20300131"),
        ("FREQ=DAILY\nEXDATE;TZID=Moon:20270101T090000", "time zone"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "never"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "never"),
        ("FREQ=MONTHLY;BYDAY=1MO,6TU", "over 5 in its BYDAY"),
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO", "over 5 in its BYDAY"),
        ("FREQ=YEARLY;BYDAY=54MO", "over 53 in its BYDAY"),
        ("FREQ=DAILY\nEXDATE;TZID=Asia/Tokyo:00010101T000000", "20300131"),
    ],
)
def test_a_wrong_rule_says_why(pattern: str, message: str) -> None:
    series = Series(pattern, utc("2027-01-01 09:00"), "UTC", from_completion=False)
    with pytest.raises(ValueError, match=message):
        series.check()


@pytest.mark.parametrize("year", ["1999", "9601"])
def test_a_series_starts_in_these_centuries(year: str) -> None:
    with pytest.raises(ValueError, match="years 2000 to 9600"):
        Recurrence.parse("daily", utc(f"{year}-06-01 09:00"), "UTC")


def test_nothing_comes_after_the_last_year() -> None:
    recurrence = Recurrence.parse("daily", utc("2027-01-01 09:00"), "UTC")
    assert recurrence.after(utc("9000-01-01 09:00")) is None
    # As far as the calendar goes: the rule's own dates are 7,600 years later.
    assert recurrence.after(utc("2399-12-30 09:00")) == utc("2399-12-31 09:00")
    assert recurrence.after(utc("2400-01-01 09:00")) is None


def test_a_series_can_be_counted_from_its_start_only() -> None:
    series = Series("FREQ=DAILY;COUNT=3", utc("2027-01-01 09:00"), "UTC", from_completion=True)
    with pytest.raises(ValueError, match="leave out COUNT"):
        series.check()


@pytest.mark.parametrize(
    ("from_completion", "due", "completed", "expected"),
    [
        (False, "2027-01-01 09:00", "2026-12-30 12:00", "2027-01-04 09:00"),  # early
        (False, "2027-01-01 09:00", "2027-01-01 12:00", "2027-01-04 09:00"),
        (False, "2027-01-01 09:00", "2027-01-09 12:00", "2027-01-10 09:00"),  # late: what passed is left out
        (False, None, "2027-01-02 12:00", "2027-01-04 09:00"),
        (True, "2027-01-01 09:00", "2026-12-30 12:00", "2027-01-02 09:00"),
        (True, "2027-01-01 09:00", "2027-01-09 23:00", "2027-01-12 09:00"),
    ],
)
def test_a_task_comes_again_after_it_was_due_or_done(
    from_completion: bool, due: str | None, completed: str, expected: str
) -> None:
    series = Series("FREQ=DAILY;INTERVAL=3", utc("2027-01-01 09:00"), "UTC", from_completion)
    assert series.following(utc(due) if due else None, utc(completed)) == utc(expected)


DUE = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)


async def recurring(caller: Caller, **fields: Any) -> dict[str, Any]:
    return await caller.add_task(**{"due_date": DUE.isoformat(), "recurrence_pattern": "daily"} | fields)


async def open_tasks(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await caller.call("GET", "/tasks", params={"completed": False})).json()["items"]
    return found


async def test_completing_a_recurring_task_makes_the_next_one(ann: Caller) -> None:
    task = await recurring(ann, title="Run", description="d", priority="high", tags="a,b", category="Sport")
    assert datetime.fromisoformat(task["next_recurrence_date"]) == DUE + timedelta(days=1)
    path = f"/tasks/{task['id']}"
    await ann.call("POST", f"{path}/subtasks", json={"title": "Warm up", "is_completed": True})
    await ann.call("POST", f"{path}/reminders", json={"minutes_before": 10})
    await ann.call("POST", f"{path}/reminders", json={"remind_at": DUE.isoformat()})
    assert (await ann.call("POST", f"{path}/complete")).json()["status"] == "completed"
    [following] = await open_tasks(ann)
    same = ("title", "description", "priority", "tags", "category", "recurrence_pattern", "recurrence_timezone")
    assert {name: following[name] for name in same} == {name: task[name] for name in same}
    assert following["previous_task_id"] == task["id"]
    assert datetime.fromisoformat(following["due_date"]) == DUE + timedelta(days=1)
    assert datetime.fromisoformat(following["next_recurrence_date"]) == DUE + timedelta(days=2)
    [subtask] = (await ann.call("GET", f"/tasks/{following['id']}/subtasks")).json()["items"]
    assert (subtask["title"], subtask["is_completed"]) == ("Warm up", False)
    [reminder] = (await ann.call("GET", f"/tasks/{following['id']}/reminders")).json()["items"]
    assert datetime.fromisoformat(reminder["remind_at"]) == DUE + timedelta(days=1, minutes=-10)


@pytest.mark.parametrize("done", [("PATCH", "", {"completed": True}), ("PUT", "", None), ("BULK", "", None)])
async def test_it_makes_it_however_it_is_completed(ann: Caller, done: tuple[str, str, Any]) -> None:
    task = await recurring(ann)
    match done[0]:
        case "BULK":
            await ann.call("POST", "/tasks/bulk", json={"ids": [task["id"]], "action": "complete"})
        case "PUT":
            names = ("title", "due_date", "recurrence_pattern")
            body = {name: task[name] for name in names} | {"status": "completed"}
            await ann.call("PUT", f"/tasks/{task['id']}", json=body)
        case method:
            await ann.call(method, f"/tasks/{task['id']}", json=done[2])
    assert [item["previous_task_id"] for item in await open_tasks(ann)] == [task["id"]]


async def test_it_makes_it_once(ann: Caller) -> None:
    path = f"/tasks/{(await recurring(ann))['id']}"
    for action in ("complete", "uncomplete", "complete"):
        await ann.call("POST", f"{path}/{action}")
    assert len(await open_tasks(ann)) == 1


async def test_the_last_of_a_series_makes_none(ann: Caller) -> None:
    task = await recurring(ann, recurrence_pattern="RRULE:FREQ=DAILY;COUNT=2")
    await ann.call("POST", f"/tasks/{task['id']}/complete")
    [second] = await open_tasks(ann)
    assert second["next_recurrence_date"] is None
    await ann.call("POST", f"/tasks/{second['id']}/complete")
    assert await open_tasks(ann) == []


async def test_a_task_that_is_moved_stays_in_its_series(ann: Caller) -> None:
    task = await recurring(ann, recurrence_pattern="weekly")
    path = f"/tasks/{task['id']}"
    moved = (await ann.call("PATCH", path, json={"due_date": (DUE + timedelta(days=2)).isoformat()})).json()
    assert datetime.fromisoformat(moved["next_recurrence_date"]) == DUE + timedelta(days=7)
    changed = (await ann.call("PATCH", path, json={"recurrence_pattern": "daily"})).json()
    assert datetime.fromisoformat(changed["next_recurrence_date"]) == DUE + timedelta(days=3)
    free = (await ann.call("PATCH", path, json={"recurrence_from_completion": True})).json()
    assert free["next_recurrence_date"] is None
    ended = (await ann.call("PATCH", path, json={"recurrence_pattern": None})).json()
    assert ended["recurrence_pattern"] is ended["next_recurrence_date"] is None
    await ann.call("POST", f"{path}/complete")
    assert await open_tasks(ann) == []


async def test_a_recurring_task_needs_no_due_date(ann: Caller) -> None:
    task = await recurring(ann, due_date=None, recurrence_timezone=BERLIN)
    created = datetime.fromisoformat(task["created_at"]).replace(microsecond=0)
    expected = Recurrence.parse("daily", created, BERLIN).after(created)
    assert datetime.fromisoformat(task["next_recurrence_date"]) == expected
    await ann.call("POST", f"/tasks/{task['id']}/complete")
    assert datetime.fromisoformat((await open_tasks(ann))[0]["due_date"]) == expected


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"recurrence_pattern": "sometimes"}, "recurrence_pattern"),
        ({"recurrence_pattern": "x" * 2001}, "recurrence_pattern"),
        ({"recurrence_pattern": " "}, "recurrence_pattern"),
        ({"recurrence_timezone": "Moon/Crater"}, "recurrence_timezone"),
        ({"recurrence_from_completion": "yes"}, "recurrence_from_completion"),
    ],
)
async def test_a_wrong_recurrence_is_named(ann: Caller, fields: dict[str, Any], field: str) -> None:
    body = {"title": "x", "recurrence_pattern": "daily"} | fields
    assert_problem(await ann.call("POST", "/tasks", json=body), 422, field)
