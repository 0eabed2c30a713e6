"""What a user can do with the subtasks of one of their tasks."""

import uuid
from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import InvalidError, NotFoundError
from app.fields import utcnow
from app.subtasks.models import Subtask
from app.subtasks.repository import SubtaskRepository
from app.subtasks.schemas import MAXIMUM_SUBTASKS, SubtaskCreate, SubtaskOrder, SubtaskPatch


class SubtaskService:
    """The subtasks of a task that is the caller's, and locked where they are changed."""

    def __init__(self, session: AsyncSession, task_id: uuid.UUID) -> None:
        self._subtasks = SubtaskRepository(session)
        self._task_id = task_id

    async def all(self) -> Sequence[Subtask]:
        """Every subtask, in order."""
        return await self._subtasks.of_task(self._task_id)

    async def create(self, request: SubtaskCreate) -> Subtask:
        """Store a new subtask after the others; raises InvalidError if there are too many."""
        others = await self.all()
        if len(others) >= MAXIMUM_SUBTASKS:
            raise InvalidError("title", f"A task has at most {MAXIMUM_SUBTASKS} subtasks.")
        order = others[-1].order + 1 if others else 0
        subtask = Subtask(parent_task_id=self._task_id, order=order, **request.model_dump())
        await self._subtasks.save(subtask)
        return subtask

    async def get(self, subtask_id: uuid.UUID) -> Subtask:
        """One subtask; raises NotFoundError."""
        subtask = await self._subtasks.get(self._task_id, subtask_id)
        if subtask is None:
            raise _not_found()
        return subtask

    async def patch(self, subtask_id: uuid.UUID, request: SubtaskPatch) -> Subtask:
        """Set the fields of a subtask that the request names."""
        subtask = await self.get(subtask_id)
        for name, value in request.model_dump(exclude_unset=True).items():
            setattr(subtask, name, value)
        await self._subtasks.save(subtask)
        return subtask

    async def reorder(self, request: SubtaskOrder) -> Sequence[Subtask]:
        """Put the subtasks into an order; raises InvalidError unless it names each of them once."""
        subtasks = {subtask.id: subtask for subtask in await self.all()}
        if sorted(request.ids) != sorted(subtasks):
            raise InvalidError("ids", "must name every subtask of the task once")
        now = utcnow()
        for order, id_ in enumerate(request.ids):
            subtasks[id_].order, subtasks[id_].updated_at = order, now
        await self._subtasks.save(*subtasks.values())
        return [subtasks[id_] for id_ in request.ids]

    async def delete(self, subtask_id: uuid.UUID) -> None:
        """Remove a subtask; raises NotFoundError."""
        if not await self._subtasks.remove(self._task_id, subtask_id):
            raise _not_found()


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such subtask.")
