"""Models of Anthropic, by its SDK."""

from typing import Any, Literal

import anthropic
import httpx2
from anthropic.types import Message, MessageParam, ToolParam, ToolResultBlockParam

from agent.assistant import ProviderStatus
from agent.base import BaseAssistant, Conversation, TurnError
from agent.events import Failure
from agent.providers.failures import CUT, TOO_LONG, SdkErrors, describe
from agent.providers.history import as_text, settled
from agent.providers.prompt import instructions
from agent.providers.transport import KEEPALIVE_SECONDS, timeouts
from agent.settings import AgentSettings
from agent.turn import CalledTool, TurnMessage

_ERRORS = SdkErrors(
    anthropic.APIError, anthropic.APIStatusError, anthropic.APITimeoutError, anthropic.APIConnectionError
)
_REFUSAL = Failure(code="refused", message="The model does not want to answer this.", retryable=False)


class AnthropicAssistant(BaseAssistant):
    """Asks a model in steps, each of which may use tools."""

    provider = "anthropic"

    def __init__(self, settings: AgentSettings) -> None:
        super().__init__(settings)
        key = settings.anthropic_api_key
        self._client = anthropic.AsyncAnthropic(
            api_key=key.get_secret_value() if key else "none",
            base_url=settings.anthropic_base_url,
            max_retries=0,
            timeout=timeouts(settings),
            http_client=anthropic.DefaultAsyncHttpxClient(limits=httpx2.Limits(keepalive_expiry=KEEPALIVE_SECONDS)),
        )

    async def check(self) -> ProviderStatus:
        """Whether the provider takes the key and has the model."""
        try:
            await self._client.models.retrieve(self.settings.anthropic_model)
        except Exception as error:  # noqa: BLE001  # whatever it is, the provider is not available
            failure = self._failure(error)
            return ProviderStatus(
                provider=self.provider, available=False, reason=failure.message if failure else "unknown"
            )
        return ProviderStatus(provider=self.provider, available=True)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _converse(self, conversation: Conversation) -> None:
        descriptions = await conversation.tools_listed()
        destructive = {tool.name for tool in descriptions if tool.destructive}
        tools: list[ToolParam] = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
            for tool in descriptions
        ]
        system = instructions(conversation.turn, self.name)
        messages = _messages(conversation.messages)
        while not conversation.waiting:
            conversation.begin_step()
            message = await self._step(conversation, system, messages, tools)
            if message.stop_reason != "tool_use":
                return
            results: list[ToolResultBlockParam] = []
            calls = _calls(message)
            for call in calls:
                conversation.announce(call)
            for call in calls:
                if call.name in destructive:
                    await conversation.ask(call)
                else:
                    outcome = conversation.report(call, await conversation.try_tool(call))
                    results.append(_result(call.id, outcome.result, is_error=outcome.is_error))
            messages.append({"role": "assistant", "content": message.content})
            messages.append({"role": "user", "content": results})

    async def _step(
        self, conversation: Conversation, system: str, messages: list[MessageParam], tools: list[ToolParam]
    ) -> Message:
        async with self._client.messages.stream(
            model=self.settings.anthropic_model,
            max_tokens=self.settings.agent_answer_tokens,
            system=system,
            messages=messages,
            tools=tools,
        ) as stream:
            async for text in stream.text_stream:
                conversation.say(text)
            message = await stream.get_final_message()
        conversation.spend(message.usage.input_tokens, message.usage.output_tokens)
        match message.stop_reason:
            case None:
                raise TurnError(CUT)
            case "max_tokens":
                raise TurnError(TOO_LONG)
            case "refusal":
                raise TurnError(_REFUSAL)
        return message

    def _failure(self, error: Exception) -> Failure | None:
        return describe(error, _ERRORS)


def _calls(message: Message) -> list[CalledTool]:
    blocks = (block for block in message.content if block.type == "tool_use")
    return [CalledTool(id=b.id, name=b.name, arguments=b.input if isinstance(b.input, dict) else {}) for b in blocks]


def _result(call_id: str, result: object, *, is_error: bool) -> ToolResultBlockParam:
    return {"type": "tool_result", "tool_use_id": call_id, "content": as_text(result), "is_error": is_error}


def _messages(messages: list[TurnMessage]) -> list[MessageParam]:
    """User and assistant in turns; results of tools are the user's."""
    found: list[tuple[Literal["assistant", "user"], list[Any]]] = []
    for message in settled(messages):
        blocks: list[Any] = [{"type": "text", "text": message.content}] if message.content else []
        blocks += [
            {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}
            for call in message.tool_calls or ()
        ]
        if message.role == "tool":
            blocks = [_result(message.tool_call_id or "", message.tool_result, is_error=False)]
        role: Literal["assistant", "user"] = "assistant" if message.role == "assistant" else "user"
        if not found or found[-1][0] != role:
            found.append((role, []))
        found[-1][1].extend(blocks)
    return [_param(role, blocks) for role, blocks in found]


def _param(role: Literal["assistant", "user"], blocks: list[Any]) -> MessageParam:
    return {"role": "assistant", "content": blocks} if role == "assistant" else {"role": "user", "content": blocks}
