"""Requests that are sent again."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from app.fields import utcnow
from tests.conftest import Caller, assert_problem

pytestmark = pytest.mark.anyio

KEY = {"Idempotency-Key": "a-key-of-the-client"}


async def count(caller: Caller) -> int:
    return len((await caller.call("GET", "/tasks")).json()["items"])


async def test_a_request_sent_again_is_done_once_and_answered_alike(ann: Caller) -> None:
    first, second = [await ann.call("POST", "/tasks", json={"title": "x"}, headers=KEY) for _ in range(2)]
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"] == f"/api/v1/tasks/{first.json()['id']}"
    assert second.headers["content-type"] == "application/json"
    assert await count(ann) == 1


async def test_requests_at_once_are_done_once(ann: Caller) -> None:
    answers = await asyncio.gather(*(ann.call("POST", "/tasks", json={"title": "x"}, headers=KEY) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await count(ann) == 1


async def test_without_a_key_each_is_done(ann: Caller) -> None:
    for _ in range(2):
        await ann.call("POST", "/tasks", json={"title": "x"})
    assert await count(ann) == 2


async def test_a_key_is_for_one_request(ann: Caller, bob: Caller) -> None:
    task = (await ann.call("POST", "/tasks", json={"title": "x"}, headers=KEY)).json()
    problem = assert_problem(await ann.call("POST", "/tasks", json={"title": "y"}, headers=KEY), 422, "Idempotency-Key")
    assert problem["errors"][0]["location"] == "header"
    for path in ("/tags", f"/tasks/{task['id']}/complete"):
        assert_problem(await ann.call("POST", path, json={"name": "x"}, headers=KEY), 422, "Idempotency-Key")
    theirs = (await bob.call("POST", "/tasks", json={"title": "x"}, headers=KEY)).json()
    assert theirs["id"] != task["id"]


async def test_a_request_that_failed_can_be_sent_again(ann: Caller) -> None:
    await ann.call("POST", "/tags", json={"name": "x"})
    assert_problem(await ann.call("POST", "/tags", json={"name": "x"}, headers=KEY), 409, "name")
    await ann.call("DELETE", f"/tags/{(await ann.call('GET', '/tags')).json()['items'][0]['id']}")
    assert (await ann.call("POST", "/tags", json={"name": "x"}, headers=KEY)).status_code == 201


async def test_an_answer_is_kept_for_a_day(ann: Caller, database: Any) -> None:
    first = await ann.call("POST", "/tasks", json={"title": "x"}, headers=KEY)
    for age, same in ((timedelta(hours=23), True), (timedelta(hours=25), False)):
        await database.execute("UPDATE idempotency_keys SET created_at = $1", utcnow() - age)
        again = await ann.call("POST", "/tasks", json={"title": "x"}, headers=KEY)
        assert (again.json() == first.json()) is same


@pytest.mark.parametrize("key", ["with space", "x" * 256, ""])
async def test_a_key_that_is_none_is_named(ann: Caller, key: str) -> None:
    response = await ann.call("POST", "/tasks", json={"title": "x"}, headers={"Idempotency-Key": key})
    assert_problem(response, 422, "Idempotency-Key")


async def test_a_connection_cut_in_the_middle_leaves_one_task(
    ann: Caller, database: Any, database_url: str, server_url: str
) -> None:
    """The connection dies when the task is written and the transaction is not yet ended."""
    blocker = await asyncpg.connect(database_url)
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute("LOCK TABLE task_activity IN ACCESS EXCLUSIVE MODE")
    cut = asyncio.create_task(ann.call("POST", "/tasks", json={"title": "x"}, headers=KEY))
    waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'task_activity'::regclass"
    while not (pids := await database.fetch(waiting)):
        await asyncio.sleep(0.01)
    await database.execute("SELECT pg_terminate_backend($1)", pids[0]["pid"])
    assert_problem(await cut, 503)
    await transaction.rollback()
    await blocker.close()
    assert await count(ann) == 0
    for _ in range(2):
        assert (await ann.call("POST", "/tasks", json={"title": "x"}, headers=KEY)).status_code == 201
    assert await count(ann) == 1
