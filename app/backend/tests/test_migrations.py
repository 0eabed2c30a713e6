import asyncio
import json
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.config import CommandLine, Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlmodel import SQLModel

from app.database import migration_engine
from app.migrate import MigrationError, go_back, main, migrate
from app.migrations import HEAD, is_at_least
from app.migrations.compare import differences
from tests.conftest import SECRET, make_settings
from tests.postgres import PASSWORD, free_port

pytestmark = pytest.mark.anyio

MIGRATIONS = Path(__file__).parents[1] / "app" / "migrations"
REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


async def move(url: str, direction: Any, revision: str) -> None:
    """Run Alembic's upgrade or downgrade."""

    def run(connection: Connection) -> None:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        direction(config, revision)

    engine = migration_engine(make_settings(url))
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


async def query(url: str, *statements: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetch(statement) for statement in statements][-1]
    finally:
        await connection.close()


async def tables(url: str) -> set[str]:
    return {row[0] for row in await query(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


async def columns_and_indexes(url: str) -> set[str]:
    known = (
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
    )
    return {row[0] for row in await query(url, known)}


USER = str(uuid.uuid4())
DATA = {
    "0001": [
        f"INSERT INTO users VALUES ('{USER}', 'a@example.com', NULL, 'x', true, false, true, now(), now())",
        f"INSERT INTO sessions VALUES (gen_random_uuid(), '{USER}', 'x', now(), now(), now(), NULL)",
    ],
    "0002": [
        "INSERT INTO tasks VALUES"
        f" (gen_random_uuid(), '{USER}', 'Title', NULL, 'pending', 'low', NULL, NULL, now(), now())",
    ],
    "0003": ["INSERT INTO rate_limits VALUES ('key', 1, now())"],
    "0004": ["UPDATE sessions SET client = 'A phone'"],
    "0005": ["INSERT INTO scheduled_jobs VALUES ('cleanup', now())"],
    "0010": [
        f"INSERT INTO categories VALUES (gen_random_uuid(), '{USER}', 'Home', '#ff8800', 'house', now())",
        f"INSERT INTO tags VALUES (gen_random_uuid(), '{USER}', 'green', now())",
        "INSERT INTO task_tags SELECT tasks.id, tags.id FROM tasks, tags",
        "UPDATE tasks SET category_id = (SELECT id FROM categories)",
    ],
    "0011": [
        "UPDATE tasks SET recurrence_pattern = 'daily', recurrence_start = now()",
        "INSERT INTO subtasks SELECT gen_random_uuid(), id, 'Step', false, 0, now(), now() FROM tasks",
        "INSERT INTO reminders SELECT gen_random_uuid(), id, user_id, now(), 5, NULL, NULL, now() FROM tasks",
        "INSERT INTO task_activity"
        " SELECT gen_random_uuid(), id, user_id, 'updated', 'title', 'a', 'b', now() FROM tasks",
    ],
    "0012": [
        "INSERT INTO attachments SELECT gen_random_uuid(), id, 'a.txt', 'x/a', 1, 'text/plain', now() FROM tasks",
        "INSERT INTO discarded_files VALUES ('x/b', now())",
    ],
    "0013": [
        f"INSERT INTO conversations VALUES (gen_random_uuid(), '{USER}', NULL, now(), now())",
        "INSERT INTO messages SELECT gen_random_uuid(), user_id, id, 'user', 'Hello', NULL, NULL, NULL, '[]', now()"
        " FROM conversations",
    ],
    "0014": [
        f"INSERT INTO saved_filters VALUES (gen_random_uuid(), '{USER}', 'Late', '{{}}', now(), now())",
        f"INSERT INTO calendar_feeds VALUES ('{USER}', 'x', now())",
        f"INSERT INTO idempotency_keys VALUES ('{USER}', 'key', 'x', 201, '/x', 'x', now())",
    ],
    "0020": ["UPDATE tasks SET priority = 'high'"],
    "0021": [
        "UPDATE messages SET turn_id = gen_random_uuid(), tool_call_id = 'call', is_error = false",
        "INSERT INTO chat_turns SELECT turn_id, user_id, conversation_id, id, 'answered', '{}', '[]', NULL, 'rules', 1,"
        " 2, now(), false, now(), now() FROM messages",
        "INSERT INTO chat_events SELECT id, 1, '{}' FROM chat_turns",
    ],
    "0022": ["UPDATE reminders SET mailed_at = now()"],
    "0023": [f"INSERT INTO email_confirmations VALUES ('{USER}', 'a@example.com', now(), now())"],
}


async def test_every_revision_goes_up_and_down_with_data(empty_database_url: str) -> None:
    url = empty_database_url
    assert set(REVISIONS) == DATA.keys()
    for revision in REVISIONS:
        await move(url, command.upgrade, revision)
        await query(url, *DATA[revision])
    for revision, below in zip(REVISIONS[::-1], [*REVISIONS[-2::-1], "base"], strict=True):
        before = await columns_and_indexes(url)
        await move(url, command.downgrade, below)
        assert await columns_and_indexes(url) < before
        if below != "base":
            assert (await query(url, "SELECT email FROM users"))[0]["email"] == "a@example.com"
        await move(url, command.upgrade, revision)
        await move(url, command.downgrade, below)
    assert await tables(url) == {"alembic_version"}


async def test_what_is_a_users_goes_with_the_user(empty_database_url: str) -> None:
    await migrate(make_settings(empty_database_url))
    await query(empty_database_url, *(statement for revision in REVISIONS for statement in DATA[revision]))
    await query(empty_database_url, "DELETE FROM users")
    left = {
        table for table in SQLModel.metadata.tables if await query(empty_database_url, f"SELECT 1 FROM {table} LIMIT 1")
    }
    assert left == {"rate_limits", "discarded_files", "scheduled_jobs"}
    # The file of the attachment that went by the cascade is to be removed from the storage.
    files = await query(empty_database_url, "SELECT file_path FROM discarded_files ORDER BY file_path")
    assert [row[0] for row in files] == ["x/a", "x/b"]


async def test_the_models_describe_what_the_migrations_make(database_url: str) -> None:
    engine = migration_engine(make_settings(database_url))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


def test_head_is_the_newest_revision() -> None:
    assert REVISIONS[-1] == HEAD
    assert sorted(REVISIONS) == REVISIONS


@pytest.mark.parametrize(
    ("revision", "enough"), [("0000", False), (HEAD, True), ("9999", True), ("ab12cd34ef56", False), ("abcd", False)]
)
def test_a_newer_schema_is_enough(revision: str, enough: bool) -> None:
    assert is_at_least(revision) is enough


@pytest.mark.parametrize(
    "statement",
    [
        DATA["0001"][0].replace("a@example.com", "A@example.com"),
        DATA["0001"][0].replace("NULL", "'Ann'"),
        DATA["0001"][1].replace(USER, str(uuid.uuid4())),
        DATA["0002"][0].replace("Title", "  "),
        DATA["0002"][0].replace("'Title', NULL", "'Title', repeat('x', 5001)"),
        DATA["0002"][0].replace("'pending'", "'done'"),
        DATA["0002"][0].replace("'pending'", "'completed'"),
        DATA["0002"][0].replace("'low'", "'urgent'"),
        DATA["0010"][0].replace("Home", " "),
        DATA["0010"][1].replace("green", "red,green"),
        "; ".join([DATA["0010"][1]] * 2),
        "; ".join([DATA["0002"][0], DATA["0011"][0].replace(", recurrence_start = now()", "")]),
        "; ".join([DATA["0002"][0], DATA["0011"][2].replace("5", "-5")]),
        "; ".join([DATA["0013"][0], DATA["0013"][1].replace("'user'", "'robot'")]),
    ],
)
async def test_the_schema_keeps_bad_rows_out(database_url: str, database: Any, statement: str) -> None:
    await database.execute(DATA["0001"][0].replace("a@example.com", "b@example.com"))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await database.execute(statement)


async def test_migrating_twice_changes_nothing(empty_database_url: str) -> None:
    for _ in range(2):
        await migrate(make_settings(empty_database_url))
    assert [row[0] for row in await query(empty_database_url, "SELECT * FROM alembic_version")] == [HEAD]


async def test_of_migrations_at_once_one_does_the_work(empty_database_url: str) -> None:
    await asyncio.gather(*(migrate(make_settings(empty_database_url)) for _ in range(3)))
    assert await tables(empty_database_url) == {"alembic_version", *SQLModel.metadata.tables}


async def test_a_lock_that_is_held_is_waited_for_and_then_reported(empty_database_url: str) -> None:
    holder = await asyncpg.connect(empty_database_url)
    await holder.execute("SELECT pg_advisory_lock(7346211952380)")
    with pytest.raises(MigrationError, match="another migration"):
        await migrate(make_settings(empty_database_url, migration_timeout=0.2))
    assert await tables(empty_database_url) == set()
    await holder.close()
    await migrate(make_settings(empty_database_url))


async def test_the_known_schema_is_adopted(empty_database_url: str) -> None:
    await migrate(make_settings(empty_database_url))
    await query(empty_database_url, DATA["0001"][0], "DROP TABLE alembic_version")
    await migrate(make_settings(empty_database_url))
    assert [row[0] for row in await query(empty_database_url, "SELECT * FROM alembic_version")] == [HEAD]
    assert len(await query(empty_database_url, "SELECT * FROM users")) == 1


async def test_an_unknown_schema_is_refused_and_left_alone(empty_database_url: str) -> None:
    await migrate(make_settings(empty_database_url))
    await query(
        empty_database_url,
        "DROP TABLE alembic_version",
        "CREATE TABLE invoices (id int)",
        "DROP TABLE rate_limits",
        "ALTER TABLE users ADD phone text",
        "ALTER TABLE users DROP is_admin",
        "ALTER TABLE tasks ALTER title TYPE text",
        "ALTER TABLE tasks ALTER title DROP NOT NULL",
        "DROP INDEX ix_sessions_user_id",
        "ALTER TABLE users DROP CONSTRAINT uq_users_username",
        "ALTER TABLE tasks DROP CONSTRAINT fk_tasks_user_id_users",
    )
    before = await tables(empty_database_url)
    with pytest.raises(MigrationError) as caught:
        await migrate(make_settings(empty_database_url))
    message = str(caught.value)
    for part in (
        "table invoices is unknown",
        "table rate_limits is missing",
        "column users.phone is unknown",
        "column users.is_admin is missing",
        "column tasks.title differs in its type",
        "column tasks.title differs in its nullable",
        "index on sessions (user_id) is missing",
        "unique constraint on users (username) is missing",
        "foreign key on tasks (user_id) is missing",
    ):
        assert part in message
    assert await tables(empty_database_url) == before


async def test_another_applications_revision_is_refused(empty_database_url: str) -> None:
    await query(
        empty_database_url,
        "CREATE TABLE alembic_version (version_num varchar(32))",
        "INSERT INTO alembic_version VALUES ('ab12cd34ef56')",
    )
    with pytest.raises(MigrationError, match="ab12cd34ef56"):
        await migrate(make_settings(empty_database_url))


async def test_a_newer_schema_is_left_alone(empty_database_url: str) -> None:
    await migrate(make_settings(empty_database_url))
    await query(empty_database_url, "UPDATE alembic_version SET version_num = '9999'")
    await migrate(make_settings(empty_database_url))
    assert [row[0] for row in await query(empty_database_url, "SELECT * FROM alembic_version")] == ["9999"]


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    # The second revision trips over a type of the name its table needs.
    await query(empty_database_url, "CREATE TYPE tasks AS (x int)")
    with pytest.raises(MigrationError, match=r"tasks.*SQLSTATE 42"):
        await migrate(make_settings(empty_database_url))
    assert await tables(empty_database_url) == set()


async def test_the_command_line_of_alembic_works(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.chdir(MIGRATIONS.parents[1])
    for arguments in (["upgrade", "head"], ["check"]):
        await asyncio.to_thread(CommandLine("alembic").main, arguments)


@pytest.fixture
def run_main(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(**variables: str) -> tuple[int, list[dict[str, Any]]]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        code = main()
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_main_says_what_it_did(database_url: str, run_main: Any) -> None:
    code, lines = run_main(DATABASE_URL=database_url)
    assert code == 0
    assert (lines[-1]["event"], lines[-1]["revision"]) == ("the schema is up to date", HEAD)


def test_main_waits_for_the_database_and_gives_up(run_main: Any) -> None:
    url = f"postgresql://todo:{PASSWORD}@127.0.0.1:{free_port()}/todo"
    code, lines = run_main(DATABASE_URL=url, MIGRATION_TIMEOUT="0.7")
    assert code == 1
    assert lines[0]["event"] == "waiting for the database"
    assert lines[-1]["level"] == "critical"
    assert lines[-1]["reason"] == "the database does not answer: connection refused"
    assert PASSWORD not in json.dumps(lines)


def test_main_names_settings_that_are_wrong(run_main: Any) -> None:
    code, lines = run_main(JWT_SECRET="too-short-9731")
    assert code == 1
    assert lines[0]["level"] == "critical"
    assert "JWT_SECRET" in lines[0]["problems"][0]
    assert "9731" not in json.dumps(lines)


def test_the_module_runs(database_url: str) -> None:
    environment = {"DATABASE_URL": database_url, "JWT_SECRET": SECRET}
    command_line = [sys.executable, "-m", "app.migrate"]
    done = subprocess.run(
        command_line, cwd=MIGRATIONS.parents[1], env=environment, check=True, capture_output=True, text=True
    )
    assert {json.loads(line)["level"] for line in done.stdout.splitlines()} == {"info"}
    assert done.stderr == ""


LATER = """
revision = "{revision}"
down_revision = "{below}"
{says}

def upgrade() -> None:
    from alembic import op
    op.execute("CREATE TABLE later_{revision} (id int)")


def downgrade() -> None:
    from alembic import op
    op.execute("DROP TABLE later_{revision}")
"""
BREAKS = "breaks_older_code = 'tasks.title was renamed'\n"
KEEPS = "downgrade_keeps_data = True\n"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: tuple[str, ...]) -> None:
    """A later version of the application, with further migrations that say so much of themselves."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    revisions = [f"90{place:02}" for place in range(len(says))]
    for revision, below, text in zip(revisions, [HEAD, *revisions], says, strict=False):
        content = LATER.format(revision=revision, below=below, says=text)
        (folder / "versions" / f"{revision}.py").write_text(content)
    monkeypatch.setattr("app.migrate.LOCATION", folder)


@pytest.mark.parametrize(
    ("says", "left", "refused"),
    [
        (("", ""), {"later_9000", "later_9001"}, None),
        ((KEEPS + BREAKS, KEEPS), set(), None),
        (("", KEEPS + BREAKS), {"later_9000"}, None),
        (
            (BREAKS, KEEPS),
            {"later_9000", "later_9001"},
            "migration 9000 breaks older code .*renamed.*, .*over 9000 would",
        ),
        (
            (KEEPS + BREAKS, ""),
            {"later_9000", "later_9001"},
            "migration 9000 breaks older code .* going back over 9001",
        ),
    ],
)
@pytest.mark.usefixtures("later")
async def test_going_back_over_later_migrations(empty_database_url: str, left: set[str], refused: str | None) -> None:
    settings = make_settings(empty_database_url)
    await migrate(settings)
    if refused:
        with pytest.raises(MigrationError, match=refused):
            await go_back(settings, HEAD)
    else:
        await go_back(settings, HEAD)
    assert {table for table in await tables(empty_database_url) if table.startswith("later")} == left


async def test_going_back_over_what_only_adds_changes_nothing(empty_database_url: str) -> None:
    settings = make_settings(empty_database_url)
    await migrate(settings)
    before = await columns_and_indexes(empty_database_url)
    await go_back(settings, REVISIONS[0])
    assert await columns_and_indexes(empty_database_url) == before
    with pytest.raises(MigrationError, match="does not know revision 9999"):
        await go_back(settings, "9999")


def test_the_command_tells_what_it_needs_without_any_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["--needs"]) == 0
    assert capsys.readouterr().out == f"{HEAD}\n"
