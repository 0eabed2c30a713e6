"""What a user can do with their tasks."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from app.activity.models import ActivityAction
from app.activity.repository import ActivityRepository, Change
from app.categories.models import Category
from app.categories.repository import CategoryRepository
from app.errors import InvalidError, NotFoundError
from app.fields import utcnow
from app.pagination import Slice
from app.reminders.repository import ReminderRepository
from app.subtasks.repository import SubtaskRepository
from app.tags.repository import TagRepository
from app.tasks.filters import TaskFilter
from app.tasks.models import Task, TaskStatus
from app.tasks.recurrence import Series
from app.tasks.repository import TaskRepository
from app.tasks.schemas import BulkAction, BulkRequest, BulkResult, TaskPatch, TaskRead, TaskReplace, TaskSummary

_RECURRENCE = {"recurrence_pattern", "recurrence_timezone", "recurrence_from_completion"}


@dataclass(frozen=True)
class TaskLimits:
    """How long texts may be, by the settings."""

    title: int
    description: int

    def check(self, fields: dict[str, Any]) -> None:
        """Raise InvalidError that names the first text that is too long."""
        for name, limit in (("title", self.title), ("description", self.description)):
            if len(fields.get(name) or "") > limit:
                raise InvalidError(name, f"should have at most {limit} characters")


class TaskService:
    """The tasks of one user; somebody else's are not found."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID, limits: TaskLimits) -> None:
        self._owner_id = owner_id
        self._limits = limits
        self._tasks = TaskRepository(session, owner_id)
        self._tags = TagRepository(session, owner_id)
        self._categories = CategoryRepository(session, owner_id)
        self._activity = ActivityRepository(session, owner_id)
        self._subtasks = SubtaskRepository(session)
        self._reminders = ReminderRepository(session, owner_id)

    async def page(self, query: TaskFilter, limit: int, cursor: str | None) -> Slice[Row[Any]]:
        """A page of the tasks that a filter finds."""
        return await self._tasks.page(query, limit, cursor)

    async def create(self, request: TaskReplace) -> TaskRead:
        """Store a new task."""
        fields = request.fields()
        self._limits.check(fields)
        category = await self._category(request)
        # Named, as SQLModel inspects the makers of defaults for each row.
        made: dict[str, Any] = {"id": uuid.uuid4(), "created_at": (now := utcnow()), "updated_at": now}
        task = Task(**made, user_id=self._owner_id, category_id=category.id if category else None, **fields)
        task.move_to(request.status_after(TaskStatus.PENDING))
        plan(task, restart=True)
        # Whatever else is to be stored begins the transaction; a task alone needs none.
        tags = await self._tags.ensure(request.tags)
        await self._tasks.add(task)
        await self._tags.attach(task.id, tags.values())
        return TaskRead.model_validate(
            {**task.model_dump(), "tags": request.tags, "category": category.name if category else None}
        )

    async def get(self, task_id: uuid.UUID) -> Row[Any]:
        """One task; raises NotFoundError."""
        for row in await self._tasks.read(task_id):
            return row
        raise _not_found()

    async def summary(self, zone_name: str) -> TaskSummary:
        """How many tasks there are; today is where the zone's wall clock says so."""
        return TaskSummary.model_validate(await self._tasks.summary(utcnow(), ZoneInfo(zone_name)))

    async def replace(self, task_id: uuid.UUID, request: TaskReplace) -> Row[Any]:
        """Set every field of a task."""
        [task] = await self._locked([task_id])
        await self._apply(task, request, {*TaskReplace.model_fields}, request.status_after(TaskStatus.PENDING))
        return await self.get(task_id)

    async def patch(self, task_id: uuid.UUID, request: TaskPatch) -> Row[Any]:
        """Set the fields of a task that the request names."""
        [task] = await self._locked([task_id])
        await self._apply(task, request, request.model_fields_set, request.status_after(task.status))
        return await self.get(task_id)

    async def complete(self, task_id: uuid.UUID) -> Row[Any]:
        """Mark a task as done; one that is done stays as it is."""
        [task] = await self._locked([task_id])
        await self._change(task, {}, TaskStatus.COMPLETED)
        return await self.get(task_id)

    async def uncomplete(self, task_id: uuid.UUID) -> Row[Any]:
        """Take a task up again; one that is not done stays as it is."""
        [task] = await self._locked([task_id])
        await self._change(task, {}, _reopened(task))
        return await self.get(task_id)

    async def delete(self, task_id: uuid.UUID) -> None:
        """Remove a task; raises NotFoundError."""
        if not await self._tasks.remove([task_id]):
            raise _not_found()

    async def bulk(self, request: BulkRequest) -> BulkResult:
        """Do one thing to several tasks; raises InvalidError that names an id that is not found."""
        ids = list(dict.fromkeys(request.ids))
        tasks = await self._locked(ids)
        if request.action is BulkAction.DELETE:
            await self._tasks.remove(ids)
            return BulkResult(count=len(ids), items=[])
        for task in tasks:
            if request.changes:
                status = request.changes.status_after(task.status)
                await self._apply(task, request.changes, request.changes.model_fields_set, status)
            else:
                done = request.action is BulkAction.COMPLETE
                await self._change(task, {}, TaskStatus.COMPLETED if done else _reopened(task))
        items = [TaskRead.model_validate(row) for row in await self._tasks.read(*ids)]
        return BulkResult(count=len(ids), items=items)

    async def _locked(self, ids: Sequence[uuid.UUID]) -> Sequence[Task]:
        tasks = await self._tasks.lock(ids)
        missing = {*ids} - {task.id for task in tasks}
        if not missing:
            return tasks
        if len(ids) == 1:
            raise _not_found()
        raise InvalidError(f"ids.{next(n for n, id_ in enumerate(ids) if id_ in missing)}", "There is no such task.")

    async def _apply(self, task: Task, request: TaskReplace | TaskPatch, named: set[str], status: TaskStatus) -> None:
        values = request.fields()
        self._limits.check(values)
        if named & {"category_id", "category"}:
            category = await self._category(request)
            values["category_id"] = category.id if category else None
        changes: dict[str, Change] = {}
        if "tags" in named:
            tags = await self._tasks.tags(task.id)
            if tags != request.tags:
                await self._tags.set_of_task(task.id, request.tags)
                changes["tags"] = (tags, request.tags)
                task.updated_at = utcnow()
        await self._change(task, values, status, changes)

    async def _change(
        self, task: Task, values: dict[str, Any], status: TaskStatus, changes: dict[str, Change] | None = None
    ) -> None:
        changes = changes or {}
        for name, value in values.items():
            if (old := getattr(task, name)) != value:
                changes[name] = (old, value)
                setattr(task, name, value)
        if changes.keys() & {"due_date", *_RECURRENCE}:
            plan(task, restart=bool(changes.keys() & _RECURRENCE))
        action = _action(task.status, status)
        if task.status is not status and not action:
            changes["status"] = (task.status, status)
        task.move_to(status)
        await self._tasks.save(task)
        if "due_date" in changes:
            await self._reminders.follow(task.id, task.due_date)
        await self._activity.record(task.id, action, changes)
        if action is ActivityAction.COMPLETED:
            await self._repeat(task)

    async def _repeat(self, task: Task) -> None:
        """Make the task that comes after a recurring one, once."""
        series = _series(task)
        if series is None or await self._tasks.has_next(task.id):
            return
        due = series.following(task.due_date, task.completed_at or utcnow())
        if due is None:
            return
        same = task.model_dump(
            include={"user_id", "title", "description", "priority", "category_id", "recurrence_start", *_RECURRENCE}
        )
        following_task = Task(**same, due_date=due, previous_task_id=task.id)
        plan(following_task, restart=False)
        await self._tasks.save(following_task)
        await self._tags.set_of_task(following_task.id, await self._tasks.tags(task.id))
        await self._subtasks.copy(task.id, following_task.id)
        await self._reminders.copy(task.id, following_task.id, due)
        await self._activity.record(following_task.id, ActivityAction.CREATED)

    async def _category(self, request: TaskReplace | TaskPatch) -> Category | None:
        if request.category:
            return await self._categories.ensure(request.category)
        if not request.category_id:
            return None
        category = await self._categories.get(request.category_id)
        if category is None:
            raise InvalidError("category_id", "There is no such category.")
        return category


def plan(task: Task, *, restart: bool) -> None:
    """Set when a task recurs; with `restart` its series begins with this task. Raises InvalidError."""
    if restart or task.recurrence_start is None:
        task.recurrence_start = (task.due_date or utcnow().replace(microsecond=0)) if task.recurrence_pattern else None
    series = _series(task)
    try:
        if series and restart:
            series.check()
        task.next_recurrence_date = series.planned(task.due_date) if series else None
    except ValueError as error:
        raise InvalidError("recurrence_pattern", str(error)) from None


def _series(task: Task) -> Series | None:
    if not task.recurrence_pattern or not task.recurrence_start:
        return None
    return Series(
        task.recurrence_pattern, task.recurrence_start, task.recurrence_timezone, task.recurrence_from_completion
    )


def _action(old: TaskStatus, new: TaskStatus) -> ActivityAction | None:
    if old is new or TaskStatus.COMPLETED not in {old, new}:
        return None
    return ActivityAction.COMPLETED if new is TaskStatus.COMPLETED else ActivityAction.REOPENED


def _reopened(task: Task) -> TaskStatus:
    return TaskStatus.PENDING if task.status is TaskStatus.COMPLETED else task.status


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such task.")
