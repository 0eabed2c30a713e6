"""Probes: what each asks is different on purpose, so that a database that is away restarts no pod."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.dependencies import DatabaseDep, SettingsDep
from app.errors import PROBLEM_RESPONSE
from app.health.schemas import Health, Probe
from app.health.service import HealthService, ProviderCheck
from app.lifecycle import Lifecycle

router = APIRouter(tags=["health"])


async def get_service(database: DatabaseDep, settings: SettingsDep) -> HealthService:
    """The service for one request."""
    return HealthService(database, settings.health_timeout)


Service = Annotated[HealthService, Depends(get_service)]


def _unavailable(model: type[Health] | type[Probe]) -> dict[int | str, dict[str, Any]]:
    return {**PROBLEM_RESPONSE, status.HTTP_503_SERVICE_UNAVAILABLE: {"model": model, "description": "Not now"}}


@router.get("/health", responses=_unavailable(Health) | PROBLEM_RESPONSE, response_model_exclude_none=True)
async def health(
    request: Request,
    service: Service,
    response: Response,
    deep: Annotated[bool, Query(description="Ask the assistant's provider too, which changes no status")] = False,
) -> Health:
    """Whether the application and its database are well."""
    failure = await service.database_failure()
    now = datetime.now(UTC).replace(microsecond=0)
    found = Health(status="healthy", timestamp=now, database="connected")
    if failure is not None:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        found = Health(status="unhealthy", timestamp=now, database=f"error: {failure}")
    if deep:
        check: ProviderCheck = request.app.state.provider_check
        found = found.model_copy(update=await check.states(request.app.state.assistant))
    return found


@router.get("/livez")
async def livez() -> Probe:
    """Whether the process answers; the database does not matter."""
    return Probe(status="ok")


@router.get("/readyz", responses=_unavailable(Probe))
async def readyz(request: Request, service: Service, response: Response) -> Probe:
    """Whether to send requests here: the process is not about to end and the database answers."""
    lifecycle: Lifecycle = request.app.state.lifecycle
    failure = "draining" if lifecycle.draining else await service.database_failure()
    return _probe(failure, response)


@router.get("/startupz", responses=_unavailable(Probe))
async def startupz(service: Service, response: Response) -> Probe:
    """Whether the schema is the one that this version needs."""
    return _probe(await service.schema_failure(), response)


def _probe(failure: str | None, response: Response) -> Probe:
    if failure is None:
        return Probe(status="ok")
    response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return Probe(status="unavailable", detail=failure)
