# SPDX-License-Identifier: Apache-2.0
"""The proxies that builds need, as the environment names them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import urlsplit

from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

DOCUMENTATION = r"""
name: proxies
short_description: The proxies that the environment names, as build arguments
version_added: "1.0.0"
description:
  - C(HTTP_PROXY), C(HTTPS_PROXY), C(FTP_PROXY), C(ALL_PROXY) and C(NO_PROXY) in both spellings. Builders know these
    arguments without a Dockerfile's naming them, keep them out of images and out of what a layer is cached by.
  - A proxy whose address holds a password is left out with a warning, as a process's arguments are anybody's to read.
author: todo.platform contributors
"""

EXAMPLES = r"""
images_proxies: "{{ lookup('todo.platform.proxies') }}"
"""

RETURN = r"""
_value:
  description: Address by variable.
  type: dict
"""

_NAMES = tuple(
    spelt for name in ("http", "https", "ftp", "all", "no") for spelt in (f"{name}_proxy", f"{name}_proxy".upper())
)
_display = Display()


class LookupModule(LookupBase):  # type: ignore[misc]  # ansible has no types
    """Ansible's way to call it."""

    def run(self, terms: Sequence[str], variables: object = None, **options: object) -> list[dict[str, str]]:  # noqa: ARG002
        """The addresses by their variables, in a list as lookups give it."""
        found = {name: value for name in _NAMES if (value := os.environ.get(name))}
        secret = [name for name, value in found.items() if urlsplit(value).password]
        if secret:
            what = f"builds go without {' and '.join(secret)}: a password in it could be read by anybody while they run"
            _display.warning(f"{what}; name a forwarder on this machine that logs in to that proxy")
        return [{name: value for name, value in found.items() if name not in secret}]
