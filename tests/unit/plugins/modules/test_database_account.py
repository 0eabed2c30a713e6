"""The module `database_account` against a real server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from database_server import USABLE, WHY_NOT, DatabaseServer, database_server, free_port, run_module

pytestmark = pytest.mark.skipif(not USABLE, reason=WHY_NOT)

PASSWORD = "p@ss:w/rd 'x' \\ $HOME"
MODES = ["chart", "host"]
NUMBERS = count()


@pytest.fixture(scope="module")
def server() -> Iterator[DatabaseServer]:
    with database_server() as running:
        yield running


@pytest.fixture(params=MODES)
def account(server: DatabaseServer, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Arguments for an account that there is not yet, with names that need quoting."""
    number = next(NUMBERS)
    names = {"user": f'us"er-{number}', "name": f"data base'{number}"}
    return {**server.options(request.param), **names, "password": PASSWORD}


def make(account: dict[str, Any], **changes: Any) -> dict[str, Any]:
    result = run_module("database_account", **{**account, **changes})
    assert PASSWORD not in result["stdout"]
    return result


def ready(account: dict[str, Any]) -> bool:
    return bool(run_module("database_ready", **account)["ready"])


def test_user_and_database_are_made_once(account: dict[str, Any]) -> None:
    assert not ready(account)
    first = make(account)
    assert first["changed"] is True
    assert first["actions"] == [f"user {account['user']} made", f"database {account['name']} made"]
    assert ready(account)
    assert make(account) | {"stdout": ""} == {**first, "changed": False, "actions": [], "stdout": ""}


def test_an_application_is_no_superuser(server: DatabaseServer, account: dict[str, Any]) -> None:
    make(account)
    roles = server.sql("SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles").splitlines()
    assert f"{account['user']}|f|f|f|t" in roles


def test_a_changed_password_is_set(account: dict[str, Any]) -> None:
    make(account)
    changed = {**account, "password": "another"}
    assert not ready(changed)
    assert make(changed)["actions"] == [f"password of user {account['user']} set"]
    assert ready(changed)
    assert not ready(account)


def test_a_database_of_somebody_else_is_given_to_the_user(server: DatabaseServer, account: dict[str, Any]) -> None:
    server.sql(f'CREATE DATABASE "{account["name"]}"')
    actions = make(account)["actions"]
    assert actions == [f"user {account['user']} made", f"database {account['name']} given to {account['user']}"]
    assert ready(account)


def test_check_mode_says_and_does_nothing(account: dict[str, Any]) -> None:
    said = make(account, _ansible_check_mode=True)
    assert said["changed"] is True
    assert not ready(account)
    assert make(account)["actions"] == said["actions"]


def test_removal_takes_data_and_user(server: DatabaseServer, account: dict[str, Any]) -> None:
    make(account)
    server.sql("CREATE TABLE kept (x int)", account["name"])
    removed = make(account, state="absent")
    assert removed["actions"] == [f"database {account['name']} removed", f"user {account['user']} removed"]
    assert make(account, state="absent")["changed"] is False
    assert not ready(account)


def test_the_administrator_may_be_the_application(server: DatabaseServer) -> None:
    account = {**server.options("chart"), "user": "postgres", "name": "todo_db"}
    assert run_module("database_account", **account)["actions"] == ["database todo_db made"]
    assert run_module("database_ready", **account)["ready"] is True
    assert run_module("database_account", **account)["changed"] is False


def test_without_a_server(account: dict[str, Any]) -> None:
    nowhere = {**account, "port": free_port()}
    refused = make(nowhere)
    assert refused["failed"] is True
    assert "could not be asked or changed" in refused["msg"]
    assert make(nowhere, _ansible_check_mode=True)["changed"] is True


def test_a_host_needs_a_password(server: DatabaseServer) -> None:
    refused = run_module("database_account", **server.options("host"), user="todo", name="todo")
    assert refused["failed"] is True
    assert "set database_password" in refused["msg"]


def test_the_callers_variables_lead_to_no_other_server(
    account: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in {"PGHOST": "192.0.2.1", "PGUSER": "x", "POSTGRES_USER": "x", "PGPORT": "1"}.items():
        monkeypatch.setitem(os.environ, variable, value)
    assert make(account)["changed"] is True


def test_a_failing_statement_does_not_put_the_password_into_the_log(
    server: DatabaseServer, account: dict[str, Any]
) -> None:
    refused = make({**account, "user": "pg_reserved"})
    assert refused["failed"] is True
    assert "reserved" in refused["msg"]
    assert PASSWORD not in server.log


def test_the_password_appears_nowhere(server: DatabaseServer, account: dict[str, Any]) -> None:
    make(account)
    make({**account, "password": PASSWORD + "2"})
    assert PASSWORD not in server.log
    assert PASSWORD not in server.kubectl_log if account["mode"] == "chart" else True
