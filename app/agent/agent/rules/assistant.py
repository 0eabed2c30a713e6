"""Carries commands out, with the tools that a model would use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agent.base import BaseAssistant, Conversation, new_call
from agent.rules import matching, parser, wording
from agent.rules.commands import (
    Add,
    AddSubtask,
    Ask,
    Change,
    Command,
    Complete,
    CompleteSubtask,
    Delete,
    Filter,
    ListTasks,
    Reference,
    Reopen,
    Search,
    Show,
    Talk,
)
from agent.rules.dates import to_utc

_PAGE = 100
_MOST_TASKS = 1000
_MOST_AT_ONCE = 50

Task = dict[str, Any]


class RuleAssistant(BaseAssistant):
    """Follows rules instead of asking a model, and says so in its first answer and whenever it is asked."""

    provider = "rules"

    async def _converse(self, conversation: Conversation) -> None:
        turn = conversation.turn
        work = _Work(conversation, self.name)
        if turn.messages[-1].role == "user":
            await work.do(parser.parse(turn.messages[-1].content, turn.local_now))
        else:
            done = conversation.messages[len(turn.messages) :]
            conversation.say(wording.outcomes([message.tool_result for message in done]))
        if not any(message.role == "assistant" for message in turn.messages):
            conversation.say(f"\n\n{wording.INTRODUCTION}")


class _Impossible(Exception):  # noqa: N818  # an answer, not an error
    """The command can't be carried out; the text says why."""


