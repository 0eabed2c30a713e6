#!/usr/bin/env python3
"""Makes a backup, and brings one back: `backup create | receive | apply`.

A backup is a tar of the application's files, a dump of its database and a manifest with the rows and checksums of both,
encrypted with age for BACKUP_RECIPIENT. Whoever restores decrypts it elsewhere and sends the tar to `receive`, which
changes nothing; `apply` then puts it in place. DATABASE_URL says where the database is.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

SUFFIX = ".tar.age"
DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files/"
VERSION = 1
_CHUNK = 1 << 20
_SPOOL = ".restore"
"""Where files of a backup wait on their own volume; no backup holds it."""

# Everything that the text of a value depends on.
_TEXT_FORM = """
SET statement_timeout = 0; SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres';
SET extra_float_digits = 1; SET bytea_output = 'hex'; SET xmloption = 'content';
"""

# Tables of people's own, as SQL would name them, with the columns that are not computed from others.
_TABLES = """
SELECT json_object_agg(name, columns) FROM (
    SELECT format('%I.%I', n.nspname, c.relname) AS name,
           json_agg(format('%I', a.attname) ORDER BY a.attnum) AS columns
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    GROUP BY 1
) found
"""

# The sum of the rows' hashes does not depend on their order, nor on the version of the server.
_SUM = """
SELECT json_build_object('rows', count(*), 'checksum', coalesce(sum(
    ('x' || encode(substring(sha256(convert_to(ROW({columns})::text, 'UTF8')) FOR 8), 'hex'))::bit(64)::bigint::numeric
), 0)::text) FROM ONLY {table}
"""

# The database as it was made, but for its name and settings. Only its owner can do this, and nobody else is needed.
_EMPTY = """
SET statement_timeout = 0; SET lock_timeout = '60s';
DROP SCHEMA public CASCADE;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


class BackupError(Exception):
    """It can't be done; the text says why, and holds neither data nor credentials."""


@dataclass(frozen=True)
class Place:
    """The folders that the pod has; an application that keeps no files has an empty one."""

    backups: Path
    files: Path
    scratch: Path
    keeps_files: bool = True

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Place:
        """Where the environment says; without BACKUP_FILES the application keeps no files."""
        scratch = Path(environment.get("TMPDIR", "/scratch"))
        files = environment.get("BACKUP_FILES", "")
        return cls(Path(environment.get("BACKUPS", "/backups")), Path(files or scratch / "files"), scratch, bool(files))


@dataclass
class Manifest:
    """What a backup holds: rows and checksum of each table, size and SHA-256 of each file and of the dump."""

    made: str
    server: str = ""
    dump: list[Any] = field(default_factory=list)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, list[Any]] = field(default_factory=dict)
    version: int = VERSION

    @property
    def summary(self) -> dict[str, Any]:
        """For people."""
        rows = sum(table["rows"] for table in self.tables.values())
        return {"made": self.made, "tables": len(self.tables), "rows": rows, "files": len(self.files)}

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """Raises BackupError for what is none, or another version's."""
        try:
            manifest = cls(**json.loads(text))
        except (ValueError, TypeError):
            raise BackupError("the manifest is not readable") from None
        if manifest.version != VERSION:
            raise BackupError(f"the backup has version {manifest.version}, and this tool reads {VERSION}")
        return manifest


# --- the database ----------------------------------------------------------------------------------------------------
def connection(url: str, scratch: Path) -> dict[str, str]:
    """The environment in which PostgreSQL's programs find the database: no argument of theirs holds a password."""
    parts = urlsplit(url)
    if parts.scheme.partition("+")[0] not in ("postgresql", "postgres") or not parts.hostname:
        raise BackupError("DATABASE_URL must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    settings = dict(parse_qsl(parts.query)) | {
        "host": parts.hostname,
        "port": str(parts.port or 5432),
        "dbname": unquote(parts.path.lstrip("/")),
        "user": unquote(parts.username or ""),
    }
    service = scratch / "service.conf"
    service.write_text("[backup]\n" + "".join(f"{name}={value}\n" for name, value in settings.items()))
    own = {"PGSERVICEFILE": str(service), "PGSERVICE": "backup", "PGPASSWORD": unquote(parts.password or "")}
    return {**os.environ, **own, "PGCONNECT_TIMEOUT": "10", "PGAPPNAME": "backup"}


