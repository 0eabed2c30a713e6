"""Servers that speak the providers' protocols and say what a script tells them, for the providers' real SDKs.

`python -m tests.standins PORT TEXT` serves one that says the same to everybody.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .serving import serve

Fault = Literal[
    "rate_limited",
    "quota",
    "refused",
    "rejected",
    "failed",
    "overloaded",
    "slow",
    "broken",
    "ended",
    "error_event",
    "long",
]
KEY = "sk-canary-0123456789"
PIECE = 7
TOKENS = 10

Messages = list[dict[str, Any]]


@dataclass(frozen=True)
class Call:
    """A tool that the model wants used."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One answer of the model; what a fault lets through of its text comes before it."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    fault: Fault | None = None
    raw_arguments: str | None = None

    @property
    def sent(self) -> str:
        """The text that goes out whole."""
        if self.fault in ("broken", "ended", "error_event"):
            return self.text[: len(self.text) // 2 // PIECE * PIECE]
        return "" if self.fault and self.fault != "long" else self.text


@dataclass
class StandIn:
    """A provider. Scripts go by the first thing that the person says in a conversation."""

    scripts: dict[str, list[Step]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=lambda: {"gpt-5-mini", "claude-haiku-4-5"})
    url: str = ""
    pause: float = 0
    """Seconds before each piece."""

    def next_step(self, first: str) -> Step:
        """What to say now."""
        return self.scripts[first].pop(0)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["StandIn"]:
        """Listen on a free port."""
        async with serve(self.app()) as self.url:
            yield self

    def app(self) -> Starlette:
        """The application, for any server."""
        routes = [
            Route("/v1/chat/completions", self._completions, methods=["POST"]),
            Route("/v1/messages", self._messages, methods=["POST"]),
            Route("/v1/models", self._list_models),
            Route("/v1/models/{model:path}", self._model),
        ]
        return Starlette(routes=routes)

    async def _list_models(self, _: Request) -> Response:
        if not self.models:
            return _error(503, "no model is loaded")
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})

    async def _model(self, request: Request) -> Response:
        model = request.path_params["model"]
        if model not in self.models:
            return JSONResponse({"error": {"message": f"no model for {KEY}", "type": "not_found_error"}}, 404)
        return JSONResponse(
            {
                "id": model,
                "object": "model",
                "created": 1,
                "owned_by": "us",
                "type": "model",
                "display_name": model,
                "created_at": "2026-01-01T00:00:00Z",
            }
        )

    async def _completions(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(body)
        self.keys.add(request.headers["authorization"].removeprefix("Bearer "))
        if problem := _openai_problem(body):
            return _error(400, problem)
        first = next(message["content"] for message in body["messages"] if message["role"] == "user")
        step = self.next_step(first)
        return _refusal(step) or _stream(step, _completion_chunks(step, body), self.pause)

    async def _messages(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(body)
        self.keys.add(request.headers["authorization"].removeprefix("Bearer "))
        if problem := _anthropic_problem(body):
            return _error(400, problem)
        step = self.next_step(body["messages"][0]["content"][0]["text"])
        return _refusal(step) or _stream(step, _message_events(step), self.pause)


def _error(status: int, message: str, kind: str = "api_error", **headers: str) -> Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    # Real providers repeat part of the key in their texts.
    error = {"message": f"{message} (key {KEY})", "type": kind, "code": kind}
    return JSONResponse({"type": "error", "error": error}, status, headers=named)


_REFUSALS: dict[str, tuple[int, str, str, dict[str, str]]] = {
    "rate_limited": (429, "slow down", "rate_limit_error", {"retry_after": "7"}),
    "quota": (429, "pay first", "insufficient_quota", {}),
    "refused": (401, "bad key", "authentication_error", {}),
    "rejected": (404, "no such model", "not_found_error", {}),
    "failed": (500, "oh no", "api_error", {}),
    "overloaded": (529, "busy", "overloaded_error", {}),
}


def _refusal(step: Step) -> Response | None:
    if step.fault not in _REFUSALS:
        return None
    status, message, kind, headers = _REFUSALS[step.fault]
    return _error(status, message, kind, **headers)


def _stream(step: Step, lines: Iterator[str], pause: float) -> Response:
    async def body() -> AsyncIterator[str]:
        if step.fault == "slow":
            yield ": nothing yet\n\n"
            await asyncio.sleep(3600)
        for line in lines:
            yield line
            await asyncio.sleep(pause)
        if step.fault == "broken":
            raise ConnectionResetError

    return StreamingResponse(body(), media_type="text/event-stream")


def _pieces(text: str) -> Iterator[str]:
    return (text[i : i + PIECE] for i in range(0, len(text), PIECE))


def _openai_problem(body: dict[str, Any]) -> str | None:
    """What the real server would not take."""
    if not body["stream"]:
        return "this server only streams"
    waiting: list[str] = []
    for message in body["messages"]:
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                return "a tool message without its call"
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            return "tool_calls must be followed by tool messages"
        waiting = [call["id"] for call in message.get("tool_calls") or ()]
    return "tool_calls must be followed by tool messages" if waiting else None


def _completion_chunks(step: Step, body: dict[str, Any]) -> Iterator[str]:
    def chunk(delta: dict[str, Any], reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return _data(_completion(body["model"]) | {"choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    for piece in _pieces(step.sent):
        yield chunk({"content": piece})
    if step.fault in ("broken", "ended"):
        return
    if step.fault == "error_event":
        yield _data({"error": {"message": f"oh no ({KEY})", "type": "server_error", "code": None}})
        return
    for index, call in enumerate(step.calls):
        arguments = json.dumps(call.arguments) if step.raw_arguments is None else step.raw_arguments
        function = {"name": call.name, "arguments": ""}
        yield chunk({"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]})
        for piece in _pieces(arguments):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, "length" if step.fault == "long" else "tool_calls" if step.calls else "stop")
    if body.get("stream_options", {}).get("include_usage"):
        most = body.get("max_completion_tokens") or body["max_tokens"]
        written = most if step.fault == "long" else TOKENS
        usage = {"prompt_tokens": TOKENS, "completion_tokens": written, "total_tokens": TOKENS + written}
        yield _data(_completion(body["model"]) | {"choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


def _completion(model: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}


def _data(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"


def _anthropic_problem(body: dict[str, Any]) -> str | None:
    """What the real server would not take."""
    waiting: set[str] = set()
    expected = "user"
    for message in body["messages"]:
        blocks = message["content"]
        results = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        if message["role"] != expected or not blocks:
            return "roles must alternate, and no message may be empty"
        if results != waiting:
            return "each tool_use block must have its tool_result in the next message"
        if any(block["type"] == "text" and not block["text"] for block in blocks):
            return "text content blocks must be non-empty"
        waiting = {block["id"] for block in blocks if block["type"] == "tool_use"}
        expected = "assistant" if expected == "user" else "user"
    return "the last message must be the user's" if expected == "user" else None


def _message_events(step: Step) -> Iterator[str]:
    def event(type: str, **data: Any) -> str:  # noqa: A002  # the protocol's name
        return f"event: {type}\ndata: {json.dumps({'type': type, **data})}\n\n"

    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "claude-haiku-4-5",
    }
    message |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": TOKENS, "output_tokens": 1}}
    yield event("message_start", message=message)
    yield event("ping")
    if step.text:
        yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for piece in _pieces(step.sent):
            yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
        if step.fault in ("broken", "ended"):
            return
        if step.fault == "error_event":
            yield event("error", error={"type": "overloaded_error", "message": f"oh no ({KEY})"})
            return
        yield event("content_block_stop", index=0)
    for index, call in enumerate(step.calls, 1 if step.text else 0):
        block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
        yield event("content_block_start", index=index, content_block=block)
        arguments = json.dumps(call.arguments) if step.raw_arguments is None else step.raw_arguments
        for piece in _pieces(arguments):
            yield event("content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": piece})
        yield event("content_block_stop", index=index)
    reason = "max_tokens" if step.fault == "long" else "tool_use" if step.calls else "end_turn"
    delta: dict[str, Any] = {"stop_reason": reason, "stop_sequence": None}
    yield event("message_delta", delta=delta, usage={"output_tokens": TOKENS})
    yield event("message_stop")


class Repeating(StandIn):
    """Says the same text to everybody."""

    def __init__(self, text: str, pause: float = 0) -> None:
        super().__init__(pause=pause)
        self._step = Step(text)

    def next_step(self, first: str) -> Step:  # noqa: ARG002
        """The text."""
        return self._step


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("text")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--pause", type=float, default=0, help="seconds before each piece")
    said = parser.parse_args()
    app = Repeating(said.text, said.pause).app()
    uvicorn.run(app, host=said.host, port=said.port, log_level="critical", access_log=False)
