"""Bad input: what is wrong is named, with what to do, before anything is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.product.platform import ROOT, TINY, play, told
from tests.product.tiny.killing import edition
from tests.product.tiny.tiny import run, with_values

pytestmark = pytest.mark.usefixtures("unharmed")
PASSWORD = "the-right-password"
GOOD = f'vault_password: "{"a" * 16}"\nvault_checksum_key: "{"b" * 32}"\n'


def test_an_unknown_inventory() -> None:
    told(play(inventory="inventories/nowhere"), "inventories/nowhere")


def test_an_unknown_provider_and_the_one_that_was_meant(tmp_path: Path) -> None:
    told(run(tmp_path, cluster_provider="minikub"), "cluster_provider is 'minikub'", "did you mean minikube?")


def test_an_unknown_tag() -> None:
    told(play("--tags", "image", inventory=TINY), "No stage is called image; the stages are preflight, cluster")


def test_an_unknown_component_as_a_base_and_the_one_that_was_meant(tmp_path: Path) -> None:
    component = {"name": "odd", "context": "tests/tiny/app", "bases": {"PYTHON_IMAGE": "pyton"}}
    failed = run(tmp_path, images_components=[component])
    told(failed, "image odd: there is no base pyton: did you mean python?")
    assert len(failed.problems) == 1


def test_an_unknown_component_in_a_release_s_values(tmp_path: Path) -> None:
    """The file is named, and the place in it."""
    inventory = tmp_path / "inventory"
    shutil.copytree(ROOT / TINY, inventory)
    path = inventory / "group_vars/all/deployment.yml"
    lines = path.read_text().replace("images_facts.tiny.repository", "images_facts.tinny.repository").splitlines()
    path.write_text("\n".join(lines) + "\n")
    [number] = [number for number, line in enumerate(lines, start=1) if "tinny" in line]
    failed = play("-e", f"deployment_root={ROOT}", inventory=str(inventory))
    told(failed, "has no attribute 'tinny'", f"Origin: {path}:{number}:", "images_facts.tinny.repository")


def test_a_typo_in_a_chart_s_values(tmp_path: Path) -> None:
    told(run(tmp_path, **with_values(greting="good day")), "release tiny", "'greting' not allowed")


def test_a_new_cluster_stays_empty_where_a_release_does_not_fit(tmp_path: Path) -> None:
    """As on the first run: what would fail in the end is told before anything is built or brought into the cluster."""
    variables = edition(tmp_path, "too late") | with_values(greting="good day")
    failed = run(tmp_path, __new_cluster=True, **variables)
    told(failed, "release tiny", "'greting' not allowed")
    assert "todo.platform.images : Build" not in failed.output


class TestVault:
    """A vault of its own for each test, as `ansible-vault` writes it."""

    @pytest.fixture
    def vault(self, tmp_path: Path) -> Path:
        return self.write(tmp_path, GOOD)

    def write(self, folder: Path, text: str) -> Path:
        path = folder / "vault.yml"
        path.write_bytes(VaultLib([("default", VaultSecret(PASSWORD.encode()))]).encrypt(text.encode()))
        (folder / "right").write_text(PASSWORD)
        return path

    def test_a_wrong_password_in_the_password_file(self, vault: Path, tmp_path: Path) -> None:
        wrong = tmp_path / "wrong"
        wrong.write_text("another-password")
        failed = run(tmp_path, secrets_vault_file=str(vault), secrets_vault_password_file=str(wrong))
        told(failed, f"the password in {wrong} does not open the vault {vault}", "--vault-password-file")
        assert "another-password" not in failed.output

    def test_a_wrong_password_that_ansible_was_given(self, vault: Path, tmp_path: Path) -> None:
        wrong = tmp_path / "wrong"
        wrong.write_text("another-password")
        failed = run(tmp_path, f"--vault-password-file={wrong}", secrets_vault_file=str(vault))
        told(failed, f"the password that Ansible was given does not open the vault {vault}")

    def test_no_password(self, vault: Path, tmp_path: Path) -> None:
        before = vault.read_bytes()
        nowhere = tmp_path / "nowhere"
        failed = run(tmp_path, secrets_vault_file=str(vault), secrets_vault_password_file=str(nowhere))
        told(failed, f"there is no password for the vault {vault}", "--ask-vault-pass", str(nowhere))
        assert vault.read_bytes() == before
        assert not nowhere.exists()

    def test_no_vault_in_production(self, tmp_path: Path) -> None:
        path = tmp_path / "vault.yml"
        failed = run(tmp_path, secrets_vault_file=str(path), deployment_environment="production")
        told(failed, f"there is no vault {path}", f"ansible-vault create {path}")
        assert not path.exists()

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            pytest.param("", "vault_password is missing", id="missing"),
            pytest.param('vault_password: ""', "vault_password is empty", id="empty"),
            pytest.param("vault_password: short", "vault_password is shorter than 16 characters", id="too short"),
            pytest.param(
                f"vault_pasword: {'c' * 16}", "vault_pasword is not in secrets_vault_spec: did you mean", id="misspelt"
            ),
        ],
    )
    def test_a_key(self, tmp_path: Path, line: str, problem: str) -> None:
        vault = self.write(tmp_path, f"{line}\n{GOOD.splitlines()[1]}\n")
        before = vault.read_bytes()
        variables = {"secrets_vault_file": str(vault), "deployment_environment": "production"}
        failed = run(tmp_path, f"--vault-password-file={tmp_path / 'right'}", **variables)
        told(failed, problem, f"ansible-vault edit {vault}")
        assert vault.read_bytes() == before
        assert "b" * 32 not in failed.output
        assert "todo.platform.cluster : " not in failed.output
