"""What each inventory would install, rendered from its own data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .charts import Manifest, Release, Values, helm

ROOT = Path(__file__).resolve().parents[2]
INVENTORIES = sorted(path.name for path in (ROOT / "inventories").iterdir())
NODE_PORT = 30123
DIGEST = "sha256:" + "0" * 64
# What stages before the releases leave behind.
IMAGES = {
    name: {"repository": name, "tag": "0123456789abcdef", "id": DIGEST, "digests": {"migrations": "0"}}
    for name in ("todo-backend", "todo-frontend", "todo-agent", "postgres")
}
FACTS: Values = {
    "images_facts": IMAGES,
    "cluster_facts": {"node_ip": "10.254.254.1"},
    "preflight_facts": {"node_ports": {"frontend": NODE_PORT}},
}
Deployment = dict[str, Any]


def ask(inventory: str, expression: str, variables: Values) -> Any:
    """The value of an expression over an inventory's variables."""
    command = [str(Path(sys.executable).parent / "ansible"), "all", f"--inventory=inventories/{inventory}"]
    command += ["--module-name=ansible.builtin.debug", f"--args=msg={{{{ {expression} }}}}"]
    command += ["--extra-vars", json.dumps(variables)]
    environment = {**os.environ, "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(run.stdout.partition("=>")[2])["msg"]


@cache
def deployment(inventory: str) -> Deployment:
    """An inventory's data, with a value for everything that is secret."""
    names = ask(inventory, "[secrets_vault_spec | map(attribute='name'), secrets_items | map(attribute='name')]", {})
    vault = {name: f"{name}-0123456789-0123456789" for name in names[0]}
    secrets = {"secrets_facts": {name: {"checksum": "0" * 64} for name in names[1]}}
    wanted = ["deployment_name", "deployment_namespace", "secrets_items", "release_releases", "application_origin"]
    wanted += ["backup_workloads", "drill_full", "drill_story"]
    expression = ", ".join(f"'{name}': {name}" for name in wanted) + ", 'defaults': release_defaults | default({})"
    over = "dev_components | default([]) | map(attribute='release')"
    expression += f", 'developed_releases': release_releases | todo.platform.overlay({over})"
    data = ask(inventory, f"{{{expression}}}", {**FACTS, **vault, **secrets})
    assert isinstance(data, dict)
    return data


@cache
def releases(inventory: str, which: str = "release_releases") -> dict[str, Release]:
    """Every release of an inventory, rendered; the `developed_releases` are those while components are developed."""
    data = deployment(inventory)
    common = json.dumps(data["defaults"].get("values", {}))
    folder = ROOT / ".pytest_cache"
    folder.mkdir(exist_ok=True)
    defaults = folder / f"defaults-{inventory}.json"
    defaults.write_text(common)
    rendered = {}
    for release in data[which]:
        command = ["template", release["name"], str(ROOT / release["chart"])]
        command += [f"--namespace={data['deployment_namespace']}", f"--values={defaults}", "--values=-"]
        output = helm(*command, stdin=json.dumps(release["values"]))
        rendered[release["name"]] = Release(tuple(one for one in yaml.safe_load_all(output) if one))
    return rendered


def objects(inventory: str, kind: str) -> dict[str, Manifest]:
    """All objects of a kind that an inventory installs, by name."""
    return {one["metadata"]["name"]: one for release in releases(inventory).values() for one in release.all(kind)}


def secrets(inventory: str) -> dict[str, dict[str, str]]:
    """The Secrets that the role makes."""
    return {item["name"]: item["data"] for item in deployment(inventory)["secrets_items"]}
