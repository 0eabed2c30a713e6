"""The SQL of subtasks; whoever calls it has made sure whose task it is."""

import uuid
from collections.abc import Sequence

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.subtasks.models import Subtask


class SubtaskRepository:
    """Subtasks in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_task(self, task_id: uuid.UUID) -> Sequence[Subtask]:
        """Every subtask of a task, in order."""
        statement = select(Subtask).where(Subtask.parent_task_id == task_id).order_by(col(Subtask.order))
        return (await self._session.exec(statement)).all()

    async def get(self, task_id: uuid.UUID, subtask_id: uuid.UUID) -> Subtask | None:
        """One subtask of a task."""
        statement = select(Subtask).where(Subtask.id == subtask_id, Subtask.parent_task_id == task_id)
        return (await self._session.exec(statement)).first()

    async def save(self, *subtasks: Subtask) -> None:
        """Store subtasks that are new or changed."""
        self._session.add_all(subtasks)
        await self._session.flush()

    async def remove(self, task_id: uuid.UUID, subtask_id: uuid.UUID) -> bool:
        """Delete a subtask; tells whether there was one."""
        statement = delete(Subtask).where(col(Subtask.id) == subtask_id, col(Subtask.parent_task_id) == task_id)
        return (await self._session.exec(statement)).rowcount > 0

    async def copy(self, task_id: uuid.UUID, to_task_id: uuid.UUID) -> None:
        """Give a task the subtasks of another, to be done anew."""
        copies = [Subtask(parent_task_id=to_task_id, title=s.title, order=s.order) for s in await self.of_task(task_id)]
        await self.save(*copies)
