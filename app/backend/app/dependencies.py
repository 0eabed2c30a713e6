"""What routes of every domain ask for.

Dependencies are coroutines, also those that wait for nothing: FastAPI runs any other in a thread, which takes longer
than most of a request.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app.database import Database
from app.settings import Settings


async def get_settings(request: Request) -> Settings:
    """The settings the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


async def get_database(request: Request) -> Database:
    """The process's database."""
    database: Database = request.app.state.database
    return database


DatabaseDep = Annotated[Database, Depends(get_database)]


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """A session that is committed when the route has returned, before its answer is sent."""
    database: Database = request.app.state.database
    async with database.session(reading=request.method == "GET") as session:
        yield session


SettingsDep = Annotated[Settings, Depends(get_settings)]
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
