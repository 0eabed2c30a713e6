"""A tiny deployment in a folder, on which real ansible-playbook runs; no output may hold one of its secrets."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

ROOT = Path(__file__).resolve().parents[2]
HOSTS = {"all": {"hosts": {"localhost": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}}}}


def encoded(value: str) -> list[str]:
    """What base64 makes of a value, wherever it stands in a longer text."""
    shifted = [(shift, base64.b64encode(b"\0" * shift + value.encode()).decode()) for shift in range(3)]
    return [text[-(-shift * 8 // 6) : -4] for shift, text in shifted]


@dataclass(frozen=True)
class Run:
    """What an ansible-playbook run did."""

    code: int
    output: str

    @property
    def changed(self) -> int:
        """How many tasks changed something."""
        return int(self.output.rsplit("changed=", 1)[1].split()[0])

    @property
    def told(self) -> str:
        """The output with every run of blanks as one, so that a wrapped message can be looked for."""
        return " ".join(self.output.split())


@dataclass
class Deployment:
    """An inventory, a playbook and a state folder."""

    folder: Path
    canaries: set[str] = field(default_factory=set)

    @property
    def vault(self) -> Path:
        return self.folder / "inventory" / "group_vars" / "vault.yml"

    @property
    def password_file(self) -> Path:
        return self.folder / "state" / "vault-password"

    def describe(self, **variables: Any) -> None:
        """Write the inventory's variables."""
        common = {
            "deployment_name": "tiny",
            "deployment_namespace": "tiny",
            "deployment_state_dir": f"{self.folder}/state",
        }
        path = self.folder / "inventory" / "group_vars" / "all" / "deployment.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(common | variables))
        (self.folder / "ansible.cfg").write_text("[defaults]\n")
        (self.folder / "inventory" / "hosts.yml").write_text(yaml.safe_dump(HOSTS))

    def play(self, *tasks: dict[str, Any]) -> None:
        """Write the playbook."""
        play = {"name": "Try", "hosts": "all", "gather_facts": False, "tasks": list(tasks)}
        (self.folder / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False))

    def keep(self, value: str) -> dict[str, Any]:
        """A task that writes down what a template makes, for `result`."""
        return {"name": "Keep", "keep": {"path": "{{ playbook_dir }}/result.json", "value": value}}

    def start(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start the playbook as loudly as people do."""
        return subprocess.Popen(
            [
                str(Path(sys.executable).with_name("ansible-playbook")),
                *("-i", "inventory", "play.yml", "-vvv", "--diff"),
                *arguments,
            ],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
            | {
                "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
                "ANSIBLE_ACTION_PLUGINS": str(ROOT / "tests/unit/action_plugins"),
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
                "ANSIBLE_HOME": str(self.folder / "home"),
                "ANSIBLE_LOG_PATH": str(self.folder / "log"),
                "ANSIBLE_NOCOLOR": "1",
                "COLUMNS": "10000",
            }
            | (environment or {}),
        )

    def run(self, *arguments: str, environment: dict[str, str] | None = None, code: int = 0) -> Run:
        """Run the playbook, and look for secrets in all that it says."""
        with self.start(*arguments, environment=environment) as process:
            output = process.communicate()[0]
        assert process.returncode == code, output
        log = (self.folder / "log").read_text()
        forms = {form for value in self.canaries | self.secrets() for form in (value, *encoded(value))}
        shown = [form for form in forms if form in output or form in log]
        assert not shown, f"a secret was shown: {shown}"
        return Run(code, output)

    def run_each(self, vaults: dict[str, bytes]) -> dict[str, str]:
        """Run the playbook once with a host for each vault, named by `vault_path`, and say how each host failed."""
        folder = self.folder / "inventory" / "vaults"
        folder.mkdir()
        for host, content in vaults.items():
            (folder / host).write_bytes(content)
        hosts = {host: HOSTS["all"]["hosts"]["localhost"] | {"vault_path": f"vaults/{host}"} for host in vaults}
        (self.folder / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
        failures = self.run(code=2).told.split("fatal: [")[1:]
        told = {host: text for host, _, text in (failure.partition("]: FAILED!") for failure in failures)}
        assert told.keys() == vaults.keys()
        return told

    def secrets(self) -> set[str]:
        """Every value in the vault, and the password if it was made."""
        if not self.password_file.is_file():
            return set()
        password = self.password_file.read_text().strip()
        values = self.values() if self.vault.is_file() else {}
        return {value for value in (password, *values.values()) if isinstance(value, str) and len(value) > 4}

    def values(self) -> dict[str, Any]:
        """The vault, decrypted with the password in the state folder; nothing where that does not open it."""
        try:
            text = self.lock().decrypt(self.vault.read_bytes())
            return dict(yaml.safe_load(text) or {})
        except Exception:  # tests break vaults on purpose
            return {}

    def encrypt(self, text: str, password: str = "pAsSwOrD-0815") -> None:  # noqa: S107
        """Write a vault by hand, as people do with ansible-vault."""
        self.password_file.parent.mkdir(exist_ok=True)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password + "\n")
        self.vault.parent.mkdir(parents=True, exist_ok=True)
        self.vault.write_bytes(self.lock().encrypt(text))

    def lock(self) -> VaultLib:
        """The vault's lock with the password in the state folder."""
        return VaultLib([("default", VaultSecret(self.password_file.read_text().strip().encode()))])
