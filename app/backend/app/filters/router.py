"""Routes of saved filters."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status

from app.auth.dependencies import PrincipalDep, WriterDep
from app.dependencies import SessionDep
from app.filters.models import SavedFilter
from app.filters.schemas import FilterCreate, FilterList, FilterPatch, FilterRead
from app.filters.service import FilterService
from app.idempotency import OnceDep
from app.pagination import PageQueryDep
from app.tasks.dependencies import TaskReader
from app.tasks.filters import TaskFilter
from app.tasks.schemas import TaskPage, page_as_json

router = APIRouter(prefix="/filters", tags=["filters"])


async def _reader(principal: PrincipalDep, session: SessionDep) -> FilterService:
    return FilterService(session, principal.user_id)


async def _writer(principal: WriterDep, session: SessionDep) -> FilterService:
    return FilterService(session, principal.user_id)


Reader = Annotated[FilterService, Depends(_reader)]
Writer = Annotated[FilterService, Depends(_writer)]


@router.get("")
async def list_filters(service: Reader) -> FilterList:
    """Every saved filter, by name."""
    return FilterList.model_validate({"items": await service.all()}, from_attributes=True)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=FilterRead)
async def create_filter(body: FilterCreate, service: Writer, once: OnceDep) -> Response:
    """Save a filter."""
    return await once.create(FilterRead, lambda: service.create(body))


@router.get("/{filter_id}", response_model=FilterRead)
async def read_filter(filter_id: uuid.UUID, service: Reader) -> SavedFilter:
    """One saved filter."""
    return await service.get(filter_id)


@router.get("/{filter_id}/tasks", response_model=TaskPage)
async def list_tasks_of_filter(
    filter_id: uuid.UUID, service: Reader, tasks: TaskReader, page: PageQueryDep
) -> Response:
    """The tasks that a saved filter finds."""
    saved = await service.get(filter_id)
    part = await tasks.page(TaskFilter.model_validate(saved.filter), page.limit, page.cursor)
    return Response(page_as_json(part), media_type="application/json")


@router.patch("/{filter_id}", response_model=FilterRead)
async def patch_filter(filter_id: uuid.UUID, body: FilterPatch, service: Writer) -> SavedFilter:
    """Change a saved filter."""
    return await service.patch(filter_id, body)


@router.delete("/{filter_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_filter(filter_id: uuid.UUID, service: Writer) -> None:
    """Remove a saved filter."""
    await service.delete(filter_id)
