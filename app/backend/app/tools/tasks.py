"""Tools for tasks and their steps."""

from app.categories.repository import CategoryRepository
from app.errors import InvalidError
from app.subtasks.schemas import SubtaskCreate
from app.tasks.filters import TaskFilter
from app.tasks.schemas import TaskCreate, TaskPatch, TaskSummary
from app.tools.schemas import (
    AddSubtask,
    AddTask,
    Deleted,
    ListTasks,
    OneSubtask,
    OneTask,
    SearchTasks,
    SubtaskView,
    Summarize,
    TaskDetails,
    TaskView,
    TaskViews,
    UpdateSubtask,
    UpdateTask,
)
from app.tools.tool import Desk, Effect, ToolRegistry

TOOLS = ToolRegistry()


@TOOLS.add("Add a task", Effect.ADDS)
async def add_task(desk: Desk, request: AddTask) -> TaskView:
    """Add a task. A due date must be in the future."""
    return TaskView.model_validate(await desk.tasks.create(TaskCreate.model_validate(request.given())))


@TOOLS.add("List tasks", Effect.READS)
async def list_tasks(desk: Desk, request: ListTasks) -> TaskViews:
    """Tasks that meet every condition given, newest first unless another order is asked for."""
    conditions = request.given("tags", "category", "limit", "cursor")
    if request.category is not None:
        category = await CategoryRepository(desk.session, desk.owner_id).named(request.category)
        if category is None:
            raise InvalidError("category", "There is no such category.")
        conditions["category_id"] = category.id
    query = TaskFilter.model_validate({**conditions, "tag": request.tags})
    return TaskViews.model_validate(await desk.tasks.page(query, request.limit, request.cursor))


@TOOLS.add("Search tasks", Effect.READS)
async def search_tasks(desk: Desk, request: SearchTasks) -> TaskViews:
    """Tasks whose title or description contains some text, newest first."""
    query = TaskFilter(search=request.query)
    return TaskViews.model_validate(await desk.tasks.page(query, request.limit, request.cursor))


@TOOLS.add("Show a task", Effect.READS)
async def get_task(desk: Desk, request: OneTask) -> TaskDetails:
    """One task and its subtasks."""
    task = TaskView.model_validate(await desk.tasks.get(request.task_id))
    subtasks = await (await desk.subtasks(request.task_id, locked=False)).all()
    views = [SubtaskView.model_validate(subtask) for subtask in subtasks]
    return TaskDetails(**task.model_dump(), subtasks=views)


@TOOLS.add("Change a task", Effect.CHANGES)
async def update_task(desk: Desk, request: UpdateTask) -> TaskView:
    """Change the fields of a task that are given; null empties one, and tags replace all that it had."""
    changes = TaskPatch.model_validate(request.given("task_id"))
    return TaskView.model_validate(await desk.tasks.patch(request.task_id, changes))


@TOOLS.add("Complete a task", Effect.CHANGES)
async def complete_task(desk: Desk, request: OneTask) -> TaskView:
    """Mark a task as done; a recurring one comes again as a new task."""
    return TaskView.model_validate(await desk.tasks.complete(request.task_id))


@TOOLS.add("Reopen a task", Effect.CHANGES)
async def reopen_task(desk: Desk, request: OneTask) -> TaskView:
    """Take up again a task that was done."""
    return TaskView.model_validate(await desk.tasks.uncomplete(request.task_id))


@TOOLS.add("Delete a task", Effect.DELETES)
async def delete_task(desk: Desk, request: OneTask) -> Deleted:
    """Remove a task and its subtasks for good."""
    task = await desk.tasks.get(request.task_id)
    await desk.tasks.delete(request.task_id)
    return Deleted(id=task.id, title=task.title)


@TOOLS.add("Summarize tasks", Effect.READS)
async def summarize_tasks(desk: Desk, request: Summarize) -> TaskSummary:
    """How many tasks there are, by status and by when they are due."""
    return await desk.tasks.summary(request.time_zone)


@TOOLS.add("Add a subtask", Effect.ADDS)
async def add_subtask(desk: Desk, request: AddSubtask) -> SubtaskView:
    """Add a step to a task, after the others."""
    steps = await desk.subtasks(request.task_id, locked=True)
    return SubtaskView.model_validate(await steps.create(SubtaskCreate(title=request.title)))


@TOOLS.add("Change a subtask", Effect.CHANGES)
async def update_subtask(desk: Desk, request: UpdateSubtask) -> SubtaskView:
    """Rename a step of a task, or mark it as done or not done."""
    steps = await desk.subtasks(request.task_id, locked=True)
    return SubtaskView.model_validate(await steps.patch(request.subtask_id, request.changes()))


@TOOLS.add("Delete a subtask", Effect.DELETES)
async def delete_subtask(desk: Desk, request: OneSubtask) -> Deleted:
    """Remove a step of a task for good."""
    steps = await desk.subtasks(request.task_id, locked=True)
    step = await steps.get(request.subtask_id)
    await steps.delete(request.subtask_id)
    return Deleted(id=step.id, title=step.title)
