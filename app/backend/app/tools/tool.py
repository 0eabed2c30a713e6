"""What a tool is."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.categories.service import CategoryService
from app.errors import NotFoundError
from app.subtasks.service import SubtaskService
from app.tags.service import TagService
from app.tasks.repository import TaskRepository
from app.tasks.service import TaskLimits, TaskService

InputT = TypeVar("InputT", bound=BaseModel)


class Effect(Enum):
    """What a call does to the user's data; but for ADDS, doing it twice changes no more than doing it once."""

    READS = "reads"
    ADDS = "adds"
    CHANGES = "changes"
    DELETES = "deletes"


@dataclass(frozen=True)
class Desk:
    """The services of one user, in one transaction: nothing that a tool is told leads to anybody else's."""

    session: AsyncSession
    owner_id: uuid.UUID
    limits: TaskLimits

    @cached_property
    def tasks(self) -> TaskService:
        """The user's tasks."""
        return TaskService(self.session, self.owner_id, self.limits)

    @cached_property
    def tags(self) -> TagService:
        """The user's tags."""
        return TagService(self.session, self.owner_id)

    @cached_property
    def categories(self) -> CategoryService:
        """The user's categories."""
        return CategoryService(self.session, self.owner_id)

    async def subtasks(self, task_id: uuid.UUID, *, locked: bool) -> SubtaskService:
        """The steps of one of the user's tasks, which nobody else changes if it is locked; raises NotFoundError."""
        tasks = TaskRepository(self.session, self.owner_id)
        if not (await tasks.lock([task_id]) if locked else await tasks.exists(task_id)):
            raise NotFoundError("There is no such task.")
        return SubtaskService(self.session, task_id)


@dataclass(frozen=True)
class Tool:
    """Something that an assistant can do; its arguments and results are described by models."""

    name: str
    title: str
    description: str
    effect: Effect
    input: type[BaseModel]
    output: type[BaseModel]
    run: Callable[[Desk, Any], Awaitable[Any]]

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments."""
        return self.input.model_json_schema()

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        """The JSON schema of the result."""
        return self.output.model_json_schema(mode="serialization")


class ToolRegistry(dict[str, Tool]):
    """Tools by their names."""

    def add(
        self, title: str, effect: Effect
    ) -> Callable[[Callable[[Desk, InputT], Awaitable[Any]]], Callable[[Desk, InputT], Awaitable[Any]]]:
        """Make a tool of a function: its name, its docstring and the types of its request and result."""

        def register(run: Callable[[Desk, InputT], Awaitable[Any]]) -> Callable[[Desk, InputT], Awaitable[Any]]:
            types = get_type_hints(run)
            self[run.__name__] = Tool(
                run.__name__, title, run.__doc__ or "", effect, types["request"], types["return"], run
            )
            return run

        return register
