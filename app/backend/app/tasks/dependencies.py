"""What routes ask for that are about tasks."""

import uuid
from typing import Annotated

from fastapi import Depends, Request

from app.auth.dependencies import PrincipalDep, WriterDep
from app.dependencies import SessionDep
from app.errors import NotFoundError
from app.settings import Settings
from app.tasks.repository import TaskRepository
from app.tasks.service import TaskLimits, TaskService


def task_limits(settings: Settings) -> TaskLimits:
    """How long texts may be."""
    return TaskLimits(settings.task_title_length, settings.task_description_length)


async def _reader(request: Request, principal: PrincipalDep, session: SessionDep) -> TaskService:
    return TaskService(session, principal.user_id, task_limits(request.app.state.settings))


async def _writer(request: Request, principal: WriterDep, session: SessionDep) -> TaskService:
    return TaskService(session, principal.user_id, task_limits(request.app.state.settings))


async def _task_to_read(task_id: uuid.UUID, principal: PrincipalDep, session: SessionDep) -> uuid.UUID:
    """The id of one of the caller's tasks; raises NotFoundError."""
    if not await TaskRepository(session, principal.user_id).exists(task_id):
        raise NotFoundError("There is no such task.")
    return task_id


async def _task_to_write(task_id: uuid.UUID, principal: WriterDep, session: SessionDep) -> uuid.UUID:
    """The same, and nobody else changes the task or what belongs to it until the request ends."""
    if not await TaskRepository(session, principal.user_id).lock([task_id]):
        raise NotFoundError("There is no such task.")
    return task_id


TaskReader = Annotated[TaskService, Depends(_reader)]
TaskWriter = Annotated[TaskService, Depends(_writer)]
TaskToRead = Annotated[uuid.UUID, Depends(_task_to_read)]
TaskToWrite = Annotated[uuid.UUID, Depends(_task_to_write)]
