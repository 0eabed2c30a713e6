"""A conversation as models take it: every call is followed by its result."""

from collections.abc import Sequence

from pydantic_core import to_json

from agent.turn import TurnMessage

MOST_MESSAGES = 60

_NOT_DONE = {"error": "This was not carried out."}


def settled(messages: Sequence[TurnMessage]) -> list[TurnMessage]:
    """The last part of a conversation, from a message of the person's on; calls that were never carried out say so."""
    recent = list(messages[-MOST_MESSAGES:])
    first = next((i for i, message in enumerate(recent) if message.role == "user"), 0)
    results = {message.tool_call_id: message for message in recent if message.role == "tool"}
    found: list[TurnMessage] = []
    for message in recent[first:]:
        if message.role == "tool" or (message.role == "assistant" and not (message.content or message.tool_calls)):
            continue
        found.append(message)
        for call in message.tool_calls or ():
            unanswered = TurnMessage(role="tool", tool_call_id=call.id, tool_name=call.name, tool_result=_NOT_DONE)
            found.append(results.get(call.id, unanswered))
    return found


def as_text(result: object) -> str:
    """A tool's result as a model reads it."""
    return to_json(result).decode()
