"""The tools in the hands of the assistant that runs in this process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.tools import ToolDescription, ToolOutcome
from agent.turn import CalledTool
from app.tools.tool import Effect
from app.tools.toolset import TOOLS, Toolset


@dataclass(frozen=True)
class LocalTools:
    """One user's tools. Whatever the assistant was talked into, what destroys is done only as the person confirmed."""

    toolset: Toolset
    confirmed: Sequence[CalledTool]

    async def list(self) -> Sequence[ToolDescription]:
        """Every tool."""
        return [
            ToolDescription(
                name=tool.name,
                description=tool.description,
                input_schema=tool.input_schema,
                destructive=tool.effect is Effect.DELETES,
            )
            for tool in TOOLS.values()
        ]

    async def call(self, name: str, arguments: dict[str, Any]) -> ToolOutcome:
        """Use a tool."""
        tool = TOOLS.get(name)
        if tool and tool.effect is Effect.DELETES and not self._is_confirmed(name, arguments):
            return ToolOutcome(result={"error": "The person has not confirmed this."}, is_error=True)
        outcome = await self.toolset.call(name, arguments)
        return ToolOutcome(result=outcome.result, is_error=outcome.is_error)

    def _is_confirmed(self, name: str, arguments: dict[str, Any]) -> bool:
        return any(call.name == name and call.arguments == arguments for call in self.confirmed)
