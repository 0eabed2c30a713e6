#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Ask whether a database takes an application."""

from __future__ import annotations

DOCUMENTATION = r"""
module: database_ready
short_description: Ask whether a database takes an application, and what is missing
version_added: "0.1.0"
description:
  - Logs in as the application does, once, and says what keeps it out. Changes nothing and waits for nothing.
  - The password goes through standard input or the connection itself, never through an argument.
  - With O(mode=host) and O(mode=external) it needs the Python library psycopg 3.
extends_documentation_fragment: todo.platform.database
options:
  mode:
    description: V(external) is a server that is somebody else's, at O(url).
    choices: [chart, host, external]
  url:
    description: PostgreSQL URL of an external server. Required with O(mode=external).
    type: str
    default: ""
attributes:
  check_mode:
    support: full
    description: It only reads.
  diff_mode:
    support: none
    description: Nothing changes.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: Wait for the database
  todo.platform.database_ready:
    mode: external
    url: "{{ vault_database_url }}"
  register: database
  until: database.ready
  retries: 30
  delay: 2
"""

RETURN = r"""
ready:
  description: Whether the application can log in and, unless the server is somebody else's, owns its database.
  returned: success
  type: bool
missing:
  description: What is missing, one of C(server), C(login), C(database), C(ownership), or empty.
  returned: success
  type: str
reason:
  description: Why, in the server's words.
  returned: success
  type: str
msg:
  description: Both in a sentence.
  returned: success
  type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.todo.platform.plugins.module_utils.postgresql import (
    SERVER_OPTIONS,
    Account,
    Answer,
    DatabaseError,
    log_in,
    log_in_from_pod,
    parse_url,
    pod_shell,
)

SENTENCES = {
    "server": "The database server does not answer",
    "login": "The database server does not take the user or its password",
    "database": "The database is missing or closed",
    "ownership": "The database belongs to another user",
}


def ask(params: dict[str, Any]) -> Answer:
    """Logs in where the mode says. Raises DatabaseError for what no waiting mends, ImportError without psycopg."""
    if params["mode"] == "external":
        return log_in(parse_url(params["url"]))
    account = Account(params["user"], params["name"], params["password"])
    if params["mode"] == "chart":
        return log_in_from_pod(pod_shell(params), account, params["port"])
    server = {"host": params["host"], "port": params["port"]}
    return log_in({**server, "user": account.user, "dbname": account.database, "password": account.password}, account)


def main() -> None:
    """Reads the arguments, asks and answers."""
    module = AnsibleModule(
        argument_spec={
            "mode": {"type": "str", "choices": ["chart", "host", "external"], "required": True},
            **SERVER_OPTIONS,
            "url": {"type": "str", "no_log": True, "default": ""},
        },
        required_if=[
            ("mode", "chart", ["user", "name", "namespace"]),
            ("mode", "host", ["user", "name"]),
        ],
        supports_check_mode=True,
    )
    try:
        answer = ask(module.params)
    except DatabaseError as error:
        module.fail_json(msg=f"database_url: {error}")
    except ImportError as error:
        module.fail_json(msg=missing_required_lib("psycopg"), exception=str(error))
    sentence = (
        f"{SENTENCES[answer.missing]}: {answer.reason}" if answer.missing else "The database takes the application"
    )
    module.exit_json(changed=False, ready=answer.ready, missing=answer.missing, reason=answer.reason, msg=sentence)


if __name__ == "__main__":
    main()
