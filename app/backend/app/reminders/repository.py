"""The SQL of reminders: every statement is bound to one owner."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, func, literal
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.confirmation.models import EmailConfirmation
from app.confirmation.repository import IS_CONFIRMED
from app.fields import utcnow
from app.pagination import Order, Slice
from app.reminders.models import Reminder
from app.tasks.models import Task, TaskStatus
from app.users.models import User

_BY_TIME = Order[Reminder](
    "remind_at", col(Reminder.remind_at), col(Reminder.id), datetime, lambda row: (row.remind_at, row.id)
)
_MINUTE = literal(timedelta(minutes=1))
_MAIL_LIFE = timedelta(days=1)
"""After which a reminder that could not be sent is of no use any more."""


@dataclass(frozen=True)
class DueMail:
    """What a person is to be reminded of by e-mail."""

    id: uuid.UUID
    remind_at: datetime
    email: str
    title: str
    due_date: datetime | None


class ReminderRepository:
    """The reminders of one user."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._session = session
        self._owner_id = owner_id

    @property
    def _own(self) -> ColumnElement[bool]:
        return col(Reminder.user_id) == self._owner_id

    async def of_task(self, task_id: uuid.UUID) -> Sequence[Reminder]:
        """Every reminder of a task, by time."""
        statement = select(Reminder).where(self._own, Reminder.task_id == task_id)
        return (await self._session.exec(statement.order_by(col(Reminder.remind_at), col(Reminder.id)))).all()

    async def page_of_due(self, limit: int, cursor: str | None) -> Slice[Reminder]:
        """A page of what has come up and is neither dismissed nor of a task that is done."""
        statement = (
            select(Reminder)
            .join(Task, col(Task.id) == Reminder.task_id)
            .where(self._own, col(Reminder.remind_at) <= utcnow(), col(Reminder.dismissed_at).is_(None))
            .where(Task.status != TaskStatus.COMPLETED)
        )
        return _BY_TIME.cut((await self._session.exec(_BY_TIME.apply(statement, limit, cursor))).all(), limit)

    async def save(self, *reminders: Reminder) -> None:
        """Store reminders."""
        self._session.add_all(reminders)
        await self._session.flush()

    async def dismiss(self, reminder_id: uuid.UUID) -> Reminder | None:
        """Note that a reminder was seen, once; gives it."""
        seen = func.coalesce(col(Reminder.dismissed_at), utcnow())
        statement = update(Reminder).where(self._own, col(Reminder.id) == reminder_id).values(dismissed_at=seen)
        return (await self._session.exec(statement.returning(Reminder))).scalar_one_or_none()

    async def remove(self, reminder_id: uuid.UUID) -> bool:
        """Delete a reminder; tells whether there was one."""
        statement = delete(Reminder).where(self._own, col(Reminder.id) == reminder_id)
        return (await self._session.exec(statement)).rowcount > 0

    async def follow(self, task_id: uuid.UUID, due_date: datetime | None) -> None:
        """Move what is so long before a task's due date with it; without a due date there is nothing to be before."""
        relative = (self._own, col(Reminder.task_id) == task_id, col(Reminder.minutes_before).is_not(None))
        if due_date is None:
            await self._session.exec(delete(Reminder).where(*relative))
            return
        moved = literal(due_date, DateTime(timezone=True)) - col(Reminder.minutes_before) * _MINUTE
        values = {"remind_at": moved, "delivered_at": None, "dismissed_at": None, "mailed_at": None}
        await self._session.exec(update(Reminder).where(*relative).values(values))

    async def copy(self, task_id: uuid.UUID, to_task_id: uuid.UUID, due_date: datetime) -> None:
        """Give a task that is due then the reminders of another that are relative to its due date."""
        await self.save(
            *(
                Reminder(
                    task_id=to_task_id,
                    user_id=reminder.user_id,
                    minutes_before=reminder.minutes_before,
                    remind_at=due_date - timedelta(minutes=reminder.minutes_before),
                )
                for reminder in await self.of_task(task_id)
                if reminder.minutes_before is not None
            )
        )


async def deliver_due(session: AsyncSession, limit: int = 1000) -> int:
    """Note of reminders of any user that they have come up, oldest first; tells of how many."""
    waiting = select(col(Reminder.id)).where(col(Reminder.delivered_at).is_(None), col(Reminder.remind_at) <= utcnow())
    due = waiting.order_by(col(Reminder.remind_at)).limit(limit).with_for_update(skip_locked=True)
    statement = update(Reminder).where(col(Reminder.id).in_(due)).values(delivered_at=utcnow())
    return (await session.exec(statement)).rowcount


async def mails_due(session: AsyncSession, limit: int = 50) -> list[DueMail]:
    """Reminders to confirmed addresses that came up and were not sent, oldest first; nobody else sends them now."""
    now = utcnow()
    statement = (
        select(Reminder, User.email, Task)
        .join(Task, col(Task.id) == Reminder.task_id)
        .join(User, col(User.id) == Reminder.user_id)
        .join(EmailConfirmation, IS_CONFIRMED)
        .where(col(Reminder.mailed_at).is_(None), col(Reminder.dismissed_at).is_(None))
        .where(col(Reminder.remind_at) <= now, col(Reminder.remind_at) > now - _MAIL_LIFE)
        .where(Task.status != TaskStatus.COMPLETED, col(User.is_active))
    )
    locked = statement.order_by(col(Reminder.remind_at)).limit(limit).with_for_update(of=Reminder, skip_locked=True)
    return [
        DueMail(reminder.id, reminder.remind_at, email, task.title, task.due_date)
        for reminder, email, task in await session.exec(locked)
    ]


async def note_mailed(session: AsyncSession, ids: Iterable[uuid.UUID]) -> None:
    """Note of reminders that they are not to be sent again."""
    await session.exec(update(Reminder).where(col(Reminder.id).in_(ids)).values(mailed_at=utcnow()))
