# SPDX-License-Identifier: Apache-2.0
"""Prints what a playbook answers and nothing else, and hands the terminal to what it ended in."""

from __future__ import annotations

DOCUMENTATION = r"""
name: todo.platform.answer
type: stdout
short_description: The answer of a playbook, for people and programs
version_added: "0.1.0"
description:
  - Prints the messages of C(ansible.builtin.debug) on standard output, data as JSON, and failures and warnings on
    standard error. Names of tasks and the recap are left out.
  - Where the play left a statistic C(terminal), an argument list (see M(ansible.builtin.set_stats)), that command is
    run at the end in the person's terminal, and its exit code is the run's. The variable C(TODO_PLATFORM_OPTIONS) tells
    it the options of the run (JSON), for a command that starts runs itself.
author: todo.platform contributors
"""

import json
import os
import signal
import subprocess
import sys
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase

OPTIONS_VARIABLE = "TODO_PLATFORM_OPTIONS"
DEBUG_ACTIONS = frozenset({"debug", "ansible.builtin.debug", "ansible.legacy.debug"})


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Every method is called in Ansible's main process, which has the terminal."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "todo.platform.answer"

    def v2_runner_on_ok(self, result: Any) -> None:
        """An answer is printed; what else is done is not."""
        if result.task.action in DEBUG_ACTIONS and "msg" in result.result:
            message = result.result["msg"]
            self._display.display(message if isinstance(message, str) else json.dumps(message, indent=2))

    def v2_on_file_diff(self, result: Any) -> None:
        """With --diff, what changes is a part of the answer."""
        if text := self._get_diff(result.result.get("diff") or []):
            self._display.display(text)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """The message of a failure, which every module of this collection makes for people."""
        if not ignore_errors:
            self._display.display(str(result.result.get("msg") or "failed without a message"), stderr=True)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """The same for a host that does not answer."""
        self.v2_runner_on_failed(result)

    def v2_playbook_on_no_hosts_matched(self) -> None:
        """An inventory without hosts answers nothing, and says so."""
        self._display.display("the inventory has no host that matches", stderr=True)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The person's terminal goes to the command that the play ended in."""
        terminal = stats.custom.get("_run", {}).get("terminal")
        if not terminal or stats.failures or stats.dark or context.CLIARGS.get("check"):
            return
        sys.stdout.flush()
        # Ansible keeps its standard streams from what it starts, unless they are given.
        words = [str(word) for word in terminal]
        options = [word for word in sys.argv[1:] if word not in context.CLIARGS["args"]]
        environment = {**os.environ, OPTIONS_VARIABLE: json.dumps(options)}
        with subprocess.Popen(words, stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr, env=environment) as command:
            # Ctrl-C is for the command, which decides what it means.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            code = command.wait()
        sys.exit(code if code >= 0 else 128 - code)
