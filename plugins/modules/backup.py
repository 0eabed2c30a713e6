#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Make a deployment's backup, or bring one back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup
short_description: Make a deployment's backup, or bring one back
version_added: "1.0.0"
description:
  - Works through a pod that holds the backups' tool and volume. A backup is made and encrypted there, for a public key,
    and fetched; what the schedule made and is not here yet comes with it.
  - A backup that is brought back is decrypted on this machine, on its way into the pod. One that is broken, incomplete
    or encrypted for another key is refused before anything is touched. Then the workloads stop, the database is
    replaced in one transaction that ends only if every table has the rows and checksum of the manifest, and the
    workloads go on.
  - Needs the Python library pyrage.
options:
  state:
    description: V(made) makes a backup, V(restored) brings O(file) back.
    type: str
    choices: [made, restored]
    default: made
  pod:
    description: The pod with the tool.
    type: str
    required: true
  namespace:
    description: Its namespace.
    type: str
    required: true
  folder:
    description: Where backups are fetched to; a folder that its owner alone can read.
    type: path
    required: true
  keep:
    description: How many are kept in O(folder).
    type: int
    default: 7
  file:
    description: The backup to bring back; the newest in O(folder) by default.
    type: path
  identity:
    description: The keys that may decrypt it, one a line. Required with O(state=restored).
    type: str
  workloads:
    description: Deployments that stand still meanwhile.
    type: list
    elements: str
    default: []
  migrate:
    description: Command that brings an older schema forward, run once as the first of O(workloads) would run its own.
    type: list
    elements: str
    default: []
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
    description: Nothing is made. A backup that would be brought back is looked for, and not opened.
  diff_mode:
    support: none
    description: What was made or brought back is told.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: Make a backup
  todo.platform.backup:
    pod: dev-backup
    namespace: todo-dev
    folder: .state/backups/dev
    kubeconfig: "{{ cluster_facts.kubeconfig }}"
"""

RETURN = r"""
file:
  description: The backup.
  returned: success
  type: str
made:
  description: When it was made.
  returned: when something was done
  type: str
tables:
  description: How many tables it holds.
  returned: when something was done
  type: int
rows:
  description: How many rows.
  returned: when something was done
  type: int
files:
  description: How many files.
  returned: when something was done
  type: int
fetched:
  description: The backups that were brought here.
  returned: when a backup was made
  type: list
  elements: str
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.todo.platform.plugins.module_utils.backups import (
    BackupError,
    Pod,
    local,
    make,
    restore,
    send,
)
from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl


def main() -> None:
    """Reads the arguments, acts and answers."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["made", "restored"], "default": "made"},
            "pod": {"type": "str", "required": True},
            "namespace": {"type": "str", "required": True},
            "folder": {"type": "path", "required": True},
            "keep": {"type": "int", "default": 7},
            "file": {"type": "path"},
            "identity": {"type": "str", "no_log": True},
            "workloads": {"type": "list", "elements": "str", "default": []},
            "migrate": {"type": "list", "elements": "str", "default": []},
            "kubectl": {"type": "str", "default": "kubectl"},
            "kubeconfig": {"type": "path", "required": True},
            "context": {"type": "str", "default": ""},
        },
        required_if=[("state", "restored", ["identity"])],
        supports_check_mode=True,
    )
    try:
        module.exit_json(changed=True, **act(module.params, module.check_mode))
    except BackupError as error:
        module.fail_json(msg=str(error))
    except ImportError as error:
        module.fail_json(msg=missing_required_lib("pyrage"), exception=str(error))


def act(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Makes or restores. Raises BackupError, ImportError without pyrage."""
    kubectl = Kubectl(params["kubectl"], params["kubeconfig"], params["context"] or None, params["namespace"])
    pod, folder = Pod(kubectl, params["pod"]), Path(params["folder"])
    if params["state"] == "made":
        return {} if check_mode else make(pod, folder, params["keep"])
    given = params["file"] or next(map(str, local(folder)), None)
    if not given or not Path(given).is_file():
        raise BackupError(f"there is no backup {given}" if given else f"there is no backup in {folder}: make backup")
    if not check_mode:
        send(pod, Path(given), params["identity"])
    done = {} if check_mode else restore(pod, params["workloads"], params["migrate"])
    return {"file": given, **done}


if __name__ == "__main__":
    main()
