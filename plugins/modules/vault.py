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
options:
  file:
    description: The vault.
    type: path
    required: true
  spec:
    description: The keys that the vault must hold, without C(vault_checksum_key), which is always among them.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: The variable., type: str, required: true}
      generate: {description: Whether it may be made up in development., type: bool, default: false}
      certificate:
        description: Host names; what is made up is a self-signed certificate for them, behind its private key, in PEM.
        type: list
        elements: str
        default: []
      min_length: {description: How many characters it must have., type: int, default: 1}
      age: {description: Whether what is made up is a key of age's., type: bool, default: false}
      next:
        description: The key whose value is the coming one while this one is being changed.
        type: str
        default: ""
      previous: {description: The key in which the old value is kept once it was changed., type: str, default: ""}
      optional: {description: Whether it may be absent; it then is an empty string., type: bool, default: false}
      description: {description: What it is for., type: str, default: ""}
  environment:
    description: What the deployment is for. Values are made up in development only.
    type: str
    choices: [development, production]
    default: production
  password_file:
    description: The file (or executable) with the password, used when Ansible was given none.
    type: path
    required: true
  hide_values:
    description: Keeps the result, which holds the values, out of every output. A failure holds none and is shown.
    type: bool
    default: true
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
