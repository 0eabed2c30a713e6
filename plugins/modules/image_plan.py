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
    description: Where the cluster's node takes its images from.
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
  profile:
    description: The Minikube profile.
    type: str
    default: ""
  registry:
    description: The registry, and the path in it, that images are pushed to.
    type: str
    default: ""
  closed:
    description: Whether no image registry answers, so that upstream images are replaced by built ones.
    type: bool
    default: false
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
        context: app/backend
        dockerfile: app/docker/backend/Dockerfile
"""

RETURN = r"""
plans:
  description: One entry a component, in the order in which they have to be built.
  returned: always
  type: list
  elements: dict
facts:
  description: Name → repository, tag, reference, id and digests, for the stages that follow.
  returned: always
  type: dict
"""

import json
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.todo.platform.plugins.module_utils import images
from ansible_collections.todo.platform.plugins.module_utils.components import parse


def _load(path: Path) -> dict[str, str]:
    try:
        loaded: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return loaded


def _held(params: dict[str, Any]) -> dict[str, str]:
    if params["store"] == "containerd" and Path(params["address"]).exists():
        return images.containerd_images(params["ctr"], params["address"])
    if params["store"] == "docker":
        return images.docker_images(["docker"])
    if params["store"] == "minikube":
        return images.minikube_images(params["profile"])
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
            "profile": {"type": "str", "default": ""},
            "registry": {"type": "str", "default": ""},
            "closed": {"type": "bool", "default": False},
            "record": {"type": "path", "required": True},
            "record_built": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    record_file = Path(params["record"])
    record = _load(record_file)
    try:
        store = _held(params)
        if params["record_built"]:
            record = {}
        plans = images.plan(
            parse(params["components"]),
            root=Path(params["root"]).resolve(),
            store=store,
            record=record,
            closed=params["closed"],
            registry=params["registry"],
        )
    except (ValueError, RuntimeError) as error:
        module.fail_json(msg=str(error))
    held = {images.canonical(p.reference): p.id for p in plans if p.id and p.action != "build"}
    if not module.check_mode and not held.items() <= record.items():
        record_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        record_file.write_text(json.dumps({**_load(record_file), **held}, indent=1, sort_keys=True))
    module.exit_json(
        changed=False,
        plans=[p.as_dict() for p in plans],
        facts={
            p.name: {key: getattr(p, key) for key in ("repository", "tag", "reference", "id", "digests")} for p in plans
        },
    )


if __name__ == "__main__":
    main()