class Session:
    """One transaction in psql, that is asked and told through pipes."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the session
        command = ["psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]
        self._psql = subprocess.Popen(
            [*command, "--set=VERBOSITY=terse", "--set=SHOW_CONTEXT=never", "--file=-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
        )
        self.input = cast(IO[bytes], self._psql.stdin)
        self._output = cast(IO[bytes], self._psql.stdout)

    def tell(self, sql: str) -> None:
        """Have statements carried out whose answer nobody needs."""
        self.input.write(f"\\o /dev/null\n{sql}\n\\o\n".encode())

    def ask(self, sql: str) -> str:
        """The one line that a query answers. Raises BackupError when it or what was told before fails."""
        self.input.write(" ".join(sql.split()).encode() + b";\n")
        self.input.flush()
        answer = self._output.readline()
        if not answer:
            raise BackupError(self.reason())
        return answer.decode().rstrip("\n")

    def tables(self) -> dict[str, dict[str, Any]]:
        """Rows and checksum of every table."""
        self.tell(_TEXT_FORM)
        columns = json.loads(self.ask(_TABLES) or "{}")
        return {
            name: json.loads(self.ask(_SUM.format(table=name, columns=", ".join(columns[name]))))
            for name in sorted(columns)
        }

    def reason(self) -> str:
        """Why psql ended: its errors, which are terse and hold no data."""
        self._psql.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").splitlines()
        return "; ".join(line.partition("ERROR:  ")[2] or line for line in lines[:3]) or "psql ended"

    def end(self, statement: str) -> None:
        """The last statement of the transaction. Raises BackupError."""
        self.input.write(f"{statement};\n".encode())
        self.input.close()
        if self._psql.wait():
            raise BackupError(self.reason())

    def close(self) -> None:
        """Leave; what was not committed is undone."""
        self._psql.kill()
        self._psql.wait()
        self._errors.close()
        with suppress(OSError):
            self.input.close()


@contextmanager
def session(environment: Mapping[str, str]) -> Iterator[Session]:
    opened = Session(environment)
    try:
        yield opened
    except BrokenPipeError:
        raise BackupError(opened.reason()) from None
    finally:
        opened.close()


def run(command: list[str], environment: Mapping[str, str], what: str) -> None:
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{what}: {' '.join(done.stderr.split())[:500] or done.returncode}")


# --- making ----------------------------------------------------------------------------------------------------------
class Hashed:
    """A file that is read, with its SHA-256 so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self._digest.update(data)
        return data

    @property
    def sha256(self) -> str:
        """Of what was read."""
        return self._digest.hexdigest()


