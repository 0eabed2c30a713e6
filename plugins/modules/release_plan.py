#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Decide what each Helm release needs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_plan
short_description: Decide what each Helm release needs, from one read of the cluster
version_added: "0.1.0"
description:
  - Reads every namespace that a release is in with one call of kubectl, and decides for each release whether it is to
    be installed, upgraded, recovered, repaired, uninstalled, or left alone.
  - A release is keyed by content, which is the files of its chart with the charts vendored in it, its merged values,
    and Helm's version. Values carry image tags and the checksums of Secrets, so an unchanged key is an unchanged
    release.
  - A change by hand is found by comparing each live object with what was recorded of it after the release (ConfigMap
    C(todo-platform-release-NAME)). Status, bookkeeping and what an autoscaler sets are left out of it. A Secret's
    content is neither recorded nor hashed but compared in memory with Helm's own manifest; only names of keys are
    shown.
  - Charts that are to be installed or upgraded are rendered, so that a wrong value is an error before anything changes.
    So is a name that Kubernetes refuses, an object or a NodePort that exists twice, and a request of CPU or memory that
    the nodes have no room for beside the other pods, the surge of an update included. If only what autoscalers may
    add has no room, that is a warning.
  - Changes nothing itself; M(todo.platform.release) acts.
extends_documentation_fragment: [todo.platform.release, todo.platform.release.many]
options:
  releases:
    description: The releases. An unknown key is an error.
    type: list
    elements: dict
    required: true
  pod_security:
    description:
      - Pod Security level that the namespaces should enforce; empty leaves them as they are.
      - The namespaces C(default) and C(kube-*) are always left as they are.
    type: str
    choices: ["", privileged, baseline, restricted]
    default: restricted
attributes:
  check_mode:
    support: full
    description: Says that something would change. Without a cluster everything is an install.
  diff_mode:
    support: full
    description: Shows the objects that would change, the values of Secrets hidden.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: See what the releases need
  todo.platform.release_plan:
    namespace: todo-dev
    root: "{{ playbook_dir }}"
    kubeconfig: .state/kubeconfig
    bin_dir: .state/bin
    releases:
      - name: todo-backend
        chart: app/charts/backend
        values:
          image: {repository: todo-backend, tag: 0123456789abcdef}
          secretChecksum: "{{ secrets_facts['todo-secrets'].checksum }}"
"""

RETURN = r"""
releases:
  description: What each release needs, in the order given.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the release., type: str}
    namespace: {description: Its namespace., type: str}
    index: {description: Its place in the list given., type: int}
    action: {description: "One of none, install, upgrade, recover, repair, uninstall.", type: str}
    reasons: {description: Why., type: list, elements: str}
    revision: {description: "Helm's latest revision, if there is one.", type: int}
    serving: {description: The revision that was last deployed whole., type: int}
actions:
  description: Those of RV(releases) whose action is not none.
  returned: success
  type: list
  elements: dict
namespaces:
  description: Definitions of the namespaces that are missing or differ.
  returned: success
  type: list
  elements: dict
reachable:
  description: Whether a cluster answered.
  returned: success
  type: bool
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.todo.platform.plugins.module_utils.diagnosis import Redactor
from ansible_collections.todo.platform.plugins.module_utils.fingerprint import documents
from ansible_collections.todo.platform.plugins.module_utils.helm import Helm, HelmError, owner
from ansible_collections.todo.platform.plugins.module_utils.kubectl import (
    ClusterUnreachableError,
    Kubectl,
    KubectlError,
)
from ansible_collections.todo.platform.plugins.module_utils.planning import (
    INSTALL,
    NONE,
    RECOVER,
    REPAIR,
    UPGRADE,
    Plan,
    State,
    namespaces_to_make,
    plan,
    read,
)
from ansible_collections.todo.platform.plugins.module_utils.release_setup import (
    Diff,
    drift_diff,
    manifest_diff,
    tools,
)
from ansible_collections.todo.platform.plugins.module_utils.releases import (
    CONNECTION_OPTIONS,
    RELEASE_OPTIONS,
    ReleaseError,
    parse,
)
from ansible_collections.todo.platform.plugins.module_utils.room import (
    Around,
    Contents,
    name_problems,
    port_problems,
    room_problems,
)


def survey(params: dict[str, Any], check_mode: bool) -> tuple[list[Plan], State, Kubectl, Helm]:
    """Reads the cluster and decides. Without a cluster it is an error, except in check mode.

    :raises ReleaseError: the data is wrong.
    :raises KubectlError: the cluster cannot be read.
    :raises HelmError: there is no helm.
    """
    releases = parse(params["releases"], params["defaults"] or {}, params["namespace"], params["root"])
    kubectl, helm = tools(params)
    with ThreadPoolExecutor(max_workers=2) as pool:
        version = pool.submit(helm.version)
        state = read(kubectl, {release.namespace for release in releases})
    if state.unreachable and not check_mode:
        raise ClusterUnreachableError(state.unreachable)
    try:
        known = version.result()
    except HelmError:
        if not check_mode:
            raise
        known = ""
    return plan(releases, state, known, kubectl, helm), state, kubectl, helm


