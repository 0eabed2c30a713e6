"""PostgreSQL as an application sees it, which logs in, and as its administrator does, who makes users and databases."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl, KubectlError

CONNECT_SECONDS = 5
"""Seconds that one attempt to connect may take."""

SERVER, LOGIN, DATABASE, OWNERSHIP = "server", "login", "database", "ownership"
"""What an application may find missing."""

SERVER_OPTIONS: dict[str, dict[str, Any]] = {
    "user": {"type": "str"},
    "name": {"type": "str"},
    "password": {"type": "str", "no_log": True, "default": ""},
    "host": {"type": "str", "default": "127.0.0.1"},
    "port": {"type": "int", "default": 5432},
    "pod": {"type": "str", "default": "postgres-0"},
    "container": {"type": "str", "default": "postgres"},
    "namespace": {"type": "str"},
    "kubeconfig": {"type": "path"},
    "context": {"type": "str", "default": ""},
    "bin_dir": {"type": "path"},
}
"""What the modules for databases share."""

_SIGNS = {
    LOGIN: r'authentication failed|no pg_hba\.conf entry|no password supplied|not permitted|role ".*" does not exist',
    DATABASE: r'database ".*" does not exist|permission denied for database',
}

_OWNS = "SELECT pg_has_role(current_user, datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()"

# A password comes as the first line of standard input. Without one the server's own serves, which a container knows.
_LOG_IN = f"""
IFS= read -r PGPASSWORD
export PGPASSWORD="${{PGPASSWORD:-$POSTGRES_PASSWORD}}" PGCONNECT_TIMEOUT={CONNECT_SECONDS}
set -- "$1" "$2" "$3" $(hostname -i)
exec psql --no-psqlrc --quiet --no-align --tuples-only --no-password \\
    --username="$1" --dbname="$2" --port="$3" --host="$4" --command="{_OWNS}"
"""

_ADMINISTER = """
IFS= read -r DATABASE_PASSWORD
export DATABASE_PASSWORD="${DATABASE_PASSWORD:-${POSTGRES_PASSWORD:-}}"
exec psql --no-psqlrc --quiet --no-align --tuples-only --no-password --set=ON_ERROR_STOP=1 --set=VERBOSITY=terse \\
    --username="${POSTGRES_USER:-postgres}" --dbname=postgres --port="$3" --set=user="$1" --set=database="$2"
"""

# The password is read by psql itself, and a statement that fails is not written to the server's log.
_PRIVATELY = """
\\getenv password DATABASE_PASSWORD
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET password_encryption = 'scram-sha-256';
"""

_STATE = """
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :'user'),
       EXISTS (SELECT FROM pg_database WHERE datname = :'database'),
       EXISTS (SELECT FROM pg_database, pg_roles WHERE datname = :'database' AND rolname = :'user'
               AND pg_has_role(pg_roles.oid, datdba, 'MEMBER'));
"""


class DatabaseError(Exception):
    """The server, or what stands before it, said no. The text never holds a password."""


class NotInstalledError(DatabaseError):
    """There is no PostgreSQL on this machine."""


@dataclass(frozen=True)
class Account:
    """An application's user and the database that it owns."""

    user: str
    database: str
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Answer:
    """What an application finds when it logs in: nothing is missing, or what is, in the server's words."""

    missing: str = ""
    reason: str = ""

    @property
    def ready(self) -> bool:
        """Whether the application can begin."""
        return not self.missing


class Shell(Protocol):
    """Where psql runs as PostgreSQL's administrator."""

    def run(self, script: str, *arguments: str, stdin: str) -> str:
        """What a script prints. Raises DatabaseError when it fails."""
        ...


@dataclass(frozen=True)
class PodShell:
    """A container of the server, through kubectl."""

    kubectl: Kubectl
    pod: str
    container: str

    def run(self, script: str, *arguments: str, stdin: str) -> str:
        """What a script prints in the container. Raises DatabaseError."""
        where = ("exec", "--stdin", self.pod, f"--container={self.container}", "--")
        try:
            return self.kubectl.run(*where, "sh", "-c", script, "sh", *arguments, stdin=stdin)
        except KubectlError as error:
            raise DatabaseError(str(error)) from error


def pod_shell(params: Mapping[str, Any]) -> PodShell:
    """The server's container that a module's options name."""
    kubectl = Kubectl(
        binary=f"{params['bin_dir']}/kubectl" if params["bin_dir"] else "kubectl",
        kubeconfig=params["kubeconfig"],
        context=params["context"],
        namespace=params["namespace"],
    )
    return PodShell(kubectl, params["pod"], params["container"])


