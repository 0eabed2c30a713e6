"""Routes of tasks."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, status
from sqlalchemy import Row

from app.idempotency import OnceDep
from app.tasks.dependencies import TaskReader, TaskWriter
from app.tasks.filters import TaskQuery
from app.tasks.schemas import (
    BulkRequest,
    BulkResult,
    TaskCreate,
    TaskPage,
    TaskPatch,
    TaskRead,
    TaskReplace,
    TaskSummary,
    TimeZone,
    page_as_json,
)

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.get("", response_model=TaskPage)
async def list_tasks(service: TaskReader, query: Annotated[TaskQuery, Query()]) -> Response:
    """The user's tasks, newest first unless another order is asked for."""
    part = await service.page(query, query.limit, query.cursor)
    return Response(page_as_json(part), media_type="application/json")


@router.post("", status_code=status.HTTP_201_CREATED, response_model=TaskRead)
async def create_task(body: TaskCreate, service: TaskWriter, once: OnceDep) -> Response:
    """Add a task."""
    return await once.create(TaskRead, lambda: service.create(body))


@router.post("/bulk", response_model=BulkResult)
async def change_tasks(body: BulkRequest, service: TaskWriter, once: OnceDep) -> Response:
    """Do one thing to several tasks."""
    return await once.do(BulkResult, lambda: service.bulk(body))


@router.get("/summary")
async def summarize_tasks(
    service: TaskReader, time_zone: Annotated[TimeZone, Query(description="Where today is")] = "UTC"
) -> TaskSummary:
    """How many tasks there are, by status and by when they are due."""
    return await service.summary(time_zone)


# By its form the id is told from what else there is below the same path.
@router.get("/{task_id:uuid}", response_model=TaskRead)
async def read_task(task_id: uuid.UUID, service: TaskReader) -> Row[Any]:
    """One task."""
    return await service.get(task_id)


@router.put("/{task_id:uuid}", response_model=TaskRead)
async def replace_task(task_id: uuid.UUID, body: TaskReplace, service: TaskWriter) -> Row[Any]:
    """Set every field of a task."""
    return await service.replace(task_id, body)


@router.patch("/{task_id:uuid}", response_model=TaskRead)
async def patch_task(task_id: uuid.UUID, body: TaskPatch, service: TaskWriter) -> Row[Any]:
    """Change some fields of a task."""
    return await service.patch(task_id, body)


@router.delete("/{task_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_task(task_id: uuid.UUID, service: TaskWriter) -> None:
    """Remove a task."""
    await service.delete(task_id)


@router.post("/{task_id}/complete", response_model=TaskRead)
async def complete_task(task_id: uuid.UUID, service: TaskWriter, once: OnceDep) -> Response:
    """Mark a task as done; a recurring one comes again as a new task."""
    return await once.do(TaskRead, lambda: service.complete(task_id))


@router.post("/{task_id}/uncomplete", response_model=TaskRead)
async def uncomplete_task(task_id: uuid.UUID, service: TaskWriter, once: OnceDep) -> Response:
    """Take up again a task that was done."""
    return await once.do(TaskRead, lambda: service.uncomplete(task_id))
