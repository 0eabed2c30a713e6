#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Break a deployment on purpose, and look whether anything is lost."""

from __future__ import annotations

DOCUMENTATION = r"""
module: drill
short_description: Break a deployment on purpose while somebody writes into it, and look whether anything is lost
version_added: "0.1.0"
description:
  - Does one drill after the other. During each of them somebody writes; at the end every write that was acknowledged is
    looked for.
  - What is broken, and what is written, is data. The module knows neither the application nor the cluster.
extends_documentation_fragment: todo.platform.kubectl
options:
  namespace:
    description: The namespace of the deployment.
    type: str
    required: true
  ingress_url:
    description: Where the ingress controller listens, for example C(http://127.0.0.1).
    type: str
  drills:
    description: What is broken, in this order.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What is broken, in words.
        type: str
        required: true
      strike:
        description: The command that breaks it.
        type: list
        elements: str
        required: true
      mend:
        description: The command that mends it, where it does not mend itself.
        type: list
        elements: str
        default: []
      hold:
        description: Seconds until it is mended.
        type: float
        default: 20
      back:
        description: A command that succeeds once it is as before. The next write must succeed too.
        type: list
        elements: str
        default: []
  story:
    description: How somebody writes. Steps are those of a story of M(todo.platform.validate).
    type: dict
    required: true
    suboptions:
      service:
        description: A Service of the namespace.
        type: str
      port:
        description: The port of O(story.service), a number or a name; its first one if not given.
        type: str
      url:
        description: A URL that this machine reaches; paths are added to it.
        type: str
      ingress:
        description: A host name that the ingress controller routes.
        type: str
      verify:
        description: Whether the certificate of O(story.url) must be valid.
        type: bool
        default: true
      request_timeout:
        description: Seconds for one request.
        type: float
        default: 30
      begin:
        description: Steps before the first write.
        type: list
        elements: dict
        default: []
      write:
        description: The step that is done again and again, with C(${number}) as a new number each time.
        type: dict
        required: true
      find:
        description: The step that succeeds only if a write is there; it knows what O(story.write) captured.
        type: dict
        required: true
      end:
        description: Steps that leave nothing behind.
        type: list
        elements: dict
        default: []
  timeout:
    description: Seconds after which a drill that nothing recovered from has failed.
    type: float
    default: 300
  progress_file:
    description: File through which progress is reported; the callback sets E(TODO_PLATFORM_PROGRESS).
    type: path
attributes:
  check_mode:
    support: full
    description: Breaks nothing, and says what would be broken.
  diff_mode:
    support: none
    description: There is nothing to compare.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: Kill the pods of notes
  todo.platform.drill:
    namespace: notes
    ingress_url: http://127.0.0.1
    drills:
      - name: deployment/notes, its pods
        strike: [kubectl, -n, notes, delete, pods, -l, app=notes, --force]
        back: [kubectl, -n, notes, rollout, status, deployment/notes]
    story:
      ingress: notes.localhost
      write: {name: add, method: POST, path: /notes, json: {title: "${number}"}, capture: {note: id}}
      find: {name: find, path: "/notes/${note}"}
  register: result
"""

RETURN = r"""
rows:
  description: What came of each drill.
  returned: always
  type: list
  elements: dict
  contains:
    drill: {description: What was broken., type: str}
    acknowledged: {description: Writes that were answered with success., type: int}
    refused: {description: Writes that were not., type: int}
    lost: {description: Acknowledged writes that are not there., type: int}
    seconds: {description: "How long it took until all was as before, from the break or its mending.", type: float}
table:
  description: The rows for a terminal.
  returned: always
  type: str
lost:
  description: How many acknowledged writes are lost in all.
  returned: always
  type: int
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import Cluster, ClusterError, connect
from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context
from ansible_collections.todo.platform.plugins.module_utils.drills import DrillError, Row, Run, as_table, practise
from ansible_collections.todo.platform.plugins.module_utils.http import Endpoint
from ansible_collections.todo.platform.plugins.module_utils.kubectl import CLIENT_OPTIONS, Kubectl, KubectlError
from ansible_collections.todo.platform.plugins.module_utils.progress import ENVIRONMENT_VARIABLE, Progress

COMMAND = {"type": "list", "elements": "str"}
STEPS = {"type": "list", "elements": "dict", "default": []}
ARGUMENTS = {
    "namespace": {"type": "str", "required": True},
    **CLIENT_OPTIONS,
    "ingress_url": {"type": "str"},
    "drills": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "strike": {**COMMAND, "required": True},
            "mend": {**COMMAND, "default": []},
            "hold": {"type": "float", "default": 20},
            "back": {**COMMAND, "default": []},
        },
    },
    "story": {
        "type": "dict",
        "required": True,
        "options": {
            "service": {"type": "str"},
            "port": {"type": "str"},
            "url": {"type": "str"},
            "ingress": {"type": "str"},
            "verify": {"type": "bool", "default": True},
            "request_timeout": {"type": "float", "default": 30},
            "begin": STEPS,
            "write": {"type": "dict", "required": True},
            "find": {"type": "dict", "required": True},
            "end": STEPS,
        },
        "mutually_exclusive": [("service", "url", "ingress")],
        "required_one_of": [("service", "url", "ingress")],
    },
    "timeout": {"type": "float", "default": 300},
    "progress_file": {"type": "path", "fallback": (env_fallback, [ENVIRONMENT_VARIABLE])},
}


def drill(params: dict[str, Any], run: Run) -> list[Row]:
    """Do the drills.

    :raises DrillError: one could not be done, or nothing recovered from it.
    :raises KubectlError: the cluster does not answer.
    :raises ClusterError: the cluster does not answer.
    """
    kubectl = Kubectl(params["kubectl"], params["kubeconfig"], params["context"], namespace=params["namespace"])
    drills = params["drills"]
    names = [one["name"] for one in drills]
    with (
        connect(kubectl) as endpoint,
        ThreadPoolExecutor(1) as executor,
        Progress(params["progress_file"], "break and recover", len(drills), unit="drills") as progress,
    ):
        cluster = Cluster(endpoint, params["namespace"])
        ingress = Endpoint.of_url(params["ingress_url"], verify=False) if params["ingress_url"] else None
        context = Context(cluster, kubectl, executor, cluster.time(), ingress)
        return practise(
            drills,
            params["story"],
            context,
            run,
            timeout=params["timeout"],
            say=lambda name: progress.update(names.index(name), name),
        )


def main() -> None:
    """Runs the module."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)

    def run(command: Sequence[str]) -> tuple[int, str]:
        code, _, said = module.run_command(list(command))
        return code, said

    rows: list[Row] = []
    try:
        if not module.check_mode:
            rows = drill(module.params, run)
    except (DrillError, KubectlError, ClusterError) as error:
        module.fail_json(msg=str(error))
    table = as_table(rows) if rows else "\n".join(f"would break {one['name']}" for one in module.params["drills"])
    lost = sum(row.lost for row in rows)
    module.exit_json(changed=True, rows=[asdict(row) for row in rows], table=table, lost=lost)


if __name__ == "__main__":
    main()
