"""Many calls of several users, spread over two servers on one database: none is lost and none crosses over."""

import asyncio
import itertools
import os
from contextlib import AsyncExitStack
from typing import Any

import pytest
from mcp import Client

from app.tools.toolset import TOOLS
from tests.conftest import Caller, NewUser
from tests.mcp_clients import mcp_client, use
from tests.server import gunicorn

pytestmark = pytest.mark.anyio

USERS = 4
# `make drill` wants 1,000 calls.
CALLS = int(os.environ.get("MCP_CALLS", "200"))


class Person:
    """A user whose calls go to the servers in turn, and who knows what must have come of them."""

    def __init__(self, name: str, clients: list[Client]) -> None:
        self.name = name
        self.clients = itertools.cycle(clients)
        self.used: list[str] = []
        self.tasks = 0

    async def use(self, tool: str, **arguments: Any) -> dict[str, Any]:
        self.used.append(tool)
        result = await use(next(self.clients), tool, **arguments)
        for item in result.get("items", [result]):
            assert item.get("title", item.get("name", self.name)).startswith(self.name)
        return result

    async def work(self) -> None:
        """Use every tool once; a task stays, and a tag and a category."""
        number = self.tasks
        label = f"{self.name} {number}"
        task = await self.use("add_task", title=label, tags=[label], category=label)
        self.tasks += 1
        id_ = {"task_id": task["id"]}
        await self.use("update_task", **id_, title=f"{label} changed", priority="high")
        step = await self.use("add_subtask", **id_, title=f"{label} step")
        await self.use("update_subtask", **id_, subtask_id=step["id"], is_completed=True)
        [found] = (await self.use("get_task", **id_))["subtasks"]
        assert found["is_completed"]
        await self.use("delete_subtask", **id_, subtask_id=step["id"])
        await self.use("complete_task", **id_)
        await self.use("reopen_task", **id_)
        assert [item["id"] for item in (await self.use("search_tasks", query=f"{label} changed"))["items"]] == [
            task["id"]
        ]
        assert len((await self.use("list_tasks", limit=100))["items"]) == min(self.tasks, 100)
        assert (await self.use("summarize_tasks"))["total"] == self.tasks
        for thing, things in (("tag", "tags"), ("category", "categories")):
            made = await self.use(f"add_{thing}", name=f"{label} spare")
            change = "rename_tag" if thing == "tag" else "update_category"
            await self.use(change, **{f"{thing}_id": made["id"]}, name=f"{label} other")
            assert (await self.use(f"delete_{thing}", **{f"{thing}_id": made["id"]}))["title"] == f"{label} other"
            assert len((await self.use(f"list_{things}", limit=100))["items"]) == min(self.tasks, 100)
        gone = await self.use("add_task", title=f"{label} gone")
        assert (await self.use("delete_task", task_id=gone["id"]))["id"] == gone["id"]


async def test_calls_over_two_servers_are_neither_lost_nor_crossed(
    database_url: str, database: Any, new_user: NewUser
) -> None:
    environment = {"DATABASE_URL": database_url, "WEB_CONCURRENCY": "1", "MCP_RATE_LIMIT": "100000"}
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(gunicorn(environment)) for _ in range(2)]
        await asyncio.gather(*(server.until_alive() for server in servers))
        people = []
        for number in range(USERS):
            caller: Caller = await new_user(f"person{number}@example.com")
            clients = [
                await stack.enter_async_context(mcp_client(str(server.client.base_url), caller.access_token))
                for server in servers
            ]
            people.append(Person(f"person{number}", clients))

        async def live(person: Person) -> None:
            while len(person.used) < CALLS / USERS:
                await person.work()

        await asyncio.gather(*(live(person) for person in people))
        stored = await database.fetch(
            "SELECT u.email, count(*) AS all, count(*) FILTER (WHERE t.title LIKE split_part(u.email, '@', 1) || ' %')"
            " AS own FROM tasks t JOIN users u ON u.id = t.user_id GROUP BY u.email"
        )
    assert {row["email"]: (row["all"], row["own"]) for row in stored} == {
        f"{person.name}@example.com": (person.tasks, person.tasks) for person in people
    }
    assert sum(len(person.used) for person in people) >= CALLS
    assert all(TOOLS.keys() == {*person.used} for person in people)
