#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Say how a deployment is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: status
short_description: Say how a deployment is, from one read of the cluster
version_added: "0.1.0"
description:
  - Tells the cluster, the releases with revision and state, what runs beside what was built, what was changed by hand,
    how old Secrets are, when certificates end, and the addresses to open.
  - A release is V(Active) if it serves as it should, V(Updating) while it gets there, V(Failed) if it will not
    by itself, and V(Absent) if it is not installed. With all of them active a deployment is healthy.
  - Decides as M(todo.platform.release_plan) does, so that it also tells what the next run would do.
  - Changes nothing, and never fails because a deployment is not healthy; whoever calls it decides.
extends_documentation_fragment: [todo.platform.release, todo.platform.release.many]
options:
  deployment:
    description: The name of the deployment.
    type: str
    required: true
  releases:
    description: The releases, as M(todo.platform.release_plan) takes them.
    type: list
    elements: dict
    required: true
  images:
    description: What the images are called that the sources give, C(images_facts) of the role images.
    type: dict
    default: {}
  cluster:
    description: What is known of the cluster, its C(provider), C(version), C(nodes), C(ready) and C(problems).
    type: dict
    default: {}
  ingress_url:
    description: Where the ingress controller listens, for example C(http://127.0.0.1).
    type: str
    default: ""
  node_ip:
    description: An address of a node, to show the addresses of NodePorts.
    type: str
    default: ""
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
- name: Look at the deployment
  todo.platform.status:
    deployment: dev
    namespace: todo-dev
    kubeconfig: "{{ cluster_facts.kubeconfig }}"
    bin_dir: "{{ cluster_facts.bin_dir }}"
    releases: "{{ release_releases }}"
    images: "{{ images_facts }}"
  register: result
"""

RETURN = r"""
healthy:
  description: Whether the deployment is as it should be.
  returned: success
  type: bool
status:
  description:
    - Everything that was found, as C(healthy), C(deployment), C(namespace), C(cluster), C(releases), C(workloads),
      C(drift), C(secrets), C(certificates), C(urls), C(problems) and C(warnings). No value of a Secret is in it.
  returned: success
  type: dict
screen:
  description: The same for a person.
  returned: success
  type: str
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.todo.platform.plugins.module_utils.helm import HelmError, Revision
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubectlError
from ansible_collections.todo.platform.plugins.module_utils.planning import drift_since, plan, read
from ansible_collections.todo.platform.plugins.module_utils.release_setup import state_dir, tools
from ansible_collections.todo.platform.plugins.module_utils.releases import (
    CONNECTION_OPTIONS,
    RELEASE_OPTIONS,
    ReleaseError,
    parse,
)
from ansible_collections.todo.platform.plugins.module_utils.status import (
    BESIDE,
    Reader,
    Status,
    as_screen,
    at_work,
    unreachable,
)


def look(params: dict[str, Any]) -> Status:
    """Reads the cluster once and says how the deployment is.

    :raises ReleaseError: the data is wrong.
    :raises KubectlError: the cluster cannot be read.
    :raises HelmError: there is no helm.
    """
    releases = parse(params["releases"], params["defaults"] or {}, params["namespace"], params["root"])
    kubectl, helm = tools(params)
    where = params["deployment"], params["namespace"], params["cluster"]
    with ThreadPoolExecutor(max_workers=2) as pool:
        version = pool.submit(helm.version)
        namespaces = {params["namespace"], *(release.namespace for release in releases)}
        try:
            state = read(kubectl, namespaces, BESIDE, managed_fields=True)
        except KubectlError as error:
            return unreachable(*where, str(error))
        if state.unreachable:
            return unreachable(*where, state.unreachable)
        plans = plan(releases, state, version.result(), kubectl, helm)
        # A plan that has another reason to act does not look for drift; a revision on its way has none yet.
        drift = {
            one.release.name: one.drift or drift_since(one.record, one.release, state, kubectl, helm)
            for one in plans
            if one.record and one.latest == Revision(one.record.revision, "deployed")
        }
        busy = at_work(state_dir(params), [(release.namespace, release.name) for release in releases])
        reader = Reader(
            plans, state, drift, params["images"], busy, kubectl, pool, params["ingress_url"], params["node_ip"]
        )
        return reader.status(*where)


def main() -> None:
    """Runs the module."""
    module = AnsibleModule(
        argument_spec={
            **CONNECTION_OPTIONS,
            "deployment": {"type": "str", "required": True},
            "releases": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {"name": {"type": "str", "required": True}, **RELEASE_OPTIONS},
            },
            "images": {"type": "dict", "default": {}},
            "cluster": {"type": "dict", "default": {}},
            "ingress_url": {"type": "str", "default": ""},
            "node_ip": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    try:
        found = look(module.params)
    except (ReleaseError, KubectlError, HelmError, ValueError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, healthy=found.healthy, status=found.document(), screen=as_screen(found))


if __name__ == "__main__":
    main()
