"""The vault, with real ansible-playbook runs: made, kept, completed, refused; and no value ever shown."""

from __future__ import annotations

import stat
from collections.abc import Callable
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.unit.tiny_deployment import Deployment

CANARY = "cAnArY-4711-value"
SPEC = [
    {"name": "vault_signing_key", "generate": True, "min_length": 48, "description": "signs tokens"},
    {"name": "vault_database_password", "generate": True},
    {"name": "vault_provider_key", "optional": True, "description": "the provider's key"},
]
READ = "{{ {'signing': vault_signing_key, 'password': vault_database_password, 'provider': vault_provider_key} }}"
Result = Callable[[], Any]


@pytest.fixture
def vaulted(deployment: Deployment) -> Deployment:
    """A deployment that reads its vault and keeps what it read."""
    use(deployment)
    deployment.canaries.add(CANARY)
    return deployment


def use(deployment: Deployment, *, environment: str = "development", spec: list[dict[str, Any]] | None = None) -> None:
    read = {
        "file": "{{ inventory_dir }}/{{ vault_path | default('group_vars/vault.yml') }}",
        "password_file": "{{ deployment_state_dir }}/vault-password",
        "environment": environment,
        "spec": SPEC if spec is None else spec,
    }
    name = "Read the vault"
    deployment.play(
        {"name": name, "todo.platform.vault": read},
        *([deployment.keep(READ) | {"no_log": True}] if spec is None else []),
    )


def content(**values: str) -> str:
    lines = {"vault_signing_key": "s" * 48, "vault_database_password": CANARY, "vault_checksum_key": "c" * 32} | values
    return "".join(f'{name}: "{value}"\n' for name, value in lines.items())


def test_a_missing_development_vault_is_made_once(vaulted: Deployment, result: Result) -> None:
    first = vaulted.run()
    assert first.changed == 1
    assert "made the vault inventory/group_vars/vault.yml" in first.told
    assert "made the vault password state/vault-password" in first.told
    assert vaulted.vault.read_text().startswith("$ANSIBLE_VAULT;1.1;AES256")
    for path in (vaulted.vault, vaulted.password_file):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    values = vaulted.values()
    assert values.keys() == {"vault_signing_key", "vault_database_password", "vault_checksum_key"}
    assert all(value.isalnum() for value in values.values())
    assert len(set(values.values())) == 3
    assert len(values["vault_signing_key"]) == 48
    assert result() == {
        "signing": values["vault_signing_key"],
        "password": values["vault_database_password"],
        "provider": "",
    }
    text = vaulted.lock().decrypt(vaulted.vault.read_bytes()).decode()
    assert "# signs tokens\n" in text
    assert '# vault_provider_key: ""\n' in text

    before = vaulted.vault.read_bytes()
    second = vaulted.run()
    assert second.changed == 0
    assert "WARNING" not in second.output
    assert vaulted.vault.read_bytes() == before


def test_check_mode_makes_nothing_and_goes_on(vaulted: Deployment, result: Result) -> None:
    vaulted.password_file.parent.mkdir()
    run = vaulted.run("--check")
    assert run.changed == 1
    assert not vaulted.vault.exists()
    assert list(vaulted.password_file.parent.iterdir()) == []
    first = result()
    assert len(first["signing"]) == 48
    assert first["signing"] not in run.output
    vaulted.run("--check")
    assert result()["signing"] != first["signing"]


def test_a_key_that_became_required_is_added(vaulted: Deployment, result: Result) -> None:
    vaulted.encrypt(f"# a note of mine\nvault_signing_key: {CANARY * 3}\nvault_checksum_key: {CANARY * 2}")
    before = vaulted.vault.read_bytes()
    assert vaulted.run("--check").changed == 1
    assert vaulted.vault.read_bytes() == before
    assert vaulted.run().changed == 1
    text = vaulted.lock().decrypt(vaulted.vault.read_bytes()).decode()
    assert text.startswith("# a note of mine\nvault_signing_key")
    assert result()["signing"] == CANARY * 3
    assert result()["password"] == vaulted.values()["vault_database_password"]
    assert vaulted.run().changed == 0


def test_a_vault_that_lines_cannot_be_added_to(vaulted: Deployment) -> None:
    vaulted.encrypt(f"{{vault_signing_key: {CANARY * 3}, vault_checksum_key: {CANARY * 2}}}")
    before = vaulted.vault.read_bytes()
    run = vaulted.run(code=2)
    assert "add vault_database_password to the vault inventory/group_vars/vault.yml by hand" in run.told
    assert vaulted.vault.read_bytes() == before


