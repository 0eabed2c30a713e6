"""Errors as RFC 9457 problem documents that name the field at fault."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope
from structlog.contextvars import get_contextvars

PROBLEM_MEDIA_TYPE = "application/problem+json"

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

Location = Literal["body", "query", "path", "header", "cookie"]


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    location: Location = Field(description="The part of the request that the field is in")
    field: str = Field(description="Name of the field, dotted where it is nested; empty for the part as a whole")
    detail: str


class Problem(BaseModel):
    """An error, as RFC 9457 writes it."""

    type: str = "about:blank"
    title: str = Field(description="The status in words")
    status: int
    detail: str
    request_id: str | None = Field(None, description="Finds the request in the logs")
    errors: list[FieldError] = Field(default=[], description="The fields at fault, if any")


class ProblemError(Exception):
    """An error that the client is told about."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(
        self, detail: str, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})


class UnauthorizedError(ProblemError):
    """The request carries no valid proof of who sent it."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class ForbiddenError(ProblemError):
    """The user may not do this."""

    status = HTTPStatus.FORBIDDEN


class NotFoundError(ProblemError):
    """There is no such thing, or it is somebody else's."""

    status = HTTPStatus.NOT_FOUND


class _FieldProblemError(ProblemError):
    def __init__(self, field: str, detail: str, location: Location = "body") -> None:
        super().__init__(f"{field}: {detail}", errors=[FieldError(location=location, field=field, detail=detail)])


class ConflictError(_FieldProblemError):
    """A field has a value that is taken."""

    status = HTTPStatus.CONFLICT


class VanishedError(ProblemError):
    """What a request builds on was there when it began, and is no more."""

    status = HTTPStatus.CONFLICT


class InvalidError(_FieldProblemError):
    """A field breaks a rule that its schema can't state."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooManyRequestsError(ProblemError):
    """A rate limit is reached; `retry_after` is in seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many attempts. Try again in {retry_after} s.", headers={"Retry-After": str(retry_after)})


class UnavailableError(ProblemError):
    """Something that the request needs does not answer at the moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})


PROBLEM_RESPONSE: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Any error",
        "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


def problem_response(
    status: int, detail: str, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Write an error as a response."""
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        request_id=get_contextvars().get("request_id"),
        errors=list(errors),
    )
    return JSONResponse(problem.model_dump(), status, headers=headers, media_type=PROBLEM_MEDIA_TYPE)


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error that is expected with a problem document."""

    @app.exception_handler(ProblemError)
    async def on_problem(_: Request, error: ProblemError) -> JSONResponse:
        return problem_response(error.status, error.detail, error.errors, error.headers)

    @app.exception_handler(HTTPException)
    async def on_http_error(_: Request, error: HTTPException) -> JSONResponse:
        return problem_response(error.status_code, error.detail, headers=error.headers)

    @app.exception_handler(HTTPStatus.METHOD_NOT_ALLOWED)
    async def on_wrong_method(request: Request, error: HTTPException) -> JSONResponse:
        allowed = ", ".join(method for method in METHODS if _has_route(app, request.scope, method))
        return problem_response(error.status_code, f"Allowed here: {allowed}.", headers={"Allow": allowed})

    @app.exception_handler(RequestValidationError)
    async def on_invalid_request(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [_field_error(item["loc"], item["msg"]) for item in error.errors()]
        detail = "; ".join(f"{item.field or item.location}: {item.detail}" for item in errors)
        return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors)


def _has_route(app: FastAPI, scope: Scope, method: str) -> bool:
    # Each method is a route of its own, and the router names only the first one's.
    asked = {"type": "http", "method": method, "path": scope["path"], "root_path": scope["root_path"]}
    return any(route.matches(asked)[0] is Match.FULL for route in app.routes)


def _field_error(loc: Sequence[str | int], message: str) -> FieldError:
    # A lone number is an offset in a body that is no JSON, not a field.
    path = () if len(loc) == 2 and isinstance(loc[1], int) else loc[1:]
    if loc[0] == "query":  # its fields are repeated, not nested
        path = path[:1]
    field = ".".join(str(part) for part in path).encode(errors="replace").decode()
    return FieldError.model_validate(
        {"location": loc[0], "field": field, "detail": message.removeprefix("Value error, ")}
    )
