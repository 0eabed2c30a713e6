"""Backups with a real PostgreSQL, the real age and the image's own tool: made, brought back, refused."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import stat
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.backups import migration_job, new_identity, recipient
from database_server import PROGRAMS, USABLE, WHY_NOT, DatabaseServer, database_server, run_module
from pyrage import decrypt, encrypt, x25519

pytestmark = pytest.mark.skipif(not (USABLE and shutil.which("age")), reason=f"{WHY_NOT}, and age")
TOOL = Path(__file__).resolve().parents[4] / "roles/backup/files/image/backup.py"
PASSWORD = "s%41mple/ and$odd"
KUBECTL = """#!/bin/sh
echo "$@" >> "{folder}/kubectl.log"
for argument; do
    shift
    [ "$argument" != -- ] || break
done
[ "$1" != cat ] || set -- cat "{folder}/backups/${{2##*/}}"
exec env -i PATH="{path}" BACKUPS="{folder}/backups" BACKUP_FILES="{folder}/files" TMPDIR="{folder}/scratch" \\
    BACKUP_RECIPIENT="{recipient}" BACKUP_KEEP=2 DATABASE_URL="{url}" "$@"
"""
TABLES = """
CREATE TABLE people (id serial PRIMARY KEY, name text UNIQUE, seen timestamptz DEFAULT now(), loud text
                     GENERATED ALWAYS AS (upper(name)) STORED);
CREATE TABLE "Odd tasks" (id uuid DEFAULT gen_random_uuid(), owner int REFERENCES people ON DELETE CASCADE,
                          body jsonb, weight float8, raw bytea);
INSERT INTO people (name) SELECT 'Ann ' || n || E' \\\\ "quoted"\\n' FROM generate_series(1, 50) n;
INSERT INTO "Odd tasks" (owner, body, weight, raw) SELECT id, jsonb_build_object('n', id), id / 3.0, '\\x00ff'
FROM people;
"""


@dataclass(frozen=True)
class Application:
    """A database and a folder of files, and a pod that backs them up."""

    server: DatabaseServer
    folder: Path
    database: str
    identity: str

    @property
    def state(self) -> tuple[str, ...]:
        """Everything that there is of it."""
        rows = [
            self.server.sql(f"SELECT * FROM {table} ORDER BY 1", self.database) for table in ("people", '"Odd tasks"')
        ]
        tables = self.server.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", self.database)
        files = sorted((str(path), path.read_text()) for path in (self.folder / "files").rglob("*") if path.is_file())
        return (*rows, tables, str(files))

    def backup(self, **options: Any) -> dict[str, Any]:
        """The result of the module."""
        given = {"pod": "p", "namespace": "n", "folder": str(self.folder / "here"), "keep": 2}
        kubeconfig = self.folder / "kubeconfig"
        kubeconfig.touch()
        return run_module("backup", kubectl=str(self.folder / "kubectl"), kubeconfig=str(kubeconfig), **given | options)

    def restore(self, path: Path | None = None, identity: str = "") -> dict[str, Any]:
        found = {"file": str(path)} if path else {}
        return self.backup(state="restored", identity=identity or self.identity, **found)


@pytest.fixture(scope="module")
def server() -> Iterator[DatabaseServer]:
    with database_server() as running:
        yield running


def make_application(server: DatabaseServer, tmp_path: Path) -> Application:
    database, identity = f"app_{secrets.token_hex(4)}", new_identity()
    server.sql(f"CREATE ROLE {database} LOGIN PASSWORD '{PASSWORD}'")
    server.sql(f"CREATE DATABASE {database} OWNER {database}")
    server.sql(f"SET ROLE {database}; {TABLES}", database)
    for name in ("backups", "scratch", "files/a", "bin"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "files/a/one").write_text("the first file")
    (tmp_path / "bin/backup").symlink_to(TOOL)
    (tmp_path / "bin/python3").symlink_to(sys.executable)
    quoted = PASSWORD.replace("%", "%25").replace("/", "%2F").replace(" ", "%20").replace("$", "%24")
    kubectl = KUBECTL.format(
        folder=tmp_path,
        path=f"{tmp_path}/bin:{PROGRAMS[-1]}:{os.environ['PATH']}",
        recipient=recipient(identity),
        url=f"postgresql://{database}:{quoted}@127.0.0.1:{server.port}/{database}",
    )
    (tmp_path / "kubectl").write_text(kubectl)
    (tmp_path / "kubectl").chmod(0o755)
    return Application(server, tmp_path, database, identity)


@pytest.fixture
def application(server: DatabaseServer, tmp_path: Path) -> Application:
    return make_application(server, tmp_path)


@pytest.fixture(scope="module")
def backed_up(server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Application, bytes]:
    """An application that went on after its backup."""
    application = make_application(server, tmp_path_factory.mktemp("application"))
    backup = Path(application.backup()["file"]).read_bytes()
    application.server.sql("INSERT INTO people (name) VALUES ('since then')", application.database)
    (application.folder / "files/two").write_text("since then")
    return application, backup


def test_there_and_back(application: Application) -> None:
    before = application.state
    for old in ("20200101T000000Z", "20210101T000000Z"):
        (application.folder / f"backups/{old}.tar.age").touch()
    made = application.backup()
    assert (made.get("rows"), made.get("tables"), made.get("files")) == (100, 2, 1), made
    backup = Path(made["file"])
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert b"the first file" not in backup.read_bytes()
    # The oldest went, and what the schedule had made came along.
    names = ["20210101T000000Z.tar.age", backup.name]
    assert sorted(path.name for path in (application.folder / "backups").iterdir()) == names
    assert sorted(path.name for path in (application.folder / "here").iterdir()) == names

    application.server.sql("DELETE FROM people WHERE id > 3; CREATE TABLE later (x int)", application.database)
    (application.folder / "files/a/one").unlink()
    (application.folder / "files/two").write_text("a later file")
    assert application.state != before
    again = application.restore()
    assert again["changed"], again
    assert application.state == before
    assert sorted(path.name for path in (application.folder / "scratch").iterdir()) == ["service.conf"]
    assert PASSWORD not in (application.folder / "kubectl.log").read_text()
    assert application.identity not in (application.folder / "kubectl.log").read_text() + again["stdout"]


def wrong_rows(backup: bytes, identity: str) -> bytes:
    """The same backup, with a row more in its manifest."""
    key = x25519.Identity.from_str(identity)
    output = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(decrypt(backup, [key]))) as old,
        tarfile.open(fileobj=output, mode="w") as new,
    ):
        for entry in old:
            content = old.extractfile(entry)
            assert content
            data = content.read().replace(b'"rows": 50', b'"rows": 51')
            new.addfile(entry, io.BytesIO(data))
    return bytes(encrypt(output.getvalue(), [key.to_public()]))


def without_manifest(backup: bytes, identity: str) -> bytes:
    """A backup whose maker was stopped half-way, which age can't know."""
    key = x25519.Identity.from_str(identity)
    return bytes(encrypt(decrypt(backup, [key])[:4096], [key.to_public()]))


