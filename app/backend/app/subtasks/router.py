"""Routes of subtasks."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status

from app.dependencies import SessionDep
from app.idempotency import OnceDep
from app.subtasks.models import Subtask
from app.subtasks.schemas import SubtaskCreate, SubtaskList, SubtaskOrder, SubtaskPatch, SubtaskRead
from app.subtasks.service import SubtaskService
from app.tasks.dependencies import TaskToRead, TaskToWrite

router = APIRouter(prefix="/tasks/{task_id}/subtasks", tags=["subtasks"])


async def _reader(task_id: TaskToRead, session: SessionDep) -> SubtaskService:
    return SubtaskService(session, task_id)


async def _writer(task_id: TaskToWrite, session: SessionDep) -> SubtaskService:
    return SubtaskService(session, task_id)


Reader = Annotated[SubtaskService, Depends(_reader)]
Writer = Annotated[SubtaskService, Depends(_writer)]


@router.get("")
async def list_subtasks(service: Reader) -> SubtaskList:
    """Every subtask of a task, in order."""
    return SubtaskList.model_validate({"items": await service.all()}, from_attributes=True)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=SubtaskRead)
async def create_subtask(body: SubtaskCreate, service: Writer, once: OnceDep) -> Response:
    """Add a subtask after the others."""
    return await once.create(SubtaskRead, lambda: service.create(body))


@router.put("/order")
async def reorder_subtasks(body: SubtaskOrder, service: Writer) -> SubtaskList:
    """Put the subtasks of a task into another order."""
    return SubtaskList.model_validate({"items": await service.reorder(body)}, from_attributes=True)


# By its form the id is told from what else there is below the same path.
@router.patch("/{subtask_id:uuid}", response_model=SubtaskRead)
async def patch_subtask(subtask_id: uuid.UUID, body: SubtaskPatch, service: Writer) -> Subtask:
    """Change a subtask."""
    return await service.patch(subtask_id, body)


@router.delete("/{subtask_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_subtask(subtask_id: uuid.UUID, service: Writer) -> None:
    """Remove a subtask."""
    await service.delete(subtask_id)
