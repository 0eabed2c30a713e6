"""New secrets while people use the application: nobody is refused, nobody is signed out, and the old ones are void."""

from __future__ import annotations

import subprocess

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration import own
from tests.product.platform import STATE, kubectl_command
from tests.product.tiny.killing import killed

pytestmark = pytest.mark.usefixtures("drilled")


def values() -> dict[str, str]:
    """What the vault holds, its own password with it."""
    password = (STATE / "vault-password").read_bytes().strip()
    text = VaultLib([("default", VaultSecret(password))]).decrypt(own.VAULT.read_bytes()).decode()
    pairs = (line.split(": ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value.strip('"') for name, value in pairs} | {"password": password.decode()}


def takes(password: str) -> bool:
    """Whether PostgreSQL takes a password of the application's over the network."""
    login = 'read -r PGPASSWORD; export PGPASSWORD; exec psql -h "$(hostname -i)" -U todo -d todo -Atc "SELECT 1"'
    command = [*kubectl_command(own.NAMESPACE), "exec", "--stdin", "postgres-0", "--", "sh", "-c", login]
    done = subprocess.run(command, input=f"{password}\n", capture_output=True, text=True, check=False)
    return done.returncode == 0


def test_no_request_fails_and_every_session_goes_on() -> None:
    people = [own.Person() for _ in range(4)]
    before = values()
    assert takes(before["vault_database_password"])
    with own.load(people) as outcomes:
        run = own.run("playbooks/rotate_secrets.yml")
    assert run.code == 0, run.output[-6000:]
    assert outcomes.keys() == {"answered"}, outcomes
    after = values()
    assert not takes(before["vault_database_password"])
    assert takes(after["vault_database_password"])
    assert after["vault_jwt_secret"] != before["vault_jwt_secret"] == after["vault_jwt_secret_previous"]
    kept = {name for name in before if before[name] == after.get(name)}
    assert {"vault_postgres_password", "vault_checksum_key", "vault_backup_identity", "password"} <= kept
    assert [value for value in {*before.values(), *after.values()} if len(value) > 12 and value in run.output] == []
    for person in people:
        person.ask("tasks")
    assert own.run().changed == 0


def test_an_interrupted_one_goes_on_whatever_was_run_in_between() -> None:
    """The database has the coming password already, and the vault does not say so yet."""
    people = [own.Person() for _ in range(4)]
    before = values()
    inventory = str(own.INVENTORY)
    with own.load(people) as outcomes:
        task = "Put the coming values into place"
        assert killed(task=task, inventory=inventory, playbook="playbooks/rotate_secrets.yml")
        announced = values()
        assert takes(announced["vault_database_password_next"])
        up = own.run()
        assert up.code == 0, up.output[-4000:]
        assert takes(before["vault_database_password"])
        again = own.run("playbooks/rotate_secrets.yml")
        assert again.code == 0, again.output[-4000:]
    assert outcomes.keys() == {"answered"}, outcomes
    after = values()
    for name in ("vault_database_password", "vault_jwt_secret"):
        assert after[name] == announced[f"{name}_next"] != before[name]
    for person in people:
        person.ask("tasks")


def test_check_mode_changes_nothing() -> None:
    before = own.VAULT.read_bytes()
    run = own.run("playbooks/rotate_secrets.yml", "--check", "--diff")
    assert run.code == 0, run.output[-4000:]
    assert own.VAULT.read_bytes() == before
    assert own.run().changed == 0
