"""The SQL of tasks: every statement is bound to one owner."""

import uuid
from collections.abc import Sequence

from sqlalchemy import tuple_
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.pagination import Cursor
from app.tasks.models import Task, TaskStatus


class TaskRepository:
    """The tasks of one user."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._session = session
        self._owner_id = owner_id

    async def page(self, limit: int, after: Cursor | None, status: TaskStatus | None) -> Sequence[Task]:
        """Up to `limit` tasks, newest first, that come after a cursor."""
        statement = select(Task).where(Task.user_id == self._owner_id)
        if status:
            statement = statement.where(Task.status == status)
        if after:
            statement = statement.where(tuple_(col(Task.created_at), col(Task.id)) < (after.created_at, after.id))
        statement = statement.order_by(col(Task.created_at).desc(), col(Task.id).desc()).limit(limit)
        return (await self._session.exec(statement)).all()

    async def get(self, task_id: uuid.UUID) -> Task | None:
        """One task."""
        return (await self._session.exec(self._one(task_id))).first()

    async def get_for_update(self, task_id: uuid.UUID) -> Task | None:
        """One task, that nobody else changes until the session ends."""
        return (await self._session.exec(self._one(task_id).with_for_update())).first()

    async def save(self, task: Task) -> Task:
        """Store a task that is new or changed."""
        self._session.add(task)
        await self._session.flush()
        return task

    async def remove(self, task_id: uuid.UUID) -> bool:
        """Delete a task; tells whether there was one."""
        statement = delete(Task).where(col(Task.id) == task_id, col(Task.user_id) == self._owner_id)
        return (await self._session.exec(statement)).rowcount > 0

    def _one(self, task_id: uuid.UUID) -> SelectOfScalar[Task]:
        return select(Task).where(Task.id == task_id, Task.user_id == self._owner_id)
