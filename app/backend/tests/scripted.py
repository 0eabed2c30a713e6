"""An assistant that does what it is told: each line of a message is a step.

say TEXT              a piece of text for each word
use TOOL {arguments}  a tool
ask TOOL {arguments}  a tool that waits for a yes or no, if it destroys something
wait                  until the file named by SCRIPT_GATE is there
fail | raise | cut    a provider that fails, an error of the assistant's own, a stream that just ends
"""

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from pathlib import Path

from agent.assistant import ProviderStatus
from agent.events import (
    ConfirmationRequest,
    Done,
    Event,
    Failure,
    Reason,
    TextDelta,
    ToolCall,
    ToolResult,
    Usage,
)
from agent.tools import Tools
from agent.turn import Turn
from app.chat.assistants import Answering, LocalAssistant
from app.settings import Settings

FAILURE = Failure(code="rate_limited", message="The provider is busy.", retryable=True, retry_after=7)


class Scripted:
    """Reads its answer out of the question."""

    name = "Scripted"
    provider = "scripted"

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.gate = asyncio.Event()
        self.available = True

    async def answer(self, turn: Turn, tools: Tools) -> AsyncGenerator[Event]:
        self.turns.append(turn)
        reason: Reason = "answered"
        for call in turn.pending:
            if turn.confirmed.get(call.id):
                outcome = await tools.call(call.name, call.arguments)
                yield ToolResult(id=call.id, name=call.name, result=outcome.result, is_error=outcome.is_error)
        last = turn.messages[-1]
        lines = last.content.splitlines() if last.role == "user" else ["say It is done."]
        for number, line in enumerate(lines):
            async for event in self._step(line, f"{len(turn.messages)}-{number}", tools):
                if event is None:
                    return
                yield event
                if isinstance(event, ConfirmationRequest):
                    reason = "confirmation"
                if isinstance(event, Failure):
                    reason = "error"
        yield Done(reason=reason, usage=Usage(input_tokens=30, output_tokens=12, steps=1), provider=self.provider)

    async def _step(self, line: str, id_: str, tools: Tools) -> AsyncGenerator[Event | None]:
        step, _, rest = line.partition(" ")
        if step == "say":
            for number, word in enumerate(rest.split(" ")):
                yield TextDelta(text=f" {word}" if number else word)
        elif step in {"use", "ask"}:
            name, _, arguments = rest.partition(" ")
            call = ToolCall(id=id_, name=name, arguments=json.loads(arguments or "{}"))
            yield call
            [tool] = [tool for tool in await tools.list() if tool.name == name]
            if step == "ask" and tool.destructive:
                yield ConfirmationRequest(id=id_, name=name, arguments=call.arguments, summary=f"{name}?")
                return
            outcome = await tools.call(name, call.arguments)
            yield ToolResult(id=id_, name=name, result=outcome.result, is_error=outcome.is_error)
        elif step == "wait":
            await self._wait()
        elif step == "fail":
            yield FAILURE
        elif step == "raise":
            raise RuntimeError("a secret of the provider")
        elif step == "cut":
            yield None

    async def _wait(self) -> None:
        if gate := os.environ.get("SCRIPT_GATE"):
            while not Path(gate).exists():
                await asyncio.sleep(0.02)
        else:
            await self.gate.wait()

    async def check(self) -> ProviderStatus:
        return ProviderStatus(provider=self.provider, available=self.available, reason="no key")

    async def aclose(self) -> None:
        self.gate.set()


def make_scripted(_: Settings) -> Answering:
    return LocalAssistant(Scripted())
