#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vault
short_description: Reads a deployment's vault, checks it, and in development makes what it lacks
description:
  - Decrypts a file that C(ansible-vault) encrypted, as a whole or value by value, and checks it against O(spec).
    Everything that is wrong is told at once, by the names of the keys; a value is never shown.
  - Where O(environment) is V(development) a missing vault is made, with random values for the keys that may be
    generated, and an existing one gets those it lacks. Elsewhere a missing vault is an error that says how to make it.
  - Passwords that Ansible was given (C(--vault-password-file), C(--vault-id), C(--ask-vault-pass), the environment) are
    used; where it was given none, O(password_file) is, which is made together with a vault in development.
  - Values are taken literally, they are no templates.
extends_documentation_fragment: todo.platform.vault
attributes:
  check_mode:
    support: full
    description: Makes no file; what a run would make up is random, differs each time, and is listed in RV(ephemeral).
  diff_mode:
    support: none
    description: A diff of a vault would show its values.
author: [todo.platform contributors]
"""

EXAMPLES = r"""
- name: Read the vault
  todo.platform.vault:
    file: "{{ inventory_dir }}/group_vars/vault.yml"
    environment: development
    password_file: .state/vault-password
    spec:
      - name: vault_jwt_secret
        generate: true
        min_length: 32
        description: signs the access tokens
      - name: vault_openai_api_key
        optional: true
"""

RETURN = r"""
ansible_facts:
  description: The vault's variables, C(vault_...). They are kept in memory; a fact cache that writes files is refused.
  returned: success
  type: dict
keys:
  description: The names of the keys.
  returned: success
  type: list
  elements: str
made:
  description: The keys whose values were made up in this run.
  returned: success
  type: list
  elements: str
ephemeral:
  description: The keys whose values were made up for check mode only and are kept nowhere.
  returned: success
  type: list
  elements: str
"""