BROKEN: dict[str, tuple[Callable[[bytes, str], bytes], str]] = {
    "truncated": (lambda backup, _: backup[:-100], "broken or incomplete"),
    "one bit": (lambda backup, _: backup[:-100] + bytes([backup[-100] ^ 1]) + backup[-99:], "broken or incomplete"),
    "another key": (lambda *_: bytes(encrypt(b"x", [x25519.Identity.generate().to_public()])), "no matching keys"),
    "something else": (lambda *_: b"no backup at all", "can't be decrypted"),
    "incomplete": (without_manifest, "incomplete"),
    "other rows": (wrong_rows, "the database is as it was"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_backup_that_is_not_good_changes_nothing(backed_up: tuple[Application, bytes], how: str) -> None:
    application, backup = backed_up
    before = application.state
    spoil, told = BROKEN[how]
    spoilt = application.folder / "spoilt"
    spoilt.write_bytes(spoil(backup, application.identity))
    refused = application.restore(spoilt)
    assert refused["failed"], refused
    assert told in refused["msg"]
    assert application.identity not in refused["stdout"]
    assert application.state == before


def test_a_dump_that_can_not_be_made_leaves_no_backup(application: Application) -> None:
    application.server.sql(
        "REVOKE ALL ON people FROM PUBLIC; ALTER TABLE people OWNER TO postgres", application.database
    )
    refused = application.backup()
    assert "permission denied for table people" in refused["msg"]
    assert list((application.folder / "backups").iterdir()) == []


def test_check_mode_does_nothing(application: Application) -> None:
    assert application.backup(_ansible_check_mode=True)["changed"] is True
    assert not (application.folder / "here").exists()
    refused = application.restore()
    assert "there is no backup in" in refused["msg"]


def test_a_migration_runs_as_the_application_does() -> None:
    container = {"name": "c", "image": "i", "env": [1], "livenessProbe": {}, "lifecycle": {}, "ports": []}
    pod = {"containers": [container], "volumes": [2], "securityContext": {"runAsNonRoot": True}}
    deployment = {"metadata": {"name": "d", "namespace": "n"}, "spec": {"template": {"spec": pod}}}
    job = migration_job(deployment, ["python", "-m", "app.migrate"])
    spec = job["spec"]["template"]["spec"]
    assert spec["containers"] == [{"name": "c", "image": "i", "env": [1], "command": ["python", "-m", "app.migrate"]}]
    assert (spec["volumes"], spec["securityContext"], spec["restartPolicy"]) == ([2], {"runAsNonRoot": True}, "Never")
    assert pod["containers"] == [container]
