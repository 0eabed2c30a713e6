"""What tools take and give: the API's own types, in fewer words."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from app.categories.schemas import CategoryName
from app.fields import Text, UtcDatetime
from app.pagination import CursorText, Limit, Page
from app.subtasks.schemas import SubtaskPatch
from app.tags.schemas import MAXIMUM_TAGS, TagName
from app.tasks.filters import TaskSort
from app.tasks.models import TITLE_LENGTH, TaskPriority, TaskStatus
from app.tasks.schemas import Description, RecurrencePattern, TimeZone, Title

_TaskId = Annotated[uuid.UUID, Field(description="The `id` of a task, as list_tasks and search_tasks give it")]
_SubtaskId = Annotated[uuid.UUID, Field(description="The `id` of one of the task's subtasks, as get_task gives it")]
_TagId = Annotated[uuid.UUID, Field(description="The `id` of a tag, as list_tags gives it")]
_CategoryId = Annotated[uuid.UUID, Field(description="The `id` of a category, as list_categories gives it")]
_Title = Annotated[Title, Field(description="What is to be done, in a few words")]
_Description = Annotated[Description | None, Field(description="More about it")]
_Priority = Annotated[TaskPriority, Field(description="How much it matters")]
_Status = Annotated[TaskStatus, Field(description="How far it is")]
_Due = Annotated[UtcDatetime | None, Field(description="When it is due, with a zone, like 2030-01-31T12:00:00Z")]
_Tags = Annotated[
    list[TagName], Field(max_length=MAXIMUM_TAGS, description="Names of tags; those that don't exist yet are made")
]
_Category = Annotated[CategoryName | None, Field(description="Name of a category; it is made if there is none")]
_Recurrence = Annotated[
    RecurrencePattern | None,
    Field(description="How it comes again: daily, weekly, monthly, yearly, or a line like RRULE:FREQ=WEEKLY;BYDAY=MO"),
]
_TimeZone = Annotated[TimeZone, Field(description="Name of the person's time zone, like Europe/Berlin")]
_Color = Annotated[str | None, Field(description="Like #ff8800")]
_Icon = Annotated[str | None, Field(description="Name of an icon, or an emoji")]


class Input(BaseModel):
    """Arguments of a tool; those it doesn't know are refused, and none of them can name a user."""

    model_config = ConfigDict(extra="forbid")

    def given(self, *but: str) -> dict[str, Any]:
        """The arguments that were given, for the schema of the API that takes them."""
        return self.model_dump(exclude_unset=True, exclude={*but})


class Nothing(Input):
    """No arguments."""


class Paged(Input):
    """Which page of a list is asked for."""

    limit: Annotated[Limit, Field(description="How many at most")] = 50
    cursor: CursorText = None


class AddTask(Input):
    """A new task."""

    title: _Title
    description: _Description = None
    priority: _Priority = TaskPriority.MEDIUM
    due_date: _Due = None
    tags: _Tags = []
    category: _Category = None
    recurrence_pattern: _Recurrence = None
    recurrence_timezone: _TimeZone = "UTC"


class ListTasks(Paged):
    """What the tasks have in common."""

    status: Annotated[list[TaskStatus], Field(max_length=3, description="One of these")] = []
    priority: Annotated[list[TaskPriority], Field(max_length=3, description="One of these")] = []
    tags: Annotated[list[TagName], Field(max_length=10, description="Every one of these tags")] = []
    category: Annotated[CategoryName | None, Field(description="Name of a category")] = None
    due_from: Annotated[UtcDatetime | None, Field(description="Due then or later")] = None
    due_before: Annotated[UtcDatetime | None, Field(description="Due earlier than that")] = None
    overdue: Annotated[bool | None, Field(description="Whether it should have been done by now")] = None
    recurring: Annotated[bool | None, Field(description="Whether it comes again")] = None
    sort: Annotated[TaskSort, Field(description="A minus turns the order round")] = TaskSort.NEWEST


