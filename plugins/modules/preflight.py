#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Look whether all is there that a run will need."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Looks whether all is there that a run will need, and tells everything that is not at once
description:
  - Checks the data, the machine, programs, ports, the network and caches. It starts nothing and needs neither root nor
    a cluster.
  - Fails with one list of all problems, each with what to do; what only may become one is a warning.
  - Leaves in O(state_dir) a lock for as long as the C(ansible-playbook) that it belongs to lives, the NodePorts that it
    picked, and for O(endpoint_age) what the network answered.
  - Rows of tables that have C(providers) apply to those providers only.
options:
  state_dir: {description: The state folder of the checkout., type: path, required: true}
  deployment: {description: The name of the deployment., type: str, required: true}
  environment:
    description: What the deployment is for.
    type: str
    choices: [development, production]
    default: production
  provider: {description: The configured provider., type: str, default: auto}
  kubeconfig: {description: The kubeconfig of an existing cluster., type: path, default: ""}
  checks: {description: The checks to run; all by default., type: list, elements: str, default: []}
  memory: {description: 'Memory by provider, as quantities.', type: dict, default: {}}
  cores: {description: Processors by provider., type: dict, default: {}}
  disk:
    description: Free space that is needed, unless something is there already.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: The folder; it need not exist., type: path, required: true}
      free: {description: How much is needed., type: str, required: true}
      purpose: {description: What for., type: str, required: true}
      unless: {description: A pattern of files; if one exists nothing more is needed., type: path, default: ""}
      providers: {description: For which providers., type: list, elements: str, default: []}
  node_providers: {description: Providers whose kubelet uses this kernel., type: list, elements: str, default: []}
  cgroup_controllers: {description: Controllers that the kubelet needs., type: list, elements: str, default: []}
  kernel:
    description: Kernel features.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The feature.
        type: str
        required: true
        choices: [overlay, nf_tables, nf_conntrack, bridge, veth]
      why: {description: What does not work without it., type: str, required: true}
      required: {description: Whether its absence is a problem or a warning., type: bool, default: true}
      providers: {description: For which providers., type: list, elements: str, default: []}
  root_providers: {description: Providers that need root., type: list, elements: str, default: []}
  ports:
    description: Ports that will be listened on.
    type: list
    elements: dict
    default: []
    suboptions:
      port: {description: The port., type: int, required: true}
      address: {description: The address., type: str, default: 0.0.0.0}
      purpose: {description: What for., type: str, required: true}
      advice: {description: What else can be done when it is taken., type: str, default: ""}
      providers: {description: For which providers., type: list, elements: str, default: []}
  own_paths:
    description: Paths in the commands of our own cluster's processes, or of those that started them.
    type: list
    elements: str
    default: []
  ansible_version: {description: The version of ansible-core in use., type: str, default: ""}
  ansible_minimum: {description: The oldest ansible-core that will do., type: str, default: "2.19"}
  python_minimum: {description: The oldest Python that will do., type: str, default: "3.11"}
  python_libraries: {description: Python libraries and their oldest versions., type: dict, default: {}}
  tools:
    description: Programs that the run will start.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: The program., type: str, required: true}
      arguments: {description: What makes it print its version., type: list, elements: str, default: [--version]}
      minimum: {description: The oldest version that will do., type: str, default: "0"}
      paths: {description: Where to look after the PATH., type: list, elements: path, default: []}
      purpose: {description: What for., type: str, required: true}
      advice: {description: How to get it., type: str, required: true}
      unless: {description: A pattern of files; if one exists it is not needed., type: path, default: ""}
      unless_reachable: {description: Endpoints that make it needless together., type: list, elements: str, default: []}
      providers: {description: For which providers., type: list, elements: str, default: []}
  docker_providers: {description: Providers that need Docker., type: list, elements: str, default: []}
  endpoints: {description: Addresses by name that are asked with HEAD., type: dict, default: {}}
  endpoint_timeout: {description: Seconds that an answer may take., type: float, default: 3}
  endpoint_age: {description: Seconds that answers are remembered., type: float, default: 3600}
  ca_bundle: {description: The certificates of a private CA., type: path, default: ""}
  sources:
    description: What must be in a cache or can be fetched.
    type: list
    elements: dict
    default: []
    suboptions:
      purpose: {description: What it is., type: str, required: true}
      cached: {description: Patterns of files; if one exists it is there., type: list, elements: path, default: []}
      any_of: {description: Endpoints that it can be had from., type: list, elements: str, default: []}
      advice: {description: What to do when it can't be had., type: str, default: ""}
      required: {description: Whether that is a problem or a warning., type: bool, default: true}
      providers: {description: For which providers., type: list, elements: str, default: []}
  vault_file: {description: The vault; empty checks none., type: path, default: ""}
  vault_keys: {description: What it must hold., type: list, elements: str, default: []}
  root: {description: The folder that paths of images are resolved against., type: path, default: .}
  images: {description: The images that are built., type: list, elements: dict, default: []}
  image_bases: {description: Bases that need no image of their own., type: list, elements: str, default: []}
  names:
    description: Names that Kubernetes must take.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: The name., type: str, required: true}
      what: {description: What it names., type: str, required: true}
      kind:
        description: Which rule it must follow.
        type: str
        choices: [label, subdomain, service, release]
        default: label
  choices:
    description: Words that must be among known ones.
    type: list
    elements: dict
    default: []
    suboptions:
      what: {description: What is chosen., type: str, required: true}
      value: {description: What was chosen., type: list, elements: str, required: true}
      known: {description: What there is., type: list, elements: str, required: true}
  node_ports: {description: Names for which a free NodePort is picked and kept., type: list, elements: str, default: []}
  node_port_range: {description: The lowest and highest NodePort., type: list, elements: int, default: [30000, 32767]}
