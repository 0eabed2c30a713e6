"""The module `database_ready` against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from database_server import USABLE, WHY_NOT, DatabaseServer, database_server, free_port, run_module

pytestmark = pytest.mark.skipif(not USABLE, reason=WHY_NOT)

PASSWORD = "p@ss:w/rd 'x' \\ $HOME"
MODES = ["chart", "host"]


@pytest.fixture(scope="module")
def server() -> Iterator[DatabaseServer]:
    with database_server() as running:
        literal = PASSWORD.replace("'", "''")
        running.sql(f"CREATE ROLE todo LOGIN PASSWORD '{literal}'")
        running.sql("CREATE DATABASE todo OWNER todo")
        running.sql("CREATE DATABASE foreign_one")
        yield running


def ask(server: DatabaseServer, mode: str, **changes: Any) -> dict[str, Any]:
    account = {"user": "todo", "name": "todo", "password": PASSWORD}
    return run_module("database_ready", **{**server.options(mode), **account, **changes})


@pytest.mark.parametrize("mode", MODES)
def test_a_database_that_takes_the_application(server: DatabaseServer, mode: str) -> None:
    answer = ask(server, mode)
    assert (answer["ready"], answer["missing"], answer["reason"]) == (True, "", "")
    assert answer["changed"] is False


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("changes", "missing", "reason"),
    [
        ({"password": "wrong"}, "login", "password authentication failed"),
        ({"user": "nobody_here"}, "login", "password authentication failed"),
        ({"name": "nothing"}, "database", 'database "nothing" does not exist'),
        ({"name": "foreign_one"}, "ownership", "todo does not own the database foreign_one"),
    ],
)
def test_what_is_missing_is_said(
    server: DatabaseServer, mode: str, changes: dict[str, str], missing: str, reason: str
) -> None:
    answer = ask(server, mode, **changes)
    assert (answer["ready"], answer["missing"]) == (False, missing)
    assert reason in answer["msg"]


@pytest.mark.parametrize("mode", MODES)
def test_no_server(server: DatabaseServer, mode: str) -> None:
    answer = ask(server, mode, port=free_port())
    assert (answer["ready"], answer["missing"]) == (False, "server")
    assert "onnection refused" in answer["reason"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"kubeconfig": "/does/not/exist"}, "there is no kubeconfig"), ({"bin_dir": "/nowhere"}, "kubectl is not at")],
)
def test_no_cluster_yet(server: DatabaseServer, changes: dict[str, str], reason: str) -> None:
    answer = ask(server, "chart", **changes)
    assert (answer["ready"], answer["missing"]) == (False, "server")
    assert reason in answer["reason"]


def test_the_servers_own_password_serves_in_its_pod(server: DatabaseServer) -> None:
    assert ask(server, "chart", user="postgres", name="postgres", password="")["ready"] is True


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_an_external_server_by_url(server: DatabaseServer, scheme: str) -> None:
    url = f"{scheme}://todo:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/todo"
    answer = run_module("database_ready", mode="external", url=url)
    assert answer["ready"] is True, answer
    # It belongs to somebody else: that the application is not its owner is nothing to complain of.
    assert run_module("database_ready", mode="external", url=f"{url.removesuffix('todo')}foreign_one")["ready"] is True


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://todo:{secret}@x/y",
        "postgresql://todo:{secret}/@x/y",
        "postgresql://todo:a@{secret}@x/y",
        "postgresql://todo:{secret}%zz@x/y",
        "postgresql://[:{secret}",
    ],
)
def test_a_wrong_url_is_not_shown(url: str) -> None:
    answer = run_module("database_ready", mode="external", url=url.format(secret="f0rb1dden"))
    assert answer["failed"] is True
    assert answer["msg"].startswith("database_url: the URL")
    assert "f0rb1dden" not in answer["stdout"]


@pytest.mark.parametrize("mode", MODES)
def test_the_password_appears_nowhere(server: DatabaseServer, mode: str) -> None:
    for answer in (ask(server, mode), ask(server, mode, user="nobody_here"), ask(server, mode, name="nothing")):
        assert PASSWORD not in answer["stdout"]
    assert PASSWORD not in server.log
    assert PASSWORD not in server.kubectl_log
