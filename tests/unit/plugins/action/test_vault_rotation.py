"""Rotation of a vault's values and of its password, with real ansible-playbook runs; no value is ever shown."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.unit.tiny_deployment import Deployment

CANARY = "cAnArY-4711-value"
SPEC = [
    {"name": "vault_signing_key", "generate": True, "next": "vault_coming_key", "previous": "vault_former_key"},
    {"name": "vault_coming_key", "optional": True},
    {"name": "vault_former_key", "optional": True},
    {"name": "vault_backups", "generate": True, "age": True},
    {"name": "vault_provider_key", "optional": True},
]
TEXT = f"""# A note of mine.
vault_signing_key:   '{CANARY}'   # signs tokens
vault_provider_key: |
  {CANARY}-of-the-provider
# Below is what nobody reads.
vault_backups: AGE-SECRET-KEY-1OLD
vault_checksum_key: "{CANARY * 2}"
"""


@pytest.fixture
def vaulted(deployment: Deployment) -> Deployment:
    deployment.canaries.add(CANARY)
    return deployment


def rotate(deployment: Deployment, *steps: str, keys: tuple[str, ...] = ("vault_signing_key", "vault_backups")) -> None:
    """A playbook with these steps."""
    common = {
        "file": "{{ inventory_dir }}/group_vars/vault.yml",
        "password_file": "{{ deployment_state_dir }}/vault-password",
        "environment": "development",
        "spec": SPEC,
        "keys": list(keys),
        "vaults": ["{{ inventory_dir }}/../*/group_vars/vault.yml"],
    }
    rotation = "todo.platform.vault_rotation"
    deployment.play(*({"name": f"Do {step}", rotation: {"step": step, **common}} for step in steps))


def text(deployment: Deployment) -> str:
    return str(deployment.lock().decrypt(deployment.vault.read_bytes()).decode())


def test_a_value_is_announced_and_then_put_in_place(vaulted: Deployment) -> None:
    vaulted.encrypt(TEXT)
    rotate(vaulted, "announce", "announce")
    assert vaulted.run("--check").changed == 2
    assert text(vaulted) == TEXT
    assert vaulted.run().changed == 1, "what was announced stays until it is put in place"
    coming = vaulted.values()["vault_coming_key"]
    assert len(coming) >= 32
    assert text(vaulted) == f'{TEXT}vault_coming_key: "{coming}"\n'

    rotate(vaulted, "switch")
    assert vaulted.run().changed == 1
    values: dict[str, Any] = vaulted.values()
    new, old = values["vault_backups"].splitlines()
    assert new.startswith("AGE-SECRET-KEY-1")
    assert old == "AGE-SECRET-KEY-1OLD"
    escaped = f"{new}\\n{old}"
    expected = TEXT.replace(f"'{CANARY}'", f'"{coming}"').replace(old, f'"{escaped}"')
    assert text(vaulted) == f'{expected}vault_coming_key: ""\nvault_former_key: "{CANARY}"\n'


def test_values_that_are_encrypted_one_by_one_stay_so(vaulted: Deployment) -> None:
    vaulted.encrypt("")
    body = vaulted.lock().encrypt(CANARY).decode().strip().replace("\n", "\n  ")
    first, second = (f"{name}: !vault |\n  {body}\n" for name in ("vault_signing_key", "vault_checksum_key"))
    vaulted.vault.write_text(f"# A note of mine.\n{first}\n# Another one.\n{second}")
    rotate(vaulted, "announce", "switch", "rekey", keys=("vault_signing_key",))
    password = vaulted.password_file.read_text()
    assert vaulted.run().changed == 3
    after = vaulted.vault.read_text()
    assert vaulted.password_file.read_text() != password
    assert after.startswith("# A note of mine.\nvault_signing_key: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n")
    assert "\n\n# Another one.\nvault_checksum_key: !vault |\n" in after
    rotate(vaulted, "announce", keys=("vault_signing_key",))
    assert vaulted.run().changed == 1, "the new password opens every value"
    assert CANARY not in after


def test_a_new_password_even_after_an_interruption(vaulted: Deployment) -> None:
    vaulted.encrypt(TEXT)
    coming = vaulted.password_file.with_name("vault-password.next")
    coming.write_text("made by a run that was killed\n")
    shared, others = (vaulted.folder / name / "group_vars/vault.yml" for name in ("shared", "others"))
    for path, lock in ((shared, vaulted.lock()), (others, VaultLib([("default", VaultSecret(b"another one"))]))):
        path.parent.mkdir(parents=True)
        path.write_bytes(lock.encrypt(TEXT))
    before = others.read_bytes()
    rotate(vaulted, "rekey")
    assert vaulted.run("--check").changed == 1
    assert vaulted.run().changed == 1
    assert vaulted.password_file.read_text() == "made by a run that was killed\n"
    assert not coming.exists()
    assert text(vaulted) == vaulted.lock().decrypt(shared.read_bytes()).decode() == TEXT
    assert others.read_bytes() == before


def test_what_others_have_to_know_first_is_refused(vaulted: Deployment) -> None:
    vaulted.encrypt(TEXT)
    before = vaulted.vault.read_bytes()
    rotate(vaulted, "announce", keys=("vault_provider_key", "vault_singing_key"))
    told = vaulted.run(code=2).told
    assert "vault_provider_key can't be given a new value from here" in told
    assert "the vault has no vault_singing_key: did you mean vault_signing_key?" in told
    assert vaulted.vault.read_bytes() == before
