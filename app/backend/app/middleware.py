"""What happens around every request: its id, its line in the log, and the last net for errors."""

import asyncio
import re
import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from http import HTTPStatus

import structlog
from opentelemetry import trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import METHODS, problem_response
from app.lifecycle import Lifecycle
from app.metrics import REQUESTS

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
PROBES = {"/health", "/livez", "/readyz", "/startupz", "/metrics"}
"""What machines ask for every few seconds."""

log = structlog.get_logger("app.request")


class RequestContextMiddleware:
    """Binds the request's id to the log, answers what nobody caught with 500, and writes the access log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get("x-request-id"))
        status = 0
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id, **_trace(request_id)):
            try:
                await self._app(scope, receive, send_with_headers)
            except Exception as error:
                log.exception("request failed", exc_info=error)
                if not status:
                    response = problem_response(500, "Something went wrong on our side.")
                    await response(scope, receive, send_with_headers)
            finally:
                _record(scope, status, time.perf_counter() - started)


class DeadlineMiddleware:
    """Answers 503 when `seconds` after the last of its body a request has no answer; an answer may take its time."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        deadline = asyncio.timeout(self._seconds)

        async def receive_and_extend() -> Message:
            message = await receive()
            if deadline.when() is not None and not deadline.expired():
                deadline.reschedule(asyncio.get_running_loop().time() + self._seconds)
            return message

        async def send_and_lift(message: Message) -> None:
            if not deadline.expired():
                deadline.reschedule(None)
            await send(message)

        try:
            async with deadline:
                await self._app(scope, receive_and_extend, send_and_lift)
        except TimeoutError:
            if not deadline.expired():
                raise
            response = problem_response(503, "The request took too long.", headers={"Retry-After": "1"})
            await response(scope, receive, send)


class ShutdownMiddleware:
    """Lets clients go in good order before the server stops.

    Each answer is the last one of its connection, so that no request is sent into one that is just being closed.
    Streams of events end as a stream ends; the server would wait for them for ever.
    """

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self._app = app
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        task = asyncio.current_task()
        with ExitStack() as stack:

            async def send_and_part(message: Message) -> None:
                if message["type"] == "http.response.start" and task:
                    headers = MutableHeaders(scope=message)
                    if self._lifecycle.draining:
                        headers["Connection"] = "close"
                    if headers.get("content-type", "").startswith("text/event-stream"):
                        stack.enter_context(self._lifecycle.stream(task))
                await send(message)

            try:
                await self._app(scope, receive, send_and_part)
            except asyncio.CancelledError:
                if not self._lifecycle.stopping or not task or not task.cancelling():
                    raise
                task.uncancel()
                await send({"type": "http.response.body", "body": b"", "more_body": False})


class BodyLimitMiddleware:
    """Refuses bodies of more than `limit` bytes, declared or not; FastAPI's own limit answers in plain text.

    Paths that end as a key of `uploads` have a limit of their own.
    """

    def __init__(self, app: ASGIApp, limit: int, uploads: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        limit = next((size for end, size in self._uploads.items() if path.endswith(end)), self._limit)
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The limit is {limit} bytes.")
            return message

        await self._app(scope, receive_within_limit, send)


def _request_id(given: str | None) -> str:
    return given if given and _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def _trace(request_id: str) -> dict[str, str]:
    """What leads from the log to the trace; the span's attribute leads back."""
    span = trace.get_current_span()
    if not span.is_recording():
        return {}
    span.set_attribute("app.request_id", request_id)
    return {"trace_id": trace.format_trace_id(span.get_span_context().trace_id)}


def _record(scope: Scope, status: int, seconds: float) -> None:
    route, method = _route(scope), scope["method"] if scope["method"] in METHODS else "other"
    REQUESTS.labels(method, route, status).observe(seconds)
    write = log.debug if scope["path"] in PROBES and status < 500 else log.info
    write("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _route(scope: Scope) -> str:
    """The path with its parameters' names in place of their values."""
    if "route" not in scope:
        return "unmatched"
    path: str = scope["path"]
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(_as_written(path, value), f"{{{name}}}")
    return path


def _as_written(path: str, value: object) -> str:
    """A parameter as it stands in the path; ids may be written in several ways."""
    if not isinstance(value, uuid.UUID):
        return str(value)
    return next(part for part in path.split("/") if part.replace("-", "").lower() == value.hex)
