#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secrets_plan
short_description: Compares Kubernetes Secrets with what they should hold, and never shows a value
description:
  - Reads the named Secrets once and says for each what is to be done. It changes nothing.
  - A Secret made by hand is taken as it is when it holds the wanted keys, and is never overwritten without
    O(secrets[].force).
  - The checksum is an HMAC-SHA256 keyed with a value from the vault, so that a short value can't be found by trying and
    everybody who shares the vault gets the same one. It is kept in an annotation of the Secret.
  - It runs in Ansible's own process, so values are in no temporary file, and its result holds none and can be shown.
options:
  secrets:
    description: The Secrets.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: The name of the Secret., type: str, required: true}
      namespace: {description: Its namespace; O(namespace) by default., type: str}
      type: {description: Its type., type: str, default: Opaque}
      data: {description: Keys and values. Values must be text., type: dict, default: {}}
      adopt: {description: Whether a Secret made by hand is taken as it is., type: bool, default: true}
      force: {description: Whether a Secret made by hand is replaced., type: bool, default: false}
  namespace:
    description: The namespace of Secrets that name none.
    type: str
    required: true
  equal:
    description: Groups of places, each with C(secret) and C(key) (and C(namespace)), whose values must be equal.
    type: list
    elements: list
    default: []
  checksum_key:
    description: The key of the checksums. Needed unless O(facts_only).
    type: str
    default: ""
  facts_only:
    description: Only learns RV(ansible_facts) from the annotations in the cluster, for which no vault is needed.
    type: bool
    default: false
  deployment:
    description: The deployment that the Secrets belong to; a label of theirs.
    type: str
    required: true
  kubectl:
    description: The kubectl to use.
    type: str
    default: kubectl
  kubeconfig:
    description: The kubeconfig to use.
    type: path
    required: true
  context:
    description: The context to use in it; empty takes the current one.
    type: str
    default: ""
attributes:
  check_mode:
    support: full
    description: A cluster that can't be reached is empty; C(changed) says whether a run would change something.
  diff_mode:
    support: full
    description: Shows which keys differ, not how.
author: [todo.platform contributors]
"""

EXAMPLES = r"""
- name: Compare the Secrets with the cluster
  todo.platform.secrets_plan:
    secrets:
      - name: todo-secrets
        data:
          JWT_SECRET: "{{ vault_jwt_secret }}"
          DATABASE_URL: postgresql://todo:{{ vault_database_password }}@postgres:5432/todo
    namespace: todo-dev
    deployment: dev
    checksum_key: "{{ vault_checksum_key }}"
    kubeconfig: "{{ cluster_facts.kubeconfig }}"
"""

RETURN = r"""
ansible_facts:
  description: C(secrets_facts), each Secret's checksum by its name; C(unknown) in check mode where there is none yet.
  returned: success
  type: dict
  sample: {secrets_facts: {todo-secrets: {checksum: 6f0c...}}}
secrets:
  description: What is to be done with each Secret, in the order of O(secrets).
  returned: success
  type: list
  elements: dict
  contains:
    index: {description: Its place in O(secrets)., type: int}
    name: {description: Its name., type: str}
    namespace: {description: Its namespace., type: str}
    action: {description: 'none, create, update or adopt.', type: str}
    added: {description: Keys that it lacks., type: list, elements: str}
    changed: {description: Keys whose values differ., type: list, elements: str}
    removed: {description: Keys that it holds and should not., type: list, elements: str}
    checksum: {description: The checksum of its data., type: str}
    summary: {description: All this in words., type: str}
    metadata: {description: The labels and annotations that it is to have., type: dict}
pending:
  description: Those of RV(secrets) for which something is to be done.
  returned: success
  type: list
  elements: dict
missing_namespaces:
  description: Namespaces that the Secrets need and the cluster lacks.
  returned: success
  type: list
  elements: str
reachable:
  description: Whether the cluster answered. In check mode one that does not is no failure.
  returned: success
  type: bool
adopted:
  description: Secrets made by hand that carry our annotation, as C(namespace) and C(name). Told with O(facts_only).
  returned: success
  type: list
  elements: dict
"""
