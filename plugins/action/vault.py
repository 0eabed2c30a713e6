# SPDX-License-Identifier: Apache-2.0
"""Reads a deployment's vault, checks it, and in development makes what it lacks; documented in its module."""

from __future__ import annotations

import json
import os
import shlex
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.vault import (
    AnsibleVaultError,
    EncryptedString,
    VaultHelper,
    VaultLib,
    VaultSecretsContext,
    get_file_vault_secret,
    is_encrypted,
)
from ansible.plugins.action import ActionBase
from ansible_collections.todo.platform.plugins.module_utils.secretdata import (
    VaultKey,
    missing_generated,
    random_value,
    vault_keys,
    vault_problems,
)

SPEC = {
    "file": {"type": "path", "required": True},
    "spec": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "generate": {"type": "bool", "default": False},
            "min_length": {"type": "int", "default": 1},
            "certificate": {"type": "list", "elements": "str", "default": []},
            "age": {"type": "bool", "default": False},
            "next": {"type": "str", "default": ""},
            "previous": {"type": "str", "default": ""},
            "optional": {"type": "bool", "default": False},
            "description": {"type": "str", "default": ""},
        },
    },
    "environment": {"type": "str", "choices": ["development", "production"], "default": "production"},
    "password_file": {"type": "path", "required": True},
    "hide_values": {"type": "bool", "default": True},
}
_HEADING = "# The secrets of this deployment; change them with ansible-vault edit.\n"


class VaultError(Exception):
    """The vault can't be used; the text says why and what to do, and holds no value."""


@dataclass
class Content:
    """A vault's decrypted text and values; `inline` when single values are encrypted instead of the whole file."""

    text: str = ""
    values: dict[str, object] = field(default_factory=dict)
    inline: bool = False


