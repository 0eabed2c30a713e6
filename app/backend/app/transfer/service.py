"""Takes tasks in and gives them out."""

import uuid
from collections.abc import AsyncIterator
from itertools import groupby

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.activity.models import ActivityAction, TaskActivity
from app.categories.repository import CategoryRepository
from app.database import Database
from app.errors import InvalidError
from app.pagination import MAXIMUM_LIMIT
from app.subtasks.models import Subtask
from app.tags.models import TaskTag
from app.tags.repository import TagRepository
from app.tasks.filters import TaskFilter, TaskSort
from app.tasks.models import Task, TaskStatus
from app.tasks.repository import TaskRepository
from app.tasks.service import TaskLimits, plan
from app.transfer.formats import read, write_row
from app.transfer.schemas import (
    ExportedSubtask,
    ExportedTask,
    ExportFormat,
    ImportedTask,
    ImportFormat,
    ImportResult,
)


class ImportService:
    """Takes the tasks of a file in, all of them or none."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID, limits: TaskLimits) -> None:
        self._session = session
        self._owner_id = owner_id
        self._limits = limits
        self._categories = CategoryRepository(session, owner_id)
        self._tags = TagRepository(session, owner_id)

    async def take(self, content: bytes, form: ImportFormat) -> ImportResult:
        """Make the tasks of a file; raises InvalidError that says where it is wrong."""
        found, warnings = read(content, form)
        categories = {
            name: (await self._categories.ensure(name)).id
            for name in sorted({task.category for task in found.tasks if task.category})
        }
        tags = await self._tags.ensure({name for task in found.tasks for name in task.tags})
        made = []
        for number, imported in enumerate(found.tasks):
            try:
                task = self._task(imported)
            except InvalidError as error:
                raise InvalidError("file", f"tasks.{number}.{error.detail}") from None
            task.category_id = categories.get(imported.category or "")
            made.append((imported, task))
        # There are no relationships to tell SQLAlchemy the order.
        self._session.add_all([task for _, task in made])
        await self._session.flush()
        for imported, task in made:
            self._session.add_all([TaskTag(task_id=task.id, tag_id=tags[name]) for name in imported.tags])
            self._session.add_all(
                [
                    Subtask(parent_task_id=task.id, order=order, **subtask.model_dump())
                    for order, subtask in enumerate(imported.subtasks)
                ]
            )
            created = TaskActivity(task_id=task.id, user_id=self._owner_id, action=ActivityAction.CREATED)
            self._session.add(created)
        await self._session.flush()
        return ImportResult(count=len(made), warnings=warnings)

    def _task(self, imported: ImportedTask) -> Task:
        fields = imported.fields()
        for name in ("subtasks", "completed_at", "created_at"):
            fields.pop(name)
        self._limits.check(fields)
        task = Task(user_id=self._owner_id, **fields)
        task.move_to(imported.status_after(TaskStatus.PENDING))
        if imported.completed_at and task.completed_at:
            task.completed_at = imported.completed_at
        if imported.created_at:
            task.created_at = imported.created_at
        plan(task, restart=True)
        return task


class ExportService:
    """Gives a user's tasks out, however many there are."""

    def __init__(self, database: Database, owner_id: uuid.UUID) -> None:
        self._database = database
        self._owner_id = owner_id

    async def give(self, form: ExportFormat) -> AsyncIterator[str]:
        """The file, in pieces."""
        if form is ExportFormat.CSV:
            yield write_row()
            async for task, _ in self._tasks():
                yield write_row(task.model_dump(mode="json"))
            return
        separator = '{"tasks":['
        async for task, subtasks in self._tasks():
            own = ",".join(subtask.model_dump_json() for subtask in subtasks)
            yield f'{separator}{task.model_dump_json()[:-1]},"subtasks":[{own}]}}'
            separator = ",\n"
        yield f"{separator}]}}" if separator.startswith("{") else "]}"

    async def _tasks(self) -> AsyncIterator[tuple[ExportedTask, list[ExportedSubtask]]]:
        everything, cursor = TaskFilter(sort=TaskSort.CREATED_AT), None
        while True:
            async with self._database.session() as session:
                page = await TaskRepository(session, self._owner_id).page(everything, MAXIMUM_LIMIT, cursor)
                subtasks = await _subtasks(session, [row.id for row in page.items])
            for row in page.items:
                yield ExportedTask.model_validate(row), subtasks.get(row.id, [])
            if not (cursor := page.next_cursor):
                return


async def _subtasks(session: AsyncSession, task_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[ExportedSubtask]]:
    statement = select(Subtask).where(col(Subtask.parent_task_id).in_(task_ids))
    rows = (await session.exec(statement.order_by(col(Subtask.parent_task_id), col(Subtask.order)))).all()
    return {
        task_id: [ExportedSubtask.model_validate(row) for row in group]
        for task_id, group in groupby(rows, key=lambda row: row.parent_task_id)
    }
