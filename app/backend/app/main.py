"""The ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute

from agent.assistant import load_assistant
from app.activity.router import router as activity_router
from app.admin.router import router as admin_router
from app.attachments.router import router as attachments_router
from app.attachments.storage import make_storage
from app.auth.better_auth import BetterAuthTokens
from app.auth.passwords import Passwords
from app.auth.router import router as auth_router
from app.auth.tokens import AccessTokens
from app.calendar.router import router as calendar_router
from app.categories.router import router as categories_router
from app.chat.assistants import Answering, make_assistants
from app.chat.router import router as chat_router
from app.chat.turns import Turns
from app.confirmation.router import router as confirmation_router
from app.conversations.router import router as conversations_router
from app.database import Database
from app.errors import PROBLEM_RESPONSE, Problem, install_error_handlers
from app.filters.router import router as filters_router
from app.health.router import router as health_router
from app.health.service import ProviderCheck
from app.lifecycle import Lifecycle
from app.logging import configure_logging
from app.mcp.router import router as mcp_router
from app.mcp.service import McpService
from app.metrics import router as metrics_router
from app.middleware import (
    PROBES,
    BodyLimitMiddleware,
    DeadlineMiddleware,
    RequestContextMiddleware,
    ShutdownMiddleware,
)
from app.ratelimit import RateLimiter
from app.reminders.router import router as reminders_router
from app.scheduler.jobs import find_jobs
from app.scheduler.service import Scheduler
from app.settings import Settings, load_agent_settings, load_settings
from app.subtasks.router import router as subtasks_router
from app.tags.router import router as tags_router
from app.tasks.router import router as tasks_router
from app.telemetry import Tracing
from app.transfer.router import router as transfer_router

_API = (
    auth_router,
    confirmation_router,
    tasks_router,
    subtasks_router,
    activity_router,
    reminders_router,
    attachments_router,
    tags_router,
    categories_router,
    filters_router,
    calendar_router,
    transfer_router,
    admin_router,
    conversations_router,
    chat_router,
)
MAXIMUM_BODY_BYTES = 1024 * 1024
MAXIMUM_IMPORT_BYTES = 10 * MAXIMUM_BODY_BYTES
ANSWER_GRACE = 8.0
"""Seconds that the assistant's answers have to come to their end when the process stops."""


def create_app(
    settings: Settings | None = None, make_answering: Callable[[Settings], Answering] = make_assistants
) -> FastAPI:
    """Make the application; without settings they are read from the environment."""
    settings = settings or load_settings()
    configure_logging(settings)
    tracing = Tracing(settings)
    app = FastAPI(
        title=settings.api_title,
        version=settings.api_version,
        debug=settings.debug,
        lifespan=_lifespan,
        # Their pages load scripts from a CDN.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # FastAPI's own log records hold exception messages, and so users' data.
        telemetry={
            "logs": False,
            "metrics": False,
            "tracer_provider": tracing.provider,
            "exclude": lambda scope: scope.get("path") in PROBES,
        },
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = settings
    app.state.tracing = tracing
    app.state.make_answering = make_answering
    if settings.agent_url is None:
        # Before there are workers, which then share its memory.
        load_assistant(load_agent_settings())
    app.state.provider_check = ProviderCheck()
    app.state.lifecycle = Lifecycle()
    app.state.passwords = Passwords(settings)
    app.state.tokens = AccessTokens(settings)
    app.state.better_auth = BetterAuthTokens(settings)
    _add_middleware(app, settings)
    install_error_handlers(app)
    app.include_router(health_router)
    app.include_router(metrics_router)
    app.include_router(mcp_router)
    # Not by a router of their own: FastAPI matches a path anew at each level.
    for router in _API:
        app.include_router(router, prefix=settings.api_prefix, responses=PROBLEM_RESPONSE)
    _describe_problem(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Connections can't be shared with the process that forked this one.
    settings: Settings = app.state.settings
    app.state.database = Database(settings)
    app.state.storage = make_storage(settings)
    app.state.limiter = RateLimiter(app.state.database, settings.jwt_secret.get_secret_value())
    app.state.lifecycle.drain_on_sigterm(settings.shutdown_delay)
    app.state.mcp = McpService(settings)
    app.state.tracing.start()
    try:
        async with app.state.mcp.run(), _scheduler(app.state.database, settings), _assistant(app, settings):
            yield
    finally:
        await app.state.database.close()
        await app.state.tracing.stop()


@asynccontextmanager
async def _assistant(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    app.state.assistant = app.state.make_answering(settings)
    app.state.turns = Turns(app.state.database, settings.chat_lease_seconds)
    try:
        yield
    finally:
        await app.state.turns.drain(ANSWER_GRACE)
        await app.state.assistant.aclose()


@asynccontextmanager
async def _scheduler(database: Database, settings: Settings) -> AsyncIterator[None]:
    if not settings.scheduler_enabled:
        yield
        return
    scheduler = Scheduler(database, settings, find_jobs(settings.jobs_folder))
    running = asyncio.create_task(scheduler.run_forever())
    try:
        yield
    finally:
        # A job that is cut off is undone, and another process does it.
        running.cancel()
        await asyncio.wait([running])


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"],
            expose_headers=["Location", "Retry-After", "X-Request-ID"],
        )
    app.add_middleware(ShutdownMiddleware, lifecycle=app.state.lifecycle)
    uploads = {"/attachments": settings.attachment_max_bytes + MAXIMUM_BODY_BYTES, "/import": MAXIMUM_IMPORT_BYTES}
    app.add_middleware(BodyLimitMiddleware, limit=MAXIMUM_BODY_BYTES, uploads=uploads)
    app.add_middleware(DeadlineMiddleware, seconds=settings.request_timeout)
    app.add_middleware(RequestContextMiddleware)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _describe_problem(app: FastAPI) -> None:
    """Add the schema that PROBLEM_RESPONSE refers to; FastAPI would publish it as plain JSON."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        document["components"]["schemas"] |= {**schema.pop("$defs"), "Problem": schema}
        return document

    app.openapi = openapi  # type: ignore[method-assign]


app = create_app()
