"""What chat adds to a model's answer: `python -m bench.chat`.

A server that speaks OpenAI's protocol and says a text without waiting is asked directly by OpenAI's SDK, with the same
prompt and tools, and through the application as its image runs it with one worker, in turn.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from httpx import AsyncClient
from openai import AsyncOpenAI

from agent.providers.prompt import instructions
from agent.settings import AgentSettings
from agent.turn import Turn, TurnMessage
from app.database import Database
from app.migrate import migrate
from app.tools.toolset import TOOLS
from bench.data import id_of, insert, token
from bench.throughput import serving
from tests.conftest import SECRET, make_settings, temporary_database
from tests.postgres import PostgresServer, free_port

ROUNDS = 100
WARM_UP = 10
TEXT = "You have three tasks that are due today, and none is late. " * 4
QUESTION = "What is due today?"

Times = tuple[float, float]
"""Seconds until the first piece of the text, and until the end of the answer."""


async def directly(client: AsyncOpenAI, body: dict[str, Any]) -> Times:
    """Ask the provider."""
    begin, first = time.perf_counter(), 0.0
    async for chunk in await client.chat.completions.create(**body, stream=True):
        if not first and chunk.choices and chunk.choices[0].delta.content:
            first = time.perf_counter() - begin
    return first, time.perf_counter() - begin


async def by_chat(client: AsyncClient) -> Times:
    """Ask the application."""
    begin, first, text = time.perf_counter(), 0.0, ""
    async with client.stream("POST", "/api/v1/chat", json={"message": QUESTION}) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if line == "event: text":
                first = first or time.perf_counter() - begin
            elif line.startswith("data: ") and (event := json.loads(line[6:])).get("type") == "text":
                text += event["text"]
    if text != TEXT:
        raise SystemExit(f"the answer was {text!r}")
    return first, time.perf_counter() - begin


def request() -> dict[str, Any]:
    """What the assistant asks of the model at the beginning of a conversation."""
    turn = Turn(conversation_id=uuid4(), messages=[TurnMessage(role="user", content=QUESTION)], now=datetime.now(UTC))
    settings = AgentSettings()
    functions = [
        {"name": tool.name, "description": tool.description, "parameters": tool.input_schema} for tool in TOOLS.values()
    ]
    return {
        "model": settings.openai_model,
        "messages": [
            {"role": "system", "content": instructions(turn, settings.agent_name)},
            {"role": "user", "content": QUESTION},
        ],
        "tools": [{"type": "function", "function": function} for function in functions],
        "max_completion_tokens": settings.agent_answer_tokens,
        "stream_options": {"include_usage": True},
    }


async def rounds(*ways: Callable[[], Awaitable[Times]]) -> list[list[Times]]:
    """The times of each way, which take turns; the first few do not count."""
    found: list[list[Times]] = [[] for _ in ways]
    for number in range(WARM_UP + ROUNDS):
        for way, times in zip(ways, found, strict=True):
            measured = await way()
            if number >= WARM_UP:
                times.append(measured)
    return found


async def main() -> dict[str, dict[str, float]]:
    """Medians of both ways, in seconds."""
    database = PostgresServer()
    try:
        async with AsyncExitStack() as stack:
            url = await stack.enter_async_context(temporary_database(database.url, "chat"))
            settings = make_settings(url)
            await migrate(settings)
            await insert(url, users=1, tasks=3)
            own = Database(settings)
            authorization = f"Bearer {await token(own, settings, id_of('user', 1))}"
            await own.close()
            provider, port = free_port(), free_port()
            argv = [sys.executable, "-m", "tests.standins", str(provider), TEXT]
            agent = await asyncio.to_thread(Path("agent").resolve)
            await stack.enter_async_context(serving(argv, {**os.environ}, agent.parent, provider))
            address = f"http://127.0.0.1:{provider}/v1"
            environment = {
                **os.environ,
                "DATABASE_URL": url,
                "JWT_SECRET": SECRET,
                "WEB_CONCURRENCY": "1",
                "AGENT_PROVIDER": "openai",
                "OPENAI_API_KEY": "none",
                "OPENAI_BASE_URL": address,
                "CHAT_RATE_LIMIT": "100000",
                "CHAT_TOKENS_PER_DAY": "100000000",
            }
            argv = [sys.executable, "-m", "gunicorn", "app.main:app", "--bind", f"127.0.0.1:{port}"]
            await stack.enter_async_context(serving(argv, environment, Path(), port))
            sdk = await stack.enter_async_context(AsyncOpenAI(api_key="none", base_url=address))
            headers = {"Authorization": authorization, "Accept": "text/event-stream"}
            client = AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60)
            chat, body = await stack.enter_async_context(client), request()
            direct, through = await rounds(lambda: directly(sdk, body), lambda: by_chat(chat))
    finally:
        database.remove()
    return {name: summary(times) for name, times in (("directly", direct), ("by chat", through))}


def summary(times: list[Times]) -> dict[str, float]:
    """Medians."""
    firsts, wholes = zip(*times, strict=True)
    return {"first": statistics.median(firsts), "whole": statistics.median(wholes)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main())))
