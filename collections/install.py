#!/usr/bin/env python3
"""Install the collections of requirements.yml beside this file and link the checkout as todo.platform."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TREE = HERE / "ansible_collections"
# The community package that carries the same collections, for machines that reach PyPI but not Galaxy.
COMMUNITY_PACKAGE = "ansible==12.3.0"
# What community.docker depends on.
COMPANIONS = ("community.library_inventory_filtering_v1",)


def wanted() -> dict[str, str]:
    """Collection name → pinned version."""
    requirements = yaml.safe_load((ROOT / "requirements.yml").read_text())
    return {item["name"]: item["version"] for item in requirements["collections"]}


def installed(name: str) -> str:
    """The version of a collection in the tree, or an empty string."""
    manifest = TREE / name.replace(".", "/") / "MANIFEST.json"
    if not manifest.is_file():
        return ""
    version: str = json.loads(manifest.read_text())["collection_info"]["version"]
    return version


def from_galaxy() -> bool:
    command = [str(Path(sys.executable).parent / "ansible-galaxy"), "collection", "install", "--timeout", "15"]
    command += ["-r", str(ROOT / "requirements.yml"), "-p", str(HERE)]
    return subprocess.run(command, capture_output=True, timeout=300, check=False).returncode == 0


def from_pypi(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, COMMUNITY_PACKAGE]
        subprocess.run(command, check=True)
        wheel = next(Path(folder).glob("*.whl"))
        prefixes = tuple(f"ansible_collections/{name.replace('.', '/')}/" for name in names)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(HERE, [entry for entry in archive.namelist() if entry.startswith(prefixes)])


def link_checkout() -> None:
    link = TREE / "todo" / "platform"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(Path("../../.."))


def main() -> int:
    missing = [name for name, version in wanted().items() if installed(name) != version]
    if missing and not from_galaxy():
        print(f"Galaxy can't be reached: taking {', '.join(missing)} out of {COMMUNITY_PACKAGE} from PyPI.")
        from_pypi([*missing, *COMPANIONS])
    wrong = [f"{name} {installed(name) or 'missing'}" for name, v in wanted().items() if installed(name) != v]
    if wrong:
        print(f"Not as requirements.yml pins them: {', '.join(wrong)}.", file=sys.stderr)
        return 1
    link_checkout()
    return 0


if __name__ == "__main__":
    sys.exit(main())
