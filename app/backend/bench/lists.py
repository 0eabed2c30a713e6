"""Pages of 50 of a user's 1,000 tasks, beside 999 other users with as many, and alone: `python -m bench.lists`."""

import asyncio
import itertools
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from urllib.parse import urlencode

from starlette.types import Message

from app.settings import Settings
from app.tasks.filters import TaskSort
from bench.data import filled, id_of, token
from tests.postgres import PostgresServer

USERS = 1000
ASKING = 10
"""Users whose lists are asked for in turn, where there are so many."""
ROUNDS = 60

CATEGORY = "CATEGORY"
"""Stands for the id of one of the asking user's."""

QUERIES: dict[str, dict[str, str | list[str]]] = {
    **{f"by {sort}": {"sort": sort} for sort in TaskSort},
    "of a status": {"status": "pending"},
    "of a priority": {"priority": "high"},
    "of a category": {"category_id": CATEGORY},
    "with a tag": {"tag": "home"},
    "with two tags": {"tag": ["home", "tag 5"]},
    "searched": {"search": "passport"},
    "searched for what is rare": {"search": "zeppelin"},
    "searched for what is not there": {"search": "submarine"},
}

Ask = Callable[[str], Awaitable[float]]


async def asker(stack: AsyncExitStack, settings: Settings, users: int) -> Ask:
    """What asks an application for a page, as each of its users in turn, and tells how long it took, in seconds."""
    from app.main import create_app  # noqa: PLC0415  # it asks for settings as soon as it is imported

    app = create_app(settings)
    await stack.enter_async_context(app.router.lifespan_context(app))
    numbers = range(1, min(users, ASKING) + 1)
    tokens = {number: await token(app.state.database, settings, id_of("user", number)) for number in numbers}
    turns = itertools.cycle(numbers)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def ask(query: str) -> float:
        number = next(turns)
        path = f"{settings.api_prefix}/tasks"
        authorization = f"Bearer {tokens[number]}".encode()
        sent: list[Message] = []
        scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode()}
        scope |= {
            "query_string": query.replace(CATEGORY, str(id_of("category", number, 0))).encode(),
            "headers": [(b"authorization", authorization)],
            "root_path": "",
        }
        scope |= {"scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1)}

        async def send(message: Message) -> None:
            sent.append(message)

        start = time.perf_counter()
        await app(scope, receive, send)
        seconds = time.perf_counter() - start
        if sent[0]["status"] != 200:
            raise RuntimeError(sent[1]["body"].decode())
        return seconds

    return ask


async def main() -> dict[str, dict[str, float]]:
    """For each list the medians in seconds, alone and among the others, and their ratio."""
    server = PostgresServer()
    found = {}
    try:
        async with AsyncExitStack() as stack:
            asks = []
            for users in (1, USERS):
                settings = await stack.enter_async_context(filled(server.url, users))
                asks.append(await asker(stack, settings, users))
            for name, fields in QUERIES.items():
                query = urlencode({"limit": 50, **fields}, doseq=True)
                for ask in asks:
                    for _ in range(3 * ASKING):
                        await ask(query)
                seconds = [[await ask(query) for ask in asks] for _ in range(ROUNDS)]
                alone, among = (statistics.median(column) for column in zip(*seconds, strict=True))
                found[name] = {"alone": alone, "among others": among, "ratio": among / alone}
                print(f"{name}: {alone * 1e3:.2f} ms, {among * 1e3:.2f} ms", file=sys.stderr, flush=True)
    finally:
        server.remove()
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main())))