def test_values_are_taken_literally(vaulted: Deployment, result: Result) -> None:
    vaulted.encrypt(content(vault_database_password="{{ 6 * 7 }}{% raw %}", vault_provider_key="yes"))
    vaulted.run()
    assert result()["password"] == "{{ 6 * 7 }}{% raw %}"
    assert result()["provider"] == "yes"


BROKEN = {
    "every problem at once": (
        (
            f'vault_signing_key: "{CANARY}"\nvault_database_password: ""\nvault_provider_key: 12345678\n'
            f'vault_databse_password: "{CANARY}"\nvault_checksum_key: ["{CANARY}"]\n'
        ),
        [
            "- vault_signing_key is shorter than 48 characters",
            "- vault_database_password is empty",
            "- vault_provider_key is not text: put it in quotes",
            "- vault_checksum_key is not text: put it in quotes",
            "- vault_databse_password is not in secrets_vault_spec: did you mean vault_database_password?",
            "ansible-vault edit --vault-password-file state/vault-password inventory/vaults/",
        ],
    ),
    "no YAML": (f"vault_a: {CANARY}: {CANARY}\n", ["line 1 of its decrypted text is no YAML"]),
    "no YAML further down": (f"a: 1\nb: @{CANARY}\n", ["line 2 of its decrypted text is no YAML"]),
    "a list": (f"- {CANARY}\n", ["must hold lines NAME: VALUE"]),
    "a word": (CANARY, ["must hold lines NAME: VALUE"]),
}


def test_what_is_wrong_with_a_vault(vaulted: Deployment) -> None:
    use(vaulted, environment="{{ inventory_hostname.split('-')[0] }}")
    vaulted.encrypt("")
    told = vaulted.run_each(
        {
            f"{environment}-{number}": vaulted.lock().encrypt(text)
            for environment in ("development", "production")
            for number, (text, _) in enumerate(BROKEN.values())
        }
    )
    for host, message in told.items():
        what, (_, problems) = list(BROKEN.items())[int(host.partition("-")[2])]
        assert [problem for problem in problems if problem not in message] == [], f"{what}, {host}"


def test_production_demands_its_vault(vaulted: Deployment) -> None:
    use(vaulted, environment="production")
    for arguments in ((), ("--check",)):
        told = vaulted.run(*arguments, code=2).told
        assert "there is no vault inventory/group_vars/vault.yml" in told
        assert "ansible-vault create inventory/group_vars/vault.yml" in told
        assert "- vault_signing_key (at least 48 characters): signs tokens" in told
        assert "- vault_provider_key: the provider's key (optional)" in told
    assert not vaulted.vault.exists()
    assert not vaulted.password_file.exists()


def test_production_makes_nothing_up(vaulted: Deployment) -> None:
    use(vaulted, environment="production")
    vaulted.encrypt(f'vault_signing_key: "{CANARY * 3}"\n')
    before = vaulted.vault.read_bytes()
    told = vaulted.run(code=2).told
    assert "- vault_database_password is missing" in told
    assert "- vault_checksum_key is missing" in told
    assert vaulted.vault.read_bytes() == before


def test_development_asks_for_what_nobody_can_make_up(vaulted: Deployment) -> None:
    use(vaulted, spec=[{"name": "vault_smtp_password", "description": "of the mail server"}])
    told = vaulted.run(code=2).told
    assert "- vault_smtp_password is empty" in told
    assert 'vault_smtp_password: ""\n' in vaulted.lock().decrypt(vaulted.vault.read_bytes()).decode()


# --- passwords -------------------------------------------------------------------------------------------------------
def test_a_wrong_password_in_the_state_folder(vaulted: Deployment) -> None:
    vaulted.encrypt(content())
    vaulted.password_file.write_text("aNoThEr-1234\n")
    vaulted.canaries |= {"aNoThEr-1234", "pAsSwOrD-0815"}
    told = vaulted.run(code=2).told
    assert "the password in state/vault-password does not open the vault" in told
    assert "--ask-vault-pass" in told
    assert "remove inventory/group_vars/vault.yml: the next run makes a new vault" in told


def test_no_password_at_all(vaulted: Deployment) -> None:
    vaulted.encrypt(content())
    vaulted.password_file.unlink()
    use(vaulted, environment="production")
    told = vaulted.run(code=2).told
    assert "there is no password for the vault inventory/group_vars/vault.yml" in told
    assert "or put it into state/vault-password" in told
    assert "the next run makes a new vault" not in told
    assert not vaulted.password_file.exists()


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_a_password_given_to_ansible_wins(vaulted: Deployment, result: Result, by: str) -> None:
    vaulted.encrypt(content(), password="given to Ansible")
    given = vaulted.folder / "given"
    given.write_text("given to Ansible\n")
    vaulted.password_file.write_text("another one\n")
    arguments = ["--vault-password-file", str(given)] if by == "argument" else []
    environment = {"ANSIBLE_VAULT_PASSWORD_FILE": str(given)} if by == "environment" else {}
    assert vaulted.run(*arguments, environment=environment).changed == 0
    assert result()["password"] == CANARY