class SearchTasks(Paged):
    """Words to look for."""

    query: Annotated[
        Text, StringConstraints(min_length=1, max_length=200), Field(description="Part of the title or description")
    ]


class OneTask(Input):
    """Which task."""

    task_id: _TaskId


class UpdateTask(OneTask):
    """Changes to a task: what is left out stays, and null empties a field."""

    title: _Title = Field(default_factory=str)
    description: _Description = Field(default_factory=lambda: None)
    priority: _Priority = Field(default_factory=lambda: TaskPriority.MEDIUM)
    status: Annotated[TaskStatus, Field(description="How far it is")] = Field(
        default_factory=lambda: TaskStatus.PENDING
    )
    due_date: _Due = Field(default_factory=lambda: None)
    tags: _Tags = Field(default_factory=list)
    category: _Category = Field(default_factory=lambda: None)
    recurrence_pattern: _Recurrence = Field(default_factory=lambda: None)
    recurrence_timezone: _TimeZone = Field(default_factory=str)


class Summarize(Input):
    """Where today is."""

    time_zone: _TimeZone = "UTC"


class AddTag(Input):
    """A new tag."""

    name: Annotated[TagName, Field(description="The tag, without commas")]


class OneTag(Input):
    """Which tag."""

    tag_id: _TagId


class RenameTag(OneTag, AddTag):
    """A tag's new name."""


class AddCategory(Input):
    """A new category."""

    name: Annotated[CategoryName, Field(description="What the category is called")]
    color: _Color = None
    icon: _Icon = None


class OneCategory(Input):
    """Which category."""

    category_id: _CategoryId


class UpdateCategory(OneCategory):
    """Changes to a category: what is left out stays."""

    name: Annotated[CategoryName, Field(description="What the category is called")] = Field(default_factory=str)
    color: _Color = Field(default_factory=lambda: None)
    icon: _Icon = Field(default_factory=lambda: None)


class AddSubtask(OneTask):
    """A step of a task, which becomes the last one."""

    title: Annotated[Title, Field(max_length=TITLE_LENGTH, description="What the step is")]


class OneSubtask(OneTask):
    """Which step of which task."""

    subtask_id: _SubtaskId


class UpdateSubtask(OneSubtask):
    """Changes to a step: what is left out stays."""

    title: Annotated[Title, Field(description="What the step is")] = Field(default_factory=str)
    is_completed: Annotated[StrictBool, Field(description="Whether it is done")] = Field(default_factory=bool)

    def changes(self) -> SubtaskPatch:
        """What the API takes."""
        return SubtaskPatch.model_validate(self.given("task_id", "subtask_id"))


class Output(BaseModel):
    """What a tool gives."""

    model_config = ConfigDict(from_attributes=True)


class TaskView(Output):
    """A task."""

    id: uuid.UUID
    title: str
    description: str | None
    status: TaskStatus
    priority: TaskPriority
    due_date: datetime | None
    category: str | None
    tags: list[str]
    recurrence_pattern: str | None
    recurrence_timezone: str
    next_recurrence_date: datetime | None
    completed_at: datetime | None
    created_at: datetime


class TaskViews(Page[TaskView]):
    """Part of a list of tasks."""


class SubtaskView(Output):
    """A step of a task."""

    id: uuid.UUID
    title: str
    is_completed: bool
    order: int


class TaskDetails(TaskView):
    """A task and its steps."""

    subtasks: list[SubtaskView]


class TagView(Output):
    """A tag."""

    id: uuid.UUID
    name: str


class TagViews(Page[TagView]):
    """Part of the list of tags."""


class CategoryView(TagView):
    """A category."""

    color: str | None
    icon: str | None


class CategoryViews(Page[CategoryView]):
    """Part of the list of categories."""


class Deleted(Output):
    """What is gone, for good."""

    deleted: bool = True
    id: uuid.UUID
    title: str
