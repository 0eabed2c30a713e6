"""What a person is asked before something is destroyed: in the words of their data, not in the model's."""

from typing import Any

from agent.tools import Tools, ToolsUnavailableError
from agent.turn import CalledTool


async def summarize(call: CalledTool, tools: Tools) -> str:
    """A question such as: Delete the task “Buy milk”?"""
    action = call.name.replace("_", " ").capitalize()
    try:
        name = await _named(call.arguments, tools)
    except (ToolsUnavailableError, KeyError, TypeError):
        name = None
    if name is None:
        name = ", ".join(str(value) for value in call.arguments.values())
    return f"{action} “{name}”?"


async def _named(arguments: dict[str, Any], tools: Tools) -> str | None:
    if "task_id" in arguments:
        outcome = await tools.call("get_task", {"task_id": arguments["task_id"]})
        if outcome.is_error or "subtask_id" not in arguments:
            return None if outcome.is_error else str(outcome.result["title"])
        steps = outcome.result["subtasks"]
        return next((str(step["title"]) for step in steps if step["id"] == arguments["subtask_id"]), None)
    for key, listing in (("tag_id", "list_tags"), ("category_id", "list_categories")):
        if key in arguments:
            outcome = await tools.call(listing, {"limit": 100})
            items = [] if outcome.is_error else outcome.result["items"]
            return next((str(item["name"]) for item in items if item["id"] == arguments[key]), None)
    return None
