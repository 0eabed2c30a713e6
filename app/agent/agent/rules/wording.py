"""What the rule-based assistant says."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from agent.rules.dates import END_OF_DAY

INTRODUCTION = "I follow fixed rules; no AI model is configured here. Write “help” to see what I understand."
_HELP = """I am a rule-based assistant, not an AI model. I understand sentences such as:
- add buy milk tomorrow at 5pm, high priority, #shopping
- complete buy milk · reopen buy milk · delete buy milk
- move everything due today to tomorrow · rename buy milk to buy oat milk
- tag the report with office · set the priority of the report to high
- what is due this week? · show overdue tasks · show high priority tasks · search for milk
- add subtask book a room to plan birthday party · give me a summary"""
_MOST_LISTED = 50


def talk(topic: str, name: str) -> str:
    """An answer that needs no tool."""
    return {
        "greeting": "Hello! Tell me what to do with your tasks.",
        "thanks": "You are welcome.",
        "help": _HELP,
        "who": f"I am {name}, a rule-based assistant: I follow fixed rules and am no AI model.",
        "which_date": "To which day or time? For example: move buy milk to friday at 5pm.",
        "long": "That is too long for me; write one command at a time.",
        "unclear": f"I did not understand that.\n{_HELP}",
    }[topic]


def added(task: dict[str, Any], now: datetime) -> str:
    """After a task was added."""
    return f"Added “{task['title']}”{_details(task, now)}."


def did(verb: str, tasks: Sequence[dict[str, Any]]) -> str:
    """After something was done with tasks."""
    return f"{verb} {_titles(tasks)}."


def changed(tasks: Sequence[dict[str, Any]], now: datetime) -> str:
    """After tasks were changed."""
    return "\n".join(f"Changed “{task['title']}”{_details(task, now)}." for task in tasks)


def to_confirm(count: int) -> str:
    """Before something is deleted."""
    return "Please confirm; this can't be undone." if count == 1 else f"Please confirm each of {count} deletions."


def outcomes(results: Sequence[Any]) -> str:
    """After what a person confirmed or refused."""
    gone = [result for result in results if isinstance(result, dict) and result.get("deleted")]
    errors = [refused(result) for result in results if isinstance(result, dict) and "error" in result]
    lines = [f"Deleted {_titles(gone)}."] if gone else []
    return "\n".join([*lines, *dict.fromkeys(errors)]) or "Done."


def refused(result: Any) -> str:
    """What a tool said instead of a result."""
    return str(result["error"]) if isinstance(result, dict) and "error" in result else "That did not work."


def which(words: str, tasks: Sequence[dict[str, Any]]) -> str:
    """A question between several, or that there is none."""
    if not tasks:
        return f"I found nothing like “{words}”."
    return "Which one do you mean?\n" + "\n".join(f"- {task['title']}" for task in tasks[:_MOST_LISTED])


def listed(tasks: Sequence[dict[str, Any]], now: datetime) -> str:
    """Several tasks."""
    if not tasks:
        return "There are none."
    lines = [f"- {_done(task)}{task['title']}{_details(task, now)}" for task in tasks[:_MOST_LISTED]]
    if len(tasks) > _MOST_LISTED:
        lines.append(f"and {len(tasks) - _MOST_LISTED} more")
    return "\n".join(lines)


def shown(task: dict[str, Any], now: datetime, *, steps: bool) -> str:
    """One task, or its steps."""
    lines = [f"  - {'✓ ' if step['is_completed'] else ''}{step['title']}" for step in task["subtasks"]]
    if steps:
        return "\n".join([f"“{task['title']}” has these subtasks:", *lines]) if lines else "It has no subtasks."
    head = f"{_done(task)}“{task['title']}”{_details(task, now)}"
    return "\n".join([head, *([task["description"]] if task["description"] else []), *lines])


def labels(what: str, names: Sequence[str]) -> str:
    """Tags or categories."""
    return f"Your {what}: {', '.join(names)}." if names else f"You have no {what}."


def summary(numbers: dict[str, Any]) -> str:
    """What there is, in numbers."""
    unfinished = numbers["pending"] + numbers["in_progress"]
    return (
        f"{unfinished} open and {numbers['completed']} completed tasks: {numbers['overdue']} overdue,"
        f" {numbers['due_today']} due today, {numbers['due_this_week']} within a week,"
        f" {numbers['high_priority']} of high priority."
    )


def _titles(tasks: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"“{task['title']}”" for task in tasks)


def _done(task: dict[str, Any]) -> str:
    return "✓ " if task["status"] == "completed" else ""


def _details(task: dict[str, Any], now: datetime) -> str:
    parts = []
    if task["due_date"]:
        parts.append(f"due {_moment(datetime.fromisoformat(task['due_date']).astimezone(now.tzinfo), now)}")
    if task["priority"] != "medium":
        parts.append(f"{task['priority']} priority")
    if task["category"]:
        parts.append(task["category"])
    parts += [f"#{tag}" for tag in task["tags"]]
    if task["recurrence_pattern"]:
        parts.append(f"repeats {task['recurrence_pattern'].removeprefix('RRULE:')}")
    return f" ({', '.join(parts)})" if parts else ""


def _moment(due: datetime, now: datetime) -> str:
    days = {
        now.date() - timedelta(days=1): "yesterday",
        now.date(): "today",
        now.date() + timedelta(days=1): "tomorrow",
    }
    day = days.get(due.date()) or f"{due:%A} {due.day} {due:%B}" + (f" {due.year}" if due.year != now.year else "")
    return day if due.time().replace(second=0, microsecond=0) == END_OF_DAY else f"{day} at {due:%H:%M}"
