"""What the assistant understands."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from agent.rules.dates import Shift, When

Priority = Literal["high", "medium", "low"]
Status = Literal["open", "completed", "in_progress"]


@dataclass(frozen=True)
class Filter:
    """What tasks have in common; `label` is a word that may name a tag or a category."""

    status: Status | None = None
    priority: Priority | None = None
    tag: str | None = None
    category: str | None = None
    label: str | None = None
    due: tuple[datetime, datetime] | None = None
    overdue: bool = False
    recurring: bool = False


@dataclass(frozen=True)
class Reference:
    """Which tasks are meant: those whose titles the words fit, or all that a filter lets through."""

    words: str = ""
    filter: Filter | None = None


@dataclass(frozen=True)
class Add:
    """A new task; its fields are those of the tool."""

    fields: dict[str, Any]


@dataclass(frozen=True)
class Complete:
    """Tasks that are done."""

    tasks: Reference


@dataclass(frozen=True)
class Reopen:
    """Tasks that are not done after all."""

    tasks: Reference


@dataclass(frozen=True)
class Delete:
    """Tasks to be removed."""

    tasks: Reference


@dataclass(frozen=True)
class Change:
    """Changes to tasks: fields of the tool, another due date, tags that come or go."""

    tasks: Reference
    fields: dict[str, Any] = field(default_factory=dict)
    due: When | Shift | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListTasks:
    """Tasks to be listed."""

    filter: Filter


@dataclass(frozen=True)
class Show:
    """One task to be shown, or its steps."""

    tasks: Reference
    steps: bool = False


@dataclass(frozen=True)
class Search:
    """A text to look for."""

    query: str


@dataclass(frozen=True)
class AddSubtask:
    """A step for a task."""

    tasks: Reference
    title: str


@dataclass(frozen=True)
class CompleteSubtask:
    """A step that is done."""

    tasks: Reference
    title: str


@dataclass(frozen=True)
class Ask:
    """What there is at all: every tag, every category, or numbers."""

    what: Literal["tags", "categories", "summary"]


@dataclass(frozen=True)
class Talk:
    """Nothing to do, but something to say."""

    topic: Literal["greeting", "thanks", "help", "who", "which_date", "long", "unclear"]


Command = (
    Add | Complete | Reopen | Delete | Change | ListTasks | Show | Search | AddSubtask | CompleteSubtask | Ask | Talk
)
