# SPDX-License-Identifier: Apache-2.0
"""The public half of a key of age's."""

from __future__ import annotations

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.todo.platform.plugins.module_utils.backups import BackupError, recipient

DOCUMENTATION = r"""
name: age_recipient
short_description: The public key for which backups are encrypted
version_added: "1.0.0"
description: The recipient that belongs to an identity of age's; of several, one a line, to the first.
options:
  _input:
    description: The identity, as C(age-keygen) writes it without its comments. It is in no error.
    type: str
    required: true
author: todo.platform contributors
"""

EXAMPLES = r"""
recipient: "{{ vault_backup_identity | todo.platform.age_recipient }}"
"""

RETURN = r"""
_value:
  description: The recipient. It is no secret.
  type: str
"""


def age_recipient(identity: str) -> str:
    """The recipient that belongs to an identity."""
    try:
        return recipient(identity)
    except BackupError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """Ansible's way to find it."""

    def filters(self) -> dict[str, Callable[[str], str]]:
        """The filter by its name."""
        return {"age_recipient": age_recipient}
