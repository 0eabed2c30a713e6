"""Routes of tasks."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.auth.dependencies import PrincipalDep, WriterDep
from app.dependencies import SessionDep
from app.pagination import PageQuery, Slice
from app.tasks.models import Task, TaskStatus
from app.tasks.schemas import TaskCreate, TaskPage, TaskPatch, TaskRead, TaskReplace
from app.tasks.service import TaskService

router = APIRouter(prefix="/tasks", tags=["tasks"])


def _reader(principal: PrincipalDep, session: SessionDep) -> TaskService:
    return TaskService(session, principal.user.id)


def _writer(principal: WriterDep, session: SessionDep) -> TaskService:
    return TaskService(session, principal.user.id)


Reader = Annotated[TaskService, Depends(_reader)]
Writer = Annotated[TaskService, Depends(_writer)]


@router.get("", response_model=TaskPage)
async def list_tasks(
    service: Reader,
    page: Annotated[PageQuery, Depends()],
    status: Annotated[TaskStatus | None, Query(description="Only tasks with this status")] = None,
) -> Slice[Task]:
    """The user's tasks, newest first."""
    return await service.page(page, status)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=TaskRead)
async def create_task(body: TaskCreate, service: Writer, request: Request, response: Response) -> Task:
    """Add a task."""
    task = await service.create(body)
    response.headers["Location"] = f"{request.url.path}/{task.id}"
    return task


@router.get("/{task_id}", response_model=TaskRead)
async def read_task(task_id: uuid.UUID, service: Reader) -> Task:
    """One task."""
    return await service.get(task_id)


@router.put("/{task_id}", response_model=TaskRead)
async def replace_task(task_id: uuid.UUID, body: TaskReplace, service: Writer) -> Task:
    """Set every field of a task."""
    return await service.replace(task_id, body)


@router.patch("/{task_id}", response_model=TaskRead)
async def patch_task(task_id: uuid.UUID, body: TaskPatch, service: Writer) -> Task:
    """Change some fields of a task."""
    return await service.patch(task_id, body)


@router.delete("/{task_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_task(task_id: uuid.UUID, service: Writer) -> None:
    """Remove a task."""
    await service.delete(task_id)


@router.post("/{task_id}/complete", response_model=TaskRead)
async def complete_task(task_id: uuid.UUID, service: Writer) -> Task:
    """Mark a task as done."""
    return await service.complete(task_id)


@router.post("/{task_id}/uncomplete", response_model=TaskRead)
async def uncomplete_task(task_id: uuid.UUID, service: Writer) -> Task:
    """Take up again a task that was done."""
    return await service.uncomplete(task_id)