class VaultReader(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    """Runs in Ansible's own process, so that values are in no file and on no command line on their way."""

    _requires_connection = False
    _spec: ClassVar[dict[str, Any]] = SPEC

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Act; a failure shows no value."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, args = self.validate_argument_spec(argument_spec=self._spec)
        try:
            return result | self._result(args)
        except VaultError as failure:
            message = str(failure)
        except OSError as error:
            message = f"{error.filename}: {error.strerror}"
        return result | {"failed": True, "changed": False, "msg": message}

    @abstractmethod
    def _result(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """What the module returns; raises VaultError or OSError."""

    def _begin(self, args: Mapping[str, Any]) -> list[VaultKey]:
        """What the arguments say: the vault's keys, its file, its password's file."""
        if constants.CACHE_PLUGIN not in ("memory", "ansible.builtin.memory"):
            raise VaultError(
                f"fact_caching is {constants.CACHE_PLUGIN}, which would write the vault's values to disk: "
                "run with ANSIBLE_CACHE_PLUGIN=memory"
            )
        try:
            keys = vault_keys(args["spec"])
        except ValueError as error:
            raise VaultError(str(error)) from None
        self._path = Path(args["file"]).absolute()
        self._name = near(self._path)
        self._password_file = near(Path(args["password_file"]))
        self._coming_password_file = self._password_file.with_name(f"{self._password_file.name}.next")
        self._making = args["environment"] == "development"
        self._vault_id = self._secret = None
        return keys

    # --- passwords ---------------------------------------------------------------------------------------------------
    def _unlock(self, missing: bool, warnings: list[str]) -> VaultLib:
        """The vault's lock, with Ansible's own passwords or else the one in the password file."""
        context = VaultSecretsContext.current(optional=True)
        self._own_password = not (context and context.secrets)
        if not self._own_password:
            return VaultLib(context.secrets)
        if not self._password_file.is_file():
            if not missing:
                raise VaultError(f"there is no password for the vault {self._name}: {self._how_to_unlock()}")
            if self._task.check_mode:
                return VaultLib([])
            write_file(self._password_file, random_value().encode() + b"\n", 0o600)
            warnings.append(f"made the vault password {self._password_file}: whoever shares the vault needs it")
        elif self._password_file.stat().st_mode & 0o077:
            warnings.append(f"others can read the vault password: chmod 600 {shlex.quote(str(self._password_file))}")
        return VaultLib(self._own_secrets())

    def _own_secrets(self) -> list[tuple[str, Any]]:
        """The passwords of our own: the one in the file, and the coming one where a new one is being given."""
        found = []
        for path in (self._password_file, self._coming_password_file):
            if path == self._coming_password_file and not path.is_file():
                continue
            try:
                secret = get_file_vault_secret(filename=str(path), vault_id="default", loader=self._loader)
                secret.load()
            except AnsibleError as error:
                raise VaultError(f"the vault password can't be read: {error}") from None
            found.append(("default", secret))
        return found

    def _how_to_unlock(self) -> str:
        advice = f"give it with --vault-password-file FILE or --ask-vault-pass, or put it into {self._password_file}"
        if self._making:
            advice += f". If it is lost, remove {self._name}: the next run makes a new vault with new values"
        return advice

    def _command(self, verb: str) -> str:
        """An ansible-vault command for this vault."""
        password = ["--vault-password-file", str(self._password_file)] if self._password_file.is_file() else []
        return shlex.join(["ansible-vault", verb, *(password if self._own_password else []), str(self._name)])

    def _how_to_make(self, keys: Iterable[VaultKey]) -> str:
        self._own_password = not getattr(VaultSecretsContext.current(optional=True), "secrets", None)
        wanted = "\n".join(f"- {key.requirement}{' (optional)' if key.optional else ''}" for key in keys)
        return (
            f"there is no vault {self._name}, and values are made up in development only.\n"
            f"Make it with: {self._command('create')}\n"
            f'It must hold these keys, each as a line NAME: "VALUE":\n{wanted}\n'
            "A good random value: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )

    # --- the file ----------------------------------------------------------------------------------------------------
    def _open(self, vault: VaultLib) -> Content:
        """Decrypt and parse the vault."""
        try:
            raw = self._path.read_bytes()
        except OSError as error:
            raise VaultError(f"the vault {self._name} can't be read: {error.strerror}") from None
        inline = not is_encrypted(raw)
        text = raw.decode(errors="replace") if inline else self._decrypt(vault, raw)
        return Content(text, self._values(vault, text, inline), inline)

    def _values(self, vault: VaultLib, text: str, inline: bool) -> dict[str, object]:
        """The values in a vault's text."""
        values: dict[str, object] = {}
        for name, value in self._parse(text).items():
            if isinstance(value, EncryptedString):
                ciphertext = VaultHelper.get_ciphertext(value, with_tags=False)
                values[str(name)] = self._decrypt(vault, ciphertext.encode())
            elif inline and value:
                raise VaultError(f"the vault {self._name} is not encrypted: {self._command('encrypt')}")
            else:
                # A plain copy: Ansible's own kinds of text remember where they came from.
                values[str(name)] = str(value) if isinstance(value, str) else value
        return values

    def _decrypt(self, vault: VaultLib, data: bytes) -> str:
        try:
            # What is added later is encrypted with the password that opened the vault.
            plain, self._vault_id, self._secret = vault.decrypt_and_get_vault_id(data)
        except AnsibleVaultError:
            where = f"in {self._password_file}" if self._own_password else "that Ansible was given"
            raise VaultError(
                f"the password {where} does not open the vault {self._name}: it is the wrong one, or the file was "
                f"damaged. For the right password, {self._how_to_unlock()}"
            ) from None
        except AnsibleError:
            restore = f"restore {self._name} from a copy"
            remove = ", or remove it: the next run makes a new vault with new values" if self._making else ""
            raise VaultError(
                f"the vault {self._name} is broken, ansible-vault can't read it: {restore}{remove}"
            ) from None
        return bytes(plain).decode(errors="replace")

    def _encrypt(self, vault: VaultLib, text: str) -> bytes:
        return bytes(vault.encrypt(text, secret=self._secret, vault_id=self._vault_id))

    def _parse(self, text: str) -> dict[str, object]:
        """The mapping in a vault's text; what is wrong with it is told by line, never by content."""
        try:
            loaded = self._loader.load(text, file_name=str(self._path), show_content=False)
        except AnsibleError as error:
            mark = getattr(error.__cause__, "problem_mark", None)
            where = f"line {mark.line + 1} of its decrypted text" if mark else "its decrypted text"
            raise VaultError(f"the vault {self._name}: {where} is no YAML; {self._command('edit')}") from None
        if loaded is None:
            return {}
        if not isinstance(loaded, dict):
            raise VaultError(f"the vault {self._name} must hold lines NAME: VALUE; {self._command('edit')}")
        return loaded

    def _write(self, vault: VaultLib, content: Content, keys: Iterable[VaultKey]) -> None:
        """Add keys to the vault's text, keeping what people wrote there, and encrypt it again."""
        text = content.text or _HEADING
        text += "" if text.endswith("\n") else "\n"
        for key in keys:
            text += self._entry(key, content.values.get(key.name, ""), vault if content.inline else None)
        try:
            added = content.values.keys() <= self._parse(text).keys()
        except VaultError:
            added = False
        if not added:
            names = ", ".join(key.name for key in keys)
            raise VaultError(f"add {names} to the vault {self._name} by hand: {self._command('edit')}")
        mode = self._path.stat().st_mode & 0o777 if self._path.exists() else 0o600
        write_file(self._path, text.encode() if content.inline else self._encrypt(vault, text), mode)

    def _entry(self, key: VaultKey, value: object, vault: VaultLib | None) -> str:
        """A key's lines in the vault's text; one that nobody has to fill in is left as a comment."""
        lines = f"# {key.description}\n" if key.description else ""
        if key.optional and not value:
            return f'{lines}# {key.name}: ""\n'
        return f"{lines}{key.name}: {self._tagged(vault, value) if vault else json.dumps(value)}\n"

    def _tagged(self, vault: VaultLib, value: object) -> str:
        """A value that is encrypted by itself, as YAML has it."""
        body = self._encrypt(vault, str(value)).decode().strip().replace("\n", "\n  ")
        return f"!vault |\n  {body}"


class ActionModule(VaultReader):
    """Reads, completes and checks the vault."""

    def _result(self, args: Mapping[str, Any]) -> dict[str, Any]:
        keys = self._begin(args)
        warnings: list[str] = []
        missing = not self._path.is_file() or not self._path.stat().st_size
        if missing and not self._making:
            raise VaultError(self._how_to_make(keys))
        vault = self._unlock(missing, warnings)
        content = Content() if missing else self._open(vault)
        made = missing_generated(content.values, keys) if self._making else []
        content.values |= {key.name: key.make_up() for key in made}
        if (made or missing) and not self._task.check_mode:
            self._write(vault, content, keys if missing else made)
            if missing:
                warnings.append(f"made the vault {self._name} with new values: keep it and its password")
                content.values = {key.name: "" for key in keys if not key.optional} | content.values
        if problems := vault_problems(content.values, keys):
            listed = "\n".join(f"- {problem}" for problem in problems)
            raise VaultError(
                f"the vault {self._name} is not as it must be:\n{listed}\nEdit it: {self._command('edit')}"
            )
        names = [key.name for key in made]
        return {
            "changed": bool(made or missing),
            "ansible_facts": {key.name: content.values.get(key.name) or "" for key in keys},
            "keys": [key.name for key in keys],
            "made": [] if self._task.check_mode else names,
            "ephemeral": names if self._task.check_mode else [],
            "warnings": warnings,
            "_ansible_no_log": args["hide_values"],
        }


def near(path: Path) -> Path:
    """A path as people would type it: from the current folder where it lies below that."""
    near = Path(os.path.relpath(path))
    return Path(os.path.normpath(path)) if ".." in near.parts else near


def write_file(path: Path, data: bytes, mode: int) -> None:
    """Replace a file at once, readable by others only where `mode` says so."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
    fresh.replace(path)
