#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Bring one Helm release to its wanted state."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release
short_description: Bring one Helm release to its wanted state, and say why it if fails
version_added: "0.1.0"
description:
  - Decides as M(todo.platform.release_plan) does, and then installs, upgrades, recovers, repairs or uninstalls.
  - Runs the helm binary itself instead of M(kubernetes.core.helm) because a failure must be explained. Helm's atomic
    mode (the only way back that module knows) removes the pods that failed together with their logs, and it waits for
    the whole time-out although an image that does not exist will not appear.
  - This module watches the namespace while Helm waits, stops when waiting on is useless, diagnoses, rolls back to the
    revision that served before (a first installation is removed), and fails with Helm's own message last.
  - What a cut-off run left behind is recovered. C(pending-install) and a release that was never deployed are
    uninstalled and installed again; C(pending-upgrade) and C(pending-rollback) are rolled back to the last deployed
    revision and upgraded; C(failed) is upgraded.
  - A helm process that still runs on this machine is never disturbed. It holds a lock in O(state_dir), as does the
    module, and the next run waits for it. Runs on other machines are not seen; keep them apart by other means.
  - An object that was changed by hand is replaced by the one of Helm's manifest, alone. What the cluster assigned
    (cluster IPs, node ports, volumes) and the replicas that an autoscaler set are carried over, and Helm's revision
    stays.
extends_documentation_fragment: [todo.platform.release, todo.platform.release.one]
options:
  release:
    description: The release. An unknown key is an error.
    type: dict
    required: true
attributes:
  check_mode:
    support: full
    description: Says what would be done.
  diff_mode:
    support: none
    description: M(todo.platform.release_plan) shows the differences.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: Bring up the backend
  todo.platform.release:
    namespace: todo-dev
    root: "{{ playbook_dir }}"
    kubeconfig: .state/kubeconfig
    bin_dir: .state/bin
    state_dir: .state/dev
    release:
      name: todo-backend
      chart: app/charts/backend
      values:
        image: {repository: todo-backend, tag: 0123456789abcdef}
"""

RETURN = r"""
action:
  description: "What was done: none, install, upgrade, recover, repair or uninstall."
  returned: always
  type: str
reasons:
  description: Why.
  returned: always
  type: list
  elements: str
revision:
  description: Helm's revision afterwards.
  returned: success, unless the release is gone
  type: int
repaired:
  description: The objects that were put back.
  returned: success
  type: list
  elements: str
diagnosis:
  description: What was found broken. The message has it too, with what shows it and what to do.
  returned: failure
  type: list
  elements: dict
  contains:
    subject: {description: The object., type: str}
    cause: {description: The likely cause., type: str}
rolled_back_to:
  description: The revision that serves again.
  returned: failure, if there is one
  type: int
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.todo.platform.plugins.module_utils.diagnosis import Redactor
from ansible_collections.todo.platform.plugins.module_utils.helm import HelmError
from ansible_collections.todo.platform.plugins.module_utils.kubectl import ClusterUnreachableError, KubectlError
from ansible_collections.todo.platform.plugins.module_utils.planning import NONE, plan, read
from ansible_collections.todo.platform.plugins.module_utils.release_setup import state_dir, tools
from ansible_collections.todo.platform.plugins.module_utils.releases import (
    CONNECTION_OPTIONS,
    RELEASE_OPTIONS,
    ReleaseError,
    parse,
)
from ansible_collections.todo.platform.plugins.module_utils.rollout import BESIDE, MARGIN, Rollout, RolloutError, lock


def run(module: AnsibleModule, result: dict[str, Any]) -> None:
    """Decides under the lock, acts, and fills `result`."""
    params = module.params
    release = parse([params["release"]], params["defaults"] or {}, params["namespace"], params["root"])[0]
    kubectl, helm = tools(params)
    version = helm.version()
    with lock(state_dir(params), release, 3 * release.timeout + MARGIN) as descriptor:
        state = read(kubectl, [release.namespace], BESIDE)
        if state.unreachable and not module.check_mode:
            raise ClusterUnreachableError(state.unreachable)
        decided = plan([release], state, version, kubectl, helm)[0]
        redact = Redactor(state.everything())
        result.update(action=decided.action, reasons=[redact(reason) for reason in decided.reasons])
        result["changed"] = decided.action != NONE
        if module.check_mode:
            return
        outcome = Rollout(helm, kubectl, release, descriptor, state).act(decided)
        result.update(revision=outcome.revision, repaired=list(outcome.repaired))


def main() -> None:
    """Runs the module."""
    module = AnsibleModule(
        argument_spec={
            **CONNECTION_OPTIONS,
            "release": {
                "type": "dict",
                "required": True,
                "options": {"name": {"type": "str", "required": True}, **RELEASE_OPTIONS},
            },
        },
        supports_check_mode=True,
    )
    result: dict[str, Any] = {"changed": False, "action": NONE, "reasons": []}
    try:
        run(module, result)
    except RolloutError as error:
        result.update(
            diagnosis=[{"subject": one.subject, "cause": one.cause} for one in error.findings],
            rolled_back_to=error.rolled_back_to,
        )
        module.fail_json(msg=str(error), **result)
    except (ReleaseError, KubectlError, HelmError) as error:
        module.fail_json(msg=str(error), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