def create(place: Place, environment: Mapping[str, str]) -> dict[str, Any]:
    """Make a backup, remove those beyond BACKUP_KEEP, and tell what was made."""
    made = datetime.now(UTC)
    target = place.backups / f"{made:%Y%m%dT%H%M%SZ}{SUFFIX}"
    part = target.with_suffix(".part")
    manifest = Manifest(made.isoformat(timespec="seconds"))
    try:
        with (
            encrypting(part, environment["BACKUP_RECIPIENT"]) as output,
            tarfile.open(fileobj=output, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        ):
            _add_all(archive, manifest, place, connection(environment["DATABASE_URL"], place.scratch))
        with part.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
        (place.scratch / DUMP).unlink(missing_ok=True)
    for old in backups(place)[int(environment.get("BACKUP_KEEP", "7")) :]:
        old.unlink()
    return {"name": target.name, "size": target.stat().st_size, "sha256": digest, **manifest.summary}


def backups(place: Place) -> list[Path]:
    """The backups that there are, newest first."""
    return sorted(place.backups.glob(f"*{SUFFIX}"), reverse=True)


def _add_all(archive: tarfile.TarFile, manifest: Manifest, place: Place, environment: Mapping[str, str]) -> None:
    # Files are written before their rows and removed after them: whatever the snapshot knows was there before it, or
    # came while the first ones were read.
    _add_files(archive, manifest, place.files)
    dump = place.scratch / DUMP
    with session(environment) as database:
        database.tell("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;")
        snapshot = database.ask("SELECT pg_export_snapshot()")
        manifest.server = database.ask("SHOW server_version")
        _add_files(archive, manifest, place.files)
        command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        run([*command, f"--file={dump}"], environment, "pg_dump failed")
        manifest.tables = database.tables()
        database.end("COMMIT")
    manifest.dump = _add(archive, DUMP, dump)
    content = json.dumps(asdict(manifest)).encode()
    entry = tarfile.TarInfo(MANIFEST)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def _add_files(archive: tarfile.TarFile, manifest: Manifest, folder: Path) -> None:
    for name in sorted(set(_present(folder)) - manifest.files.keys()):
        with suppress(FileNotFoundError):  # removed meanwhile, after its row
            manifest.files[name] = _add(archive, FILES + name, folder / name)


def _add(archive: tarfile.TarFile, name: str, path: Path) -> list[Any]:
    with path.open("rb") as file:
        entry = tarfile.TarInfo(name)
        entry.size = os.fstat(file.fileno()).st_size
        hashed = Hashed(file)
        archive.addfile(entry, cast(IO[bytes], hashed))
    return [entry.size, hashed.sha256]


@contextmanager
def encrypting(path: Path, recipient: str) -> Iterator[IO[bytes]]:
    """A pipe whose end is an encrypted file that its owner alone can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
        age = subprocess.Popen(["age", "--encrypt", "--recipient", recipient], stdin=subprocess.PIPE, stdout=target)
        pipe = cast(IO[bytes], age.stdin)
        try:
            yield pipe
            pipe.close()
            if age.wait():
                raise BackupError("age could not encrypt the backup")
        except BrokenPipeError:
            raise BackupError("age could not encrypt the backup") from None
        finally:
            age.kill()
            age.wait()


# --- bringing back ---------------------------------------------------------------------------------------------------
def receive(place: Place, archive: IO[bytes]) -> dict[str, Any]:
    """Take a decrypted backup and check all of it; nothing of the application is touched. Raises BackupError."""
    forget(place)
    try:
        return _receive_all(place, archive)
    except BaseException:
        forget(place)
        raise


def _receive_all(place: Place, archive: IO[bytes]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    try:
        with tarfile.open(fileobj=archive, mode="r|") as tar:
            for entry in tar:
                found[entry.name] = _receive(tar, entry, place)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"the backup is broken or incomplete: {error}") from None
    path = place.scratch / MANIFEST
    if not path.is_file():
        raise BackupError("the backup is incomplete: it has no manifest")
    manifest = Manifest.parse(path.read_bytes())
    wanted = {FILES + name: told for name, told in manifest.files.items()} | {DUMP: manifest.dump}
    del found[MANIFEST]
    if wrong := sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)):
        raise BackupError(f"{len(wrong)} parts of the backup are not as its manifest says: {', '.join(wrong[:3])}")
    if manifest.files and not place.keeps_files:
        raise BackupError("the backup holds files, and the application has no volume for them")
    run(["pg_restore", "--list", "--file=/dev/null", str(place.scratch / DUMP)], os.environ, "the dump is not readable")
    return manifest.summary


def _receive(tar: tarfile.TarFile, entry: tarfile.TarInfo, place: Place) -> list[Any]:
    if entry.name in (DUMP, MANIFEST):
        target = place.scratch / entry.name
    elif re.fullmatch(r"files(/(?!\.\.?(/|$))[^/\0]+)+", entry.name):
        target = place.files / _SPOOL / entry.name.removeprefix(FILES)
    else:
        raise BackupError("the backup holds something that no backup has")
    content = tar.extractfile(entry)
    if content is None:
        raise BackupError("the backup holds something that is no file")
    target.parent.mkdir(parents=True, exist_ok=True)
    hashed = Hashed(content)
    with target.open("wb") as file:
        shutil.copyfileobj(hashed, file, _CHUNK)
    return [entry.size, hashed.sha256]


def apply(place: Place, environment: Mapping[str, str]) -> dict[str, Any]:
    """Put what was received in place: the database in one transaction that ends only if all rows are the backup's."""
    try:
        manifest = Manifest.parse((place.scratch / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise BackupError("there is no backup to restore: `receive` comes first") from None
    before = set(_present(place.files))
    # Never the other way round: a row without its file is worse than a file without its row.
    for name in manifest.files:
        (place.files / name).parent.mkdir(parents=True, exist_ok=True)
        (place.files / _SPOOL / name).replace(place.files / name)
    try:
        _restore_database(place, manifest, connection(environment["DATABASE_URL"], place.scratch))
    except BackupError:
        _remove_files(place.files, manifest.files.keys() - before)
        raise
    _remove_files(place.files, before - manifest.files.keys())
    forget(place)
    return manifest.summary


def _restore_database(place: Place, manifest: Manifest, environment: Mapping[str, str]) -> None:
    with session(environment) as database:
        database.tell(f"BEGIN;{_EMPTY}")
        database.input.write(b"\\o /dev/null\n")
        database.input.flush()
        command = ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(place.scratch / DUMP)]
        # psql's own pipe: what is restored goes from the one program to the other.
        done = subprocess.run(command, stdout=database.input, stderr=subprocess.PIPE, text=True, check=False)
        database.input.write(b"\\o\n")
        found = database.tables()
        if done.returncode:
            raise BackupError("pg_restore failed; the database is as it was")
        if wrong := sorted(name for name in manifest.tables | found if manifest.tables.get(name) != found.get(name)):
            raise BackupError(f"the database is as it was: restored, these differ from the backup: {', '.join(wrong)}")
        database.end("COMMIT")


def forget(place: Place) -> None:
    """Remove what was received."""
    for name in (DUMP, MANIFEST):
        (place.scratch / name).unlink(missing_ok=True)
    shutil.rmtree(place.files / _SPOOL, ignore_errors=True)


def _present(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and not name.startswith(f"{_SPOOL}/"):
            yield name


def _remove_files(folder: Path, names: set[str]) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)


VERBS: dict[str, Callable[[Place], dict[str, Any]]] = {
    "create": lambda place: create(place, os.environ),
    "receive": lambda place: receive(place, sys.stdin.buffer),
    "apply": lambda place: apply(place, os.environ),
    "list": lambda place: {"backups": [[path.name, path.stat().st_size] for path in backups(place)]},
}


def main() -> int:
    """Do what the argument says, and print what came of it as JSON."""
    os.umask(0o077)
    verb = VERBS.get(" ".join(sys.argv[1:]))
    if verb is None:
        print(f"usage: backup {' | '.join(VERBS)}", file=sys.stderr)
        return 2
    try:
        print(json.dumps(verb(Place.of(os.environ))))
    except (BackupError, OSError, KeyError) as error:
        reason = f"{error} is not set" if isinstance(error, KeyError) else str(error)
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
