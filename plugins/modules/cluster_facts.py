#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Settle the provider of a cluster and look at how it is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_facts
short_description: Settle a deployment's cluster provider and look at the cluster once
description:
  - Decides which provider a deployment's cluster comes from, says why, and asks the API server once how it is.
  - Changes nothing but, with O(remember), the note of what C(auto) took, so that a later run takes the same.
options:
  provider:
    description: The provider that is wanted.
    type: str
    choices: [auto, minikube, kubeadm, existing]
    default: auto
  kubeconfig:
    description: The kubeconfig of a cluster that exists. Other providers keep theirs in O(state_dir).
    type: path
    default: ""
  context:
    description: The context to use in the kubeconfig; empty takes the current one.
    type: str
    default: ""
  profile:
    description: The name of the Minikube profile.
    type: str
    default: todo-platform
  minikube:
    description:
      - What the Minikube profile is made with, C(driver), C(version), C(nodes), C(cpus), C(memory) and C(cni), and the
        C(addons) that Minikube enables. A profile that is there is compared with it.
    type: dict
    default: {}
  node_ip:
    description: The address of the embedded node.
    type: str
    default: ""
  ingress_port:
    description: The port of the embedded node's ingress controller.
    type: int
    default: 80
  ingress_address:
    description: The address of the embedded node's ingress controller.
    type: str
    default: 127.0.0.1
  state_dir:
    description: The state folder of the checkout.
    type: path
    required: true
  remember:
    description: Whether to remember what C(auto) took, because the cluster is about to be made.
    type: bool
    default: false
  settings:
    description: Settings that the embedded node was made with; a change of one is a reason to go over it again.
    type: dict
    default: {}
  sources:
    description: Files and folders that the embedded node was made from, hashed together with O(settings).
    type: list
    elements: path
    default: []
  key_file:
    description: The file in which the embedded node keeps the key that it was made with.
    type: path
    default: ""
attributes:
  check_mode:
    support: full
    description: Remembers no choice in check mode.
author: [todo.platform contributors]
"""

EXAMPLES = r"""
- name: Look at the cluster
  todo.platform.cluster_facts:
    provider: auto
    state_dir: .state
"""

RETURN = r"""
ansible_facts:
  description: C(cluster_facts), which every later stage reads.
  returned: always
  type: dict
  sample:
    cluster_facts: {provider: kubeadm, kubeconfig: .state/kubeconfig, context: "", node_ip: 10.254.254.1,
                    ingress_url: "http://127.0.0.1", bin_dir: .state/bin, node_store: containerd, version: v1.36.3,
                    profile: "", ready: true}
reason: {description: Why this provider was taken., returned: always, type: str}
ready: {description: Whether the cluster is as it should be., returned: always, type: bool}
problems: {description: What keeps it from being ready., returned: always, type: list, elements: str}
differences:
  description: Where a cluster that is there was made otherwise than asked for, in what only a new one can change.
  returned: always
  type: list
  elements: str
profile:
  description: Whether the Minikube profile is C(absent), C(made), or C(unfinished) because its making was interrupted.
  returned: always
  type: str
addons: {description: The Minikube profile's enabled addons., returned: always, type: list, elements: str}
key: {description: The key of settings and sources., returned: always, type: str}
made:
  description: Whether an embedded node was made with them; if it is not ready then at most its processes are gone.
  returned: always
  type: bool
nodes: {description: The nodes of the cluster., returned: always, type: list, elements: dict}
may_raise_limits: {description: Whether the machine has CAP_SYS_RESOURCE to give., returned: always, type: bool}
is_root: {description: Whether the module ran as root., returned: always, type: bool}
"""

import json
import os
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.todo.platform.plugins.module_utils import minikube
from ansible_collections.todo.platform.plugins.module_utils.cluster import (
    Choice,
    choose,
    content_key,
    look,
)

_HTTP = 80
_NODE_STORES = {"kubeadm": "containerd", "minikube": "minikube"}


def _remembered(path: Path) -> Choice | None:
    try:
        return Choice(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _text(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _may_raise_limits() -> bool:
    """Whether CAP_SYS_RESOURCE (bit 24) is in the bounding set, so that some process here may hold it."""
    line = next((x for x in _text("/proc/self/status").splitlines() if x.startswith("CapBnd:")), "CapBnd: 0")
    return bool(int(line.split()[1], 16) >> 24 & 1)


def _node_store(provider: str, nodes: list[dict[str, Any]]) -> str:
    """Where nodes take images from: a foreign cluster on Docker's engine (Docker Desktop's) shares this machine's."""
    on_docker = bool(nodes) and all(node["runtime"].startswith("docker://") for node in nodes)
    return _NODE_STORES.get(provider) or ("docker" if on_docker else "registry")