@dataclass(frozen=True)
class HostShell:
    """This machine, as the system's user of the server."""

    user: str = "postgres"

    def run(self, script: str, *arguments: str, stdin: str) -> str:
        """What a script prints here. Raises DatabaseError."""
        command = [*self._become(), "sh", "-c", script, "sh", *arguments]
        # Variables such as PGHOST or POSTGRES_USER in the caller's environment would lead to another server.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, check=False, cwd="/", env=environment
        )
        if done.returncode:
            raise DatabaseError(" ".join(done.stderr.split()) or f"psql ended with {done.returncode}")
        return done.stdout

    def _become(self) -> list[str]:
        try:
            wanted = pwd.getpwnam(self.user).pw_uid
        except KeyError as error:
            raise NotInstalledError(f"PostgreSQL is not installed: there is no user {self.user}") from error
        if os.geteuid() == wanted:
            return []
        tool = ["runuser", "-u"] if os.geteuid() == 0 else ["sudo", "--non-interactive", "-u"]
        return [*tool, self.user, "--"]


def log_in_from_pod(shell: Shell, account: Account, port: int) -> Answer:
    """Logs in from the server's own pod, over the network as the application does. The user must own the database."""
    try:
        owns = shell.run(_LOG_IN, account.user, account.database, str(port), stdin=f"{account.password}\n")
    except DatabaseError as error:
        return _answer(str(error))
    return _owner(account, owns.strip() == "t")


def log_in(parameters: Mapping[str, Any], account: Account | None = None) -> Answer:
    """Logs in from here with libpq's connection parameters. With an account it must own the database."""
    import psycopg  # noqa: PLC0415  # the module says what to install when it is missing

    try:
        with psycopg.connect(**{"connect_timeout": CONNECT_SECONDS, **parameters}, autocommit=True) as connection:
            row = connection.execute(_OWNS).fetchone()
    except psycopg.Error as error:
        return _answer(str(error))
    return _owner(account, bool(row and row[0])) if account else Answer()


def parse_url(url: str) -> dict[str, Any]:
    """A PostgreSQL URL as libpq's connection parameters; a driver such as postgresql+asyncpg:// is left out.

    Raises DatabaseError, without the URL, for what is none.
    """
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415  # see log_in

    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise DatabaseError("the URL must begin with postgresql://")
    try:
        parameters = dict(conninfo.conninfo_to_dict(f"postgresql://{rest}"))
    except ProgrammingError:
        parameters = {"port": "none"}
    # A password with a bare / or @ is taken for a port or a host, which an error of libpq would show.
    if not re.fullmatch(r"[0-9,]*", str(parameters.get("port", ""))) or "@" in str(parameters.get("host", "")):
        raise DatabaseError("the URL is not valid: special characters in a password must be percent-encoded")
    return parameters


def plan(shell: Shell, account: Account, port: int, password_works: Callable[[], bool]) -> dict[str, str]:
    """What makes the account as it should be: description to SQL, in order. Raises DatabaseError."""
    user, database, owns = _state(shell, account, port)
    steps = {}
    if not user:
        steps[f"user {account.user} made"] = "CREATE ROLE :\"user\" LOGIN PASSWORD :'password';"
    elif not password_works():
        steps[f"password of user {account.user} set"] = "ALTER ROLE :\"user\" LOGIN PASSWORD :'password';"
    if not database:
        steps[f"database {account.database} made"] = 'CREATE DATABASE :"database" OWNER :"user";'
    elif not owns:
        steps[f"database {account.database} given to {account.user}"] = 'ALTER DATABASE :"database" OWNER TO :"user";'
    return steps


def plan_removal(shell: Shell, account: Account, port: int) -> dict[str, str]:
    """What removes the account with its data: description to SQL, in order. Raises DatabaseError."""
    user, database, _ = _state(shell, account, port)
    steps = {}
    if database:
        steps[f"database {account.database} removed"] = 'DROP DATABASE :"database" WITH (FORCE);'
    if user:
        steps[f"user {account.user} removed"] = 'DROP ROLE :"user";'
    return steps


def apply(shell: Shell, account: Account, port: int, steps: Mapping[str, str]) -> None:
    """Does what was planned. Raises DatabaseError."""
    sql = "\n".join((_PRIVATELY, *steps.values()))
    shell.run(_ADMINISTER, account.user, account.database, str(port), stdin=f"{account.password}\n{sql}\n")


def _state(shell: Shell, account: Account, port: int) -> tuple[bool, bool, bool]:
    """Whether there is the user, whether there is the database, and whether the one may act as the other's owner."""
    line = shell.run(_ADMINISTER, account.user, account.database, str(port), stdin=f"\n{_STATE}")
    user, database, owns = (value == "t" for value in line.strip().split("|"))
    return user, database, owns


def _answer(message: str) -> Answer:
    reason = " ".join(message.split())
    return Answer(next((what for what, sign in _SIGNS.items() if re.search(sign, reason)), SERVER), reason)


def _owner(account: Account, owns: bool) -> Answer:
    return Answer() if owns else Answer(OWNERSHIP, f"{account.user} does not own the database {account.database}")