class _Work:
    """The commands of one turn."""

    def __init__(self, conversation: Conversation, name: str) -> None:
        self._conversation = conversation
        self._now = conversation.turn.local_now
        self._zone = conversation.turn.time_zone
        self._name = name

    async def do(self, commands: Sequence[Command]) -> None:
        """Carry the commands out, one after the other, and say what came of each."""
        for number, command in enumerate(commands):
            try:
                text = await self._do(command)
            except _Impossible as answer:
                text = str(answer)
            self._conversation.say(f"\n{text}" if number else text)

    async def _do(self, command: Command) -> str:  # noqa: C901, PLR0911  # one line a command
        match command:
            case Add(fields):
                return await self._add(fields)
            case Complete(tasks):
                found = await self._find(tasks, Filter(status="open"))
                return wording.did("Completed", [await self._act("complete_task", task) for task in found])
            case Reopen(tasks):
                found = await self._find(tasks, Filter(status="completed"))
                return wording.did("Reopened", [await self._act("reopen_task", task) for task in found])
            case Delete(tasks):
                return await self._delete(tasks)
            case Change():
                found = await self._find(command.tasks, Filter(status="open"))
                changed = [await self._act("update_task", task, self._changes(command, task)) for task in found]
                return wording.changed(changed, self._now)
            case ListTasks(conditions):
                return wording.listed(await self._list(conditions, _PAGE), self._now)
            case Show(tasks, steps):
                task = await self._one(tasks)
                return wording.shown(await self._use("get_task", {"task_id": task["id"]}), self._now, steps=steps)
            case Search(query):
                found = (await self._use("search_tasks", {"query": query}))["items"]
                return wording.listed(found, self._now)
            case AddSubtask(tasks, title):
                task = await self._one(tasks)
                await self._use("add_subtask", {"task_id": task["id"], "title": title})
                return f"Added the subtask “{title}” to “{task['title']}”."
            case CompleteSubtask(tasks, title):
                return await self._complete_subtask(tasks, title)
            case Ask(what):
                return await self._ask(what)
            case Talk(topic):
                return wording.talk(topic, self._name)

    async def _add(self, fields: dict[str, Any]) -> str:
        due: datetime | None = fields.get("due_date")
        if due and due <= self._now:
            raise _Impossible(f"“{fields['title']}” would be due in the past; name a later day or time.")
        arguments = dict(fields)
        if due:
            arguments["due_date"] = to_utc(due)
        if "recurrence_pattern" in fields:
            arguments["recurrence_timezone"] = self._zone
        return wording.added(await self._use("add_task", arguments), self._now)

    async def _delete(self, tasks: Reference) -> str:
        found = await self._find(tasks, Filter())
        calls = [new_call("delete_task", {"task_id": task["id"]}) for task in found]
        for call in calls:
            self._conversation.announce(call)
        for call in calls:
            await self._conversation.ask(call)
        return wording.to_confirm(len(found))

    def _changes(self, command: Change, task: Task) -> dict[str, Any]:
        changes = dict(command.fields)
        if command.due:
            due = datetime.fromisoformat(task["due_date"]) if task["due_date"] else None
            changes["due_date"] = to_utc(command.due.moved(due, self._now))
        if command.add_tags or command.remove_tags:
            changes["tags"] = sorted((set(task["tags"]) | set(command.add_tags)) - set(command.remove_tags))
        if "recurrence_pattern" in changes:
            changes["recurrence_timezone"] = self._zone
        return changes

    async def _complete_subtask(self, tasks: Reference, title: str) -> str:
        task = await self._one(tasks)
        steps = (await self._use("get_task", {"task_id": task["id"]}))["subtasks"]
        found = matching.best(title, steps)
        if len(found) != 1:
            raise _Impossible(wording.which(title, found))
        step = found[0]
        await self._use("update_subtask", {"task_id": task["id"], "subtask_id": step["id"], "is_completed": True})
        return f"Completed the subtask “{step['title']}” of “{task['title']}”."

    async def _ask(self, what: str) -> str:
        if what == "summary":
            return wording.summary(await self._use("summarize_tasks", {"time_zone": self._zone}))
        items = (await self._use(f"list_{what}", {"limit": _PAGE}))["items"]
        return wording.labels(what, [str(item["name"]) for item in items])

    async def _act(self, tool: str, task: Task, fields: dict[str, Any] | None = None) -> Any:
        return await self._use(tool, {"task_id": task["id"], **(fields or {})})

    async def _one(self, reference: Reference) -> Task:
        found = await self._find(reference, Filter())
        if len(found) > 1:
            raise _Impossible(wording.which(reference.words, found))
        return found[0]

    async def _find(self, reference: Reference, among: Filter) -> list[Task]:
        """The tasks that are meant: at least one. Those among which they should be come first."""
        if reference.filter:
            found = await self._list(reference.filter, _MOST_TASKS)
            if not found:
                raise _Impossible("There is no such task.")
            if len(found) > _MOST_AT_ONCE:
                raise _Impossible(f"That is {len(found)} tasks; I change at most {_MOST_AT_ONCE} at once.")
            return found
        for conditions in [among, Filter()] if among != Filter() else [among]:
            tasks = await self._list(conditions, _MOST_TASKS)
            if found := self._named(reference.words, tasks):
                return found
        raise _Impossible(f"I found no task like “{reference.words}”.")

    def _named(self, words: str, tasks: list[Task]) -> list[Task]:
        found = matching.best(words, tasks)
        if len(found) == 1:
            return found
        # "milk and bread" are two, unless there is a task of that name.
        parts = [part.strip() for part in words.replace(", ", " and ").split(" and ") if part.strip()]
        each = [matching.best(part, tasks) for part in parts]
        if len(parts) > 1 and all(len(one) == 1 for one in each):
            return [one[0] for one in each]
        if found:
            raise _Impossible(wording.which(words, found))
        return []

    async def _list(self, conditions: Filter, most: int) -> list[Task]:
        arguments = await self._arguments(conditions)
        tasks: list[Task] = []
        cursor = None
        while True:
            page = await self._use("list_tasks", arguments | ({"cursor": cursor} if cursor else {}))
            tasks += page["items"]
            cursor = page.get("next_cursor")
            if not cursor or len(tasks) >= most:
                return tasks

    async def _arguments(self, conditions: Filter) -> dict[str, Any]:
        arguments: dict[str, Any] = {"limit": _PAGE}
        if conditions.status:
            arguments["status"] = ["pending", "in_progress"] if conditions.status == "open" else [conditions.status]
        if conditions.priority:
            arguments["priority"] = [conditions.priority]
        tag, category = conditions.tag, conditions.category
        if conditions.label:
            tag, category = await self._labelled(conditions.label)
        if tag:
            arguments["tags"] = [tag]
        if category:
            arguments["category"] = category
        if conditions.due:
            arguments |= {"due_from": to_utc(conditions.due[0]), "due_before": to_utc(conditions.due[1])}
        if conditions.overdue:
            arguments["overdue"] = True
        if conditions.recurring:
            arguments["recurring"] = True
        if conditions.due or conditions.overdue:
            arguments["sort"] = "due_date"
        return arguments

    async def _labelled(self, label: str) -> tuple[str | None, str | None]:
        """The tag or the category of that name."""
        for what in ("categories", "tags"):
            items = (await self._use(f"list_{what}", {"limit": _PAGE}))["items"]
            name = next((str(item["name"]) for item in items if item["name"].lower() == label.lower()), None)
            if name:
                return (None, name) if what == "categories" else (name, None)
        raise _Impossible(f"There is neither a tag nor a category “{label}”.")

    async def _use(self, name: str, arguments: dict[str, Any]) -> Any:
        outcome = await self._conversation.use(name, arguments)
        if outcome.is_error:
            raise _Impossible(wording.refused(outcome.result))
        return outcome.result
