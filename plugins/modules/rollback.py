#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Bring one Helm release back to an earlier revision."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollback
short_description: Bring one Helm release back to an earlier revision, unless its migrations forbid it
version_added: "0.1.0"
description:
  - Goes back to the last revision that was deployed whole and differs from what serves, or to a named one. What serves
    keeps serving until the older one is ready, and serves again if that does not become ready.
  - Where another migration ran in between, both are asked first. The older one, run with C(--needs), prints which
    schema it needs; the one that serves, run with C(--back-to) and that, makes the database fit for it or says why not.
    A hook says by the annotation C(todo.platform/goes-back) that it takes these arguments.
  - The next run of M(todo.platform.release) brings the release to what the sources say again, and says so.
extends_documentation_fragment: [todo.platform.release, todo.platform.release.one]
options:
  release:
    description: The release, as M(todo.platform.release) takes it.
    type: dict
    required: true
  revision:
    description: The revision to go back to. Without it the last good one.
    type: int
  unchecked:
    description: Whether to go back over migrations without asking them.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Says to which revision it would go back. Migrations are not asked.
  diff_mode:
    support: full
    description: Shows the objects that change, the values of Secrets hidden.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: Take the last release back
  todo.platform.rollback:
    namespace: todo-dev
    kubeconfig: .state/kubeconfig
    bin_dir: .state/bin
    state_dir: .state/dev
    release: {name: todo-backend, chart: app/charts/todo-backend}
"""

RETURN = r"""
from_revision: {description: The revision that served., returned: success, type: int}
to_revision: {description: The revision whose content serves now., returned: success, type: int}
revision: {description: Helm's number of it., returned: success unless in check mode, type: int}
schemas: {description: The schemas that the database was made fit for., returned: success, type: list, elements: str}
message: {description: All this in words., returned: success, type: str}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.todo.platform.plugins.module_utils.diagnosis import Redactor
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import documents
from ansible_collections.todo.platform.plugins.module_utils.goback import (
    GoBackError,
    Migration,
    migrations,
    questions,
    target,
)
from ansible_collections.todo.platform.plugins.module_utils.helm import HelmError
from ansible_collections.todo.platform.plugins.module_utils.kubectl import ClusterUnreachableError, KubectlError
from ansible_collections.todo.platform.plugins.module_utils.planning import read
from ansible_collections.todo.platform.plugins.module_utils.release_setup import manifest_diff, state_dir, tools
from ansible_collections.todo.platform.plugins.module_utils.releases import (
    CONNECTION_OPTIONS,
    RELEASE_OPTIONS,
    ReleaseError,
    parse,
)
from ansible_collections.todo.platform.plugins.module_utils.rollout import BESIDE, MARGIN, Rollout, RolloutError, lock


def run(module: AnsibleModule) -> dict[str, Any]:
    """Decides under the lock, asks the migrations, and goes back."""
    params = module.params
    release = parse([params["release"]], params["defaults"] or {}, params["namespace"], params["root"])[0]
    name, namespace = release.name, release.namespace
    kubectl, helm = tools(params)
    with lock(state_dir(params), release, 3 * release.timeout + MARGIN) as descriptor:
        state = read(kubectl, [namespace], BESIDE)
        if state.unreachable:
            raise ClusterUnreachableError(state.unreachable)
        redact = Redactor(state.everything())
        history = state.history(release)
        now = helm.manifest(name, namespace, history[-1].number) if history else ""
        older, serving = target(
            history, params["revision"], lambda number: helm.manifest(name, namespace, number) != now
        )
        ran, before = (migrations(documents(helm.hooks(name, namespace, number))) for number in (serving, older))
        asked = questions(ran, before, params["unchecked"])
        result: dict[str, Any] = {
            "changed": True,
            "from_revision": serving,
            "to_revision": older,
            "schemas": [],
            "diff": manifest_diff(name, now, helm.manifest(name, namespace, older), redact),
        }
        if module.check_mode:
            ask = f", if {', '.join(one.serving['metadata']['name'] for one in asked)} allows it" if asked else ""
            return {**result, "message": f"{name} would go back from revision {serving} to {older}{ask}."}
        migration = Migration(kubectl, namespace, redact)
        result["schemas"] = [migration.settle(question) for question in asked]
        result["revision"] = Rollout(helm, kubectl, release, descriptor, state).back(older, serving)
    result["message"] = (
        f"{name} went back from revision {serving} to {older}. "
        "site.yml brings it to what the sources say again: take the change back there too."
    )
    return result


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
            "revision": {"type": "int"},
            "unchecked": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    try:
        result = run(module)
    except GoBackError as error:
        module.fail_json(msg=f"{module.params['release']['name']} was not rolled back: {error}")
    except (RolloutError, ReleaseError, KubectlError, HelmError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
