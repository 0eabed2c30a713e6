"""Production on a cluster that is somebody else's, by an account that may do but what docs/prod-rbac.yml says."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.bare import certificate, database, namespace, secret
from tests.integration.docker_engine import PASSWORD, registry_in
from tests.product.platform import ROOT, STATE, Run, kubectl, kubectl_command, play, told

ACCOUNT = "system:serviceaccount:todo:todo-platform"
HOST = "todo.example.com"
# What differs here: where things are, and the requests of a small machine.
LOCAL = {
    "registry.example.com/todo": "{registry}/todo",
    "requests: {cpu: 250m, memory: 256Mi}": "requests: {cpu: 25m, memory: 192Mi}",
    "image: {pullPolicy: IfNotPresent}": "image: {pullPolicy: IfNotPresent, pullSecrets: [registry]}",
    'application_door: {url: "{{ application_origin }}"}': 'application_door: {ingress: "{{ prod_host }}"}',
}


@dataclass
class Operator:
    """Somebody with a kubeconfig of few rights, and an inventory of their own."""

    folder: Path

    @property
    def vault(self) -> Path:
        return self.folder / "inventory/group_vars/vault.yml"

    def describe(self, registry: str) -> None:
        """Write the inventory: that of `prod`, with the addresses of this machine."""
        variables = self.folder / "inventory/group_vars/all"
        variables.mkdir(parents=True)
        text = (ROOT / "inventories/prod/group_vars/all/deployment.yml").read_text()
        for there, here in LOCAL.items():
            assert there in text
            text = text.replace(there, here.replace("{registry}", registry))
        (variables / "deployment.yml").write_text(text + "\nvalidate_ingress_url: https://127.0.0.1\n")
        (variables / "application.yml").write_text((ROOT / "app/application.yml").read_text())
        places = {"deployment_root": str(ROOT), "deployment_state_dir": str(self.folder / "state")}
        (variables / "root.yml").write_text(yaml.safe_dump(places))
        (self.folder / "inventory/hosts.yml").write_text((ROOT / "inventories/prod/hosts.yml").read_text())

    def sign_in(self) -> None:
        """Write the kubeconfig, with a token of the account."""
        config = yaml.safe_load((STATE / "kubeconfig").read_text())
        [user] = config["users"]
        user["user"] = {"token": kubectl("create", "token", "todo-platform", "--duration=2h", namespace="todo")}
        path = self.folder / "kubeconfig"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(config))

    def keep(self, **values: str) -> None:
        """Write the vault, as people do with ansible-vault."""
        password = self.folder / "state/vault-password"
        password.parent.mkdir(exist_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        lock = VaultLib([("default", VaultSecret(password.read_bytes()))])
        self.vault.write_bytes(lock.encrypt(yaml.safe_dump(values)))

    def checks(self) -> dict[str, dict[str, Any]]:
        """What the last report says, by the checks' names."""
        report = json.loads((self.folder / "state/prod/report.json").read_text())
        return {one["name"]: one for one in report["checks"]}

    def run(self, playbook: str = "site.yml", *arguments: str) -> Run:
        path = f"{STATE}/bin:{os.environ['PATH']}"
        environment = {"KUBECONFIG": str(self.folder / "kubeconfig"), "PATH": path}
        inventory = str(self.folder / "inventory")
        return play(*arguments, playbook=playbook, inventory=inventory, environment=environment)


@pytest.fixture(scope="module")
def operator(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """What the cluster's administrator makes once, and somebody who has but that."""
    folder = tmp_path_factory.mktemp("operator")
    person = Operator(folder)
    with namespace("t-database") as elsewhere, registry_in(folder) as registry:
        address = database(namespace=elsewhere)
        kubectl("apply", f"--filename={ROOT}/docs/prod-rbac.yml", namespace="todo")
        try:
            certificate("todo-tls", HOST, namespace="todo")
            login = {"auths": {registry: {"auth": base64.b64encode(f"team:{PASSWORD}".encode()).decode()}}}
            kind = "kubernetes.io/dockerconfigjson"
            secret("registry", kind, namespace="todo", **{".dockerconfigjson": json.dumps(login)})
            person.describe(registry)
            person.sign_in()
            told(person.run(), "vault_database_url", "vault_jwt_secret", "vault_checksum_key")
            keys = {name: secrets.token_urlsafe(48) for name in ("vault_jwt_secret", "vault_checksum_key")}
            person.keep(vault_database_url=address, **keys)
            yield person
        finally:
            kubectl("delete", f"--filename={ROOT}/docs/prod-rbac.yml", namespace="todo")


def test_it_comes_up_with_few_rights_and_a_second_run_changes_nothing(operator: Operator) -> None:
    up = operator.run()
    assert up.code == 0, up.output[-6000:]
    checks = operator.checks()
    assert (checks["a new user's story"]["status"], checks["the sign-in page loads"]["status"]) == ("ok", "ok")
    policies = checks["network policies"]
    assert (policies["status"], "not enforced by this cluster" in policies["detail"]) == ("warning", True)
    again = operator.run()
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]


def test_pods_run_what_was_pushed_by_its_digest(operator: Operator) -> None:
    images = kubectl("get", "pods", "-o", "jsonpath={.items[*].spec.containers[*].image}", namespace="todo").split()
    assert len(images) >= 4
    assert all("@sha256:" in image for image in images)


def test_secrets_are_changed_with_few_rights(operator: Operator) -> None:
    rotated = operator.run("playbooks/rotate_secrets.yml")
    assert rotated.code == 0, rotated.output[-6000:]
    checked = operator.run("playbooks/validate.yml", "-e", "validate_writing=always")
    assert checked.code == 0, checked.output[-6000:]
    assert operator.checks()["a new user's story"]["status"] == "ok"


@pytest.mark.parametrize(
    ("verb", "kind", "where"),
    [
        ("get", "secrets", "kube-system"),
        ("create", "pods", "default"),
        ("delete", "namespaces", "todo"),
        ("create", "rolebindings", "todo"),
    ],
)
def test_the_account_may_do_nothing_else(operator: Operator, verb: str, kind: str, where: str) -> None:
    command = [*kubectl_command(where), "auth", "can-i", verb, kind, f"--as={ACCOUNT}"]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == "no\n"
