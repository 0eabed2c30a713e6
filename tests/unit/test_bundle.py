"""An offline bundle is refused unless it is whole, for this machine and of this checkout; then it fills the cache."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import bundle
import pytest

ABOUT = {"name": "shop", "commit": "abc1234", "images": ["docker.io/library/shop:1"]}


def lay(root: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A bundle of a small checkout."""
    root = tmp_path / "there"
    filling = dict.fromkeys(("requirements.txt", "requirements.yml", "roles/cluster/vars/main.yml"), "v1")
    lay(root, {**filling, "app/vault.yml": "", "inventories/shop/group_vars/vault.yml": "$ANSIBLE_VAULT"})
    git = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message=one"]):
        subprocess.run([*git, *words], check=True)
    lay(tmp_path, {"cache/t/bin/kubelet": "binary", "wheels/a.whl": "wheel", "wheels/__pycache__/a.pyc": ""})
    (tmp_path / "cache/t/bin/kubelet").chmod(0o755)
    os.link(tmp_path / "cache/t/bin/kubelet", tmp_path / "cache/t/bin/other")
    made = tmp_path / "bundles/shop.tar.gz"
    parts = {"bundle/cache/t": tmp_path / "cache/t", "bundle/wheels/a.whl": tmp_path / "wheels/a.whl"}
    bundle.write(made, root, {**parts, "bundle/wheels": tmp_path / "wheels"}, ABOUT)
    return made


@pytest.fixture
def unpacked(archive: Path, tmp_path: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "here", filter="data")
    return tmp_path / "here" / "todo-platform"


def test_it_holds_sources_and_parts_and_no_vault(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        names = {entry.name.removeprefix("todo-platform/") for entry in tar}
        assert {entry.uid for entry in tar} == {0}
    sources = {"requirements.txt", "requirements.yml", "roles/cluster/vars/main.yml", "app/vault.yml"}
    parts = {"bundle/cache/t/bin/kubelet", "bundle/cache/t/bin/other", "bundle/wheels/a.whl"}
    assert names == sources | parts | {"bundle/manifest.json"}
    check = ["sha256sum", "--check", f"{archive.name}.sha256"]
    assert subprocess.run(check, cwd=archive.parent, capture_output=True, check=False).returncode == 0


def test_it_fills_the_cache(unpacked: Path, tmp_path: Path) -> None:
    bundle.install(unpacked, tmp_path / "cache-here")
    found = {path.relative_to(tmp_path / "cache-here").as_posix() for path in bundle.files(tmp_path / "cache-here")}
    assert found == {"t/bin/kubelet", "t/bin/other"}
    assert (tmp_path / "cache-here/t/bin/other").read_text() == "binary"
    assert os.access(tmp_path / "cache-here/t/bin/kubelet", os.X_OK)


def test_a_checkout_without_one_is_left_alone(tmp_path: Path) -> None:
    bundle.install(tmp_path, tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []


def changed(**entries: str) -> Callable[[Path], None]:
    """A change to entries of the manifest."""

    def change(root: Path) -> None:
        manifest = json.loads((root / bundle.MANIFEST).read_text())
        (root / bundle.MANIFEST).write_text(json.dumps({**manifest, **entries}))

    return change


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (changed(machine="riscv64"), ["shop", "for riscv64", "this is "]),
        (changed(python="Python 3.1"), ["for Python 3.1", "this is Python 3."]),
        (changed(system="debian 3"), ["for debian 3"]),
        (changed(machine="riscv64", system="debian 3"), ["for riscv64", "for debian 3"]),
        (lambda root: (root / "requirements.txt").write_text("v2"), ["shop", "abc1234", "other versions"]),
        (lambda root: (root / "roles/cluster/vars/main.yml").unlink(), ["abc1234", "other versions"]),
        (lambda root: (root / "bundle/wheels/a.whl").write_text("whee1"), ["damaged: bundle/wheels/a.whl."]),
        (lambda root: (root / "bundle/cache/t/bin/kubelet").unlink(), ["damaged: bundle/cache/t/bin/kubelet."]),
        (lambda root: os.truncate(root / bundle.MANIFEST, 40), ["damaged: bundle/manifest.json"]),
        (lambda root: (root / bundle.MANIFEST).write_text("[]"), ["damaged: bundle/manifest.json"]),
    ],
)
def test_it_is_refused_by_name_and_nothing_is_touched(
    unpacked: Path, tmp_path: Path, harm: Callable[[Path], object], words: list[str]
) -> None:
    harm(unpacked)
    with pytest.raises(bundle.RefusedError) as refused:
        bundle.install(unpacked, tmp_path / "cache-here")
    assert [word for word in words if word not in str(refused.value)] == []
    assert not (tmp_path / "cache-here").exists()