def render(plans: list[Plan], helm: Helm) -> tuple[dict[str, str], list[str]]:
    """The manifests of what is to be installed or upgraded, by "namespace/name", and what is wrong with them."""
    wanted = [one for one in plans if one.action in (INSTALL, UPGRADE, RECOVER)]

    def render_one(one: Plan) -> str | HelmError:
        release = one.release
        try:
            return helm.template(release.name, release.namespace, release.chart, release.values_text, bool(one.latest))
        except HelmError as error:
            return error

    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(zip(wanted, pool.map(render_one, wanted), strict=True))
    manifests = {_id(one): result for one, result in results if isinstance(result, str)}
    problems = [
        f"release {one.release.name}: {result}" + (f"\n  {result.hint}" if result.hint else "")
        for one, result in results
        if isinstance(result, HelmError)
    ]
    return manifests, problems


def misfits(
    plans: list[Plan], state: State, manifests: dict[str, str], kubectl: Kubectl
) -> tuple[list[str], list[str]]:
    """What of the releases has no place in the cluster: problems and warnings."""
    contents = []
    for one in plans:
        release = one.release
        live = [item for item in state.objects.get(release.namespace, ()) if owner(item) == release.name]
        wanted = documents(manifests[_id(one)]) if _id(one) in manifests else live if release.present else []
        contents.append(Contents(release.name, release.namespace, wanted, live))
    problems = list(name_problems(contents))
    if state.unreachable:
        return problems, []
    try:
        around = Around.of(kubectl.get_json(Around.KINDS, all_namespaces=True))
    except KubectlError as error:
        return problems, [f"whether the releases have room in the cluster could not be seen: {error}"]
    lacking, warnings = room_problems(contents, around)
    return [*problems, *port_problems(contents, around), *lacking], warnings


def differences(plans: list[Plan], manifests: dict[str, str], helm: Helm, redact: Redactor) -> list[Diff]:
    """Ansible's diff of all that would change."""
    found: list[Diff] = []
    for one in plans:
        release = one.release
        if one.action != NONE:
            found.append({"prepared": redact(f"{release.name}: {one.action}, {'; '.join(one.reasons)}\n")})
        if one.action == REPAIR:
            found += drift_diff(release.name, one.drift, redact)
        elif _id(one) in manifests:
            now = helm.manifest(release.name, release.namespace, one.serving) if one.serving else ""
            found += manifest_diff(release.name, now, manifests[_id(one)], redact)
    return found


def _id(one: Plan) -> str:
    return f"{one.release.namespace}/{one.release.name}"


def main() -> None:
    """Runs the module."""
    module = AnsibleModule(
        argument_spec={
            **CONNECTION_OPTIONS,
            "releases": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {"name": {"type": "str", "required": True}, **RELEASE_OPTIONS},
            },
            "pod_security": {
                "type": "str",
                "choices": ["", "privileged", "baseline", "restricted"],
                "default": "restricted",
            },
        },
        supports_check_mode=True,
    )
    wants_diff = module._diff
    try:
        plans, state, kubectl, helm = survey(module.params, module.check_mode)
        redact = Redactor(state.everything())
        manifests: dict[str, str] = {}
        if any(one.action in (INSTALL, UPGRADE, RECOVER) for one in plans):
            manifests, problems = render(plans, helm)
            missing = helm.missing()
            if module.check_mode and problems and all(problem.endswith(missing) for problem in problems):
                module.warn("the charts were not rendered, because there is no helm yet")
            elif problems:
                module.fail_json(msg=redact("\n".join(problems)))
            problems, warnings = misfits(plans, state, manifests, kubectl)
            for warning in warnings:
                module.warn(redact(warning))
            if problems:
                module.fail_json(msg=redact("\n".join(problems)))
        diff = differences(plans, manifests, helm, redact) if wants_diff else []
    except (ReleaseError, KubectlError, HelmError) as error:
        module.fail_json(msg=str(error))
    shown = [
        {
            "name": one.release.name,
            "namespace": one.release.namespace,
            "index": index,
            "action": one.action,
            "reasons": [redact(reason) for reason in one.reasons],
            "revision": one.latest.number if one.latest else None,
            "serving": one.serving,
        }
        for index, one in enumerate(plans)
    ]
    actions = [one for one in shown if one["action"] != NONE]
    spaces = namespaces_to_make((one.release for one in plans), state, module.params["pod_security"])
    module.exit_json(
        changed=bool(module.check_mode and (actions or spaces)),
        releases=shown,
        actions=actions,
        namespaces=spaces,
        reachable=not state.unreachable,
        **({"diff": diff} if wants_diff else {}),
    )


if __name__ == "__main__":
    main()
