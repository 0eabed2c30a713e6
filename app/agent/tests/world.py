"""A person's tasks in memory, behind tools with the names, arguments and results of the backend's."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from agent.tools import ToolDescription, ToolOutcome, ToolsUnavailableError

READING = ("list_tasks", "search_tasks", "get_task", "list_tags", "list_categories", "summarize_tasks")
DESTRUCTIVE = ("delete_task",)
_TEXT, _TEXTS, _TRUTH = {"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "boolean"}
_FIELDS = {
    "title": _TEXT,
    "description": _TEXT,
    "priority": {"enum": ["low", "medium", "high"]},
    "due_date": {"type": ["string", "null"], "format": "date-time"},
    "tags": _TEXTS,
    "category": _TEXT,
    "recurrence_pattern": _TEXT,
    "recurrence_timezone": _TEXT,
}
_PAGE = {"limit": {"type": "integer"}, "cursor": _TEXT}
_FILTER = {
    "status": _TEXTS,
    "priority": _TEXTS,
    "tags": _TEXTS,
    "category": _TEXT,
    "due_from": _TEXT,
    "due_before": _TEXT,
    "overdue": _TRUTH,
    "recurring": _TRUTH,
    "sort": _TEXT,
    **_PAGE,
}
_TASK = {"task_id": _TEXT}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "add_task": _FIELDS,
    "list_tasks": _FILTER,
    "search_tasks": {"query": _TEXT, **_PAGE},
    "get_task": _TASK,
    "update_task": {**_TASK, **_FIELDS, "status": {"enum": ["pending", "in_progress", "completed"]}},
    "complete_task": _TASK,
    "reopen_task": _TASK,
    "delete_task": _TASK,
    "summarize_tasks": {"time_zone": _TEXT},
    "add_subtask": {**_TASK, "title": _TEXT},
    "update_subtask": {**_TASK, "subtask_id": _TEXT, "title": _TEXT, "is_completed": _TRUTH},
    "list_tags": _PAGE,
    "list_categories": _PAGE,
}


class World:
    """Tools over the tasks; every call is kept in `calls`, and `broken` is how many of the next ones fail."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.tasks: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.broken = 0

    async def list(self) -> Sequence[ToolDescription]:
        """What the backend's server would list."""
        return [
            ToolDescription(
                name=name,
                description=name.replace("_", " "),
                input_schema={"type": "object", "properties": arguments, "additionalProperties": False},
                destructive=name in DESTRUCTIVE,
            )
            for name, arguments in ARGUMENTS.items()
        ]

    async def call(self, name: str, arguments: dict[str, Any]) -> ToolOutcome:
        """Use a tool."""
        self.calls.append((name, arguments))
        if self.broken:
            self.broken -= 1
            raise ToolsUnavailableError
        if name not in ARGUMENTS:
            return _failed("There is no such tool.")
        if unknown := arguments.keys() - ARGUMENTS[name].keys():
            return _failed(f"{', '.join(sorted(unknown))}: not an argument")
        if "task_id" in arguments and arguments["task_id"] not in self.tasks:
            return _failed("There is no such task.")
        run: Callable[[dict[str, Any]], Any] = getattr(self, f"_{name}")
        return ToolOutcome(result=run(arguments))

    def writes(self) -> Sequence[tuple[str, dict[str, Any]]]:
        """The calls that changed something."""
        return [call for call in self.calls if call[0] not in READING]

    def add(self, key: str = "", **fields: Any) -> dict[str, Any]:
        """Put a task there, whose id is made of `key`."""
        task = {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, key) if key else uuid.uuid4()),
            "title": "",
            "description": None,
            "status": "pending",
            "priority": "medium",
            "due_date": None,
            "category": None,
            "tags": [],
            "recurrence_pattern": None,
            "subtasks": [],
            **fields,
        }
        self.tasks[task["id"]] = task
        return task

    def _view(self, task: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in task.items() if name != "subtasks"}

    def _add_task(self, arguments: dict[str, Any]) -> Any:
        return self._view(self.add(**arguments))

    def _list_tasks(self, arguments: dict[str, Any]) -> Any:
        def fits(task: dict[str, Any]) -> bool:
            due = task["due_date"] and _moment(task["due_date"])
            done = task["status"] == "completed"
            return (
                ("status" not in arguments or task["status"] in arguments["status"])
                and ("priority" not in arguments or task["priority"] in arguments["priority"])
                and set(arguments.get("tags", ())) <= set(task["tags"])
                and arguments.get("category") in (None, task["category"])
                and ("due_from" not in arguments or bool(due and due >= _moment(arguments["due_from"])))
                and ("due_before" not in arguments or bool(due and due < _moment(arguments["due_before"])))
                and arguments.get("overdue") in (None, bool(due and due < self.now and not done))
                and arguments.get("recurring") in (None, bool(task["recurrence_pattern"]))
            )

        # Two pages, so that whoever asks has to turn them.
        found = [self._view(task) for task in self.tasks.values() if fits(task)]
        middle = len(found) // 2 if arguments.get("limit", 0) > 1 else len(found)
        if "cursor" in arguments:
            return {"items": found[middle:], "next_cursor": None}
        return {"items": found[:middle], "next_cursor": "second"} if middle else {"items": found, "next_cursor": None}

    def _search_tasks(self, arguments: dict[str, Any]) -> Any:
        query = arguments["query"].lower()
        return {
            "items": [self._view(t) for t in self.tasks.values() if query in t["title"].lower()],
            "next_cursor": None,
        }

    def _get_task(self, arguments: dict[str, Any]) -> Any:
        return self.tasks[arguments["task_id"]]

    def _update_task(self, arguments: dict[str, Any]) -> Any:
        task = self.tasks[arguments["task_id"]]
        task |= {name: value for name, value in arguments.items() if name != "task_id"}
        return self._view(task)

    def _complete_task(self, arguments: dict[str, Any]) -> Any:
        return self._update_task({**arguments, "status": "completed"})

    def _reopen_task(self, arguments: dict[str, Any]) -> Any:
        return self._update_task({**arguments, "status": "pending"})

    def _delete_task(self, arguments: dict[str, Any]) -> Any:
        task = self.tasks.pop(arguments["task_id"])
        return {"deleted": True, "id": task["id"], "title": task["title"]}

    def _summarize_tasks(self, _: dict[str, Any]) -> Any:
        statuses = [task["status"] for task in self.tasks.values()]
        counts = {status: statuses.count(status) for status in ("pending", "in_progress", "completed")}
        return {"total": len(statuses), **counts, "overdue": 0, "due_today": 0, "due_this_week": 0, "high_priority": 0}

    def _add_subtask(self, arguments: dict[str, Any]) -> Any:
        step = {"id": str(uuid.uuid4()), "title": arguments["title"], "is_completed": False}
        self.tasks[arguments["task_id"]]["subtasks"].append(step)
        return step

    def _update_subtask(self, arguments: dict[str, Any]) -> Any:
        steps = self.tasks[arguments["task_id"]]["subtasks"]
        step = next(step for step in steps if step["id"] == arguments["subtask_id"])
        step |= {name: value for name, value in arguments.items() if name not in ("task_id", "subtask_id")}
        return step

    def _list_tags(self, _: dict[str, Any]) -> Any:
        names = sorted({tag for task in self.tasks.values() for tag in task["tags"]})
        return {"items": [{"id": name, "name": name} for name in names], "next_cursor": None}

    def _list_categories(self, _: dict[str, Any]) -> Any:
        names = sorted({task["category"] for task in self.tasks.values() if task["category"]})
        return {"items": [{"id": name, "name": name} for name in names], "next_cursor": None}


def _failed(message: str) -> ToolOutcome:
    return ToolOutcome(result={"error": message}, is_error=True)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
