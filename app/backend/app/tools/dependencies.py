"""What routes ask for that are about tools."""

from typing import Annotated

from fastapi import Depends

from app.auth.dependencies import PrincipalDep
from app.dependencies import DatabaseDep, SettingsDep
from app.tasks.dependencies import task_limits
from app.tools.toolset import Toolset


async def get_toolset(principal: PrincipalDep, database: DatabaseDep, settings: SettingsDep) -> Toolset:
    """The tools of the caller. Whose tasks they work on is decided here, and by nothing that is said."""
    return Toolset(database, task_limits(settings), principal.user_id, may_write=principal.is_user)


ToolsetDep = Annotated[Toolset, Depends(get_toolset)]
