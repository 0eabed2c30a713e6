"""The ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute

from app.auth.better_auth import BetterAuthTokens
from app.auth.passwords import Passwords
from app.auth.router import router as auth_router
from app.auth.tokens import AccessTokens
from app.database import Database
from app.errors import PROBLEM_RESPONSE, Problem, install_error_handlers
from app.health.router import router as health_router
from app.lifecycle import Lifecycle
from app.logging import configure_logging
from app.middleware import BodyLimitMiddleware, RequestContextMiddleware
from app.ratelimit import RateLimiter
from app.settings import Settings, load_settings
from app.tasks.router import router as tasks_router

MAXIMUM_BODY_BYTES = 1024 * 1024


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application; without settings they are read from the environment."""
    settings = settings or load_settings()
    configure_logging(settings)
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
        telemetry={"logs": False},
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = settings
    app.state.lifecycle = Lifecycle()
    app.state.passwords = Passwords(settings)
    app.state.tokens = AccessTokens(settings)
    app.state.better_auth = BetterAuthTokens(settings)
    _add_middleware(app, settings)
    install_error_handlers(app)
    api = APIRouter(prefix=settings.api_prefix, responses=PROBLEM_RESPONSE)
    api.include_router(auth_router)
    api.include_router(tasks_router)
    app.include_router(health_router)
    app.include_router(api)
    _describe_problem(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Connections can't be shared with the process that forked this one.
    settings: Settings = app.state.settings
    app.state.database = Database(settings)
    app.state.limiter = RateLimiter(app.state.database, settings.jwt_secret.get_secret_value())
    app.state.lifecycle.drain_on_sigterm(settings.shutdown_delay)
    yield
    await app.state.database.close()


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["Location", "Retry-After", "X-Request-ID"],
        )
    app.add_middleware(BodyLimitMiddleware, limit=MAXIMUM_BODY_BYTES)
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
