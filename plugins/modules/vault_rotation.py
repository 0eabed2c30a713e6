#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vault_rotation
short_description: Gives a vault's keys new values, in two steps, or the vault a new password
description:
  - A value that others have to know before it counts has a key for the coming one, which V(announce) fills with a
    random value and V(switch) puts into place, keeping the old one where O(spec[].previous) names a key for it. Between
    the two everybody is told both. An announced value stays until it was switched to, so that an interrupted run can be
    repeated.
  - V(switch) gives keys of age's and certificates new values at once; a key of age's stays behind the new one, for what
    it encrypted.
  - The vault is decrypted in memory only and replaced as a whole; what people wrote around the values stays.
  - V(rekey) makes a new password and encrypts O(file) with it, and those of O(vaults) that had the same password.
    Interrupted, it can be repeated. It is refused where Ansible was given the password.
extends_documentation_fragment: todo.platform.vault
options:
  step:
    description: What to do.
    type: str
    choices: [announce, switch, rekey]
    required: true
  keys:
    description: The keys that get new values.
    type: list
    elements: str
    default: []
  vaults:
    description: Where other vaults may be that have the same password, as patterns; with V(rekey).
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    support: full
    description: Writes nothing; what a run would make up is random and differs each time.
  diff_mode:
    support: none
    description: A diff of a vault would show its values.
author: [todo.platform contributors]
"""

EXAMPLES = r"""
- name: Announce a new signing key
  todo.platform.vault_rotation:
    step: announce
    keys: [vault_jwt_secret]
    file: "{{ inventory_dir }}/group_vars/vault.yml"
    password_file: .state/vault-password
    spec:
      - {name: vault_jwt_secret, generate: true, next: vault_jwt_secret_next, previous: vault_jwt_secret_previous}
      - {name: vault_jwt_secret_next, optional: true}
      - {name: vault_jwt_secret_previous, optional: true}
"""

RETURN = r"""
ansible_facts:
  description: The vault's variables after the step, in memory only.
  returned: success, but for V(rekey)
  type: dict
keys:
  description: The keys whose values are other ones now.
  returned: success
  type: list
  elements: str
vaults:
  description: The vaults that have a new password.
  returned: with V(rekey)
  type: list
  elements: str
"""
