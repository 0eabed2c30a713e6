#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Decide which images of a deployment have to be built."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_plan
short_description: Decide which images of a deployment have to be built
description:
  - Names every image after the hash of what it is built from and compares that with what the store of the node holds.
  - Builds nothing. It remembers the identity of an image when it first sees it, so that another one which somebody puts
    under the same tag later is found.
options:
  components:
    description: The images, in any order; a base is named by the component that it is.
    type: list
    elements: dict
    required: true
  root:
    description: The folder that relative paths are resolved against.
    type: path
    required: true
  store:
    description:
      - Where the cluster's nodes take their images from.
      - V(registry) is asked with the log-in that C(docker login) keeps.
    type: str
    choices: [containerd, docker, minikube, registry, none]
    required: true
  ctr:
    description: The path of containerd's client.
    type: path
    default: ctr
  address:
    description: The socket of containerd.
    type: path
    default: ""
  minikube:
    description: The path of minikube; empty where the profile does not run.
    type: path
    default: ""
  profile:
    description: The Minikube profile.
    type: str
    default: ""
  registry:
    description: The registry, and the path in it, that images are pushed to.
    type: str
    default: ""
  ca_bundle:
    description: The certificates of a private CA that the registry's may be signed by, beside the machine's own.
    type: path
    default: ""
  upstream:
    description:
      - Whether images that upstream publishes are taken from there, and not built.
      - V(auto) takes them where O(reachable), and keeps to what the first images were built with, so that a network
        which comes or goes does not give every image another name.
    type: str
    choices: [auto, always, never]
    default: auto
  reachable:
    description: Whether the registries of upstream images answer.
    type: bool
    default: true
  record:
    description: The file that keeps the identity of what was built.
    type: path
    required: true
  record_built:
    description: Remember what the store holds now, also where another image was remembered.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Writes no record in check mode.
author: [todo.platform contributors]
"""

EXAMPLES = r"""
- name: Decide which images to build
  todo.platform.image_plan:
    root: .
    store: containerd
    address: /run/todo-platform/containerd.sock
    record: .state/images.json
    components:
      - name: todo-backend
        context: app
        dockerfile: app/docker/backend/Dockerfile
"""

RETURN = r"""
upstream:
  description: Whether upstream images are taken.
  returned: always
  type: bool
plans:
  description: One entry a component, in the order in which they have to be built.
  returned: always
  type: list
  elements: dict
facts:
  description:
    - Name → repository, tag, reference, id and digests, for the stages that follow.
    - ids are the identities by which a node may name the image that a container runs.
  returned: always
  type: dict
"""

import json
import shutil
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.todo.platform.plugins.module_utils import images, registry
from ansible_collections.todo.platform.plugins.module_utils.components import parse

# In the record, beside the names of images, which never look like it.
_UPSTREAM = "upstream"


def _load(path: Path) -> dict[str, str]:
    try:
        loaded: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return loaded


def _held(params: dict[str, Any]) -> images.Store:
    # Another checkout's node may be there before this one has its tools.
    if params["store"] == "containerd" and Path(params["address"]).exists() and shutil.which(params["ctr"]):
        return images.containerd_images(params["ctr"], params["address"])
    if params["store"] == "docker":
        return images.Docker()
    if params["store"] == "minikube" and params["minikube"]:
        return images.minikube_images(params["minikube"], params["profile"])
    if params["store"] == "registry" and params["registry"]:
        return registry.Registry(params["ca_bundle"])
    return {}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "components": {"type": "list", "elements": "dict", "required": True},
            "root": {"type": "path", "required": True},
            "store": {
                "type": "str",
                "choices": ["containerd", "docker", "minikube", "registry", "none"],
                "required": True,
            },
            "ctr": {"type": "path", "default": "ctr"},
            "address": {"type": "path", "default": ""},
            "minikube": {"type": "path", "default": ""},
            "profile": {"type": "str", "default": ""},
            "registry": {"type": "str", "default": ""},
            "ca_bundle": {"type": "path", "default": ""},
            "upstream": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
            "reachable": {"type": "bool", "default": True},
            "record": {"type": "path", "required": True},
            "record_built": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    record_file = Path(params["record"])
    record = _load(record_file)
    upstream = record.get(_UPSTREAM, str(params["reachable"])) == "True"
    if params["upstream"] != "auto":
        upstream = params["upstream"] == "always"
    try:
        store = _held(params)
        if params["record_built"]:
            record = {}
        plans = images.plan(
            parse(params["components"]),
            root=Path(params["root"]).resolve(),
            store=store,
            record=record,
            builder=images.Docker() if params["store"] == "minikube" else None,
            closed=not upstream,
            registry=params["registry"],
        )
    except (ValueError, RuntimeError, OSError) as error:
        module.fail_json(msg=str(error))
    homeless = [p.name for p in plans if p.action == "build"] if params["store"] == "registry" else []
    if homeless and not params["registry"]:
        module.fail_json(
            msg=f"the cluster's nodes can't take {', '.join(homeless)} from this machine: "
            "set images_registry to a registry that they and this machine reach"
        )
    held = {images.canonical(p.reference): p.id for p in plans if p.id and p.action != "build"}
    if params["store"] == "containerd":
        for identity in {*held.values()} - {*record}:
            held[identity] = images.containerd_config(params["ctr"], params["address"], identity)
    if held:
        held[_UPSTREAM] = str(upstream)
    known = {**record, **held}
    built = {p.name: known.get(images.canonical(p.reference), "") for p in plans}
    if not module.check_mode and not held.items() <= record.items():
        record_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        record_file.write_text(json.dumps({**_load(record_file), **held}, indent=1, sort_keys=True))
    module.exit_json(
        changed=False,
        upstream=upstream,
        plans=[p.as_dict() for p in plans],
        facts={
            p.name: {
                **{key: getattr(p, key) for key in ("repository", "tag", "reference", "id", "digests")},
                "ids": sorted({built[p.name], known.get(built[p.name], "")} - {""}),
            }
            for p in plans
        },
    )


if __name__ == "__main__":
    main()
