"""Tasks with a due date, as an iCalendar feed under a secret address."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Todo
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.calendar.models import CalendarFeed
from app.fields import utcnow
from app.tasks.models import Task, TaskPriority, TaskStatus
from app.users.models import User

# What calendars show in a reasonable time.
_MAXIMUM_TASKS = 5000
_PAST = timedelta(days=365)
_LENGTH = timedelta(minutes=30)
_PRIORITIES = {TaskPriority.HIGH: 1, TaskPriority.MEDIUM: 5, TaskPriority.LOW: 9}
_STATUSES = {
    TaskStatus.PENDING: "NEEDS-ACTION",
    TaskStatus.IN_PROGRESS: "IN-PROCESS",
    TaskStatus.COMPLETED: "COMPLETED",
}


class CalendarService:
    """The feeds; each user has at most one."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open(self, user_id: uuid.UUID) -> str:
        """Make a feed, in place of the user's former one; gives the secret of its address."""
        token = secrets.token_urlsafe(32)
        values = {"token_hash": _hash(token), "created_at": utcnow()}
        statement = insert(CalendarFeed).values(user_id=user_id, **values)
        await self._session.exec(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))
        return token

    async def close(self, user_id: uuid.UUID) -> None:
        """Take the user's feed away, if there is one."""
        await self._session.exec(delete(CalendarFeed).where(col(CalendarFeed.user_id) == user_id))

    async def read(self, token: str, *, as_events: bool) -> bytes | None:
        """The feed of a secret as text/calendar: events, which every calendar shows, or to-dos."""
        statement = (
            select(CalendarFeed.user_id)
            .join(User, col(User.id) == CalendarFeed.user_id)
            .where(CalendarFeed.token_hash == _hash(token), User.is_active)
        )
        user_id = (await self._session.exec(statement)).first()
        if user_id is None:
            return None
        calendar = Calendar()
        calendar.add("prodid", "-//todo.platform//todo//EN")
        calendar.add("version", "2.0")
        calendar.add("x-wr-calname", "Tasks")
        due = select(Task).where(Task.user_id == user_id, col(Task.due_date) > utcnow() - _PAST)
        for task in (await self._session.exec(due.order_by(col(Task.due_date)).limit(_MAXIMUM_TASKS))).all():
            calendar.add_component(_event(task) if as_events else _todo(task))
        content: bytes = calendar.to_ical()
        return content


def _event(task: Task) -> Event:
    event = Event()
    start = _local(task, task.due_date)
    event.add("dtstart", start)
    event.add("dtend", start + _LENGTH)
    mark = "✓ " if task.status is TaskStatus.COMPLETED else ""
    _describe(event, task, f"{mark}{task.title}")
    return event


def _todo(task: Task) -> Todo:
    todo = Todo()
    todo.add("due", _local(task, task.due_date))
    todo.add("status", _STATUSES[task.status])
    if task.completed_at:
        todo.add("completed", task.completed_at)
    _describe(todo, task, task.title)
    return todo


def _describe(component: Any, task: Task, summary: str) -> None:
    component.add("uid", f"{task.id}@todo")
    component.add("dtstamp", task.updated_at)
    component.add("summary", summary)
    component.add("priority", _PRIORITIES[task.priority])
    if task.description:
        component.add("description", task.description)


def _local(task: Task, moment: datetime | None) -> datetime:
    return (moment or task.created_at).astimezone(ZoneInfo(task.recurrence_timezone))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
