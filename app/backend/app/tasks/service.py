"""What a user can do with their tasks."""

import uuid
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import NotFoundError
from app.pagination import Cursor, PageQuery, Slice
from app.tasks.models import Task, TaskStatus
from app.tasks.repository import TaskRepository
from app.tasks.schemas import TaskCreate, TaskPatch, TaskReplace


class TaskService:
    """The tasks of one user; somebody else's are not found."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._tasks = TaskRepository(session, owner_id)
        self._owner_id = owner_id

    async def page(self, query: PageQuery, status: TaskStatus | None) -> Slice[Task]:
        """A page of the user's tasks, newest first."""
        rows = await self._tasks.page(query.limit + 1, query.after, status)
        return Slice.cut(rows, query.limit, lambda task: Cursor(task.created_at, task.id))

    async def create(self, request: TaskCreate) -> Task:
        """Store a new task."""
        task = Task(user_id=self._owner_id, **request.fields())
        task.move_to(request.status_after(TaskStatus.PENDING))
        return await self._tasks.save(task)

    async def get(self, task_id: uuid.UUID) -> Task:
        """One task; raises NotFoundError."""
        return _found(await self._tasks.get(task_id))

    async def replace(self, task_id: uuid.UUID, request: TaskReplace) -> Task:
        """Set every field of a task."""
        task = await self._locked(task_id)
        return await self._change(task, request.fields(), request.status_after(TaskStatus.PENDING))

    async def patch(self, task_id: uuid.UUID, request: TaskPatch) -> Task:
        """Set the fields of a task that the request names."""
        task = await self._locked(task_id)
        return await self._change(task, request.fields(), request.status_after(task.status))

    async def complete(self, task_id: uuid.UUID) -> Task:
        """Mark a task as done; one that is done stays as it is."""
        return await self._change(await self._locked(task_id), {}, TaskStatus.COMPLETED)

    async def uncomplete(self, task_id: uuid.UUID) -> Task:
        """Take a task up again; one that is not done stays as it is."""
        task = await self._locked(task_id)
        reopened = TaskStatus.PENDING if task.status is TaskStatus.COMPLETED else task.status
        return await self._change(task, {}, reopened)

    async def delete(self, task_id: uuid.UUID) -> None:
        """Remove a task; raises NotFoundError."""
        if not await self._tasks.remove(task_id):
            raise _not_found()

    async def _locked(self, task_id: uuid.UUID) -> Task:
        return _found(await self._tasks.get_for_update(task_id))

    async def _change(self, task: Task, values: dict[str, Any], status: TaskStatus) -> Task:
        for name, value in values.items():
            setattr(task, name, value)
        task.move_to(status)
        return await self._tasks.save(task)


def _found(task: Task | None) -> Task:
    if task is None:
        raise _not_found()
    return task


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such task.")
