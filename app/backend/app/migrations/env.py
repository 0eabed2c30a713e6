"""Alembic's entry: runs on the connection it is handed, or on one of its own for the command line."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import app.models  # noqa: F401
from app.database import migration_engine
from app.settings import load_settings


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=SQLModel.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def _connect_and_run() -> None:
    async with migration_engine(load_settings()).begin() as connection:
        await connection.run_sync(_run)


if connection := context.config.attributes.get("connection"):
    _run(connection)
else:
    asyncio.run(_connect_and_run())
