"""The options that the modules for vaults share."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation only."""

    DOCUMENTATION = r"""
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
"""
