# SPDX-License-Identifier: Apache-2.0
"""Gives a vault's keys new values, in two steps, or the vault a new password; documented in its module."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from glob import glob
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib
from ansible_collections.todo.platform.plugins.action.vault import (
    SPEC,
    Content,
    VaultError,
    VaultReader,
    near,
    write_file,
)
from ansible_collections.todo.platform.plugins.module_utils.secretdata import (
    VaultKey,
    announced,
    random_value,
    replaced,
    switched,
    unrotatable,
)

_SPEC = SPEC | {
    "step": {"type": "str", "choices": ["announce", "switch", "rekey"], "required": True},
    "keys": {"type": "list", "elements": "str", "default": []},
    "vaults": {"type": "list", "elements": "str", "default": []},
}


class ActionModule(VaultReader):
    """Rewrites the vault in Ansible's own process, and keeps what people wrote around the values."""

    _spec = _SPEC

    def _result(self, args: Mapping[str, Any]) -> dict[str, Any]:
        keys = self._begin(args)
        if problems := unrotatable(args["keys"], keys):
            raise VaultError("\n".join(problems))
        if not self._path.is_file():
            raise VaultError(f"there is no vault {self._name}, and so nothing to change")
        if args["step"] == "rekey":
            # pathlib takes no absolute pattern.
            found = {Path(path).resolve() for pattern in args["vaults"] for path in glob(pattern)}  # noqa: PTH207
            return self._rekey([self._path, *sorted(found - {self._path.resolve()})])
        vault = self._unlock(False, [])
        content = self._open(vault)
        step = announced if args["step"] == "announce" else switched
        fresh = step(content.values, [key for key in keys if key.name in args["keys"]])
        if fresh and not self._task.check_mode:
            self._rewrite(vault, content, fresh, keys)
        return {
            "changed": bool(fresh),
            "ansible_facts": {key.name: (content.values | fresh).get(key.name) or "" for key in keys},
            "keys": sorted(fresh),
            "_ansible_no_log": args["hide_values"],
        }

    def _rewrite(self, vault: VaultLib, content: Content, fresh: Mapping[str, str], keys: Iterable[VaultKey]) -> None:
        """Write new values where the old ones stood, and keys that were not there at the end."""
        written = {
            name: self._tagged(vault, value) if content.inline else json.dumps(value) for name, value in fresh.items()
        }
        content.text = replaced(content.text, written)
        content.values |= fresh
        found = self._values(vault, content.text, content.inline)
        if any(found.get(name, value) != value for name, value in content.values.items()):
            raise VaultError(f"the lines of the vault {self._name} are too unusual to be changed from here")
        self._write(vault, content, [key for key in keys if key.name in fresh and key.name not in found])

    def _rekey(self, paths: Sequence[Path]) -> dict[str, Any]:
        """Encrypt the first vault, and the others that its password opens, with a new one that is stored first."""
        before = self._unlock(False, [])
        if not self._own_password:
            raise VaultError(
                f"Ansible was given the vault's password, so it is not kept in {self._password_file}: "
                f"give the vault another one with ansible-vault rekey {self._name}"
            )
        if os.access(self._password_file, os.X_OK):
            raise VaultError(f"{self._password_file} is a program: give the password a new value where it comes from")
        contents: list[tuple[Path, Content]] = []
        for path in paths:
            self._path, self._name = path, near(path)
            try:
                contents.append((path, self._open(before)))
            except VaultError:
                if path == paths[0]:
                    raise
                # The others may have a password of their own.
        names = [str(near(path)) for path, _ in contents]
        if self._task.check_mode:
            return {"changed": True, "keys": [], "vaults": names}
        if not self._coming_password_file.is_file():  # of a run that was interrupted
            write_file(self._coming_password_file, random_value().encode() + b"\n", 0o600)
        _, self._secret = self._own_secrets()[-1]
        after = VaultLib([("default", self._secret)])
        for path, content in contents:
            mode = path.stat().st_mode & 0o777
            if content.inline:
                tagged = {name: self._tagged(after, value or "") for name, value in content.values.items()}
                write_file(path, replaced(content.text, tagged).encode(), mode)
            else:
                write_file(path, self._encrypt(after, content.text), mode)
        self._coming_password_file.replace(self._password_file)
        return {"changed": True, "keys": [], "vaults": names}
