#!/usr/bin/env python3
"""An offline bundle: this checkout and all that it would fetch, in one archive.

`bundle.py write` makes it. Unpacked, it is a checkout with a folder `bundle/`, which `bundle.py install` compares with
its manifest before it fills the user's cache; the rest of that folder is used where it lies.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TOP = "todo-platform"
MANIFEST = "bundle/manifest.json"
CACHE = "bundle/cache"
# What decides what a bundle is filled with: with another version of these it would be of no use.
FILLED_FROM = ("requirements.txt", "requirements.yml", "roles/cluster")


class RefusedError(Exception):
    """A bundle that is not for this machine or this checkout, or that is damaged."""


def here() -> dict[str, str]:
    """What binaries, packages and wheels are made for."""
    try:
        release = platform.freedesktop_os_release()
        system = f"{release['ID']} {release.get('VERSION_ID', '')}".strip()
    except OSError:
        system = platform.system()
    version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    return {"machine": platform.machine(), "system": system, "python": version}


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files(place: Path) -> Iterator[Path]:
    """A file, or the files of a folder in order."""
    found = sorted(place.rglob("*")) if place.is_dir() else [place]
    yield from (path for path in found if path.is_file() and "__pycache__" not in path.parts)


def filled_from(root: Path) -> str:
    """A hash of what decides what a bundle is filled with."""
    sums = [(path.relative_to(root).as_posix(), digest(path)) for name in FILLED_FROM for path in files(root / name)]
    return hashlib.sha256(json.dumps(sums).encode()).hexdigest()


def tracked(root: Path) -> list[str]:
    """The checkout's files that git knows, without vaults."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and not Path(name).match("group_vars/vault.yml")]


def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """An entry of nobody in particular."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def write(archive: Path, root: Path, parts: Mapping[str, Path], about: Mapping[str, Any]) -> None:
    """Write the checkout's sources, `parts` under their names, and a manifest with the SHA-256 of what these hold."""
    inside: dict[str, Path] = {}
    for name, part in parts.items():
        inside |= {(Path(name) / path.relative_to(part)).as_posix(): path for path in files(part)}
    total, done = sum(path.stat().st_size for path in inside.values()), 0
    sums: dict[str, str] = {}
    archive.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = archive.with_suffix(".part")
    # Binaries shrink to a third, as at the highest level, in a quarter of the time.
    with tarfile.open(unfinished, "w:gz", compresslevel=3) as tar:
        for name in tracked(root):
            tar.add(root / name, f"{TOP}/{name}", recursive=False, filter=anonymous)
        # A file that has two names is a file twice.
        tar.dereference = True
        for name, path in inside.items():
            sums[name] = digest(path)
            tar.add(path, f"{TOP}/{name}", recursive=False, filter=anonymous)
            done += path.stat().st_size
            print(f"{done * 100 // total} % {name}", flush=True)
        manifest = json.dumps({**about, **here(), "filled_from": filled_from(root), "files": sums}, indent=1).encode()
        entry = tarfile.TarInfo(f"{TOP}/{MANIFEST}")
        entry.size, entry.mtime = len(manifest), int(time.time())
        tar.addfile(entry, io.BytesIO(manifest))
    unfinished.replace(archive)
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest(archive)}  {archive.name}\n")


def checked(root: Path) -> list[str]:
    """The files of the bundle that was unpacked into a checkout.

    :raises RefusedError: it is for other machines, of another version, or damaged.
    """
    try:
        manifest = json.loads((root / MANIFEST).read_text())
        name, commit, sums = manifest["name"], manifest["commit"], dict(manifest["files"])
        made_for = {key: manifest[key] for key in here()}
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(f"The bundle is damaged: {MANIFEST} can't be read.") from error
    others = [f"{made_for[key]}, and this is {value}" for key, value in here().items() if made_for[key] != value]
    if others:
        raise RefusedError(f"The bundle of {name} is for {'; for '.join(others)}.")
    if manifest["filled_from"] != filled_from(root):
        raise RefusedError(
            f"The bundle of {name} is of commit {commit}, which takes other versions than this checkout: "
            "unpack it into a folder of its own, or remove the folder bundle/."
        )
    print(f"Comparing the bundle of {name} with its manifest.", flush=True)
    damaged = [name for name, wanted in sums.items() if not (root / name).is_file() or digest(root / name) != wanted]
    if damaged:
        more = f" and {len(damaged) - 3} more" if damaged[3:] else ""
        raise RefusedError(f"The bundle of {name} is damaged: {', '.join(damaged[:3])}{more}. Unpack it again.")
    return list(sums)


def install(root: Path, cache: Path) -> None:
    """Check the bundle that was unpacked into a checkout, if one was, and fill the cache with what it has for it."""
    if not (root / MANIFEST).is_file():
        return
    for name in checked(root):
        if Path(name).is_relative_to(CACHE):
            place = cache / Path(name).relative_to(CACHE)
            place.parent.mkdir(parents=True, exist_ok=True)
            unfinished = place.with_name(f"{place.name}.part")
            shutil.copy2(root / name, unfinished)
            unfinished.replace(place)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("install", help="check the bundle that was unpacked here, and fill the cache")
    writing = verbs.add_parser("write", help="write a bundle")
    writing.add_argument("archive", type=Path)
    writing.add_argument("--name", required=True, help="the deployment")
    writing.add_argument("--part", action="append", default=[], metavar="NAME=PATH", help="what to take, under a name")
    writing.add_argument("--image", action="append", default=[], help="an image that a part holds")
    said = parser.parse_args()
    if said.verb == "write":
        commit = subprocess.check_output(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], text=True).strip()
        made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        about = {"name": said.name, "commit": commit, "made": made, "images": said.image}
        parts = dict(part.split("=", 1) for part in said.part)
        write(said.archive, ROOT, {name: Path(path) for name, path in parts.items()}, about)
        return 0
    try:
        install(ROOT, Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "todo-platform")
    except RefusedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
