"""What is left of a text in a support bundle."""

from __future__ import annotations

import base64
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.diagnosis import Redactor
from ansible_collections.todo.platform.plugins.module_utils.support import (
    Cleaner,
    of_files,
    versions,
    without_content,
    write_archive,
)

CANARY = 'c4nary "v4lue"'
FURTHER = "the-vault-s-password"


def secret(**metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "passwords", **metadata},
        "data": {"PASSWORD": base64.b64encode(CANARY.encode()).decode()},
    }


CLEANER = Cleaner(Redactor([secret()]), (FURTHER,))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"it is {CANARY}.", "it is ***."),
        (json.dumps({"password": CANARY}), '{"password": "***"}'),
        (base64.b64encode(CANARY.encode()).decode(), "***"),
        (f"with {FURTHER}", "with ***"),
        ("postgresql://todo:hunter2@db:5432/todo", "postgresql://todo:***@db:5432/todo"),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer ***"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl ends", "token *** ends"),
        ("a\n-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\nb", "a\n***\nb"),
        ("-----BEGIN PRIVATE KEY-----\nMHcC", "***"),
        ("kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef", "kubeadm join 10.0.0.1:6443 --token ***"),
        ("http://127.0.0.1:8000/tasks?at=12:30 a@b.example", "http://127.0.0.1:8000/tasks?at=12:30 a@b.example"),
    ],
)
def test_secrets_are_taken_out_of_texts(text: str, left: str) -> None:
    assert CLEANER.text(text) == left


def test_data_is_cleaned_text_by_text() -> None:
    assert CLEANER.data({"a": [CANARY, 1, None], "b": {"c": f"x{CANARY}"}}) == {
        "a": ["***", 1, None],
        "b": {"c": "x***"},
    }


def test_a_secret_keeps_the_names_of_its_keys() -> None:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(secret()), "note": "kept"}
    shown = without_content(secret(annotations=applied, managedFields=[{}]))
    assert shown["data"] == {"PASSWORD": "(hidden)"}
    assert shown["metadata"] == {"name": "passwords", "annotations": {"note": "kept"}}


def test_the_archive_is_the_owner_s_and_holds_cleaned_texts(tmp_path: Path) -> None:
    (tmp_path / "build-one.log").write_text("\n".join(map(str, range(3000))))
    path = tmp_path / "state" / "bundle.tar.gz"
    files = write_archive(path, of_files(tmp_path, ["build-*.log", "absent"], "checkout"), CLEANER.text)
    assert (files, path.stat().st_mode & 0o777) == (["checkout/build-one.log"], 0o600)
    with tarfile.open(path) as archive:
        [entry] = archive.getmembers()
        content = archive.extractfile(entry)
        assert content
        assert (entry.name, content.read().splitlines()[0]) == ("bundle/checkout/build-one.log", b"1000")


def test_a_program_that_is_not_there_is_told_in_its_place() -> None:
    found = versions({"nothing": ("/nowhere/nothing", "--version"), "something": ("echo", "v1")})
    assert found["nothing"].startswith("unknown: ")
    assert found["something"] == "v1"
