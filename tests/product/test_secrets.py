"""A secret is in the vault and in the cluster, and nowhere else."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.product.platform import ROOT, STATE, kubectl, play

pytestmark = pytest.mark.usefixtures("deployment")
VAULT = ROOT / "inventories/dev/group_vars/vault.yml"


@pytest.fixture(scope="module")
def values() -> list[str]:
    """Every value that the vault holds, and the vault's own password."""
    password = (STATE / "vault-password").read_bytes().strip()
    text = VaultLib([("default", VaultSecret(password))]).decrypt(VAULT.read_bytes()).decode()
    found = [line.split(":", 1)[1].strip().strip("'\"") for line in text.splitlines() if ":" in line]
    return [value for value in found if len(value) >= 12] + [password.decode()]


def test_no_value_in_the_most_talkative_output(values: list[str]) -> None:
    kubectl("delete", "secret", "todo-secrets")
    run = play("-vvv", "--diff")
    assert run.code == 0, run.output[-4000:]
    assert run.changed >= 1
    assert [value for value in values if value in run.output] == []


def test_no_value_in_any_file_of_the_checkout_or_the_state(values: list[str]) -> None:
    needles = [value.encode() for value in values]
    found = []
    for folder in (STATE, ROOT / "inventories", ROOT / "roles", Path("/var/lib/todo-platform/log")):
        for path in folder.rglob("*"):
            if not path.is_file() or path.is_symlink() or path.name == "vault-password":
                continue
            # Beside this test another deployment's runs write files, and remove them.
            with contextlib.suppress(FileNotFoundError):
                content = path.read_bytes()
                found += [str(path) for needle in needles if needle in content]
    assert found == []


def test_secrets_are_encrypted_in_etcd(values: list[str]) -> None:
    folder = Path("/var/lib/todo-platform/etcd")
    if not folder.is_dir():
        pytest.skip("the cluster's etcd is not on this machine")
    needles = [value.encode() for value in values]
    found = [str(p) for p in folder.rglob("*") if p.is_file() and any(n in p.read_bytes() for n in needles)]
    assert found == []


def test_no_value_in_any_argument_list(values: list[str]) -> None:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        found += [line.split("\0")[0] for value in values if value in line]
    assert found == []


def test_what_holds_a_secret_is_readable_by_its_owner_alone() -> None:
    for path in (STATE / "kubeconfig", STATE / "vault-password", VAULT):
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.stat().st_uid == os.getuid()
