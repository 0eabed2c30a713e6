"""The assistant as a service: turns in, events out. The token that comes along decides whose tasks it works on."""

import asyncio
import re
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import mcp  # noqa: F401  # here, or the first turn would wait for it
import structlog
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from agent.assistant import Assistant, make_assistant
from agent.backend import BackendClient
from agent.base import tools_failure
from agent.events import Done, Event, Usage, to_sse
from agent.logging import configure_logging
from agent.settings import AgentSettings
from agent.tools import McpTools, ToolsUnavailableError
from agent.turn import Turn

MAXIMUM_BODY_BYTES = 4 * 1024 * 1024
_BEARER = re.compile(r"Bearer ([\x21-\x7e]+)", re.IGNORECASE)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger("agent.main")


class Service:
    """The assistant, the tools' address and the backend."""

    def __init__(self, settings: AgentSettings, mcp_url: str) -> None:
        self.settings = settings
        self.assistant: Assistant = make_assistant(settings)
        self.backend = BackendClient(settings.backend_url) if settings.backend_url else None
        self._mcp_url = mcp_url

    async def events(self, turn: Turn, token: str) -> AsyncIterator[Event]:
        """The answer to a turn, with the tools that the token opens; without them no model is asked."""
        started, reason, usage = monotonic(), "cancelled", Usage()
        try:
            async for event in self._answer(turn, token):
                if isinstance(event, Done):
                    reason, usage = event.reason, event.usage
                yield event
        finally:
            seconds = round(monotonic() - started, 3)
            log.info("turn", reason=reason, seconds=seconds, provider=self.assistant.provider, **usage.model_dump())

    async def _answer(self, turn: Turn, token: str) -> AsyncIterator[Event]:
        timeout = self.settings.agent_tools_timeout
        try:
            async with McpTools.connect(self._mcp_url, token, timeout=timeout) as tools:
                async for event in self.assistant.answer(turn, tools):
                    yield event
        except ToolsUnavailableError as error:
            yield tools_failure(error)
            yield Done(reason="error", usage=Usage(), provider=self.assistant.provider)

    async def aclose(self) -> None:
        """Close every connection."""
        await self.assistant.aclose()
        if self.backend:
            await self.backend.aclose()


def create_app(settings: AgentSettings | None = None) -> Starlette:
    """Make the service; without settings they are read from the environment."""
    settings = settings or AgentSettings()
    configure_logging(settings)
    if settings.mcp_url is None:
        raise SystemExit("MCP_SERVER_HOST or BACKEND_URL: one of them must say where the tools are")
    service = Service(settings, settings.mcp_url)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await service.aclose()

    routes = [
        Route("/v1/turns", _turns, methods=["POST"]),
        Route("/health", _health),
        *(Route(path, _ok) for path in ("/livez", "/readyz", "/startupz")),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.service = service
    return app


async def _turns(request: Request) -> Response:
    service: Service = request.app.state.service
    match = _BEARER.fullmatch(request.headers.get("authorization", ""))
    if match is None:
        return _problem(401, "A bearer token is needed.", {"WWW-Authenticate": "Bearer"})
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAXIMUM_BODY_BYTES:
            return _problem(413, f"The body is larger than {MAXIMUM_BODY_BYTES} bytes.")
    try:
        turn = Turn.model_validate_json(bytes(body))
    except ValidationError as error:
        fields = ["body" + "".join(f".{part}" for part in detail["loc"]) for detail in error.errors()]
        return _problem(422, f"Not a turn: {', '.join(fields)}")
    given = request.headers.get("x-request-id", "")
    request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    structlog.contextvars.bind_contextvars(request_id=request_id, conversation_id=str(turn.conversation_id))
    stream = (to_sse(event) async for event in service.events(turn, match[1]))
    headers = {"Cache-Control": "no-store", "X-Request-ID": request_id}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _health(request: Request) -> Response:
    """Whether the service is well; asked deeply, the provider and the backend too."""
    service: Service = request.app.state.service
    health: dict[str, object] = {
        "status": "healthy",
        "agent": service.assistant.name,
        "provider": service.assistant.provider,
    }
    if request.query_params.get("deep") in ("true", "1"):
        provider, backend = await asyncio.gather(service.assistant.check(), _backend_failure(service))
        health[provider.provider] = "available" if provider.available else f"error: {provider.reason}"
        health["backend"] = f"error: {backend}" if backend else "connected"
        if backend or not provider.available:
            return JSONResponse({**health, "status": "unhealthy"}, 503)
    return JSONResponse(health)


async def _backend_failure(service: Service) -> str | None:
    return await service.backend.failure() if service.backend else None


async def _ok(_: Request) -> Response:
    # The process is all there is to ask: what it needs of others it needs only for single turns.
    return JSONResponse({"status": "ok"})


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = {"status": status, "detail": detail}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def __getattr__(name: str) -> Starlette:
    """Make `app` when a server asks for it, so that nothing else needs the settings."""
    if name != "app":
        raise AttributeError(name)
    try:
        app = create_app()
    except ValidationError as error:
        problems = [f"{str(detail['loc'][0]).upper()}: {detail['msg']}" for detail in error.errors(include_input=False)]
        sys.exit("; ".join(problems))
    globals()["app"] = app
    return app
