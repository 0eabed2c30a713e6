"""What happens around every request: its id, its line in the log, and the last net for errors."""

import re
import time
import uuid
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import problem_response

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
_PROBES = {"/health", "/livez", "/readyz", "/startupz"}

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

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_headers)
            except Exception as error:
                log.exception("request failed", exc_info=error)
                if not status:
                    response = problem_response(500, "Something went wrong on our side.")
                    await response(scope, receive, send_with_headers)
            finally:
                _log_request(scope, status, time.perf_counter() - started)


class BodyLimitMiddleware:
    """Refuses bodies of more than `limit` bytes, declared or not; FastAPI's own limit answers in plain text."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The limit is {self._limit} bytes.")
            return message

        await self._app(scope, receive_within_limit, send)


def _request_id(given: str | None) -> str:
    return given if given and _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    write = log.debug if scope["path"] in _PROBES and status < 500 else log.info
    write("request", method=scope["method"], route=_route(scope), status=status, ms=round(seconds * 1000, 1))


def _route(scope: Scope) -> str:
    """The path with its parameters' names in place of their values."""
    if "route" not in scope:
        return "unmatched"
    path: str = scope["path"]
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(str(value), f"{{{name}}}")
    return path
