#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Make an application's user and database, or remove them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: database_account
short_description: Make an application's user and database in PostgreSQL, or remove them
version_added: "0.1.0"
description:
  - Acts as the server's administrator over its local socket, in its pod or on this machine, by C(psql) 14 or newer.
  - Makes the user and the database where they are missing, gives the database to the user, and sets the password where
    the application cannot log in with it. An existing user keeps its other rights.
  - The password goes through standard input, and statements that hold it are kept out of the server's log.
extends_documentation_fragment: todo.platform.database
options:
  mode:
    choices: [chart, host]
  state:
    description: V(absent) removes the database with all data, ends its sessions, and removes the user.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    support: full
    description: Without a server everything is missing.
  diff_mode:
    support: none
    description: RV(actions) says what changes.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: Make user and database
  todo.platform.database_account:
    mode: chart
    namespace: todo-dev
    user: todo
    name: todo
    password: "{{ vault_postgres_password }}"
"""

RETURN = r"""
actions:
  description: What was done, or would be.
  returned: success
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.todo.platform.plugins.module_utils.postgresql import (
    LOGIN,
    SERVER_OPTIONS,
    Account,
    DatabaseError,
    HostShell,
    NotInstalledError,
    Shell,
    apply,
    log_in,
    log_in_from_pod,
    plan,
    plan_removal,
    pod_shell,
)


def shell_of(params: dict[str, Any]) -> Shell:
    """Where the server's administrator is."""
    if params["mode"] == "host":
        return HostShell()
    return pod_shell(params)


def password_works(params: dict[str, Any], account: Account, shell: Shell) -> bool:
    """Whether the server takes the user's password, whatever else is missing."""
    if params["mode"] == "chart":
        return log_in_from_pod(shell, account, params["port"]).missing != LOGIN
    server = {"host": params["host"], "port": params["port"]}
    parameters = {**server, "user": account.user, "dbname": account.database, "password": account.password}
    return log_in(parameters).missing != LOGIN


def main() -> None:
    """Reads the arguments, compares, and acts where that is wanted."""
    module = AnsibleModule(
        argument_spec={
            "mode": {"type": "str", "choices": ["chart", "host"], "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            **SERVER_OPTIONS,
            "user": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
        },
        required_if=[("mode", "chart", ["namespace"])],
        supports_check_mode=True,
    )
    params = module.params
    account = Account(params["user"], params["name"], params["password"])
    present = params["state"] == "present"
    if present and params["mode"] == "host" and not account.password:
        module.fail_json(msg=f"There is no password for the database user {account.user}: set database_password")
    shell, port = shell_of(params), params["port"]
    steps: dict[str, str] = {}
    try:
        if present:
            steps = plan(shell, account, port, lambda: password_works(params, account, shell))
        else:
            steps = plan_removal(shell, account, port)
        if steps and not module.check_mode:
            apply(shell, account, port, steps)
    except DatabaseError as error:
        if present and module.check_mode:
            steps = {f"user {account.user} and database {account.database} made": ""}
        elif present or not isinstance(error, NotInstalledError):
            module.fail_json(msg=f"The database server could not be asked or changed: {error}")
    except ImportError as error:
        module.fail_json(msg=missing_required_lib("psycopg"), exception=str(error))
    module.exit_json(changed=bool(steps), actions=list(steps))


if __name__ == "__main__":
    main()