attributes:
  check_mode:
    support: full
    description: Takes no lock and keeps nothing; NodePorts are those that a run would pick.
author: [todo.platform contributors]
"""

EXAMPLES = r"""
- name: Look whether all is there that the run will need
  todo.platform.preflight:
    state_dir: .state
    deployment: dev
    provider: kubeadm
    memory: {kubeadm: 3500Mi}
    ports:
      - {port: 6443, purpose: Kubernetes API server, providers: [kubeadm]}
"""

RETURN = r"""
ansible_facts:
  description: C(preflight_facts), what was learned.
  returned: success
  type: dict
  sample:
    preflight_facts:
      provider: kubeadm
      reason: no minikube on the PATH, and Linux can run a node of its own
      reachable: {images: false, kubernetes: false, github: false, pypi: true, npm: true, go: true, debian: true}
      node_ports: {todo-frontend: 30080}
      cores: 2.0
      memory_mib: 24064
      cgroups: hybrid
      is_root: true
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.todo.platform.plugins.module_utils.machine import KERNEL_FEATURES
from ansible_collections.todo.platform.plugins.module_utils.naming import RULES
from ansible_collections.todo.platform.plugins.module_utils.preflight import CHECKS, Situation, examine, facts

Option = dict[str, object]
_STRINGS: Option = {"type": "list", "elements": "str", "default": []}
_TEXT: Option = {"type": "str", "required": True}


def _rows(**columns: Option) -> Option:
    return {"type": "list", "elements": "dict", "default": [], "options": columns}


ARGUMENTS: dict[str, Option] = {
    "state_dir": {"type": "path", "required": True},
    "deployment": _TEXT,
    "environment": {"type": "str", "choices": ["development", "production"], "default": "production"},
    "provider": {"type": "str", "default": "auto"},
    "kubeconfig": {"type": "path", "default": ""},
    "checks": {**_STRINGS, "choices": list(CHECKS)},
    "memory": {"type": "dict", "default": {}},
    "cores": {"type": "dict", "default": {}},
    "disk": _rows(
        path={"type": "path", "required": True},
        free=_TEXT,
        purpose=_TEXT,
        unless={"type": "path", "default": ""},
        providers=_STRINGS,
    ),
    "node_providers": _STRINGS,
    "cgroup_controllers": _STRINGS,
    "kernel": _rows(
        name={"type": "str", "required": True, "choices": list(KERNEL_FEATURES)},
        why=_TEXT,
        required={"type": "bool", "default": True},
        providers=_STRINGS,
    ),
    "root_providers": _STRINGS,
    "ports": _rows(
        port={"type": "int", "required": True},
        address={"type": "str", "default": "0.0.0.0"},  # noqa: S104 -- compared with, never bound
        purpose=_TEXT,
        advice={"type": "str", "default": ""},
        providers=_STRINGS,
    ),
    "own_paths": _STRINGS,
    "ansible_version": {"type": "str", "default": ""},
    "ansible_minimum": {"type": "str", "default": "2.19"},
    "python_minimum": {"type": "str", "default": "3.11"},
    "python_libraries": {"type": "dict", "default": {}},
    "tools": _rows(
        name=_TEXT,
        arguments={**_STRINGS, "default": ["--version"]},
        minimum={"type": "str", "default": "0"},
        paths={"type": "list", "elements": "path", "default": []},
        purpose=_TEXT,
        advice=_TEXT,
        unless={"type": "path", "default": ""},
        unless_reachable=_STRINGS,
        providers=_STRINGS,
    ),
    "docker_providers": _STRINGS,
    "endpoints": {"type": "dict", "default": {}},
    "endpoint_timeout": {"type": "float", "default": 3},
    "endpoint_age": {"type": "float", "default": 3600},
    "ca_bundle": {"type": "path", "default": ""},
    "sources": _rows(
        purpose=_TEXT,
        cached={"type": "list", "elements": "path", "default": []},
        any_of=_STRINGS,
        advice={"type": "str", "default": ""},
        required={"type": "bool", "default": True},
        providers=_STRINGS,
    ),
    "vault_file": {"type": "path", "default": ""},
    "vault_keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "root": {"type": "path", "default": "."},
    "images": {"type": "list", "elements": "dict", "default": []},
    "image_bases": _STRINGS,
    "names": _rows(name=_TEXT, what=_TEXT, kind={"type": "str", "choices": list(RULES), "default": "label"}),
    "choices": _rows(
        what=_TEXT,
        value={"type": "list", "elements": "str", "required": True},
        known={"type": "list", "elements": "str", "required": True},
    ),
    "node_ports": _STRINGS,
    "node_port_range": {"type": "list", "elements": "int", "default": [30000, 32767]},
}


def main() -> None:
    """Run the checks and tell what they found."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    it = Situation(module.params, check_mode=module.check_mode)
    findings = examine(it, module.params["checks"])
    for finding in findings:
        if not finding.fatal:
            module.warn(str(finding))
    problems = [str(finding) for finding in findings if finding.fatal]
    if problems:
        listed = "\n".join(f"{number}. {problem}" for number, problem in enumerate(problems, start=1))
        module.fail_json(msg=f"This must be put right before anything is done:\n{listed}", changed=it.pinned)
    module.exit_json(changed=it.pinned, ansible_facts={"preflight_facts": facts(it)})


if __name__ == "__main__":
    main()
