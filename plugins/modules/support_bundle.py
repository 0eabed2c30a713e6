#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Collect what a maintainer needs to see of a deployment."""

from __future__ import annotations

DOCUMENTATION = r"""
module: support_bundle
short_description: Collect what a maintainer needs to see of a deployment, without a secret
version_added: "0.1.0"
description:
  - Writes one archive with versions, facts, the history and manifests of releases, objects, events and logs of the
    namespaces, reports, logs of builds, and the last lines of the node's logs.
  - The values of all Secrets that may be read are taken out of every text, in each form in which they occur in one, and
    so is whatever looks like a private key, a token or a password in a URL. Of a Secret only names of keys are kept.
  - What cannot be read is told in its place, so that a broken cluster gives an archive too.
options:
  deployment:
    description: The name of the deployment.
    type: str
    required: true
  namespaces:
    description: The namespaces of the deployment.
    type: list
    elements: str
    required: true
  releases:
    description: The releases, each with C(namespace) and C(name).
    type: list
    elements: dict
    default: []
  facts:
    description: Further data for the archive, by the name of the file that it becomes.
    type: dict
    default: {}
  path:
    description: The archive, which ends in C(.tar.gz).
    type: path
    required: true
  root:
    description: The folder of the sources, whose revision is told.
    type: path
    required: true
  checkout_dir:
    description: The folder with the checkout's state, and in a folder named after the deployment its reports.
    type: path
    required: true
  node_logs:
    description: The folder with the embedded node's logs.
    type: path
    default: ""
  secret_files:
    description: Files whose content must not be in the archive, such as the vault's password.
    type: list
    elements: path
    default: []
  kubeconfig:
    description: Path of the kubeconfig.
    type: path
  context:
    description: Context in the kubeconfig. Without it the current one.
    type: str
  bin_dir:
    description: Folder with kubectl and helm. What is not there is taken from the PATH.
    type: path
attributes:
  check_mode:
    support: full
    description: Writes nothing.
  diff_mode:
    support: none
    description: An archive has no differences to show.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: Collect what a maintainer needs
  todo.platform.support_bundle:
    deployment: dev
    namespaces: [todo-dev]
    releases: [{namespace: todo-dev, name: todo-backend}]
    path: .state/dev/support.tar.gz
    root: .
    checkout_dir: .state
    kubeconfig: .state/kubeconfig
    bin_dir: .state/bin
"""

RETURN = r"""
path: {description: The archive., returned: success, type: str}
files: {description: The files in it., returned: success unless in check mode, type: list, elements: str}
"""

import json
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.todo.platform.plugins.module_utils.diagnosis import Redactor
from ansible_collections.todo.platform.plugins.module_utils.kubectl import (
    ClusterUnreachableError,
    Kubectl,
    KubectlError,
    KubeObject,
)
from ansible_collections.todo.platform.plugins.module_utils.release_setup import tools
from ansible_collections.todo.platform.plugins.module_utils.support import (
    REPORT_FILES,
    STATE_FILES,
    Cleaner,
    Collector,
    Texts,
    of_files,
    versions,
    write_archive,
)


def secrets(kubectl: Kubectl, namespaces: list[str]) -> list[KubeObject]:
    """Every Secret that may be read: those of the whole cluster, as a node's logs speak of all, or of the namespaces.

    Of a cluster that does not answer no object and no pod's output is collected either.

    :raises KubectlError: the cluster answers, but gives no Secrets, so that nobody knows what must not be shown.
    """
    try:
        return kubectl.get_json("secrets", all_namespaces=True)
    except ClusterUnreachableError:
        return []
    except KubectlError as error:
        if "forbidden" not in str(error).lower():
            raise
        return [item for namespace in namespaces for item in kubectl.get_json("secrets", namespace=namespace)]


def collect(params: dict[str, Any], kubectl: Kubectl, collector: Collector) -> Texts:
    """Everything that goes into the archive."""
    for name, fact in params["facts"].items():
        yield name, fact if isinstance(fact, str) else json.dumps(collector.cleaner.data(fact), indent=2)
    known = versions(
        {
            "sources": ("git", "-C", params["root"], "describe", "--always", "--dirty"),
            "kubectl": (kubectl.binary, "version", "--client"),
            "helm": (collector.helm.binary, "version", "--short"),
        }
    )
    yield "versions.json", json.dumps(known, indent=2)
    state = Path(params["checkout_dir"])
    yield from of_files(state, STATE_FILES, "checkout")
    yield from of_files(state / params["deployment"], REPORT_FILES, "reports")
    if params["node_logs"]:
        yield from of_files(Path(params["node_logs"]), ["*.log"], "node")
    yield from collector.texts()


def main() -> None:
    """Runs the module."""
    module = AnsibleModule(
        argument_spec={
            "deployment": {"type": "str", "required": True},
            "namespaces": {"type": "list", "elements": "str", "required": True},
            "releases": {"type": "list", "elements": "dict", "default": []},
            "facts": {"type": "dict", "default": {}},
            "path": {"type": "path", "required": True},
            "root": {"type": "path", "required": True},
            "checkout_dir": {"type": "path", "required": True},
            "node_logs": {"type": "path", "default": ""},
            "secret_files": {"type": "list", "elements": "path", "default": [], "no_log": False},
            "kubeconfig": {"type": "path"},
            "context": {"type": "str"},
            "bin_dir": {"type": "path"},
        },
        supports_check_mode=True,
    )
    params = module.params
    if module.check_mode:
        module.exit_json(changed=True, path=params["path"])
    kubectl, helm = tools(params)
    try:
        known = secrets(kubectl, params["namespaces"])
        further = [
            Path(file).read_text(encoding="utf-8").strip() for file in params["secret_files"] if Path(file).is_file()
        ]
        collector = Collector(
            kubectl,
            helm,
            Cleaner(Redactor(known), tuple(value for value in further if value)),
            tuple(params["namespaces"]),
            tuple((one["namespace"], one["name"]) for one in params["releases"]),
        )
        files = write_archive(Path(params["path"]), collect(params, kubectl, collector), collector.cleaner.text)
    except KubectlError as error:
        module.fail_json(msg=f"nothing was collected, as nobody knows which values must not be shown: {error}")
    except OSError as error:
        module.fail_json(msg=f"the archive can't be written: {error}")
    module.exit_json(changed=True, path=params["path"], files=files)


if __name__ == "__main__":
    main()
