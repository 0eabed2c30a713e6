"""Starts the loop of development in the terminal that the playbook `dev` hands over: `dev.py SETTINGS`."""

from __future__ import annotations

import sys

from ansible.plugins.loader import init_plugin_loader

init_plugin_loader()

from ansible_collections.todo.platform.plugins.module_utils.dev import main  # noqa: E402  # it finds collections

sys.exit(main(sys.argv[1]))
