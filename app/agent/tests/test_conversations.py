"""Whole conversations by a script of chance, with every fault a provider has: what was streamed is what was sent."""

import asyncio
import itertools
import os
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.assistant import Assistant, make_assistant
from agent.settings import AgentSettings
from agent.turn import TurnMessage

from .recorder import Recorder
from .standins import KEY, Call, Fault, StandIn, Step
from .test_providers import FAILURES, settings
from .test_sentences import TABLE
from .world import World

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)
CONVERSATIONS = int(os.environ.get("CONVERSATIONS", "100"))
AT_ONCE = 20
WORDS = ("The ", "milk ", "is ", "due ", "tomorrow. ", "Größe ", "🧀 ", "\n", '"', "done ")
# One that waits for a time-out is enough for each provider.
_FAULTS: tuple[Fault, ...] = tuple(fault for fault in FAILURES if fault != "slow")


class Play:
    """One conversation: what the provider says to each message, and whether the person agrees to deletions."""

    def __init__(self, number: int, assistant: Assistant, provider: StandIn) -> None:
        self.chance = random.Random(number)  # noqa: S311  # a script, not a secret
        self.first = f"conversation {number}"
        self.assistant, self.provider = assistant, provider
        self.ids = itertools.count()
        self.world = World(NOW)
        for i in range(3):
            self.world.add(f"{number} {i}", title=f"Task {i}")
        self.recorder = Recorder(NOW)

    def _text(self) -> str:
        return "".join(self.chance.choices(WORDS, k=self.chance.randint(1, 30))).strip()

    def _call(self) -> Call:
        some_id = self.chance.choice([*self.world.tasks, "nobody's"])
        name, arguments = self.chance.choice(
            [
                ("list_tasks", dict[str, Any]()),
                ("add_task", {"title": self._text() or "x"}),
                ("update_task", {"task_id": some_id, "priority": "high"}),
                ("complete_task", {"task_id": some_id}),
                ("delete_task", {"task_id": some_id}),
                ("no_such_tool", {"a": [1, None, {"b": "ü"}]}),
            ]
        )
        return Call(f"call_{next(self.ids)}", name, arguments)

    def _steps(self) -> list[Step]:
        """Some answers with calls, and a last one: without calls, with a deletion, or a fault."""
        steps = []
        for _ in range(self.chance.randint(0, 3)):
            steps.append(Step(self._text(), tuple(self._call() for _ in range(self.chance.randint(1, 3)))))
            if any(call.name == "delete_task" for call in steps[-1].calls):
                return steps
        fault = self.chance.choice(_FAULTS) if self.chance.random() < 0.3 else None
        return [*steps, Step(self._text() or "x", fault=fault)]

    async def run(self) -> None:
        """Talk."""
        for number in range(self.chance.randint(1, 4)):
            steps = self._steps()
            self.provider.scripts[self.first] = list(steps)
            if self.recorder.messages and self.recorder.confirmations and self.chance.random() < 0.7:
                answers = {question.id: self.chance.random() < 0.5 for question in self.recorder.confirmations}
                await self._record(answers)
            else:
                self.recorder.say(f"message {number}" if number else self.first)
                await self._record({})
            self._compare(steps)

    async def _record(self, answers: dict[str, bool]) -> None:
        before = len(self.recorder.messages)
        seen = len(self.provider.requests)
        await self.recorder.record(self.assistant.answer(self.recorder.turn(answers), self.world))
        own = [r for r in self.provider.requests[seen:] if _first(r) == self.first]
        if own and before > 1:
            # What the provider was told of is what was stored, word for word.
            assert _texts(own[0]) == [m.content for m in self.recorder.messages[:before] if _is_text(m)]

    def _compare(self, steps: Sequence[Step]) -> None:
        last = steps[-1]
        assert self.recorder.text == "".join(step.sent for step in steps)
        assert self.provider.scripts[self.first] == []
        calls = [(call.id, call.name, call.arguments) for step in steps for call in step.calls]
        streamed = [e for e in self.recorder.events if e.type == "tool_call"]
        assert [(event.id, event.name, event.arguments) for event in streamed] == calls
        deletions = [call.id for call in last.calls if call.name == "delete_task"]
        assert [question.id for question in self.recorder.confirmations] == deletions
        if last.fault:
            assert self.recorder.failure
            assert self.recorder.failure.code == FAILURES[last.fault][0]
        else:
            assert self.recorder.reason == ("confirmation" if deletions else "answered")
        assert KEY not in "".join(event.model_dump_json() for event in self.recorder.events)


def _is_text(message: TurnMessage) -> bool:
    return message.role in ("user", "assistant") and bool(message.content)


def _blocks(message: dict[str, Any]) -> list[str]:
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    return [block["text"] for block in content or () if block["type"] == "text"]


def _texts(request: dict[str, Any]) -> list[str]:
    """The texts of people and models in a request."""
    spoken = (message for message in request["messages"] if message["role"] in ("user", "assistant"))
    return [text for message in spoken for text in _blocks(message) if text]


def _first(request: dict[str, Any]) -> str:
    return _texts(request)[0]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_scripted_conversations(provider: str) -> None:
    async with StandIn().serve() as server:
        assistant = make_assistant(settings(provider, server.url))
        plays = (Play(number, assistant, server) for number in range(CONVERSATIONS // 2))

        async def work() -> None:
            for play in plays:
                await play.run()

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
        await assistant.aclose()
    assert len(server.requests) > CONVERSATIONS


async def test_a_conversation_with_rules() -> None:
    assistant = make_assistant(AgentSettings(agent_provider="rules"))
    chance = random.Random(1)  # noqa: S311  # a script, not a secret
    world = World(NOW)
    recorder = Recorder(NOW)
    for row in chance.sample(TABLE["sentences"], 60):
        recorder.say(row["say"])
        await recorder.record(assistant.answer(recorder.turn(), world))
        assert recorder.failure is None
        if recorder.confirmations:
            await recorder.record(
                assistant.answer(recorder.turn({question.id: True for question in recorder.confirmations}), world)
            )
            assert recorder.reason == "answered"
    assert [m.role for m in recorder.messages].count("user") == 60
