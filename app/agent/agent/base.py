"""What every assistant does alike: bounds, confirmations, the end of a turn."""

import abc
import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

from agent.assistant import ProviderStatus
from agent.confirmation import summarize
from agent.events import ConfirmationRequest, Done, Event, Failure, Reason, TextDelta, ToolCall, ToolResult, Usage
from agent.settings import AgentSettings
from agent.tools import ToolDescription, ToolOutcome, Tools, ToolsUnavailableError
from agent.turn import CalledTool, Turn, TurnMessage

log = logging.getLogger("agent")

DECLINED = ToolOutcome(result={"error": "The person did not agree; nothing was done."}, is_error=True)


class TurnError(Exception):
    """Ends a turn, with what the person is told."""

    def __init__(self, failure: Failure, reason: Reason = "error") -> None:
        super().__init__(failure.code)
        self.failure = failure
        self.reason = reason


def tools_failure(error: ToolsUnavailableError) -> Failure:
    """What the person is told when the tools can't be used."""
    if error.refused:
        return Failure(code="not_authorized", message="Please sign in again.", retryable=False)
    return Failure(code="tools_unavailable", message="Your tasks can't be reached right now.", retryable=True)


class Conversation:
    """One turn at work: what is said and done goes out as events, in that order."""

    def __init__(self, turn: Turn, tools: Tools, settings: AgentSettings) -> None:
        self.turn = turn
        self.tools = tools
        self.messages: list[TurnMessage] = list(turn.messages)
        self.usage = Usage()
        self.waiting = False
        self.max_steps = min(turn.limits.steps or settings.agent_max_steps, settings.agent_max_steps)
        self.max_tokens = min(turn.limits.tokens or settings.agent_max_tokens, settings.agent_max_tokens)
        self.seconds = min(turn.limits.seconds or settings.agent_turn_timeout, settings.agent_turn_timeout)
        self.events: asyncio.Queue[Event | None] = asyncio.Queue()

    def say(self, text: str) -> None:
        """The next piece of the answer."""
        if text:
            self.events.put_nowait(TextDelta(text=text))

    async def tools_listed(self) -> Sequence[ToolDescription]:
        """Every tool; raises TurnError if nobody answers."""
        try:
            return await self.tools.list()
        except ToolsUnavailableError as error:
            raise TurnError(tools_failure(error)) from None

    async def try_tool(self, call: CalledTool) -> ToolOutcome:
        """Call a tool and tell nobody; raises TurnError if nobody answers."""
        try:
            return await self.tools.call(call.name, call.arguments)
        except ToolsUnavailableError as error:
            raise TurnError(tools_failure(error)) from None

    async def use(self, name: str, arguments: dict[str, Any]) -> ToolOutcome:
        """Announce a call, make it, and report what came of it; raises TurnError if nobody answers."""
        call = new_call(name, arguments)
        self.announce(call)
        return self.report(call, await self.try_tool(call))

    def announce(self, call: CalledTool) -> None:
        """A call begins."""
        self.events.put_nowait(ToolCall(id=call.id, name=call.name, arguments=call.arguments))

    def report(self, call: CalledTool, outcome: ToolOutcome) -> ToolOutcome:
        """A call has ended."""
        result = ToolResult(id=call.id, name=call.name, result=outcome.result, is_error=outcome.is_error)
        self.events.put_nowait(result)
        return outcome

    async def ask(self, call: CalledTool) -> None:
        """Leave a call that was announced to the person's word; the turn is to end."""
        summary = await summarize(call, self.tools)
        self.waiting = True
        request = ConfirmationRequest(id=call.id, name=call.name, arguments=call.arguments, summary=summary)
        self.events.put_nowait(request)

    async def resume(self) -> None:
        """Carry out the calls that waited and were agreed to, and none of the others."""
        if self.turn.messages[-1].role == "user":
            return
        for call in self.turn.pending:
            agreed = self.turn.confirmed.get(call.id, False)
            outcome = self.report(call, await self.try_tool(call) if agreed else DECLINED)
            self.messages.append(
                TurnMessage(role="tool", tool_call_id=call.id, tool_name=call.name, tool_result=outcome.result)
            )

    def begin_step(self) -> None:
        """Count an answer of the model; raises TurnError if it may not give another."""
        if self.usage.steps >= self.max_steps:
            raise TurnError(
                Failure(
                    code="step_limit",
                    message=f"This took more than {self.max_steps} steps, so I stopped. Ask for less at once.",
                    retryable=False,
                ),
                "limit",
            )
        self.usage += Usage(steps=1)

    def spend(self, input_tokens: int, output_tokens: int) -> None:
        """Count tokens; raises TurnError if they are more than the turn may take."""
        self.usage += Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        if self.usage.input_tokens + self.usage.output_tokens > self.max_tokens:
            raise TurnError(
                Failure(
                    code="token_limit",
                    message="This took more than one message may take, so I stopped. Ask for less, or start anew.",
                    retryable=False,
                ),
                "limit",
            )


def new_call(name: str, arguments: dict[str, Any]) -> CalledTool:
    """A call of one's own."""
    return CalledTool(id=f"call_{uuid.uuid4().hex}", name=name, arguments=arguments)


class BaseAssistant(abc.ABC):
    """Answers turns, each within its bounds and to its end."""

    provider: str

    def __init__(self, settings: AgentSettings) -> None:
        self.settings = settings
        self.name = settings.agent_name

    async def answer(self, turn: Turn, tools: Tools) -> AsyncIterator[Event]:
        """The answer as it comes about."""
        conversation = Conversation(turn, tools, self.settings)
        # In a task of its own, so that a time-out ends the work and never who reads the answer.
        work = asyncio.create_task(self._work(conversation))
        try:
            while event := await conversation.events.get():
                yield event
        finally:
            work.cancel()
            await asyncio.wait([work])

    async def check(self) -> ProviderStatus:
        """Whether there is somebody to answer."""
        return ProviderStatus(provider=self.provider, available=True)

    async def aclose(self) -> None:  # noqa: B027  # not every assistant has something to close
        """Close what is open."""

    @abc.abstractmethod
    async def _converse(self, conversation: Conversation) -> None:
        """Answer; raises TurnError, or anything that `_failure` knows."""

    def _failure(self, error: Exception) -> Failure | None:  # noqa: ARG002
        """What the person is told about an error of the provider's; None if it is none."""
        return None

    async def _work(self, conversation: Conversation) -> None:
        reason: Reason = "error"
        try:
            async with asyncio.timeout(conversation.seconds):
                await conversation.resume()
                await self._converse(conversation)
            reason = "confirmation" if conversation.waiting else "answered"
        except TurnError as error:
            conversation.events.put_nowait(error.failure)
            reason = error.reason
        except TimeoutError:
            conversation.events.put_nowait(
                Failure(code="turn_timeout", message="This took too long, so I stopped.", retryable=True)
            )
        except Exception as error:  # noqa: BLE001  # the answer ends with events, whatever happens
            conversation.events.put_nowait(self._failure(error) or _unexpected(error))
        finally:
            conversation.events.put_nowait(Done(reason=reason, usage=conversation.usage, provider=self.provider))
            conversation.events.put_nowait(None)


def _unexpected(error: Exception) -> Failure:
    # Its text may hold what a person wrote, or a provider's; the kind and the place are enough to look for it.
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    log.error("turn failed: %s at %s", type(error).__qualname__, place)
    return Failure(code="internal", message="Something went wrong on our side.", retryable=True)
