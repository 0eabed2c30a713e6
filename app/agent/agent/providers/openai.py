"""Models of OpenAI, and of any server that speaks its chat completions, by the Agents SDK."""

import json
from typing import Any

import openai
from agents import (
    Agent,
    AgentsException,
    FunctionTool,
    MaxTurnsExceeded,
    ModelBehaviorError,
    ModelSettings,
    OpenAIChatCompletionsModel,
    RunConfig,
    Runner,
    RunResultStreaming,
    Tool,
    set_tracing_disabled,
)
from agents.items import ToolCallItem, ToolCallOutputItem, TResponseInputItem
from agents.tool_context import ToolContext
from openai.types.responses import ResponseCompletedEvent, ResponseFunctionToolCall, ResponseTextDeltaEvent

from agent.assistant import ProviderStatus
from agent.base import BaseAssistant, Conversation, TurnError
from agent.events import Failure
from agent.providers.failures import CUT, TOO_LONG, SdkErrors, describe
from agent.providers.history import as_text, settled
from agent.providers.prompt import instructions
from agent.providers.transport import CompleteStreams, timeouts
from agent.settings import AgentSettings
from agent.tools import ToolDescription, ToolOutcome
from agent.turn import CalledTool, TurnMessage

# The SDK would send what is said to OpenAI's tracing, whoever the model's provider is.
set_tracing_disabled(True)

_ERRORS = SdkErrors(openai.APIError, openai.APIStatusError, openai.APITimeoutError, openai.APIConnectionError)
_UNREADABLE = ToolOutcome(result={"error": "The arguments are not a JSON object."}, is_error=True)


class OpenAIAssistant(BaseAssistant):
    """Asks a model in steps, each of which may use tools."""

    provider = "openai"

    def __init__(self, settings: AgentSettings) -> None:
        super().__init__(settings)
        self.provider = settings.provider
        key = settings.openai_api_key
        self._client = openai.AsyncOpenAI(
            # A server of one's own may want no key, but the SDK does.
            api_key=key.get_secret_value() if key else "none",
            base_url=settings.openai_base_url,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpx2Client(transport=CompleteStreams(), timeout=timeouts(settings)),
        )
        tokens = settings.agent_answer_tokens
        # Newer models of OpenAI's know only one name for it, and other servers only the other.
        by_openai = self.provider == "openai"
        self._model_settings = ModelSettings(
            include_usage=True,
            store=False if by_openai else None,
            max_tokens=None if by_openai else tokens,
            extra_args={"max_completion_tokens": tokens} if by_openai else None,
        )
        self._model = OpenAIChatCompletionsModel(settings.openai_model, self._client)

    async def check(self) -> ProviderStatus:
        """Whether the provider takes the key and, where that is OpenAI, has the model."""
        try:
            if self.provider == "openai":
                await self._client.models.retrieve(self.settings.openai_model)
            else:
                # Not every server tells of a single model, or calls it by the name by which it can be used.
                await self._client.models.list()
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
        workbench = _Workbench(conversation)
        agent = Agent(
            name=self.name,
            instructions=instructions(conversation.turn, self.name),
            model=self._model,
            model_settings=self._model_settings,
            tools=[workbench.tool(description) for description in await conversation.tools_listed()],
        )
        run = Runner.run_streamed(
            agent,
            _items(conversation.messages),
            max_turns=conversation.max_steps,
            run_config=RunConfig(tracing_disabled=True, tool_not_found_behavior="return_error_to_model"),
        )
        try:
            await self._follow(run, conversation, workbench)
        except MaxTurnsExceeded:
            conversation.begin_step()
            raise
        except AgentsException:
            if workbench.error:
                raise workbench.error from None
            raise
        finally:
            run.cancel()

    async def _follow(self, run: RunResultStreaming, conversation: Conversation, workbench: "_Workbench") -> None:
        async for event in run.stream_events():
            if event.type == "raw_response_event":
                if isinstance(event.data, ResponseTextDeltaEvent):
                    conversation.say(event.data.delta)
                elif isinstance(event.data, ResponseCompletedEvent):
                    usage = event.data.response.usage
                    conversation.begin_step()
                    conversation.spend(usage.input_tokens if usage else 0, usage.output_tokens if usage else 0)
                    # The SDK does not say that an answer was cut at its longest.
                    if usage and usage.output_tokens >= self.settings.agent_answer_tokens:
                        raise TurnError(TOO_LONG)
            elif event.type == "run_item_stream_event":
                if isinstance(event.item, ToolCallItem) and isinstance(event.item.raw_item, ResponseFunctionToolCall):
                    workbench.announce(event.item.raw_item)
                elif isinstance(event.item, ToolCallOutputItem):
                    workbench.report(event.item)
        for interruption in run.interruptions:
            await conversation.ask(workbench.calls[interruption.call_id or ""])

    def _failure(self, error: Exception) -> Failure | None:
        if isinstance(error, ModelBehaviorError):
            return CUT
        return describe(error, _ERRORS)


class _Workbench:
    """The tools in the SDK's hands. What they did is told in the order of the SDK's own events."""

    def __init__(self, conversation: Conversation) -> None:
        self.error: TurnError | None = None
        self.calls: dict[str, CalledTool] = {}
        self._conversation = conversation
        self._outcomes: dict[str, ToolOutcome] = {}

    def tool(self, description: ToolDescription) -> Tool:
        """A tool as the SDK takes it; a destructive one ends the run before it is used."""

        async def invoke(context: ToolContext[Any], text: str) -> str:
            call_id, arguments = context.tool_call_id, _arguments(text)
            call = CalledTool(id=call_id, name=description.name, arguments=arguments or {})
            try:
                outcome = _UNREADABLE if arguments is None else await self._conversation.try_tool(call)
            except TurnError as error:
                self.error = error
                raise
            self._outcomes[call_id] = outcome
            return as_text(outcome.result)

        return FunctionTool(
            name=description.name,
            description=description.description,
            params_json_schema=description.input_schema,
            on_invoke_tool=invoke,
            strict_json_schema=False,
            needs_approval=description.destructive,
        )

    def announce(self, item: ResponseFunctionToolCall) -> None:
        """A call begins."""
        call = CalledTool(id=item.call_id, name=item.name, arguments=_arguments(item.arguments) or {})
        self.calls[call.id] = call
        self._conversation.announce(call)

    def report(self, item: ToolCallOutputItem) -> None:
        """A call has ended; the SDK itself answers one of a tool that is not there."""
        unknown = ToolOutcome(result={"error": str(item.output)}, is_error=True)
        call = self.calls[item.call_id or ""]
        self._conversation.report(call, self._outcomes.pop(call.id, unknown))


def _arguments(text: str) -> dict[str, Any] | None:
    try:
        arguments = json.loads(text or "{}")
    except ValueError:
        return None
    return arguments if isinstance(arguments, dict) else None


def _items(messages: list[TurnMessage]) -> list[TResponseInputItem]:
    items: list[TResponseInputItem] = []
    for message in settled(messages):
        if message.role == "tool":
            call_id, output = message.tool_call_id or "", as_text(message.tool_result)
            items.append({"type": "function_call_output", "call_id": call_id, "output": output})
            continue
        if message.content:
            items.append({"role": message.role, "content": message.content})
        for call in message.tool_calls or ():
            arguments = json.dumps(call.arguments)
            items.append({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments})
    return items
