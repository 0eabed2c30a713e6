"""Brings the schema to the newest revision: `python -m app.migrate`.

For a rollback, `--needs` prints the revision that this version of the application needs, and `--back-to REVISION` makes
the schema one that a version which needs REVISION can work with, or says why not.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.database import DatabaseUnavailableError, migration_engine, sqlstate, translate_errors
from app.logging import configure_logging, log_fatal
from app.migrations import HEAD, is_at_least
from app.migrations.compare import differences
from app.settings import ConfigurationError, Settings, load_settings

# Any number will do, as long as every version of the application takes the same.
_LOCK = 7_346_211_952_380
_LOCK_NOT_AVAILABLE = "55P03"
_RETRY_SECONDS = 0.5

LOCATION = Path(__file__).with_name("migrations")

log = structlog.get_logger("app.migrate")


class MigrationError(Exception):
    """The schema can't be brought to the newest revision; the message says why and shows no data."""


async def migrate(settings: Settings) -> None:
    """Bring the schema to the newest revision, alone and all or nothing; raises MigrationError."""
    await _alone(settings, _bring_to_head)


async def go_back(settings: Settings, needed: str) -> None:
    """Make the schema one that older code can work with, which needs the revision `needed`.

    As a newer schema only adds to it, there is mostly nothing to do. Raises MigrationError when a migration says that
    older code can't work with it, unless it and those after it say that going back keeps what people stored.
    """
    await _alone(settings, lambda connection: _bring_back(connection, needed))


async def _alone(settings: Settings, work: Callable[[Connection], None]) -> None:
    engine = migration_engine(settings)
    try:
        with translate_errors():
            async with aclosing(await _connect(engine, settings.migration_timeout)) as connection:
                await _lock(connection, settings.migration_timeout)
                await connection.run_sync(work)
                await connection.commit()
    except DatabaseUnavailableError as error:
        raise MigrationError(f"the database does not answer: {error.reason}") from error
    except DBAPIError as error:
        raise MigrationError(_describe(error)) from error
    finally:
        await engine.dispose()


async def _connect(engine: AsyncEngine, patience: float) -> AsyncConnection:
    reason = None
    give_up = asyncio.get_running_loop().time() + patience
    while True:
        try:
            with translate_errors():
                return await engine.connect()
        except DatabaseUnavailableError as error:
            if asyncio.get_running_loop().time() > give_up:
                raise
            if error.reason != reason:
                reason = error.reason
                log.info("waiting for the database", reason=reason, seconds=patience)
        await asyncio.sleep(_RETRY_SECONDS)


async def _lock(connection: AsyncConnection, patience: float) -> None:
    await connection.execute(text(f"SET lock_timeout = {round(patience * 1000)}"))
    await connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
    # The lock is the connection's and goes with it; the migrations get a transaction of their own.
    await connection.commit()


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(LOCATION))
    return config


def _bring_to_head(connection: Connection) -> None:
    config = _config(connection)
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None and inspect(connection).get_table_names():
        _adopt(connection)
        command.stamp(config, "head")
    elif revision is None or revision in _revisions(config):
        command.upgrade(config, "head")
    elif is_at_least(revision):
        log.warning("the schema is newer than this version of the application", revision=revision, needed=HEAD)
    else:
        raise MigrationError(f"revision {revision} of the schema is not this application's")


def _bring_back(connection: Connection, needed: str) -> None:
    config = _config(connection)
    revision = MigrationContext.configure(connection).get_current_revision() or ""
    known = _revisions(config)
    if unknown := {revision, needed} - known:
        raise MigrationError(f"this version of the application does not know revision {', '.join(sorted(unknown))}")
    above = [
        script
        for script in ScriptDirectory.from_config(config).walk_revisions()
        if needed < script.revision <= revision
    ]
    breaking = [script for script in above if _says(script, "breaks_older_code")]
    if not breaking:
        return
    lowest = breaking[-1]
    undone = above[: above.index(lowest) + 1]
    if kept := [script.revision for script in undone if not _says(script, "downgrade_keeps_data")]:
        raise MigrationError(
            f"migration {lowest.revision} breaks older code ({_says(lowest, 'breaks_older_code')}), and going back "
            f"over {', '.join(kept)} would lose what people stored since"
        )
    command.downgrade(config, str(lowest.down_revision))


def _says(script: Script, name: str) -> object:
    return getattr(script.module, name, "")


def _revisions(config: Config) -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def _adopt(connection: Connection) -> None:
    """Take over tables that nobody has put under version control, if they are exactly the ones needed."""
    if found := differences(connection):
        raise MigrationError(f"the database holds a schema that this application did not make: {'; '.join(found)}")
    log.info("adopting the schema that is there", revision=HEAD)


def _describe(error: DBAPIError) -> str:
    if sqlstate(error) == _LOCK_NOT_AVAILABLE:
        return "another migration, or a statement on a table to be changed, did not end in time"
    # The driver's message without its detail line, which may show data.
    cause = error.orig and error.orig.__cause__
    return f"{cause.args[0] if cause and cause.args else type(error).__name__} (SQLSTATE {sqlstate(error)})"


def main(arguments: Sequence[str] = ()) -> int:
    """Run what the arguments say; the exit code is 1 if the schema is not as wanted afterwards."""
    parser = argparse.ArgumentParser(prog="app.migrate", description=__doc__)
    options = parser.add_mutually_exclusive_group()
    options.add_argument("--needs", action="store_true", help="print the revision that this version needs")
    options.add_argument("--back-to", metavar="REVISION", help="let a version work with the schema that needs REVISION")
    wanted = parser.parse_args(arguments)
    if wanted.needs:
        print(HEAD)
        return 0
    try:
        settings = load_settings()
    except ConfigurationError as error:
        log_fatal("refusing to start", error.problems)
        return 1
    configure_logging(settings)
    try:
        asyncio.run(go_back(settings, wanted.back_to) if wanted.back_to else migrate(settings))
    except MigrationError as error:
        log.critical("migration failed", reason=str(error))
        return 1
    if wanted.back_to:
        log.info("older code can work with the schema", needed=wanted.back_to)
    else:
        log.info("the schema is up to date", revision=HEAD)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
