"""What a user can do with reminders."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import InvalidError, NotFoundError
from app.pagination import PageQuery, Slice
from app.reminders.models import Reminder
from app.reminders.repository import ReminderRepository
from app.reminders.schemas import MAXIMUM_REMINDERS, ReminderCreate
from app.tasks.models import Task


class ReminderService:
    """The reminders of one user; somebody else's are not found."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._session = session
        self._reminders = ReminderRepository(session, owner_id)
        self._owner_id = owner_id

    async def of_task(self, task_id: uuid.UUID) -> Sequence[Reminder]:
        """Every reminder of a task that is the caller's."""
        return await self._reminders.of_task(task_id)

    async def page_of_due(self, query: PageQuery) -> Slice[Reminder]:
        """A page of what has come up and is neither dismissed nor done."""
        return await self._reminders.page_of_due(query.limit, query.cursor)

    async def create(self, task_id: uuid.UUID, request: ReminderCreate) -> Reminder:
        """Store a reminder of a task that is the caller's and locked; raises InvalidError."""
        if len(await self._reminders.of_task(task_id)) >= MAXIMUM_REMINDERS:
            raise InvalidError("remind_at", f"A task has at most {MAXIMUM_REMINDERS} reminders.")
        reminder = Reminder(task_id=task_id, user_id=self._owner_id, **request.model_dump())
        if request.minutes_before is not None:
            task = await self._session.get_one(Task, task_id)
            if task.due_date is None:
                raise InvalidError("minutes_before", "The task has no due date.")
            reminder.remind_at = task.due_date - timedelta(minutes=request.minutes_before)
        await self._reminders.save(reminder)
        return reminder

    async def dismiss(self, reminder_id: uuid.UUID) -> Reminder:
        """Note that a reminder was seen; raises NotFoundError."""
        reminder = await self._reminders.dismiss(reminder_id)
        if reminder is None:
            raise _not_found()
        return reminder

    async def delete(self, reminder_id: uuid.UUID) -> None:
        """Remove a reminder; raises NotFoundError."""
        if not await self._reminders.remove(reminder_id):
            raise _not_found()


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such reminder.")