def test_a_wrong_password_given_to_ansible(vaulted: Deployment) -> None:
    vaulted.encrypt(content())
    given = vaulted.folder / "given"
    given.write_text("another one\n")
    told = vaulted.run("--vault-password-file", str(given), code=2).told
    assert "the password that Ansible was given does not open the vault" in told


def test_a_vault_made_with_the_password_given_to_ansible(vaulted: Deployment) -> None:
    given = vaulted.folder / "given"
    given.write_text("given to Ansible\n")
    assert vaulted.run("--vault-id", f"mine@{given}").changed == 1
    assert not vaulted.password_file.exists()
    lock = VaultLib([("mine", VaultSecret(b"given to Ansible"))])
    assert b"vault_signing_key" in lock.decrypt(vaulted.vault.read_bytes())


def test_an_executable_that_tells_the_password(vaulted: Deployment, result: Result) -> None:
    vaulted.encrypt(content())
    vaulted.password_file.write_text("#!/bin/sh\necho pAsSwOrD-0815\n")
    vaulted.password_file.chmod(0o700)
    vaulted.run()
    assert result()["password"] == CANARY


def test_others_can_read_the_password(vaulted: Deployment) -> None:
    vaulted.encrypt(content())
    vaulted.password_file.chmod(0o644)
    assert "chmod 600 state/vault-password" in vaulted.run().told


def test_an_empty_password_file(vaulted: Deployment) -> None:
    vaulted.encrypt(content())
    vaulted.password_file.write_text("")
    assert "the vault password can't be read" in vaulted.run(code=2).told


# --- files -----------------------------------------------------------------------------------------------------------
def test_a_file_that_is_not_encrypted(vaulted: Deployment) -> None:
    vaulted.encrypt(content())
    vaulted.vault.write_text(content())
    told = vaulted.run(code=2).told
    assert "is not encrypted: ansible-vault encrypt --vault-password-file state/vault-password" in told


def test_a_broken_file(vaulted: Deployment) -> None:
    vaulted.encrypt(content())
    whole = vaulted.vault.read_text()
    digit = "1" if whole[-40] != "1" else "2"
    broken = {
        "cut": whole[:301],
        "header": whole.replace(";AES256", ""),
        "flipped": whole[:-40] + digit + whole[-39:],
    }
    told = vaulted.run_each({host: text.encode() for host, text in broken.items()})
    for message in told.values():
        assert "is broken, ansible-vault can't read it" in message or "or the file was damaged" in message
    kept = {host: (vaulted.folder / "inventory/vaults" / host).read_text() for host in broken}
    assert kept == broken


def test_values_encrypted_one_by_one(vaulted: Deployment, result: Result) -> None:
    vaulted.encrypt("")
    lines = {"vault_signing_key": CANARY * 3, "vault_checksum_key": CANARY * 2}
    text = ""
    for name, value in lines.items():
        body = vaulted.lock().encrypt(value).decode().replace("\n", "\n  ").rstrip()
        text += f"{name}: !vault |\n  {body}\n"
    vaulted.vault.write_text(text)
    assert vaulted.run().changed == 1
    assert vaulted.vault.read_text().startswith(text)
    assert "vault_database_password: !vault |\n  $ANSIBLE_VAULT" in vaulted.vault.read_text()
    assert result()["signing"] == CANARY * 3
    password = result()["password"]
    assert vaulted.run().changed == 0
    assert result()["password"] == password
    vaulted.vault.write_text(vaulted.vault.read_text() + f"vault_provider_key: {CANARY}\n")
    assert "is not encrypted" in vaulted.run(code=2).told


def test_a_fact_cache_on_disk_is_refused(vaulted: Deployment) -> None:
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(vaulted.folder / "cache")}
    told = vaulted.run(environment=cache, code=2).told
    assert "would write the vault's values to disk" in told
    assert not vaulted.vault.exists()


def test_the_one_switch_shows_values(deployment: Deployment) -> None:
    """What is hidden is hidden by the switch alone, so this is what the other tests would look like without it."""
    deployment.encrypt(content())
    read = {
        "file": str(deployment.vault),
        "password_file": str(deployment.password_file),
        "hide_values": False,
        "spec": SPEC,
    }
    deployment.play({"name": "Read the vault", "todo.platform.vault": read})
    with pytest.raises(AssertionError, match="a secret was shown"):
        deployment.run()
