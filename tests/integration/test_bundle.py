"""From a bundle all comes up on a machine that has Debian, Python and make, and no network."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.machine import Machine, machine
from tests.product.platform import play

FOLDER = "root/todo-platform"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of what is committed here."""
    made = tmp_path_factory.mktemp("bundle") / "dev.tar.gz"
    for arguments, playbook in ((), "playbooks/cluster.yml"), (("-e", f"bundle_file={made}"), "playbooks/bundle.yml"):
        run = play(*arguments, playbook=playbook)
        assert run.code == 0, run.output[-6000:]
    return made


@pytest.fixture(scope="module")
def offline(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with nothing on it but the unpacked bundle."""
    with machine(tmp_path_factory.mktemp("machine") / "root") as made:
        with tarfile.open(archive) as tar:
            tar.extractall(made.root / "root", filter="tar")
        yield made


def make(offline: Machine, verb: str) -> tuple[int, str]:
    """The exit code of a verb and what it said."""
    done = offline.run("make", verb, folder=f"/{FOLDER}")
    return done.returncode, done.stdout + done.stderr


def test_a_damaged_one_is_refused_and_nothing_is_touched(offline: Machine) -> None:
    wheel = next((offline.root / FOLDER / "bundle/wheels").glob("ansible_core-*.whl"))
    whole = wheel.read_bytes()
    wheel.write_bytes(whole[:-1])
    code, said = make(offline, "up")
    wheel.write_bytes(whole)
    assert code != 0
    assert f"The bundle of dev is damaged: bundle/wheels/{wheel.name}." in said
    assert not (offline.root / "root/.cache").exists()
    assert not (offline.root / FOLDER / ".venv").exists()


def test_all_comes_up_with_the_network_off(offline: Machine) -> None:
    # Two lines of a head, and the loopback.
    assert len(offline.run("cat", "/proc/net/dev").stdout.splitlines()) == 3
    code, said = make(offline, "up")
    assert code == 0, said[-6000:]
    assert [words for words in ("compile the", "build the", "not in the store") if words in said] == []


def test_the_next_run_changes_nothing(offline: Machine) -> None:
    code, said = make(offline, "up")
    assert code == 0, said[-6000:]
    assert "changed=0 " in said


def test_backups_are_made_there_too(offline: Machine) -> None:
    code, said = make(offline, "backup")
    assert code == 0, said[-6000:]
    assert list((offline.root / FOLDER / ".state/backups/dev").glob("*.tar.age"))