def run(params: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Settle the provider, look at the cluster, and put both into facts."""
    state_dir = Path(params["state_dir"]).expanduser().resolve()
    memory = state_dir / "provider.json"
    choice = choose(params["provider"], kubeconfig=params["kubeconfig"], remembered=_remembered(memory))
    if params["remember"] and params["provider"] == "auto" and not check_mode and _remembered(memory) != choice:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        memory.write_text(json.dumps({"provider": choice.provider, "reason": choice.reason}))
    foreign = choice.provider == "existing"
    if foreign and not params["kubeconfig"]:
        raise ValueError("cluster_provider is existing, but cluster_kubeconfig names no kubeconfig")
    kubeconfig = str(Path(params["kubeconfig"]).expanduser()) if foreign else str(state_dir / "kubeconfig")
    bin_dir = str(state_dir / "bin")
    on_minikube = choice.provider == "minikube"
    # The state folder's kubeconfig may hold an earlier cluster's context too.
    context = params["profile"] if on_minikube else params["context"]
    state = look(f"{bin_dir}/kubectl", kubeconfig, context)
    profile = minikube.profile(params["profile"]) if on_minikube else {}
    differences = minikube.differences(profile, params["minikube"])
    addons = minikube.enabled_addons(profile)
    problems = [*state.problems, *differences]
    if on_minikube and state.reachable:
        problems += [f"addon {a} is not enabled" for a in params["minikube"].get("addons", []) if a not in addons]
    key = content_key(params["settings"], [Path(p) for p in params["sources"]])
    current = choice.provider == "kubeadm" and _text(params["key_file"]) == key
    if choice.provider == "kubeadm" and state.reachable and not current:
        problems.append("the node was made with other settings")
    node_ip = state.nodes[0]["address"] if state.nodes else params["node_ip"]
    address = params["ingress_address"] if choice.provider == "kubeadm" else node_ip
    port = params["ingress_port"] if choice.provider == "kubeadm" else _HTTP
    suffix = "" if port == _HTTP else f":{port}"
    facts = {
        "provider": choice.provider,
        "kubeconfig": kubeconfig,
        "context": context,
        "profile": params["profile"] if on_minikube else "",
        "node_ip": node_ip,
        "ingress_url": f"http://{address}{suffix}",
        "bin_dir": bin_dir,
        "node_store": _node_store(choice.provider, state.nodes),
        "version": state.version,
        "ready": state.reachable and not problems,
    }
    return {
        "ansible_facts": {"cluster_facts": facts},
        "reason": choice.reason,
        "ready": facts["ready"],
        "problems": problems,
        "differences": differences,
        "profile": minikube.state(profile),
        "addons": addons,
        "key": key,
        "made": current,
        "nodes": state.nodes,
        "may_raise_limits": _may_raise_limits(),
        "is_root": os.geteuid() == 0,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "provider": {"type": "str", "choices": ["auto", "minikube", "kubeadm", "existing"], "default": "auto"},
            "kubeconfig": {"type": "path", "default": ""},
            "context": {"type": "str", "default": ""},
            "profile": {"type": "str", "default": "todo-platform"},
            "minikube": {"type": "dict", "default": {}},
            "node_ip": {"type": "str", "default": ""},
            "ingress_port": {"type": "int", "default": 80},
            "ingress_address": {"type": "str", "default": "127.0.0.1"},
            "state_dir": {"type": "path", "required": True},
            "remember": {"type": "bool", "default": False},
            "settings": {"type": "dict", "default": {}},
            "sources": {"type": "list", "elements": "path", "default": []},
            "key_file": {"type": "path", "default": ""},
        },
        supports_check_mode=True,
    )
    try:
        result = run(module.params, check_mode=module.check_mode)
    except ValueError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
