#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Say what runs in a deployment, and find one component of it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workloads
short_description: Say what runs in a deployment and what leads to it, and find one component of it
version_added: "0.1.0"
description:
  - Reads the namespaces of a deployment and tells its Deployments, StatefulSets and Services.
extends_documentation_fragment: todo.platform.kubectl
options:
  namespaces:
    description: The namespaces.
    type: list
    elements: str
    required: true
  component:
    description: The name of a Deployment or StatefulSet to find; one that is not there is an error that says what is.
    type: str
attributes:
  check_mode:
    support: full
    description: There is nothing to change.
  diff_mode:
    support: none
    description: There is nothing to change.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: Find the backend
  todo.platform.workloads:
    namespaces: [todo-dev]
    component: todo-backend
    kubeconfig: "{{ cluster_facts.kubeconfig }}"
  register: found
"""

RETURN = r"""
workloads:
  description: What runs.
  returned: success
  type: list
  elements: dict
  contains: &workload
    name: {description: Its name., type: str}
    kind: {description: V(Deployment) or V(StatefulSet)., type: str}
    namespace: {description: Its namespace., type: str}
    release: {description: The release that it belongs to., type: str}
    replicas: {description: How many pods it wants., type: int}
    autoscaler: {description: The autoscaler that sets its replicas; empty if there is none., type: str}
    selector: {description: The label selector of its pods., type: str}
    containers: {description: The names of its containers., type: list, elements: str}
component:
  description: The one that was asked for.
  returned: when asked for
  type: dict
  contains: *workload
services:
  description: The Services, with C(name), C(namespace), C(port), and whether they are C(reached) without a tunnel.
  returned: success
  type: list
  elements: dict
"""

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.todo.platform.plugins.module_utils.kubectl import CLIENT_OPTIONS, Kubectl, KubectlError
from ansible_collections.todo.platform.plugins.module_utils.workloads import (
    KINDS,
    NoSuchComponentError,
    entrances,
    named,
    workloads,
)


def main() -> None:
    """Runs the module."""
    module = AnsibleModule(
        argument_spec={
            "namespaces": {"type": "list", "elements": "str", "required": True},
            "component": {"type": "str"},
            **CLIENT_OPTIONS,
        },
        supports_check_mode=True,
    )
    params = module.params
    kubectl = Kubectl(params["kubectl"], params["kubeconfig"], params["context"])
    try:
        objects = [
            item for name in dict.fromkeys(params["namespaces"]) for item in kubectl.get_json(KINDS, namespace=name)
        ]
        known = workloads(objects)
        result: dict[str, Any] = {"workloads": [asdict(one) for one in known]}
        if params["component"] is not None:
            result["component"] = asdict(named(params["component"], known))
    except (KubectlError, NoSuchComponentError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result, services=[asdict(one) for one in entrances(objects)])


if __name__ == "__main__":
    main()
